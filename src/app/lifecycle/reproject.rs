//! Projections after a change of the catalogue: what a category or a model says is part of what a device is.

use super::projection::projection;
use super::session::{absorbed, history};
use crate::app::catalogue;
use crate::db::{Db, books, devices, events};
use crate::error::{Error, Result};

/// What of the catalogue has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed<'a> {
    /// The category of this key.
    Category(&'a str),
    /// The model of this id.
    Model(&'a str),
}

/// Rewrites the projections of the devices that a change of the catalogue touches, in its transaction.
///
/// # Errors
/// Those of the store.
pub fn after(db: &mut Db, changed: Changed<'_>) -> Result<()> {
    let ids = match changed {
        Changed::Category(key) => devices::of_category(db, key)?,
        Changed::Model(id) => devices::of_model(db, id)?,
    };
    if ids.is_empty() {
        return Ok(());
    }
    let catalogue = catalogue::now(db)?;
    for id in ids {
        let head = events::lock(db, &id)?;
        let device = devices::by_id(db, &id)?.ok_or_else(Error::not_found)?;
        let chain = events::of_device(db, &id)?;
        let foreign = absorbed(db, &chain)?;
        let history = history(&chain, &foreign, &catalogue)
            .map_err(|illegal| Error::internal(format!("device {id}: {}", illegal.detail)))?;
        let last = chain.last().ok_or_else(Error::not_found)?.recorded_at;
        let rows = projection(&device, &chain, &history, &catalogue, last)?;
        books::project(db, &head, &rows)?;
    }
    Ok(())
}
