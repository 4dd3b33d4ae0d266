//! What the `describe` events (and the openings) say of a device: the value recorded last, for every `as_of`.

use serde_json::{Map, Value};

use crate::domain::described::Described;
use crate::domain::event::Event;
use crate::domain::words::{Acquisition, Kind, Tenure};

/// What an owner knows of the device: its own descriptions over those of the owners before it, without what is
/// theirs alone (price, purchase line, name, custom fields). Later owners' descriptions are not its business.
pub fn of_book(book: i64, kept: &[(i64, &Event)], counted: &[&Event]) -> Described {
    let part = |index: i64| {
        let losers = kept
            .iter()
            .filter(move |(b, _)| *b == index)
            .map(|(_, e)| *e);
        losers.chain(counted.iter().copied().filter(move |e| e.book == index))
    };
    let mut described = Described::default();
    for index in 0..=book {
        if index > 0 {
            described = Described {
                name: None,
                purchase_price_cents: None,
                currency: None,
                line: None,
                extra: Map::new(),
                ..described
            };
        }
        described = fold(described, part(index));
    }
    described
}

/// Folds the described fields of active events, in the order of recording.
fn fold<'a>(mut described: Described, events: impl Iterator<Item = &'a Event>) -> Described {
    for event in events {
        match event.kind {
            Kind::Describe => {
                if let Some(set) = &event.fields.set {
                    described = set_fields(described, set);
                }
            }
            Kind::Order | Kind::Receive => {
                described.acquisition = event.fields.acquisition.or(described.acquisition);
                described.condition = event.fields.condition.or(described.condition);
                if event.fields.line.is_some() {
                    described.line.clone_from(&event.fields.line);
                }
            }
            _ => {}
        }
    }
    described
}

/// One `set` applied: null clears, `extra` is merged key by key, everything else is replaced.
pub fn set_fields(described: Described, set: &Map<String, Value>) -> Described {
    let before = described.clone();
    let Ok(Value::Object(mut fields)) = serde_json::to_value(described) else {
        return before;
    };
    for (key, value) in set {
        match (key.as_str(), value) {
            ("tenure" | "part_of", _) => {}
            (_, Value::Null) => {
                fields.remove(key);
            }
            ("extra", Value::Object(patch)) => {
                let extra = fields
                    .entry("extra")
                    .or_insert_with(|| Value::Object(Map::new()));
                if let Value::Object(extra) = extra {
                    crate::domain::input::merge_patch(extra, patch);
                }
            }
            _ => {
                fields.insert(key.clone(), value.clone());
            }
        }
    }
    // What the chain holds was checked when it was recorded; a field this version does not know is left aside.
    serde_json::from_value(Value::Object(fields)).unwrap_or(before)
}

/// Tenure an opening gives: said, or leased when acquired by lease, else owned.
pub fn tenure(event: &Event) -> Tenure {
    match (event.fields.tenure, event.fields.acquisition) {
        (Some(tenure), _) => tenure,
        (None, Some(Acquisition::Lease)) => Tenure::Leased,
        _ => Tenure::Owned,
    }
}
