//! Rules one by one, on facts written here and figures worked out by hand.

mod others;
mod reuse;

use std::collections::HashSet;

use reparc::domain::day::Day;
use reparc::domain::facts::{Exit, Facts, Repair, Retirement, Spell};
use reparc::domain::indicator::{
    Category, Figure, Gap, Hundredths, Id, Line, Query, Reference, Side, Status, Trail, fold,
};
use reparc::domain::law::Law;
use reparc::domain::period::Period;
use reparc::domain::words::{
    Acquisition, Cause, Condition, Data, ExitKind, Outcome, Presence, Stage, Tenure,
};
use reparc::i18n::{Lang, table};

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

fn spell(from: &str, stage: Stage) -> Spell {
    Spell {
        from: day(from),
        to: None,
        stage,
        data: Data::Holds,
        presence: Presence::Seen,
        retired: false,
        retired_on: None,
        site: None,
        service: None,
        holder: None,
        tenure: Tenure::Owned,
        part_of: None,
        stage_since: Some(day(from)),
    }
}

fn retired(from: &str, stage: Stage, on: Option<&str>) -> Spell {
    Spell {
        retired: true,
        retired_on: on.map(day),
        ..spell(from, stage)
    }
}

/// Closes each spell where the next begins.
fn life(mut spells: Vec<Spell>) -> Vec<Spell> {
    let starts: Vec<Day> = spells.iter().map(|s| s.from).collect();
    for (spell, next) in spells.iter_mut().zip(starts.into_iter().skip(1)) {
        spell.to = Some(next);
    }
    spells
}

fn exit(on: &str, kind: ExitKind, retired_on: Option<&str>) -> Exit {
    Exit {
        event: "e".into(),
        on: day(on),
        kind,
        exit: None,
        partner: None,
        to_organisation: None,
        commitment_on: None,
        unit_value_cents: None,
        given_back_on: None,
        proofs: vec![],
        treatments: vec![],
        retired: kind.needs_retirement() || retired_on.is_some(),
        retired_on: retired_on.map(day),
        data: Data::Purged,
        overridden: false,
        wiped: true,
    }
}

fn retirement(on: &str, cause: Cause) -> Retirement {
    Retirement {
        on: Some(day(on)),
        cause,
        reinstated_on: None,
        adopted: false,
    }
}

/// A laptop bought in 2018, retired on a day, handed over on another.
fn given(retired_on: &str, on: &str, kind: ExitKind) -> Facts {
    Facts {
        category: Some("laptop".into()),
        bears_data: true,
        acquired_on: Some(day("2018-01-01")),
        spells: life(vec![
            spell("2018-01-01", Stage::InUse),
            retired(retired_on, Stage::Retired, Some(retired_on)),
            retired(on, Stage::Gone, Some(retired_on)),
        ]),
        retirements: vec![retirement(retired_on, Cause::Obsolete)],
        exits: vec![exit(on, kind, Some(retired_on))],
        ..Facts::default()
    }
}

fn waiting(retired_on: &str) -> Facts {
    Facts {
        spells: life(vec![
            spell("2018-01-01", Stage::InUse),
            retired(retired_on, Stage::Retired, Some(retired_on)),
        ]),
        exits: vec![],
        ..given(retired_on, "2030-01-01", ExitKind::Donation)
    }
}

struct Asked {
    year: i32,
    as_of: &'static str,
    lines: Vec<Line>,
    pools: HashSet<String>,
}

fn in_year(year: i32, as_of: &'static str) -> Asked {
    Asked {
        year,
        as_of,
        lines: vec![],
        pools: HashSet::new(),
    }
}

impl Asked {
    fn run(&self, facts: &[Facts], trail: &mut Trail) -> Vec<Figure> {
        let law = Law::shipped();
        let mut reference = Reference::of(&law, self.year);
        for (key, weee) in [("laptop", Some(2)), ("server_rack", Some(4)), ("odd", None)] {
            let category = Category {
                weee_category: weee,
            };
            reference.categories.insert(key.into(), category);
        }
        reference.pool_sites = self.pools.clone();
        let query = Query {
            period: Period::new(self.year, day(self.as_of)),
            tree: false,
            orgs: HashSet::from(["main".to_owned()]),
        };
        let names: Vec<String> = (1..=facts.len()).map(|i| format!("d{i}")).collect();
        let rows = names
            .iter()
            .zip(facts)
            .map(|(n, f)| (n.as_str(), "main", f));
        fold(rows, &reference, &self.lines, &law, &query, trail)
    }
    fn figure(&self, id: Id, facts: &[Facts]) -> Figure {
        open_everything(self, facts);
        let figures = self.run(facts, &mut Trail::off());
        figures.into_iter().find(|f| f.id == id).unwrap()
    }
    fn list(&self, id: Id, side: Side, facts: &[Facts]) -> Vec<(String, &'static str)> {
        let mut trail = Trail::of(id, side);
        self.run(facts, &mut trail);
        let words = &table(Lang::Fr)["why"];
        trail
            .items
            .into_iter()
            .inspect(|i| assert!(words.contains_key(i.why), "why.{}", i.why))
            .map(|i| (i.device, i.why))
            .collect()
    }
}

/// Every list of every figure, so that each reason met in these tests has its words.
fn open_everything(asked: &Asked, facts: &[Facts]) {
    for id in Id::ALL {
        for side in Side::ALL {
            asked.list(*id, *side, facts);
        }
    }
}

fn fraction(figure: &Figure) -> (i64, i64) {
    (figure.numerator.unwrap(), figure.denominator.unwrap())
}
fn note(figure: &Figure, key: &str) -> i64 {
    figure
        .notes
        .iter()
        .find(|n| n.key == key)
        .map_or(0, |n| n.n)
}
fn part(figure: &Figure, key: &str) -> i64 {
    figure
        .parts
        .iter()
        .find(|p| p.key == key)
        .unwrap()
        .numerator
}
