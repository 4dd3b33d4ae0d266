//! Names of those who record: accounts and tokens.

use std::collections::HashMap;

use diesel::prelude::*;

use super::Db;
use super::schema::{accounts, tokens};
use crate::error::Result;

/// Name of each of these accounts and tokens, by id; who is neither (the command line) is left out.
///
/// # Errors
/// Those of the database.
pub fn names(db: &mut Db, ids: &[String]) -> Result<HashMap<String, String>> {
    let mut found: Vec<(String, String)> = accounts::table
        .filter(accounts::id.eq_any(ids))
        .select((accounts::id, accounts::name))
        .load(db)?;
    let tokens: Vec<(String, String)> = tokens::table
        .filter(tokens::id.eq_any(ids))
        .select((tokens::id, tokens::name))
        .load(db)?;
    found.extend(tokens);
    Ok(found.into_iter().collect())
}
