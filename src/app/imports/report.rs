//! What an import did, or would do: the row account and every row that could not be taken as it is.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::reading::Reading;
use crate::domain::entry::EntryKind;
use crate::exchange::draft::Problem;

/// Most problems, changed cells and devices made that a report holds each; the totals count all.
pub const MOST: usize = 10_000;
/// Most sites, people, models and custom fields that a report names.
pub const MOST_ENTRIES: usize = 1000;

/// The shape `import` of the contract. `rows = created + changed + unchanged + rejected + conflicts`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = Import)]
#[serde(default)]
pub struct Report {
    /// UUIDv7; null when nothing was kept (a dry run at the command line).
    pub id: Option<String>,
    /// Profile by which the file was read.
    pub profile: String,
    /// Name of the file.
    pub file: Option<String>,
    /// Key of the organisation.
    pub organisation: String,
    /// When the file came, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// Nothing was written to devices.
    pub dry_run: bool,
    /// `staged`, `committing`, `done`, `undoing`, `undone`; `checked` for a dry run of which nothing is kept.
    pub state: String,
    /// Rows that are not blank, header excluded.
    pub rows: u64,
    /// Rows that made devices.
    pub created: u64,
    /// Rows that changed a device.
    pub changed: u64,
    /// Rows that say nothing new.
    pub unchanged: u64,
    /// Rows that could not be read.
    pub rejected: u64,
    /// Rows that contradict what is known.
    pub conflicts: u64,
    /// Devices made: a row may stand for several.
    pub devices_created: u64,
    /// Problems, by row; the first 10,000.
    #[schema(value_type = Vec<Object>)]
    pub problems: Vec<Problem>,
    /// How many problems there are in all.
    pub problems_total: u64,
    /// Cells that change, or would; the first 10,000. What an undo has taken back stays in the list.
    pub changes: Vec<Change>,
    /// How many cells change in all.
    pub changes_total: u64,
    /// Devices that were made, by row; the first 10,000 of `devices_created`.
    pub made: Vec<Made>,
    /// What else was made, or would be: sites, people, models, custom fields. An undo leaves them.
    pub entries: Entries,
    /// How the file was read; null in lists, and for imports of before it was told.
    pub reading: Option<Reading>,
}

/// One cell that changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ImportChange)]
pub struct Change {
    /// Line of the file.
    pub row: u64,
    /// Tag of the device.
    pub device: String,
    /// Field.
    pub field: String,
    /// What it was.
    #[schema(value_type = Object)]
    pub before: Value,
    /// What the file says.
    #[schema(value_type = Object)]
    pub after: Value,
    /// An undo left it, because somebody had touched the device since.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub kept: bool,
}

/// A device that was made.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ImportMade)]
#[serde(default)]
pub struct Made {
    /// Line of the file.
    pub row: u64,
    /// Tag of the device.
    pub device: String,
    /// What it was called when it was made.
    pub name: Option<String>,
    /// An undo left it, because somebody had touched it since.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub kept: bool,
}

/// What an import makes besides devices.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ImportEntries)]
#[serde(default)]
pub struct Entries {
    /// Sites.
    pub sites: u64,
    /// People.
    pub people: u64,
    /// Models.
    pub models: u64,
    /// Custom fields.
    pub custom_fields: u64,
    /// Which ones; the first 1,000. People only for those who may see them, and once they are made.
    pub items: Vec<EntryMade>,
}

/// A row of a reference table that an import makes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ImportEntry)]
#[serde(default)]
pub struct EntryMade {
    /// `site`, `person`, `model`, `custom_field`.
    pub kind: String,
    /// Its key; null while nothing is written.
    pub key: Option<String>,
    /// Its name. That of a person is not kept here: it is looked up for those who may see it.
    pub name: Option<String>,
}

impl Entries {
    /// Counts a row and names it while there is room.
    pub fn add(&mut self, kind: EntryKind, key: Option<&str>, name: Option<&str>) {
        match kind {
            EntryKind::Site => self.sites += 1,
            EntryKind::Person => self.people += 1,
            EntryKind::Model => self.models += 1,
            EntryKind::CustomField => self.custom_fields += 1,
            _ => return,
        }
        let personal = kind == EntryKind::Person;
        // Nobody finds a person again by nothing.
        if self.items.len() < MOST_ENTRIES && !(personal && key.is_none()) {
            self.items.push(EntryMade {
                kind: kind.as_str().to_owned(),
                key: key.map(str::to_owned),
                name: name.filter(|_| !personal).map(str::to_owned),
            });
        }
    }
    /// Adds what another part of the import made.
    pub fn extend(&mut self, more: Entries) {
        self.sites += more.sites;
        self.people += more.people;
        self.models += more.models;
        self.custom_fields += more.custom_fields;
        let room = MOST_ENTRIES.saturating_sub(self.items.len());
        self.items.extend(more.items.into_iter().take(room));
    }
    /// How many in all.
    pub fn total(&self) -> u64 {
        self.sites + self.people + self.models + self.custom_fields
    }
}

impl Report {
    /// Counts a row by what became of it.
    pub fn count(&mut self, action: &str) {
        self.add(action, 1);
    }
    /// Counts rows by what became of them.
    pub fn add(&mut self, action: &str, n: u64) {
        self.rows += n;
        match action {
            "created" | "taken_back" => self.created += n,
            "changed" => self.changed += n,
            "rejected" => self.rejected += n,
            "conflict" | "kept" => self.conflicts += n,
            _ => self.unchanged += n,
        }
    }
    /// Keeps the problems of a row while there is room, with what became of it when nothing was written.
    pub fn tell(&mut self, action: &str, problems: impl IntoIterator<Item = Problem>) {
        let outcome = match action {
            "rejected" | "conflict" => Some(action.to_owned()),
            _ => None,
        };
        for problem in problems {
            self.problems_total += 1;
            if self.problems.len() < MOST {
                self.problems.push(Problem {
                    outcome: outcome.clone(),
                    ..problem
                });
            }
        }
    }
    /// Keeps changes while there is room.
    pub fn show(&mut self, changes: impl IntoIterator<Item = Change>) {
        for change in changes {
            self.changes_total += 1;
            if self.changes.len() < MOST {
                self.changes.push(change);
            }
        }
    }
}
