//! Saved mapping: what the columns of a file mean that no vocabulary knows, written down once and used by imports.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::entry::{Context, EntryKind, Record};
use super::text::{Line, fold};
use crate::error::{Error, Result};

/// Columns one mapping may name: more than any inventory has.
const MOST: usize = 500;

/// One mapping.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Name.
    pub name: Line,
    /// Header of the file → field of the import vocabulary, `extra.KEY` or `ignore`. Which words are fields is the
    /// business of the imports.
    pub columns: BTreeMap<Line, Line>,
}

impl Record for Mapping {
    const KIND: EntryKind = EntryKind::Mapping;

    fn name(&self) -> String {
        self.name.as_str().to_owned()
    }
    fn complete(&mut self, _: &Context<'_>) -> Result<()> {
        if self.columns.is_empty() || self.columns.len() > MOST {
            let detail = format!("`columns` must name 1 to {MOST} headers");
            return Err(Error::invalid("columns", detail));
        }
        // Headers are found without case and accents: two that read the same would leave one unread.
        let mut seen = BTreeSet::new();
        for header in self.columns.keys() {
            if !seen.insert(fold(header.as_str())) {
                return Err(Error::invalid(
                    &format!("columns.{header}"),
                    format!("“{header}” is there twice: headers are read without case and accents"),
                ));
            }
        }
        Ok(())
    }
}
