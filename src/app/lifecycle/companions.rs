//! Events that come with others: the reception of a transfer, the move of what is part of a device, the two halves
//! of a merge, the second void of a transfer.

use std::collections::BTreeMap;

use super::command::Command;
use super::references;
use super::session::{Context, Place, Session, companion};
use crate::app::permission::Right;
use crate::db::{Db, devices};
use crate::domain::event::Fields;
use crate::domain::tag::fold;
use crate::domain::text::Line;
use crate::domain::words::{Acquisition, Kind, Stage};
use crate::error::{Code, Error, Result};

type Sessions = BTreeMap<String, Session>;

/// Adds the events of one command to the sessions. Gives the position of its own event among the fresh ones of its
/// device.
///
/// # Errors
/// Refusals of rights, references and rules that the replay does not know.
pub fn push(
    db: &mut Db,
    cx: &Context,
    sessions: &mut Sessions,
    id: &str,
    item: usize,
    command: &Command,
) -> Result<usize> {
    let session = sessions.get(id).ok_or_else(Error::not_found)?;
    let place = Place::from(session.book(cx, command.kind)?);
    let mut command = command.clone();
    references::resolve(db, cx, &place.org, &mut command)?;
    if command.kind == Kind::Correct {
        may_correct(cx, session, &command)?;
    }
    let session = sessions.get_mut(id).ok_or_else(Error::not_found)?;
    let position = session.fresh.len();
    session.push(cx, item, place, &command);
    match command.kind {
        Kind::HandOver => reception(cx, session, item, &command),
        Kind::Move => parts(db, cx, sessions, id, item, &command)?,
        Kind::Merge | Kind::Absorb => other_half(db, cx, sessions, id, item, &command)?,
        Kind::Correct => other_void(db, cx, sessions, id, item, &command)?,
        Kind::Describe => not_part_of_itself(db, id, &command)?,
        _ => {}
    }
    Ok(position)
}

/// A transfer inside the tree opens the receiver's books in the same transaction.
fn reception(cx: &Context, session: &mut Session, item: usize, command: &Command) {
    let Some(receiver) = &command.fields.to_organisation else {
        return;
    };
    let book = session.events.iter().map(|e| e.book).max().unwrap_or(0) + 1;
    let fields = Fields {
        acquisition: Some(Acquisition::Transfer),
        ..Fields::default()
    };
    let receive = companion(command, &command.device, Kind::Receive, fields);
    session.push(
        cx,
        item,
        Place {
            org: receiver.as_str().to_owned(),
            book,
        },
        &receive,
    );
}

/// What is part of a device moves with it, and so do its parts in turn.
fn parts(
    db: &mut Db,
    cx: &Context,
    sessions: &mut Sessions,
    whole: &str,
    item: usize,
    command: &Command,
) -> Result<()> {
    let mut waiting = devices::parts_of(db, whole)?;
    let mut moved = vec![whole.to_owned()];
    while let Some(part) = waiting.pop() {
        if moved.contains(&part) {
            continue;
        }
        if !sessions.contains_key(&part) {
            sessions.insert(part.clone(), Session::open(db, cx, &part)?);
        }
        waiting.extend(devices::parts_of(db, &part)?);
        if let Some(session) = sessions.get_mut(&part) {
            let owner = session
                .history
                .owner()
                .map(|b| (b.state.stage, Place::from(b)));
            if let Some((stage, place)) = owner.filter(|(stage, _)| stage.is_live()) {
                debug_assert!(stage != Stage::Gone);
                let step = companion(command, &part, Kind::Move, command.fields.clone());
                session.push(cx, item, place, &step);
            }
        }
        moved.push(part);
    }
    Ok(())
}

/// `merge` on the loser and `absorb` on the winner are one act, whichever was asked.
fn other_half(
    db: &mut Db,
    cx: &Context,
    sessions: &mut Sessions,
    id: &str,
    item: usize,
    command: &Command,
) -> Result<()> {
    let (field, named) = match command.kind {
        Kind::Merge => ("into", &command.fields.into),
        _ => ("from", &command.fields.from),
    };
    let Some(other) = named.as_ref().map(|t| t.as_str().to_owned()) else {
        return Ok(());
    };
    if other == id {
        let said = command.sent.pointer(&format!("/fields/{field}"));
        let said = said.and_then(serde_json::Value::as_str);
        if said.is_none_or(|said| fold(said) == fold(&command.device)) {
            return Err(Error::invalid(field, "a device is not merged with itself"));
        }
        // Two names, one device: somebody else may have merged them a moment ago.
        let detail = "these two are one device already";
        return Err(Error::new(Code::TransitionRefused, detail).with_field(field));
    }
    if !sessions.contains_key(&other) {
        sessions.insert(other.clone(), Session::open(db, cx, &other)?);
    }
    let org = |id: &str| {
        sessions
            .get(id)
            .and_then(|s| s.history.owner())
            .map(|b| b.org.clone())
    };
    if org(id) != org(&other) {
        return Err(Error::invalid(
            field,
            "two devices of different organisations are not merged; transfer one first",
        ));
    }
    let (kind, fields) = match command.kind {
        Kind::Merge => (
            Kind::Absorb,
            Fields {
                from: Line::parse(id).ok(),
                kept: Some(Vec::new()),
                ..Fields::default()
            },
        ),
        _ => (
            Kind::Merge,
            Fields {
                into: Line::parse(id).ok(),
                ..Fields::default()
            },
        ),
    };
    let Some(session) = sessions.get_mut(&other) else {
        return Ok(());
    };
    if session.fresh.iter().any(|f| f.event.kind == kind) {
        return Ok(()); // the batch holds both halves itself
    }
    let place = Place::from(session.book(cx, kind)?);
    session.push(cx, item, place, &companion(command, &other, kind, fields));
    Ok(())
}

