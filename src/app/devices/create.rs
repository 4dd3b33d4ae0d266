//! A new device: its opening event, its description, and the first event that was sent with it.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{DeviceView, get_in, may_create};
use crate::app::lifecycle::references::id_of;
use crate::app::lifecycle::{self, Command, Context, Session, context};
use crate::app::{Actor, App};
use crate::db::devices::Device;
use crate::db::{Db, Lane, organisations};
use crate::domain::entry::EntryKind;
use crate::domain::event::Fields;
use crate::domain::lifecycle::fields::{self, DESCRIBED};
use crate::domain::tag::Tag;
use crate::domain::text::Line;
use crate::domain::words::{Kind, Tenure};
use crate::error::{Code, Error, Result};

/// Fields that only events set, and the event to send instead.
const BY_EVENT: &[(&str, &str)] = &[
    (
        "stage",
        "the events of the stage table (`adopt`, `receive`, `allocate` …)",
    ),
    ("data", "`wipe`, or `adopt` with `data`"),
    (
        "presence",
        "`audit`, `mark_missing`, `find` or `report_stolen`",
    ),
    ("retired_on", "`retire`, or `adopt` with `retired_on`"),
    ("service", "`allocate`"),
    ("holder", "`allocate` or `loan`"),
    ("gone_on", "`hand_over`, or `adopt` with `gone_on`"),
    ("exit_kind", "`orient` and `hand_over`"),
    ("site", "`move`"),
    ("organisation", "`hand_over` with `to_organisation`"),
    ("tag", "nothing: a tag stays with its device"),
];

/// Fields that follow from others.
const DERIVED: &[&str] = &["id", "version", "updated_at", "next_events"];

/// The refusal of a field that an event sets; none when the field may be described.
pub(super) fn refused(field: &str) -> Option<Error> {
    if DERIVED.contains(&field) {
        return Some(Error::invalid(
            field,
            format!("`{field}` is computed; it cannot be set"),
        ));
    }
    let (_, by) = BY_EVENT.iter().find(|(name, _)| *name == field)?;
    Some(Error::invalid(
        field,
        format!("`{field}` is not described, it follows from events; use {by}"),
    ))
}

/// A new device from its JSON, inside a transaction.
///
/// # Errors
/// Any refusal of the contract, naming the field.
pub fn create(
    app: &App,
    db: &mut Db,
    actor: &Actor,
    body: Map<String, Value>,
) -> Result<DeviceView> {
    may_create(actor)?;
    let cx = context(app, db, actor)?;
    let id = create_in(db, &cx, body)?;
    get_in(app, db, actor, &id, None)
}

/// Many new devices, all or none. Gives their tags, in the order given.
///
/// # Errors
/// As [`create`], with `item`, the position of the one refused.
pub fn create_many(
    app: &Arc<App>,
    actor: &Actor,
    bodies: Vec<Map<String, Value>>,
) -> Result<Vec<String>> {
    may_create(actor)?;
    if bodies.is_empty() || bodies.len() > lifecycle::MAX_BATCH {
        let detail = format!("1 to {} devices are made at once", lifecycle::MAX_BATCH);
        return Err(Error::invalid("quantity", detail));
    }
    let (app2, actor) = (app.clone(), actor.clone());
    app.store.write(Lane::Interactive, move |db| {
        let cx = context(&app2, db, &actor)?;
        let mut tags = Vec::with_capacity(bodies.len());
        for (item, body) in bodies.iter().enumerate() {
            let id = create_in(db, &cx, body.clone()).map_err(|e| e.with("item", item))?;
            tags.push(app2.names.tag(db, &id)?);
        }
        Ok(tags)
    })
}

