//! Reads `fleet.md`: every line that begins with a bar is a row, every table has its header.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// The days every figure is asked on.
pub const SERIES: &[&str] = &[
    "2023-10-29",
    "2023-10-30",
    "2023-12-31",
    "2024-06-30",
    "2024-12-31",
    "2025-06-30",
    "2025-12-31",
];
/// The indicators the fleet proves.
pub const INDICATORS: &[&str] = &[
    "L01", "L02", "L03", "L04", "L05", "L14", "G04", "G06", "F09", "F13",
];
/// Whose figures: own books of the parent, own books of the commune, the tree.
pub const WHOSE: &[&str] = &["main", "aubry", "tree"];
/// Years of the figures.
pub const YEARS: &[i32] = &[2023, 2024, 2025];

pub struct Device {
    pub tag: String,
    pub org: String,
    pub category: String,
    /// Described at the entry: `acquired_on`, `manufactured_on`.
    pub described: Map<String, Value>,
}

pub struct Event {
    /// `D07.5`.
    pub row: String,
    pub device: String,
    pub instalment: u8,
    pub books: String,
    pub on: Option<String>,
    pub kind: String,
    pub fields: Map<String, Value>,
    /// Code it must be refused with.
    pub refused: Option<String>,
}

/// One expected figure, at one `as_of`, after one instalment, of one of [`WHOSE`].
#[derive(Clone, Debug)]
pub struct Expect {
    /// `L01`, or the part `L02.unknown`.
    pub id: String,
    pub part: Option<String>,
    pub year: i32,
    pub as_of: String,
    pub known: u8,
    pub whose: String,
    /// Devices behind the numerator; `None` when only a number is given.
    pub a: Option<Vec<String>>,
    pub numerator: i64,
    /// `None`: a count, no denominator.
    pub b: Option<Vec<String>>,
    /// Hundredths; `None` is null.
    pub value: Option<i64>,
    /// Empty for parts.
    pub status: String,
    pub why: String,
}

impl Expect {
    pub fn denominator(&self) -> Option<i64> {
        self.b.as_ref().map(|b| i64::try_from(b.len()).unwrap())
    }
    /// For messages: what is asked.
    pub fn asked(&self) -> String {
        format!(
            "{}{} of {} as_of {} known {} of {} ({})",
            self.id,
            self.part
                .as_ref()
                .map(|p| format!(".{p}"))
                .unwrap_or_default(),
            self.year,
            self.as_of,
            self.known,
            self.whose,
            self.why
        )
    }
}

pub struct Fleet {
    pub orgs: Vec<BTreeMap<String, String>>,
    pub partners: Vec<BTreeMap<String, String>>,
    pub devices: Vec<Device>,
    pub events: Vec<Event>,
    pub expects: Vec<Expect>,
}

fn rows(text: &str) -> Vec<BTreeMap<String, String>> {
    let cells = |line: &str| -> Vec<String> {
        let line = line.trim();
        let inner = line
            .strip_prefix('|')
            .unwrap()
            .strip_suffix('|')
            .expect("a row ends with a bar");
        inner.split('|').map(|c| c.trim().to_owned()).collect()
    };
    let mut header: Option<Vec<String>> = None;
    let mut out = Vec::new();
    for line in text.lines() {
        if !line.starts_with('|') {
            header = None;
        } else if line.starts_with("|--") {
        } else if let Some(header) = &header {
            let cells = cells(line);
            assert_eq!(cells.len(), header.len(), "cells of {line}");
            out.push(header.iter().cloned().zip(cells).collect());
        } else {
            header = Some(cells(line));
        }
    }
    out
}

fn span(text: &str) -> Vec<String> {
    let at = |day: &str| {
        SERIES
            .iter()
            .position(|d| *d == day)
            .unwrap_or_else(|| panic!("{day} is not in the series"))
    };
    match text.split_once("..") {
        Some((a, b)) => SERIES[at(a)..=at(b)]
            .iter()
            .map(|d| (*d).to_owned())
            .collect(),
        None => vec![SERIES[at(text)].to_owned()],
    }
}

