//! What anybody may read of a device whose label they hold: whose it is, what it is, the months of its life. No holder,
//! no place, no serial, no price, no name of a person, no day.

use super::devices::{self, EventView};
use super::{Actor, App};
use crate::db::{Scope, device_rows, devices as chains, entries};
use crate::domain::category::Category;
use crate::domain::day::Day;
use crate::domain::tag::Tag;
use crate::domain::words::{Condition, ExitKind, Kind, Outcome, Stage};
use crate::error::{Error, Result};

/// A step of a life that may be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It came: as new, used, or nobody has said.
    Acquired(Condition),
    /// A repair ended well.
    Repaired,
    /// Its media were erased and the erasure verified.
    Wiped,
    /// It left, in this way.
    Left(ExitKind),
}

/// What anybody may read.
#[derive(Debug, Clone, PartialEq)]
pub struct PublicView {
    /// The tag.
    pub tag: Tag,
    /// Name of the organisation in whose books it stands.
    pub organisation: String,
    /// Its category.
    pub category: Option<Category>,
    /// It is no longer theirs.
    pub gone: bool,
    /// Oldest first.
    pub steps: Vec<(Day, Step)>,
}

/// The public page of a random tag. Other tags have none: they can be guessed.
///
/// # Errors
/// `not_found`, the same for a tag that never was, one that was withdrawn and one that is not random.
pub fn of_tag(app: &App, text: &str) -> Result<PublicView> {
    let tag = Tag::parse_random(text).ok_or_else(Error::not_found)?;
    // Only what is picked out below leaves this function.
    let reader = Actor::operator();
    let found = app.store.read(|db| {
        let Some(id) = chains::resolve(db, tag.as_str())? else {
            return Ok(None);
        };
        // By id: two organisations may have the same key.
        let owner = match device_rows::of_devices(db, &Scope::All, std::slice::from_ref(&id))?.pop()
        {
            Some(row) => entries::by_id(db, &row.org)?,
            None => None,
        };
        Ok(owner.map(|owner| (id, owner.name)))
    })?;
    let (id, organisation) = found.ok_or_else(Error::not_found)?;
    let device = devices::get(app, &reader, &id, None)?;
    if device.stage == Stage::Withdrawn {
        return Err(Error::not_found());
    }
    let catalogue = app.store.read(|db| app.catalogue(db))?;
    let category = device
        .category
        .as_deref()
        .and_then(|key| catalogue.category(key));
    let events = devices::events(app, &reader, &id)?;
    let mut steps: Vec<(Day, Step)> = Vec::new();
    if let Some(day) = device.acquired_on {
        let condition = device.condition.unwrap_or(Condition::Unknown);
        steps.push((day, Step::Acquired(condition)));
    }
    steps.extend(
        events
            .iter()
            .filter(|e| e.voided_by.is_none())
            .filter_map(told),
    );
    if let (Stage::Gone, Some(day), Some(kind)) = (device.stage, device.gone_on, device.exit_kind) {
        steps.push((day, Step::Left(kind)));
    }
    steps.sort_by_key(|(day, _)| *day);
    Ok(PublicView {
        tag,
        organisation,
        category: category.cloned(),
        gone: device.stage == Stage::Gone,
        steps,
    })
}

fn told(event: &EventView) -> Option<(Day, Step)> {
    let text = |field: &str| event.fields.get(field).and_then(serde_json::Value::as_str);
    let yes =
        |field: &str| event.fields.get(field).and_then(serde_json::Value::as_bool) == Some(true);
    let step = match event.kind {
        Kind::CloseRepair if text("outcome") == Some(Outcome::Fixed.as_str()) => Step::Repaired,
        Kind::Wipe if yes("verified") && matches!(text("method"), Some("purge" | "destroy")) => {
            Step::Wiped
        }
        _ => return None,
    };
    Some((event.on, step))
}
