//! Devices as identities: tag, row lock, chain head, and who may see them.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::schema::{books, codes, devices};
use super::{Db, Scope};
use crate::domain::tag;
use crate::error::Result;

/// A device row, as far as a change needs it.
#[derive(Debug, Clone, Queryable)]
pub struct Device {
    /// Id.
    pub id: String,
    /// Tag as stored.
    pub tag: String,
    /// When it was made.
    pub created_at: NaiveDateTime,
}

/// A device by its id.
///
/// # Errors
/// Those of the database.
pub fn by_id(db: &mut Db, id: &str) -> Result<Option<Device>> {
    let found = devices::table
        .find(id)
        .select((devices::id, devices::tag, devices::created_at));
    Ok(found.get_result(db).optional()?)
}

/// The id behind a tag (case, dashes, I, L, O folded; a merged device leads to its winner) or behind an id as it is.
///
/// # Errors
/// Those of the database.
pub fn resolve(db: &mut Db, tag_or_id: &str) -> Result<Option<String>> {
    let by_tag: Option<(String, Option<String>)> = devices::table
        .filter(devices::tag_fold.eq(tag::fold(tag_or_id)))
        .select((devices::id, devices::merged_into))
        .get_result(db)
        .optional()?;
    match by_tag {
        Some((id, None)) => Ok(Some(id)),
        Some((id, Some(_))) => Ok(Some(winner(db, id)?)),
        None => Ok(devices::table
            .filter(devices::id.eq(tag_or_id))
            .select(devices::id)
            .get_result(db)
            .optional()?),
    }
}

/// Holds the rows of these devices, ids in order, to the end of the transaction, without changing them. SQLite has one
/// writer: there is nothing to hold.
///
/// # Errors
/// Those of the database.
pub fn hold(db: &mut Db, ids: &[String]) -> Result<()> {
    if let Db::Pg(connection) = db {
        diesel::sql_query("SELECT id FROM devices WHERE id = ANY($1) ORDER BY id FOR UPDATE")
            .bind::<diesel::sql_types::Array<diesel::sql_types::Text>, _>(ids)
            .execute(connection)?;
    }
    Ok(())
}

/// The device a merged one leads to; itself when it was not merged.
///
/// # Errors
/// Those of the database.
pub fn winner(db: &mut Db, id: String) -> Result<String> {
    let mut winner = id;
    // A winner may have been merged in its turn; chains are short, and a bound keeps a damaged one from looping.
    for _ in 0..64 {
        let into: Option<Option<String>> = devices::table
            .find(&winner)
            .select(devices::merged_into)
            .get_result(db)
            .optional()?;
        match into.flatten() {
            Some(into) => winner = into,
            None => break,
        }
    }
    Ok(winner)
}

/// Whether a device, now or as a former owner's, lies in a scope.
///
/// # Errors
/// Those of the database.
pub fn seen_by(db: &mut Db, id: &str, scope: &Scope) -> Result<bool> {
    let Some(orgs) = scope.orgs() else {
        return Ok(true);
    };
    let seen: i64 = books::table
        .filter(books::device.eq(id))
        .filter(books::org.eq_any(orgs))
        .count()
        .get_result(db)?;
    Ok(seen > 0)
}

/// The organisation of a scope in whose books a device is, the present owner before former ones.
///
/// # Errors
/// Those of the database.
pub fn book_of(db: &mut Db, id: &str, scope: &Scope) -> Result<Option<String>> {
    let owners: Vec<String> = books::table
        .filter(books::device.eq(id))
        .order((books::current.desc(), books::book.desc()))
        .select(books::org)
        .load(db)?;
    Ok(owners.into_iter().find(|org| scope.holds(org)))
}

/// Devices that are part of this one.
///
/// # Errors
/// Those of the database.
pub fn parts_of(db: &mut Db, id: &str) -> Result<Vec<String>> {
    Ok(books::table
        .filter(books::part_of.eq(id))
        .filter(books::current.eq(true))
        .select(books::device)
        .load(db)?)
}

/// A part of a device that bears data.
#[derive(Debug, Clone, Queryable)]
pub struct Part {
    /// Device id.
    pub device: String,
    /// Tag.
    pub tag: String,
    /// Serial.
    pub serial: Option<String>,
    /// State of its media.
    pub data: String,
}

/// Parts of this device that are still there and whose media are not purged or destroyed.
///
/// # Errors
/// Those of the database.
pub fn unpurged_parts(db: &mut Db, id: &str) -> Result<Vec<Part>> {
    Ok(books::table
        .filter(books::part_of.eq(id))
        .filter(books::current.eq(true))
        .filter(books::withdrawn.eq(false))
        .filter(books::stage.ne("gone"))
        .filter(books::data.eq_any(["holds", "cleared"]))
        .order(books::device)
        .select((books::device, books::tag, books::serial, books::data))
        .load(db)?)
}

/// The device this one is part of.
///
/// # Errors
/// Those of the database.
pub fn whole_of(db: &mut Db, id: &str) -> Result<Option<String>> {
    let whole: Option<Option<String>> = books::table
        .filter(books::device.eq(id))
        .filter(books::current.eq(true))
        .select(books::part_of)
        .get_result(db)
        .optional()?;
    Ok(whole.flatten())
}

/// Tags of devices, by id.
///
/// # Errors
/// Those of the database.
pub fn tags(db: &mut Db, ids: &[String]) -> Result<Vec<(String, String)>> {
    Ok(devices::table
        .filter(devices::id.eq_any(ids))
        .select((devices::id, devices::tag))
        .load(db)?)
}

/// Devices that hold one of these folded codes.
///
/// # Errors
/// Those of the database.
pub fn by_code(db: &mut Db, folds: &[String]) -> Result<Vec<(String, String)>> {
    Ok(codes::table
        .filter(codes::fold.eq_any(folds))
        .select((codes::device, codes::kind))
        .limit(200)
        .load(db)?)
}

/// Category of a device, now.
///
/// # Errors
/// Those of the database.
pub fn category_of(db: &mut Db, id: &str) -> Result<Option<String>> {
    let category: Option<Option<String>> = books::table
        .filter(books::device.eq(id))
        .filter(books::current.eq(true))
        .select(books::category)
        .get_result(db)
        .optional()?;
    Ok(category.flatten())
}

/// Serial of a device, now.
///
/// # Errors
/// Those of the database.
pub fn serial_of(db: &mut Db, id: &str) -> Result<Option<String>> {
    let serial: Option<Option<String>> = books::table
        .filter(books::device.eq(id))
        .filter(books::current.eq(true))
        .select(books::serial)
        .get_result(db)
        .optional()?;
    Ok(serial.flatten())
}

/// How many devices the installation holds, withdrawn ones among them: for the operator, who sees all.
///
/// # Errors
/// Those of the database.
pub fn count(db: &mut Db) -> Result<i64> {
    Ok(devices::table.count().get_result(db)?)
}

/// Devices of a category, in any book, in order of their ids.
///
/// # Errors
/// Those of the database.
pub fn of_category(db: &mut Db, key: &str) -> Result<Vec<String>> {
    Ok(books::table
        .filter(books::category.eq(key))
        .select(books::device)
        .distinct()
        .order(books::device)
        .load(db)?)
}

/// Devices of a model, in any book, in order of their ids.
///
/// # Errors
/// Those of the database.
pub fn of_model(db: &mut Db, id: &str) -> Result<Vec<String>> {
    Ok(books::table
        .filter(books::model.eq(id))
        .select(books::device)
        .distinct()
        .order(books::device)
        .load(db)?)
}
