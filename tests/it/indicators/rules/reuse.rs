//! The reuse rate and what stands beside it: L01 to L05, the gap, the stock.

use super::*;

#[test]
fn quotients_are_exact_and_half_to_even() {
    let percent = |a, b| Hundredths::percent(a, b).map(|h| h.0);
    assert_eq!(percent(1, 3), Some(3333));
    assert_eq!(percent(2, 3), Some(6667));
    assert_eq!(percent(3, 2), Some(15_000)); // not clamped
    assert_eq!(percent(1, 20_000), Some(0)); // 0.005 → 0.00
    assert_eq!(percent(3, 20_000), Some(2)); // 0.015 → 0.02
    assert_eq!(percent(5, 20_000), Some(2)); // 0.025 → 0.02
    assert_eq!(percent(-1, 20_000), Some(0)); // −0.005 → 0.00
    assert_eq!(percent(-3, 20_000), Some(-2)); // −0.015 → −0.02
    assert_eq!(percent(1, 0), None);
    assert_eq!(Hundredths::mean_years(1461, 1), Some(Hundredths(400)));
    assert_eq!(serde_json::to_string(&Hundredths(5327)).unwrap(), "53.27");
    assert_eq!(serde_json::to_string(&Hundredths(5000)).unwrap(), "50");
    assert_eq!(serde_json::to_string(&Hundredths(-5)).unwrap(), "-0.05");
}

#[test]
fn before_the_year_nothing_is_computable() {
    let figures = in_year(2025, "2024-12-31").run(&[waiting("2024-01-01")], &mut Trail::off());
    assert_eq!(figures.len(), 18);
    for figure in figures {
        assert_eq!(figure.status, Status::NotComputable, "{:?}", figure.id);
        assert_eq!(figure.reason, Some("year_not_begun"));
        assert_eq!((figure.numerator, figure.value), (None, None));
    }
}

#[test]
fn the_rate_goes_from_0_of_1_to_1_of_1_and_is_null_without_a_stock() {
    let facts = [given("2024-12-31", "2025-06-01", ExitKind::Donation)];
    let early = in_year(2025, "2025-05-31").figure(Id::L01, &facts);
    assert_eq!(fraction(&early), (0, 1));
    assert_eq!(early.status, Status::NotMet);
    let late = in_year(2025, "2025-06-01").figure(Id::L01, &facts);
    assert_eq!(
        (fraction(&late), late.value),
        ((1, 1), Some(Hundredths(10_000)))
    );
    // Both in the year: B is empty, only the flow moves.
    let both = [given("2025-01-01", "2025-06-01", ExitKind::Donation)];
    let rate = in_year(2025, "2025-12-31").figure(Id::L01, &both);
    assert_eq!((fraction(&rate), rate.value), ((1, 0), None));
    assert_eq!(
        (rate.status, rate.reason),
        (Status::NotComputable, Some("denominator_zero"))
    );
    assert_eq!(
        fraction(&in_year(2025, "2025-12-31").figure(Id::L04, &both)),
        (1, 1)
    );
}

#[test]
fn the_gap_is_the_smallest_number_that_reaches_the_target() {
    // 7 in stock, 1 given: 50 % of 7 is 3.5, so 4 are needed and 3 are missing.
    let mut facts = vec![given("2024-01-01", "2025-06-01", ExitKind::Donation)];
    facts.extend(std::iter::repeat_with(|| waiting("2024-01-01")).take(6));
    let asked = in_year(2025, "2025-06-30");
    let figure = asked.figure(Id::L01, &facts);
    assert_eq!(fraction(&figure), (1, 7));
    let by = day("2025-12-31");
    assert_eq!(figure.gap, Some(Gap { missing: 3, by }));
    assert_eq!(asked.list(Id::L01, Side::Gap, &facts).len(), 6);
    assert_eq!(
        in_year(2022, "2022-06-30").figure(Id::L01, &facts).target,
        None
    );
}