/// `33.33` → 3333.
pub fn hundredths(text: &str) -> i64 {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let part = format!("{part:0<2}");
    assert_eq!(part.len(), 2, "two decimals: {text}");
    whole.parse::<i64>().unwrap() * 100 + part.parse::<i64>().unwrap()
}

fn names(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

fn expects(row: &BTreeMap<String, String>) -> Vec<Expect> {
    let (id, part) = match row["id"].split_once('.') {
        Some((id, part)) => (id.to_owned(), Some(part.to_owned())),
        None => (row["id"].clone(), None),
    };
    let a = (!row["A"].starts_with('=')).then(|| names(&row["A"]));
    let numerator = match &a {
        Some(a) => i64::try_from(a.len()).unwrap(),
        None => row["A"][1..].parse().unwrap(),
    };
    let b = (row["B"] != "–").then(|| names(&row["B"]));
    let value = (row["value"] != "–").then(|| hundredths(&row["value"]));
    let mut out = Vec::new();
    for as_of in span(&row["as of"]) {
        for known in names(&row["known"]) {
            for whose in names(&row["whose"]) {
                assert!(WHOSE.contains(&whose.as_str()), "{whose}");
                out.push(Expect {
                    id: id.clone(),
                    part: part.clone(),
                    year: row["year"].parse().unwrap(),
                    as_of: as_of.clone(),
                    known: known.parse().unwrap(),
                    whose,
                    a: a.clone(),
                    numerator,
                    b: b.clone(),
                    value,
                    status: row["status"].clone(),
                    why: row["why"].clone(),
                });
            }
        }
    }
    out
}

fn device(row: &BTreeMap<String, String>) -> Device {
    let mut described = Map::new();
    for field in ["acquired_on", "manufactured_on"] {
        if !row[field].is_empty() {
            described.insert(field.into(), row[field].clone().into());
        }
    }
    Device {
        tag: row["device"].clone(),
        org: row["org"].clone(),
        category: row["category"].clone(),
        described,
    }
}

fn event(row: &BTreeMap<String, String>) -> Event {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Event {
        row: row["row"].clone(),
        device: row["row"].split_once('.').unwrap().0.to_owned(),
        instalment: row["i"].parse().unwrap(),
        books: row["books"].clone(),
        on: some(&row["on"]),
        kind: row["event"].clone(),
        fields: serde_json::from_str(&row["fields"])
            .unwrap_or_else(|e| panic!("{}: {e}", row["row"])),
        refused: some(&row["refused"]),
    }
}

/// The fleet as written.
pub fn read() -> Fleet {
    let mut fleet = Fleet {
        orgs: vec![],
        partners: vec![],
        devices: vec![],
        events: vec![],
        expects: vec![],
    };
    for row in rows(include_str!("fleet.md")) {
        if row.contains_key("value") {
            fleet.expects.extend(expects(&row));
        } else if row.contains_key("event") {
            fleet.events.push(event(&row));
        } else if row.contains_key("category") {
            fleet.devices.push(device(&row));
        } else if row.contains_key("organisation") {
            fleet.orgs.push(row);
        } else {
            fleet.partners.push(row);
        }
    }
    fleet
}

/// 100·a/b, or years for days, in hundredths, half to even.
pub fn quotient(id: &str, a: i64, b: i64) -> i64 {
    // years = a/b days / 365.25; hundredths of years = a·100·100 / (b·36525)
    let (top, bottom) = if id == "G04" {
        (a * 10_000, b * 36_525)
    } else {
        (a * 10_000, b)
    };
    let (whole, rest) = (top / bottom, top % bottom);
    match (rest * 2).cmp(&bottom) {
        std::cmp::Ordering::Less => whole,
        std::cmp::Ordering::Greater => whole + 1,
        std::cmp::Ordering::Equal => whole + whole % 2,
    }
}
