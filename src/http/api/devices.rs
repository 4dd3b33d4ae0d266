//! Devices and their events.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use utoipa::{IntoParams, ToSchema};

use crate::app::devices::{self, Asked, DeviceView, EventView};
use crate::app::lifecycle::{self, Command, MAX_BATCH, Now, Recorded};
use crate::app::operations::decisions;
use crate::app::{App, clock::Clock};
use crate::db::{Db, savepoint};
use crate::domain::day::Day;
use crate::http::prelude::*;

/// Routes of this file.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(list)
        .service(create)
        .service(show)
        .service(change)
        .service(timeline)
        .service(record)
        .service(batch)
        .service(decide);
}

/// The day a device is read for.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct AsOf {
    /// State at the end of this day.
    #[param(value_type = Option<String>)]
    as_of: Option<Day>,
}

/// A new device: `category` needed; `tag`, `organisation`, `site`, `event` and the described fields beside it.
#[derive(ToSchema)]
#[allow(dead_code, reason = "documentation of what app::devices::create reads")]
pub struct NewDevice {
    /// Category key.
    category: String,
    /// A tag of your own, `[A-Z0-9-]{3,32}`; a random one when absent.
    tag: Option<String>,
    /// Organisation key; your own when absent.
    organisation: Option<String>,
    /// Site key.
    site: Option<String>,
    /// Its first event, recorded in the same transaction; `order` of today when absent.
    #[schema(value_type = Option<Object>)]
    event: Option<Value>,
}

/// An event to record: `kind`, `on`, and the fields of its kind.
#[derive(ToSchema)]
#[allow(dead_code, reason = "documentation of what Command::read reads")]
pub struct NewEvent {
    /// Kind, of the stage table.
    kind: String,
    /// The day it is true.
    on: Option<String>,
    /// The instant, for scans; its day in Paris is `on`.
    at: Option<String>,
    /// Key that makes it happen once.
    key: Option<String>,
    /// Kept apart, erasable.
    note: Option<String>,
}

/// Many events.
#[derive(ToSchema)]
#[allow(dead_code, reason = "documentation of what the batch reads")]
pub struct Batch {
    /// All or none (default), judged on the end state; false answers for each.
    atomic: Option<bool>,
    /// The events, each with its `device`.
    items: Vec<NewEvent>,
}

/// Devices, page by page: filters narrow together, values of one filter are alternatives.
#[utoipa::path(tag = "devices", operation_id = "list_devices", params(Asked), responses((status = 200, description = "A page", body = Page<DeviceView>), Refusals))]
#[get("/devices")]
pub async fn list(app: State, actor: Actor, query: Query<Asked>) -> Answer {
    let page = run(&app, move |app| devices::list(app, &actor, &query.0)).await?;
    Ok(Reply::ok(&page)?.into_response())
}

/// A new device, with its first event.
#[utoipa::path(tag = "devices", operation_id = "create_device", params(IdempotencyKey), request_body = NewDevice,
    responses((status = 201, description = "Made", body = DeviceView), Refusals))]
#[post("/devices")]
pub async fn create(app: State, actor: Actor, once: Once, mut body: Json) -> Answer {
    devices::may_create(&actor)?;
    once.run(&app, actor, &mut body, |app, db, actor, value| {
        let device = devices::create(app, db, actor, object(value)?)?;
        Ok(
            Reply::created(&format!("/api/v1/devices/{}", device.tag), &device)?
                .etag(device.version),
        )
    })
    .await
}

/// One device, by its tag (case and dashes do not matter) or id.
#[utoipa::path(tag = "devices", operation_id = "get_device", params(("tag" = String, Path), AsOf), responses((status = 200, description = "The device", body = DeviceView), Refusals))]
#[get("/devices/{tag}")]
pub async fn show(app: State, actor: Actor, tag: Path<String>, query: Query<AsOf>) -> Answer {
    let device = run(&app, move |app| {
        devices::get(app, &actor, &tag, query.0.as_of)
    })
    .await?;
    Ok(Reply::ok(&device)?.etag(device.version).into_response())
}

/// Describes a device by a merge patch (RFC 7396); what changes becomes one `describe` event.
#[utoipa::path(tag = "devices", operation_id = "patch_device", params(("tag" = String, Path), IfMatchHeader), request_body = Object,
    responses((status = 200, description = "The device", body = DeviceView), Refusals))]
