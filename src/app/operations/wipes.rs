//! Wipes: one erasure session over many devices, and the erasures read back.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Map, Value};

use super::{command, devices, listed, moved, nothing_left, operation_id};
use crate::app::lifecycle::{Command, context, record_in};
use crate::app::{Actor, App, Expected, Page, Right};
use crate::db::operations::{Of, Part, parts};
use crate::db::{Db, Scope, events, new_id};
use crate::domain::day::Day;
use crate::domain::entry::EntryKind;
use crate::domain::text::Line;
use crate::domain::words::{Kind, WipeMethod};
use crate::error::{Error, Result};

/// The shape `wipe` of the contract.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = Wipe)]
pub struct WipeView {
    /// Id of the operation; the event id of a wipe that stands alone.
    pub key: String,
    /// Tags of the devices.
    pub devices: Vec<String>,
    /// Day.
    #[schema(value_type = String)]
    pub on: Day,
    /// One medium; every medium when null.
    pub medium: Option<String>,
    /// clear, purge or destroy.
    #[schema(value_type = String)]
    pub method: WipeMethod,
    /// Technique.
    pub technique: Option<String>,
    /// Tool and version.
    pub tool: Option<String>,
    /// Verified; an erasure that was not changes nothing.
    pub verified: bool,
    /// Where the proof is.
    pub evidence: Option<String>,
    /// Each erased medium with its device; the medium is null where all of them were.
    pub media: Vec<Wiped>,
}

/// One medium that was erased.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Wiped {
    /// Tag.
    pub device: String,
    /// Serial of the medium; every medium of the device when null.
    pub medium: Option<String>,
}

/// Records the erasure of devices: `{"devices":[…],"on","method","verified",…}`.
///
/// # Errors
/// The refusal of the first device, with `item`; none is recorded then.
pub fn create(
    app: &App,
    db: &mut Db,
    actor: &Actor,
    mut body: Map<String, Value>,
) -> Result<WipeView> {
    actor.must(Right::Event(Kind::Wipe))?;
    let tags = devices(&mut body)?;
    let fields = moved(
        &mut body,
        &[
            "on",
            "at",
            "medium",
            "method",
            "technique",
            "tool",
            "verified",
            "evidence",
            "note",
            "signatory",
            "signature",
        ],
    );
    nothing_left(&body, "a wipe")?;
    let cx = context(app, db, actor)?;
    let operation = new_id();
    let commands = tags
        .iter()
        .map(|tag| {
            let mut command = command(&cx, tag, "wipe", &fields)?;
            command.fields.wipe = Line::parse(&operation).ok();
            Ok(command)
        })
        .collect::<Result<Vec<Command>>>()?;
    record_in(db, &cx, &commands, &Expected::Anything)?;
    views(db, &cx.scope, &[operation])?
        .pop()
        .ok_or_else(Error::not_found)
}

/// Wipes, oldest first.
///
/// # Errors
/// `invalid_parameter`.
pub fn list(app: &App, actor: &Actor, limit: i64, at: Option<&str>) -> Result<Page<WipeView>> {
    actor.must(Right::Read)?;
    app.store.read(|db| {
        let scope = actor.scope(db)?;
        let (ids, next) = listed(app, db, (actor, &scope), Of::Wipes, limit, at)?;
        Ok(Page::new(views(db, &scope, &ids)?, next))
    })
}

/// Wipes, the latest first.
///
/// # Errors
/// `invalid_parameter`.
pub fn latest(app: &App, actor: &Actor, limit: i64, at: Option<&str>) -> Result<Page<WipeView>> {
    actor.must(Right::Read)?;
    app.store.read(|db| {
        let scope = actor.scope(db)?;
        let (ids, next) = super::latest(app, db, (actor, &scope), Of::Wipes, limit, at)?;
        let mut items = views(db, &scope, &ids)?;
        items.sort_by_key(|wipe| ids.iter().position(|id| *id == wipe.key));
        Ok(Page::new(items, next))
    })
}

/// One wipe.
///
/// # Errors
/// `not_found`.
pub fn get(app: &App, actor: &Actor, key: &str) -> Result<WipeView> {
    actor.must(Right::Read)?;
    app.store.read(|db| {
        let scope = actor.scope(db)?;
        let id = operation_id(db, &scope, EntryKind::WipeOperation, key)?;
        views(db, &scope, &[id])?.pop().ok_or_else(Error::not_found)
    })
}

/// A wipe is a fact: nothing of it is changed but by `correct` on its events.
///
/// # Errors
/// `not_found`, `unknown_field`, `invalid_value` when the patch would change something.
pub fn patch(app: &App, actor: &Actor, key: &str, body: &Map<String, Value>) -> Result<WipeView> {
    let before = get(app, actor, key)?;
    actor.must(Right::Event(Kind::Wipe))?;
    super::unchanged(
        &before,
        body,
        "a wipe is a fact; `correct` its event and record it again",
    )?;
    Ok(before)
}

fn views(db: &mut Db, scope: &Scope, ids: &[String]) -> Result<Vec<WipeView>> {
    let mut by_operation: BTreeMap<String, Vec<Part>> = BTreeMap::new();
    for part in parts(db, scope, Of::Wipes, ids)? {
        by_operation
            .entry(part.operation.clone())
            .or_default()
            .push(part);
    }
    let mut out = Vec::new();
    for (key, parts) in by_operation {
        let Some(first) = parts.first() else { continue };
        let Some(event) = events::by_id(db, &first.event)? else {
            continue;
        };
        let f = event.fields;
        let text = |t: Option<Line>| t.map(Line::into_string);
        let Some(method) = f.method else { continue };
        // Several media are told one by one: none of them speaks for the others.
        let one: BTreeSet<&Option<String>> = parts.iter().map(|p| &p.medium).collect();
        let mut devices: Vec<String> = parts.iter().map(|p| p.tag.clone()).collect();
        devices.dedup();
        let media = parts.iter().map(|p| Wiped {
            device: p.tag.clone(),
            medium: p.medium.clone(),
        });
        out.push(WipeView {
            key,
            devices,
            media: media.collect(),
            on: event.on,
            medium: text(f.medium).filter(|_| one.len() == 1),
            method,
            technique: text(f.technique),
            tool: text(f.tool),
            verified: f.verified == Some(true),
            evidence: text(f.evidence),
        });
    }
    Ok(out)
}