#[test]
fn a_hand_over_given_back_counts_nowhere_once_it_is_given_back() {
    let mut facts = given("2023-05-01", "2024-03-01", ExitKind::Donation);
    facts.exits[0].given_back_on = Some(day("2025-02-01"));
    facts.spells = life(vec![
        spell("2018-01-01", Stage::InUse),
        retired("2023-05-01", Stage::Retired, Some("2023-05-01")),
        retired("2024-03-01", Stage::Gone, Some("2023-05-01")),
        retired("2025-02-01", Stage::Retired, Some("2023-05-01")),
    ]);
    let facts = [facts];
    let rate = |year, as_of| fraction(&in_year(year, as_of).figure(Id::L01, &facts));
    assert_eq!(rate(2024, "2024-12-31"), (1, 1));
    assert_eq!(rate(2024, "2025-01-31"), (1, 1));
    assert_eq!(rate(2024, "2025-02-01"), (0, 1));
    assert_eq!(rate(2025, "2025-12-31"), (0, 0)); // gone on 31 December 2024
    assert_eq!(rate(2026, "2026-06-30"), (0, 1)); // here again on 31 December 2025
}

#[test]
fn adopted_as_retired_dated_or_not() {
    let adopted = |on: Option<&str>| Facts {
        adopted_on: Some(day("2024-04-01")),
        spells: vec![retired("2024-04-01", Stage::Retired, on)],
        retirements: vec![Retirement {
            on: on.map(day),
            cause: Cause::Unknown,
            reinstated_on: None,
            adopted: true,
        }],
        exits: vec![],
        ..waiting("2024-04-01")
    };
    let undated = [adopted(None)];
    for (year, b, unknown) in [(2023, 0, 1), (2024, 0, 1), (2025, 1, 0)] {
        let asked = in_year(year, "2025-06-30");
        let stock = asked.figure(Id::L02, &undated);
        assert_eq!(
            (stock.numerator, part(&stock, "unknown")),
            (Some(b), unknown),
            "{year}"
        );
        assert_eq!(
            note(&asked.figure(Id::L01, &undated), "adopted_undated"),
            unknown
        );
    }
    // Before the adoption nobody knew.
    assert_eq!(
        part(
            &in_year(2024, "2024-03-31").figure(Id::L02, &undated),
            "unknown"
        ),
        0
    );
    // Dated: in every B after its day, of years before the adoption too, once adopted.
    let dated = [adopted(Some("2022-10-01"))];
    let b = |year, as_of| in_year(year, as_of).figure(Id::L02, &dated).numerator;
    assert_eq!(b(2022, "2025-06-30"), Some(0));
    assert_eq!(b(2023, "2025-06-30"), Some(1));
    assert_eq!(b(2024, "2024-03-31"), Some(0));
    assert_eq!(b(2024, "2024-04-01"), Some(1));
    // Adopted as gone: nowhere.
    let gone = [Facts {
        adopted_gone: true,
        spells: vec![retired("2024-04-01", Stage::Gone, Some("2022-10-01"))],
        ..adopted(Some("2022-10-01"))
    }];
    assert_eq!(
        in_year(2023, "2025-06-30").figure(Id::L02, &gone).numerator,
        Some(0)
    );
}

#[test]
fn ten_years_end_the_day_after_and_29_february_becomes_28() {
    let born = |start: &str, retired_on: &str| {
        let mut facts = waiting(retired_on);
        facts.manufactured_on = Some(day(start));
        [facts]
    };
    let in_scope = |facts: &[Facts]| in_year(2023, "2023-12-31").figure(Id::L02, facts).numerator;
    assert_eq!(in_scope(&born("2012-02-29", "2022-02-28")), Some(1));
    assert_eq!(in_scope(&born("2012-02-29", "2022-03-01")), Some(0));
    assert_eq!(in_scope(&born("2012-06-15", "2022-06-15")), Some(1));
    assert_eq!(in_scope(&born("2012-06-15", "2022-06-16")), Some(0));
    // Manufactured, else first sold, else acquired.
    let mut sold = waiting("2022-06-16");
    sold.first_sold_on = Some(day("2012-06-15"));
    sold.acquired_on = Some(day("2020-01-01"));
    assert_eq!(in_scope(&[sold.clone()]), Some(0));
    sold.first_sold_on = None;
    assert_eq!(in_scope(&[sold]), Some(1));
}

