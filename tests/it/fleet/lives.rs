//! The sample's lives: every one is legal, they repeat themselves, and together they hold every kind of trouble.

use std::collections::BTreeMap;

use reparc::app::seed::{self, Cast, Home, Life, Partners, Scribe};
use reparc::domain::catalogue::Catalogue;
use reparc::domain::day::{Day, instant};
use reparc::domain::event::Event;
use reparc::domain::lifecycle;

fn cast() -> Cast {
    let names = |what: &str, n: usize| (0..n).map(|i| format!("{what}{i}")).collect::<Vec<_>>();
    let home = |i: usize| Home {
        org: format!("org{i}"),
        key: format!("org{i}"),
        offices: names("office", 4),
        pool: "pool".into(),
        depot: "depot".into(),
        people: names("person", 20)
            .into_iter()
            .map(|p| (p, "Accueil"))
            .collect(),
    };
    Cast {
        seed: 1,
        start: Day::ymd(2019, 1, 1),
        today: Day::ymd(2026, 11, 22),
        homes: (0..4).map(home).collect(),
        models: names("model", 18),
        partners: Partners {
            suppliers: names("supplier", 2),
            refurbisher: "refurbisher".into(),
            lessor: "lessor".into(),
            repairers: names("repairer", 2),
            charities: names("charity", 3),
            public: "public".into(),
            broker: "broker".into(),
            eco: "eco".into(),
            collectors: names("collector", 2),
        },
    }
}

#[test]
fn lives_are_legal_and_full_of_trouble() {
    let (cast, catalogue) = (cast(), Catalogue::default());
    let scribe = Scribe {
        actor: "seed".into(),
        now: instant::parse("2026-11-22T08:00:00Z").unwrap(),
    };
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    let mut stages: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut total, devices) = (0, 3000);
    for i in 0..devices {
        let Life { events, .. } = seed::life(&cast, &catalogue, &scribe, i);
        let events: Vec<Event> = events.into_iter().map(|(e, _)| e).collect();
        let bears = |c: Option<&str>| catalogue.bears_data(c);
        let history = lifecycle::replay(&events, &[], &bears)
            .unwrap_or_else(|e| panic!("device {i}: {e:?}\n{events:#?}"));
        total += events.len();
        for event in &events {
            assert!(event.on <= cast.today);
            *kinds.entry(event.kind.as_str()).or_default() += 1;
        }
        *stages
            .entry(history.owner().unwrap().state.stage.as_str())
            .or_default() += 1;
    }
    println!("{total} events of {devices} devices: {kinds:?}\n{stages:?}");
    for kind in [
        "adopt",
        "receive",
        "describe",
        "prepare",
        "allocate",
        "deallocate",
        "move",
        "report_fault",
        "send_to_repair",
        "close_repair",
        "wipe",
        "audit",
        "mark_missing",
        "find",
        "report_stolen",
        "propose_retirement",
        "retire",
        "reinstate",
        "orient",
        "hand_over",
        "prove",
        "confirm_treatment",
        "correct",
    ] {
        assert!(kinds.contains_key(kind), "no {kind} in {kinds:?}");
    }
    let again = seed::life(&cast, &catalogue, &scribe, 7);
    assert_eq!(
        format!("{again:?}"),
        format!("{:?}", seed::life(&cast, &catalogue, &scribe, 7))
    );
}
