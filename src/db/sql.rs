//! SQL built from parts, with its binds. For lists whose filters vary; fixed statements are written out.

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::deserialize::FromSqlRow;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Bool, Date, Nullable, Text, Timestamp, Untyped};
use diesel::{QueryResult, RunQueryDsl};
use parking_lot::Mutex;

use super::{Db, MultiBackend};
use crate::error::Result;

/// A value of a placeholder.
#[derive(Debug, Clone)]
pub enum Bind {
    /// Text.
    Text(String),
    /// Integer.
    Int(i64),
    /// Day.
    Day(NaiveDate),
    /// Instant, UTC.
    Time(NaiveDateTime),
    /// Truth.
    Bool(bool),
    /// Text or nothing.
    MaybeText(Option<String>),
    /// Integer or nothing.
    MaybeInt(Option<i64>),
    /// Day or nothing.
    MaybeDay(Option<NaiveDate>),
    /// Instant or nothing.
    MaybeTime(Option<NaiveDateTime>),
}

/// A statement under construction. Values never become text of the statement.
#[derive(Debug, Clone, Default)]
pub struct Sql {
    text: String,
    /// The values, each with the place of the text where its placeholder stands.
    binds: Vec<(usize, Bind)>,
    /// Connections keep it prepared.
    kept: bool,
}

/// Values in a statement that is worth keeping prepared: a longer one lists what was asked, and hardly comes again.
const FEW: usize = 12;
/// Texts kept prepared by each connection at most: what people filter by varies, memory does not grow with it.
const KEPT: usize = 300;

/// Texts that connections keep prepared.
static PREPARED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

impl Sql {
    /// Begins with fixed text.
    pub fn new(text: &str) -> Sql {
        Sql {
            text: text.to_owned(),
            ..Sql::default()
        }
    }
    /// Adds fixed text.
    pub fn push(&mut self, text: &str) -> &mut Sql {
        self.text.push_str(text);
        self
    }
    /// Adds a placeholder and its value.
    pub fn bind(&mut self, value: Bind) -> &mut Sql {
        self.binds.push((self.text.len(), value));
        self
    }
    /// Adds a whole number as it is. SQLite plans by the value of a bound LIMIT, and so prepares a kept statement anew
    /// whenever one is bound.
    pub fn number(&mut self, value: i64) -> &mut Sql {
        self.push(&value.to_string())
    }
    /// Adds `($1, $2 …)`; a list that holds nothing matches nothing.
    pub fn list(&mut self, values: &[String]) -> &mut Sql {
        if values.is_empty() {
            return self.push("(NULL)");
        }
        self.push("(");
        for (i, value) in values.iter().enumerate() {
            if i > 0 {
                self.push(", ");
            }
            self.bind(Bind::Text(value.clone()));
        }
        self.push(")")
    }
    /// The statement with its placeholders, for query plans.
    pub fn text(&self) -> String {
        let mut text = String::with_capacity(self.text.len() + 3 * self.binds.len());
        for (i, (piece, _)) in self.pieces().enumerate() {
            if i > 0 {
                text.push_str(&format!("${i}"));
            }
            text.push_str(piece);
        }
        text
    }
    /// The texts between the placeholders, each with the value that stands after it.
    fn pieces(&self) -> impl Iterator<Item = (&str, Option<&Bind>)> {
        let mut from = 0;
        let ends = self.binds.iter().map(|(at, bind)| (*at, Some(bind)));
        ends.chain([(self.text.len(), None)])
            .map(move |(to, bind)| {
                let piece = self.text.get(from..to).unwrap_or_default();
                from = to;
                (piece, bind)
            })
    }
    /// Whether it is worth keeping: preparing costs more than most lookups.
    fn worth_keeping(&self) -> bool {
        if self.binds.len() > FEW {
            return false;
        }
        let mut prepared = PREPARED.lock();
        if prepared.contains(&self.text) {
            return true;
        }
        prepared.len() < KEPT && prepared.insert(self.text.clone())
    }
    /// Runs it and reads its rows.
    ///
    /// # Errors
    /// Those of the database.
    pub fn load<Row>(mut self, db: &mut Db) -> Result<Vec<Row>>
    where
        Row: diesel::deserialize::QueryableByName<MultiBackend>
            + FromSqlRow<Untyped, MultiBackend>
            + 'static,
    {
        self.kept = self.worth_keeping();
        Ok(RunQueryDsl::load(self, db)?)
    }
    /// Runs it; gives how many rows it touched. What is kept of it is found again by its text, where diesel prepares
    /// every update anew.
    ///
    /// # Errors
    /// Those of the database.
    pub fn execute(mut self, db: &mut Db) -> Result<usize> {
        self.kept = self.worth_keeping();
        Ok(RunQueryDsl::execute(self, db)?)
    }
    /// `UPDATE table SET …` of these columns; what follows is the caller's.
    pub fn update(table: &str, set: Vec<(&'static str, Bind)>) -> Sql {
        let mut sql = Sql::new("UPDATE ");
        sql.push(table);
        for (i, (column, value)) in set.into_iter().enumerate() {
            sql.push(if i == 0 { " SET \"" } else { ", \"" })
                .push(column)
                .push("\" = ")
                .bind(value);
        }
        sql
    }
}

impl QueryFragment<MultiBackend> for Sql {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        if !self.kept {
            out.unsafe_to_cache_prepared();
        }
        for (piece, bind) in self.pieces() {
            out.push_sql(piece);
            match bind {
                Some(Bind::Text(v)) => out.push_bind_param::<Text, _>(v)?,
                Some(Bind::Int(v)) => out.push_bind_param::<BigInt, _>(v)?,
                Some(Bind::Day(v)) => out.push_bind_param::<Date, _>(v)?,
                Some(Bind::Time(v)) => out.push_bind_param::<Timestamp, _>(v)?,
                Some(Bind::Bool(v)) => out.push_bind_param::<Bool, _>(v)?,
                Some(Bind::MaybeText(v)) => out.push_bind_param::<Nullable<Text>, _>(v)?,
                Some(Bind::MaybeInt(v)) => out.push_bind_param::<Nullable<BigInt>, _>(v)?,
                Some(Bind::MaybeDay(v)) => out.push_bind_param::<Nullable<Date>, _>(v)?,
                Some(Bind::MaybeTime(v)) => out.push_bind_param::<Nullable<Timestamp>, _>(v)?,
                None => {}
            }
        }
        Ok(())
    }
}

impl QueryId for Sql {
    type QueryId = ();
    // The text varies: what is kept is found by it.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Sql {
    type SqlType = Untyped;
}

impl RunQueryDsl<Db> for Sql {}
