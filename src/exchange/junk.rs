//! Values that identify nothing: placeholders of makers and of inventory tools, as data in `src/data/junk.csv`.
//! They count as empty before any matching.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::numbers::is_scientific;
use crate::domain::words::CodeKind;

/// What the value is said to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Of {
    /// Serial number.
    Serial,
    /// SMBIOS UUID.
    Uuid,
    /// Hardware address.
    Mac,
    /// Model.
    Model,
    /// Manufacturer.
    Manufacturer,
    /// Asset tag.
    AssetTag,
    /// IMEI.
    Imei,
}

#[derive(Default)]
struct Rules {
    exact: HashSet<String>,
    only: Vec<String>,
    prefix: Vec<String>,
    counter: Vec<String>,
    version: bool,
}

static RULES: LazyLock<HashMap<Of, Rules>> = LazyLock::new(|| {
    let mut rules: HashMap<Of, Rules> = HashMap::new();
    let mut reader = csv::Reader::from_reader(include_str!("../data/junk.csv").as_bytes());
    for row in reader.records().flatten() {
        let (Some(kind), Some(rule), Some(value)) =
            (row.get(0).and_then(of), row.get(1), row.get(2))
        else {
            continue;
        };
        let entry = rules.entry(kind).or_default();
        let value = normal(value);
        match rule {
            "exact" => {
                entry.exact.insert(value);
            }
            "only" => entry.only.push(value),
            "prefix" => entry.prefix.push(value),
            "counter" => entry.counter.push(value),
            _ => entry.version = true,
        }
    }
    rules
});

fn of(word: &str) -> Option<Of> {
    Some(match word {
        "serial" => Of::Serial,
        "uuid" => Of::Uuid,
        "mac" => Of::Mac,
        "model" => Of::Model,
        "manufacturer" => Of::Manufacturer,
        "asset_tag" => Of::AssetTag,
        "imei" => Of::Imei,
        _ => return None,
    })
}

/// The form two values are compared in: trimmed, white space collapsed, upper case. Leading zeros stay.
pub fn normal(value: &str) -> String {
    value
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .to_uppercase()
}

/// The value identifies nothing.
pub fn is_junk(kind: Of, value: &str) -> bool {
    let value = normal(value);
    if value.is_empty() || is_scientific(&value) {
        return true;
    }
    let Some(rules) = RULES.get(&kind) else {
        return false;
    };
    rules.exact.contains(&value)
        || rules
            .only
            .iter()
            .any(|set| value.chars().all(|c| set.contains(c)))
        || rules.prefix.iter().any(|start| value.starts_with(start))
        || rules.counter.iter().any(|start| {
            value
                .strip_prefix(start.as_str())
                .is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()))
        })
        || (rules.version && is_version(&value))
}

/// Junk by the kind of a code; kinds without rules are never junk.
pub fn is_junk_code(kind: CodeKind, value: &str) -> bool {
    match kind {
        CodeKind::Serial => is_junk(Of::Serial, value),
        CodeKind::Uuid => is_junk(Of::Uuid, value),
        CodeKind::Mac => is_junk(Of::Mac, value),
        CodeKind::AssetTag => is_junk(Of::AssetTag, value),
        CodeKind::Imei => is_junk(Of::Imei, value),
        CodeKind::Agent | CodeKind::Url | CodeKind::Other => value.trim().is_empty(),
    }
}

/// `1.0` or `1.2.3`: a version of a board sent as its serial.
fn is_version(value: &str) -> bool {
    let parts: Vec<&str> = value.split('.').collect();
    matches!(parts.len(), 2 | 3)
        && parts
            .iter()
            .all(|p| p.len() == 1 && p.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_identify_nothing_and_real_values_do() {
        for serial in [
            "",
            "  ",
            "N/A",
            "none",
            "to be filled by o.e.m.",
            "0",
            "0000000",
            "101",
            "123456789",
            "1.0",
            "1.2.3",
            "SerNum4",
            "XXXXXXXXXX",
            ".........",
            "6.37702E+15",
            "Not  Specified",
        ] {
            assert!(is_junk(Of::Serial, serial), "{serial}");
        }
        for serial in [
            "SN123456789",
            "345UKB78DGH",
            "VER1.0-778",
            "00012345678",
            "27aa8378-b0f4-4289-84a4-405da95c6147",
            "2",
            "ABC1.0",
        ] {
            assert!(!is_junk(Of::Serial, serial), "{serial}");
        }
        assert!(is_junk(Of::Uuid, "ffffffff-ffff-ffff-ffff-ffffffffffff"));
        assert!(is_junk(Of::Uuid, "00000000-0000-0000-0000-000000000000"));
        assert!(is_junk(Of::Mac, "00:50:56:c0:00:01"));
        assert!(!is_junk(Of::Mac, "00:1B:44:11:3A:01"));
        assert!(is_junk(Of::AssetTag, "AssetTagNum3"));
    }
}
