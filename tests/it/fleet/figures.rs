//! The figures of the fleet through the pure domain: chains, replay, fold. Numbers, verdicts, and the devices behind
//! each side.

use std::collections::{BTreeMap, HashSet};

use reparc::domain::catalogue::Catalogue;
use reparc::domain::day::Day;
use reparc::domain::indicator::{Category, Figure, Id, Item, Query, Reference, Side, Trail, fold};
use reparc::domain::law::Law;
use reparc::domain::lifecycle::History;
use reparc::domain::period::Period;

use super::pure::Chains;
use super::table::{self, Expect, SERIES, WHOSE, YEARS};

fn reference(law: &Law, year: i32) -> Reference {
    let mut reference = Reference::of(law, year);
    for (key, category) in Catalogue::default().categories() {
        let row = Category {
            weee_category: category.weee_category,
        };
        reference.categories.insert(key.to_owned(), row);
    }
    reference
}

/// Asks one question: every figure, and the devices on one side of one of them.
pub fn ask(
    histories: &BTreeMap<String, History>,
    year: i32,
    as_of: &str,
    whose: &str,
    side: Option<(Id, Side)>,
) -> (Vec<Figure>, Vec<String>) {
    let (figures, items) = answer(histories, year, as_of, whose, side);
    let mut devices: Vec<String> = items.into_iter().map(|i| i.device).collect();
    devices.sort();
    (figures, devices)
}

/// The lines of one side.
pub fn listed(
    histories: &BTreeMap<String, History>,
    year: i32,
    as_of: &str,
    whose: &str,
    side: (Id, Side),
) -> Vec<Item> {
    answer(histories, year, as_of, whose, Some(side)).1
}

fn answer(
    histories: &BTreeMap<String, History>,
    year: i32,
    as_of: &str,
    whose: &str,
    side: Option<(Id, Side)>,
) -> (Vec<Figure>, Vec<Item>) {
    let law = Law::shipped();
    let orgs: &[&str] = if whose == "tree" {
        &["main", "aubry"]
    } else {
        &[whose]
    };
    let query = Query {
        period: Period::new(year, Day::parse(as_of).unwrap()),
        tree: whose == "tree",
        orgs: orgs.iter().map(|o| (*o).to_owned()).collect::<HashSet<_>>(),
    };
    let mut trail = side.map_or_else(Trail::off, |(id, side)| Trail::of(id, side));
    let facts = histories.iter().flat_map(|(tag, h)| {
        h.books
            .iter()
            .map(move |b| (tag.as_str(), b.org.as_str(), &b.facts))
    });
    let figures = fold(facts, &reference(&law, year), &[], &law, &query, &mut trail);
    (figures, trail.items)
}

/// What differs from the table, in one line; `None` when nothing does.
fn differs(e: &Expect, figures: &[Figure]) -> Option<String> {
    let figure = figures.iter().find(|f| f.id.as_str() == e.id)?;
    let said = match &e.part {
        None => (
            figure.numerator,
            figure.denominator,
            figure.value.map(|v| v.0),
            figure.status.as_str(),
        ),
        Some(key) => {
            let part = figure.parts.iter().find(|p| p.key == *key);
            // A part that is not there is a part of nothing.
            (
                Some(part.map_or(0, |p| p.numerator)),
                part.map_or(e.denominator(), |p| p.denominator),
                part.map_or(e.value, |p| p.value.map(|v| v.0)),
                "",
            )
        }
    };
    let wanted = (
        Some(e.numerator),
        e.denominator(),
        e.value,
        e.status.as_str(),
    );
    (said != wanted).then(|| format!("{}: wanted {wanted:?}, said {said:?}", e.asked()))
}

#[test]
fn every_figure_is_the_one_of_the_table() {
    let fleet = table::read();
    let known: Vec<_> = [1, 2].map(|i| Chains::of(&fleet, i).histories()).into();
    let mut wrong = Vec::new();
    let mut asked = 0;
    for (year, as_of) in YEARS
        .iter()
        .flat_map(|y| SERIES.iter().map(move |d| (*y, *d)))
    {
        for (whose, instalment) in WHOSE.iter().flat_map(|w| [(*w, 1), (*w, 2)]) {
            let (figures, _) = ask(&known[instalment - 1], year, as_of, whose, None);
            if as_of[..4] < *year.to_string() {
                for figure in &figures {
                    assert_eq!(figure.status.as_str(), "not_computable");
                    assert_eq!(figure.reason, Some("year_not_begun"));
                }
                continue;
            }
            for e in fleet.expects.iter().filter(|e| {
                (e.year, e.as_of.as_str(), e.whose.as_str()) == (year, as_of, whose)
                    && usize::from(e.known) == instalment
            }) {
                asked += 1;
                wrong.extend(differs(e, &figures));
            }
        }
    }
    assert_eq!(asked, fleet.expects.len());
    assert!(
        wrong.is_empty(),
        "{} of {asked}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn every_figure_opens_down_to_the_devices_of_the_table() {
    let fleet = table::read();
    let known: Vec<_> = [1, 2].map(|i| Chains::of(&fleet, i).histories()).into();
    let mut wrong = Vec::new();
    for e in fleet.expects.iter().filter(|e| e.part.is_none()) {
        let id = Id::parse(&e.id).unwrap();
        let histories = &known[usize::from(e.known) - 1];
        for (side, wanted) in [(Side::Numerator, &e.a), (Side::Denominator, &e.b)] {
            let Some(wanted) = wanted else { continue };
            let (_, devices) = ask(histories, e.year, &e.as_of, &e.whose, Some((id, side)));
            if devices != *wanted {
                wrong.push(format!(
                    "{}: {} wanted {wanted:?}, said {devices:?}",
                    e.asked(),
                    side.as_str()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}
