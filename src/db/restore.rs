//! A database made again from the lines of [`super::dump`], in one transaction: the old content stays until the new one
//! is whole.
//!
//! What was erased since the backup stays erased: the lists of erasures are united and applied to what is loaded.

use std::collections::BTreeSet;
use std::io::BufRead;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::RunQueryDsl;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Bool, Date, Nullable, Text, Timestamp};
use serde_json::Value;

use super::dump::{self, Table, Type};
use super::events::{self, Erasure};
use super::schema::{entries, entry_versions, event_private};
use super::{
    Db, MultiBackend, attachments, begin, commit, fault, migrate, outbox, rollback, stamp,
};
use crate::domain::person::Person;
use crate::error::{Code, Error, Result};

/// Most values bound in one statement, and most rows.
const BINDS: usize = 30_000;
const ROWS: usize = 500;
/// Most rows where one holds bytes, up to 256 KiB each.
const ROWS_OF_BYTES: usize = 16;

/// What was loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// Rows of all tables.
    pub rows: u64,
    /// Root of the checkpoint taken at the backup.
    pub root: String,
    /// Erasures that hold now, those of the replaced database and of the file given among them.
    pub erasures: usize,
}

/// Replaces the content of the database by that of a backup. `db` is a connection of its own, outside the store.
///
/// # Errors
/// `invalid_value` for a file that is none of ours, is cut short, or comes from a newer program.
pub fn replace(db: &mut Db, file: &mut dyn BufRead, more: &[Erasure]) -> Result<Restored> {
    let start = match db {
        Db::Sqlite(_) => "BEGIN IMMEDIATE",
        Db::Pg(_) => "BEGIN",
    };
    fault::patiently(|| begin(db, start))?;
    match replace_all(db, file, more) {
        Ok(done) => {
            commit(db)?;
            Ok(done)
        }
        Err(error) => {
            // The first error is the one to tell.
            let _ = rollback(db);
            Err(error)
        }
    }
}

fn replace_all(db: &mut Db, file: &mut dyn BufRead, more: &[Erasure]) -> Result<Restored> {
    let mut lines = Lines {
        file,
        text: String::new(),
    };
    let head = lines.next()?;
    if head.get("reparc_ledger") != Some(&Value::from(1)) {
        return Err(not_ours("it is no backup of this program"));
    }
    let mut erasures = events::all_erasures(db)?;
    erasures.extend_from_slice(more);
    migrate::revert_all(db)?;
    migrate::attempt(db).map_err(Error::internal)?;
    let have = dump::migrations(db)?;
    let theirs = head
        .get("migrations")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    if let Some(newer) = theirs
        .filter_map(Value::as_str)
        .find(|m| !have.iter().any(|h| h == m))
    {
        return Err(not_ours(&format!(
            "it comes from a newer version of the program (migration {newer})"
        )));
    }
    let tables = dump::tables(db)?;
    let mut rows = 0;
    let root = loop {
        let line = lines.next()?;
        if line.get("complete") == Some(&Value::Bool(true)) {
            break line
                .get("root")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned();
        }
        rows += load_table(db, &tables, &line, &mut lines)?;
    };
    if matches!(db, Db::Sqlite(_)) {
        outbox::number_rest(db)?;
    }
    // Rows came in past the functions that renew it: a server on the same file must not go on with the old catalogue.
    stamp::renew(db)?;
    let erasures = unite(db, erasures)?;
    Ok(Restored {
        rows,
        root,
        erasures,
    })
}

struct Lines<'a> {
    file: &'a mut dyn BufRead,
    text: String,
}

impl Lines<'_> {
    fn next(&mut self) -> Result<Value> {
        self.text.clear();
        let read = self
            .file
            .read_line(&mut self.text)
            .map_err(|e| not_ours("it cannot be read").because(e))?;
        if read == 0 {
            return Err(not_ours("it was cut short"));
        }
        serde_json::from_str(&self.text).map_err(|e| not_ours("it is damaged").because(e))
    }
}

fn not_ours(why: &str) -> Error {
    Error::new(
        Code::InvalidValue,
        format!("the backup cannot be restored: {why}"),
    )
}

/// Loads the rows that follow the line which names a table, up to the line which ends it.
fn load_table(db: &mut Db, tables: &[Table], line: &Value, lines: &mut Lines<'_>) -> Result<u64> {
    let name = line
        .get("table")
        .and_then(Value::as_str)
        .ok_or_else(|| not_ours("it is damaged"))?;
    let table = tables
        .iter()
        .find(|t| t.name == name)
        .ok_or_else(|| not_ours(&format!("table {name} is unknown")))?;
    let mut columns = Vec::new();
    for column in line
        .get("columns")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
    {
        let known = table.columns.iter().find(|(known, _)| known == column);
        columns.push(known.ok_or_else(|| not_ours(&format!("column {name}.{column} is unknown")))?);
    }
    let bytes = columns.iter().any(|(_, kind)| *kind == Type::Bytes);
    let most = if bytes { ROWS_OF_BYTES } else { ROWS };
    let most = (BINDS / columns.len().max(1)).min(most);
    let (mut rows, mut part) = (0, Vec::with_capacity(most));
    loop {
        match lines.next()? {
            Value::Array(row) if row.len() == columns.len() => part.push(row),
            Value::Object(end) => {
                insert(db, name, &columns, &part)?;
                rows += u64::try_from(part.len()).unwrap_or_default();
                let said = end.get("rows").and_then(Value::as_u64);
                return if end.get("end").and_then(Value::as_str) == Some(name) && said == Some(rows)
                {
                    Ok(rows)
                } else {
                    Err(not_ours(&format!("table {name} is not whole")))
                };
            }
            _ => return Err(not_ours("it is damaged")),
        }
        if part.len() == most {
            insert(db, name, &columns, &part)?;
            rows += u64::try_from(part.len()).unwrap_or_default();
            part.clear();
        }
    }
}

