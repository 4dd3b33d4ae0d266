//! Random tellings of one device's life: guided steps that are mostly legal, wild ones that mostly are not.

use proptest::prelude::*;
use reparc::domain::day::{Day, Instant, instant};
use reparc::domain::event::Event;
use reparc::domain::lifecycle::{self, fields};
use reparc::domain::words::Kind;
use reparc::error::Result;
use serde_json::{Map, Value, json};

/// One thing told.
#[derive(Debug, Clone)]
pub struct Step {
    /// How it is chosen.
    pub mode: Mode,
    /// Chooses the kind.
    pub kind: u16,
    /// Chooses the fields.
    pub pick: u16,
    /// Days after the last event (guided), or after the first day of all (wild).
    pub days: u16,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Mode {
    /// One of the next events, after the last.
    Guided,
    /// One of the next events, told late: on any earlier day.
    Late,
    /// Any kind on any day.
    Wild,
    /// Voids some earlier event.
    Void,
}

impl Arbitrary for Step {
    type Parameters = ();
    type Strategy = BoxedStrategy<Step>;
    fn arbitrary_with((): ()) -> BoxedStrategy<Step> {
        let mode = prop_oneof![
            8 => Just(Mode::Guided),
            2 => Just(Mode::Late),
            2 => Just(Mode::Wild),
            1 => Just(Mode::Void),
        ];
        (mode, any::<u16>(), any::<u16>(), any::<u16>())
            .prop_map(|(mode, kind, pick, days)| Step {
                mode,
                kind,
                pick,
                days,
            })
            .boxed()
    }
}

/// Bears data, by category.
pub fn bears(category: Option<&str>) -> bool {
    category != Some("monitor")
}

/// When everything is recorded: after every day of the scripts.
pub fn now() -> Instant {
    instant::parse("2026-06-01T10:00:00Z").unwrap()
}

/// First day of every script.
pub fn first_day() -> Day {
    Day::ymd(2016, 1, 4)
}

/// The next kind, day and fields by this step, given what is legal now and the day of the last event.
pub fn choose(
    step: &Step,
    next: &[Kind],
    last: Day,
    events: &[(String, Kind)],
) -> (Kind, Day, Map<String, Value>) {
    let pick = usize::from(step.pick);
    let after = |from: Day, days: u16| {
        let day = from.0 + chrono_days(days);
        Day(day.min(Day::ymd(2026, 5, 31).0))
    };
    if events.is_empty() {
        let opening = [Kind::Receive, Kind::Order, Kind::Adopt, Kind::Allocate];
        let kind = opening[usize::from(step.kind) % 16 % 4];
        let day = after(first_day(), step.days % 700);
        return (kind, day, fields_of(kind, pick, ""));
    }
    let guided = || {
        let choice = usize::from(step.kind);
        if next.is_empty() || choice % 11 == 0 {
            [Kind::Describe, Kind::Observe][choice / 11 % 2]
        } else {
            next[choice / 11 % next.len()]
        }
    };
    let (kind, day) = match step.mode {
        Mode::Guided => (guided(), after(last, step.days % 90)),
        Mode::Late => (guided(), after(first_day(), step.days % 3000)),
        Mode::Wild => {
            let all: Vec<Kind> = Kind::ALL
                .iter()
                .copied()
                .filter(|k| !matches!(k, Kind::Merge | Kind::Absorb | Kind::Withdraw))
                .collect();
            (
                all[usize::from(step.kind) % all.len()],
                after(first_day(), step.days % 3000),
            )
        }
        Mode::Void => (Kind::Correct, Day::of(now())),
    };
    let some_event = &events[pick % events.len()].0;
    (kind, day, fields_of(kind, pick, some_event))
}

fn chrono_days(days: u16) -> chrono::TimeDelta {
    chrono::TimeDelta::days(i64::from(days))
}

/// Plausible fields for a kind; now and then one that does not fit.
pub fn fields_of(kind: Kind, pick: usize, event: &str) -> Map<String, Value> {
    let person = format!("person{}", pick % 4);
    let exits = [
        "donation",
        "sale",
        "take_back",
        "collection",
        "staff_gift",
        "transfer",
        "write_off",
        "lease_return",
        "warranty_exchange",
    ];
    let value = match kind {
        Kind::Adopt => {
            json!({"stage": (["in_stock", "in_use", "retired", "in_repair", "oriented", "gone", "ordered"][pick % 7])})
        }
        Kind::Order | Kind::Receive => {
            json!({"acquisition": (["purchase", "gift", "lease", "purchase"][pick % 4])})
        }
        Kind::Describe => match pick % 4 {
            0 => json!({"set": {"name": format!("Poste {pick}")}}),
            1 => json!({"set": {"manufactured_on": "2012-05-01"}}),
            2 => json!({"set": {"tenure": (["owned", "leased", "personal"][pick / 4 % 3])}}),
            _ => json!({"set": {"serial": null, "acquired_on": "2015-02-03"}}),
        },
        Kind::Allocate => match pick % 5 {
            0 => json!({"service": "Accueil"}),
            1 => json!({}),
            _ => json!({"holder": person}),
        },
        Kind::Loan => json!({"holder": person, "due_on": "2025-01-01"}),
        Kind::Move => json!({"site": format!("site{}", pick % 3)}),
        Kind::CloseRepair => match pick % 4 {
            0 => json!({"outcome": "end_of_life"}),
            1 => json!({"outcome": "fixed", "to": "in_stock"}),
            _ => json!({"outcome": "fixed", "cost_cents": 1200 + pick}),
        },
        Kind::Harvest | Kind::Fit => json!({"part": "SSD 512 Go"}),
        Kind::Wipe => {
            json!({"method": (["purge", "clear", "destroy", "purge"][pick % 4]), "verified": !pick.is_multiple_of(5)})
        }
        Kind::Retire => {
            json!({"reference": "2024-01", "cause": (["obsolete", "failure", "lost"][pick % 3])})
        }
        Kind::Reinstate | Kind::GiveBack | Kind::Withdraw => json!({"reason": "Erreur de saisie"}),
        Kind::Orient => json!({"destination": exits[pick % exits.len()]}),
        Kind::HandOver => match pick % 4 {
            0 => json!({"exit_kind": exits[6 + pick / 4 % 3]}),
            1 => json!({"partner": "partner0", "commitment": {"on": "2018-01-01"}}),
            _ => json!({"partner": "partner0", "override": {"wipe": "Disque absent"}}),
        },
        Kind::Prove => json!({"reference": "PV", "outcome": (["reuse", "not_reuse"][pick % 2])}),
        Kind::ConfirmTreatment => {
            json!({"outcome": (["recycling", "reuse", "unknown"][pick % 3]), "mass_g": 2000})
        }
        Kind::Observe => json!({"system": {"name": "Debian"}}),
        Kind::Merge => json!({"into": "nobody"}),
        Kind::Absorb => json!({"from": "nobody"}),
        Kind::Correct => json!({"event": event}),
        _ => json!({}),
    };
    value.as_object().unwrap().clone()
}

/// One device's chain, kept by the pure domain alone.
#[derive(Default)]
pub struct Chain {
    /// Accepted events.
    pub events: Vec<Event>,
}

impl Chain {
    /// What is left of a telling after its refusals.
    pub fn from(steps: &[Step]) -> Chain {
        let mut chain = Chain::default();
        for step in steps {
            _ = chain.tell(step);
        }
        chain
    }

