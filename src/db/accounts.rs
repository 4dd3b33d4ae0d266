//! Accounts (logins), and where an actor stands in the tree of organisations.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::schema::{accounts, organisations};
use super::{Db, Scope};
use crate::error::{Error, Result};

/// An account as kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = accounts)]
pub struct Row {
    /// Id.
    pub id: String,
    /// Login name.
    pub name: String,
    /// Argon2id, PHC string.
    pub password: Option<String>,
    /// A word of `Role`.
    pub role: String,
    /// Organisation id; null at the root.
    pub org: Option<String>,
    /// UTC.
    pub created_at: NaiveDateTime,
    /// UTC; null while it may log in.
    pub disabled_at: Option<NaiveDateTime>,
}

/// Keeps a new account.
///
/// # Errors
/// `duplicate` for a name that exists, and those of the store.
pub fn insert(db: &mut Db, row: &Row) -> Result<()> {
    diesel::insert_into(accounts::table)
        .values(row)
        .execute(db)?;
    Ok(())
}

/// Accounts of the scope with the key of their organisation, by name.
///
/// # Errors
/// Those of the store.
pub fn list(db: &mut Db, scope: &Scope) -> Result<Vec<(Row, Option<String>)>> {
    let rows: Vec<(Row, Option<String>)> = accounts::table
        .left_join(organisations::table.on(accounts::org.eq(organisations::id.nullable())))
        .select((Row::as_select(), organisations::key.nullable()))
        .order(accounts::name.asc())
        .load(db)?;
    Ok(rows
        .into_iter()
        .filter(|(row, _)| super::tokens::sees(scope, row.org.as_deref()))
        .collect())
}

/// One account of the scope, by id or name.
///
/// # Errors
/// Those of the store.
pub fn get(db: &mut Db, scope: &Scope, id_or_name: &str) -> Result<Option<(Row, Option<String>)>> {
    let all = list(db, scope)?;
    Ok(all
        .into_iter()
        .find(|(row, _)| row.id == id_or_name || row.name == id_or_name))
}

/// Disables (with an instant) or enables (with none).
///
/// # Errors
/// Those of the store.
pub fn disable(db: &mut Db, id: &str, at: Option<NaiveDateTime>) -> Result<()> {
    diesel::update(accounts::table.filter(accounts::id.eq(id)))
        .set(accounts::disabled_at.eq(at))
        .execute(db)?;
    Ok(())
}

/// Sets the hash of the password, and whether its owner is to choose another one at the next sign-in.
///
/// # Errors
/// Those of the store.
pub fn password(db: &mut Db, id: &str, hash: &str, must_change: bool) -> Result<()> {
    diesel::update(accounts::table.filter(accounts::id.eq(id)))
        .set((
            accounts::password.eq(hash),
            accounts::must_change.eq(must_change),
        ))
        .execute(db)?;
    Ok(())
}

/// What a sign-in looks at.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = accounts)]
pub struct Login {
    /// Id.
    pub id: String,
    /// Login name.
    pub name: String,
    /// Argon2id, PHC string.
    pub password: Option<String>,
    /// A word of `Role`.
    pub role: String,
    /// Organisation id; null at the root.
    pub org: Option<String>,
    /// UTC; null while it may log in.
    pub disabled_at: Option<NaiveDateTime>,
    /// Secret of the second factor, base32.
    pub totp: Option<String>,
    /// Last step of the second factor that was used.
    pub totp_step: Option<i64>,
    /// `fr` or `en`; null follows the browser.
    pub language: Option<String>,
    /// A provisional password.
    pub must_change: bool,
}

/// The account of this login name.
///
/// # Errors
/// Those of the store.
pub fn login(db: &mut Db, name: &str) -> Result<Option<Login>> {
    Ok(accounts::table
        .filter(accounts::name.eq(name))
        .select(Login::as_select())
        .get_result(db)
        .optional()?)
}

/// The account of this id.
///
/// # Errors
/// Those of the store.
pub fn login_by_id(db: &mut Db, id: &str) -> Result<Option<Login>> {
    Ok(accounts::table
        .find(id)
        .select(Login::as_select())
        .get_result(db)
        .optional()?)
}

/// Whether there is any account.
///
/// # Errors
/// Those of the store.
pub fn any(db: &mut Db) -> Result<bool> {
    let first: Option<String> = accounts::table
        .select(accounts::id)
        .limit(1)
        .first(db)
        .optional()?;
    Ok(first.is_some())
}

/// Sets or removes the second factor.
///
/// # Errors
/// Those of the store.
pub fn second_factor(db: &mut Db, id: &str, secret: Option<&str>) -> Result<()> {
    diesel::update(accounts::table.filter(accounts::id.eq(id)))
        .set((
            accounts::totp.eq(secret),
            accounts::totp_step.eq(None::<i64>),
        ))
        .execute(db)?;
    Ok(())
}

/// Notes the step of the second factor; false when this step or a later one was used already.
///
/// # Errors
/// Those of the store.
pub fn second_factor_used(db: &mut Db, id: &str, step: i64) -> Result<bool> {
    let earlier = accounts::totp_step
        .is_null()
        .or(accounts::totp_step.lt(step));
    let changed = diesel::update(accounts::table.filter(accounts::id.eq(id)).filter(earlier))
        .set(accounts::totp_step.eq(step))
        .execute(db)?;
    Ok(changed == 1)
}

/// Remembers the language.
///
/// # Errors
/// Those of the store.
pub fn language(db: &mut Db, id: &str, language: &str) -> Result<()> {
    diesel::update(accounts::table.filter(accounts::id.eq(id)))
        .set(accounts::language.eq(language))
        .execute(db)?;
    Ok(())
}

/// Sets role and organisation.
///
/// # Errors
/// Those of the store.
pub fn grant(db: &mut Db, id: &str, role: &str, org: Option<&str>) -> Result<()> {
    diesel::update(accounts::table.filter(accounts::id.eq(id)))
        .set((accounts::role.eq(role), accounts::org.eq(org)))
        .execute(db)?;
    Ok(())
}

/// The organisation a new account or token acts for: the one named (key or id, within the scope), else the maker's own.
///
/// # Errors
/// `unknown_reference` for one outside the scope.
pub fn place(
    db: &mut Db,
    scope: &Scope,
    own: Option<&str>,
    named: Option<&str>,
) -> Result<Option<String>> {
    let Some(named) = named else {
        return Ok(own.map(str::to_owned));
    };
    let node = match super::organisations::by_key(db, named)? {
        Some(node) => Some(node),
        None => super::organisations::by_id(db, named)?,
    };
    match node.filter(|node| scope.holds(&node.id)) {
        Some(node) => Ok(Some(node.id)),
        None => Err(Error::unknown_reference("organisation", named)),
    }
}
