//! The tree of organisations.

use diesel::prelude::*;

use super::schema::organisations;
use super::Db;
use crate::error::Result;

/// The root of the tree an organisation stands in (its own id when it has no parent).
fn root_of(db: &mut Db, id: &str) -> Result<Option<String>> {
    let path: Option<String> = organisations::table.filter(organisations::id.eq(id)).select(organisations::path).first(db).optional()?;
    Ok(path.and_then(|p| p.trim_matches('/').split('/').next().map(str::to_owned)))
}

/// Id of the organisation with this key or id, when it stands in the same tree as `near`.
///
/// # Errors
/// Those of the database.
pub fn in_tree_of(db: &mut Db, near: &str, key_or_id: &str) -> Result<Option<String>> {
    let found: Option<String> = organisations::table
        .filter(organisations::key.eq(key_or_id).or(organisations::id.eq(key_or_id)))
        .select(organisations::id)
        .first(db)
        .optional()?;
    let Some(id) = found else { return Ok(None) };
    Ok((root_of(db, &id)? == root_of(db, near)?).then_some(id))
}
