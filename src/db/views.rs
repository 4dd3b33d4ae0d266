//! Lists that somebody keeps under a name.

use diesel::prelude::*;
use diesel::sql_types::Text;

use super::Db;
use super::schema::views;
use crate::error::Result;

/// A kept list.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = views)]
pub struct Row {
    /// UUIDv7.
    pub id: String,
    /// Account id.
    pub account: String,
    /// The page it is of.
    pub page: String,
    /// What they call it.
    pub name: String,
    /// Query string.
    pub query: String,
}

/// Those of an account for a page, by name.
///
/// # Errors
/// Those of the database.
pub fn of(db: &mut Db, account: &str, page: &str) -> Result<Vec<Row>> {
    Ok(views::table
        .filter(views::account.eq(account))
        .filter(views::page.eq(page))
        .order((views::name, views::id))
        .select(Row::as_select())
        .load(db)?)
}

/// Keeps one; a list of the same name is replaced.
///
/// # Errors
/// Those of the database.
pub fn put(db: &mut Db, row: &Row) -> Result<()> {
    diesel::sql_query(
        "INSERT INTO views (id, account, page, name, query) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (account, page, name) DO UPDATE SET query = excluded.query",
    )
    .bind::<Text, _>(&row.id)
    .bind::<Text, _>(&row.account)
    .bind::<Text, _>(&row.page)
    .bind::<Text, _>(&row.name)
    .bind::<Text, _>(&row.query)
    .execute(db)?;
    Ok(())
}

/// Forgets one of an account; false when it has none of this id.
///
/// # Errors
/// Those of the database.
pub fn delete(db: &mut Db, account: &str, id: &str) -> Result<bool> {
    let mine = views::table
        .filter(views::id.eq(id))
        .filter(views::account.eq(account));
    Ok(diesel::delete(mine).execute(db)? > 0)
}
