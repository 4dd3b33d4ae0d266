//! nwipe and ShredOS: the PDF certificate of one disk, that of a whole machine, the log.
//!
//! In the PDF each label and each value is a text of its own, drawn one after the other; in the certificate of a machine
//! the status stands alone, turned by a quarter. Names of the fields: the program's own certificates and man page.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Disk, Ended, day, serial};
use crate::exchange::pdf::Item;

/// What every page says at its foot.
const FOOT: &str = "Disc Erasure by NWIPE version";

/// Whether a PDF is a certificate of nwipe.
pub(super) fn is_certificate(items: &[Item]) -> bool {
    items.iter().any(|i| i.text.contains(FOOT))
}

/// Whether a JSON document is a report of nwipe.
pub(super) fn is_json(value: &Value) -> bool {
    value.pointer("/report_metadata/software") == Some(&Value::from("nwipe"))
}

/// Whether a text is a log of nwipe.
pub(super) fn is_log(text: &str) -> bool {
    text.contains("Drive Status") && text.contains("Thru-put")
        || text.contains("nwipe") && text.contains("Invoking method")
}

/// A disk of a certificate while it is read.
#[derive(Default)]
struct Part {
    disk: Disk,
    verify: bool,
    errors: bool,
    rounds: bool,
    hidden: bool,
}

impl Part {
    fn end(mut self) -> Disk {
        self.disk.verified = self.disk.ended == Ended::Erased
            && self.verify
            && !self.errors
            && !self.rounds
            && !self.hidden;
        self.disk
    }
}

/// The disks of a certificate.
pub(super) fn certificate(items: &[Item]) -> Vec<Disk> {
    let version = items.iter().find_map(|i| i.text.split(FOOT).nth(1));
    let tool = version.map(|v| format!("nwipe {}", v.trim()));
    let mut parts: Vec<Part> = Vec::new();
    for (at, item) in items.iter().enumerate() {
        let text = item.text.trim();
        let next = items.get(at + 1).map(|i| i.text.trim());
        let value = next.filter(|v| !v.ends_with(':')).unwrap_or_default();
        if matches!(text, "Make/Model:" | "Make:") {
            parts.push(Part::default());
        }
        let Some(part) = parts.last_mut() else {
            continue;
        };
        let disk = &mut part.disk;
        match text {
            "Make/Model:" | "Make:" if !value.is_empty() => disk.model = Some(value.to_owned()),
            "Serial:" | "S/N:" if disk.serial.is_empty() => disk.serial = serial(value),
            "End time:" => disk.on = day(value),
            "Method:" if !value.is_empty() => disk.method = Some(value.to_owned()),
            "Verify Pass(Last/All/None):" | "Verify(Last/All/None):" => {
                part.verify = matches!(value, "Last" | "All");
            }
            "Errors(pass/sync/verify):" => part.errors = value.split('/').any(|n| n.trim() != "0"),
            "Rounds(completed/requested):" => {
                part.rounds = value
                    .split_once('/')
                    .is_none_or(|(a, b)| a.trim() != b.trim());
            }
            "ERASED" if disk.ended == Ended::Unknown => disk.ended = Ended::Erased,
            "FAILED" | "ABORTED" => disk.ended = Ended::Failed,
            "See Warning !" => part.hidden = true,
            _ if text.contains("hidden sectors NOT erased") => part.hidden = true,
            _ => {}
        }
    }
    let disks = parts.into_iter().map(Part::end);
    disks
        .map(|disk| Disk {
            tool: tool.clone(),
            ..disk
        })
        .collect()
}

/// A disk of a log, by the name the system gave it.
#[derive(Default)]
struct Drive {
    serial: String,
    model: Option<String>,
    method: Option<String>,
    status: Option<Ended>,
    errors: bool,
    verified: bool,
}

