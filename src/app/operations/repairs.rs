//! Repairs: opened, sent and closed by events; told in one body when they are told late.

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value};

use super::{command, moved, nothing_left};
use crate::app::lifecycle::{Command, Context, context, record_in, without_item};
use crate::app::{Actor, App, Expected, Page, Right, cursor};
use crate::db::operations::{self, Repair};
use crate::db::{Db, Lane, Scope, devices, events, new_id};
use crate::domain::day::Day;
use crate::domain::event::Event;
use crate::domain::text::Line;
use crate::domain::words::Kind;
use crate::error::{Error, Result};

/// The shape `repair` of the contract.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = Repair)]
pub struct RepairView {
    /// Id.
    pub key: String,
    /// Tag.
    pub device: String,
    /// Reported on.
    #[schema(value_type = String)]
    pub opened_on: Day,
    /// Sent on.
    #[schema(value_type = Option<String>)]
    pub sent_on: Option<Day>,
    /// Closed on.
    #[schema(value_type = Option<String>)]
    pub closed_on: Option<Day>,
    /// What was wrong; null to those who may not see people.
    pub fault: Option<String>,
    /// Partner key.
    pub provider: Option<String>,
    /// fixed, repairable or end_of_life.
    pub outcome: Option<String>,
    /// Why it was not repaired.
    pub barrier: Option<String>,
    /// Hours of work.
    pub hours: Option<f64>,
    /// Cents without tax.
    pub cost_cents: Option<i64>,
    /// Parts used.
    pub parts: Vec<String>,
}

/// Fields of the closing.
const CLOSING: &[&str] = &["outcome", "to", "barrier", "parts", "hours", "cost_cents"];

/// Tells a repair: `{"device","opened_on","sent_on"?,"closed_on"?,"fault","provider","outcome",…}`; the events that
/// the days name, in one transaction.
///
/// # Errors
/// The refusal of the event that is not possible.
pub fn create(
    app: &App,
    db: &mut Db,
    actor: &Actor,
    mut body: Map<String, Value>,
) -> Result<RepairView> {
    actor.must(Right::Event(Kind::ReportFault))?;
    let device = match body.remove("device") {
        Some(Value::String(device)) => device,
        Some(v) if !v.is_null() => return Err(Error::invalid("device", "`device` is a tag")),
        _ => return Err(Error::missing("device")),
    };
    let cx = context(app, db, actor)?;
    let key = new_id();
    if body.get("opened_on").is_none_or(Value::is_null) {
        return Err(Error::missing("opened_on"));
    }
    let commands = told(&cx, &device, &key, &mut body)?;
    nothing_left(&body, "a repair")?;
    record_in(db, &cx, &commands, &Expected::Anything).map_err(without_item)?;
    let row = operations::repair(db, &cx.scope, &key)?.ok_or_else(Error::not_found)?;
    view(app, db, actor, row)
}

/// Goes on with a repair: `sent_on` with `provider`, `closed_on` with `outcome` and its particulars.
///
/// # Errors
/// `invalid_value` for what was said already: `correct` its event.
pub fn patch(
    app: &Arc<App>,
    actor: &Actor,
    key: &str,
    body: Map<String, Value>,
) -> Result<RepairView> {
    let (app2, actor, key) = (app.clone(), actor.clone(), key.to_owned());
    app.store.write(Lane::Interactive, move |db| {
        let cx = context(&app2, db, &actor)?;
        let row = operations::repair(db, &cx.scope, &key)?.ok_or_else(Error::not_found)?;
        actor.must(Right::Event(Kind::CloseRepair))?;
        let before = view(&app2, db, &actor, row.clone())?;
        let now = serde_json::to_value(&before).map_err(Error::internal)?;
        let mut body: Map<String, Value> = body
            .iter()
            .filter(|(k, v)| now.get(*k) != Some(*v))
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect();
        for said in [
            "opened_on",
            "fault",
            "device",
            "key",
            "sent_on",
            "closed_on",
        ] {
            let set = now.get(said).is_some_and(|v| !v.is_null());
            if set && body.contains_key(said) {
                return Err(Error::invalid(
                    said,
                    format!("`{said}` was told by an event; `correct` it and tell it again"),
                ));
            }
        }
        let commands = told(&cx, &row.device, &key, &mut body)?;
        nothing_left(&body, "a repair that goes on")?;
        if commands.is_empty() {
            return Ok(before);
        }
        record_in(db, &cx, &commands, &Expected::Anything).map_err(without_item)?;
        let row = operations::repair(db, &cx.scope, &key)?.ok_or_else(Error::not_found)?;
        view(&app2, db, &actor, row)
    })
}

/// The events that a body tells.
fn told(
    cx: &Context,
    device: &str,
    key: &str,
    body: &mut Map<String, Value>,
) -> Result<Vec<Command>> {
    let mut commands = Vec::new();
    for (day, kind, own) in [
        ("opened_on", "report_fault", &["fault", "note"][..]),
        ("sent_on", "send_to_repair", &["provider"][..]),
        ("closed_on", "close_repair", CLOSING),
    ] {
        let Some(on) = body.remove(day).filter(|v| !v.is_null()) else {
            continue;
        };
        let mut fields = moved(body, own);
        fields.insert("on".into(), on);
        let mut command = command(cx, device, kind, &fields).map_err(|e| named(day, e))?;
        command.fields.repair = Line::parse(key).ok();
        commands.push(command);
    }
    Ok(commands)
}

