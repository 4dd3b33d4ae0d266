//! From the rows of a file to what is staged: rows of one machine become one, the others keep their line.

use std::collections::HashMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::report::Change;
use crate::error::{Error, Result};
use crate::exchange::draft::{Draft, Problem, Reader, Why, problem};
use crate::exchange::profiles::Plan;
use crate::exchange::table::{Record, Table};

/// Machines whose rows are held until their last one; beyond that rows are taken one by one.
const MOST_OPEN: usize = 20_000;

/// A row on its way into the store.
#[derive(Debug, Clone)]
pub struct Staged {
    /// Line it begins on.
    pub line: u64,
    /// `staged`, or what it already is: `unchanged` (a later row of the same machine counts), `rejected`, `conflict`.
    pub action: &'static str,
    /// What it says, when staged.
    pub draft: Option<Draft>,
    /// What could not be taken.
    pub problems: Vec<Problem>,
}

/// What is kept of a row in the store.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Detail {
    /// While staged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draft: Option<Draft>,
    /// Problems.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
    /// Devices it made, unless it is the one of a created row.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub made: Vec<String>,
    /// Cells it changed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
}

impl Detail {
    /// As stored; empty when it says nothing.
    ///
    /// # Errors
    /// `internal`.
    pub fn text(&self) -> Result<String> {
        let empty = self.draft.is_none() && self.problems.is_empty();
        if empty && self.made.is_empty() && self.changes.is_empty() {
            return Ok(String::new());
        }
        serde_json::to_string(self).map_err(Error::internal)
    }
    /// From the store.
    ///
    /// # Errors
    /// `internal`.
    pub fn read(text: &str) -> Result<Detail> {
        if text.is_empty() {
            return Ok(Detail::default());
        }
        serde_json::from_str(text).map_err(Error::internal)
    }
}

/// Reads a planned table and hands each row on, once.
///
/// # Errors
/// Those of the file and of `give`.
pub fn walk(
    table: &Table,
    plan: &Plan,
    fingerprint: &str,
    give: &mut dyn FnMut(Staged) -> Result<()>,
) -> Result<()> {
    let mut reader = Reader::new(plan, fingerprint);
    let mut records = table.records()?;
    let mut record = Record::default();
    let mut open: HashMap<u32, (Draft, Vec<Problem>)> = HashMap::new();
    while records.read(&mut record)? {
        let line = record.line;
        if line <= plan.header_line {
            continue;
        }
        let mut row = reader.read(&record);
        if let Some(other) = plan.groups.contradicted(line) {
            let values = problem::values([("line", other.into())]);
            row.problems
                .push(Problem::new(line, None, Why::OtherLine, values));
            give(Staged {
                line,
                action: "conflict",
                draft: None,
                problems: row.problems,
            })?;
            continue;
        }
        let group = plan.groups.of(line);
        let Some(group) = group.filter(|g| open.len() < MOST_OPEN || open.contains_key(g)) else {
            give(single(line, row.draft, row.problems))?;
            continue;
        };
        match row.draft {
            Some(draft) => {
                let merged = match open.remove(&group) {
                    Some((mut before, problems)) => {
                        give(Staged {
                            line: before.line,
                            action: "unchanged",
                            draft: None,
                            problems,
                        })?;
                        before.overlay(draft);
                        before
                    }
                    None => draft,
                };
                open.insert(group, (merged, row.problems));
            }
            None => give(single(line, None, row.problems))?,
        }
        if plan.groups.last_line(group) == Some(line)
            && let Some((draft, problems)) = open.remove(&group)
        {
            give(single(draft.line, Some(draft), problems))?;
        }
    }
    for (draft, problems) in open.into_values() {
        give(single(draft.line, Some(draft), problems))?;
    }
    Ok(())
}

fn single(line: u64, draft: Option<Draft>, problems: Vec<Problem>) -> Staged {
    Staged {
        line,
        action: if draft.is_some() {
            "staged"
        } else {
            "rejected"
        },
        draft,
        problems,
    }
}

/// SHA-256 of a file, in hex.
///
/// # Errors
/// When it cannot be read.
pub fn fingerprint(path: &Path) -> Result<String> {
    let mut file = std::fs::File::open(path).map_err(Error::internal)?;
    let mut hasher = Sha256::new();
    let mut chunk = vec![0; 64 * 1024];
    loop {
        let n = std::io::Read::read(&mut file, &mut chunk).map_err(Error::internal)?;
        if n == 0 {
            break;
        }
        hasher.update(chunk.get(..n).unwrap_or_default());
    }
    Ok(hasher
        .finalize()
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect())
}
