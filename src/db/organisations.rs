//! The tree of organisations: `path` = `/ROOT/…/ID/`, so that what is below one is one range of the index.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::schema::organisations;
use super::{Db, Scope};
use crate::error::Result;

/// A node of the tree.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = organisations)]
pub struct Node {
    /// Id of its entry.
    pub id: String,
    /// Unique in the installation.
    pub key: String,
    /// Organisation above.
    pub parent: Option<String>,
    /// Path.
    pub path: String,
}

/// Adds a node.
///
/// # Errors
/// `duplicate` when the key is taken.
pub fn insert(db: &mut Db, node: &Node) -> Result<()> {
    diesel::insert_into(organisations::table)
        .values(node)
        .execute(db)?;
    Ok(())
}

/// The node of an id.
///
/// # Errors
/// Those of the database.
pub fn by_id(db: &mut Db, id: &str) -> Result<Option<Node>> {
    Ok(organisations::table
        .filter(organisations::id.eq(id))
        .get_result(db)
        .optional()?)
}

/// The node of a key.
///
/// # Errors
/// Those of the database.
pub fn by_key(db: &mut Db, key: &str) -> Result<Option<Node>> {
    Ok(organisations::table
        .filter(organisations::key.eq(key))
        .get_result(db)
        .optional()?)
}

/// The organisation that owns what nobody else is named for: `main`, else the oldest.
///
/// # Errors
/// Those of the database.
pub fn main(db: &mut Db) -> Result<Option<Node>> {
    match by_key(db, "main")? {
        Some(node) => Ok(Some(node)),
        None => Ok(organisations::table
            .order(organisations::id)
            .first(db)
            .optional()?),
    }
}

/// Ids of an organisation and of those above it, itself first. Empty when it is unknown.
///
/// # Errors
/// Those of the database.
pub fn lineage(db: &mut Db, id: &str) -> Result<Vec<String>> {
    Ok(by_id(db, id)?.map_or_else(Vec::new, |node| of_path(&node.path)))
}

/// Ids along a path, the lowest first.
pub fn of_path(path: &str) -> Vec<String> {
    path.split('/')
        .filter(|id| !id.is_empty())
        .rev()
        .map(str::to_owned)
        .collect()
}

/// Ids of an organisation and of those below it.
///
/// # Errors
/// Those of the database.
pub fn subtree(db: &mut Db, path: &str) -> Result<Vec<String>> {
    Ok(organisations::table
        .filter(organisations::path.ge(path))
        .filter(organisations::path.lt(end(path)))
        .select(organisations::id)
        .load(db)?)
}

/// Ids of every organisation.
///
/// # Errors
/// Those of the database.
pub fn all(db: &mut Db) -> Result<Vec<String>> {
    Ok(organisations::table
        .order(organisations::id)
        .select(organisations::id)
        .load(db)?)
}

/// First text after every path that begins with this one: ids are followed by `/`, and `0` comes right after it.
fn end(path: &str) -> String {
    format!("{}0", path.trim_end_matches('/'))
}

/// Holds the whole tree until the end of the transaction: two moves at once could close a ring that neither sees.
///
/// # Errors
/// Those of the database.
pub fn hold_tree(db: &mut Db) -> Result<()> {
    diesel::update(organisations::table)
        .set(organisations::key.eq(organisations::key))
        .execute(db)?;
    Ok(())
}

/// Puts an organisation, with all that is below it, under another parent.
///
/// # Errors
/// Those of the database.
pub fn relocate(db: &mut Db, id: &str, parent: Option<&str>, from: &str, to: &str) -> Result<()> {
    diesel::update(organisations::table.filter(organisations::id.eq(id)))
        .set(organisations::parent.eq(parent))
        .execute(db)?;
    let kept = i64::try_from(from.len())
        .unwrap_or(i64::MAX)
        .saturating_add(1);
    diesel::sql_query(
        "UPDATE organisations SET path = $1 || SUBSTR(path, CAST($2 AS INTEGER)) WHERE path >= $3 AND path < $4",
    )
    .bind::<Text, _>(to)
    .bind::<BigInt, _>(kept)
    .bind::<Text, _>(from)
    .bind::<Text, _>(end(from))
    .execute(db)?;
    Ok(())
}

/// Id of the organisation of this key or id, when it stands in the same tree as `near`.
///
/// # Errors
/// Those of the database.
pub fn in_tree_of(db: &mut Db, near: &str, key_or_id: &str) -> Result<Option<String>> {
    let found = match by_key(db, key_or_id)? {
        Some(node) => Some(node),
        None => by_id(db, key_or_id)?,
    };
    let Some(node) = found else { return Ok(None) };
    let top = of_path(&node.path).pop();
    Ok((top == lineage(db, near)?.pop()).then_some(node.id))
}

/// The scope of an organisation (by key or id) and what is below it, or of itself alone; none when it lies outside
/// `within`.
///
/// # Errors
/// Those of the database.
pub fn scope_of(
    db: &mut Db,
    within: &Scope,
    key_or_id: &str,
    alone: bool,
) -> Result<Option<Scope>> {
    let found = match by_key(db, key_or_id)? {
        Some(node) => Some(node),
        None => by_id(db, key_or_id)?,
    };
    let Some(node) = found.filter(|n| within.holds(&n.id)) else {
        return Ok(None);
    };
    let orgs = if alone {
        vec![node.id]
    } else {
        subtree(db, &node.path)?
    };
    Ok(Some(Scope::of(orgs).within(within)))
}
