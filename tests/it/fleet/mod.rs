//! The twelve-device fleet: `fleet.md` is read by people, and asked of the program floor by floor.

mod breakdown;
mod figures;
mod lives;
pub mod pure;
mod sample;
mod served;
pub mod table;

use table::{Fleet, INDICATORS, SERIES, WHOSE, YEARS};

/// The table answers every question once, and agrees with itself: a value is the quotient of its own lists.
#[test]
fn the_table_is_complete_and_its_arithmetic_holds() {
    let fleet = table::read();
    assert_eq!(fleet.devices.len(), 12);
    for year in YEARS {
        for as_of in SERIES.iter().filter(|d| d[..4] >= *year.to_string()) {
            for (id, whose) in INDICATORS
                .iter()
                .flat_map(|id| WHOSE.iter().map(move |w| (id, w)))
            {
                for known in [1, 2] {
                    let answers = fleet
                        .expects
                        .iter()
                        .filter(|e| {
                            (e.id.as_str(), e.year, e.as_of.as_str()) == (*id, *year, *as_of)
                                && e.whose == *whose
                                && e.known == known
                                && e.part.is_none()
                        })
                        .count();
                    assert_eq!(answers, 1, "{id} {year} {as_of} {known} {whose}");
                }
            }
        }
    }
    check_arithmetic(&fleet);
}

fn check_arithmetic(fleet: &Fleet) {
    let targets = |id: &str, year: i32| match (id, year) {
        ("L01", 2023) => Some((2500, true)),
        ("L01", 2024) => Some((3500, true)),
        ("L01", 2025) => Some((5000, true)),
        ("L05" | "L14", _) => Some((10_000, true)),
        ("L03" | "F09", _) => Some((0, false)),
        _ => None,
    };
    for e in &fleet.expects {
        let value = match e.denominator() {
            None => Some(e.numerator * 100),
            Some(0) => None,
            Some(b) => Some(table::quotient(&e.id, e.numerator, b)),
        };
        assert_eq!(value, e.value, "{}", e.asked());
        if e.part.is_some() {
            continue;
        }
        let status = match (value, targets(&e.id, e.year)) {
            (None, _) => "not_computable",
            (Some(_), None) => "no_target",
            (Some(v), Some((target, true))) if v >= target => "met",
            (Some(v), Some((target, false))) if v <= target => "met",
            _ => "not_met",
        };
        assert_eq!(status, e.status, "{}", e.asked());
    }
}
