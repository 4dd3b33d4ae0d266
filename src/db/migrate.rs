//! Migrations, compiled in: one folder per engine with the same names.
//!
//! diesel takes no lock, so several instances that start together on an empty PostgreSQL trip over each other; the one
//! that wins finishes cleanly, and the others look again until nothing is left to do.

use std::time::Duration;

use diesel::RunQueryDsl;
use diesel::sql_types::{BigInt, Text, Timestamp};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{Db, Lane, Store, fault, new_id, outbox};
use crate::domain::day::micros;
use crate::error::{Code, Error, Result};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Looks again this often, with a pause of 200 ms, before giving up.
const PATIENCE: u32 = 150;

/// Runs what is pending; safe when several instances do it at once.
pub(super) fn run(db: &mut Db) -> Result<()> {
    let mut last = None;
    for _ in 0..PATIENCE {
        match attempt(db) {
            Ok(()) => return Ok(()),
            Err(error) => last = Some(error),
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    let error = Error::new(Code::Unavailable, "the database could not be migrated");
    Err(match last {
        Some(cause) => error.because(cause),
        None => error,
    })
}

pub(super) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Runs what is pending, once.
pub(super) fn attempt(db: &mut Db) -> std::result::Result<(), Failure> {
    match db {
        Db::Pg(c) => c.run_pending_migrations(POSTGRES).map(drop),
        Db::Sqlite(c) => c.run_pending_migrations(SQLITE).map(drop),
    }
}

/// Refuses a database that is behind the program.
pub(super) fn check(db: &mut Db) -> Result<()> {
    let behind = match db {
        Db::Pg(c) => c.has_pending_migration(POSTGRES),
        Db::Sqlite(c) => c.has_pending_migration(SQLITE),
    }
    .map_err(Error::unavailable)?;
    if behind {
        return Err(Error::new(
            Code::Unavailable,
            "the database is older than this program; run `reparc migrate`, or start without --no-migrate",
        ));
    }
    Ok(())
}

/// Undoes every migration, newest first. For tests: it drops all data.
///
/// # Errors
/// `internal` when a `down.sql` does not undo its `up.sql`.
pub fn revert_all(db: &mut Db) -> Result<()> {
    match db {
        Db::Pg(c) => c.revert_all_migrations(POSTGRES).map(drop),
        Db::Sqlite(c) => c.revert_all_migrations(SQLITE).map(drop),
    }
    .map_err(Error::internal)
}

/// What the organisation `main` is called until somebody names it.
pub const MAIN_NAME: &str = "Organisation principale";

/// Makes the organisation `main` when there is none. Two instances may try: the unique key lets one win.
pub(super) fn found_main(store: &Store) -> Result<()> {
    if store.read(any_organisation)? {
        return Ok(());
    }
    match store.write(Lane::Interactive, make_main) {
        Err(error) if error.code == Code::Duplicate => Ok(()),
        other => other,
    }
}

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

fn any_organisation(db: &mut Db) -> Result<bool> {
    let found: Count =
        diesel::sql_query("SELECT COUNT(*) AS count FROM organisations").get_result(db)?;
    Ok(found.count > 0)
}

fn make_main(db: &mut Db) -> Result<()> {
    if any_organisation(db)? {
        return Ok(());
    }
    let id = new_id();
    let now = micros(chrono::Utc::now()).naive_utc();
    let payload = r#"{"name":"Organisation principale"}"#;
    diesel::sql_query(
        "INSERT INTO organisations (id, key, parent, path) VALUES ($1, 'main', NULL, $2)",
    )
    .bind::<Text, _>(&id)
    .bind::<Text, _>(format!("/{id}/"))
    .execute(db)?;
    // An organisation owns its own row, so that it is seen as its other rows are.
    diesel::sql_query(
        "INSERT INTO entries (id, kind, key, org, name, archived, version, recorded_at, payload) \
         VALUES ($1, 'organisation', 'main', $1, 'Organisation principale', FALSE, 1, $2, $3)",
    )
    .bind::<Text, _>(&id)
    .bind::<Timestamp, _>(now)
    .bind::<Text, _>(payload)
    .execute(db)?;
    diesel::sql_query(
        "INSERT INTO entry_versions (entry, version, recorded_at, payload) VALUES ($1, 1, $2, $3)",
    )
    .bind::<Text, _>(&id)
    .bind::<Timestamp, _>(now)
    .bind::<Text, _>(payload)
    .execute(db)?;
    outbox::entry(db, &id, 1)?;
    Ok(())
}

/// Opens a connection of its own to a database that exists, without looking at its migrations. For tests and repair.
///
/// # Errors
/// `unavailable` when it does not answer.
pub fn connect_raw(url: &str) -> Result<Db> {
    let target = super::Target::parse(url)?;
    fault::patiently(|| super::pool::connect(&target, false))
}