    /// Tells one thing.
    pub fn tell(&mut self, step: &Step) -> Result<()> {
        let (mut next, mut last) = (Vec::new(), first_day());
        if !self.events.is_empty() {
            let history = lifecycle::replay(&self.events, &[], &bears).expect("accepted");
            let book = history.owner().expect("an owner");
            next = book.next_events();
            last = book.facts.spells.last().expect("a spell").from;
        }
        let told: Vec<_> = self.events.iter().map(|e| (e.id.clone(), e.kind)).collect();
        let (kind, on, given) = choose(step, &next, last, &told);
        let event = self.event(kind, on, given)?;
        let mut trial = self.events.clone();
        trial.push(event);
        let id = trial.last().unwrap().id.clone();
        lifecycle::replay(&trial, &[], &bears).map_err(|illegal| illegal.refusal(&[&id]))?;
        self.events = trial;
        Ok(())
    }

    fn event(&self, kind: Kind, on: Day, given: Map<String, Value>) -> Result<Event> {
        let mut fields = fields::read(kind, given)?;
        fields.overridden = fields.override_.take().map(|_| true);
        fields.reason = None;
        let n = i64::try_from(self.events.len()).unwrap() + 1;
        Ok(Event {
            id: format!("e{n}"),
            device: "d".into(),
            n,
            kind,
            on,
            at: None,
            t: Event::place(on, None, now()),
            recorded_at: now(),
            actor: "test".into(),
            org: "main".into(),
            book: 0,
            import: None,
            private: None,
            fields,
        })
    }
}
