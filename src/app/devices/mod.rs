//! Devices: made, read, listed, described, found by any code.

mod bulk;
mod create;
mod describe;
mod dossier;
mod list;
mod many;
mod scan;
mod stages;
pub mod timeline;
pub mod view;

pub use bulk::{Which, chosen, record_all, undo};
pub use create::{create, create_in, create_many};
pub use describe::patch;
pub use dossier::{Dossier, Owner, custom_fields, dossier};
pub use list::{Asked, filter, list, rows, views};
pub use many::by_tags;
pub use scan::{Match, Scan, meant_in, scan};
pub use stages::{ByStage, Counts, stages};
pub use timeline::{EventView, event_view, events, recorded_view};
pub use view::DeviceView;

use crate::app::{Actor, App, Right};
use crate::db::{Db, device_rows, devices};
use crate::domain::day::Day;
use crate::domain::tag;
use crate::error::{Error, Result};

/// One device, as the actor sees it, now or at the end of a day.
///
/// # Errors
/// `not_found` when it is absent or not the actor's.
pub fn get(app: &App, actor: &Actor, tag_or_id: &str, as_of: Option<Day>) -> Result<DeviceView> {
    actor.must(Right::Read)?;
    app.store
        .read(|db| get_in(app, db, actor, tag_or_id, as_of))
}

/// The same inside a transaction.
///
/// # Errors
/// `not_found`.
pub fn get_in(
    app: &App,
    db: &mut Db,
    actor: &Actor,
    tag_or_id: &str,
    as_of: Option<Day>,
) -> Result<DeviceView> {
    let row = row_in(db, actor, tag_or_id)?;
    list::views(app, db, actor, vec![row], as_of)?
        .pop()
        .ok_or_else(Error::not_found)
}

/// The row behind a tag or id, in the book the actor sees.
fn row_in(db: &mut Db, actor: &Actor, tag_or_id: &str) -> Result<device_rows::Row> {
    let scope = actor.scope(db)?;
    // A tag that was not merged is one statement; everything else goes by the id it leads to.
    let direct = device_rows::by_tag(db, &scope, &tag::fold(tag_or_id))?;
    if let Some(row) = direct.filter(|row| !row.state.contains("\"withdrawn\"")) {
        return Ok(row);
    }
    let id = devices::resolve(db, tag_or_id)?.ok_or_else(Error::not_found)?;
    device_rows::of_devices(db, &scope, &[id])?
        .pop()
        .ok_or_else(Error::not_found)
}

/// Whether the actor may make devices at all.
///
/// # Errors
/// `forbidden`.
pub fn may_create(actor: &Actor) -> Result<()> {
    use crate::domain::words::Kind;
    if actor.may(Right::Devices) || actor.may(Right::Event(Kind::Receive)) {
        Ok(())
    } else {
        actor.must(Right::Devices)
    }
}