fn insert(
    db: &mut Db,
    table: &str,
    columns: &[&(String, Type)],
    rows: &[Vec<Value>],
) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = columns
        .iter()
        .map(|(name, _)| format!("\"{name}\""))
        .collect();
    let mut sql = format!("INSERT INTO \"{table}\" ({}) VALUES ", names.join(", "));
    let mut place = 0;
    for row in 0..rows.len() {
        sql.push_str(if row > 0 { ", (" } else { "(" });
        for column in 0..columns.len() {
            place += 1;
            sql.push_str(if column > 0 { ", $" } else { "$" });
            sql.push_str(&place.to_string());
        }
        sql.push(')');
    }
    let mut query = diesel::sql_query(sql).into_boxed::<MultiBackend>();
    for row in rows {
        for ((name, kind), value) in columns.iter().zip(row) {
            let wrong = || not_ours(&format!("a value of {table}.{name} is damaged"));
            query = match kind {
                Type::Text => query.bind::<Nullable<Text>, _>(
                    text(value).map_err(|()| wrong())?.map(str::to_owned),
                ),
                Type::Int => {
                    query.bind::<Nullable<BigInt>, _>(integer(value).map_err(|()| wrong())?)
                }
                Type::Bool => query.bind::<Nullable<Bool>, _>(truth(value).map_err(|()| wrong())?),
                Type::Day => query.bind::<Nullable<Date>, _>(day(value).map_err(|()| wrong())?),
                Type::Instant => {
                    query.bind::<Nullable<Timestamp>, _>(instant(value).map_err(|()| wrong())?)
                }
                Type::Bytes => {
                    query.bind::<Nullable<Binary>, _>(bytes(value).map_err(|()| wrong())?)
                }
            };
        }
    }
    query.execute(db)?;
    Ok(())
}

type Read<T> = std::result::Result<Option<T>, ()>;

fn text(value: &Value) -> Read<&str> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        _ => Err(()),
    }
}

fn integer(value: &Value) -> Read<i64> {
    match value {
        Value::Null => Ok(None),
        value => value.as_i64().map(Some).ok_or(()),
    }
}

/// SQLite says 0 and 1.
fn truth(value: &Value) -> Read<bool> {
    match value {
        Value::Null => Ok(None),
        Value::Bool(truth) => Ok(Some(*truth)),
        value => value.as_i64().map(|n| Some(n != 0)).ok_or(()),
    }
}

fn day(value: &Value) -> Read<NaiveDate> {
    text(value)?
        .map(|t| NaiveDate::parse_from_str(t, "%Y-%m-%d").map_err(drop))
        .transpose()
}

/// PostgreSQL writes a T between day and time, SQLite a space.
fn instant(value: &Value) -> Read<NaiveDateTime> {
    let read = |t: &str| {
        NaiveDateTime::parse_from_str(&t.replace('T', " "), "%Y-%m-%d %H:%M:%S%.f").map_err(drop)
    };
    text(value)?.map(read).transpose()
}

fn bytes(value: &Value) -> Read<Vec<u8>> {
    let digit = |c: &u8| {
        char::from(*c)
            .to_digit(16)
            .and_then(|d| u8::try_from(d).ok())
    };
    let byte = |pair: &[u8]| match pair {
        [high, low] => Ok(digit(high).ok_or(())? << 4 | digit(low).ok_or(())?),
        _ => Err(()),
    };
    let read = |t: &str| t.as_bytes().chunks(2).map(byte).collect();
    text(value)?.map(read).transpose()
}

/// Adds the erasures that the backup does not list, and applies all of them.
fn unite(db: &mut Db, others: Vec<Erasure>) -> Result<usize> {
    let mut all = events::all_erasures(db)?;
    let known: BTreeSet<String> = all.iter().map(|e| e.id.clone()).collect();
    let mut added = BTreeSet::new();
    for erasure in others {
        if !known.contains(&erasure.id) && added.insert(erasure.id.clone()) {
            events::add_erasure(
                db,
                &erasure.id,
                erasure.event.as_deref(),
                erasure.person.as_deref(),
                erasure.at,
                &erasure.reason,
            )?;
            all.push(erasure);
        }
    }
    let events: Vec<&String> = all.iter().filter_map(|e| e.event.as_ref()).collect();
    for some in events.chunks(1000) {
        diesel::delete(
            event_private::table.filter(event_private::event.eq_any(some.iter().copied())),
        )
        .execute(db)?;
    }
    let people: BTreeSet<&String> = all.iter().filter_map(|e| e.person.as_ref()).collect();
    let left = serde_json::to_string(&Person::erased()).map_err(Error::internal)?;
    for person in people {
        diesel::update(entry_versions::table.filter(entry_versions::entry.eq(person)))
            .set(entry_versions::payload.eq(&left))
            .execute(db)?;
        diesel::update(entries::table.find(person))
            .set((
                entries::payload.eq(&left),
                entries::name.eq(""),
                entries::archived.eq(true),
            ))
            .execute(db)?;
        attachments::erase_of(db, person, chrono::Utc::now().naive_utc())?;
    }
    Ok(all.len())
}
