//! Everything a device's page shows, from one snapshot.

use std::collections::HashMap;

use serde_json::Value;

use super::list::views;
use super::timeline::{EventView, events_in};
use super::view::DeviceView;
use super::{get_in, row_in};
use crate::app::operations::proposals::{self, Proposal};
use crate::app::titles::{self, Titles};
use crate::app::{Actor, App, Right, custom_fields as definitions};
use crate::db::{Db, actors, books, device_rows, devices, entries};
use crate::domain::custom_field::CustomField;
use crate::domain::day::Day;
use crate::domain::entry::EntryKind;
use crate::domain::facts::Spell;
use crate::error::Result;

/// One interval of ownership.
#[derive(Debug, Clone)]
pub struct Owner {
    /// Name of the organisation; none when the reader may not know it.
    pub name: Option<String>,
    /// First day.
    pub from: Day,
    /// Day the next interval opened.
    pub to: Option<Day>,
}

/// A device with all that is known of it.
#[derive(Debug)]
pub struct Dossier {
    /// The device, now or at the end of the day asked for.
    pub device: DeviceView,
    /// Its events, in the order of recording.
    pub events: Vec<EventView>,
    /// Names of those who recorded them; empty for those who may not see people.
    pub actors: HashMap<String, String>,
    /// Names of the keys in all this.
    pub titles: Titles,
    /// Devices that are part of it.
    pub parts: Vec<DeviceView>,
    /// Whose it was, oldest first.
    pub owners: Vec<Owner>,
    /// What its reader's books say it went through, oldest first.
    pub spells: Vec<Spell>,
    /// Its réforme is proposed and not decided; said of today only.
    pub proposed: Option<Proposal>,
    /// Custom fields of its organisation, by key.
    pub custom: HashMap<String, CustomField>,
}

/// All about one device.
///
/// # Errors
/// `not_found` when it is absent or not the actor's.
pub fn dossier(app: &App, actor: &Actor, tag_or_id: &str, as_of: Option<Day>) -> Result<Dossier> {
    actor.must(Right::Read)?;
    app.store.read(|db| {
        let row = row_in(db, actor, tag_or_id)?;
        let (id, org) = (row.device.clone(), row.org.clone());
        let spells = books::facts(db, &id, row.book)?.spells;
        let device = match as_of {
            None => views(app, db, actor, vec![row], None)?.pop(),
            Some(_) => None,
        };
        let device = match device {
            Some(device) => device,
            None => get_in(app, db, actor, &id, as_of)?,
        };
        let events = events_in(app, db, actor, &id)?;
        let scope = actor.scope(db)?;
        let parts = devices::parts_of(db, &id)?;
        let parts = device_rows::of_devices(db, &scope, &parts)?;
        let parts = views(app, db, actor, parts, None)?;
        let actors = who(db, actor, &events)?;
        let titles = {
            let wanted = wanted(&device, &parts, &events);
            titles::of_in(app, db, actor, &wanted)?
        };
        let own = std::slice::from_ref(&id);
        let proposed = match as_of {
            None => proposals::of(db, own)?.remove(&id),
            Some(_) => None,
        };
        Ok(Dossier {
            proposed,
            owners: owners(db, actor, &id)?,
            custom: definitions::definitions(db, &org)?,
            device,
            events,
            actors,
            titles,
            parts,
            spells,
        })
    })
}

/// The custom fields of an organisation (key), by key.
///
/// # Errors
/// Those of the store.
pub fn custom_fields(
    app: &App,
    actor: &Actor,
    organisation: &str,
) -> Result<HashMap<String, CustomField>> {
    actor.must(Right::Read)?;
    app.store.read(|db| {
        let scope = actor.scope(db)?;
        let found = crate::app::lifecycle::references::id_of(
            db,
            &scope,
            EntryKind::Organisation,
            organisation,
            None,
        )?;
        match found {
            Some(org) => definitions::definitions(db, &org),
            None => Ok(HashMap::new()),
        }
    })
}

fn who(db: &mut Db, actor: &Actor, events: &[EventView]) -> Result<HashMap<String, String>> {
    if !actor.may(Right::People) {
        return Ok(HashMap::new());
    }
    let mut ids: Vec<String> = events.iter().map(|e| e.actor.clone()).collect();
    ids.sort_unstable();
    ids.dedup();
    actors::names(db, &ids)
}

/// Kind of the reference that a field holds.
const REFERENCES: &[(&str, EntryKind)] = &[
    ("site", EntryKind::Site),
    ("holder", EntryKind::Person),
    ("provider", EntryKind::Partner),
    ("partner", EntryKind::Partner),
    ("to_organisation", EntryKind::Organisation),
    ("model", EntryKind::Model),
    ("category", EntryKind::Category),
];

fn wanted<'a>(
    device: &'a DeviceView,
    parts: &'a [DeviceView],
    events: &'a [EventView],
) -> Vec<(EntryKind, &'a str)> {
    let mut out: Vec<(EntryKind, &str)> = Vec::new();
    for device in parts.iter().chain(std::iter::once(device)) {
        out.push((EntryKind::Organisation, &device.organisation));
        out.extend(device.category.iter().map(|k| (EntryKind::Category, &**k)));
        out.extend(device.model.iter().map(|k| (EntryKind::Model, &**k)));
        out.extend(device.site.iter().map(|k| (EntryKind::Site, &**k)));
        out.extend(device.holder.iter().map(|k| (EntryKind::Person, &**k)));
    }
    for event in events {
        let set = event.fields.get("set").and_then(Value::as_object);
        for fields in std::iter::once(&event.fields).chain(set) {
            for (field, kind) in REFERENCES {
                let key = fields.get(*field).and_then(Value::as_str);
                out.extend(key.map(|key| (*kind, key)));
            }
        }
    }
    out
}

fn owners(db: &mut Db, actor: &Actor, device: &str) -> Result<Vec<Owner>> {
    let books = books::openings(db, device)?;
    let ids: Vec<String> = books.iter().map(|(org, _)| org.clone()).collect();
    let names = entries::names(db, &ids)?;
    let scope = actor.scope(db)?;
    let next = books.iter().skip(1).map(|(_, from)| Some(*from));
    let next = next.chain(std::iter::once(None));
    Ok(books
        .iter()
        .zip(next)
        .map(|((org, from), to)| Owner {
            name: names
                .get(org)
                .filter(|_| scope.holds(org))
                .map(|(_, name)| name.clone()),
            from: Day(*from),
            to: to.map(Day),
        })
        .collect())
}