#[patch("/devices/{tag}")]
pub async fn change(
    app: State,
    actor: Actor,
    tag: Path<String>,
    when: IfMatch,
    mut body: Json,
) -> Answer {
    actor.must(Right::Event(crate::domain::words::Kind::Describe))?;
    let patch = body.object()?;
    let device = run(&app, move |app| {
        devices::patch(app, &actor, &tag, when.expected(), patch)
    })
    .await?;
    Ok(Reply::ok(&device)?.etag(device.version).into_response())
}

/// The events of a device, in the order of recording.
#[utoipa::path(tag = "events", operation_id = "list_events", params(("tag" = String, Path)), responses((status = 200, description = "Its events", body = Page<EventView>), Refusals))]
#[get("/devices/{tag}/events")]
pub async fn timeline(app: State, actor: Actor, tag: Path<String>) -> Answer {
    let events = run(&app, move |app| devices::events(app, &actor, &tag)).await?;
    Ok(Reply::ok(&Page::new(events, None))?.into_response())
}

/// Whether any event at all may be written by the actor; which ones, the use case asks for each.
fn may_record(actor: &Actor) -> Result<()> {
    actor.must(Right::Event(crate::domain::words::Kind::Receive))
}

fn object(value: Value) -> Result<Map<String, Value>> {
    match value {
        Value::Object(map) => Ok(map),
        _ => Err(Error::new(Code::Malformed, "the body is a JSON object")),
    }
}

fn now(clock: &Clock) -> Now {
    let instant = clock.now();
    Now {
        instant,
        today: Day::of(instant),
    }
}

/// The event as answered, with its device when asked.
fn answered(
    app: &App,
    db: &mut Db,
    actor: &Actor,
    recorded: &Recorded,
    device: bool,
) -> Result<Value> {
    let view = devices::recorded_view(app, db, actor, recorded)?;
    let mut event = serde_json::to_value(&view).map_err(Error::internal)?;
    if let Value::Object(map) = &mut event {
        if recorded.replayed {
            map.insert("replayed".into(), Value::Bool(true));
        }
        if device {
            let now = devices::get_in(app, db, actor, &recorded.event.device, None)?;
            map.insert(
                "device".into(),
                serde_json::to_value(now).map_err(Error::internal)?,
            );
        }
    }
    Ok(event)
}

/// Records an event of a device. An Idempotency-Key and `key` are one; the same key answers the event it recorded.
#[utoipa::path(tag = "events", operation_id = "record_event", params(("tag" = String, Path), IdempotencyKey, IfMatchHeader), request_body = NewEvent,
    responses((status = 201, description = "The event, with its device", body = Object), Refusals))]
#[post("/devices/{tag}/events")]
pub async fn record(
    app: State,
    actor: Actor,
    tag: Path<String>,
    once: Once,
    when: IfMatch,
    mut body: Json,
) -> Answer {
    may_record(&actor)?;
    let mut map = body.object()?;
    if let Some(key) = once.key() {
        map.insert("key".into(), Value::from(key));
    }
    let reply = run(&app, move |app| {
        let command = Command::read(map, Some(&tag), now(&app.clock))?;
        let recorded = lifecycle::record(app, &actor, command, when.expected())?;
        let body = (app.store).read(|db| answered(app, db, &actor, &recorded, true))?;
        let version = body
            .pointer("/device/version")
            .and_then(Value::as_i64)
            .unwrap_or(0);
        let at = format!("/api/v1/devices/{}/events", tag.as_str());
        let reply = Reply::created(&at, &body)?.etag(version);
        Ok(if recorded.replayed {
            reply.with("idempotency-replayed", "true")
        } else {
            reply
        })
    })
    .await?;
    Ok(reply.into_response())
}

/// Records many events: all or none (201), or each by itself with `"atomic": false` (207).
#[utoipa::path(tag = "events", operation_id = "record_events", params(IdempotencyKey), request_body = Batch,
    responses((status = 201, description = "All recorded", body = Object), (status = 207, description = "Each by itself", body = Object), Refusals))]
