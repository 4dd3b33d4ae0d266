//! Scans with a meaning: each is written to the ledger once, under its own key, or kept back to be settled by people.
//! The page, programs and what was scanned without a network all come here.
//!
//! ```text
//! code → device (devices::find) → command → lifecycle::record_in ─→ event
//!   └ unknown, several            └ refused, conflict ────────────→ reading, waits in `readings`
//! ```

mod item;
mod keep;
mod settle;

use serde_json::{Map, Value};

pub use item::Item;
pub use keep::{ReadingView, list, one, view, waiting};
pub use settle::{Settle, settle};

use super::devices;
use super::lifecycle::{self, Command, Context, Recorded, hold, record_in};
use super::{Actor, App, Expected, Right};
use crate::db::{Db, Scope, event_keys, events, readings, savepoint};
use crate::domain::event::Event;
use crate::domain::scanning::{Act, Kept};
use crate::domain::words::Kind;
use crate::error::{Code, Error, Result};

/// Most scans of one batch.
pub const MOST: usize = 500;

/// What became of a scan.
#[derive(Debug)]
pub enum Taken {
    /// Its event stands in the ledger.
    Written(Box<Recorded>),
    /// Nothing was to be written; the device it means (id).
    Seen(String),
    /// It waits to be settled; true when it had been kept before.
    Kept(Box<readings::Row>, bool),
    /// It says nothing that could be kept.
    Unreadable(Error),
}

/// A scan on its way.
struct Step {
    item: Item,
    /// Devices that its code may mean (ids).
    meant: Vec<String>,
    /// It was answered before.
    before: Option<Taken>,
}

/// Takes scans in their order. What cannot be written now is kept; what was answered before is answered again.
///
/// # Errors
/// `forbidden`, and faults of ours: then nothing of the batch is written.
pub fn take(app: &App, db: &mut Db, actor: &Actor, items: Vec<Value>) -> Result<Vec<Taken>> {
    actor.must(Right::Scan)?;
    let cx = lifecycle::context(app, db, actor)?;
    let mut steps = Vec::with_capacity(items.len());
    for item in items {
        steps.push(match Item::read(item, cx.now) {
            Ok(item) => Ok(step(db, &cx, item)?),
            Err(error) => Err(error),
        });
    }
    // Rows are locked in one order, whatever order the codes came in.
    let mut ids: Vec<String> = (steps.iter().flatten())
        .filter(|step| step.before.is_none() && step.meant.len() == 1)
        .flat_map(|step| step.meant.clone())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.len() > 1 {
        crate::db::devices::hold(db, &ids)?;
    }
    steps
        .into_iter()
        .map(|step| match step {
            Ok(step) => finish(db, &cx, step),
            Err(error) => Ok(Taken::Unreadable(error)),
        })
        .collect()
}

/// Finds what a scan means, and what was answered to it before.
fn step(db: &mut Db, cx: &Context, item: Item) -> Result<Step> {
    let before = answered(db, cx, &item)?;
    let meant = match (&before, &item.device) {
        (Some(_), _) => Vec::new(),
        (None, Some(tag)) => named(db, &cx.scope, tag)?.into_iter().collect(),
        (None, None) => devices::meant_in(db, &cx.scope, item.code.as_str())?,
    };
    Ok(Step {
        item,
        meant,
        before,
    })
}

/// The device of a tag or id (its id), if it is one of the scope.
fn named(db: &mut Db, scope: &Scope, tag: &str) -> Result<Option<String>> {
    match crate::db::devices::resolve(db, tag)? {
        Some(id) if crate::db::devices::seen_by(db, &id, scope)? => Ok(Some(id)),
        _ => Ok(None),
    }
}

