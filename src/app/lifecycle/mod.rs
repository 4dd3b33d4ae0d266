//! The one way to change a device: record an event.
//!
//! Pages, REST, command line, agents and imports all come here. [`record`] and [`record_in`] ask the rights,
//! resolve what the event names, replay the whole chain with the new events in it, ask the gates, and write events,
//! projections, outbox and idempotency keys in one transaction.

pub mod command;
mod companions;
mod gate;
pub mod hold;
mod keys;
pub mod projection;
pub mod references;
pub mod reproject;
mod session;
mod write;

use std::collections::BTreeMap;

use crate::app::{App, Expected, actor::Actor, permission::Right};
use crate::db::{Db, Lane, devices, events};
use crate::domain::event::Event;
use crate::domain::words::Kind;
use crate::error::{Error, Result};

pub use command::{Command, Now};
pub use session::{Context, Place, Session, absorbed, history};
pub use write::{new_device, write, write_new};

/// What became of one command.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// The event.
    pub event: Event,
    /// It had been recorded before under the same key; nothing was written now.
    pub replayed: bool,
}

/// Most events one batch may hold.
pub const MAX_BATCH: usize = 5_000;

/// The context of an actor, now.
///
/// # Errors
/// Those of the store.
pub fn context(app: &App, db: &mut Db, actor: &Actor) -> Result<Context> {
    let instant = app.clock.now();
    let now = Now {
        instant,
        today: crate::domain::day::Day::of(instant),
    };
    Ok(Context {
        actor: actor.clone(),
        scope: actor.scope(db)?,
        now,
        catalogue: app.catalogue(db)?,
        import: None,
    })
}

/// Records one event.
///
/// # Errors
/// Any refusal of the contract; nothing is written then.
pub fn record(
    app: &std::sync::Arc<App>,
    actor: &Actor,
    command: Command,
    if_match: Expected,
) -> Result<Recorded> {
    let (app2, actor) = (app.clone(), actor.clone());
    app.store.write(Lane::Interactive, move |db| {
        let cx = context(&app2, db, &actor)?;
        let recorded =
            record_in(db, &cx, std::slice::from_ref(&command), &if_match).map_err(without_item)?;
        recorded.into_iter().next().ok_or_else(Error::not_found)
    })
}

/// Records many events as one: all or none, judged on the end state.
///
/// # Errors
/// The refusal of the first bad item, with `item`, its position from 0.
pub fn record_all(
    app: &std::sync::Arc<App>,
    actor: &Actor,
    commands: Vec<Command>,
) -> Result<Vec<Recorded>> {
    let (app2, actor) = (app.clone(), actor.clone());
    app.store.write(Lane::Interactive, move |db| {
        let cx = context(&app2, db, &actor)?;
        record_in(db, &cx, &commands, &Expected::Anything)
    })
}

