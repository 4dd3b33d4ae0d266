//! Codes that were scanned and could not be written, until somebody settles them.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::schema::readings;
use super::{Db, MultiBackend, Scope};
use crate::error::Result;

/// A reading that was kept back.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = readings)]
pub struct Row {
    /// UUIDv7.
    pub id: String,
    /// Account or token that scanned.
    pub actor: String,
    /// Key of the scan.
    pub key: String,
    /// Organisation id.
    pub org: String,
    /// As scanned.
    pub code: String,
    /// When, UTC.
    pub at: NaiveDateTime,
    /// [`crate::domain::scanning::Act`].
    pub act: String,
    /// [`crate::domain::scanning::Kept`].
    pub why: String,
    /// Code of the refusal.
    pub problem: Option<String>,
    /// The refusal in words.
    pub detail: Option<String>,
    /// Device id, where one is meant.
    pub device: Option<String>,
    /// Person id, where the scan names one.
    pub holder: Option<String>,
    /// JSON: fields of the event, as sent.
    pub fields: String,
    /// [`crate::domain::scanning::Settled`]; none while it waits.
    pub settled: Option<String>,
    /// What somebody wrote to it.
    pub remark: Option<String>,
    /// When it was kept.
    pub recorded_at: NaiveDateTime,
}

/// Keeps a reading.
///
/// # Errors
/// `duplicate` when its actor has kept one under this key.
pub fn insert(db: &mut Db, row: &Row) -> Result<()> {
    diesel::insert_into(readings::table)
        .values(row)
        .execute(db)?;
    Ok(())
}

/// What was kept under a key of this actor.
///
/// # Errors
/// Those of the database.
pub fn by_key(db: &mut Db, actor: &str, key: &str) -> Result<Option<Row>> {
    Ok(readings::table
        .filter(readings::actor.eq(actor))
        .filter(readings::key.eq(key))
        .select(Row::as_select())
        .get_result(db)
        .optional()?)
}

/// A reading of a scope.
///
/// # Errors
/// Those of the database.
pub fn by_id(db: &mut Db, scope: &Scope, id: &str) -> Result<Option<Row>> {
    let found: Option<Row> = readings::table
        .find(id)
        .select(Row::as_select())
        .get_result(db)
        .optional()?;
    Ok(found.filter(|row| scope.holds(&row.org)))
}

/// Readings of a scope, the last one first, before an id; those that wait, or all.
///
/// # Errors
/// Those of the database.
pub fn list(
    db: &mut Db,
    scope: &Scope,
    all: bool,
    before: Option<&str>,
    limit: i64,
) -> Result<Vec<Row>> {
    let mut query = readings::table.into_boxed::<MultiBackend>();
    if let Some(orgs) = scope.orgs() {
        query = query.filter(readings::org.eq_any(orgs));
    }
    if !all {
        query = query.filter(readings::settled.is_null());
    }
    if let Some(before) = before {
        query = query.filter(readings::id.lt(before.to_owned()));
    }
    Ok(query
        .order(readings::id.desc())
        .limit(limit)
        .select(Row::as_select())
        .load(db)?)
}

/// How many wait, counted to a bound.
///
/// # Errors
/// Those of the database.
pub fn waiting(db: &mut Db, scope: &Scope, most: i64) -> Result<usize> {
    let mut query = readings::table
        .filter(readings::settled.is_null())
        .into_boxed::<MultiBackend>();
    if let Some(orgs) = scope.orgs() {
        query = query.filter(readings::org.eq_any(orgs));
    }
    let ids: Vec<String> = query.limit(most).select(readings::id).load(db)?;
    Ok(ids.len())
}

/// Settles a reading; false when it was settled already.
///
/// # Errors
/// Those of the database.
pub fn settle(
    db: &mut Db,
    id: &str,
    how: &str,
    device: Option<&str>,
    remark: Option<&str>,
) -> Result<bool> {
    let open = readings::table
        .filter(readings::id.eq(id))
        .filter(readings::settled.is_null());
    let settled = diesel::update(open)
        .set(readings::settled.eq(how))
        .execute(db)?;
    let row = readings::table.filter(readings::id.eq(id));
    if let Some(device) = device {
        diesel::update(row)
            .set(readings::device.eq(device))
            .execute(db)?;
    }
    if let Some(remark) = remark {
        diesel::update(row)
            .set(readings::remark.eq(remark))
            .execute(db)?;
    }
    Ok(settled == 1)
}

/// Deletes what readings say of a person: whom it was to go to, and what was noted.
///
/// # Errors
/// Those of the database.
pub fn erase(db: &mut Db, person: &str) -> Result<()> {
    diesel::update(readings::table.filter(readings::holder.eq(person)))
        .set((
            readings::holder.eq(None::<String>),
            readings::fields.eq("{}"),
            readings::detail.eq(None::<String>),
            readings::remark.eq(None::<String>),
        ))
        .execute(db)?;
    Ok(())
}
