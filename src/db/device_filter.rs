//! What narrows a list of devices, as SQL: whose they are, what they are like, which words find them; and which way the
//! database is to take to them.

use chrono::NaiveDate;
use diesel::QueryableByName;
use diesel::sql_types::BigInt;

use super::sql::{Bind, Sql};
use super::{Db, Engine, Scope};
use crate::error::Result;

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

#[derive(QueryableByName)]
pub(super) struct Count {
    #[diesel(sql_type = BigInt)]
    pub(super) n: i64,
}

/// What the rows are wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// The first ones of an order: its index leads to them.
    List,
    /// All of them, by their number.
    Count,
}

/// A word that few devices have leads to them.
pub(super) fn by_word(filter: &Filter) -> bool {
    filter.as_of.is_none() && filter.words.iter().any(|word| !word.common)
}

/// A holder, a place or a model leads to its few devices.
pub(super) fn by_place(filter: &Filter) -> bool {
    let places = filter.states.iter().map(|(column, _)| *column);
    let columns = filter.columns.iter().map(|(column, _)| *column);
    places.chain(columns).any(|c| NARROW.contains(&c))
}

/// Keeps SQLite, which knows no numbers of rows, from taking the index of a column: `+` before it. PostgreSQL has
/// its statistics.
pub(super) fn unused(engine: Engine, unused: bool) -> &'static str {
    if unused && engine == Engine::Sqlite {
        "+"
    } else {
        ""
    }
}

/// Adds the conditions of a filter to a statement over `books b`.
pub(super) fn narrow(sql: &mut Sql, engine: Engine, scope: &Scope, filter: &Filter, way: Way) {
    // Counted under a common word, all rows are walked over: the index that holds every column needed is the one.
    let walked = way == Way::Count
        && filter.as_of.is_none()
        && scope.orgs().is_none()
        && !filter.words.is_empty();
    match filter.as_of {
        None => now(sql, engine, scope, filter, way),
        Some(day) => then(sql, scope, filter, day),
    }
    if !filter.withdrawn {
        sql.push(" AND ").push(unused(engine, walked));
        sql.push("b.withdrawn = ").bind(Bind::Bool(false));
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
        // Where all are counted, none is better looked for on the way.
        let each = word.common && filter.as_of.is_none() && way == Way::List;
        prefix(sql, engine, scope, word, each);
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
fn now(sql: &mut Sql, engine: Engine, scope: &Scope, filter: &Filter, way: Way) {
    let place = by_place(filter);
    let word = unused(engine, by_word(filter) && !place);
    match scope.orgs() {
        None => {
            let words = !filter.words.is_empty();
            sql.push(unused(engine, words && !place));
            sql.push("b.current = ").bind(Bind::Bool(true));
            // What is current is shown; said where an index begins with it.
            if place || word.is_empty() && (words || way == Way::List) {
                sql.push(" AND b.shown = ").bind(Bind::Bool(true));
            }
        }
        Some([org]) => {
            sql.push(word)
                .push("b.org = ")
                .bind(Bind::Text(org.clone()))
                .push(" AND ")
                .push(word)
                .push("b.shown = ")
                .bind(Bind::Bool(true));
        }
        Some(orgs) => {
            sql.push(word)
                .push("b.shown = ")
                .bind(Bind::Bool(true))
                .push(" AND ");
            // One order over several owners: its index is walked over, rather than all their rows put in order.
            let listed = way == Way::List && !place;
            sql.push(if word.is_empty() {
                unused(engine, listed)
            } else {
                word
            });
            sql.push("b.org IN ").list(orgs);
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

fn prefix(sql: &mut Sql, engine: Engine, scope: &Scope, word: &Word, each: bool) {
    if each {
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
