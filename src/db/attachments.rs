//! Files kept with devices and operations: a row each, and their bytes in pieces.

use std::io::Write;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::schema::{attachment_parts as parts, attachments, devices};
use super::{Db, Scope};
use crate::error::{Error, Result};

/// Bytes of a piece.
const PIECE: usize = 256 * 1024;

/// A file, without its bytes.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = attachments)]
pub struct Row {
    /// UUIDv7.
    pub id: String,
    /// Organisation id: in whose books.
    pub org: String,
    /// What it is about: a word of `domain::attachment::Subject`.
    pub kind: String,
    /// Id of what it is about.
    pub subject: String,
    /// Person id, when it is personal.
    pub person: Option<String>,
    /// Name; empty when it was erased.
    pub filename: String,
    /// Media type.
    pub media: String,
    /// Bytes.
    pub size: i64,
    /// SHA-256 of its bytes, hex.
    pub sha256: String,
    /// UTC.
    pub created_at: NaiveDateTime,
    /// Account or token.
    pub created_by: String,
    /// Last day its bytes are kept.
    pub retained_until: Option<NaiveDate>,
    /// Why the bytes are not here any more.
    pub gone: Option<String>,
    /// Since when.
    pub gone_at: Option<NaiveDateTime>,
}

/// Keeps a file.
///
/// # Errors
/// Those of the database.
pub fn insert(db: &mut Db, row: &Row, bytes: &[u8]) -> Result<()> {
    diesel::insert_into(attachments::table)
        .values(row)
        .execute(db)?;
    for (part, piece) in (0_i64..).zip(bytes.chunks(PIECE)) {
        diesel::insert_into(parts::table)
            .values((
                parts::attachment.eq(&row.id),
                parts::part.eq(part),
                parts::bytes.eq(piece),
            ))
            .execute(db)?;
    }
    Ok(())
}

/// One of the scope.
///
/// # Errors
/// Those of the database.
pub fn by_id(db: &mut Db, scope: &Scope, id: &str) -> Result<Option<Row>> {
    let row: Option<Row> = attachments::table
        .find(id)
        .select(Row::as_select())
        .get_result(db)
        .optional()?;
    Ok(row.filter(|row| scope.holds(&row.org)))
}

/// Those of the scope that are about one thing, by any of its ids, oldest first.
///
/// # Errors
/// Those of the database.
pub fn about(db: &mut Db, scope: &Scope, kind: &str, subjects: &[String]) -> Result<Vec<Row>> {
    let mut query = attachments::table
        .filter(attachments::kind.eq(kind.to_owned()))
        .filter(attachments::subject.eq_any(subjects.to_vec()))
        .into_boxed::<super::MultiBackend>();
    if let Some(orgs) = scope.orgs() {
        query = query.filter(attachments::org.eq_any(orgs.to_vec()));
    }
    Ok(query
        .order(attachments::id)
        .select(Row::as_select())
        .load(db)?)
}

/// The ids of a device and of those that were merged into it.
///
/// # Errors
/// Those of the database.
pub fn ids_of_device(db: &mut Db, id: &str) -> Result<Vec<String>> {
    let mut ids = vec![id.to_owned()];
    let mut seen = 0;
    while let Some(winner) = ids.get(seen).cloned() {
        seen += 1;
        let losers: Vec<String> = devices::table
            .filter(devices::merged_into.eq(winner))
            .select(devices::id)
            .load(db)?;
        ids.extend(
            losers
                .into_iter()
                .filter(|l| !ids.contains(l))
                .collect::<Vec<_>>(),
        );
    }
    Ok(ids)
}

/// Writes the bytes of a file piece by piece.
///
/// # Errors
/// Those of the database and of the writer.
pub fn copy(db: &mut Db, id: &str, out: &mut dyn Write) -> Result<()> {
    for part in 0_i64.. {
        let Some(bytes) = piece(db, id, part)? else {
            break;
        };
        out.write_all(&bytes).map_err(Error::unavailable)?;
    }
    Ok(())
}

/// One piece; none after the last.
///
/// # Errors
/// Those of the database.
pub fn piece(db: &mut Db, id: &str, part: i64) -> Result<Option<Vec<u8>>> {
    let found = parts::table.find((id, part)).select(parts::bytes);
    Ok(found.get_result(db).optional()?)
}

/// Deletes the bytes of files whose last day is before `today`; gives how many files.
///
/// # Errors
/// Those of the database.
pub fn expire(db: &mut Db, today: NaiveDate, now: NaiveDateTime) -> Result<usize> {
    let over: Vec<String> = attachments::table
        .filter(attachments::retained_until.lt(today))
        .filter(attachments::gone.is_null())
        .order(attachments::id)
        .limit(500)
        .select(attachments::id)
        .load(db)?;
    for id in &over {
        empty(db, id, "expired", now)?;
    }
    Ok(over.len())
}

/// Deletes the bytes and the names of the files of a person; gives how many files.
///
/// # Errors
/// Those of the database.
pub fn erase_of(db: &mut Db, person: &str, now: NaiveDateTime) -> Result<usize> {
    let of: Vec<String> = attachments::table
        .filter(attachments::person.eq(person))
        .filter(attachments::filename.ne(""))
        .select(attachments::id)
        .load(db)?;
    for id in &of {
        empty(db, id, "erased", now)?;
        diesel::update(attachments::table.find(id))
            .set(attachments::filename.eq(""))
            .execute(db)?;
    }
    Ok(of.len())
}

fn empty(db: &mut Db, id: &str, why: &str, now: NaiveDateTime) -> Result<()> {
    diesel::delete(parts::table.filter(parts::attachment.eq(id))).execute(db)?;
    diesel::update(attachments::table.find(id))
        .set((
            attachments::gone.eq(Some(why)),
            attachments::gone_at.eq(Some(now)),
        ))
        .execute(db)?;
    Ok(())
}

/// Files after one (id), in order: for verification.
///
/// # Errors
/// Those of the database.
pub fn after(db: &mut Db, id: &str, limit: i64) -> Result<Vec<Row>> {
    Ok(attachments::table
        .filter(attachments::id.gt(id.to_owned()))
        .order(attachments::id)
        .limit(limit)
        .select(Row::as_select())
        .load(db)?)
}
