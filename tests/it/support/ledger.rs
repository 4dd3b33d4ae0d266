//! Devices and events put straight into the store, without the use cases.

use std::collections::{BTreeMap, BTreeSet};

use reparc::db::books::{Book, Code, NewDevice, Projection};
use reparc::db::events::Private;
use reparc::db::new_id;
use reparc::domain::day::{Day, Instant, micros};
use reparc::domain::event::{Event, Fields};
use reparc::domain::facts::{Facts, Spell};
use reparc::domain::text::fold;
use reparc::domain::words::{CodeKind, Data, Kind, Presence, Stage, Tenure};

pub fn now() -> Instant {
    micros(chrono::Utc::now())
}

/// An event at this place of a chain.
pub fn event(
    device: &str,
    org: &str,
    n: i64,
    kind: Kind,
    note: Option<&str>,
) -> (Event, Option<Private>) {
    let private = note.and_then(|note| {
        let mut fields = serde_json::Map::new();
        fields.insert("note".into(), note.into());
        Private::seal(&fields)
    });
    let recorded_at = now();
    let on = Day::ymd(2024, 5, 1);
    let event = Event {
        id: new_id(),
        device: device.into(),
        n,
        kind,
        on,
        at: None,
        t: Event::place(on, None, recorded_at),
        recorded_at,
        actor: "test".into(),
        org: org.into(),
        book: 0,
        import: None,
        private: private.as_ref().map(Private::hash),
        fields: Fields::default(),
    };
    (event, private)
}

/// A projection that follows from the events alone, so that `verify` can make it again.
pub fn projection(events: &[Event]) -> Projection {
    let first = &events[0];
    let last = events.last().unwrap();
    let spell = Spell {
        from: first.on,
        to: None,
        stage: Stage::InStock,
        data: Data::None,
        presence: Presence::Seen,
        retired: false,
        retired_on: None,
        site: None,
        service: None,
        holder: None,
        tenure: Tenure::Owned,
        part_of: None,
        stage_since: None,
    };
    let tag = first.device.replace('-', "").to_uppercase();
    let facts = Facts {
        spells: vec![spell],
        bears_data: events.len() > 2,
        ..Facts::default()
    };
    let book = Book {
        book: 0,
        org: first.org.clone(),
        current: true,
        shown: true,
        name: Some(format!("Poste {}", events.len())),
        category: Some("laptop".into()),
        manufacturer: None,
        model: None,
        serial: Some(tag.clone()),
        stage: Stage::InStock,
        data: Data::None,
        presence: Presence::Seen,
        retired_on: None,
        site: None,
        holder: None,
        service: None,
        tenure: Tenure::Owned,
        part_of: None,
        acquired_on: None,
        exit_kind: None,
        gone_on: None,
        from_n: 1,
        to_n: None,
        state: "{}".into(),
        facts,
        terms: BTreeSet::from(["poste".into(), events.len().to_string(), fold(&tag)]),
        wipes: Vec::new(),
        retired: Vec::new(),
        providers: BTreeMap::new(),
    };
    let code = Code {
        org: first.org.clone(),
        kind: CodeKind::Serial,
        value: tag.clone(),
        fold: fold(&tag),
        unique_key: Some(format!("serial:{tag}")),
    };
    Projection {
        device: first.device.clone(),
        tag,
        org: first.org.clone(),
        merged_into: None,
        withdrawn: false,
        updated_at: last.recorded_at,
        books: vec![book],
        codes: vec![code],
    }
}

/// A device that does not exist yet, with this many events.
pub fn device(org: &str, events: i64) -> NewDevice {
    let id = new_id();
    let events: Vec<_> = (1..=events)
        .map(|n| {
            let kind = if n == 1 { Kind::Adopt } else { Kind::Audit };
            event(&id, org, n, kind, (n % 2 == 0).then_some("à revoir"))
        })
        .collect();
    let plain: Vec<_> = events.iter().map(|(event, _)| event.clone()).collect();
    let projection = projection(&plain);
    NewDevice {
        tag_fold: projection.tag.to_lowercase(),
        created_at: now(),
        events,
        projection,
    }
}