/// Records commands as one inside a transaction that is already open: all or none, judged on the end state.
///
/// # Errors
/// The refusal of the first bad command, with `item`.
pub fn record_in(
    db: &mut Db,
    cx: &Context,
    commands: &[Command],
    if_match: &Expected,
) -> Result<Vec<Recorded>> {
    let at = |item: usize| move |e: Error| e.with("item", item);
    let two_devices = |c: &Command| c.fields.into.is_some() || c.fields.from.is_some();
    if commands.iter().any(two_devices) {
        hold::all(db, commands)?;
    }
    let mut out: Vec<Option<Recorded>> = vec![None; commands.len()];
    let mut targets: Vec<Option<String>> = Vec::with_capacity(commands.len());
    for (item, command) in commands.iter().enumerate() {
        cx.actor
            .must(Right::Event(command.kind))
            .map_err(at(item))?;
        let id = devices::resolve(db, &command.device)?
            .ok_or_else(Error::not_found)
            .map_err(at(item))?;
        let id = of_merged(db, id, command)?;
        if let Some(event) = keys::known(db, cx, &id, command).map_err(at(item))? {
            visible(db, cx, &id).map_err(at(item))?;
            if let Some(slot) = out.get_mut(item) {
                *slot = Some(Recorded {
                    event,
                    replayed: true,
                });
            }
            targets.push(None);
        } else {
            targets.push(Some(id));
        }
    }
    let mut sessions = lock_all(db, cx, &targets)?;
    if let Some(session) = sessions.values().next() {
        if_match.check(session.head.version - 1)?;
    }
    let mut firsts: Vec<(usize, String, usize)> = Vec::new();
    for (item, (command, target)) in commands.iter().zip(&targets).enumerate() {
        let Some(id) = target else { continue };
        let position =
            companions::push(db, cx, &mut sessions, id, item, command).map_err(at(item))?;
        firsts.push((item, id.clone(), position));
    }
    for session in sessions.values_mut() {
        session.judge(db, cx)?;
    }
    for session in sessions.values() {
        gate::check(db, cx, session, &sessions)?;
    }
    for (item, id, position) in firsts {
        let Some(fresh) = sessions.get(&id).and_then(|s| s.fresh.get(position)) else {
            continue;
        };
        if let (Some(slot), Some(command)) = (out.get_mut(item), commands.get(item)) {
            keys::keep(db, cx, &id, command, &fresh.event.id)?;
            *slot = Some(Recorded {
                event: fresh.event.clone(),
                replayed: false,
            });
        }
    }
    for session in sessions.into_values() {
        write(db, cx, session)?;
    }
    Ok(out.into_iter().flatten().collect())
}

/// The device whose chain a command writes to, by the one its tag leads to. The tag of a merged device leads to the
/// survivor, but an event of its own (its `merge` first of all) is voided where it stands.
fn of_merged(db: &mut Db, survivor: String, command: &Command) -> Result<String> {
    let voided = command.fields.event.as_ref();
    let Some(voided) = voided.filter(|_| command.kind == Kind::Correct) else {
        return Ok(survivor);
    };
    match events::by_id(db, voided.as_str())? {
        Some(event)
            if event.device != survivor
                && devices::winner(db, event.device.clone())? == survivor =>
        {
            Ok(event.device)
        }
        _ => Ok(survivor),
    }
}

/// Whether commands for one device could be recorded now, together: nothing is locked, nothing is written.
///
/// # Errors
/// The refusal that [`record_in`] would give.
pub fn would(db: &mut Db, cx: &Context, device: &str, commands: &[Command]) -> Result<()> {
    let id = devices::resolve(db, device)?.ok_or_else(Error::not_found)?;
    let mut sessions = BTreeMap::from([(id.clone(), Session::peek(db, cx, &id)?)]);
    for command in commands {
        cx.actor.must(Right::Event(command.kind))?;
        companions::push(db, cx, &mut sessions, &id, 0, command).map_err(without_item)?;
    }
    for session in sessions.values_mut() {
        session.judge(db, cx).map_err(without_item)?;
    }
    for session in sessions.values() {
        gate::check(db, cx, session, &sessions).map_err(without_item)?;
    }
    Ok(())
}

/// Locks the devices in the order of their ids, so that two batches never wait for each other.
fn lock_all(
    db: &mut Db,
    cx: &Context,
    targets: &[Option<String>],
) -> Result<BTreeMap<String, Session>> {
    let mut sessions = BTreeMap::new();
    let mut ids: Vec<(&String, usize)> = targets
        .iter()
        .enumerate()
        .filter_map(|(i, t)| t.as_ref().map(|t| (t, i)))
        .collect();
    ids.sort();
    ids.dedup_by(|a, b| a.0 == b.0);
    for (id, item) in ids {
        sessions.insert(
            id.clone(),
            Session::open(db, cx, id).map_err(|e| e.with("item", item))?,
        );
    }
    Ok(sessions)
}

fn visible(db: &mut Db, cx: &Context, id: &str) -> Result<()> {
    if devices::seen_by(db, id, &cx.scope)? {
        Ok(())
    } else {
        Err(Error::not_found())
    }
}

/// Takes the position in the batch out of a refusal that was of one event.
pub fn without_item(mut error: Error) -> Error {
    error.extra.remove("item");
    error
}
