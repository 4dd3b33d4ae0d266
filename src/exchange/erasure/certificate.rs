//! Certificates of anybody: whatever names a serial, a method, a date and a result.

use serde_json::{Map, Value};

use super::{Disk, Ended, day, ended, serial, verified};
use crate::domain::day::Day;
use crate::domain::text::fold;
use crate::exchange::pdf::Item;
use crate::exchange::table::{Record, Records};

/// What a field is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Is {
    Serial,
    Model,
    Method,
    Date,
    Result,
    Verified,
    Tool,
    Version,
    Errors,
}

/// Names of fields without case, accents and punctuation.
const NAMES: &[(Is, &[&str])] = &[
    (
        Is::Serial,
        &[
            "serial",
            "serial no",
            "serial number",
            "disk serial",
            "drive serial",
            "disk serial number",
            "s n",
            "sn",
            "numero de serie",
            "n de serie",
            "no de serie",
            "numero de serie du disque",
            "serie",
        ],
    ),
    (
        Is::Model,
        &[
            "model",
            "make model",
            "device model",
            "drive model",
            "modele",
            "marque et modele",
        ],
    ),
    (
        Is::Method,
        &[
            "method",
            "erasure method",
            "wipe method",
            "erasure standard",
            "standard",
            "algorithm",
            "technique",
            "methode",
            "methode d effacement",
            "norme",
            "procede",
        ],
    ),
    (
        Is::Date,
        &[
            "date",
            "end time",
            "end",
            "ended",
            "ended at",
            "completed",
            "completed on",
            "erased on",
            "wiped on",
            "on",
            "date d effacement",
            "date de fin",
            "fin",
            "effectue le",
            "efface le",
        ],
    ),
    (
        Is::Result,
        &[
            "result",
            "status",
            "outcome",
            "erasure status",
            "resultat",
            "statut",
            "etat",
        ],
    ),
    (
        Is::Verified,
        &[
            "verified",
            "verification",
            "verify",
            "verifie",
            "controle",
            "verification result",
        ],
    ),
    (Is::Tool, &["tool", "software", "outil", "logiciel"]),
    (
        Is::Version,
        &["version", "tool version", "software version"],
    ),
    (
        Is::Errors,
        &["errors", "verify errors", "pass errors", "erreurs"],
    ),
];

fn named(label: &str) -> Option<Is> {
    let folded = fold(label);
    let words: Vec<&str> = folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .collect();
    let label = words.join(" ");
    let mut all = NAMES.iter();
    all.find(|(_, names)| names.contains(&label.as_str()))
        .map(|(is, _)| *is)
}

/// A disk while it is read.
#[derive(Debug, Clone, Default)]
struct Said {
    disk: Disk,
    version: Option<String>,
    verify: bool,
    errors: bool,
}

impl Said {
    fn take(&mut self, is: Is, value: &str) {
        let value = value.trim();
        if value.is_empty() {
            return;
        }
        let text = || Some(value.chars().take(150).collect::<String>());
        let disk = &mut self.disk;
        match is {
            Is::Serial => disk.serial = serial(value),
            Is::Model => disk.model = text(),
            Is::Method => disk.method = text(),
            Is::Date => disk.on = day(value).or_else(|| instant(value)),
            Is::Result => disk.ended = ended(value),
            Is::Verified => self.verify = verified(value),
            Is::Tool => disk.tool = text(),
            Is::Version => self.version = text(),
            Is::Errors => self.errors |= value != "0",
        }
    }
    fn end(mut self) -> Disk {
        let disk = &mut self.disk;
        disk.verified = self.verify && !self.errors && disk.ended == Ended::Erased;
        if let (Some(tool), Some(version)) = (&disk.tool, &self.version) {
            disk.tool = Some(format!("{tool} {version}"));
        }
        self.disk
    }
}

/// Seconds since 1970.
fn instant(text: &str) -> Option<Day> {
    let seconds: i64 = text.parse().ok()?;
    let at = chrono::DateTime::from_timestamp(seconds, 0)?;
    (1_000_000_000..5_000_000_000)
        .contains(&seconds)
        .then(|| Day::of(at))
}

