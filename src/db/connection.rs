//! The connection to either engine.

#![allow(
    missing_docs,
    reason = "the derive makes public items without documentation"
)]

use diesel::pg::PgConnection;
use diesel::sqlite::SqliteConnection;

/// One connection to either engine.
#[derive(diesel::MultiConnection)]
pub enum Db {
    /// PostgreSQL 13 or later.
    Pg(PgConnection),
    /// SQLite, compiled in.
    Sqlite(SqliteConnection),
}