/// The same for a context that is open. Gives the id.
///
/// # Errors
/// As [`create`].
pub fn create_in(db: &mut Db, cx: &Context, mut body: Map<String, Value>) -> Result<String> {
    let take =
        |body: &mut Map<String, Value>, field: &str| body.remove(field).filter(|v| !v.is_null());
    let tag = tag(take(&mut body, "tag"))?;
    let organisation = text(take(&mut body, "organisation"), "organisation")?;
    let org = home(db, cx, organisation.as_deref())?;
    let site = text(take(&mut body, "site"), "site")?;
    let event = take(&mut body, "event");
    body.retain(|_, v| !v.is_null());
    if let Some(error) = body.keys().find_map(|field| refused(field)) {
        return Err(error);
    }
    if let Some(unknown) = body
        .keys()
        .find(|k| !DESCRIBED.contains(&k.as_str()) && !matches!(k.as_str(), "tenure" | "part_of"))
    {
        return Err(Error::new(
            Code::UnknownField,
            format!("a device has no field `{unknown}`; custom fields go into `extra`"),
        )
        .with_field(unknown.clone()));
    }
    if !body.contains_key("category") {
        return Err(Error::missing("category"));
    }
    fields::read_set(&body)?;
    let device = Device {
        id: crate::db::new_id(),
        tag,
        created_at: cx.now.instant.naive_utc(),
    };
    let commands = opening(cx, &device.id, event, site, body)?;
    let id = device.id.clone();
    let session = Session::of_new(db, cx, device, &org, &commands)?;
    lifecycle::write_new(db, cx, session)?;
    Ok(id)
}

/// The organisation a new device belongs to: named, else the actor's own, else `main`.
fn home(db: &mut Db, cx: &Context, named: Option<&str>) -> Result<String> {
    match (named, &cx.actor.org) {
        (Some(named), _) => {
            let id = id_of(db, &cx.scope, EntryKind::Organisation, named, None)?
                .filter(|id| cx.scope.holds(id));
            id.ok_or_else(|| Error::unknown_reference("organisation", named))
        }
        (None, Some(own)) => Ok(own.clone()),
        (None, None) => Ok(organisations::main(db)?.ok_or_else(Error::not_found)?.id),
    }
}

fn tag(given: Option<Value>) -> Result<String> {
    match text(given, "tag")? {
        Some(given) => Ok(Tag::parse_given(&given)
            .map_err(|e| Error::invalid("tag", e))?
            .as_str()
            .to_owned()),
        None => Ok(Tag::random(rand::random()).as_str().to_owned()),
    }
}

fn text(value: Option<Value>, field: &str) -> Result<Option<String>> {
    match value {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Error::invalid(field, format!("`{field}` is a text"))),
    }
}

/// The events a new device begins with: `order` unless its first event opens by itself, the description, the event.
fn opening(
    cx: &Context,
    device: &str,
    event: Option<Value>,
    site: Option<String>,
    mut set: Map<String, Value>,
) -> Result<Vec<Command>> {
    let sent = match event {
        None => None,
        Some(Value::Object(map)) => {
            Some(Command::read(map, Some(device), cx.now).map_err(|e| inside("event", e))?)
        }
        Some(_) => {
            return Err(Error::invalid(
                "event",
                "`event` is an object {\"kind\", \"on\", …}",
            ));
        }
    };
    let opens = sent.as_ref().is_some_and(|e| e.kind.is_opening());
    let (mut first, rest) = match sent {
        Some(event) if opens => (event, None),
        sent => {
            let on = sent.as_ref().map_or(cx.now.today, |e| e.on);
            let map = serde_json::json!({"kind": "order", "on": on.to_string()});
            let Value::Object(map) = map else {
                return Err(Error::not_found());
            };
            (Command::read(map, Some(device), cx.now)?, sent)
        }
    };
    if let Some(site) = site {
        let site = Line::parse(&site).map_err(|e| Error::invalid("site", e))?;
        first.fields.site = first.fields.site.or(Some(site));
    }
    // Tenure is dated: said with an order or reception it holds from the first day on.
    if first.kind != Kind::Adopt
        && let Some(tenure) = set.remove("tenure")
    {
        first.fields.tenure = first
            .fields
            .tenure
            .or(Tenure::parse(tenure.as_str().unwrap_or_default()).ok());
    }
    let describe = described(&first, device, set);
    Ok(std::iter::once(first).chain(describe).chain(rest).collect())
}

fn described(first: &Command, device: &str, set: Map<String, Value>) -> Option<Command> {
    (!set.is_empty()).then(|| Command {
        device: device.to_owned(),
        kind: Kind::Describe,
        on: first.on,
        at: None,
        fields: Fields {
            set: Some(set),
            ..Fields::default()
        },
        private: Map::new(),
        key: None,
        sent: Value::Null,
    })
}

fn inside(outer: &str, mut error: Error) -> Error {
    error.field = error.field.map(|field| format!("{outer}.{field}"));
    error
}
