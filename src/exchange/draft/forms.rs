//! The forms in which makers, addresses, codes and paths are compared and written.

use std::borrow::Cow;

use crate::domain::model::{maker_fold, manufacturer};
use crate::domain::text::fold;
use crate::domain::words::CodeKind;
use crate::exchange::groups::{Key, KeyKind};
use crate::exchange::junk::{self, Of};
use crate::exchange::profiles::{Field, Meaning, Plan};
use crate::exchange::table::Record;

pub(super) fn host_form(name: &str) -> String {
    fold(name.trim())
}

/// The keys by which rows of one file are one machine, strongest first.
pub fn keys_of(plan: &Plan, record: &Record) -> Vec<Key> {
    let cell = |field| {
        plan.columns
            .iter()
            .position(|c| matches!(c.meaning, Meaning::Field(f, _) if f == field))
            .and_then(|i| record.cells.get(i))
            .map(|c| c.trim())
            .filter(|c| !is_nothing(c))
    };
    let good = |field, of| cell(field).filter(|v| !junk::is_junk(of, v));
    let mut keys = Vec::new();
    if let Some(tag) = cell(Field::Tag) {
        keys.push(Key::new(KeyKind::Tag, &junk::normal(tag)));
    }
    if let Some(serial) = good(Field::Serial, Of::Serial) {
        let maker = cell(Field::Manufacturer)
            .map(|m| maker_fold(&manufacturer(m)))
            .unwrap_or_default();
        keys.push(Key::new(
            KeyKind::Serial,
            &format!("{}\u{1}{maker}", junk::normal(serial)),
        ));
    }
    for (field, of, kind) in [
        (Field::Uuid, Of::Uuid, KeyKind::Uuid),
        (Field::Imei, Of::Imei, KeyKind::Imei),
        (Field::AssetTag, Of::AssetTag, KeyKind::AssetTag),
    ] {
        if let Some(value) = good(field, of) {
            keys.push(Key::new(kind, &junk::normal(value)));
        }
    }
    if keys.is_empty() {
        if let Some(mac) = good(Field::Mac, Of::Mac) {
            keys.push(Key::new(
                KeyKind::Mac,
                &mac_form(mac).unwrap_or_else(|| junk::normal(mac)),
            ));
        } else if let Some(host) = cell(Field::Hostname) {
            keys.push(Key::new(KeyKind::Host, &host_form(host)));
        }
    }
    keys
}

/// `00:1B:44:11:3A:01` from any of the ways it is written; None when it is no address.
pub fn mac_form(text: &str) -> Option<String> {
    let digits: Vec<char> = text
        .chars()
        .filter(|c| !matches!(c, ':' | '-' | '.' | ' '))
        .map(|c| c.to_ascii_uppercase())
        .collect();
    if digits.len() != 12 || !digits.iter().all(char::is_ascii_hexdigit) {
        return None;
    }
    Some(
        digits
            .chunks(2)
            .map(|pair| pair.iter().collect::<String>())
            .collect::<Vec<_>>()
            .join(":"),
    )
}

/// Texts that stand for an empty cell in a column we understand.
pub(super) fn is_nothing(text: &str) -> bool {
    matches!(
        text,
        "" | "-"
            | "--"
            | "N/A"
            | "n/a"
            | "NULL"
            | "null"
            | "(null)"
            | "None"
            | "#N/A"
            | "#N/D"
            | "?"
    )
}

/// Multi-values joined by line breaks or `<br>` on one line.
pub(super) fn one_line(text: &str) -> String {
    if !text.contains(['\n', '\r', '\t']) && !text.contains("<br") {
        return text.trim().to_owned();
    }
    values(text).collect::<Vec<_>>().join(", ")
}
fn values(text: &str) -> impl Iterator<Item = &str> {
    text.split("<br>")
        .flat_map(|t| t.split("<br />"))
        .flat_map(|t| t.split(['\n', '\r', '\t']))
        .map(str::trim)
        .filter(|t| !t.is_empty())
}
pub(super) fn first_value(text: &str) -> &str {
    values(text).next().unwrap_or_default()
}
pub(super) fn junk_spaces(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
/// `A > B > C`, outermost first.
pub(super) fn path(text: &str) -> Vec<String> {
    let text: Cow<'_, str> = Cow::from(one_line(text));
    text.split('>')
        .map(|part| part.trim().to_owned())
        .filter(|part| !part.is_empty())
        .collect()
}

/// Codes as one cell of our export: `kind:value` joined by ` | `, a bar inside a value written `\|`.
pub fn join_codes<'a>(codes: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    codes
        .map(|(kind, value)| format!("{kind}:{}", value.replace('\\', "\\\\").replace('|', "\\|")))
        .collect::<Vec<_>>()
        .join(" | ")
}

/// The codes of such a cell; what is no known kind is a code of kind other.
pub fn split_codes(text: &str) -> Vec<(CodeKind, String)> {
    let mut parts = vec![String::new()];
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        let Some(part) = parts.last_mut() else { break };
        match c {
            '\\' => part.extend(chars.next()),
            '|' => parts.push(String::new()),
            c => part.push(c),
        }
    }
    parts
        .iter()
        .map(|p| p.trim())
        .filter(|p| !p.is_empty())
        .map(|p| match p.split_once(':') {
            Some((kind, value)) if CodeKind::parse(kind).is_ok() => (
                CodeKind::parse(kind).unwrap_or(CodeKind::Other),
                value.trim().to_owned(),
            ),
            _ => (CodeKind::Other, p.to_owned()),
        })
        .filter(|(_, v)| !v.is_empty())
        .collect()
}
