//! Which line is the header, and what each of its columns says.

use std::collections::{BTreeMap, HashSet};

use super::vocabulary::{Field, field_of, header_form, spaced};
use crate::domain::entry::check_key;
use crate::domain::text::slug;
use crate::error::{Error, Result};
use crate::exchange::dates::{Evidence, Order};
use crate::exchange::table::Record;

/// What a column says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// A field of the device, with the rank of its header among those that mean the same.
    Field(Field, usize),
    /// A custom field.
    Extra(String),
    /// Nothing.
    Nothing,
}

/// One column.
#[derive(Debug, Clone)]
pub struct Column {
    /// The header as written; `column N` when it is empty.
    pub header: String,
    /// What it says.
    pub meaning: Meaning,
    /// Order of its dates, once known.
    pub order: Option<Order>,
    /// What its dates look like; empty for columns that hold none.
    pub dates: Evidence,
    /// What decided their order.
    pub decided: Option<Decided>,
}

/// What decides the order of the dates of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decided {
    /// Its own dates.
    Column,
    /// Whoever sent the file.
    Asked,
    /// The dates of the other columns.
    File,
    /// The habit of the tool that wrote it.
    Tool,
    /// The language of the headers.
    Language,
}

impl Decided {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Decided::Column => "column",
            Decided::Asked => "asked",
            Decided::File => "file",
            Decided::Tool => "tool",
            Decided::Language => "language",
        }
    }
}

/// The line of the first five with the most headers understood; the first when equal.
pub(super) fn find_header<'a>(
    head: &'a [Record],
    mapping: Option<&BTreeMap<String, String>>,
) -> Option<&'a Record> {
    let understood = |record: &Record| {
        record
            .cells
            .iter()
            .filter(|cell| {
                let named = cell.trim_start_matches('\u{feff}').trim();
                !named.is_empty()
                    && (field_of(named).is_some()
                        || OURS.iter().any(|(name, _)| *name == named)
                        || mapped(mapping, named).is_some())
            })
            .count()
    };
    let mut best: Option<(&Record, usize)> = None;
    for record in head.iter().take(5) {
        let n = understood(record);
        if n > best.map_or(0, |b| b.1) {
            best = Some((record, n));
        }
    }
    best.map(|b| b.0)
}

/// Header texts: trimmed, empty ones numbered, trailing empty ones dropped.
pub(super) fn names(header: &Record) -> Vec<String> {
    let mut names: Vec<String> = header
        .cells
        .iter()
        .map(|c| {
            c.trim_start_matches('\u{feff}')
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
                .chars()
                .take(100)
                .collect()
        })
        .collect();
    while names.last().is_some_and(String::is_empty) {
        names.pop();
    }
    for (i, name) in names.iter_mut().enumerate() {
        if name.is_empty() {
            *name = format!("column {}", i + 1);
        }
    }
    names
}

/// Columns of our own export that mean something only there, or mean more there.
const OURS: &[(&str, Field)] = &[
    ("tag", Field::Tag),
    ("id", Field::Ignore),
    ("name", Field::Name),
    ("organisation", Field::Organisation),
    ("category", Field::Category),
    ("manufacturer", Field::Manufacturer),
    ("model", Field::Model),
    ("serial", Field::Serial),
    ("codes", Field::Codes),
    ("stage", Field::Stage),
    ("data", Field::Data),
    ("presence", Field::Presence),
    ("retired_on", Field::RetiredOn),
    ("site", Field::Site),
    ("holder", Field::Holder),
    ("service", Field::Service),
    ("acquisition", Field::Acquisition),
    ("condition", Field::Condition),
    ("tenure", Field::Tenure),
    ("acquired_on", Field::AcquiredOn),
    ("manufactured_on", Field::ManufacturedOn),
    ("first_sold_on", Field::FirstSoldOn),
    ("first_use_on", Field::FirstUseOn),
    ("gone_on", Field::GoneOn),
    ("exit_kind", Field::ExitKind),
    ("purchase_price_cents", Field::PriceCents),
    ("currency", Field::Currency),
    ("warranty_until", Field::WarrantyUntil),
    ("weight_g", Field::WeightG),
    ("weee_category", Field::WeeeCategory),
    ("bears_data", Field::BearsData),
    ("security_exclusion", Field::SecurityExclusion),
    ("part_of", Field::PartOf),
    ("updated_at", Field::Ignore),
    ("version", Field::Ignore),
    ("next_events", Field::Ignore),
];

/// Names that mean the same in any file, not only in our export: programs write them as our contract does.
const EVERYWHERE: &[&str] = &[
    "tag",
    "stage",
    "presence",
    "retired_on",
    "acquired_on",
    "manufactured_on",
    "first_sold_on",
    "first_use_on",
    "gone_on",
    "exit_kind",
    "acquisition",
    "condition",
    "tenure",
    "purchase_price_cents",
    "warranty_until",
    "weight_g",
    "weee_category",
    "bears_data",
];

fn mapped<'a>(mapping: Option<&'a BTreeMap<String, String>>, name: &str) -> Option<&'a str> {
    let form = header_form(name);
    mapping?
        .iter()
        .find(|(header, _)| header_form(header) == form)
        .map(|(_, field)| field.as_str())
}

