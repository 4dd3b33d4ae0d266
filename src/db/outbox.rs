//! The outbox: the one order in which others learn what was committed.
//!
//! Every event and every version of a reference row puts one line here, in its own transaction. On SQLite the line is
//! numbered at once (the writing transaction holds the only write lock, so numbers are in commit order). On PostgreSQL
//! it waits for the lease-holder ([`number`]), which numbers what is committed. `seq` has no gaps; `numbered_at` is
//! strictly increasing with it.

use chrono::{NaiveDateTime, SubsecRound, TimeDelta, Utc};
use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};
use diesel::{OptionalExtension, QueryableByName, RunQueryDsl};

use super::{Db, new_id};
use crate::domain::day::Instant;
use crate::error::Result;

#[derive(QueryableByName)]
struct Last {
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = Timestamp)]
    numbered_at: NaiveDateTime,
}

fn last(db: &mut Db) -> Result<Option<Last>> {
    Ok(diesel::sql_query(
        "SELECT seq, numbered_at FROM outbox WHERE seq IS NOT NULL ORDER BY seq DESC LIMIT 1",
    )
    .get_result(db)
    .optional()?)
}

/// The instant of the last number in this snapshot: the `known_at` of what is read in it.
///
/// # Errors
/// Those of the database.
pub fn last_numbered(db: &mut Db) -> Result<Option<Instant>> {
    Ok(last(db)?.map(|l| l.numbered_at.and_utc()))
}

/// The next numbers and their instants.
pub(super) struct Numbers {
    seq: i64,
    at: NaiveDateTime,
}

impl Numbers {
    pub(super) fn after_last(db: &mut Db) -> Result<Numbers> {
        let now = Utc::now().naive_utc().trunc_subsecs(6);
        Ok(match last(db)? {
            Some(l) => Numbers {
                seq: l.seq,
                at: now.max(l.numbered_at + TimeDelta::microseconds(1)),
            },
            None => Numbers { seq: 0, at: now },
        })
    }
    pub(super) fn next(&mut self) -> (i64, NaiveDateTime) {
        self.seq += 1;
        let at = self.at;
        self.at += TimeDelta::microseconds(1);
        (self.seq, at)
    }
}

/// Puts an event in the outbox.
pub fn event(db: &mut Db, event: &str) -> Result<()> {
    add(db, Some(event), None, None)
}

/// Puts a version of a reference row in the outbox.
///
/// # Errors
/// Those of the database.
pub fn entry(db: &mut Db, entry: &str, version: i64) -> Result<()> {
    add(db, None, Some(entry), Some(version))
}

fn add(db: &mut Db, event: Option<&str>, entry: Option<&str>, version: Option<i64>) -> Result<()> {
    let number = match db {
        Db::Sqlite(_) => Some(Numbers::after_last(db)?.next()),
        Db::Pg(_) => None,
    };
    diesel::sql_query(
        "INSERT INTO outbox (id, event, entry, entry_version, seq, numbered_at) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind::<Text, _>(new_id())
    .bind::<Nullable<Text>, _>(event)
    .bind::<Nullable<Text>, _>(entry)
    .bind::<Nullable<BigInt>, _>(version)
    .bind::<Nullable<BigInt>, _>(number.map(|n| n.0))
    .bind::<Nullable<Timestamp>, _>(number.map(|n| n.1))
    .execute(db)?;
    Ok(())
}
