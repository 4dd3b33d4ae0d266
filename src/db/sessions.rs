//! Browser sessions, the pauses after failed sign-ins, and the code of the first set-up.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Timestamp};

use super::Db;
use super::schema::{sessions, setup_codes, throttles};
use crate::error::Result;

/// A session as kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions)]
pub struct Row {
    /// SHA-256 of the cookie's secret, hex.
    pub id: String,
    /// Account id.
    pub account: String,
    /// UTC.
    pub created_at: NaiveDateTime,
    /// Last request, to some minutes.
    pub seen_at: NaiveDateTime,
    /// UTC.
    pub expires_at: NaiveDateTime,
}

/// Keeps a new session.
///
/// # Errors
/// Those of the store.
pub fn insert(db: &mut Db, row: &Row) -> Result<()> {
    diesel::insert_into(sessions::table)
        .values(row)
        .execute(db)?;
    Ok(())
}

/// The session of this id.
///
/// # Errors
/// Those of the store.
pub fn get(db: &mut Db, id: &str) -> Result<Option<Row>> {
    Ok(sessions::table
        .find(id)
        .select(Row::as_select())
        .get_result(db)
        .optional()?)
}

/// Notes that it is in use.
///
/// # Errors
/// Those of the store.
pub fn seen(db: &mut Db, id: &str, now: NaiveDateTime) -> Result<()> {
    diesel::update(sessions::table.find(id))
        .set(sessions::seen_at.eq(now))
        .execute(db)?;
    Ok(())
}

/// Ends one session.
///
/// # Errors
/// Those of the store.
pub fn end(db: &mut Db, id: &str) -> Result<()> {
    diesel::delete(sessions::table.find(id)).execute(db)?;
    Ok(())
}

/// Ends every session of an account.
///
/// # Errors
/// Those of the store.
pub fn end_all(db: &mut Db, account: &str) -> Result<()> {
    diesel::delete(sessions::table.filter(sessions::account.eq(account))).execute(db)?;
    Ok(())
}

/// Forgets sessions, pauses and codes that are over.
///
/// # Errors
/// Those of the store.
pub fn purge(db: &mut Db, now: NaiveDateTime, idle: NaiveDateTime) -> Result<usize> {
    let over = sessions::expires_at.lt(now).or(sessions::seen_at.lt(idle));
    let gone = diesel::delete(sessions::table.filter(over)).execute(db)?;
    diesel::delete(throttles::table.filter(throttles::until.lt(idle))).execute(db)?;
    diesel::delete(setup_codes::table.filter(setup_codes::expires_at.lt(now))).execute(db)?;
    Ok(gone)
}

/// Failures of a name or address, and the end of its pause.
///
/// # Errors
/// Those of the store.
pub fn throttle(db: &mut Db, id: &str) -> Result<Option<(i64, NaiveDateTime)>> {
    Ok(throttles::table
        .find(id)
        .select((throttles::failures, throttles::until))
        .get_result(db)
        .optional()?)
}

/// Sets them.
///
/// # Errors
/// Those of the store.
pub fn set_throttle(db: &mut Db, id: &str, failures: i64, until: NaiveDateTime) -> Result<()> {
    diesel::sql_query(
        "INSERT INTO throttles (id, failures, until) VALUES ($1, $2, $3) \
         ON CONFLICT (id) DO UPDATE SET failures = excluded.failures, until = excluded.until",
    )
    .bind::<Text, _>(id)
    .bind::<BigInt, _>(failures)
    .bind::<Timestamp, _>(until)
    .execute(db)?;
    Ok(())
}

/// Forgets the failures of a name.
///
/// # Errors
/// Those of the store.
pub fn clear_throttle(db: &mut Db, id: &str) -> Result<()> {
    diesel::delete(throttles::table.find(id)).execute(db)?;
    Ok(())
}

/// Keeps the code of the first set-up; an earlier one ends.
///
/// # Errors
/// Those of the store.
pub fn set_setup_code(db: &mut Db, id: &str, expires_at: NaiveDateTime) -> Result<()> {
    diesel::delete(setup_codes::table).execute(db)?;
    diesel::insert_into(setup_codes::table)
        .values((
            setup_codes::id.eq(id),
            setup_codes::expires_at.eq(expires_at),
        ))
        .execute(db)?;
    Ok(())
}

/// Whether this code is good now.
///
/// # Errors
/// Those of the store.
pub fn setup_code(db: &mut Db, id: &str, now: NaiveDateTime) -> Result<bool> {
    let found: Option<String> = setup_codes::table
        .filter(setup_codes::id.eq(id))
        .filter(setup_codes::expires_at.gt(now))
        .select(setup_codes::id)
        .get_result(db)
        .optional()?;
    Ok(found.is_some())
}

/// Ends every code.
///
/// # Errors
/// Those of the store.
pub fn end_setup(db: &mut Db) -> Result<()> {
    diesel::delete(setup_codes::table).execute(db)?;
    Ok(())
}
