//! Codes: how a code is folded for look-up, and which codes may not be held by two live devices of one organisation.

use super::described::{Described, DeviceCode};
use super::text::Line;
use super::words::CodeKind;

/// A code ready for the store.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FoldedCode {
    /// Kind.
    pub kind: CodeKind,
    /// As written.
    pub value: String,
    /// As looked up.
    pub fold: String,
    /// What must be unique among the live devices of the organisation; none for codes that may clash.
    pub unique_key: Option<String>,
}

/// The code as it is looked up: case and punctuation that people vary are gone, leading zeros stay.
pub fn fold(kind: CodeKind, value: &str) -> String {
    match kind {
        CodeKind::Uuid | CodeKind::Mac => value
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .collect::<String>()
            .to_lowercase(),
        CodeKind::Imei => value.chars().filter(char::is_ascii_digit).collect(),
        _ => value
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .to_uppercase(),
    }
}

/// An IMEI by its form: 15 digits, the last a Luhn check.
pub fn is_imei(text: &str) -> bool {
    let digits: Vec<u32> = text
        .chars()
        .filter(|c| !matches!(c, ' ' | '-' | '/'))
        .map_while(|c| c.to_digit(10))
        .collect();
    digits.len() == 15
        && text
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, ' ' | '-' | '/'))
        && luhn(&digits)
}

fn luhn(digits: &[u32]) -> bool {
    let doubled = |d: u32| if d * 2 > 9 { d * 2 - 9 } else { d * 2 };
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(i, d)| if i % 2 == 1 { doubled(*d) } else { *d })
        .sum();
    sum.is_multiple_of(10)
}

/// A hardware address by its form: 12 hexadecimal digits, with or without `:`, `-`, `.`.
pub fn is_mac(text: &str) -> bool {
    let hex: String = text
        .chars()
        .filter(|c| !matches!(c, ':' | '-' | '.'))
        .collect();
    hex.len() == 12 && hex.bytes().all(|b| b.is_ascii_hexdigit())
}

/// A UUID by its form: 32 hexadecimal digits, with or without dashes and braces.
pub fn is_uuid(text: &str) -> bool {
    let hex: String = text
        .chars()
        .filter(|c| !matches!(c, '-' | '{' | '}'))
        .collect();
    hex.len() == 32 && hex.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Every code of a device, its serial first. `junk` says which identify nothing: they are kept on the device,
/// but neither looked up nor unique. `maker` is the manufacturer a serial is unique with; `live` whether the
/// device still counts for uniqueness.
pub fn of(
    described: &Described,
    maker: Option<&str>,
    live: bool,
    junk: impl Fn(CodeKind, &str) -> bool,
) -> Vec<FoldedCode> {
    let serial = described.serial.iter().map(|s| (CodeKind::Serial, s));
    let others = described
        .codes
        .iter()
        .map(|DeviceCode { kind, value }| (*kind, value));
    let mut out: Vec<FoldedCode> = serial
        .chain(others)
        .filter(|(kind, value)| !junk(*kind, value.as_str()))
        .map(|(kind, value)| folded(kind, value, maker, live))
        .filter(|code| !code.fold.is_empty())
        .collect();
    out.sort();
    out.dedup_by(|a, b| a.kind == b.kind && a.fold == b.fold);
    out
}

fn folded(kind: CodeKind, value: &Line, maker: Option<&str>, live: bool) -> FoldedCode {
    let fold = fold(kind, value.as_str());
    let unique_key = match kind {
        CodeKind::Uuid | CodeKind::Imei => Some(format!("{kind}:{fold}")),
        CodeKind::Serial => Some(format!(
            "serial:{fold}:{}",
            super::text::fold(maker.unwrap_or_default())
        )),
        _ => None,
    };
    FoldedCode {
        kind,
        value: value.as_str().to_owned(),
        fold,
        unique_key: unique_key.filter(|_| live),
    }
}
