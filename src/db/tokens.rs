//! API tokens. Only hashes are here.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::schema::{organisations, tokens};
use super::{Db, Scope};
use crate::error::Result;

/// A token as kept.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = tokens)]
pub struct Row {
    /// Id.
    pub id: String,
    /// For whom or what it is.
    pub name: String,
    /// SHA-256 of the token, hex.
    pub hash: String,
    /// A word of `Role`.
    pub role: String,
    /// Organisation id; null at the root.
    pub org: Option<String>,
    /// Actor that made it.
    pub created_by: String,
    /// UTC.
    pub created_at: NaiveDateTime,
    /// UTC; null never expires.
    pub expires_at: Option<NaiveDateTime>,
    /// UTC.
    pub revoked_at: Option<NaiveDateTime>,
    /// UTC, coarse.
    pub last_used_at: Option<NaiveDateTime>,
}

/// Keeps a new token.
///
/// # Errors
/// Those of the store.
pub fn insert(db: &mut Db, row: &Row) -> Result<()> {
    diesel::insert_into(tokens::table).values(row).execute(db)?;
    Ok(())
}

/// The token of this hash, whoever it belongs to: the one look-up that comes before any scope.
///
/// # Errors
/// Those of the store.
pub fn by_hash(db: &mut Db, hash: &str) -> Result<Option<Row>> {
    Ok(tokens::table
        .filter(tokens::hash.eq(hash))
        .get_result(db)
        .optional()?)
}

/// Tokens of the scope with the key of their organisation, newest first.
///
/// # Errors
/// Those of the store.
pub fn list(db: &mut Db, scope: &Scope) -> Result<Vec<(Row, Option<String>)>> {
    let rows: Vec<(Row, Option<String>)> = tokens::table
        .left_join(organisations::table.on(tokens::org.eq(organisations::id.nullable())))
        .select((tokens::all_columns, organisations::key.nullable()))
        .order(tokens::id.desc())
        .load(db)?;
    Ok(rows
        .into_iter()
        .filter(|(row, _)| sees(scope, row.org.as_deref()))
        .collect())
}

/// One token of the scope.
///
/// # Errors
/// Those of the store.
pub fn get(db: &mut Db, scope: &Scope, id: &str) -> Result<Option<(Row, Option<String>)>> {
    Ok(list(db, scope)?.into_iter().find(|(row, _)| row.id == id))
}

/// What acts at the root is seen from the root only.
pub(super) fn sees(scope: &Scope, org: Option<&str>) -> bool {
    match org {
        Some(org) => scope.holds(org),
        None => *scope == Scope::All,
    }
}

/// Marks as revoked; a second time changes nothing.
///
/// # Errors
/// Those of the store.
pub fn revoke(db: &mut Db, id: &str, now: NaiveDateTime) -> Result<()> {
    diesel::update(
        tokens::table
            .filter(tokens::id.eq(id))
            .filter(tokens::revoked_at.is_null()),
    )
    .set(tokens::revoked_at.eq(now))
    .execute(db)?;
    Ok(())
}

/// Notes the last use.
///
/// # Errors
/// Those of the store.
pub fn used(db: &mut Db, id: &str, now: NaiveDateTime) -> Result<()> {
    diesel::update(tokens::table.filter(tokens::id.eq(id)))
        .set(tokens::last_used_at.eq(now))
        .execute(db)?;
    Ok(())
}
