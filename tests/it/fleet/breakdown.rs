//! What became of all that a figure counts: by hand for the cells that tell most, and for every cell of the table that
//! the rows add up and lead to their devices.

use reparc::domain::indicator::{Counts, Figure, Id, Side, Unit};

use super::figures::{ask, listed};
use super::pure::Chains;
use super::table::{self, SERIES, WHOSE, YEARS};

/// `key devices`, and whether they count above the line; what stands beside the whole is marked `+`.
fn said(figure: &Figure) -> Vec<String> {
    let row = |r: &reparc::domain::indicator::Row| {
        let beside = if r.within { "" } else { "+" };
        format!("{beside}{} {} {}", r.key, r.n, r.counts.as_str())
    };
    figure.breakdown.iter().map(row).collect()
}

/// Followed in fleet.md with a pencil: what became of each device of the denominator.
#[test]
fn where_the_devices_went_by_hand() {
    let fleet = table::read();
    let known: Vec<_> = [1, 2].map(|i| Chains::of(&fleet, i).histories()).into();
    for (id, year, as_of, instalment, whose, wanted) in [
        // D11 transferred; D06 sold, its proof not seen from 2024; D02 and D04 collected; D09 missing. D07 was retired
        // and given in the year: in A, not in B.
        (
            Id::L01,
            2024,
            "2024-12-31",
            2,
            "main",
            vec![
                "transfer 1 yes",
                "no_proof 1 later",
                "collection 2 no",
                "missing 1 no",
                "+retired_and_handed_over 1 yes",
            ],
        ),
        // D06 proved in March 2025.
        (
            Id::L01,
            2024,
            "2025-12-31",
            2,
            "main",
            vec![
                "sale_proved 1 yes",
                "transfer 1 yes",
                "collection 2 no",
                "missing 1 no",
                "+retired_and_handed_over 1 yes",
            ],
        ),
        // In the tree D11 went to a member; D12 waits in the member's stock.
        (
            Id::L01,
            2024,
            "2024-12-31",
            2,
            "tree",
            vec![
                "no_proof 1 later",
                "collection 2 no",
                "given_inside 1 no",
                "missing 1 no",
                "still_here 1 no",
                "+retired_and_handed_over 1 yes",
            ],
        ),
        // D08 given, D05 reinstated, D09 written off.
        (
            Id::L01,
            2025,
            "2025-12-31",
            2,
            "main",
            vec!["donation 1 yes", "reinstated 1 no", "write_off 1 no"],
        ),
        // D12 is oriented in June, given in September.
        (
            Id::L01,
            2025,
            "2025-06-30",
            1,
            "aubry",
            vec!["oriented 1 no"],
        ),
        (
            Id::L03,
            2024,
            "2024-12-31",
            1,
            "main",
            vec!["no_proof 1 later"],
        ),
        (
            Id::L04,
            2024,
            "2024-12-31",
            2,
            "main",
            vec![
                "donation 1 yes",
                "transfer 1 yes",
                "no_proof 1 later",
                "collection 2 no",
            ],
        ),
        (
            Id::L05,
            2023,
            "2023-12-31",
            1,
            "main",
            vec!["treatment_to_confirm 1 later"],
        ),
        (
            Id::L05,
            2023,
            "2024-06-30",
            1,
            "main",
            vec!["taken_back_recycled 1 yes"],
        ),
        // D04, D06 and D11 purged, D02 destroyed; D07's wipe is voided in the second instalment.
        (
            Id::L14,
            2024,
            "2024-12-31",
            2,
            "main",
            vec!["purged 3 yes", "destroyed 1 yes", "not_wiped 1 no"],
        ),
        (
            Id::L14,
            2025,
            "2025-12-31",
            2,
            "main",
            vec!["overridden 1 no"],
        ),
        (
            Id::F09,
            2023,
            "2023-12-31",
            1,
            "main",
            vec!["dormant 1 yes", "in_use 3 no"],
        ),
    ] {
        let (figures, _) = ask(&known[instalment - 1], year, as_of, whose, None);
        let figure = figures.iter().find(|f| f.id == id).unwrap();
        assert_eq!(
            said(figure),
            wanted,
            "{} {year} as of {as_of}, {whose}, {instalment}",
            id.as_str()
        );
    }
}

#[test]
fn every_breakdown_adds_up_and_leads_to_its_devices() {
    let fleet = table::read();
    let known: Vec<_> = [1, 2].map(|i| Chains::of(&fleet, i).histories()).into();
    let mut rows = 0;
    for (year, as_of) in YEARS
        .iter()
        .flat_map(|y| SERIES.iter().map(move |d| (*y, *d)))
    {
        for (whose, histories) in WHOSE.iter().flat_map(|w| known.iter().map(|h| (*w, h))) {
            let (figures, _) = ask(histories, year, as_of, whose, None);
            for figure in figures.iter().filter(|f| !f.breakdown.is_empty()) {
                let at = format!("{} {year} {as_of} {whose}", figure.id.as_str());
                let sum = |wanted: &dyn Fn(&reparc::domain::indicator::Row) -> bool| -> i64 {
                    let rows = figure.breakdown.iter().filter(|r| wanted(r));
                    rows.map(|r| r.n).sum()
                };
                let whole = figure.denominator.or(figure.numerator);
                assert_eq!(Some(sum(&|r| r.within)), whole, "{at}");
                if figure.id.unit() == Unit::Percent {
                    let above = sum(&|r| r.counts == Counts::Yes);
                    assert_eq!(Some(above), figure.numerator, "{at}");
                }
                for row in &figure.breakdown {
                    let side = if row.within {
                        figure.id.whole()
                    } else {
                        Side::Numerator
                    };
                    let items = listed(histories, year, as_of, whose, (figure.id, side));
                    let mine = items.iter().filter(|i| i.group == row.key);
                    assert_eq!(
                        i64::try_from(mine.count()).unwrap(),
                        row.n,
                        "{at} {}",
                        row.key
                    );
                    rows += 1;
                }
            }
        }
    }
    assert!(rows > 200, "{rows}");
}
