//! Random ledgers of ten thousand events through the use cases, on both engines: what is stored is what the replay
//! says, it verifies here and on the other engine, and an erased person changes no figure.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use reparc::app::indicators::{self, Ask};
use reparc::app::lifecycle::command::{Command, Now};
use reparc::app::{Actor, App, Clock, Expected, devices, ledger_care, lifecycle, people};
use reparc::db::{Store, events};
use reparc::domain::day::Day;
use reparc::domain::words::Kind;
use serde_json::{Map, Value, json};

use super::script::{Mode, Step, choose, first_day};
use crate::support::db::EmptyPostgres;
use crate::support::server::Server;

/// How many events are told: ten thousand where nothing is skipped, fewer for a developer; `REPARC_TEST_EVENTS` for
/// another number.
fn told() -> usize {
    let all = std::env::var("CI").is_ok_and(|ci| ci == "true");
    std::env::var("REPARC_TEST_EVENTS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(if all { 10_000 } else { 1_500 })
}

/// Numbers that repeat themselves (xorshift).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u16 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 40) as u16
    }
    fn step(&mut self) -> Step {
        let mode = match self.next() % 13 {
            0..8 => Mode::Guided,
            8 | 9 => Mode::Late,
            10 | 11 => Mode::Wild,
            _ => Mode::Void,
        };
        Step {
            mode,
            kind: self.next(),
            pick: self.next(),
            days: self.next(),
        }
    }
}

/// One device as its teller knows it.
#[derive(Default)]
struct Telling {
    tag: Option<String>,
    events: Vec<(String, Kind)>,
    last: Option<Day>,
}

struct Teller {
    app: Arc<App>,
    actor: Actor,
    /// `person0` … → keys.
    names: BTreeMap<String, String>,
}

impl Teller {
    fn named(&self, fields: Map<String, Value>) -> Map<String, Value> {
        let name = |value: Value| match value.as_str().and_then(|v| self.names.get(v)) {
            Some(key) => key.clone().into(),
            None => value,
        };
        fields.into_iter().map(|(k, v)| (k, name(v))).collect()
    }

    /// Tells one thing; true when it was recorded.
    fn tell(&self, telling: &mut Telling, step: &Step) -> bool {
        let next: Vec<Kind> = match &telling.tag {
            None => Vec::new(),
            Some(tag) => {
                let device = devices::get(&self.app, &self.actor, tag, None).unwrap();
                let device = serde_json::to_value(device).unwrap();
                let next = device["next_events"].as_array().unwrap();
                next.iter()
                    .map(|k| Kind::parse(k.as_str().unwrap()).unwrap())
                    .collect()
            }
        };
        let last = telling.last.unwrap_or_else(first_day);
        let (kind, on, fields) = choose(step, &next, last, &telling.events);
        let mut body = self.named(fields);
        if kind == Kind::HandOver && step.pick % 8 == 7 {
            body.remove("partner");
            body.insert("to_organisation".into(), "aubry".into());
        }
        if step.pick.is_multiple_of(3) {
            body.insert("note".into(), "Vu avec le service".into());
        }
        body.insert("kind".into(), kind.as_str().into());
        body.insert("on".into(), on.to_string().into());
        let done = match &telling.tag {
            None => self.create(telling, body),
            Some(tag) => {
                let instant = self.app.clock.now();
                let now = Now {
                    instant,
                    today: Day::of(instant),
                };
                Command::read(body, Some(tag), now)
                    .and_then(|c| lifecycle::record(&self.app, &self.actor, c, Expected::Anything))
                    .map(|r| telling.events.push((r.event.id, kind)))
            }
        };
        match done {
            Ok(()) => {
                telling.last = telling.last.max(Some(on));
                true
            }
            Err(refusal) => {
                assert!((400..500).contains(&refusal.code.status()), "{refusal}");
                assert!(!refusal.detail.is_empty());
                false
            }
        }
    }

    fn create(
        &self,
        telling: &mut Telling,
        event: Map<String, Value>,
    ) -> reparc::error::Result<()> {
        let category = ["laptop", "monitor", "desktop"][event.len() % 3];
        let body = json!({"category": category, "name": "Poste", "event": event});
        let (app, actor) = (self.app.clone(), self.actor.clone());
        let device = self
            .app
            .store
            .write(reparc::db::Lane::Interactive, move |db| {
                devices::create(&app, db, &actor, body.as_object().unwrap().clone())
            })?;
        let device = serde_json::to_value(device).unwrap();
        let (id, tag) = (
            device["id"].as_str().unwrap(),
            device["tag"].as_str().unwrap(),
        );
        telling.tag = Some(tag.to_owned());
        let chain = self.app.store.read(|db| events::of_device(db, id))?;
        telling.events = chain.into_iter().map(|e| (e.id, e.kind)).collect();
        Ok(())
    }
}

