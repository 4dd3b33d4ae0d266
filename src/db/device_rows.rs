//! Devices as lists and pages read them: filters, order, keyset pages, one row per device and reader.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use chrono::NaiveDateTime;
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Bool, Text, Timestamp};

use super::device_filter::{Count, Way, by_place, by_word, narrow, unused};
pub use super::device_filter::{Filter, Word, is_common};
use super::sql::{Bind, Sql};
use super::{Db, Engine, Scope};
use crate::error::Result;

/// A device in the book its reader sees.
#[derive(Debug, Clone, QueryableByName)]
pub struct Row {
    /// Device id.
    #[diesel(sql_type = Text)]
    pub device: String,
    /// Tag.
    #[diesel(sql_type = Text)]
    pub tag: String,
    /// Organisation id of the book.
    #[diesel(sql_type = Text)]
    pub org: String,
    /// Book index.
    #[diesel(sql_type = BigInt)]
    pub book: i64,
    /// It is the present owner's.
    #[diesel(sql_type = Bool)]
    pub current: bool,
    /// Version of the device.
    #[diesel(sql_type = BigInt)]
    pub version: i64,
    /// Last change of what this reader sees.
    #[diesel(sql_type = Timestamp)]
    pub updated_at: NaiveDateTime,
    /// Projected state, JSON.
    #[diesel(sql_type = Text)]
    pub state: String,
    /// Value of the sort key, as text.
    #[diesel(sql_type = Text)]
    pub sort_key: String,
}

/// Orders of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// By tag.
    Tag,
    /// By name.
    Name,
    /// By day of acquisition.
    AcquiredOn,
    /// By last change.
    UpdatedAt,
}

impl Sort {
    /// The expression sorted by; never null, so that a keyset page misses nothing.
    fn expression(self) -> &'static str {
        match self {
            Sort::Tag => "b.tag",
            Sort::Name => "COALESCE(b.name, '')",
            Sort::AcquiredOn => "COALESCE(CAST(b.acquired_on AS TEXT), '')",
            Sort::UpdatedAt => "CAST(b.updated_at AS TEXT)",
        }
    }
    /// What is compared and put in order: the bare column where it has an index and is never null.
    fn column(self) -> &'static str {
        match self {
            Sort::UpdatedAt => "b.updated_at",
            other => other.expression(),
        }
    }
}

const SELECT: &str =
    "SELECT b.device, b.tag, b.org, b.book, b.current, d.version, b.updated_at, b.state, ";

/// One page, in order, after a sort key and device id.
///
/// # Errors
/// Those of the database.
pub fn page(
    db: &mut Db,
    scope: &Scope,
    filter: &Filter,
    (sort, descending): (Sort, bool),
    after: Option<(&str, &str)>,
    limit: i64,
) -> Result<Vec<Row>> {
    page_sql(
        Engine::of(db),
        scope,
        filter,
        (sort, descending),
        after,
        limit,
    )
    .load(db)
}

/// The statement of [`page`], for query plans.
pub fn page_sql(
    engine: Engine,
    scope: &Scope,
    filter: &Filter,
    (sort, descending): (Sort, bool),
    after: Option<(&str, &str)>,
    limit: i64,
) -> Sql {
    let key = sort.column();
    let mut sql = Sql::new(SELECT);
    sql.push(sort.expression())
        .push(" AS sort_key FROM books b JOIN devices d ON d.id = b.device WHERE ");
    narrow(&mut sql, engine, scope, filter, Way::List);
    let (than, order) = if descending {
        ("<", "DESC")
    } else {
        (">", "ASC")
    };
    if let Some((value, device)) = after {
        // Tags are unique: one comparison, which the index answers.
        if sort == Sort::Tag {
            sql.push(" AND b.tag ")
                .push(than)
                .push(" ")
                .bind(Bind::Text(value.to_owned()));
        } else if sort == Sort::UpdatedAt {
            // Both at once, so that the index leads to where the page begins.
            sql.push(" AND (b.updated_at, b.device) ").push(than);
            sql.push(match engine {
                Engine::Sqlite => " (",
                Engine::Postgres => " (CAST(",
            });
            sql.bind(Bind::Text(value.to_owned())).push(match engine {
                Engine::Sqlite => ", ",
                Engine::Postgres => " AS TIMESTAMP), ",
            });
            sql.bind(Bind::Text(device.to_owned())).push(")");
        } else {
            sql.push(" AND (")
                .push(key)
                .push(" ")
                .push(than)
                .push(" ")
                .bind(Bind::Text(value.to_owned()));
            sql.push(" OR (")
                .push(key)
                .push(" = ")
                .bind(Bind::Text(value.to_owned()));
            sql.push(" AND b.device ")
                .push(than)
                .push(" ")
                .bind(Bind::Text(device.to_owned()))
                .push("))");
        }
    }
    // Few rows are put in order after they are found; the index of the order would lead past all the others.
    let found = sort == Sort::UpdatedAt && (by_word(filter) || by_place(filter));
    sql.push(" ORDER BY ").push(unused(engine, found));
    sql.push(key).push(" ").push(order);
    if sort != Sort::Tag {
        sql.push(", b.device ").push(order);
    }
    sql.push(" LIMIT ").number(limit);
    sql
}