#[post("/events")]
pub async fn batch(app: State, actor: Actor, once: Once, mut body: BulkJson) -> Answer {
    may_record(&actor)?;
    once.run(&app, actor, &mut body, |app, db, actor, value| {
        let mut body = object(value)?;
        let atomic = match body.remove("atomic") {
            None | Some(Value::Null) => true,
            Some(Value::Bool(atomic)) => atomic,
            Some(_) => return Err(Error::invalid("atomic", "`atomic` is true or false")),
        };
        let items = match body.remove("items") {
            Some(Value::Array(items)) => items,
            Some(_) => return Err(Error::invalid("items", "`items` is a list of events")),
            None => return Err(Error::missing("items")),
        };
        if let Some(field) = body.keys().next() {
            return Err(Error::new(
                Code::UnknownField,
                format!("a batch has no field `{field}`"),
            )
            .with_field(field.clone()));
        }
        if items.len() > MAX_BATCH {
            return Err(Error::invalid(
                "items",
                format!("a batch holds at most {MAX_BATCH} events"),
            ));
        }
        if atomic {
            together(app, db, actor, items)
        } else {
            one_by_one(app, db, actor, items)
        }
    })
    .await
}

fn read(now: Now, item: Value) -> Result<Command> {
    match item {
        Value::Object(map) => Command::read(map, None, now),
        _ => Err(Error::invalid(
            "items",
            "an item is an object {\"device\", \"kind\", \"on\", …}",
        )),
    }
}

fn together(app: &App, db: &mut Db, actor: &Actor, items: Vec<Value>) -> Result<Reply> {
    let cx = lifecycle::context(app, db, actor)?;
    let commands = items
        .into_iter()
        .enumerate()
        .map(|(i, item)| read(cx.now, item).map_err(|e| e.with("item", i)))
        .collect::<Result<Vec<_>>>()?;
    let recorded = lifecycle::record_in(db, &cx, &commands, &Expected::Anything)?;
    let items = recorded
        .iter()
        .map(|r| Ok(json!({"status": if r.replayed { 200 } else { 201 }, "event": answered(app, db, actor, r, false)?})))
        .collect::<Result<Vec<_>>>()?;
    Reply::json(201, &json!({"items": items}))
}

fn one_by_one(app: &App, db: &mut Db, actor: &Actor, items: Vec<Value>) -> Result<Reply> {
    let cx = lifecycle::context(app, db, actor)?;
    let commands: Vec<Result<Command>> = items.into_iter().map(|item| read(cx.now, item)).collect();
    lifecycle::hold::all(db, commands.iter().flatten())?;
    let mut out = Vec::with_capacity(commands.len());
    for command in commands {
        let done = savepoint(db, |db| {
            let recorded = lifecycle::record_in(db, &cx, &[command?], &Expected::Anything)
                .map_err(lifecycle::without_item)?
                .pop()
                .ok_or_else(Error::not_found)?;
            Ok((
                answered(app, db, actor, &recorded, false)?,
                recorded.replayed,
            ))
        });
        out.push(match done {
            Ok((event, replayed)) => json!({"status": if replayed { 200 } else { 201 }, "event": event}),
            // A fault of ours, or a transaction that was lost, is nobody's item: the whole answer says it.
            Err(error) if error.code.status() >= 500 => return Err(error),
            Err(error) => json!({"status": error.code.status(), "problem": crate::http::problem::document(&error, None)}),
        });
    }
    Reply::json(207, &json!({"items": out}))
}

/// A decision: the réforme of many devices by one reference. `warnings` says when they are of several organisations.
#[utoipa::path(tag = "operations", operation_id = "decide", params(IdempotencyKey), request_body = Object,
    responses((status = 201, description = "The `retire` of each", body = Object), Refusals))]
#[post("/decisions")]
pub async fn decide(app: State, actor: Actor, once: Once, mut body: BulkJson) -> Answer {
    actor.must(Right::Event(crate::domain::words::Kind::Retire))?;
    once.run(&app, actor, &mut body, |app, db, actor, value| {
        let body = object(value)?;
        let reference = body.get("reference").cloned().unwrap_or_default();
        let on = body.get("on").cloned().unwrap_or_default();
        let recorded = decisions::create(app, db, actor, body)?;
        let items = recorded
            .iter()
            .map(|r| Ok(json!({"status": 201, "event": answered(app, db, actor, r, false)?})))
            .collect::<Result<Vec<_>>>()?;
        let mut said = json!({"reference": reference, "on": on, "items": items});
        let councils = decisions::councils(&recorded);
        if let (true, Some(said)) = (councils > 1, said.as_object_mut()) {
            let message = format!("the devices are of {councils} organisations: each council has a decision of its own by this reference");
            said.insert(
                "warnings".into(),
                json!([{"code": "several_organisations", "message": message}]),
            );
        }
        Reply::json(201, &said)
    })
    .await
}
