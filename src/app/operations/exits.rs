//! Exits: hand many devices over at once, read the operations back with what is wrong with them.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value};

use super::chosen::{Chosen, judged};
use super::{command, devices, listed, moved};
use crate::app::devices::DeviceView;
use crate::app::entries::{self, Change, Desk, Table};
use crate::app::lifecycle::{Command, Context, context, record_in, without_item};
use crate::app::{Actor, App, Expected, Page, Right};
use crate::db::operations::{Of, Part, parts};
use crate::db::{self, Db, Scope, books, organisations};
use crate::domain::day::Day;
use crate::domain::entry::{Entry, EntryKind};
use crate::domain::event::Commitment;
use crate::domain::exit::{Anomaly, Convention, ExitOperation, anomalies};
use crate::domain::facts::Exit;
use crate::domain::partner::Partner;
use crate::domain::text::Line;
use crate::domain::words::{ExitKind, Kind, Stage};
use crate::error::{Error, Result};

impl Table for ExitOperation {
    const WRITE: Right = Right::Event(Kind::HandOver);

    fn settle(&mut self, _: &Desk, db: &mut Db, change: &Change<'_, Self>) -> Result<()> {
        let Some(before) = change.before else {
            if let (Some(to), Some(near)) = (&self.to_organisation, change.org) {
                let id = organisations::in_tree_of(db, near, to.as_str())?;
                let id =
                    id.ok_or_else(|| Error::unknown_reference("to_organisation", to.as_str()))?;
                self.to_organisation = Line::parse(&id).ok();
            }
            return Ok(());
        };
        // What the hand-overs say is corrected on the events; the papers are kept here.
        if (
            self.kind,
            &self.partner,
            &self.to_organisation,
            self.on,
            &self.commitment,
        ) != (
            before.kind,
            &before.partner,
            &before.to_organisation,
            before.on,
            &before.commitment,
        ) {
            let detail = "kind, partner, to_organisation, on and commitment are said by the hand-overs: `correct` them and hand over again";
            return Err(Error::invalid("kind", detail));
        }
        Ok(())
    }
}

/// The shape `exit` of the contract.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = Exit)]
pub struct ExitView {
    /// Key of the operation; the event id of a hand-over that stands alone.
    pub key: String,
    /// Kind.
    #[schema(value_type = String)]
    pub kind: ExitKind,
    /// Partner key.
    pub partner: Option<String>,
    /// Organisation key, for a transfer inside the tree.
    pub to_organisation: Option<String>,
    /// Day.
    #[schema(value_type = String)]
    pub on: Day,
    /// Tags of the devices.
    pub devices: Vec<String>,
    /// Written agreement.
    #[schema(value_type = Option<Object>)]
    pub convention: Option<Convention>,
    /// Day of the undertaking.
    #[schema(value_type = Option<String>)]
    pub undertaking_on: Option<Day>,
    /// Prior commitment to re-use.
    #[schema(value_type = Option<Object>)]
    pub commitment: Option<Commitment>,
    /// What is not as it should be.
    #[schema(value_type = Vec<String>)]
    pub anomalies: Vec<Anomaly>,
    /// Version of its papers (the ETag); 0 when it has none.
    pub version: i64,
}

/// Fields of the hand-overs that are not kept with the operation.
const OF_EACH: &[&str] = &[
    "at",
    "unit_value_cents",
    "value_basis",
    "override",
    "note",
    "signatory",
    "signature",
];

/// Hands devices over: `{"kind","partner"|"to_organisation","on","devices":[…],"convention",…}`.
///
/// # Errors
/// The refusal of the first device that cannot leave, with `item`; none leaves then.
pub fn create(app: &App, db: &mut Db, actor: &Actor, body: Map<String, Value>) -> Result<ExitView> {
    hand_over(app, db, actor, body, false)
}

/// [`create`], which with `orient` also directs the devices that are réformés but not directed there yet.
///
/// # Errors
/// As [`create`].
pub fn hand_over(
    app: &App,
    db: &mut Db,
    actor: &Actor,
    mut body: Map<String, Value>,
    orient: bool,
) -> Result<ExitView> {
    actor.must(Right::Event(Kind::HandOver))?;
    let tags = devices(&mut body)?;
    let mut fields = moved(&mut body, OF_EACH);
    let cx = context(app, db, actor)?;
    let desk = Desk::of(app, db, actor)?;
    let first = tags.first().map(String::as_str).unwrap_or_default();
    if !body.contains_key("organisation")
        && let Some(org) = owner_of(db, &cx.scope, first)?
    {
        body.insert("organisation".into(), Value::from(app.names.key(db, &org)?));
    }
    let entry: Entry<ExitOperation> = desk.create(db, body)?;
    fields.extend(shared(&entry)?);
    let mut commands = Vec::new();
    for tag in &tags {
        if orient {
            let device = crate::app::devices::get_in(app, db, actor, tag, None)?;
            commands.extend(directed(&cx, &device, entry.body.kind, entry.body.on)?);
        }
        commands.push(command(&cx, tag, "hand_over", &fields)?);
    }
    record_in(db, &cx, &commands, &Expected::Anything)?;
    views(app, db, &cx.scope, &[entry.id])?
        .pop()
        .ok_or_else(Error::not_found)
}