/// How many there are, counted no further than `cap`.
///
/// # Errors
/// Those of the database.
pub fn count(db: &mut Db, scope: &Scope, filter: &Filter, cap: i64) -> Result<i64> {
    let mut sql = Sql::new("SELECT COUNT(*) AS n FROM (SELECT 1 AS one FROM books b WHERE ");
    narrow(&mut sql, Engine::of(db), scope, filter, Way::Count);
    sql.push(" LIMIT ").number(cap).push(") AS found");
    Ok(sql.load::<Count>(db)?.pop().map_or(0, |c| c.n))
}

/// The rows of devices, each in the book a reader of this scope sees.
///
/// # Errors
/// Those of the database.
pub fn of_devices(db: &mut Db, scope: &Scope, ids: &[String]) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for some in ids.chunks(500) {
        let mut sql = Sql::new(SELECT);
        sql.push(
            "b.tag AS sort_key FROM books b JOIN devices d ON d.id = b.device WHERE b.device IN ",
        )
        .list(some);
        sql.push(" AND (b.current = ")
            .bind(Bind::Bool(true))
            .push(" OR b.shown = ")
            .bind(Bind::Bool(true))
            .push(")");
        let found: Vec<Row> = sql.load(db)?;
        for row in found.into_iter().filter(|r| scope.holds(&r.org)) {
            keep_nearest(&mut rows, row);
        }
    }
    Ok(rows)
}

/// One row per device: the present owner's, else the last of its former owners in scope.
fn keep_nearest(rows: &mut Vec<Row>, row: Row) {
    match rows.iter_mut().find(|r| r.device == row.device) {
        Some(kept) if nearer(&row, kept) => *kept = row,
        Some(_) => {}
        None => rows.push(row),
    }
}

/// Whether a reader of both sees this row rather than the other.
fn nearer(row: &Row, other: &Row) -> bool {
    row.current || (!other.current && row.book > other.book)
}

/// The row behind a tag, and the winner's when it was merged. Scope is the caller's to check with [`Scope::holds`].
///
/// # Errors
/// Those of the database.
pub fn by_tag(db: &mut Db, scope: &Scope, tag_fold: &str) -> Result<Option<Row>> {
    let mut sql = Sql::new(SELECT);
    sql.push(
        "b.tag AS sort_key FROM devices d JOIN books b ON b.device = d.id WHERE d.tag_fold = ",
    )
    .bind(Bind::Text(tag_fold.to_owned()));
    let mut rows = Vec::new();
    for row in sql
        .load::<Row>(db)?
        .into_iter()
        .filter(|r| scope.holds(&r.org))
    {
        keep_nearest(&mut rows, row);
    }
    Ok(rows.pop())
}

/// The rows behind folded tags, in no order: [`by_tag`] for many.
///
/// # Errors
/// Those of the database.
pub fn by_tags(db: &mut Db, scope: &Scope, tag_folds: &[String]) -> Result<Vec<Row>> {
    let mut kept: HashMap<String, Row> = HashMap::new();
    for some in tag_folds.chunks(500) {
        let mut sql = Sql::new(SELECT);
        sql.push(
            "b.tag AS sort_key FROM devices d JOIN books b ON b.device = d.id WHERE d.tag_fold IN ",
        )
        .list(some);
        let found: Vec<Row> = sql.load(db)?;
        for row in found.into_iter().filter(|r| scope.holds(&r.org)) {
            match kept.entry(row.device.clone()) {
                Entry::Occupied(mut other) if nearer(&row, other.get()) => {
                    other.insert(row);
                }
                Entry::Occupied(_) => {}
                Entry::Vacant(place) => {
                    place.insert(row);
                }
            }
        }
    }
    Ok(kept.into_values().collect())
}
