//! Rows of the reference tables: the one of now, and its versions. What a row says is JSON here, typed above.
//!
//! A row without an owner is shared: it is in every scope.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_types::{Text, Timestamp};

use super::bulk::on_each;
use super::schema::{entries, entry_versions, organisations};
use super::{Db, MultiBackend, Scope, outbox, stamp};
use crate::domain::day::Instant;
use crate::domain::entry::EntryKind;
use crate::error::{Error, Result};

/// A row as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, QueryableByName)]
#[diesel(table_name = entries)]
pub struct Row {
    /// UUIDv7.
    pub id: String,
    /// [`EntryKind`] as text.
    pub kind: String,
    /// Short key.
    pub key: String,
    /// Owner; none = shared.
    pub org: Option<String>,
    /// For lists.
    pub name: String,
    /// Hidden from lists.
    pub archived: bool,
    /// From 1.
    pub version: i64,
    /// When this version was recorded, UTC.
    pub recorded_at: NaiveDateTime,
    /// JSON of the record.
    pub payload: String,
}

type Boxed<'a> = entries::BoxedQuery<'a, MultiBackend>;

/// Rows of a kind in a scope.
fn of_kind<'a>(kind: EntryKind, scope: &'a Scope) -> Boxed<'a> {
    let query = entries::table
        .filter(entries::kind.eq(kind.as_str()))
        .into_boxed::<MultiBackend>();
    match scope.orgs() {
        None => query,
        Some(orgs) => query.filter(entries::org.is_null().or(entries::org.eq_any(orgs))),
    }
}

/// Adds a row with its first version.
///
/// # Errors
/// `duplicate` when its owner has a row of this kind and key.
pub fn insert(db: &mut Db, row: &Row) -> Result<()> {
    diesel::insert_into(entries::table)
        .values(row)
        .execute(db)?;
    keep_version(db, row)
}

/// Adds rows with their first versions in few statements; one whose id is there stays as it is.
///
/// # Errors
/// `duplicate` when an owner has a row of this kind and key under another id.
pub fn insert_missing(db: &mut Db, rows: &[Row]) -> Result<()> {
    let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
    let there = keys(db, &ids)?;
    let new: Vec<&Row> = rows
        .iter()
        .filter(|row| !there.contains_key(&row.id))
        .collect();
    // 9 values each: far below what a statement may bind.
    for some in new.chunks(1000) {
        let versions: Vec<_> = some
            .iter()
            .map(|row| {
                (
                    entry_versions::entry.eq(&row.id),
                    entry_versions::version.eq(row.version),
                    entry_versions::recorded_at.eq(row.recorded_at),
                    entry_versions::payload.eq(&row.payload),
                )
            })
            .collect();
        on_each!(db, c => diesel::insert_into(entries::table).values(some.to_vec()).execute(c))?;
        on_each!(db, c => diesel::insert_into(entry_versions::table).values(&versions).execute(c))?;
        let lines: Vec<_> = some.iter().map(|r| (r.id.as_str(), r.version)).collect();
        outbox::entries(db, &lines)?;
    }
    if new.iter().any(|row| stamp::is_catalogue(&row.kind)) {
        stamp::renew(db)?;
    }
    Ok(())
}

/// Replaces what a row says by the next version. The caller holds the row ([`lock`]) and has counted `version` up.
///
/// # Errors
/// Those of the database.
pub fn update(db: &mut Db, row: &Row) -> Result<()> {
    diesel::update(entries::table.filter(entries::id.eq(&row.id)))
        .set((
            entries::name.eq(&row.name),
            entries::archived.eq(row.archived),
            entries::version.eq(row.version),
            entries::recorded_at.eq(row.recorded_at),
            entries::payload.eq(&row.payload),
        ))
        .execute(db)?;
    keep_version(db, row)
}

fn keep_version(db: &mut Db, row: &Row) -> Result<()> {
    diesel::insert_into(entry_versions::table)
        .values((
            entry_versions::entry.eq(&row.id),
            entry_versions::version.eq(row.version),
            entry_versions::recorded_at.eq(row.recorded_at),
            entry_versions::payload.eq(&row.payload),
        ))
        .execute(db)?;
    if stamp::is_catalogue(&row.kind) {
        stamp::renew(db)?;
    }
    outbox::entry(db, &row.id, row.version)
}

/// Takes the row until the end of the transaction, so that no change of it is lost, and reads it.
///
/// # Errors
/// `not_found` when there is none.
pub fn lock(db: &mut Db, id: &str) -> Result<Row> {
    diesel::update(entries::table.filter(entries::id.eq(id)))
        .set(entries::version.eq(entries::version))
        .execute(db)?;
    by_id(db, id)?.ok_or_else(Error::not_found)
}

