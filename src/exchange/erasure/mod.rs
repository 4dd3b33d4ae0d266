//! Erasure reports of other tools: nwipe and ShredOS (PDF certificate, log, JSON), and certificates of anybody that
//! name serial, method, date and result (PDF, CSV, JSON). Words only: which disk is whose is not known here.

mod certificate;
pub mod methods;
mod nwipe;

use serde_json::Value;

use super::dates::{self, Order};
use super::pdf::Item;
use crate::domain::attachment::Media;
use crate::domain::day::Day;
use crate::domain::text::fold;
use crate::domain::words::words;

words! {
    /// What a report is.
    Format {
        NwipePdf = "nwipe_pdf", NwipeLog = "nwipe_log", NwipeJson = "nwipe_json",
        Pdf = "certificate_pdf", Csv = "certificate_csv", Json = "certificate_json",
    }
}

impl Format {
    /// Reports of a tool that speaks of disks, never of whole machines.
    pub fn is_of_disks(self) -> bool {
        matches!(
            self,
            Format::NwipePdf | Format::NwipeLog | Format::NwipeJson
        )
    }
}

words! {
    /// How an erasure ended.
    Ended { Erased = "erased", Failed = "failed", Unknown = "unknown" }
}

/// What a report says of one disk.
#[derive(Debug, Clone, PartialEq)]
pub struct Disk {
    /// Its serial, as written; empty when the report has none.
    pub serial: String,
    /// Its model.
    pub model: Option<String>,
    /// The method, as named.
    pub method: Option<String>,
    /// Tool and version.
    pub tool: Option<String>,
    /// The day it ended.
    pub on: Option<Day>,
    /// How it ended.
    pub ended: Ended,
    /// The report says that it was verified, without error and without a part of the disk left out.
    pub verified: bool,
}

impl Default for Disk {
    fn default() -> Disk {
        Disk {
            serial: String::new(),
            model: None,
            method: None,
            tool: None,
            on: None,
            ended: Ended::Unknown,
            verified: false,
        }
    }
}

/// A report that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// What it is.
    pub format: Format,
    /// Its disks.
    pub disks: Vec<Disk>,
}

/// Most disks of one report.
pub const MOST_DISKS: usize = 500;

/// Where the words of a report are.
pub enum Words<'a> {
    /// A PDF, read elsewhere.
    Pdf(&'a [Item]),
    /// Text of this kind.
    Text(Media, &'a str),
}

/// Reads a report; none when it names no disk.
pub fn read(words: &Words<'_>) -> Option<Report> {
    let (format, disks) = match words {
        Words::Pdf(items) if nwipe::is_certificate(items) => {
            (Format::NwipePdf, nwipe::certificate(items))
        }
        Words::Pdf(items) => (Format::Pdf, certificate::page(items)),
        Words::Text(Media::Json, text) => {
            let value: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).ok()?;
            let ours = nwipe::is_json(&value);
            let format = if ours {
                Format::NwipeJson
            } else {
                Format::Json
            };
            (format, certificate::json(&value, ours))
        }
        Words::Text(_, text) if nwipe::is_log(text) => (Format::NwipeLog, nwipe::log(text)),
        Words::Text(_, text) => (Format::Csv, certificate::csv(text)),
    };
    // A disk that is told twice is what was told last.
    let mut kept: Vec<Disk> = Vec::new();
    for disk in disks.into_iter().take(MOST_DISKS) {
        kept.retain(|k| k.serial.is_empty() || k.serial != disk.serial);
        kept.push(disk);
    }
    (!kept.is_empty()).then_some(Report {
        format,
        disks: kept,
    })
}

/// A serial as a report writes it; what stands for none is none.
fn serial(text: &str) -> String {
    let text = text.trim();
    let none = ["unknown", "n/a", "none", "inconnu", "-", "?"];
    if none.contains(&fold(text).as_str()) || text.chars().all(|c| matches!(c, 'X' | '?')) {
        return String::new();
    }
    text.chars().take(100).collect()
}

/// The day in a date with or without its time.
fn day(text: &str) -> Option<Day> {
    dates::parse(text, Some(Order::Dmy)).ok().flatten()
}

/// Whether one of these words is in a text without case and accents.
fn says(text: &str, words: &[&str]) -> bool {
    let text = fold(text);
    let mut own = text.split(|c: char| !c.is_alphanumeric());
    own.any(|word| words.contains(&word))
}

/// How it ended, in words.
fn ended(text: &str) -> Ended {
    const BAD: &[&str] = &[
        "failed",
        "fail",
        "failure",
        "echec",
        "echoue",
        "echouee",
        "erreur",
        "error",
        "errors",
        "aborted",
        "abort",
        "uaborted",
        "interrompu",
        "incomplet",
        "incomplete",
        "non",
        "not",
        "no",
        "ko",
        "insanity",
    ];
    const GOOD: &[&str] = &[
        "erased",
        "success",
        "succes",
        "successful",
        "reussi",
        "reussie",
        "efface",
        "effacee",
        "passed",
        "pass",
        "ok",
        "complete",
        "completed",
        "conforme",
        "termine",
        "terminee",
        "detruit",
        "destroyed",
    ];
    if says(text, BAD) {
        Ended::Failed
    } else if says(text, GOOD) {
        Ended::Erased
    } else {
        Ended::Unknown
    }
}

/// Whether it was verified, in words.
fn verified(text: &str) -> bool {
    const NO: &[&str] = &[
        "no", "non", "none", "aucune", "false", "failed", "echec", "not", "0",
    ];
    const YES: &[&str] = &[
        "yes", "oui", "true", "1", "ok", "passed", "pass", "last", "all", "verified", "verifie",
        "verifiee", "conforme", "reussi", "reussie", "success", "100", "full", "complete",
    ];
    !says(text, NO) && says(text, YES)
}
