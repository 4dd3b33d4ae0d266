//! From a life told to a chain of events, as the ledger keeps it.

use chrono::Datelike;
use serde_json::{Map, Value, json};

use super::chance::Chance;
use super::life::{self, Story, Told, line};
use super::opening::{Cast, How, Opening};
use super::world::MODELS;
use crate::domain::catalogue::Catalogue;
use crate::domain::day::{Day, Instant};
use crate::domain::event::{Event, Fields};
use crate::domain::tag::Tag;
use crate::domain::words::{Acquisition, Kind};

/// A device of the sample with all that happened to it.
#[derive(Debug)]
pub struct Life {
    /// Device id.
    pub id: String,
    /// Its random tag.
    pub tag: Tag,
    /// Events in the order of recording, each with what is personal of it.
    pub events: Vec<(Event, Map<String, Value>)>,
}

/// Who records, and when.
#[derive(Debug, Clone)]
pub struct Scribe {
    /// Actor id.
    pub actor: String,
    /// The instant of recording.
    pub now: Instant,
}

/// Tells the life of device number `i`.
pub fn life(cast: &Cast, catalogue: &Catalogue, scribe: &Scribe, i: u64) -> Life {
    let (opening, mut chance) = Opening::of(cast, i);
    let millis = u64::try_from(scribe.now.timestamp_millis()).unwrap_or(0);
    let id = chance.id(millis);
    let category = MODELS.get(opening.model).map(|m| m.3);
    let described = described(cast, &opening, &mut chance, i);
    let mut story = Story {
        cast,
        chance,
        told: Vec::new(),
        day: opening.on,
        home: opening.home,
        bears: catalogue.bears_data(category),
        clean: false,
        holder: None,
        used: false,
    };
    // The story ends when it comes to today, wherever it is.
    let _ =
        life::open(&opening, &mut story, described).and_then(|()| life::tell(&opening, &mut story));
    let Story { told, chance, .. } = story;
    let events = chain(cast, scribe, &id, told, chance, millis);
    Life {
        id,
        tag: tag(cast.seed, i),
        events,
    }
}

fn chain(
    cast: &Cast,
    scribe: &Scribe,
    device: &str,
    told: Vec<Told>,
    mut chance: Chance,
    millis: u64,
) -> Vec<(Event, Map<String, Value>)> {
    let mut events: Vec<(Event, Map<String, Value>)> = Vec::with_capacity(told.len() + 1);
    let mut first_home = None;
    let mut ids: Vec<String> = Vec::with_capacity(told.len());
    for mut told in told {
        if let Some(voids) = told.voids {
            told.fields.event = ids.get(voids).and_then(|id| line(id));
        }
        let home = *first_home.get_or_insert(told.home);
        let book = i64::from(told.home != home);
        let org = cast
            .homes
            .get(told.home)
            .map(|h| h.org.clone())
            .unwrap_or_default();
        let to = told
            .fields
            .to_organisation
            .as_ref()
            .map(|t| t.as_str().to_owned());
        let on = told.on;
        let mut write = |kind, fields, private, org, book| {
            let event = Event {
                id: chance.id(millis),
                device: device.to_owned(),
                n: i64::try_from(events.len()).unwrap_or(0) + 1,
                kind,
                on,
                at: None,
                t: Event::place(on, None, scribe.now),
                recorded_at: scribe.now,
                actor: scribe.actor.clone(),
                org,
                book,
                import: None,
                private: None,
                fields,
            };
            let id = event.id.clone();
            events.push((event, private));
            id
        };
        ids.push(write(told.kind, told.fields, told.private, org, book));
        if let Some(to) = to {
            // The reception of a transfer inside the tree comes with its hand-over.
            let fields = Fields {
                acquisition: Some(Acquisition::Transfer),
                ..Fields::default()
            };
            let _ = write(Kind::Receive, fields, Map::new(), to, 1);
        }
    }
    events
}

/// What is said of the device at its entry, faults on purpose among it.
fn described(cast: &Cast, opening: &Opening, chance: &mut Chance, i: u64) -> Map<String, Value> {
    let mut set = Map::new();
    let Some(row) = MODELS.get(opening.model) else {
        return set;
    };
    let mut put = |key: &str, value: Value| set.insert(key.to_owned(), value);
    put("category", row.3.into());
    put("model", cast.models.get(opening.model).cloned().into());
    let prefix: String = row.3.chars().take(3).collect::<String>().to_uppercase();
    put("name", format!("{prefix}-{:06}", i + 1).into());
    match chance.below(100) {
        // Firmware nobody filled in.
        0 => drop(put("serial", "To be filled by O.E.M.".into())),
        1 => drop(put("serial", "0000000000".into())),
        2 => drop(put("serial", "Default string".into())),
        3..7 => {}
        _ => drop(put("serial", serial(row.1, cast.seed, i).into())),
    }
    if opening.how == How::Adopted {
        // Old inventories: a purchase date, or a year of manufacture, or nothing at all.
        let age = chance.between(30, 2_900);
        let day = super::chance::later(opening.on, -age).to_string();
        match chance.below(10) {
            0..6 => drop(put("acquired_on", day.into())),
            6..8 => drop(put("manufactured_on", day.into())),
            _ => {}
        }
        if chance.happens(450) {
            let day = super::chance::later(opening.on, 20 - age.max(21)).to_string();
            put("first_use_on", day.into());
        }
        let old = format!("CCV{:05}", i % 100_000);
        put("codes", json!([{"kind": "asset_tag", "value": old}]));
    } else {
        put("acquired_on", opening.on.to_string().into());
        if opening.price_cents > 0 {
            put("purchase_price_cents", opening.price_cents.into());
            let until = opening.on.plus_months(36).to_string();
            put("warranty_until", until.into());
        }
        if chance.happens(300) {
            let made = super::chance::later(opening.on, -chance.between(40, 300));
            put("manufactured_on", made.to_string().into());
        }
    }
    set
}

/// Numbers that look drawn and never meet: a multiplication by an odd number modulo 2^40 is one to one.
fn scattered(seed: u64, i: u64) -> u64 {
    const MASK: u64 = (1 << 40) - 1;
    let odd = 0x9E_3779_B97F | 1;
    let start = Chance::new(seed, u64::MAX).below(1 << 40);
    i.wrapping_add(start).wrapping_mul(odd) & MASK
}

fn tag(seed: u64, i: u64) -> Tag {
    let number = scattered(seed, i);
    let mut bytes = [0u8; 8];
    for (byte, shift) in bytes.iter_mut().zip((0..8).map(|k| 5 * k)) {
        *byte = u8::try_from((number >> shift) & 31).unwrap_or(0);
    }
    Tag::random(bytes)
}

fn serial(maker: &str, seed: u64, i: u64) -> String {
    let letter = maker.chars().next().unwrap_or('X');
    format!("{letter}{:010X}", scattered(seed ^ 0x5EED, i))
}

/// The first day of the story: 1 January, so that `years` civil years are touched, the present one among them.
pub fn start(today: Day, years: i32) -> Day {
    Day::first_of(today.0.year() - years.max(1) + 1)
}

/// The line of the purchases that pays for it, as its event says.
pub fn pays(life: &mut Life, reference: &str) {
    if let Some((event, _)) = life
        .events
        .first_mut()
        .filter(|(e, _)| matches!(e.kind, Kind::Receive | Kind::Order))
    {
        event.fields.line = line(reference);
    }
}