/// The `orient` that a réformé device still needs to leave this way.
fn directed(cx: &Context, device: &DeviceView, kind: ExitKind, on: Day) -> Result<Option<Command>> {
    let there = device.stage == Stage::Oriented && device.exit_kind == Some(kind);
    if there
        || !kind.needs_retirement()
        || !matches!(device.stage, Stage::Retired | Stage::Oriented)
    {
        return Ok(None);
    }
    let fields = serde_json::json!({"on": on, "destination": kind});
    let fields = entries::object(fields)?;
    command(cx, &device.id, "orient", &fields).map(Some)
}

/// What would become of these devices if they left this way on this day, erasure included.
///
/// # Errors
/// `forbidden`; `invalid_value` for too many.
pub fn judge(
    app: &Arc<App>,
    actor: &Actor,
    tags: &[String],
    (kind, on): (ExitKind, Day),
    fields: &Map<String, Value>,
) -> Result<Vec<Chosen>> {
    actor.must(Right::Event(Kind::HandOver))?;
    judged(app, actor, tags, |cx, device| {
        let mut commands: Vec<Command> = directed(cx, device, kind, on)?.into_iter().collect();
        commands.push(command(cx, &device.id, "hand_over", fields)?);
        Ok(commands)
    })
}

/// What would be wrong with an exit of these devices, by the rules that judge it once it is written. The proof of
/// re-use comes after the hand-over and is not awaited yet.
///
/// # Errors
/// Those of the store.
pub fn foreseen(
    app: &App,
    actor: &Actor,
    body: &Map<String, Value>,
    judged: &[Chosen],
) -> Result<Vec<Anomaly>> {
    let mut papers = body.clone();
    let fields = moved(&mut papers, OF_EACH);
    // Keys are not ids; who takes it is read below.
    let taker = papers.remove("partner");
    papers.remove("to_organisation");
    // What cannot be read is refused where it is written, with its field.
    let Ok(papers) = serde_json::from_value::<ExitOperation>(Value::Object(papers)) else {
        return Ok(Vec::new());
    };
    let partner = match taker.as_ref().and_then(Value::as_str) {
        Some(key) => app.store.read(|db| {
            let desk = Desk::of(app, db, actor)?;
            // A partner that nobody knows is refused by `judge`, which says so better.
            let row = desk.find(db, EntryKind::Partner, key).ok();
            row.map(entries::read::<Partner>).transpose()
        })?,
        None => None,
    };
    let leaving = judged.iter().filter(|c| c.refusal.is_none());
    let exits = leaving.filter_map(|c| c.item.as_ref()).map(|item| Exit {
        event: String::new(),
        on: papers.on,
        kind: papers.kind,
        exit: None,
        partner: None,
        to_organisation: None,
        commitment_on: papers.commitment.as_ref().map(|c| c.on),
        unit_value_cents: fields.get("unit_value_cents").and_then(Value::as_i64),
        given_back_on: None,
        proofs: Vec::new(),
        treatments: Vec::new(),
        retired: false,
        retired_on: None,
        data: item.device.data,
        overridden: false,
        wiped: false,
    });
    let exits: Vec<Exit> = exits.collect();
    let mut found = anomalies(Some(&papers), partner.as_ref().map(|p| &p.body), &exits);
    found.retain(|a| *a != Anomaly::NoProof);
    Ok(found)
}

fn owner_of(db: &mut Db, scope: &Scope, tag: &str) -> Result<Option<String>> {
    let Some(id) = db::devices::resolve(db, tag)? else {
        return Ok(None);
    };
    Ok(db::device_rows::of_devices(db, scope, &[id])?
        .pop()
        .map(|row| row.org))
}

/// What the operation says of each hand-over.
fn shared(entry: &Entry<ExitOperation>) -> Result<Map<String, Value>> {
    let o = &entry.body;
    let fields = serde_json::json!({
        "exit": entry.id, "exit_kind": o.kind, "on": o.on, "partner": o.partner, "to_organisation": o.to_organisation, "commitment": o.commitment,
    });
    match fields {
        Value::Object(map) => Ok(map.into_iter().filter(|(_, v)| !v.is_null()).collect()),
        _ => Err(Error::internal("fields of an exit")),
    }
}

/// Exits, oldest first.
///
/// # Errors
/// `invalid_parameter`.
pub fn list(app: &App, actor: &Actor, limit: i64, at: Option<&str>) -> Result<Page<ExitView>> {
    actor.must(Right::Read)?;
    app.store.read(|db| {
        let scope = actor.scope(db)?;
        let (ids, next) = listed(app, db, (actor, &scope), Of::Exits, limit, at)?;
        Ok(Page::new(views(app, db, &scope, &ids)?, next))
    })
}

