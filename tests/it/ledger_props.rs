//! Properties of the ledger: whatever happens to a device, in whatever order it is told, applies or is refused
//! with a reason; what is kept replays the same; a figure of a day depends on nothing later.

mod script;
mod stored;

use proptest::prelude::*;
use reparc::domain::day::Day;
use reparc::domain::event::Event;
use reparc::domain::facts::{Facts, Spell};
use reparc::domain::lifecycle::{self, History};
use reparc::domain::words::Kind;

use script::{Chain, Step, bears};

fn history(events: &[Event]) -> History {
    lifecycle::replay(events, &[], &bears).expect("what was accepted replays")
}

fn facts(events: &[Event]) -> Facts {
    history(events).owner().expect("an owner").facts.clone()
}

fn at(facts: &Facts, day: Day) -> Option<&Spell> {
    facts
        .spells
        .iter()
        .find(|s| s.from <= day && s.to.is_none_or(|to| day < to))
}

/// The events that count, corrections carried out.
fn counting(events: &[Event]) -> Vec<Event> {
    let voided = history(events).voided;
    let counts = |e: &&Event| e.kind != Kind::Correct && !voided.contains_key(&e.id);
    events.iter().filter(counts).cloned().collect()
}

fn renumbered(mut events: Vec<Event>) -> Vec<Event> {
    for (n, event) in (1..).zip(&mut events) {
        event.n = n;
    }
    events
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    /// Applies, or is refused with a code and a sentence; a refusal changes nothing, and nothing panics.
    #[test]
    fn anything_applies_or_is_refused_with_a_reason(steps in prop::collection::vec(any::<Step>(), 1..60)) {
        let mut chain = Chain::default();
        for step in &steps {
            if let Err(refusal) = chain.tell(step) {
                prop_assert!(!refusal.detail.is_empty());
                prop_assert!((400..500).contains(&refusal.code.status()), "{refusal}");
            }
        }
        if chain.events.is_empty() {
            return Ok(());
        }
        let history = history(&chain.events);
        for book in &history.books {
            well_formed(&book.facts)?;
        }
    }

    /// What is stored is canonical JSON; read back it replays to the same.
    #[test]
    fn a_chain_read_back_replays_the_same(steps in prop::collection::vec(any::<Step>(), 1..60)) {
        let chain = Chain::from(&steps);
        prop_assume!(!chain.events.is_empty());
        let stored: Vec<String> = chain.events.iter().map(Event::canonical).collect();
        let read: Vec<Event> = stored.iter().map(|s| serde_json::from_str(s).unwrap()).collect();
        prop_assert_eq!(&read, &chain.events);
        let again: Vec<String> = read.iter().map(Event::canonical).collect();
        prop_assert_eq!(again, stored);
        prop_assert_eq!(format!("{:?}", history(&read).books), format!("{:?}", history(&chain.events).books));
    }

    /// Told in another order, the facts are the same: only described fields look at `n`.
    #[test]
    fn the_order_of_recording_does_not_matter(
        steps in prop::collection::vec(any::<Step>(), 1..60),
        order in any::<prop::sample::Index>(),
        backwards in any::<bool>(),
    ) {
        let chain = Chain::from(&steps);
        prop_assume!(!chain.events.is_empty());
        let mut told = counting(&chain.events);
        told.retain(|e| e.kind != Kind::Describe || dated(e));
        // On one day, what has no instant is told in the order it is recorded: leave one event a day.
        let mut days = std::collections::BTreeMap::new();
        told.iter().for_each(|e| *days.entry(e.on).or_insert(0) += 1);
        prop_assume!(days.values().all(|times| *times == 1));
        let before = facts(&told);
        let opening = told.iter().position(|e| e.kind.is_opening()).unwrap();
        let opening = told.remove(opening);
        if !told.is_empty() {
            let by = order.index(told.len());
            told.rotate_left(by);
        }
        if backwards {
            told.reverse();
        }
        told.insert(0, opening);
        prop_assert_eq!(facts(&renumbered(told)), before);
    }

    /// The state on a day is told by the events up to that day.
    #[test]
    fn a_day_depends_on_nothing_later(steps in prop::collection::vec(any::<Step>(), 1..60), pick in any::<prop::sample::Index>()) {
        let chain = Chain::from(&steps);
        prop_assume!(!chain.events.is_empty());
        let counting = counting(&chain.events);
        let whole = facts(&counting);
        let opened = whole.spells[0].from;
        let days: Vec<Day> = counting.iter().map(|e| e.on).filter(|d| *d >= opened).collect();
        prop_assume!(!days.is_empty());
        let day = days[pick.index(days.len())];
        let prefix: Vec<Event> = counting
            .iter()
            .filter(|e| e.on <= day || e.kind.is_opening() || e.kind == Kind::Describe)
            .filter(|e| e.kind != Kind::Describe || e.on <= day || !dated(e))
            .cloned()
            .collect();
        let until = facts(&prefix);
        let mut d = opened;
        while d <= day {
            let (a, b) = (at(&whole, d).cloned(), at(&until, d).cloned());
            let neutral = |s: Option<Spell>| s.map(|s| Spell { to: None, ..s });
            prop_assert_eq!(neutral(a), neutral(b), "on {}", d);
            d = d.next();
        }
        let seen = |f: &Facts| f.reuses.iter().filter(|r| **r <= day).copied().collect::<Vec<_>>();
        prop_assert_eq!(seen(&whole), seen(&until));
    }

    /// An event voided counts as one never told.
    #[test]
    fn voided_is_never_told(steps in prop::collection::vec(any::<Step>(), 1..60)) {
        let chain = Chain::from(&steps);
        prop_assume!(chain.events.iter().any(|e| e.kind == Kind::Correct));
        let with = history(&chain.events);
        let without = history(&counting(&chain.events));
        prop_assert_eq!(&with.owner().unwrap().described, &without.owner().unwrap().described);
        prop_assert_eq!(with.owner().unwrap().facts.clone(), without.owner().unwrap().facts.clone());
        prop_assert_eq!(with.owner().unwrap().state.clone(), without.owner().unwrap().state.clone());
    }
}

/// A `describe` of one of the two dated fields is a fact of its day.
fn dated(event: &Event) -> bool {
    let set = event.fields.set.as_ref();
    set.is_some_and(|s| s.contains_key("tenure") || s.contains_key("part_of"))
}

fn well_formed(facts: &Facts) -> Result<(), TestCaseError> {
    for pair in facts.spells.windows(2) {
        prop_assert_eq!(pair[0].to, Some(pair[1].from), "spells meet");
        prop_assert!(pair[0].from < pair[1].from);
    }
    prop_assert!(facts.spells.last().is_none_or(|s| s.to.is_none()));
    for exit in &facts.exits {
        prop_assert!(exit.given_back_on.is_none_or(|back| back >= exit.on));
        prop_assert!(exit.proofs.iter().all(|(day, _)| *day >= exit.on));
    }
    for repair in &facts.repairs {
        prop_assert!(
            repair
                .closed_on
                .is_none_or(|closed| closed >= repair.opened_on)
        );
        prop_assert_eq!(repair.closed_on.is_some(), repair.outcome.is_some());
    }
    for retirement in &facts.retirements {
        if let (Some(on), Some(back)) = (retirement.on, retirement.reinstated_on) {
            prop_assert!(back >= on);
        }
    }
    Ok(())
}