/// The row of an id, whoever owns it: the caller looks at the owner.
///
/// # Errors
/// Those of the database.
pub fn by_id(db: &mut Db, id: &str) -> Result<Option<Row>> {
    Ok(entries::table
        .filter(entries::id.eq(id))
        .select((
            entries::id,
            entries::kind,
            entries::key,
            entries::org,
            entries::name,
            entries::archived,
            entries::version,
            entries::recorded_at,
            entries::payload,
        ))
        .get_result::<Row>(db)
        .optional()?)
}

/// Every row of a kind and key in a scope: one per owner.
///
/// # Errors
/// Those of the database.
pub fn by_key(db: &mut Db, kind: EntryKind, key: &str, scope: &Scope) -> Result<Vec<Row>> {
    Ok(of_kind(kind, scope)
        .filter(entries::key.eq(key))
        .order(entries::id)
        .load(db)?)
}

/// Rows in the order of their names, then ids, after a place in that order.
///
/// # Errors
/// Those of the database.
pub fn page(
    db: &mut Db,
    kind: EntryKind,
    scope: &Scope,
    archived: bool,
    after: Option<(&str, &str)>,
    limit: i64,
) -> Result<Vec<Row>> {
    let mut query = of_kind(kind, scope);
    if !archived {
        query = query.filter(entries::archived.eq(false));
    }
    if let Some((name, id)) = after {
        query = query.filter(
            entries::name
                .gt(name)
                .or(entries::name.eq(name).and(entries::id.gt(id))),
        );
    }
    Ok(query
        .order((entries::name, entries::id))
        .limit(limit)
        .load(db)?)
}

/// How many rows [`page`] would give in all.
///
/// # Errors
/// Those of the database.
pub fn count(db: &mut Db, kind: EntryKind, scope: &Scope, archived: bool) -> Result<i64> {
    let mut query = entries::table
        .filter(entries::kind.eq(kind.as_str()))
        .select(diesel::dsl::count_star())
        .into_boxed::<MultiBackend>();
    if let Some(orgs) = scope.orgs() {
        query = query.filter(entries::org.is_null().or(entries::org.eq_any(orgs)));
    }
    if !archived {
        query = query.filter(entries::archived.eq(false));
    }
    Ok(query.get_result(db)?)
}

/// Every row of a kind in a scope, oldest first.
///
/// # Errors
/// Those of the database.
pub fn all(db: &mut Db, kind: EntryKind, scope: &Scope) -> Result<Vec<Row>> {
    Ok(of_kind(kind, scope).order(entries::id).load(db)?)
}

/// Rows of a kind whose JSON holds this text (`%` and `_` match as in LIKE): narrows what has to be parsed.
///
/// # Errors
/// Those of the database.
pub fn holding(db: &mut Db, kind: EntryKind, scope: &Scope, text: &str) -> Result<Vec<Row>> {
    Ok(of_kind(kind, scope)
        .filter(entries::payload.like(format!("%{text}%")))
        .order(entries::id)
        .load(db)?)
}

/// Every row of a kind in a scope as known at an instant: the last version numbered by then. Rows not known by then
/// are left out.
///
/// # Errors
/// Those of the database.
pub fn all_at(db: &mut Db, kind: EntryKind, scope: &Scope, known_at: Instant) -> Result<Vec<Row>> {
    let rows: Vec<Row> = diesel::sql_query(AT.replace("{where}", "e.kind = $2"))
        .bind::<Timestamp, _>(known_at.naive_utc())
        .bind::<Text, _>(kind.as_str())
        .load(db)?;
    Ok(rows
        .into_iter()
        .filter(|row| row.org.as_deref().is_none_or(|org| scope.holds(org)))
        .collect())
}

/// A row as known at an instant.
///
/// # Errors
/// Those of the database.
pub fn at(db: &mut Db, id: &str, known_at: Instant) -> Result<Option<Row>> {
    Ok(diesel::sql_query(AT.replace("{where}", "e.id = $2"))
        .bind::<Timestamp, _>(known_at.naive_utc())
        .bind::<Text, _>(id)
        .get_result(db)
        .optional()?)
}

/// Versions are numbered one after the other, so the last one numbered by an instant is the highest.
const AT: &str = "
    SELECT e.id, e.kind, e.key, e.org, e.name, e.archived, v.version, v.recorded_at, v.payload
    FROM entries e
    JOIN (SELECT o.entry, MAX(o.entry_version) AS version FROM outbox o
          WHERE o.entry IS NOT NULL AND o.numbered_at <= $1 GROUP BY o.entry) last ON last.entry = e.id
    JOIN entry_versions v ON v.entry = e.id AND v.version = last.version
    WHERE {where} ORDER BY e.id";

