//! The change feed: what was committed since a number, in the one order there is, of the organisations the reader sees.

use std::collections::BTreeMap;

use serde::Serialize;

use super::devices::EventView;
use super::devices::timeline::{event_view, voided};
use super::{Actor, App, Right, ledger_care};
use crate::db::outbox::{self, Change, What};
use crate::db::{Db, events};
use crate::domain::day::Instant;
use crate::domain::entry::EntryKind;
use crate::error::Result;

/// What changed, and its number.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = Change)]
pub struct ChangeView {
    /// Its number: rises without end, and never by the clock.
    pub seq: i64,
    /// When it was numbered: the `known_at` that knows it.
    #[serde(with = "crate::domain::day::instant")]
    #[schema(value_type = String)]
    pub numbered_at: Instant,
    /// `event`, or the kind of reference row: site, partner, purchase…
    pub kind: String,
    /// Organisation key; null for what everybody shares.
    pub organisation: Option<String>,
    /// Tag of the device, for events.
    pub device: Option<String>,
    /// The event.
    pub event: Option<EventView>,
    /// Key of the row, for the others.
    pub key: Option<String>,
    /// The version of the row that was recorded.
    pub version: Option<i64>,
}

/// A part of the feed.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Feed {
    /// Changes, in order.
    pub items: Vec<ChangeView>,
    /// The next `since`; given at the end too, to come back with.
    pub next: String,
}

/// What was committed after `since`. A part may hold fewer than `limit`, even none, before the end: go on while
/// `next` moves.
///
/// # Errors
/// `forbidden`; those of the store.
pub fn since(app: &App, actor: &Actor, since: i64, limit: usize) -> Result<Feed> {
    actor.must(Right::Read)?;
    ledger_care::number(app)?;
    app.store.read(|db| {
        let scope = actor.scope(db)?;
        let (changes, next) = outbox::changes_since(db, &scope, since, limit)?;
        let people = actor.may(Right::People);
        let reading = Reading::of(db, &changes, people)?;
        let mut items = Vec::with_capacity(changes.len());
        for change in &changes {
            let of_person = matches!(&change.what, What::Entry { kind, .. } if kind == EntryKind::Person.as_str());
            if people || !of_person {
                items.push(reading.view(app, db, actor, change)?);
            }
        }
        Ok(Feed {
            items,
            next: next.to_string(),
        })
    })
}

/// What the events of a part need, read once for all of them.
struct Reading {
    voided_by: BTreeMap<String, String>,
    private: BTreeMap<String, serde_json::Map<String, serde_json::Value>>,
}

impl Reading {
    fn of(db: &mut Db, changes: &[Change], people: bool) -> Result<Reading> {
        let of_events = changes.iter().filter_map(|change| match &change.what {
            What::Event(event) => Some(event),
            What::Entry { .. } => None,
        });
        let (mut devices, mut ids) = (Vec::new(), Vec::new());
        for event in of_events {
            devices.push(event.device.clone());
            if event.private.is_some() {
                ids.push(event.id.clone());
            }
        }
        devices.sort_unstable();
        devices.dedup();
        let mut voided_by = BTreeMap::new();
        for chain in events::of_devices(db, &devices)?.values() {
            let pairs = voided(chain);
            voided_by.extend(pairs.into_iter().map(|(a, b)| (a.to_owned(), b.to_owned())));
        }
        let private = if people {
            events::private_of(db, &ids)?
        } else {
            BTreeMap::new()
        };
        Ok(Reading { voided_by, private })
    }

    fn view(&self, app: &App, db: &mut Db, actor: &Actor, change: &Change) -> Result<ChangeView> {
        let mut view = ChangeView {
            seq: change.seq,
            numbered_at: change.numbered_at,
            kind: "event".into(),
            organisation: None,
            device: None,
            event: None,
            key: None,
            version: None,
        };
        match &change.what {
            What::Event(event) => {
                view.organisation = Some(app.names.key(db, &event.org)?);
                view.device = Some(app.names.tag(db, &event.device)?);
                let voided_by = self.voided_by.get(&event.id).cloned();
                let private = self.private.get(&event.id);
                view.event = Some(event_view(app, db, actor, event, voided_by, private)?);
            }
            What::Entry {
                kind,
                key,
                org,
                version,
                ..
            } => {
                view.kind.clone_from(kind);
                view.organisation = match org {
                    Some(org) => Some(app.names.key(db, org)?),
                    None => None,
                };
                view.key = Some(key.clone());
                view.version = Some(*version);
            }
        }
        Ok(view)
    }
}