#[test]
fn unknown_stays_in_scope_and_is_counted_in_the_notes() {
    let mut ageless = waiting("2024-05-01");
    ageless.acquired_on = None;
    let mut odd = waiting("2024-05-01");
    odd.category = Some("odd".into());
    let mut server = waiting("2024-05-01");
    server.category = Some("server_rack".into());
    let mut secret = waiting("2024-05-01");
    secret.security_excluded = true;
    let mut overridden = waiting("2024-05-01");
    overridden.category = Some("server_rack".into());
    overridden.weee_category = Some(6);
    let facts = [ageless, odd, server, secret, overridden];
    let asked = in_year(2025, "2025-12-31");
    let rate = asked.figure(Id::L01, &facts);
    assert_eq!(fraction(&rate), (0, 3));
    assert_eq!(
        (note(&rate, "age_unknown"), note(&rate, "weee_unknown")),
        (1, 1)
    );
    let out = asked.list(Id::L01, Side::Excluded, &facts);
    assert_eq!(
        out,
        [
            ("d3".into(), "other_weee_category"),
            ("d4".into(), "security_exclusion")
        ]
    );
}

#[test]
fn sales_count_on_commitment_and_proof_and_wait_for_both() {
    let sale = |commitment: Option<&str>, proofs: &[(&str, Outcome)]| {
        let mut facts = given("2024-05-01", "2025-03-01", ExitKind::Sale);
        facts.exits[0].commitment_on = commitment.map(day);
        facts.exits[0].proofs = proofs.iter().map(|(d, o)| (day(d), *o)).collect();
        facts
    };
    use Outcome::{NotReuse, Reuse};
    let facts = [
        sale(Some("2025-03-01"), &[("2025-09-01", Reuse)]), // counts from September
        sale(Some("2025-03-02"), &[("2025-04-01", Reuse)]), // committed too late: pending for ever
        sale(None, &[("2025-04-01", NotReuse)]),            // settled
        sale(None, &[]),                                    // pending
        sale(
            Some("2025-02-01"),
            &[("2025-04-01", Reuse), ("2025-10-01", NotReuse)],
        ), // the last holds
    ];
    let ask = |as_of| {
        let asked = in_year(2025, as_of);
        let figure = asked.figure(Id::L01, &facts);
        (
            fraction(&figure).0,
            asked.figure(Id::L03, &facts).numerator.unwrap(),
        )
    };
    assert_eq!(ask("2025-08-31"), (1, 3)); // the fifth counts; first, second, fourth wait
    assert_eq!(ask("2025-09-30"), (2, 2));
    assert_eq!(ask("2025-12-31"), (1, 2));
    let asked = in_year(2025, "2025-12-31");
    assert_eq!(asked.figure(Id::L03, &facts).status, Status::NotMet);
    assert_eq!(fraction(&asked.figure(Id::L04, &facts)), (1, 5));
}

#[test]
fn over_ten_years_to_recycling() {
    let old = |kind: ExitKind, treated: Option<(&str, Outcome)>| {
        let mut facts = given("2024-05-01", "2025-03-01", kind);
        facts.manufactured_on = Some(day("2010-01-01"));
        facts.exits[0].treatments = treated.iter().map(|(d, o)| (day(d), *o, None)).collect();
        facts
    };
    let mut unknown = given("2024-05-01", "2025-03-01", ExitKind::Collection);
    unknown.acquired_on = None;
    let facts = [
        old(ExitKind::Collection, None),
        old(ExitKind::TakeBack, Some(("2025-06-01", Outcome::Recycling))),
        old(ExitKind::TakeBack, None),
        old(ExitKind::Donation, None),
        unknown, // not proved over ten
    ];
    let early = in_year(2025, "2025-05-31").figure(Id::L05, &facts);
    assert_eq!(fraction(&early), (1, 4));
    let asked = in_year(2025, "2025-12-31");
    let figure = asked.figure(Id::L05, &facts);
    assert_eq!((fraction(&figure), figure.target), ((2, 4), Some(100)));
    assert_eq!(
        asked.list(Id::L05, Side::Gap, &facts),
        [("d3".into(), "treatment_to_confirm")]
    );
}