/// Key of each of these rows.
///
/// # Errors
/// Those of the database.
pub fn keys(db: &mut Db, ids: &[String]) -> Result<HashMap<String, String>> {
    let mut found = HashMap::new();
    for some in ids.chunks(1000) {
        let rows: Vec<(String, String)> = entries::table
            .filter(entries::id.eq_any(some))
            .select((entries::id, entries::key))
            .load(db)?;
        found.extend(rows);
    }
    Ok(found)
}

/// Key and name of each of these rows, for lists that show both.
///
/// # Errors
/// Those of the database.
pub fn names(db: &mut Db, ids: &[String]) -> Result<HashMap<String, (String, String)>> {
    let mut found = HashMap::new();
    for some in ids.chunks(1000) {
        let rows: Vec<(String, String, String)> = entries::table
            .filter(entries::id.eq_any(some))
            .select((entries::id, entries::key, entries::name))
            .load(db)?;
        found.extend(rows.into_iter().map(|(id, key, name)| (id, (key, name))));
    }
    Ok(found)
}

/// Overwrites what every version of a person's row says: the one change of a version that the store allows.
///
/// # Errors
/// Those of the database.
pub fn erase_versions(db: &mut Db, id: &str, payload: &str) -> Result<()> {
    diesel::update(entry_versions::table.filter(entry_versions::entry.eq(id)))
        .set(entry_versions::payload.eq(payload))
        .execute(db)?;
    Ok(())
}

/// Path of each of these organisations in the tree.
///
/// # Errors
/// Those of the database.
pub fn paths(db: &mut Db, orgs: &[String]) -> Result<HashMap<String, String>> {
    let rows: Vec<(String, String)> = organisations::table
        .filter(organisations::id.eq_any(orgs))
        .select((organisations::id, organisations::path))
        .load(db)?;
    Ok(rows.into_iter().collect())
}

/// Sites and everything below them, by id.
///
/// # Errors
/// Those of the database.
pub fn sites_below(db: &mut Db, roots: &[String]) -> Result<Vec<String>> {
    let rows = of_kind(EntryKind::Site, &Scope::All).load::<Row>(db)?;
    let parents: Vec<(String, Option<String>)> = rows
        .into_iter()
        .map(|row| {
            let body: serde_json::Value = serde_json::from_str(&row.payload).unwrap_or_default();
            (
                row.id,
                body.get("parent")
                    .and_then(|p| p.as_str())
                    .map(str::to_owned),
            )
        })
        .collect();
    let mut found = roots.to_vec();
    let mut at = 0;
    while let Some(site) = found.get(at).cloned() {
        for (id, _) in parents
            .iter()
            .filter(|(_, parent)| parent.as_deref() == Some(site.as_str()))
        {
            if !found.contains(id) {
                found.push(id.clone());
            }
        }
        at += 1;
    }
    Ok(found)
}

/// Most people one word of a search stands for.
const MOST_PEOPLE: usize = 500;

/// People with a word in their name that begins with this one, folded.
///
/// # Errors
/// Those of the database.
pub fn people_named(db: &mut Db, scope: &Scope, word: &str) -> Result<Vec<String>> {
    let rows: Vec<(String, String)> = of_kind(EntryKind::Person, scope)
        .select((entries::id, entries::name))
        .load(db)?;
    let begins = |name: &str| {
        crate::domain::text::fold(name)
            .split(|c: char| !c.is_alphanumeric())
            .any(|w| w.starts_with(word))
    };
    Ok(rows
        .into_iter()
        .filter(|(_, name)| begins(name))
        .map(|(id, _)| id)
        .take(MOST_PEOPLE)
        .collect())
}

/// Key and name of the rows of a kind with these keys, in a scope.
///
/// # Errors
/// Those of the database.
pub fn titles(
    db: &mut Db,
    kind: EntryKind,
    keys: &[&str],
    scope: &Scope,
) -> Result<Vec<(String, String)>> {
    let mut query = entries::table
        .filter(entries::kind.eq(kind.as_str()))
        .filter(entries::key.eq_any(keys))
        .select((entries::key, entries::name))
        .into_boxed::<MultiBackend>();
    if let Some(orgs) = scope.orgs() {
        query = query.filter(entries::org.is_null().or(entries::org.eq_any(orgs)));
    }
    Ok(query.load(db)?)
}
