//! Which events count and in which order they are replayed (ledger §2).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::domain::event::Event;
use crate::domain::words::Kind;
use crate::error::Code;

use super::Illegal;

/// The active events of a device: voided ones and pure corrections are gone.
#[derive(Debug, Default)]
pub struct Active<'a> {
    /// Events that count, in the order of recording.
    pub events: Vec<&'a Event>,
    /// Voided event id → id of the `correct` that voids it.
    pub voided: BTreeMap<String, String>,
    /// An active `withdraw`.
    pub withdrawn: bool,
    /// Where an active `merge` leads.
    pub merged_into: Option<String>,
    /// Active `absorb` events: loser, and ids of its events that are kept.
    pub absorbed: Vec<(&'a Event, BTreeSet<String>)>,
}

/// Applies the corrections.
///
/// # Errors
/// A `correct` that may not void what it names.
pub fn active(events: &[Event]) -> Result<Active<'_>, Box<Illegal>> {
    let by_id: HashMap<&str, &Event> = events.iter().map(|e| (e.id.as_str(), e)).collect();
    let voided = voids(events, &by_id)?;
    let mut out = Active::default();
    for event in events.iter().filter(|e| !voided.contains_key(&e.id)) {
        match event.kind {
            Kind::Correct => {}
            Kind::Withdraw => out.withdrawn = true,
            Kind::Merge => {
                out.merged_into = event.fields.into.as_ref().map(|t| t.as_str().to_owned())
            }
            Kind::Absorb => {
                let kept = event
                    .fields
                    .kept
                    .iter()
                    .flatten()
                    .map(|k| k.as_str().to_owned())
                    .collect();
                out.absorbed.push((event, kept));
            }
            _ => out.events.push(event),
        }
    }
    out.voided = voided;
    Ok(out)
}

/// From the last `correct` to the first: one that is itself voided voids nothing.
fn voids(
    events: &[Event],
    by_id: &HashMap<&str, &Event>,
) -> Result<BTreeMap<String, String>, Box<Illegal>> {
    let mut voided: BTreeMap<String, String> = BTreeMap::new();
    for correct in events.iter().rev().filter(|e| e.kind == Kind::Correct) {
        if voided.contains_key(&correct.id) {
            continue;
        }
        let target = correct
            .fields
            .event
            .as_ref()
            .and_then(|id| by_id.get(id.as_str()));
        let Some(target) = target.filter(|t| t.n < correct.n) else {
            return Err(Illegal::field(
                correct,
                Code::UnknownReference,
                "event",
                "this device has no earlier event of this id",
            ));
        };
        if target.kind == Kind::Correct && !undoes_knowledge(target, by_id) {
            let why = "a correction is not voided, except one of a withdraw, merge or absorb; record the event again instead";
            return Err(Illegal::field(correct, Code::InvalidValue, "event", why));
        }
        if voided.contains_key(&target.id) {
            // The earlier of two: seen last here, but it is the later `correct` that was refused when recorded.
            let later = voided
                .get(&target.id)
                .and_then(|id| by_id.get(id.as_str()))
                .copied()
                .unwrap_or(correct);
            // A conflict and no wrong value: somebody else may have voided it a moment ago.
            return Err(Illegal::field(
                later,
                Code::TransitionRefused,
                "event",
                "this event is voided already",
            ));
        }
        voided.insert(target.id.clone(), correct.id.clone());
    }
    Ok(voided)
}

fn undoes_knowledge(correct: &Event, by_id: &HashMap<&str, &Event>) -> bool {
    let target = correct
        .fields
        .event
        .as_ref()
        .and_then(|id| by_id.get(id.as_str()));
    target.is_some_and(|t| matches!(t.kind, Kind::Withdraw | Kind::Merge | Kind::Absorb))
}

/// The opening of a book: its adoption, else its order, else its reception; the first recorded of them.
pub fn opening<'a>(book: &[&'a Event]) -> Option<&'a Event> {
    [Kind::Adopt, Kind::Order, Kind::Receive]
        .iter()
        .find_map(|kind| book.iter().find(|e| e.kind == *kind))
        .copied()
}

/// The events of one book after its opening, in replay order: (`on`, `t`, `n`).
pub fn after_opening<'a>(book: &[&'a Event], opening: &Event) -> Vec<&'a Event> {
    let mut rest: Vec<&Event> = book
        .iter()
        .copied()
        .filter(|e| e.id != opening.id)
        .collect();
    rest.sort_by_key(|e| (e.on, e.t, e.n));
    rest
}
