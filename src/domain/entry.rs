//! An entry: one row of a reference table, with its key, its owner and its versions.
//!
//! The tables differ by their [`Record`]; keys, owners, versions and visibility are the same for all of them.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::catalogue::Catalogue;
use super::day::Instant;
use super::text::Line;
use super::words::words;
use crate::error::{Error, Result};

words! {
    /// Kinds of reference rows; one table each in the API.
    EntryKind {
        Organisation = "organisation", Site = "site", Person = "person", Partner = "partner", Category = "category",
        Model = "model", Purchase = "purchase", Exit = "exit", WipeOperation = "wipe_operation", Lot = "lot",
        Stocktake = "stocktake", Outreach = "outreach", CustomField = "custom_field", Mapping = "mapping", Setting = "setting",
    }
}

impl EntryKind {
    /// Categories are written down by their key: it is unique in the installation, and readable in the ledger.
    /// Everything else is written down by its id.
    pub fn by_key(self) -> bool {
        self == EntryKind::Category
    }
}

/// One version of a row, in an envelope that is the same for all kinds.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry<T> {
    /// UUIDv7.
    pub id: String,
    /// Which table.
    pub kind: EntryKind,
    /// Short, stable, unique within the owner.
    pub key: String,
    /// Organisation id of the owner; none = shared by the whole installation.
    pub org: Option<String>,
    /// Hidden from lists.
    pub archived: bool,
    /// From 1.
    pub version: i64,
    /// When this version was recorded.
    pub recorded_at: Instant,
    /// What the row says.
    pub body: T,
}

/// A place in a record that names another entry.
pub struct Slot<'a> {
    /// Path of the field, for refusals.
    pub field: String,
    /// What it names.
    pub to: EntryKind,
    /// The key or id given; replaced by the id (or the key of a category) once resolved.
    pub value: &'a mut Line,
}

impl<'a> Slot<'a> {
    /// The slot of an optional field, when it is set.
    pub fn of(field: &str, to: EntryKind, value: &'a mut Option<Line>) -> Option<Slot<'a>> {
        value.as_mut().map(|value| Slot {
            field: field.to_owned(),
            to,
            value,
        })
    }
}

/// What a record may look at while it completes itself.
pub struct Context<'a> {
    /// Its key.
    pub key: &'a str,
    /// Categories and models.
    pub catalogue: &'a Catalogue,
}

/// The body of a reference row: fields that check themselves, references, defaults, rules between fields.
pub trait Record:
    Serialize + DeserializeOwned + Clone + PartialEq + std::fmt::Debug + Send + Sync + 'static
{
    /// Which table it is a row of.
    const KIND: EntryKind;
    /// Fields that only the program writes.
    const INTERNAL: &'static [&'static str] = &[];

    /// What people call it: lists are sorted and searched by it, keys are made from it.
    fn name(&self) -> String;

    /// Its references, to be resolved before it is kept and to be shown as keys.
    fn slots(&mut self) -> Vec<Slot<'_>> {
        Vec::new()
    }

    /// Fills defaults and checks rules between fields, references being resolved.
    ///
    /// # Errors
    /// `invalid_value` or `missing_field`, naming the field.
    fn complete(&mut self, _context: &Context<'_>) -> Result<()> {
        Ok(())
    }
}

/// Checks a key given by a client: what a URL, a label and a spreadsheet all take, and no id.
///
/// # Errors
/// `invalid_value` on `key`.
pub fn check_key(key: &str) -> Result<()> {
    let shape = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if key.is_empty()
        || key.len() > 80
        || !key.chars().all(shape)
        || !key.starts_with(|c: char| c.is_ascii_alphanumeric())
    {
        return Err(Error::invalid(
            "key",
            "a key is 1 to 80 letters without accents, digits, - _ or . and begins with a letter or digit",
        ));
    }
    if uuid::Uuid::try_parse(key).is_ok() {
        return Err(Error::invalid(
            "key",
            "a key must not look like an id (UUID)",
        ));
    }
    Ok(())
}

/// Refuses a number outside its range.
///
/// # Errors
/// `invalid_value` naming the field.
pub fn within(field: &str, value: Option<i64>, range: std::ops::RangeInclusive<i64>) -> Result<()> {
    match value {
        Some(v) if !range.contains(&v) => Err(Error::invalid(
            field,
            format!(
                "`{field}` must be between {} and {}",
                range.start(),
                range.end()
            ),
        )),
        _ => Ok(()),
    }
}