/// Four tellers at once, each with its own devices. Gives the keys of the people.
fn tell_all(server: &Server) -> Vec<String> {
    let client = server.admin();
    server.organisation("aubry");
    client
        .post("/partners", json!({"key": "partner0", "name": "Preneur"}))
        .expect(201);
    for site in ["site0", "site1", "site2"] {
        client
            .post("/sites", json!({"key": site, "name": site}))
            .expect(201);
    }
    let mut names = BTreeMap::new();
    for i in 0..4 {
        let made = client
            .post("/people", json!({"name": format!("Personne {i}")}))
            .expect(201);
        names.insert(
            format!("person{i}"),
            made["key"].as_str().unwrap().to_owned(),
        );
    }
    let (each, tellers) = (told() / 4, 4);
    let recorded: usize = std::thread::scope(|scope| {
        let tell = |t: u64| {
            let teller = Teller {
                app: Arc::clone(&server.app),
                actor: Actor::operator(),
                names: names.clone(),
            };
            move || {
                let mut dice = Dice(0x5EED + 77 * (t + 1));
                let mut tellings: Vec<Telling> =
                    (0..each.div_ceil(80)).map(|_| Telling::default()).collect();
                let mut recorded = 0;
                for i in 0..each {
                    let step = dice.step();
                    let at = i % tellings.len();
                    recorded += usize::from(teller.tell(&mut tellings[at], &step));
                }
                recorded
            }
        };
        let threads: Vec<_> = (0..tellers).map(|t| scope.spawn(tell(t))).collect();
        threads.into_iter().map(|t| t.join().unwrap()).sum()
    });
    assert!(
        recorded > told() / 2,
        "{recorded} recorded of {} told",
        told()
    );
    names.into_values().collect()
}

fn clean(app: &App) -> String {
    let report = ledger_care::verify(app, None).unwrap();
    assert!(report.problems.is_empty(), "{:#?}", report.problems);
    assert!(report.events > 0);
    report.root
}

fn internal_reuse(app: &App) -> Vec<Value> {
    (2017..=2026)
        .map(|year| {
            let ask = Ask {
                year: Some(year),
                scope: true,
                ..Ask::default()
            };
            let figure = indicators::one(app, &Actor::operator(), "G06", &ask).unwrap();
            json!([figure.numerator, figure.status])
        })
        .collect()
}

#[test]
fn a_random_ledger_verifies_moves_and_survives_an_erasure() {
    for server in Server::each() {
        let people = tell_all(&server);
        let root = clean(&server.app);
        let before = internal_reuse(&server.app);
        let folder = tempfile::tempdir().unwrap();
        let empty = EmptyPostgres::make();
        for store in elsewhere(&server, folder.path(), empty.as_ref()) {
            let moved = App::new(store, Clock::system(), "http://reparc.test").unwrap();
            assert_eq!(clean(&moved), root, "the same ledger on the other engine");
            assert_eq!(internal_reuse(&moved), before);
        }
        for key in &people[..2] {
            let why =
                reparc::domain::input::parse(json!({"reason": "Demande de la personne"})).unwrap();
            people::erase(&server.app, &Actor::operator(), key, why).unwrap();
        }
        clean(&server.app);
        assert_eq!(internal_reuse(&server.app), before);
    }
}

/// The ledger restored on each engine there is.
fn elsewhere(server: &Server, folder: &Path, empty: Option<&EmptyPostgres>) -> Vec<Store> {
    let file = folder.join("ledger.gz");
    ledger_care::backup(&server.app, &file).unwrap();
    let mut urls = vec![format!("sqlite://{}/moved.db", folder.display())];
    urls.extend(empty.map(|e| e.url.clone()));
    let restored = urls.iter().map(|url| {
        let store = Store::open(url, true).unwrap();
        let (_, report) = ledger_care::restore(&store, &file, None, false).unwrap();
        assert!(report.problems.is_empty(), "{:#?}", report.problems);
        store
    });
    restored.collect()
}