/// The disks of a log: the tables at its end say how each ended, the lines above what was done.
pub(super) fn log(text: &str) -> Vec<Disk> {
    let mut drives: BTreeMap<String, Drive> = BTreeMap::new();
    let (mut verify, mut last, mut table, mut version) = (false, None, "", None);
    for line in text.lines() {
        last = stamp(line).or(last);
        if line.contains("Error Summary") {
            table = "errors";
        } else if line.contains("Drive Status") {
            table = "status";
        } else if line.starts_with('[') {
            table = "";
        }
        if let Some((_, option)) = line.split_once("verify ") {
            let option = option.trim_start();
            if let Some(value) = option.strip_prefix('=') {
                verify = matches!(value.trim_start().chars().next(), Some('1' | '2'));
            }
        }
        if let Some(after) = line.split("nwipe ").nth(1) {
            let word = after.split_whitespace().next().unwrap_or_default();
            if word.starts_with(|c: char| c.is_ascii_digit()) {
                version = Some(word.trim_end_matches([',', '.']).to_owned());
            }
        }
        if let Some((_, found)) = line.split_once("Found /dev/") {
            let mut fields = found.split(',').map(str::trim);
            let name = fields.next().unwrap_or_default().to_owned();
            let drive = drives.entry(name).or_default();
            drive.model = fields
                .nth(1)
                .filter(|m| !m.contains("S/N"))
                .map(str::to_owned);
            if let Some((_, after)) = found.split_once("S/N=") {
                drive.serial = serial(after.split([',', ' ']).next().unwrap_or_default());
            }
        }
        if let Some((_, after)) = line.split_once("Invoking method '")
            && let Some((method, on)) = after.split_once('\'')
            && let Some((_, device)) = on.split_once("/dev/")
        {
            let name = device.trim_end_matches(['\'', '.', ' ', ':']).to_owned();
            drives.entry(name).or_default().method = Some(method.to_owned());
        }
        if let Some((_, after)) = line.split_once("[SUCCESS] Verified")
            && let Some((_, device)) = after.split_once("/dev/")
        {
            let name = device.split(['\'', ' ', '.']).next().unwrap_or_default();
            drives.entry(name.to_owned()).or_default().verified = true;
        }
        if !table.is_empty() && line.contains('|') {
            row(&mut drives, table, line);
        }
    }
    let tool = version.map_or_else(|| "nwipe".to_owned(), |v| format!("nwipe {v}"));
    let done = drives
        .into_values()
        .filter(|d| d.method.is_some() || d.status.is_some());
    done.map(|d| {
        let ended = d.status.unwrap_or(Ended::Unknown);
        Disk {
            verified: ended == Ended::Erased && (verify || d.verified) && !d.errors,
            serial: d.serial,
            model: d.model,
            method: d.method,
            tool: Some(tool.clone()),
            on: last,
            ended,
        }
    })
    .collect()
}

/// The day of `[2026/11/20 14:00:00]` at the start of a line.
fn stamp(line: &str) -> Option<crate::domain::day::Day> {
    let inside = line.strip_prefix('[')?.split_once(']')?.0;
    day(inside)
}

/// A row of one of the two tables.
fn row(drives: &mut BTreeMap<String, Drive>, table: &str, line: &str) {
    let cells: Vec<&str> = line.split('|').map(str::trim).collect();
    let Some((name, rest)) = cells.split_first() else {
        return;
    };
    let name = name.trim_start_matches('!').trim();
    if name.is_empty() || name == "Device" {
        return;
    }
    let drive = drives.entry(name.to_owned()).or_default();
    if table == "errors" {
        drive.errors = rest.iter().any(|n| !n.is_empty() && *n != "0");
        return;
    }
    let status = rest
        .first()
        .copied()
        .unwrap_or_default()
        .to_ascii_lowercase();
    // Every word but one tells of a disk that was not erased to the end.
    drive.status = Some(if status == "erased" {
        Ended::Erased
    } else {
        Ended::Failed
    });
    if let Some((model, own)) = rest.last().and_then(|last| last.rsplit_once('/')) {
        if drive.serial.is_empty() {
            drive.serial = serial(own);
        }
        if drive.model.is_none() && !model.trim().is_empty() {
            drive.model = Some(model.trim().to_owned());
        }
    }
}
