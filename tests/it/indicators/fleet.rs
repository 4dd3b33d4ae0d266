//! The twelve-device fleet through the pure fold: every figure and every list of `fleet.md`.

use std::collections::HashSet;

use reparc::domain::day::Day;
use reparc::domain::indicator::{
    Category, Figure, Fold, Hundredths, Id, Query, Reference, Side, Trail,
};
use reparc::domain::law::Law;
use reparc::domain::lifecycle::History;
use reparc::domain::period::Period;

use crate::fleet::pure::Chains;
use crate::fleet::table::{self, Expect};

fn reference(law: &Law, year: i32) -> Reference {
    let mut reference = Reference::of(law, year);
    for (key, weee) in [
        ("laptop", 2),
        ("monitor", 2),
        ("desktop", 6),
        ("smartphone", 6),
    ] {
        let category = Category {
            weee_category: Some(weee),
            ..Category::default()
        };
        reference.categories.insert(key.into(), category);
    }
    reference
}

fn query(expect: &Expect) -> Query {
    let orgs: &[&str] = match expect.whose.as_str() {
        "tree" => &["main", "aubry"],
        "aubry" => &["aubry"],
        _ => &["main"],
    };
    Query {
        period: Period::new(expect.year, Day::parse(&expect.as_of).unwrap()),
        tree: expect.whose == "tree",
        orgs: orgs.iter().map(|o| (*o).to_owned()).collect::<HashSet<_>>(),
    }
}

fn ask(
    histories: &[(String, History)],
    expect: &Expect,
    law: &Law,
    trail: &mut Trail,
) -> Vec<Figure> {
    let (query, reference) = (query(expect), reference(law, expect.year));
    let mut fold = Fold::default();
    for (tag, history) in histories {
        for book in &history.books {
            fold.visit(tag, &book.org, &book.facts, &query, &reference, trail);
        }
    }
    fold.finish(&query, law, &[])
}

fn listed(
    histories: &[(String, History)],
    expect: &Expect,
    law: &Law,
    id: Id,
    side: Side,
) -> Vec<String> {
    let mut trail = Trail::of(id, side);
    ask(histories, expect, law, &mut trail);
    trail.items.into_iter().map(|item| item.device).collect()
}

#[test]
fn every_figure_of_the_fleet_and_its_lists() {
    let fleet = table::read();
    let law = Law::shipped();
    let mut wrong = Vec::new();
    for known in [1, 2] {
        let histories: Vec<_> = Chains::of(&fleet, known).histories().into_iter().collect();
        for expect in fleet.expects.iter().filter(|e| e.known == known) {
            let id = Id::parse(&expect.id).unwrap();
            let figures = ask(&histories, expect, &law, &mut Trail::off());
            let figure = figures.iter().find(|f| f.id == id).unwrap();
            let got = match &expect.part {
                None => (
                    figure.numerator,
                    figure.denominator,
                    figure.value,
                    figure.status.as_str(),
                ),
                Some(key) => match figure.parts.iter().find(|p| p.key == *key) {
                    Some(part) => (Some(part.numerator), part.denominator, part.value, ""),
                    None => (None, None, None, "no such part"),
                },
            };
            let want = (
                Some(expect.numerator),
                expect.denominator(),
                expect.value.map(Hundredths),
                expect.status.as_str(),
            );
            if got != want {
                wrong.push(format!("{}: got {got:?}, want {want:?}", expect.asked()));
                continue;
            }
            if expect.part.is_some() {
                continue;
            }
            if let Some(devices) = &expect.a
                && listed(&histories, expect, &law, id, Side::Numerator) != *devices
            {
                wrong.push(format!("{}: numerator list", expect.asked()));
            }
            if let Some(devices) = &expect.b
                && listed(&histories, expect, &law, id, Side::Denominator) != *devices
            {
                wrong.push(format!("{}: denominator list", expect.asked()));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
