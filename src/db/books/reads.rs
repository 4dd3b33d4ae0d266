//! What is read back of the books of one device.

use diesel::prelude::*;

use crate::db::Db;
use crate::db::schema::{books, spells};
use crate::domain::facts::Facts;
use crate::error::{Error, Result};

/// The facts of one interval of ownership; none known when there is no such interval.
///
/// # Errors
/// Those of the database.
pub fn facts(db: &mut Db, device: &str, book: i64) -> Result<Facts> {
    let text: Option<String> = books::table
        .find((device, book))
        .select(books::facts)
        .get_result(db)
        .optional()?;
    text.map_or_else(
        || Ok(Facts::default()),
        |text| serde_json::from_str(&text).map_err(Error::internal),
    )
}

/// Organisation and first day of each interval of ownership of a device, oldest first.
///
/// # Errors
/// Those of the database.
pub fn openings(db: &mut Db, device: &str) -> Result<Vec<(String, chrono::NaiveDate)>> {
    let rows: Vec<(i64, String, chrono::NaiveDate)> = spells::table
        .filter(spells::device.eq(device))
        .order((spells::book, spells::valid_from))
        .select((spells::book, spells::org, spells::valid_from))
        .load(db)?;
    let mut out: Vec<(i64, String, chrono::NaiveDate)> = Vec::new();
    for row in rows {
        if out.last().is_none_or(|(book, ..)| *book != row.0) {
            out.push(row);
        }
    }
    Ok(out.into_iter().map(|(_, org, from)| (org, from)).collect())
}
