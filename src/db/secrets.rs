//! Secrets of the installation that every instance shares: what signs cursors.

use diesel::prelude::*;

use super::Db;
use super::schema::secrets;
use crate::error::Result;

/// The secret of this name.
///
/// # Errors
/// Those of the store.
pub fn get(db: &mut Db, name: &str) -> Result<Option<String>> {
    Ok(secrets::table
        .find(name)
        .select(secrets::value)
        .get_result(db)
        .optional()?)
}

/// Keeps a secret unless there is one; gives the one that is kept.
///
/// # Errors
/// Those of the store.
pub fn get_or_put(db: &mut Db, name: &str, value: &str) -> Result<String> {
    let put = super::savepoint(db, |db| {
        diesel::insert_into(secrets::table)
            .values((secrets::name.eq(name), secrets::value.eq(value)))
            .execute(db)?;
        Ok(())
    });
    match (put, get(db, name)?) {
        (_, Some(kept)) => Ok(kept),
        (put, None) => put.map(|()| value.to_owned()),
    }
}