/// What an earlier sending of the same scan led to.
fn answered(db: &mut Db, cx: &Context, item: &Item) -> Result<Option<Taken>> {
    if let Some(kept) = event_keys::get(db, &cx.actor.id, item.key.as_str())?
        && let Some(event) = events::by_id(db, &kept.event)?
    {
        if !crate::db::devices::seen_by(db, &event.device, &cx.scope)? {
            return Ok(Some(Taken::Unreadable(Error::not_found())));
        }
        return Ok(Some(Taken::Written(Box::new(Recorded {
            event,
            replayed: true,
        }))));
    }
    let kept = readings::by_key(db, &cx.actor.id, item.key.as_str())?;
    Ok(kept.map(|row| Taken::Kept(Box::new(row), true)))
}

fn finish(db: &mut Db, cx: &Context, step: Step) -> Result<Taken> {
    let Step {
        item,
        meant,
        before,
    } = step;
    if let Some(before) = before {
        return Ok(before);
    }
    // The same key twice in one batch: the first has just been answered.
    if let Some(before) = answered(db, cx, &item)? {
        return Ok(before);
    }
    let id = match meant.as_slice() {
        [id] => id.clone(),
        [] => return keep::back(db, cx, &item, Kept::Unknown, None, None),
        _ => return keep::back(db, cx, &item, Kept::Several, None, None),
    };
    if item.act == Act::Look {
        return Ok(Taken::Seen(id));
    }
    match savepoint(db, |db| write(db, cx, &item, &id)) {
        Ok(recorded) => Ok(Taken::Written(Box::new(recorded))),
        Err(error) if error.code.status() >= 500 => Err(error),
        Err(error) => {
            let since = overtaken(db, &id, &item)?;
            let why = if since || error.code == Code::BreaksLaterEvent {
                Kept::Conflict
            } else {
                Kept::Refused
            };
            keep::back(db, cx, &item, why, Some(&id), Some(&error))
        }
    }
}

/// Records the event that a scan means for a device (id).
fn write(db: &mut Db, cx: &Context, item: &Item, id: &str) -> Result<Recorded> {
    let command = command(db, cx, item, id)?;
    hold::all(db, std::slice::from_ref(&command))?;
    record_in(db, cx, &[command], &Expected::Anything)
        .map_err(lifecycle::without_item)?
        .pop()
        .ok_or_else(Error::not_found)
}

fn command(db: &mut Db, cx: &Context, item: &Item, id: &str) -> Result<Command> {
    let lent = item.act == Act::Deallocate && lent(&events::of_device(db, id)?);
    let next: &[Kind] = if lent { &[Kind::Return] } else { &[] };
    let kind = item
        .act
        .kind(next)
        .ok_or_else(|| Error::invalid("act", "looking writes no event"))?;
    let mut body: Map<String, Value> = item.fields.clone();
    body.insert("kind".into(), kind.as_str().into());
    body.insert("on".into(), item.on.to_string().into());
    body.insert("at".into(), item.at_text().into());
    body.insert("key".into(), item.key.as_str().into());
    Command::read(body, Some(id), cx.now)
}

/// Whether the device is out on a loan by its events, voided ones left out.
fn lent(events: &[Event]) -> bool {
    let voided: Vec<&str> = events
        .iter()
        .filter_map(|e| e.fields.event.as_ref().map(|id| id.as_str()))
        .collect();
    let moves = [Kind::Allocate, Kind::Loan, Kind::Return, Kind::Deallocate];
    let last = events
        .iter()
        .filter(|e| moves.contains(&e.kind) && !voided.contains(&e.id.as_str()))
        .max_by_key(|e| (e.on, e.t, e.n));
    last.is_some_and(|e| e.kind == Kind::Loan)
}

/// Whether anything but descriptions was recorded about the device since it was scanned.
fn overtaken(db: &mut Db, id: &str, item: &Item) -> Result<bool> {
    let told = [Kind::Describe, Kind::Observe, Kind::Audit];
    Ok(events::of_device(db, id)?
        .iter()
        .any(|e| e.recorded_at > item.at && !told.contains(&e.kind)))
}

/// Organisations whose readings an actor sees.
fn scope(db: &mut Db, actor: &Actor) -> Result<Scope> {
    actor.must(Right::Scan)?;
    actor.scope(db)
}
