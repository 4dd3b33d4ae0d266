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

/// Which lines.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// `thing.verb`, or a `thing`.
    pub action: Option<String>,
    /// Id of the actor.
    pub actor: Option<String>,
    /// From this instant on.
    pub from: Option<NaiveDateTime>,
    /// Before this instant.
    pub to: Option<NaiveDateTime>,
}

/// Lines of the scope, newest first, older than `before` (an id), `limit` at most.
///
/// # Errors
/// Those of the store.
pub fn list(
    db: &mut Db,
    scope: &Scope,
    filter: &Filter,
    before: Option<&str>,
    limit: i64,
) -> Result<Vec<Row>> {
    let mut query = audit::table.into_boxed::<super::MultiBackend>();
    if let Some(action) = &filter.action {
        // `thing.` and the character after the point enclose every verb of a thing.
        query = match action.contains('.') {
            true => query.filter(audit::action.eq(action.clone())),
            false => query
                .filter(audit::action.ge(format!("{action}.")))
                .filter(audit::action.lt(format!("{action}/"))),
        };
    }
    if let Some(actor) = &filter.actor {
        query = query.filter(audit::actor.eq(actor.clone()));
    }
    if let Some(from) = filter.from {
        query = query.filter(audit::at.ge(from));
    }
    if let Some(to) = filter.to {
        query = query.filter(audit::at.lt(to));
    }
    if let Some(before) = before {
        query = query.filter(audit::id.lt(before.to_owned()));
    }
    if let Some(orgs) = scope.orgs() {
        query = query.filter(audit::org.eq_any(orgs.to_vec()));
    }
    Ok(query.order(audit::id.desc()).limit(limit).load(db)?)
}
