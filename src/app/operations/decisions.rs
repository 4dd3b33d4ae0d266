//! A decision: the council's réforme of many devices by one reference; the decisions there were.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Map, Value};

use super::chosen::{Chosen, Item, items, judged};
use super::{command, devices, moved, nothing_left, proposals};
use crate::app::devices::views;
use crate::app::lifecycle::{Recorded, context, record_in};
use crate::app::{Actor, App, Expected, Page, Right, cursor};
use crate::db::decisions::{page, parts};
use crate::db::{self, Db, Lane, Scope, device_rows};
use crate::domain::day::Day;
use crate::domain::entry::EntryKind;
use crate::domain::words::{Cause, Kind};
use crate::error::{Error, Result};

/// A decision of réforme.
#[derive(Debug, Clone, PartialEq)]
pub struct DecisionView {
    /// Organisation key.
    pub organisation: String,
    /// Its name.
    pub organisation_name: String,
    /// Day.
    pub on: Day,
    /// Reference; empty when none was given.
    pub reference: String,
    /// The cause, when all have the same.
    pub cause: Option<Cause>,
    /// How many devices.
    pub devices: i64,
}

/// Decisions, the latest first.
///
/// # Errors
/// `invalid_parameter`.
pub fn list(app: &App, actor: &Actor, limit: i64, at: Option<&str>) -> Result<Page<DecisionView>> {
    actor.must(Right::Read)?;
    app.store.read(|db| {
        let scope = actor.scope(db)?;
        let bound = format!("decisions|{}", actor.org.as_deref().unwrap_or("*"));
        let after = at
            .map(|c| cursor::open::<(Day, String, String)>(app, &bound, c))
            .transpose()?
            .map(|(day, org, reference)| (day.0, org, reference));
        let mut rows = page(db, &scope, after.as_ref(), limit + 1)?;
        let more = rows.len() > usize::try_from(limit).unwrap_or(0);
        rows.truncate(usize::try_from(limit).unwrap_or(0));
        let next = rows
            .last()
            .filter(|_| more)
            .map(|d| cursor::seal(app, &bound, &(Day(d.on_day), &d.org, &d.reference)))
            .transpose()?;
        let orgs: Vec<String> = rows.iter().map(|d| d.org.clone()).collect();
        let names = db::entries::names(db, &orgs)?;
        let shown = rows.into_iter().map(|d| {
            let (key, name) = names.get(&d.org).cloned().unwrap_or_default();
            DecisionView {
                organisation: key,
                organisation_name: name,
                on: Day(d.on_day),
                reference: d.reference,
                cause: d.cause.and_then(|c| Cause::parse(&c).ok()),
                devices: d.devices,
            }
        });
        Ok(Page::new(shown.collect(), next))
    })
}

/// One decision with its devices, by tag, each with its cause.
///
/// # Errors
/// `not_found`.
pub fn get(
    app: &App,
    actor: &Actor,
    organisation: &str,
    on: Day,
    reference: &str,
) -> Result<(DecisionView, Vec<(Item, Cause)>)> {
    actor.must(Right::Read)?;
    app.store.read(|db| {
        let scope = actor.scope(db)?;
        let org = crate::app::lifecycle::references::id_of(
            db,
            &scope,
            EntryKind::Organisation,
            organisation,
            None,
        )?
        .filter(|org| scope.holds(org))
        .ok_or_else(Error::not_found)?;
        let own = Scope::of(vec![org.clone()]);
        let parts = parts(db, &own, on.0, reference)?;
        if parts.is_empty() {
            return Err(Error::not_found());
        }
        let causes: BTreeMap<String, Cause> = parts
            .into_iter()
            .map(|p| (p.device, Cause::parse(&p.cause).unwrap_or(Cause::Unknown)))
            .collect();
        let ids: Vec<String> = causes.keys().cloned().collect();
        let mut rows = device_rows::of_devices(db, &scope, &ids)?;
        rows.sort_by(|a, b| a.tag.cmp(&b.tag));
        let shown = views(app, db, actor, rows, None)?;
        let cause = |id: &str| causes.get(id).copied().unwrap_or(Cause::Unknown);
        let list: Vec<(Item, Cause)> = items(app, db, actor, shown)?
            .into_iter()
            .map(|item| {
                let cause = cause(&item.device.id);
                (item, cause)
            })
            .collect();
        let first = list.first().map(|(_, cause)| *cause);
        let names = db::entries::names(db, std::slice::from_ref(&org))?;
        let (key, name) = names.get(&org).cloned().unwrap_or_default();
        let decision = DecisionView {
            organisation: key,
            organisation_name: name,
            on,
            reference: reference.to_owned(),
            cause: first.filter(|first| list.iter().all(|(_, c)| c == first)),
            devices: i64::try_from(list.len()).unwrap_or(i64::MAX),
        };
        Ok((decision, list))
    })
}

