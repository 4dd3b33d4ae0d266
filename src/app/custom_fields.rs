//! Custom fields: definitions that values of `extra` are checked against.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::entries::read;
use crate::db::{Db, Scope, entries, organisations};
use crate::domain::custom_field::CustomField;
use crate::domain::entry::{Entry, EntryKind};
use crate::error::Result;

/// Definitions that hold for an organisation: its own and those of the ones above it, nearest first.
///
/// # Errors
/// Those of the store.
pub fn definitions(db: &mut Db, org: &str) -> Result<HashMap<String, CustomField>> {
    let lineage = organisations::lineage(db, org)?;
    let scope = Scope::of(lineage.clone());
    let mut found: Vec<(usize, Entry<CustomField>)> = Vec::new();
    for row in entries::all(db, EntryKind::CustomField, &scope)? {
        if row.archived {
            continue;
        }
        let near = row
            .org
            .as_ref()
            .and_then(|org| lineage.iter().position(|above| above == org));
        found.push((near.unwrap_or(lineage.len()), read(row)?));
    }
    // The nearest last, so that it replaces the others.
    found.sort_by(|(a, _), (b, _)| b.cmp(a));
    Ok(found.into_iter().map(|(_, e)| (e.key, e.body)).collect())
}

/// Checks the values of `extra` that are defined; others are free text of an import and stay.
///
/// # Errors
/// `invalid_value` naming `extra.KEY`.
pub fn check(db: &mut Db, org: &str, extra: &Map<String, Value>) -> Result<()> {
    if extra.is_empty() {
        return Ok(());
    }
    let defined = definitions(db, org)?;
    extra
        .iter()
        .filter_map(|(key, value)| defined.get(key).map(|field| field.check(key, value)))
        .collect()
}