/// Exits, the latest first.
///
/// # Errors
/// `invalid_parameter`.
pub fn latest(app: &App, actor: &Actor, limit: i64, at: Option<&str>) -> Result<Page<ExitView>> {
    actor.must(Right::Read)?;
    app.store.read(|db| {
        let scope = actor.scope(db)?;
        let (ids, next) = super::latest(app, db, (actor, &scope), Of::Exits, limit, at)?;
        let items = views(app, db, &scope, &ids)?;
        Ok(Page::new(items, next))
    })
}

/// One exit, by its key, its id, or the event id of a hand-over that stands alone.
///
/// # Errors
/// `not_found`.
pub fn get(app: &App, actor: &Actor, key: &str) -> Result<ExitView> {
    actor.must(Right::Read)?;
    app.store.read(|db| get_in(app, db, actor, key))
}

fn get_in(app: &App, db: &mut Db, actor: &Actor, key: &str) -> Result<ExitView> {
    let scope = actor.scope(db)?;
    let id = super::operation_id(db, &scope, crate::domain::entry::EntryKind::Exit, key)?;
    views(app, db, &scope, &[id])?
        .pop()
        .ok_or_else(Error::not_found)
}

/// Changes the papers of an exit: convention, undertaking.
///
/// # Errors
/// `invalid_value` for what the hand-overs say.
pub fn patch(
    app: &Arc<App>,
    actor: &Actor,
    key: &str,
    expected: Expected,
    body: Map<String, Value>,
) -> Result<ExitView> {
    let id = app.store.read(|db| {
        let scope = actor.scope(db)?;
        super::operation_id(db, &scope, crate::domain::entry::EntryKind::Exit, key)
    })?;
    entries::patch::<ExitOperation>(app, actor, &id, body, expected).map_err(without_item)?;
    app.store.read(|db| get_in(app, db, actor, &id))
}

/// The shapes of operations, in the order of their ids. One whose hand-overs were all voided has no devices.
fn views(app: &App, db: &mut Db, scope: &Scope, ids: &[String]) -> Result<Vec<ExitView>> {
    let mut by_operation: BTreeMap<String, Vec<Part>> = BTreeMap::new();
    for part in parts(db, scope, Of::Exits, ids)? {
        by_operation
            .entry(part.operation.clone())
            .or_default()
            .push(part);
    }
    let mut out = Vec::new();
    for id in ids {
        let operation = match db::entries::by_id(db, id)?
            .filter(|row| row.org.as_deref().is_none_or(|org| scope.holds(org)))
        {
            Some(row) => Some(entries::read::<ExitOperation>(row)?),
            None => None,
        };
        let parts = by_operation.remove(id).unwrap_or_default();
        if let Some(view) = view(app, db, id, operation, &parts)? {
            out.push(view);
        }
    }
    Ok(out)
}

fn view(
    app: &App,
    db: &mut Db,
    id: &str,
    operation: Option<Entry<ExitOperation>>,
    parts: &[Part],
) -> Result<Option<ExitView>> {
    let mut exits: Vec<Exit> = Vec::new();
    for part in parts {
        let facts = books::facts(db, &part.device, part.book)?;
        exits.extend(facts.exits.into_iter().filter(|x| x.event == part.event));
    }
    let papers = operation.as_ref().map(|e| &e.body);
    let Some((kind, on)) = papers
        .map(|p| (p.kind, p.on))
        .or_else(|| exits.first().map(|x| (x.kind, x.on)))
    else {
        return Ok(None);
    };
    let line = |t: &Option<Line>| t.as_ref().map(|t| t.as_str().to_owned());
    let partner = papers.map_or_else(
        || exits.first().and_then(|x| x.partner.clone()),
        |p| line(&p.partner),
    );
    let to = papers.map_or_else(
        || exits.first().and_then(|x| x.to_organisation.clone()),
        |p| line(&p.to_organisation),
    );
    let partner_row = match &partner {
        Some(id) => db::entries::by_id(db, id)?
            .map(entries::read::<Partner>)
            .transpose()?,
        None => None,
    };
    let mut key = |id: Option<String>| id.map(|id| app.names.key(db, &id)).transpose();
    Ok(Some(ExitView {
        key: operation
            .as_ref()
            .map_or_else(|| id.to_owned(), |e| e.key.clone()),
        kind,
        partner: key(partner)?,
        to_organisation: key(to)?,
        on,
        devices: parts.iter().map(|p| p.tag.clone()).collect(),
        convention: papers.and_then(|p| p.convention.clone()),
        undertaking_on: papers.and_then(|p| p.undertaking_on),
        commitment: papers.and_then(|p| p.commitment.clone()),
        anomalies: anomalies(papers, partner_row.as_ref().map(|p| &p.body), &exits),
        version: operation.as_ref().map_or(0, |e| e.version),
    }))
}
