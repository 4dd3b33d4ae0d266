//! Idempotency keys of single events, kept for ever beside the event they recorded.

use diesel::prelude::*;

use super::Db;
use super::schema::event_keys;
use crate::error::Result;

/// What a key has recorded.
#[derive(Debug, Clone, Queryable)]
pub struct Kept {
    /// Event id.
    pub event: String,
    /// Hash of what was sent.
    pub fingerprint: String,
}

/// What this actor's key has recorded.
///
/// # Errors
/// Those of the database.
pub fn get(db: &mut Db, actor: &str, key: &str) -> Result<Option<Kept>> {
    let kept = event_keys::table
        .filter(event_keys::actor.eq(actor))
        .filter(event_keys::key.eq(key));
    Ok(kept
        .select((event_keys::event, event_keys::fingerprint))
        .get_result(db)
        .optional()?)
}

/// Keeps a key.
///
/// # Errors
/// `duplicate` when another transaction has just kept it.
pub fn put(db: &mut Db, actor: &str, key: &str, event: &str, fingerprint: &str) -> Result<()> {
    diesel::insert_into(event_keys::table)
        .values((
            event_keys::actor.eq(actor),
            event_keys::key.eq(key),
            event_keys::event.eq(event),
            event_keys::fingerprint.eq(fingerprint),
        ))
        .execute(db)?;
    Ok(())
}

/// Events that keys of this actor have recorded, the keys beginning so; by key.
///
/// # Errors
/// Those of the database.
pub fn beginning(db: &mut Db, actor: &str, start: &str) -> Result<Vec<String>> {
    let end = format!("{start}\u{10ffff}");
    let kept = event_keys::table
        .filter(event_keys::actor.eq(actor))
        .filter(event_keys::key.ge(start))
        .filter(event_keys::key.lt(end));
    Ok(kept
        .order(event_keys::key)
        .select(event_keys::event)
        .load(db)?)
}