/// Retires every device named: `{"reference","on","devices":[…],"cause"}`. `at`, `functional` and `note` go to each.
///
/// # Errors
/// The refusal of the first device that cannot be retired, with `item`; none is retired then.
pub fn create(
    app: &App,
    db: &mut Db,
    actor: &Actor,
    body: Map<String, Value>,
) -> Result<Vec<Recorded>> {
    decide(app, db, actor, body, false)
}

/// [`create`], which with `as_proposed` and without a cause gives each device the cause of its proposal.
///
/// # Errors
/// As [`create`].
pub fn decide(
    app: &App,
    db: &mut Db,
    actor: &Actor,
    mut body: Map<String, Value>,
    as_proposed: bool,
) -> Result<Vec<Recorded>> {
    actor.must(Right::Event(Kind::Retire))?;
    let tags = devices(&mut body)?;
    if body.get("reference").is_none_or(Value::is_null) {
        return Err(Error::missing("reference"));
    }
    let fields = moved(
        &mut body,
        &["reference", "on", "at", "cause", "functional", "note"],
    );
    nothing_left(&body, "a decision")?;
    let cx = context(app, db, actor)?;
    let mut commands = Vec::with_capacity(tags.len());
    for tag in &tags {
        let mut fields = fields.clone();
        if as_proposed
            && !fields.contains_key("cause")
            && let Some(cause) = proposed_cause(db, tag)?
        {
            fields.insert("cause".into(), Value::from(cause.as_str()));
        }
        commands.push(command(&cx, tag, "retire", &fields)?);
    }
    record_in(db, &cx, &commands, &Expected::Anything)
}

fn proposed_cause(db: &mut Db, tag: &str) -> Result<Option<Cause>> {
    let Some(id) = db::devices::resolve(db, tag)? else {
        return Ok(None);
    };
    let found = proposals::of(db, std::slice::from_ref(&id))?;
    Ok(found.get(&id).map(|proposal| proposal.cause))
}

/// How many organisations these réformes are of: each of their councils took a decision of its own.
pub fn councils(recorded: &[Recorded]) -> usize {
    let orgs: BTreeSet<&str> = recorded.iter().map(|r| r.event.org.as_str()).collect();
    orgs.len()
}

/// What would become of these devices if they were retired with these fields (`on`, `cause`, `reference`).
///
/// # Errors
/// `forbidden`; `invalid_value` for too many.
pub fn judge(
    app: &Arc<App>,
    actor: &Actor,
    tags: &[String],
    fields: &Map<String, Value>,
) -> Result<Vec<Chosen>> {
    actor.must(Right::Event(Kind::Retire))?;
    judged(app, actor, tags, |cx, device| {
        Ok(vec![command(cx, &device.id, "retire", fields)?])
    })
}

/// Takes back what one call of [`decide`] wrote, told by one of its events: the réformes of that decision recorded at
/// the same instant by the same actor.
///
/// # Errors
/// `not_found`; the refusal of the first device that went on since.
pub fn undo(app: &Arc<App>, actor: &Actor, event: &str) -> Result<usize> {
    actor.must(Right::Event(Kind::Correct))?;
    let (app2, actor, event) = (app.clone(), actor.clone(), event.to_owned());
    app.store.write(Lane::Interactive, move |db| {
        let cx = context(&app2, db, &actor)?;
        let first = db::events::by_id(db, &event)?
            .filter(|e| e.kind == Kind::Retire && cx.scope.holds(&e.org))
            .ok_or_else(Error::not_found)?;
        let reference = first.fields.reference.as_ref().map_or("", |r| r.as_str());
        let mut commands = Vec::new();
        for part in parts(db, &cx.scope, first.on.0, reference)? {
            let Some(same) = db::events::by_id(db, &part.event)? else {
                continue;
            };
            if same.recorded_at == first.recorded_at && same.actor == first.actor {
                let mut fields = Map::new();
                fields.insert("event".into(), Value::from(part.event));
                commands.push(command(&cx, &part.device, "correct", &fields)?);
            }
        }
        Ok(record_in(db, &cx, &commands, &Expected::Anything)?.len())
    })
}
