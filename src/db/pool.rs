//! Connections: made by scheme, kept in a pool, never pinged.
//!
//! The first statement of every transaction is its ping: when `BEGIN` fails the connection is thrown away and the
//! next one tried, which costs nothing while the server is well (a ping at each checkout costs a third of the lookups).

use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::deserialize::QueryableByName;
use diesel::pg::PgConnection;
use diesel::sql_types::Text;
use diesel::sqlite::SqliteConnection;
use diesel::{Connection, RunQueryDsl};

use super::{Db, Target, begin, fault};
use crate::error::{Code, Error, Result};

/// Readers at once on SQLite, readers and writers on PostgreSQL.
const SIZE: u32 = 12;
/// How long a caller waits for a connection before it hears `unavailable`.
const PATIENCE: Duration = Duration::from_secs(10);

/// A pooled connection, and whether it must not come back (set while a transaction is open).
pub(super) struct Slot {
    pub db: Db,
    pub broken: bool,
}

pub(super) type Lent = r2d2::PooledConnection<Maker>;

pub(super) struct Pool(r2d2::Pool<Maker>);

impl Pool {
    pub fn open(target: Target) -> Result<Pool> {
        let pool = r2d2::Pool::builder()
            .max_size(SIZE)
            .min_idle(Some(1))
            .test_on_check_out(false)
            .connection_timeout(PATIENCE)
            .error_handler(Box::new(r2d2::NopErrorHandler))
            .build(Maker(target))
            .map_err(Error::unavailable)?;
        Ok(Pool(pool))
    }

    /// Connections open, and idle among them.
    pub fn counts(&self) -> (u32, u32) {
        let state = self.0.state();
        (state.connections, state.idle_connections)
    }

    /// A connection with a transaction begun by this statement.
    pub fn begin(&self, sql: &str) -> Result<Lent> {
        // After a restart of the server every idle connection is dead: each failed BEGIN throws one away.
        let mut tries = SIZE + 1;
        loop {
            let mut slot = self.0.get().map_err(Error::unavailable)?;
            match begin(&mut slot.db, sql) {
                Ok(()) => {
                    // Until its transaction is settled: a panic must not give an open transaction back.
                    slot.broken = true;
                    return Ok(slot);
                }
                Err(error) if tries == 0 => return Err(Error::unavailable(error)),
                Err(_) => slot.broken = true,
            }
            tries -= 1;
        }
    }
}

pub(super) struct Maker(Target);

impl r2d2::ManageConnection for Maker {
    type Connection = Slot;
    type Error = Error;

    fn connect(&self) -> Result<Slot> {
        let db = fault::patiently(|| connect(&self.0, true))?;
        Ok(Slot { db, broken: false })
    }
    fn is_valid(&self, slot: &mut Slot) -> Result<()> {
        slot.db.batch_execute("SELECT 1")?;
        Ok(())
    }
    fn has_broken(&self, slot: &mut Slot) -> bool {
        slot.broken
    }
}

/// Connects by scheme. diesel's own `establish` tries each engine in turn and would take a mistyped PostgreSQL
/// address for the name of a SQLite file.
pub(super) fn connect(target: &Target, read_only: bool) -> Result<Db> {
    match target {
        Target::Postgres(url) => {
            let mut connection = PgConnection::establish(url).map_err(|e| {
                Error::new(
                    Code::Unavailable,
                    "the PostgreSQL server does not answer, or refuses us",
                )
                .because(e)
            })?;
            // Messages in English (faults are read from them); timestamps are UTC by our own hand.
            connection
                .batch_execute("SET lc_messages TO 'C'")
                .or_else(|_| connection.batch_execute("SELECT 1"))?;
            connection.batch_execute("SET client_min_messages TO warning")?;
            Ok(Db::Pg(connection))
        }
        Target::Sqlite(path) => {
            let path = path
                .to_str()
                .ok_or_else(|| Error::invalid("database", "the path must be UTF-8"))?;
            // diesel reads `file:` names as URIs; ours is always a path.
            let path = if path.starts_with("file:") {
                format!("./{path}")
            } else {
                path.to_owned()
            };
            let mut connection = SqliteConnection::establish(&path).map_err(|e| {
                Error::new(
                    Code::Unavailable,
                    format!("the file {path} cannot be opened"),
                )
                .because(e)
            })?;
            set_up(&mut connection, read_only)?;
            Ok(Db::Sqlite(connection))
        }
    }
}

#[derive(QueryableByName)]
struct Mode {
    #[diesel(sql_type = Text)]
    journal_mode: String,
}

fn set_up(connection: &mut SqliteConnection, read_only: bool) -> Result<()> {
    connection.batch_execute("PRAGMA busy_timeout = 5000")?;
    // Asked first: setting the mode takes a lock even when it is set already.
    let mode: Mode = diesel::sql_query("PRAGMA journal_mode").get_result(connection)?;
    if mode.journal_mode != "wal" {
        connection.batch_execute("PRAGMA journal_mode = WAL")?;
    }
    connection.batch_execute(
        "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -8000; PRAGMA temp_store = MEMORY;",
    )?;
    connection.batch_execute(if read_only {
        "PRAGMA query_only = ON"
    } else {
        // A slice of an import touches many pages of many indexes: it should not spill, nor be copied from the log
        // into the file after every commit.
        "PRAGMA cache_size = -32000; PRAGMA wal_autocheckpoint = 4000"
    })?;
    Ok(())
}
