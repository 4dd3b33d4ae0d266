//! Idempotency keys and the answers kept for them.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::Db;
use super::schema::idempotency;
use crate::error::Result;

/// A key as kept. `status` is null while its first request is under way; `body` then names the instance that runs it.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = idempotency)]
pub struct Row {
    /// Id of the actor.
    pub actor: String,
    /// The key as sent.
    pub key: String,
    /// SHA-256 of method, path, query and body.
    pub fingerprint: String,
    /// HTTP status of the kept answer.
    pub status: Option<i64>,
    /// The kept answer.
    pub body: Option<String>,
    /// UTC.
    pub created_at: NaiveDateTime,
}

/// What is kept for a key.
///
/// # Errors
/// Those of the store.
pub fn get(db: &mut Db, actor: &str, key: &str) -> Result<Option<Row>> {
    Ok(idempotency::table
        .find((actor, key))
        .get_result(db)
        .optional()?)
}

/// Takes a key.
///
/// # Errors
/// `duplicate` when another request took it first, and those of the store.
pub fn insert(db: &mut Db, row: &Row) -> Result<()> {
    diesel::insert_into(idempotency::table)
        .values(row)
        .execute(db)?;
    Ok(())
}

/// Keeps the answer of a key that is under way for this instance. False when the key is no longer its own.
///
/// # Errors
/// Those of the store.
pub fn keep(
    db: &mut Db,
    actor: &str,
    key: &str,
    instance: &str,
    status: i64,
    body: &str,
) -> Result<bool> {
    let mine = idempotency::table
        .find((actor, key))
        .filter(idempotency::status.is_null())
        .filter(idempotency::body.eq(instance));
    let changed = diesel::update(mine)
        .set((idempotency::status.eq(status), idempotency::body.eq(body)))
        .execute(db)?;
    Ok(changed == 1)
}

/// Frees a key that is under way for this instance.
///
/// # Errors
/// Those of the store.
pub fn free(db: &mut Db, actor: &str, key: &str, instance: &str) -> Result<()> {
    let mine = idempotency::table
        .find((actor, key))
        .filter(idempotency::status.is_null())
        .filter(idempotency::body.eq(instance));
    diesel::delete(mine).execute(db)?;
    Ok(())
}

/// Forgets keys taken before this instant. Gives how many.
///
/// # Errors
/// Those of the store.
pub fn purge(db: &mut Db, before: NaiveDateTime) -> Result<usize> {
    Ok(
        diesel::delete(idempotency::table.filter(idempotency::created_at.lt(before)))
            .execute(db)?,
    )
}

/// Forgets every key whose kept answer holds this text (a person who was erased).
///
/// # Errors
/// Those of the store.
pub fn forget(db: &mut Db, text: &str) -> Result<usize> {
    let holding = idempotency::table.filter(idempotency::body.like(format!("%{text}%")));
    Ok(diesel::delete(holding).execute(db)?)
}
