//! What an import did, or would do: the row account and every row that could not be taken as it is.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::exchange::draft::Problem;

/// Most problems, and most changed cells, that a report holds; `problems_total` counts all.
pub const MOST: usize = 10_000;

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
    /// Cells that change, or would; the first 10,000.
    pub changes: Vec<Change>,
}

/// One cell that changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
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
    /// Keeps problems while there is room.
    pub fn tell(&mut self, problems: impl IntoIterator<Item = Problem>) {
        for problem in problems {
            self.problems_total += 1;
            if self.problems.len() < MOST {
                self.problems.push(problem);
            }
        }
    }
    /// Keeps changes while there is room.
    pub fn show(&mut self, changes: impl IntoIterator<Item = Change>) {
        let room = MOST.saturating_sub(self.changes.len());
        self.changes.extend(changes.into_iter().take(room));
    }
}
