//! The store: one code base on SQLite and PostgreSQL.
//!
//! [`Store`] hands out read snapshots and write transactions over [`Db`]; nothing above this floor sees diesel.
//! Statements go through `&mut Db` (diesel DSL, or `sql_query` with `$1` binds, which both engines take as long as
//! `$1`, `$2`… first appear in that order: SQLite counts them as they come);
//! what the combined connection refuses lives in [`bulk`], nowhere else.

pub mod accounts;
pub mod actors;
pub mod attachments;
pub mod audit;
pub mod books;
pub mod bulk;
pub mod checkpoint;
mod compare;
mod connection;
pub mod decisions;
pub mod device_counts;
mod device_filter;
pub mod device_rows;
pub mod devices;
pub mod dump;
pub mod entries;
pub mod event_keys;
pub mod events;
pub mod exports;
pub mod facts;
pub mod fault;
pub mod idempotency;
pub mod imports;
pub mod known;
pub mod lease;
pub mod migrate;
pub mod operations;
pub mod organisations;
pub mod outbox;
mod pool;
pub mod purchases;
pub mod readings;
pub mod restore;
pub mod schema;
pub mod scope;
pub mod secrets;
pub mod sessions;
pub mod sql;
pub mod stamp;
pub mod today;
pub mod tokens;
pub mod verify;
mod verify_files;
mod verify_tables;
pub mod views;
mod writer;

use std::path::PathBuf;
use std::sync::Arc;

pub use connection::{Db, MultiBackend};
pub use scope::Scope;
pub use writer::Lane;

use crate::error::{Code, Error, Result};
use fault::Loss;
use pool::Pool;
use writer::Writer;

/// Which engine answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A file beside the program.
    Sqlite,
    /// A server, shared by several instances.
    Postgres,
}

impl Engine {
    /// The engine behind a connection, for the few statements that differ.
    pub fn of(db: &Db) -> Engine {
        match db {
            Db::Sqlite(_) => Engine::Sqlite,
            Db::Pg(_) => Engine::Postgres,
        }
    }
}

/// Where the data is, read from a URL. Unknown schemes are refused rather than taken for the name of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Target {
    Sqlite(PathBuf),
    Postgres(String),
}

impl Target {
    fn parse(url: &str) -> Result<Target> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Target::Postgres(url.to_owned()));
        }
        match url.strip_prefix("sqlite://") {
            Some(path)
                if !path.is_empty() && !path.ends_with('/') && !path.contains(['\0', '?']) =>
            {
                Ok(Target::Sqlite(PathBuf::from(path)))
            }
            _ => Err(Error::new(
                Code::InvalidValue,
                "the database is given as sqlite://PATH, sqlite:///ABSOLUTE/PATH or postgres://…; nothing else is taken",
            )
            .with_field("database")),
        }
    }
}

/// The open store. Cheap to clone; the last clone closes it.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    target: Target,
    pool: Pool,
    /// SQLite only: the one thread that writes.
    writer: Option<Writer>,
}

/// How often a PostgreSQL transaction that lost to another is tried again.
const ATTEMPTS: u32 = 12;

impl Store {
    /// Opens the store by the scheme of its URL, migrates it when asked (else refuses one that is behind), and makes
    /// the organisation `main` when there is none. A SQLite file is created, with its folder, only when `migrate` is set.
    ///
    /// # Errors
    /// `invalid_value` for a URL of another scheme; `unavailable` when the database does not answer or is behind.
    pub fn open(url: &str, migrate: bool) -> Result<Store> {
        let target = Target::parse(url)?;
        if let Target::Sqlite(path) = &target {
            prepare_file(path, migrate)?;
        }
        // Once before any pool: a wrong address is said at once, not after thirty seconds of retries.
        let mut first = fault::patiently(|| pool::connect(&target, false))?;
        if migrate {
            migrate::run(&mut first)?;
        } else {
            migrate::check(&mut first)?;
        }
        drop(first);
        let writer = match &target {
            Target::Sqlite(_) => Some(Writer::start(target.clone())?),
            Target::Postgres(_) => None,
        };
        let pool = Pool::open(target.clone())?;
        let store = Store(Arc::new(Inner {
            target,
            pool,
            writer,
        }));
        migrate::found_main(&store)?;
        Ok(store)
    }

    /// Which engine answers.
    pub fn engine(&self) -> Engine {
        match self.0.target {
            Target::Sqlite(_) => Engine::Sqlite,
            Target::Postgres(_) => Engine::Postgres,
        }
    }

    /// The file of a SQLite store, for what is kept beside it.
    pub fn file(&self) -> Option<&std::path::Path> {
        match &self.0.target {
            Target::Sqlite(path) => Some(path),
            Target::Postgres(_) => None,
        }
    }

    /// What a monitor watches: connections open and idle, writes waiting for the one writer (SQLite).
    pub fn gauges(&self) -> Vec<(&'static str, f64)> {
        let (open, idle) = self.0.pool.counts();
        let mut gauges = vec![
            ("reparc_db_connections", f64::from(open)),
            ("reparc_db_connections_idle", f64::from(idle)),
        ];
        if let Some(writer) = &self.0.writer {
            gauges.push(("reparc_writer_queue", writer.waiting()));
        }
        gauges
    }

