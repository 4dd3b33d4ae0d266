//! SQL built from parts, with its binds. For lists whose filters vary; fixed statements are written out.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::RunQueryDsl;
use diesel::deserialize::FromSqlRow;
use diesel::sql_types::{BigInt, Bool, Date, Text, Timestamp};

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
}

/// A statement under construction. Values never become text of the statement.
#[derive(Debug, Clone, Default)]
pub struct Sql {
    text: String,
    binds: Vec<Bind>,
}

impl Sql {
    /// Begins with fixed text.
    pub fn new(text: &str) -> Sql {
        Sql {
            text: text.to_owned(),
            binds: Vec::new(),
        }
    }
    /// Adds fixed text.
    pub fn push(&mut self, text: &str) -> &mut Sql {
        self.text.push_str(text);
        self
    }
    /// Adds a placeholder and its value.
    pub fn bind(&mut self, value: Bind) -> &mut Sql {
        self.binds.push(value);
        self.text.push_str(&format!("${}", self.binds.len()));
        self
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
    /// The statement as it stands, for query plans.
    pub fn text(&self) -> &str {
        &self.text
    }
    /// Runs it and reads its rows.
    ///
    /// # Errors
    /// Those of the database.
    pub fn load<Row>(self, db: &mut Db) -> Result<Vec<Row>>
    where
        Row: diesel::deserialize::QueryableByName<MultiBackend>
            + FromSqlRow<diesel::sql_types::Untyped, MultiBackend>
            + 'static,
    {
        let mut query = diesel::sql_query(self.text).into_boxed::<MultiBackend>();
        for bind in self.binds {
            query = match bind {
                Bind::Text(v) => query.bind::<Text, _>(v),
                Bind::Int(v) => query.bind::<BigInt, _>(v),
                Bind::Day(v) => query.bind::<Date, _>(v),
                Bind::Time(v) => query.bind::<Timestamp, _>(v),
                Bind::Bool(v) => query.bind::<Bool, _>(v),
            };
        }
        Ok(query.load(db)?)
    }
}
