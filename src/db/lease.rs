//! Leases: rows by which several instances agree who does a job. No session state, no advisory locks.

use chrono::{TimeDelta, Utc};
use diesel::sql_types::{Text, Timestamp};
use diesel::{OptionalExtension, QueryableByName, RunQueryDsl};

use super::Db;
use crate::error::Result;

#[derive(QueryableByName)]
struct Taken {
    #[diesel(sql_type = Text)]
    owner: String,
}

/// Takes or renews a lease; false when another holds it. The row stays locked to the end of the transaction, so what
/// is done in it is done by one holder at a time, whatever the clocks say.
///
/// # Errors
/// Those of the database.
pub fn take(db: &mut Db, name: &str, owner: &str, seconds: i64) -> Result<bool> {
    let now = Utc::now().naive_utc();
    let taken: Option<Taken> = diesel::sql_query(
        "INSERT INTO leases (name, owner, until) VALUES ($1, $2, $3) \
         ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until \
         WHERE leases.until < $4 OR leases.owner = excluded.owner RETURNING owner",
    )
    .bind::<Text, _>(name)
    .bind::<Text, _>(owner)
    .bind::<Timestamp, _>(now + TimeDelta::seconds(seconds))
    .bind::<Timestamp, _>(now)
    .get_result(db)
    .optional()?;
    Ok(taken.is_some_and(|t| t.owner == owner))
}

/// Gives a lease back, so that another need not wait for its end.
///
/// # Errors
/// Those of the database.
pub fn give_back(db: &mut Db, name: &str, owner: &str) -> Result<()> {
    diesel::sql_query("DELETE FROM leases WHERE name = $1 AND owner = $2")
        .bind::<Text, _>(name)
        .bind::<Text, _>(owner)
        .execute(db)?;
    Ok(())
}