/// The rows of a table whose first row names the fields.
pub(super) fn csv(text: &str) -> Vec<Disk> {
    let text = text.trim_start_matches('\u{feff}');
    let first = text.lines().next().unwrap_or_default();
    let count = |c: char| first.chars().filter(|x| *x == c).count();
    let separators = [(';', b';'), ('\t', b'\t'), (',', b',')];
    let most = separators.iter().max_by_key(|(c, _)| count(*c));
    let mut records = Records::new(text.as_bytes(), most.map_or(b',', |(_, byte)| *byte));
    let mut record = Record::default();
    if !matches!(records.read(&mut record), Ok(true)) {
        return Vec::new();
    }
    let columns: Vec<Option<Is>> = record.cells.iter().map(|cell| named(cell)).collect();
    if !columns.contains(&Some(Is::Serial)) {
        return Vec::new();
    }
    let mut disks = Vec::new();
    while matches!(records.read(&mut record), Ok(true)) {
        let mut said = Said::default();
        for (is, cell) in columns.iter().zip(&record.cells) {
            if let Some(is) = is {
                said.take(*is, cell);
            }
        }
        disks.push(said.end());
    }
    disks
}

/// The disks of a JSON document: the objects of its first list, else the whole document as one. What stands around a
/// list (method, date, tool) is true of each of its objects.
pub(super) fn json(value: &Value, nwipe: bool) -> Vec<Disk> {
    let mut around = Said::default();
    let mut lists = Vec::new();
    match value {
        Value::Array(items) => lists.push(items),
        Value::Object(map) => {
            lists.extend(map.values().filter_map(Value::as_array));
            scalars(map, &mut around);
        }
        _ => return Vec::new(),
    }
    let objects = lists.into_iter().flatten().filter_map(Value::as_object);
    let mut said: Vec<Said> = objects
        .map(|object| {
            let mut said = around.clone();
            said.disk.serial.clear();
            leaves(object, &mut said, 0);
            said
        })
        .filter(|said| !said.disk.serial.is_empty())
        .collect();
    if said.is_empty()
        && let Value::Object(map) = value
    {
        let mut whole = Said::default();
        leaves(map, &mut whole, 0);
        said.extend((!whole.disk.serial.is_empty()).then_some(whole));
    }
    let end = |said: Said| {
        let mut disk = said.end();
        // nwipe overwrites, and its JSON does not say how: nothing more is taken from it.
        if nwipe && disk.method.is_none() {
            disk.method = Some("overwrite (nwipe)".into());
        }
        disk
    };
    said.into_iter().map(end).collect()
}

fn scalars(map: &Map<String, Value>, said: &mut Said) {
    for (key, value) in map {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(_) | Value::Bool(_) => value.to_string(),
            _ => continue,
        };
        if let Some(is) = named(&key.replace('_', " ")) {
            said.take(is, &text);
        }
    }
}

fn leaves(map: &Map<String, Value>, said: &mut Said, depth: usize) {
    scalars(map, said);
    if depth < 4 {
        for inner in map.values().filter_map(Value::as_object) {
            leaves(inner, said, depth + 1);
        }
    }
}

/// The disks of a PDF: its lines as they are seen, cut at the names of fields. A serial that comes again begins the next.
pub(super) fn page(items: &[Item]) -> Vec<Disk> {
    let mut said: Vec<Said> = Vec::new();
    let mut around = Said::default();
    let mut open: Option<Is> = None;
    for line in lines(items) {
        for piece in &line {
            let (label, value) = match piece.split_once(':') {
                Some((label, value)) if named(label).is_some() => (named(label), value),
                _ => match named(piece) {
                    Some(is) => (Some(is), ""),
                    None => (None, piece.as_str()),
                },
            };
            if label.is_some() {
                open = label;
            }
            let Some(is) = open.filter(|_| !value.trim().is_empty()) else {
                continue;
            };
            open = None;
            if is == Is::Serial {
                said.push(Said {
                    disk: Disk {
                        serial: String::new(),
                        ..around.disk.clone()
                    },
                    ..around.clone()
                });
            }
            said.last_mut().unwrap_or(&mut around).take(is, value);
        }
        // A value stands on the line of its name.
        open = None;
    }
    said.into_iter().map(Said::end).collect()
}

/// The lines of a document as they are seen: items of one height, from left to right.
fn lines(items: &[Item]) -> Vec<Vec<String>> {
    let mut sorted: Vec<&Item> = items.iter().collect();
    sorted.sort_by(|a, b| {
        (a.page.cmp(&b.page))
            .then(b.y.total_cmp(&a.y))
            .then(a.x.total_cmp(&b.x))
    });
    let mut lines: Vec<(u32, f32, Vec<&Item>)> = Vec::new();
    for item in sorted {
        match lines.last_mut() {
            Some((page, y, line)) if *page == item.page && (*y - item.y).abs() < 3.0 => {
                line.push(item);
            }
            _ => lines.push((item.page, item.y, vec![item])),
        }
    }
    let pieces = |(_, _, mut line): (u32, f32, Vec<&Item>)| {
        line.sort_by(|a, b| a.x.total_cmp(&b.x));
        line.into_iter().map(|i| i.text.trim().to_owned()).collect()
    };
    lines.into_iter().map(pieces).collect()
}
