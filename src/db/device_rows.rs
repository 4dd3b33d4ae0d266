//! Devices as lists and pages read them: filters, order, keyset pages, one row per device and reader.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Bool, Text, Timestamp};

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
}

/// What a list is narrowed by. Ids where the caller gave keys; empty lists narrow nothing.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// What is searched for: every word must be found.
    pub words: Vec<Word>,
    /// Columns of the state and the values they may have.
    pub states: Vec<(&'static str, Vec<String>)>,
    /// Columns of the description and the values they may have.
    pub columns: Vec<(&'static str, Vec<String>)>,
    /// Days: column, from, to (inclusive).
    pub days: Vec<(&'static str, Option<NaiveDate>, Option<NaiveDate>)>,
    /// Custom fields: key and value.
    pub extra: Vec<(String, String)>,
    /// State at the end of this day.
    pub as_of: Option<NaiveDate>,
    /// Withdrawn ones too.
    pub withdrawn: bool,
}

/// A word of a search, folded: the beginning of a term of the device, or of a name of one of these holders.
#[derive(Debug, Clone, Default)]
pub struct Word {
    /// The word.
    pub text: String,
    /// Ids of people with such a name.
    pub holders: Vec<String>,
    /// So many devices have it that it is better looked for in each row than the rows by it ([`is_common`]).
    pub common: bool,
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
    let key = sort.expression();
    let mut sql = Sql::new(SELECT);
    sql.push(key)
        .push(" AS sort_key FROM books b JOIN devices d ON d.id = b.device WHERE ");
    narrow(&mut sql, engine, scope, filter);
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
    sql.push(" ORDER BY ").push(key).push(" ").push(order);
    if sort != Sort::Tag {
        sql.push(", b.device ").push(order);
    }
    sql.push(" LIMIT ").number(limit);
    sql
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// How many there are, counted no further than `cap`.
///
/// # Errors
/// Those of the database.
pub fn count(db: &mut Db, scope: &Scope, filter: &Filter, cap: i64) -> Result<i64> {
    let mut sql = Sql::new("SELECT COUNT(*) AS n FROM (SELECT 1 AS one FROM books b WHERE ");
    narrow(&mut sql, Engine::of(db), scope, filter);
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

/// Adds the conditions of a filter to a statement over `books b`.
pub(super) fn narrow(sql: &mut Sql, engine: Engine, scope: &Scope, filter: &Filter) {
    match filter.as_of {
        None => now(sql, scope, filter),
        Some(day) => then(sql, scope, filter, day),
    }
    if !filter.withdrawn {
        sql.push(" AND b.withdrawn = ").bind(Bind::Bool(false));
    }
    for (column, values) in &filter.columns {
        sql.push(" AND b.").push(column).push(" IN ").list(values);
    }
    for (column, from, to) in &filter.days {
        for (than, day) in [(">=", from), ("<=", to)] {
            if let Some(day) = day {
                sql.push(" AND b.")
                    .push(column)
                    .push(" ")
                    .push(than)
                    .push(" ")
                    .bind(Bind::Day(*day));
            }
        }
    }
    for word in &filter.words {
        prefix(sql, engine, scope, word, filter.as_of.is_some());
    }
    for (key, value) in &filter.extra {
        match engine {
            Engine::Sqlite => {
                sql.push(" AND CAST(json_extract(b.state, ")
                    .bind(Bind::Text(format!("$.described.extra.\"{key}\"")))
                    .push(") AS TEXT) = ");
            }
            Engine::Postgres => {
                sql.push(" AND (CAST(b.state AS JSON) -> 'described' -> 'extra' ->> ")
                    .bind(Bind::Text(key.clone()))
                    .push(") = ");
            }
        }
        sql.bind(Bind::Text(value.clone()));
    }
}

/// Columns with an index that goes on with `shown`.
const NARROW: [&str; 3] = ["holder", "site", "model"];

/// The rows of now.
fn now(sql: &mut Sql, scope: &Scope, filter: &Filter) {
    match scope.orgs() {
        None => {
            sql.push("b.current = ").bind(Bind::Bool(true));
            // What is current is shown; said where it leads to the few rows of a holder, a place or a model.
            let places = filter.states.iter().map(|(column, _)| *column);
            let columns = filter.columns.iter().map(|(column, _)| *column);
            if places.chain(columns).any(|c| NARROW.contains(&c)) {
                sql.push(" AND b.shown = ").bind(Bind::Bool(true));
            }
        }
        Some([org]) => {
            sql.push("b.org = ")
                .bind(Bind::Text(org.clone()))
                .push(" AND b.shown = ")
                .bind(Bind::Bool(true));
        }
        Some(orgs) => {
            sql.push("b.shown = ")
                .bind(Bind::Bool(true))
                .push(" AND b.org IN ")
                .list(orgs);
            sql.push(" AND (b.current = ").bind(Bind::Bool(true));
            // A giver's gone row shows only when no later owner is in scope.
            sql.push(" OR NOT EXISTS (SELECT 1 FROM books later WHERE later.device = b.device AND later.book > b.book AND later.org IN ");
            sql.list(orgs).push("))");
        }
    }
    for (column, values) in &filter.states {
        sql.push(" AND b.").push(column).push(" IN ").list(values);
    }
}

/// The rows at the end of a day: the last book in scope that has a spell on it.
fn then(sql: &mut Sql, scope: &Scope, filter: &Filter, day: NaiveDate) {
    let on_day = |sql: &mut Sql, s: &str| {
        sql.push(s).push(".valid_from <= ").bind(Bind::Day(day));
        sql.push(" AND (")
            .push(s)
            .push(".valid_to IS NULL OR ")
            .push(s)
            .push(".valid_to > ")
            .bind(Bind::Day(day))
            .push(")");
        if let Some(orgs) = scope.orgs() {
            sql.push(" AND ").push(s).push(".org IN ").list(orgs);
        }
    };
    sql.push("EXISTS (SELECT 1 FROM spells s WHERE s.device = b.device AND s.book = b.book AND ");
    on_day(sql, "s");
    for (column, values) in &filter.states {
        sql.push(" AND s.").push(column).push(" IN ").list(values);
    }
    sql.push(") AND NOT EXISTS (SELECT 1 FROM spells later WHERE later.device = b.device AND later.book > b.book AND ");
    on_day(sql, "later");
    sql.push(")");
}

/// Devices from which on a word is common.
const COMMON: i64 = 2_000;

/// Whether a word is the beginning of a term of very many devices. Looks at no more terms than it takes to know.
///
/// # Errors
/// Those of the database.
pub fn is_common(db: &mut Db, word: &str) -> Result<bool> {
    let mut sql = Sql::new("SELECT COUNT(*) AS n FROM (SELECT 1 AS one FROM terms t WHERE ");
    begins(&mut sql, word);
    sql.push(" LIMIT ").number(COMMON).push(") AS found");
    Ok(sql.load::<Count>(db)?.pop().is_some_and(|c| c.n >= COMMON))
}

fn begins(sql: &mut Sql, word: &str) {
    sql.push("t.term >= ")
        .bind(Bind::Text(word.to_owned()))
        .push(" AND t.term < ")
        .bind(Bind::Text(format!("{word}\u{10ffff}")));
}

fn prefix(sql: &mut Sql, engine: Engine, scope: &Scope, word: &Word, past: bool) {
    if word.common && !past {
        // The terms of a row stand one on a line.
        sql.push(match engine {
            Engine::Sqlite => " AND (instr('\n' || b.terms, ",
            Engine::Postgres => " AND (strpos('\n' || b.terms, ",
        });
        sql.bind(Bind::Text(format!("\n{}", word.text)))
            .push(") > 0");
    } else {
        sql.push(" AND (b.device IN (SELECT t.device FROM terms t WHERE ");
        begins(sql, &word.text);
        if let Some(orgs) = scope.orgs() {
            sql.push(" AND t.org IN ").list(orgs);
        }
        sql.push(")");
    }
    if !word.holders.is_empty() {
        sql.push(" OR b.holder IN ").list(&word.holders);
    }
    sql.push(")");
}