/// The day of an event is told under its own name here.
fn named(day: &str, mut error: Error) -> Error {
    if error.field.as_deref() == Some("on") {
        error.field = Some(day.to_owned());
    }
    error
}

/// Repairs in order of opening; open or closed ones alone when asked.
///
/// # Errors
/// `invalid_parameter`.
pub fn list(
    app: &App,
    actor: &Actor,
    open: Option<bool>,
    limit: i64,
    at: Option<&str>,
) -> Result<Page<RepairView>> {
    actor.must(Right::Read)?;
    app.store.read(|db| {
        let scope: Scope = actor.scope(db)?;
        let bound = format!("repairs|{}|{open:?}", actor.org.as_deref().unwrap_or("*"));
        let after = at
            .map(|c| cursor::open::<(Day, String)>(app, &bound, c))
            .transpose()?;
        let mut rows = operations::repairs(
            db,
            &scope,
            open,
            after.map(|(day, id)| (day.0, id)),
            limit + 1,
        )?;
        let more = rows.len() > usize::try_from(limit).unwrap_or(0);
        rows.truncate(usize::try_from(limit).unwrap_or(0));
        let next = rows
            .last()
            .filter(|_| more)
            .map(|last| cursor::seal(app, &bound, &(Day(last.opened_on), &last.id)))
            .transpose()?;
        let items = rows
            .into_iter()
            .map(|row| view(app, db, actor, row))
            .collect::<Result<Vec<_>>>()?;
        Ok(Page::new(items, next))
    })
}

/// Closed repairs, the latest closed first.
///
/// # Errors
/// `invalid_parameter`.
pub fn closed(app: &App, actor: &Actor, limit: i64, at: Option<&str>) -> Result<Page<RepairView>> {
    actor.must(Right::Read)?;
    app.store.read(|db| {
        let scope: Scope = actor.scope(db)?;
        let bound = format!("repairs-closed|{}", actor.org.as_deref().unwrap_or("*"));
        let before = at
            .map(|c| cursor::open::<(Day, String)>(app, &bound, c))
            .transpose()?
            .map(|(day, id)| (day.0, id));
        let mut rows = operations::closed(db, &scope, before, limit + 1)?;
        let more = rows.len() > usize::try_from(limit).unwrap_or(0);
        rows.truncate(usize::try_from(limit).unwrap_or(0));
        let last = rows.last().filter(|_| more);
        let next = last
            .and_then(|last| Some((Day(last.closed_on?), &last.id)))
            .map(|place| cursor::seal(app, &bound, &place))
            .transpose()?;
        let items = rows
            .into_iter()
            .map(|row| view(app, db, actor, row))
            .collect::<Result<Vec<_>>>()?;
        Ok(Page::new(items, next))
    })
}

/// One repair.
///
/// # Errors
/// `not_found`.
pub fn get(app: &App, actor: &Actor, key: &str) -> Result<RepairView> {
    actor.must(Right::Read)?;
    app.store.read(|db| {
        let scope = actor.scope(db)?;
        let row = operations::repair(db, &scope, key)?.ok_or_else(Error::not_found)?;
        view(app, db, actor, row)
    })
}

fn view(app: &App, db: &mut Db, actor: &Actor, row: Repair) -> Result<RepairView> {
    let chain = events::of_device(db, &row.device)?;
    let of_this = |e: &&Event| {
        e.id == row.id
            || e.fields
                .repair
                .as_ref()
                .is_some_and(|r| r.as_str() == row.id)
    };
    let opening = chain
        .iter()
        .find(|e| e.kind == Kind::ReportFault && of_this(e));
    let closed = row.closed_on.map(Day);
    let closing = chain.iter().rev().find(|e| {
        e.kind == Kind::CloseRepair
            && Some(e.on) == closed
            && (e.fields.repair.is_none() || of_this(e))
    });
    let fault = match opening.filter(|_| actor.may(Right::People)) {
        Some(event) => events::private_of(db, std::slice::from_ref(&event.id))?.remove(&event.id),
        None => None,
    };
    let fault = fault.and_then(|p| p.get("fault").and_then(Value::as_str).map(str::to_owned));
    let provider = row.provider.map(|id| app.names.key(db, &id)).transpose()?;
    let f = closing.map(|e| &e.fields);
    Ok(RepairView {
        key: row.id,
        device: devices::tags(db, std::slice::from_ref(&row.device))?
            .pop()
            .map_or(row.tag, |(_, tag)| tag),
        opened_on: Day(row.opened_on),
        sent_on: row.sent_on.map(Day),
        closed_on: closed,
        fault,
        provider,
        outcome: row.outcome,
        barrier: f
            .and_then(|f| f.barrier.as_ref())
            .map(|b| b.as_str().to_owned()),
        hours: f.and_then(|f| f.hours),
        cost_cents: row.cost_cents,
        parts: f
            .and_then(|f| f.parts.as_ref())
            .into_iter()
            .flatten()
            .map(|p| p.as_str().to_owned())
            .collect(),
    })
}
