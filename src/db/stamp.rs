//! What tells a changed catalogue, asked by every request: cheap, and inside the asking transaction.
//!
//! On SQLite it is the `user_version` of the file, a number in its first page, set by chance with each change: it goes
//! back with a transaction that is undone, and two changes of one state never look alike. On PostgreSQL, where two
//! transactions may change the catalogue side by side, it is read from the rows, by the index `entries_stamp`.

use chrono::NaiveDateTime;
use diesel::QueryableByName;
use diesel::connection::SimpleConnection;
use diesel::sql_types::{BigInt, Nullable, Timestamp};

use super::Db;
use super::sql::Sql;
use crate::domain::entry::EntryKind;
use crate::error::{Error, Result};

/// Differs after any change of a category or a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stamp {
    /// The number in the file.
    File(i64),
    /// Rows, the sum of their versions and the last change. The sum rises with each change; the instant tells two
    /// changes apart that were made on the same state in two transactions, one of which was undone.
    Rows(i64, Option<i64>, Option<NaiveDateTime>),
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    user_version: i64,
}

#[derive(QueryableByName)]
struct Sums {
    #[diesel(sql_type = BigInt)]
    rows: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    versions: Option<i64>,
    #[diesel(sql_type = Nullable<Timestamp>)]
    last: Option<NaiveDateTime>,
}

const SUMS: &str = "SELECT COUNT(*) AS rows, CAST(SUM(version) AS BIGINT) AS versions, MAX(recorded_at) AS last \
                    FROM entries WHERE kind IN ";

/// The stamp as this transaction sees it.
///
/// # Errors
/// Those of the database.
pub fn of_catalogue(db: &mut Db) -> Result<Stamp> {
    let stamp = match db {
        Db::Sqlite(_) => Sql::new("PRAGMA user_version")
            .load::<Number>(db)?
            .pop()
            .map(|n| Stamp::File(n.user_version)),
        Db::Pg(_) => {
            let mut sql = Sql::new(SUMS);
            sql.list(&CATALOGUE.map(|kind| kind.as_str().to_owned()));
            sql.load::<Sums>(db)?
                .pop()
                .map(|s| Stamp::Rows(s.rows, s.versions, s.last))
        }
    };
    stamp.ok_or_else(|| Error::internal("the catalogue has no stamp"))
}

const CATALOGUE: [EntryKind; 2] = [EntryKind::Category, EntryKind::Model];

/// Whether a row of this kind is of the catalogue.
pub(super) fn is_catalogue(kind: &str) -> bool {
    CATALOGUE.iter().any(|k| k.as_str() == kind)
}

/// After a change of the catalogue, in its transaction.
pub(super) fn renew(db: &mut Db) -> Result<()> {
    if let Db::Sqlite(_) = db {
        db.batch_execute(&format!("PRAGMA user_version = {}", rand::random::<i32>()))?;
    }
    Ok(())
}
