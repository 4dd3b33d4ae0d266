//! The fleet through the pure domain: events to history to facts, no store.

use std::collections::BTreeMap;

use reparc::domain::day::{Day, Instant, instant};
use reparc::domain::event::{Event, PRIVATE};
use reparc::domain::lifecycle::{self, History, fields};
use reparc::domain::words::Kind;
use serde_json::{Map, Value, json};

use super::table::{self, Fleet};

/// Everything recorded in an instalment is recorded at this instant.
pub fn recorded_at(instalment: u8) -> Instant {
    instant::parse(&format!("2026-0{instalment}-15T09:00:00Z")).unwrap()
}

/// Bears data, by category, as in the shipped catalogue.
pub fn bears(category: Option<&str>) -> bool {
    matches!(category, Some("laptop" | "desktop" | "smartphone"))
}

/// The chains of the fleet, device by device, in the order of recording.
pub struct Chains(pub BTreeMap<String, Vec<Event>>);

impl Chains {
    fn event(
        &mut self,
        device: &str,
        kind: &str,
        on: Day,
        books: &str,
        instalment: u8,
        fields: Map<String, Value>,
    ) -> Event {
        let chain = self.0.entry(device.to_owned()).or_default();
        let kind = Kind::parse(kind).unwrap();
        let mut read = fields::read(kind, fields.clone()).unwrap();
        // What is personal stays out of the chain, as the store does.
        read.overridden = read.override_.take().map(|_| true);
        read.reason = None;
        assert!(PRIVATE.contains(&"reason"));
        let book = match chain.last() {
            None => 0,
            Some(last) if last.org == books => last.book,
            Some(last) => last.book + 1,
        };
        let n = i64::try_from(chain.len()).unwrap() + 1;
        let recorded_at = recorded_at(instalment);
        Event {
            id: format!("{device}#{n}"),
            device: device.to_owned(),
            n,
            kind,
            on,
            at: None,
            t: Event::place(on, None, recorded_at),
            recorded_at,
            actor: "test".into(),
            org: books.into(),
            book,
            import: None,
            private: None,
            fields: read,
        }
    }

    /// The fleet as known after an instalment. Refused rows are tried and must be refused.
    pub fn of(fleet: &Fleet, known: u8) -> Chains {
        let mut chains = Chains(BTreeMap::new());
        let mut ids: BTreeMap<String, String> = BTreeMap::new();
        // Instalment by instalment, as in life.
        for instalment in 1..=known {
            for row in fleet.events.iter().filter(|e| e.instalment == instalment) {
                let mut fields = row.fields.clone();
                if let Some(of) = fields.get("event").and_then(Value::as_str) {
                    let id = ids[of.trim_start_matches('@')].clone();
                    fields.insert("event".into(), id.into());
                }
                let on = row
                    .on
                    .as_deref()
                    .map_or(Day::of(recorded_at(instalment)), |d| Day::parse(d).unwrap());
                let event =
                    chains.event(&row.device, &row.kind, on, &row.books, instalment, fields);
                let opens = chains.0[&row.device].is_empty();
                let mut trial = chains.0[&row.device].clone();
                trial.push(event.clone());
                match (&row.refused, lifecycle::replay(&trial, &[], &bears)) {
                    (None, Ok(_)) => {}
                    (None, Err(illegal)) => panic!("{} is refused: {illegal:?}", row.row),
                    // The wipe is a gate of the use case, not a law of the replay.
                    (Some(code), Ok(_)) if code == "wipe_required" => continue,
                    (Some(code), Ok(_)) => panic!("{} must be refused: {code}", row.row),
                    (Some(code), Err(illegal)) => {
                        let refusal = illegal.refusal(&[&event.id]);
                        assert_eq!(refusal.code.as_str(), code, "{}: {refusal}", row.row);
                        continue;
                    }
                }
                ids.insert(row.row.clone(), event.id.clone());
                let to = event
                    .fields
                    .to_organisation
                    .as_ref()
                    .map(|t| t.as_str().to_owned());
                chains.0.insert(row.device.clone(), trial);
                if opens {
                    chains.describe(fleet, &row.device, &row.books);
                }
                if let Some(to) = to {
                    let receive = json!({"acquisition": "transfer"});
                    let fields = receive.as_object().unwrap().clone();
                    let receive = chains.event(&row.device, "receive", on, &to, instalment, fields);
                    chains.0.get_mut(&row.device).unwrap().push(receive);
                }
            }
        }
        chains
    }

    /// What the entry describes, recorded right after the opening.
    fn describe(&mut self, fleet: &Fleet, device: &str, books: &str) {
        let row = fleet.devices.iter().find(|d| d.tag == device).unwrap();
        let mut set = row.described.clone();
        set.insert("category".into(), row.category.clone().into());
        let mut fields = Map::new();
        fields.insert("set".into(), Value::Object(set));
        let today = Day::of(recorded_at(1));
        let event = self.event(device, "describe", today, books, 1, fields);
        self.0.get_mut(device).unwrap().push(event);
    }

    /// Replays every device.
    pub fn histories(&self) -> BTreeMap<String, History> {
        self.0
            .iter()
            .map(|(tag, chain)| (tag.clone(), lifecycle::replay(chain, &[], &bears).unwrap()))
            .collect()
    }
}

/// Where the twelve end, by hand: stage, réforme, and whose.
#[test]
fn the_twelve_devices_end_where_the_story_says() {
    let fleet = table::read();
    let histories = Chains::of(&fleet, 2).histories();
    let ends: Vec<String> = histories
        .iter()
        .map(|(tag, h)| {
            let book = h.owner().unwrap();
            let retired = book.state.retired_on.map_or("-".into(), |d| d.to_string());
            format!(
                "{tag} {} {} {retired} {}",
                book.org,
                book.state.stage,
                book.state.media.state()
            )
        })
        .collect();
    insta::assert_snapshot!(ends.join("\n"), @"
    D01 main gone 2022-12-01 purged
    D02 main gone 2023-06-15 destroyed
    D03 main gone 2022-10-01 none
    D04 main gone 2023-09-01 purged
    D05 main in_use - holds
    D06 main gone 2023-11-01 purged
    D07 main gone 2024-06-30 holds
    D08 main gone 2024-10-15 holds
    D09 main gone 2022-11-15 holds
    D10 main gone - purged
    D11 aubry in_stock - holds
    D12 aubry gone - none
    ");
    let d11 = &histories["D11"];
    assert_eq!(d11.books.len(), 2, "the giver keeps its own");
    assert_eq!(d11.books[0].state.stage.as_str(), "gone");
    assert_eq!(d11.books[0].facts.spells.last().unwrap().to, None);
}