/// What each column says.
pub(super) fn meanings(
    names: &[String],
    forms: &HashSet<String>,
    own: bool,
    mapping: Option<&BTreeMap<String, String>>,
) -> Result<Vec<Column>> {
    let mut columns = Vec::with_capacity(names.len());
    let mut keys = HashSet::new();
    for name in names {
        let meaning = if let Some(given) = mapped(mapping, name) {
            given_meaning(name, given).map_err(|why| Error::invalid("map", why))?
        } else {
            meaning(name, own)
        };
        columns.push(Column {
            header: name.clone(),
            meaning,
            order: None,
            dates: Evidence::default(),
            decided: None,
        });
    }
    people(&mut columns, forms);
    keep_best(&mut columns);
    for (i, column) in columns.iter_mut().enumerate() {
        if let Meaning::Extra(key) = &mut column.meaning {
            if key.is_empty() {
                *key = extra_key(&column.header, i);
            }
            let base = key.clone();
            let mut n = 2;
            while !keys.insert(key.clone()) {
                *key = format!("{base}_{n}");
                n += 1;
            }
        }
    }
    Ok(columns)
}

fn meaning(name: &str, own: bool) -> Meaning {
    let ours = OURS.iter().find(|(header, _)| *header == name);
    if let Some((header, field)) = ours
        && (own || EVERYWHERE.contains(header))
    {
        return Meaning::Field(*field, 0);
    }
    if let Some(key) = name.strip_prefix("extra.") {
        return Meaning::Extra(key.to_owned());
    }
    if own {
        return Meaning::Extra(String::new());
    }
    match field_of(name) {
        Some((Field::Drop, _)) => Meaning::Nothing,
        Some((field, rank)) => Meaning::Field(field, rank),
        None => Meaning::Extra(String::new()),
    }
}

/// What a saved mapping says of a header.
///
/// # Errors
/// A sentence with the words it may say.
pub fn given_meaning(header: &str, given: &str) -> std::result::Result<Meaning, String> {
    if let Some(key) = given.strip_prefix("extra.") {
        return match check_key(key) {
            Ok(()) => Ok(Meaning::Extra(key.to_owned())),
            Err(e) => Err(format!("“{given}” names no custom field: {}", e.detail)),
        };
    }
    match Field::parse(given) {
        Some(Field::Ignore | Field::Drop) => Ok(Meaning::Nothing),
        Some(field) => Ok(Meaning::Field(field, 0)),
        None => Err(format!(
            "the mapping says that “{header}” is “{given}”, which is none of: {}, extra.KEY",
            Field::NAMES.join(", ")
        )),
    }
}

/// “Name” beside “Item name” and a login or mail address is the name of a person, as in Snipe-IT's own samples.
fn people(columns: &mut [Column], forms: &HashSet<String>) {
    let has = |columns: &[Column], field| {
        columns
            .iter()
            .any(|c| matches!(c.meaning, Meaning::Field(f, _) if f == field))
    };
    let a_person = has(columns, Field::HolderEmail) || has(columns, Field::HolderId);
    if forms.contains("item name") && a_person && !has(columns, Field::HolderName) {
        for column in columns.iter_mut() {
            if header_form(&column.header) == "name" {
                column.meaning = Meaning::Field(Field::HolderName, 0);
            }
        }
    }
}

/// Of several columns that mean the same field the best known header counts; the others are custom fields.
/// Categories are tried one after the other, all of them.
fn keep_best(columns: &mut [Column]) {
    let mut best: Vec<(Field, usize, usize)> = Vec::new();
    for (i, column) in columns.iter().enumerate() {
        if let Meaning::Field(field, rank) = column.meaning {
            match best.iter_mut().find(|b| b.0 == field) {
                Some(b) if rank < b.1 => *b = (field, rank, i),
                Some(_) => {}
                None => best.push((field, rank, i)),
            }
        }
    }
    for (i, column) in columns.iter_mut().enumerate() {
        if let Meaning::Field(field, _) = column.meaning
            && field != Field::Category
            && field != Field::Ignore
            && !best.iter().any(|b| b.0 == field && b.2 == i)
        {
            let personal = matches!(
                field,
                Field::HolderId
                    | Field::HolderName
                    | Field::HolderFirst
                    | Field::HolderLast
                    | Field::HolderEmail
                    | Field::Note
            );
            column.meaning = if personal {
                Meaning::Nothing
            } else {
                Meaning::Extra(String::new())
            };
        }
    }
}

/// The key of the custom field an unknown column lands in: `HB.field.Custom Field 1` → `custom_field_1`.
fn extra_key(header: &str, index: usize) -> String {
    let header = header
        .trim_start_matches("HB.field.")
        .trim_start_matches("HB.")
        .trim_start_matches("cf:");
    let header = header.split(",type:").next().unwrap_or(header);
    let header = header.split(", type:").next().unwrap_or(header);
    let key = slug(&spaced(header)).replace('-', "_");
    if key.is_empty() {
        format!("column_{}", index + 1)
    } else {
        key
    }
}