    /// A connection of its own, outside pool and writer, for what is no ordinary transaction: copying, restoring.
    ///
    /// # Errors
    /// `unavailable` when the database does not answer.
    pub fn connection(&self) -> Result<Db> {
        fault::patiently(|| pool::connect(&self.0.target, false))
    }

    /// One read transaction over one snapshot. Nothing can be written in it.
    ///
    /// # Errors
    /// Those of `f`; `unavailable` when no connection is to be had.
    pub fn read<T>(&self, f: impl FnOnce(&mut Db) -> Result<T>) -> Result<T> {
        let mut slot = self.0.pool.begin(match self.engine() {
            Engine::Sqlite => "BEGIN DEFERRED",
            Engine::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        })?;
        let out = f(&mut slot.db);
        // Nothing to keep either way; a rollback also ends a snapshot that an error has spoiled.
        slot.broken = rollback(&mut slot.db).is_err();
        out
    }

    /// One write transaction. `f` may run more than once (a lost race, a lost group): no effects outside the database.
    ///
    /// SQLite: a job of the one writer thread, see [`writer`]. PostgreSQL: a transaction of its own at READ COMMITTED.
    /// That level is enough and retries least: every change of a device begins with the row lock
    /// `UPDATE devices SET version = version + 1 … RETURNING`, so what is read after it is the latest committed, and
    /// reference rows are changed by `UPDATE … WHERE version = …`: no update can be lost.
    ///
    /// # Errors
    /// Those of `f`; `unavailable` when the store stays busy or away.
    pub fn write<T: Send + 'static>(
        &self,
        lane: Lane,
        mut f: impl FnMut(&mut Db) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        match &self.0.writer {
            Some(writer) => writer.submit(lane, f),
            None => self.write_postgres(&mut f),
        }
    }

    fn write_postgres<T>(&self, f: &mut dyn FnMut(&mut Db) -> Result<T>) -> Result<T> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            let mut slot = self.0.pool.begin("BEGIN ISOLATION LEVEL READ COMMITTED")?;
            let out = f(&mut slot.db);
            let out = match out {
                Ok(value) => match commit(&mut slot.db) {
                    Ok(()) => {
                        slot.broken = false;
                        return Ok(value);
                    }
                    // A connection lost at commit leaves the outcome unknown: never run twice.
                    Err(error) if fault::loss(&error) == Loss::Away => return Err(error),
                    Err(error) => Err(error),
                },
                Err(error) => {
                    slot.broken = rollback(&mut slot.db).is_err();
                    Err(error)
                }
            };
            drop(slot);
            match out {
                Err(error) if fault::loss(&error) != Loss::None && attempt < ATTEMPTS => {
                    fault::pause(attempt);
                }
                out => return out,
            }
        }
    }
}

/// Runs `f` inside a savepoint: what it wrote is undone when it fails, and the transaction goes on. The one place
/// for "insert, then see whether it was there" (PostgreSQL ends a transaction at the first error, SQLite does not).
///
/// # Errors
/// Those of `f`.
pub fn savepoint<T>(db: &mut Db, f: impl FnOnce(&mut Db) -> Result<T>) -> Result<T> {
    diesel::Connection::transaction(db, f)
}

/// A new id: UUIDv7, so that ids of one process sort by time of making.
pub fn new_id() -> String {
    uuid::Uuid::now_v7().to_string()
}

/// A random salt of 128 bits, in hex.
pub fn new_salt() -> String {
    format!("{:032x}", rand::random::<u128>())
}

/// SHA-256 in lower-case hex.
pub fn sha256_hex(parts: &[&[u8]]) -> String {
    use sha2::{Digest, Sha256};
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    let mut out = String::with_capacity(64);
    for byte in hasher.finalize() {
        for nibble in [byte >> 4, byte & 15] {
            out.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
        }
    }
    out
}

fn begin(db: &mut Db, sql: &str) -> Result<()> {
    use diesel::connection::AnsiTransactionManager as Manager;
    match db {
        Db::Pg(c) => Manager::begin_transaction_sql(c, sql)?,
        Db::Sqlite(c) => Manager::begin_transaction_sql(c, sql)?,
    }
    Ok(())
}

fn commit(db: &mut Db) -> Result<()> {
    use diesel::connection::{AnsiTransactionManager as Manager, TransactionManager as _};
    match db {
        Db::Pg(c) => Manager::commit_transaction(c)?,
        Db::Sqlite(c) => Manager::commit_transaction(c)?,
    }
    Ok(())
}

fn rollback(db: &mut Db) -> Result<()> {
    use diesel::connection::{AnsiTransactionManager as Manager, TransactionManager as _};
    match db {
        Db::Pg(c) => Manager::rollback_transaction(c)?,
        Db::Sqlite(c) => Manager::rollback_transaction(c)?,
    }
    Ok(())
}

/// Refuses a missing file unless it may be made, and makes its folder.
fn prepare_file(path: &std::path::Path, create: bool) -> Result<()> {
    if path.exists() {
        return Ok(());
    }
    if !create {
        return Err(Error::new(
            Code::Unavailable,
            format!(
                "there is no database at {}; run `reparc migrate` to make it",
                path.display()
            ),
        ));
    }
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => {
            std::fs::create_dir_all(folder).map_err(|e| {
                Error::new(
                    Code::Unavailable,
                    format!("the folder {} cannot be made", folder.display()),
                )
                .because(e)
            })
        }
        _ => Ok(()),
    }
}
