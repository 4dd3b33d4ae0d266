//! The timeline of a device: its events as a reader sees them.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::app::lifecycle::Recorded;
use crate::app::lifecycle::references::shown;
use crate::app::{Actor, App, Right};
use crate::db::{Db, devices, events};
use crate::domain::day::{Day, Instant};
use crate::domain::event::{Event, PRIVATE};
use crate::domain::words::Kind;
use crate::error::{Error, Result};

/// The shape `event` of the contract: what is common, then its own fields.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct EventView {
    /// UUIDv7.
    pub id: String,
    /// Position in the chain.
    pub n: i64,
    /// What happened.
    #[schema(value_type = String)]
    pub kind: Kind,
    /// The day it is true.
    #[schema(value_type = String)]
    pub on: Day,
    /// The instant, when known.
    #[serde(with = "crate::domain::day::instant::option")]
    #[schema(value_type = Option<String>)]
    pub at: Option<Instant>,
    /// When we learned it.
    #[serde(with = "crate::domain::day::instant")]
    #[schema(value_type = String)]
    pub recorded_at: Instant,
    /// Account or token that recorded it.
    pub actor: String,
    /// Id of the `correct` that voids it.
    pub voided_by: Option<String>,
    /// Note; null when there is none, when it was erased, or when the reader may not see people.
    pub note: Option<String>,
    /// Its own fields.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub fields: Map<String, Value>,
}

/// Passport of a device: kinds that every later and former owner may read (life dates, repairs, wipes).
const PASSPORT: &[Kind] = &[
    Kind::Adopt,
    Kind::Order,
    Kind::Receive,
    Kind::CloseRepair,
    Kind::Wipe,
    Kind::Retire,
    Kind::Reinstate,
    Kind::HandOver,
];

/// Fields of those that are not theirs to read.
const PASSPORT_FIELDS: &[&str] = &[
    "outcome",
    "method",
    "verified",
    "exit_kind",
    "acquisition",
    "condition",
];

/// The events of a device, in the order of recording.
///
/// # Errors
/// `not_found`.
pub fn events(app: &App, actor: &Actor, tag_or_id: &str) -> Result<Vec<EventView>> {
    actor.must(Right::Read)?;
    app.store.read(|db| {
        let id = devices::resolve(db, tag_or_id)?.ok_or_else(Error::not_found)?;
        events_in(app, db, actor, &id)
    })
}

/// The same inside a read that is under way, by id.
///
/// # Errors
/// `not_found`.
pub fn events_in(app: &App, db: &mut Db, actor: &Actor, id: &str) -> Result<Vec<EventView>> {
    let scope = actor.scope(db)?;
    if !devices::seen_by(db, id, &scope)? {
        return Err(Error::not_found());
    }
    let chain = events::of_device(db, id)?;
    let voids = voided(&chain);
    let mine: Vec<&Event> = chain
        .iter()
        .filter(|e| scope.holds(&e.org) || PASSPORT.contains(&e.kind))
        .collect();
    let ids: Vec<String> = mine
        .iter()
        .filter(|e| e.private.is_some() && scope.holds(&e.org))
        .map(|e| e.id.clone())
        .collect();
    let private = if actor.may(Right::People) {
        events::private_of(db, &ids)?
    } else {
        BTreeMap::new()
    };
    let mut out = Vec::new();
    for event in mine {
        let voided_by = voids.get(event.id.as_str()).map(|v| (*v).to_owned());
        let seen = event_view(app, db, actor, event, voided_by, private.get(&event.id))?;
        out.push(if scope.holds(&event.org) {
            seen
        } else {
            passport(seen)
        });
    }
    Ok(out)
}

/// Voided event → active correction. A correction that is itself voided voids nothing.
pub fn voided(chain: &[Event]) -> BTreeMap<&str, &str> {
    let mut out: BTreeMap<&str, &str> = BTreeMap::new();
    for event in chain.iter().rev().filter(|e| e.kind == Kind::Correct) {
        if out.contains_key(event.id.as_str()) {
            continue;
        }
        if let Some(target) = &event.fields.event {
            out.insert(target.as_str(), &event.id);
        }
    }
    out
}

/// One event as this actor reads it.
///
/// # Errors
/// Those of the database (names of ids).
pub fn event_view(
    app: &App,
    db: &mut Db,
    actor: &Actor,
    event: &Event,
    voided_by: Option<String>,
    private: Option<&Map<String, Value>>,
) -> Result<EventView> {
    let mut fields = shown(db, &app.names, &event.fields)?;
    let people = actor.may(Right::People);
    if !people {
        fields.remove("holder");
    }
    let private = private.filter(|_| people);
    for name in PRIVATE.iter().filter(|name| **name != "note") {
        if let Some(value) = private.and_then(|p| p.get(*name)) {
            if *name == "override_reason" {
                fields.insert("override".into(), serde_json::json!({"wipe": value}));
            } else {
                fields.insert((*name).into(), value.clone());
            }
        }
    }
    let note = private
        .and_then(|p| p.get("note"))
        .and_then(Value::as_str)
        .map(str::to_owned);
    Ok(EventView {
        id: event.id.clone(),
        n: event.n,
        kind: event.kind,
        on: event.on,
        at: event.at,
        recorded_at: event.recorded_at,
        actor: event.actor.clone(),
        voided_by,
        note,
        fields,
    })
}

fn passport(mut view: EventView) -> EventView {
    view.fields
        .retain(|name, _| PASSPORT_FIELDS.contains(&name.as_str()));
    view.actor = String::new();
    view.note = None;
    view
}

/// An event just recorded, as its actor reads it.
///
/// # Errors
/// Those of the store.
pub fn recorded_view(
    app: &App,
    db: &mut Db,
    actor: &Actor,
    recorded: &Recorded,
) -> Result<EventView> {
    let event = &recorded.event;
    let private = match &event.private {
        Some(_) => events::private_of(db, std::slice::from_ref(&event.id))?.remove(&event.id),
        None => None,
    };
    let voided_by = if recorded.replayed {
        voided(&events::of_device(db, &event.device)?)
            .get(event.id.as_str())
            .map(|v| (*v).to_owned())
    } else {
        None
    };
    event_view(app, db, actor, event, voided_by, private.as_ref())
}
