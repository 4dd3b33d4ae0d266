//! The audit log: exports, overrides, rights, settings.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::schema::audit;
use super::{Db, Scope};
use crate::error::Result;

/// A line of the log.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = audit)]
pub struct Row {
    /// Id, in the order of writing.
    pub id: String,
    /// UTC.
    pub at: NaiveDateTime,
    /// Id of the actor.
    pub actor: String,
    /// Organisation id of the actor; null at the root.
    pub org: Option<String>,
    /// What was done, as `thing.verb`.
    pub action: String,
    /// To what, an id or key.
    pub subject: Option<String>,
    /// JSON object.
    pub detail: String,
}

/// Writes a line.
///
/// # Errors
/// Those of the store.
pub fn insert(db: &mut Db, row: &Row) -> Result<()> {
    diesel::insert_into(audit::table).values(row).execute(db)?;
    Ok(())
}

/// Lines of the scope, newest first, older than `before` (an id), `limit` at most.
///
/// # Errors
/// Those of the store.
pub fn list(db: &mut Db, scope: &Scope, before: Option<&str>, limit: i64) -> Result<Vec<Row>> {
    let mut query = audit::table.into_boxed::<super::MultiBackend>();
    if let Some(before) = before {
        query = query.filter(audit::id.lt(before.to_owned()));
    }
    if let Some(orgs) = scope.orgs() {
        query = query.filter(audit::org.eq_any(orgs.to_vec()));
    }
    Ok(query.order(audit::id.desc()).limit(limit).load(db)?)
}