fn may_correct(cx: &Context, session: &Session, command: &Command) -> Result<()> {
    let wanted = command
        .fields
        .event
        .as_ref()
        .map(|e| e.as_str())
        .unwrap_or_default();
    let Some(target) = session.events.iter().find(|e| e.id == wanted) else {
        return Err(Error::unknown_reference("event", wanted));
    };
    if !cx.scope.holds(&target.org) {
        return Err(Error::unknown_reference("event", wanted));
    }
    if target.actor != cx.actor.id {
        cx.actor.must(Right::CorrectAny)?;
    }
    if target.kind == Kind::Receive && target.book > 0 {
        let detail =
            "the reception of a transfer is voided by voiding its hand-over; or `give_back`";
        return Err(Error::invalid("event", detail));
    }
    Ok(())
}

/// Voiding one half of a pair voids the other.
fn other_void(
    db: &mut Db,
    cx: &Context,
    sessions: &mut Sessions,
    id: &str,
    item: usize,
    command: &Command,
) -> Result<()> {
    let Some(session) = sessions.get_mut(id) else {
        return Ok(());
    };
    let wanted = command
        .fields
        .event
        .as_ref()
        .map(|e| e.as_str().to_owned())
        .unwrap_or_default();
    let Some(target) = session.events.iter().find(|e| e.id == wanted).cloned() else {
        return Ok(());
    };
    match target.kind {
        Kind::HandOver if target.fields.to_organisation.is_some() => {
            let Some(receive) = session
                .events
                .iter()
                .find(|e| e.kind == Kind::Receive && e.n == target.n + 1)
                .cloned()
            else {
                return Ok(());
            };
            if session
                .events
                .iter()
                .any(|e| e.book == receive.book && e.id != receive.id)
            {
                let detail = "the receiving organisation has recorded events since; it can `give_back` the device instead";
                return Err(Error::new(Code::TransitionRefused, detail));
            }
            let fields = Fields {
                event: Line::parse(&receive.id).ok(),
                ..Fields::default()
            };
            let void = companion(command, id, Kind::Correct, fields);
            session.push(
                cx,
                item,
                Place {
                    org: receive.org,
                    book: receive.book,
                },
                &void,
            );
        }
        Kind::Merge | Kind::Absorb => {
            let other = if target.kind == Kind::Merge {
                &target.fields.into
            } else {
                &target.fields.from
            };
            let Some(other) = other.as_ref().map(|t| t.as_str().to_owned()) else {
                return Ok(());
            };
            if !sessions.contains_key(&other) {
                sessions.insert(other.clone(), Session::open(db, cx, &other)?);
            }
            void_half(cx, sessions, &other, id, item, command);
        }
        _ => {}
    }
    Ok(())
}

fn void_half(
    cx: &Context,
    sessions: &mut Sessions,
    other: &str,
    id: &str,
    item: usize,
    command: &Command,
) {
    let Some(session) = sessions.get_mut(other) else {
        return;
    };
    let names = |e: &crate::domain::event::Event| {
        let named = if e.kind == Kind::Merge {
            &e.fields.into
        } else {
            &e.fields.from
        };
        named.as_ref().is_some_and(|n| n.as_str() == id)
    };
    let half = session
        .events
        .iter()
        .rev()
        .find(|e| matches!(e.kind, Kind::Merge | Kind::Absorb) && names(e))
        .cloned();
    let Some(half) = half.filter(|h| !session.history.voided.contains_key(&h.id)) else {
        return;
    };
    if session.fresh.iter().any(|f| {
        f.event
            .fields
            .event
            .as_ref()
            .is_some_and(|e| e.as_str() == half.id)
    }) {
        return;
    }
    let fields = Fields {
        event: Line::parse(&half.id).ok(),
        ..Fields::default()
    };
    session.push(
        cx,
        item,
        Place {
            org: half.org,
            book: half.book,
        },
        &companion(command, other, Kind::Correct, fields),
    );
}

/// A device is not part of itself, nor of one of its own parts.
fn not_part_of_itself(db: &mut Db, id: &str, command: &Command) -> Result<()> {
    let part_of = |set: &serde_json::Map<String, serde_json::Value>| {
        set.get("part_of")
            .and_then(|v| v.as_str())
            .map(str::to_owned)
    };
    let mut whole = command.fields.set.as_ref().and_then(part_of);
    for _ in 0..32 {
        match whole {
            None => return Ok(()),
            Some(w) if w == id => break,
            Some(w) => whole = devices::whole_of(db, &w)?,
        }
    }
    Err(Error::invalid(
        "part_of",
        "a device cannot be part of itself or of its own parts",
    ))
}
