//! What the indicators read: the facts of each book, page by page, and what tells that something has changed.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

use super::schema::{books, devices};
use super::{Db, Scope};
use crate::error::Result;

/// The facts of one device in one organisation's books, as stored.
#[derive(Debug, Clone, QueryableByName)]
pub struct Row {
    /// Device id.
    #[diesel(sql_type = Text)]
    pub device: String,
    /// Book index.
    #[diesel(sql_type = BigInt)]
    pub book: i64,
    /// JSON of [`crate::domain::facts::Facts`].
    #[diesel(sql_type = Text)]
    pub facts: String,
}

/// Books of an organisation from a place on, in the order of devices. Withdrawn devices are left out; merged ones
/// are not ([`merged`]). The caller has looked at whose they are.
///
/// # Errors
/// Those of the database.
pub fn page(db: &mut Db, org: &str, device: &str, book: i64, limit: i64) -> Result<Vec<Row>> {
    Ok(diesel::sql_query(
        "SELECT device, book, facts FROM books \
         WHERE org = $1 AND (device, book) >= ($2, $3) AND withdrawn = FALSE \
         ORDER BY device, book LIMIT $4",
    )
    .bind::<Text, _>(org)
    .bind::<Text, _>(device)
    .bind::<BigInt, _>(book)
    .bind::<BigInt, _>(limit)
    .load(db)?)
}

/// Devices that another one has absorbed: what they are said to be counts nowhere.
///
/// # Errors
/// Those of the database.
pub fn merged(db: &mut Db) -> Result<HashSet<String>> {
    let ids: Vec<String> = devices::table
        .filter(devices::merged_into.is_not_null())
        .select(devices::id)
        .load(db)?;
    Ok(ids.into_iter().collect())
}

/// Differs after any change of an event or of a reference row; cheap to ask.
#[derive(Debug, Clone, PartialEq, Eq, Hash, QueryableByName)]
pub struct Stamp {
    #[diesel(sql_type = Nullable<BigInt>)]
    seq: Option<i64>,
    /// What waits for its number (PostgreSQL): it is in the books already.
    #[diesel(sql_type = BigInt)]
    waiting: i64,
    #[diesel(sql_type = Nullable<Text>)]
    last: Option<String>,
}

/// The stamp of this snapshot.
///
/// # Errors
/// Those of the database.
pub fn stamp(db: &mut Db) -> Result<Stamp> {
    Ok(diesel::sql_query(
        "SELECT (SELECT MAX(seq) FROM outbox) AS seq, \
         (SELECT COUNT(*) FROM outbox WHERE seq IS NULL) AS waiting, \
         (SELECT MAX(id) FROM outbox WHERE seq IS NULL) AS last",
    )
    .get_result(db)?)
}

/// What a list shows of a device beside its tag.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Face {
    /// Tag.
    pub tag: String,
    /// Name.
    pub name: Option<String>,
    /// Category key.
    pub category: Option<String>,
    /// Manufacturer.
    pub manufacturer: Option<String>,
    /// Model id.
    pub model: Option<String>,
}

type Shown = (
    String,
    String,
    String,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
);

/// How devices look in the books of each organisation that holds or held them: (device, organisation) → face.
///
/// # Errors
/// Those of the database.
pub fn faces(
    db: &mut Db,
    ids: &[String],
    scope: &Scope,
) -> Result<HashMap<(String, String), Face>> {
    let mut found = HashMap::new();
    for some in ids.chunks(1000) {
        let rows: Vec<Shown> = books::table
            .filter(books::device.eq_any(some))
            .order((books::device, books::book))
            .select((
                books::device,
                books::org,
                books::tag,
                books::name,
                books::category,
                books::manufacturer,
                books::model,
            ))
            .load(db)?;
        for (device, org, tag, name, category, manufacturer, model) in rows {
            if scope.holds(&org) {
                let face = Face {
                    tag,
                    name,
                    category,
                    manufacturer,
                    model,
                };
                found.insert((device, org), face);
            }
        }
    }
    Ok(found)
}

/// Tag of a device.
///
/// # Errors
/// `not_found` when there is no such device.
pub fn tag(db: &mut Db, device: &str) -> Result<String> {
    Ok(devices::table
        .find(device)
        .select(devices::tag)
        .get_result(db)?)
}
