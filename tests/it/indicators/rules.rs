//! Rules one by one, on facts written here and figures worked out by hand.

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

fn line(amount: i64, reuse: i64, on: &str) -> Line {
    Line {
        purchase: "p".into(),
        line: "l".into(),
        org: "main".into(),
        agec_category: Some("Matériel informatique et téléphonie".into()),
        amount_cents: amount,
        reuse_cents: reuse,
        expense_on: day(on),
        tenure: Tenure::Owned,
        exempt: false,
    }
}

#[test]
fn reuse_spend_counts_cents_by_the_day_of_the_expense() {
    let mut asked = in_year(2025, "2025-12-31");
    asked.lines = vec![
        line(100_000, 0, "2025-02-01"),
        line(30_000, 30_000, "2025-12-31"),
        line(-10_000, -10_000, "2025-12-30"), // credit note
        line(500_000, 500_000, "2024-12-31"), // another year
        Line {
            tenure: Tenure::Leased,
            ..line(90_000, 0, "2025-03-01")
        },
        Line {
            exempt: true,
            ..line(90_000, 0, "2025-03-01")
        },
        Line {
            agec_category: Some("Papier".into()),
            ..line(90_000, 0, "2025-03-01")
        },
        Line {
            org: "other".into(),
            ..line(90_000, 0, "2025-03-01")
        },
    ];
    let figure = asked.figure(Id::L06, &[]);
    assert_eq!(fraction(&figure), (20_000, 120_000));
    assert_eq!((figure.value, figure.n), (Some(Hundredths(1667)), 3));
    assert_eq!((figure.target, figure.status), (Some(20), Status::NotMet));
    assert_eq!(figure.gap.unwrap().missing, 4_000); // 20 % of 1,200 € is 240 €
    assert_eq!(
        (note(&figure, "lines_leased"), note(&figure, "lines_exempt")),
        (1, 1)
    );
    let target = |year, as_of| in_year(year, as_of).figure(Id::L06, &[]).target;
    assert_eq!(
        (
            target(2023, "2023-06-30"),
            target(2027, "2027-06-30"),
            target(2030, "2030-06-30")
        ),
        (None, Some(25), Some(30))
    );
}

#[test]
fn erasure_looks_at_data_bearing_exits_and_keeps_returns_apart() {
    let with = |kind, wiped, data, overridden| {
        let mut facts = given("2024-05-01", "2025-03-01", kind);
        let exit = &mut facts.exits[0];
        (exit.wiped, exit.data, exit.overridden) = (wiped, data, overridden);
        facts
    };
    let mut screen = with(ExitKind::Donation, false, Data::None, false);
    screen.bears_data = false;
    let facts = [
        with(ExitKind::Donation, true, Data::Purged, false),
        with(ExitKind::Donation, false, Data::Purged, false), // adopted as purged: no wipe
        with(ExitKind::Collection, true, Data::Cleared, true),
        screen,
        with(ExitKind::LeaseReturn, true, Data::Destroyed, false),
        with(ExitKind::WriteOff, false, Data::Holds, false),
    ];
    let figure = in_year(2025, "2025-12-31").figure(Id::L14, &facts);
    assert_eq!(fraction(&figure), (1, 3));
    assert_eq!(part(&figure, "lease_return"), 1);
    assert_eq!(part(&figure, "write_off"), 0);
    assert_eq!(figure.gap.unwrap().missing, 2);
}

#[test]
fn exit_mix_has_one_part_per_kind_and_outcome() {
    let mut taken = given("2024-05-01", "2025-03-01", ExitKind::TakeBack);
    taken.exits[0].proofs = vec![(day("2025-04-01"), Outcome::Reuse)]; // proved; no commitment needed here
    let mut burnt = given("2024-05-01", "2025-03-01", ExitKind::Collection);
    burnt.exits[0].treatments = vec![(day("2025-04-01"), Outcome::Energy, Some(2000))];
    let facts = [
        given("2024-05-01", "2025-03-01", ExitKind::Transfer),
        given("2024-05-01", "2025-03-01", ExitKind::Sale), // not proved
        taken,
        burnt,
        given("2024-05-01", "2025-03-01", ExitKind::Collection),
    ];
    let figure = in_year(2025, "2025-12-31").figure(Id::F13, &facts);
    assert_eq!(fraction(&figure), (2, 5));
    let parts: Vec<_> = figure
        .parts
        .iter()
        .map(|p| (p.key.as_str(), p.numerator))
        .collect();
    assert_eq!(
        parts,
        [
            ("transfer", 1),
            ("sale", 1),
            ("take_back.reuse", 1),
            ("collection.energy", 1),
            ("collection.unknown", 1)
        ]
    );
    assert_eq!(
        figure.parts.iter().map(|p| p.value.unwrap().0).sum::<i64>(),
        10_000
    );
}

#[test]
fn service_life_by_category_leaves_out_the_lost_and_the_unknown() {
    let with = |first: Option<&str>, cause, category: &str| Facts {
        category: Some(category.into()),
        first_use_on: first.map(day),
        retirements: vec![retirement("2025-03-01", cause)],
        ..waiting("2025-03-01")
    };
    let mut back = with(Some("2020-01-01"), Cause::Surplus, "laptop");
    back.retirements[0].reinstated_on = Some(day("2025-06-01"));
    let facts = [
        with(Some("2021-03-01"), Cause::Obsolete, "laptop"), // 1461 days
        with(Some("2023-03-01"), Cause::Failure, "monitor"), // 731 days
        with(None, Cause::Obsolete, "laptop"),
        with(Some("2021-03-01"), Cause::Stolen, "laptop"),
        back,
    ];
    let figure = in_year(2025, "2025-12-31").figure(Id::G04, &facts);
    assert_eq!(fraction(&figure), (2192, 2));
    assert_eq!(figure.value, Some(Hundredths(300))); // 2192 / 365.25 / 2 = 3.0007
    assert_eq!(
        (part(&figure, "laptop"), part(&figure, "monitor")),
        (1461, 731)
    );
    assert_eq!(
        (
            note(&figure, "first_use_unknown"),
            note(&figure, "lost_or_stolen")
        ),
        (1, 1)
    );
    // Before the reinstatement the fifth counts too: 1886 days.
    let early = in_year(2025, "2025-05-31").figure(Id::G04, &facts);
    assert_eq!(fraction(&early), (4078, 3));
}

#[test]
fn the_fleet_its_age_and_what_sleeps_in_it() {
    let here = |spell: Spell, start: Option<&str>| Facts {
        category: Some("laptop".into()),
        acquired_on: start.map(day),
        identified: start.is_some(),
        spells: vec![spell],
        ..Facts::default()
    };
    let change = |f: fn(&mut Spell)| {
        let mut spell = spell("2024-01-01", Stage::InStock);
        f(&mut spell);
        spell
    };
    let facts = [
        here(spell("2024-01-01", Stage::InUse), Some("2020-12-31")), // 5 years to the day: 1826 days
        here(change(|_| ()), Some("2024-01-01")),                    // dormant, 730 days old
        here(change(|s| s.site = Some("pool".into())), Some("2025-01-01")), // 364 days
        here(change(|s| s.stage_since = None), None),                // unknown twice
        here(
            change(|s| s.presence = Presence::Missing),
            Some("2015-12-31"),
        ), // 3653 days, dormant too
        here(
            change(|s| s.presence = Presence::Stolen),
            Some("2015-12-31"),
        ),
        here(change(|s| s.tenure = Tenure::LentToUs), Some("2015-12-31")),
        here(change(|s| s.tenure = Tenure::Personal), Some("2015-12-31")),
        here(spell("2024-01-01", Stage::Ordered), Some("2015-12-31")),
        here(
            change(|s| s.stage_since = Some(Day::ymd(2025, 7, 4))),
            Some("2025-07-04"),
        ), // 180 days: not yet
        waiting("2024-01-01"),
    ];
    let mut asked = in_year(2025, "2025-12-31");
    asked.pools.insert("pool".into());
    let age = asked.figure(Id::F01, &facts);
    assert_eq!(fraction(&age), (1826 + 730 + 364 + 3653 + 180, 5));
    let median = age.notes.iter().find(|n| n.key == "median_age").unwrap();
    assert_eq!(median.of, Some(Hundredths(200))); // 730 days
    assert_eq!(note(&age, "fleet_age_unknown"), 1);
    let share = asked.figure(Id::F02, &facts);
    assert_eq!((fraction(&share), part(&share, "ge10")), ((2, 5), 1));
    let dormant = asked.figure(Id::F09, &facts);
    assert_eq!(fraction(&dormant), (2, 6));
    assert_eq!((part(&dormant, "unknown"), part(&dormant, "pool")), (1, 1));
    assert_eq!(part(&dormant, "retired_not_oriented"), 1);
    assert_eq!(dormant.gap.unwrap().missing, 2);
    let quality = asked.figure(Id::F18, &facts);
    assert_eq!(
        (fraction(&quality), quality.gap.unwrap().missing),
        ((5, 6), 1)
    );
}

#[test]
fn bought_refurbished_in_units() {
    let bought = |condition, category: &str, on: &str, stage| Facts {
        category: Some(category.into()),
        condition: Some(condition),
        acquisition: Some(Acquisition::Purchase),
        acquired_on: Some(day(on)),
        spells: vec![spell(on, stage)],
        ..Facts::default()
    };
    let mut received = bought(Condition::New, "laptop", "2019-01-01", Stage::InStock);
    received.received_from = Some("sister".into());
    received.spells = vec![spell("2025-05-05", Stage::InStock)];
    let facts = [
        bought(Condition::Refurbished, "laptop", "2025-01-01", Stage::InUse),
        bought(Condition::SecondHand, "laptop", "2025-02-01", Stage::InUse),
        bought(Condition::Refurbished, "mouse", "2025-02-01", Stage::InUse),
        bought(Condition::New, "laptop", "2025-02-01", Stage::Ordered),
        bought(Condition::New, "laptop", "2024-12-31", Stage::InUse),
        received,
    ];
    let figure = in_year(2025, "2025-12-31").figure(Id::F03, &facts);
    assert_eq!(fraction(&figure), (1, 3));
    assert_eq!(part(&figure, "second_hand"), 1);
    assert_eq!(
        in_year(2019, "2025-12-31")
            .figure(Id::F03, &facts)
            .denominator,
        Some(0)
    );
}

#[test]
fn repairs_count_on_the_day_they_are_closed() {
    let repair = |opened: &str, closed: Option<&str>, outcome| Repair {
        id: "r".into(),
        opened_on: day(opened),
        sent_on: None,
        closed_on: closed.map(day),
        outcome,
        cost_cents: None,
        closed_by: None,
    };
    let mended = Facts {
        spells: vec![spell("2018-01-01", Stage::InUse)],
        repairs: vec![
            repair("2024-12-30", Some("2025-01-02"), Some(Outcome::Fixed)), // 3 days
            repair("2025-02-01", Some("2025-02-01"), Some(Outcome::EndOfLife)), // 0
            repair("2025-03-01", Some("2025-03-11"), Some(Outcome::Fixed)), // 10
            repair("2025-04-01", Some("2025-04-05"), None),                 // 4
            repair("2025-05-01", None, None),
            repair("2024-05-01", Some("2024-12-31"), Some(Outcome::Fixed)),
        ],
        ..Facts::default()
    };
    let mut dead = waiting("2025-03-01");
    dead.retirements[0].cause = Cause::Failure;
    let facts = [mended, dead];
    let asked = in_year(2025, "2025-12-31");
    assert_eq!(fraction(&asked.figure(Id::F06, &facts)), (2, 3));
    let time = asked.figure(Id::F07, &facts);
    assert_eq!(
        (fraction(&time), time.value),
        ((17, 4), Some(Hundredths(425)))
    );
    let median = time.parts.iter().find(|p| p.key == "median").unwrap();
    assert_eq!((median.value, median.n), (Some(Hundredths(350)), 4)); // 0 3 4 10
}

#[test]
fn internal_reuse_counts_a_device_once_and_personal_things_never() {
    let mut twice = waiting("2030-01-01");
    twice.reuses = vec![day("2025-02-01"), day("2025-08-01")];
    let mut personal = twice.clone();
    for spell in &mut personal.spells {
        spell.tenure = Tenure::Personal;
    }
    let mut own = given("2024-05-01", "2025-03-01", ExitKind::Donation);
    for spell in &mut own.spells {
        spell.tenure = Tenure::Personal;
    }
    let facts = [twice, personal, own];
    let asked = in_year(2025, "2025-12-31");
    assert_eq!(asked.figure(Id::G06, &facts).numerator, Some(1));
    assert_eq!(asked.figure(Id::L02, &facts).numerator, Some(0));
    assert_eq!(asked.figure(Id::G05, &facts).numerator, Some(0));
}

#[test]
fn hand_overs_inside_the_tree_stay_in_the_member_and_leave_the_sum() {
    let mut facts = given("2024-05-01", "2025-03-01", ExitKind::Transfer);
    facts.exits[0].to_organisation = Some("commune".into());
    let law = Law::shipped();
    let reference = Reference::of(&law, 2025);
    let ask = |tree, orgs: &[&str]| {
        let query = Query {
            period: Period::new(2025, day("2025-12-31")),
            tree,
            orgs: orgs.iter().map(|o| (*o).to_owned()).collect(),
        };
        let rows = [("d", "main", &facts)].into_iter();
        fold(rows, &reference, &[], &law, &query, &mut Trail::off())
    };
    let find = |figures: Vec<Figure>, id| figures.into_iter().find(|f| f.id == id).unwrap();
    assert_eq!(fraction(&find(ask(false, &["main"]), Id::L01)), (1, 1));
    let tree = find(ask(true, &["main", "commune"]), Id::L01);
    assert_eq!(fraction(&tree), (0, 1));
    assert_eq!(note(&tree, "not_legal_tree"), 1);
    assert_eq!(
        fraction(&find(ask(true, &["main", "commune"]), Id::F13)),
        (0, 0)
    );
    assert_eq!(fraction(&find(ask(false, &["commune"]), Id::L01)), (0, 0));
}

#[test]
fn every_law_row_reads_and_follows_the_one_before() {
    let law = Law::shipped();
    assert_eq!(
        law.rows().len(),
        include_str!("../../../src/data/law.csv").lines().count() - 1
    );
    for row in law.rows() {
        assert!(!row.id.is_empty() && !row.source.is_empty(), "{row:?}");
        let same = |r: &&reparc::domain::law::Row| r.id == row.id && r.scope == row.scope;
        let holding = (2020..2040).map(|y| {
            law.rows()
                .iter()
                .filter(same)
                .filter(|r| law.row(&r.id, &r.scope, y) == Some(r))
                .count()
        });
        assert!(holding.into_iter().all(|n| n <= 1), "{} overlaps", row.id);
    }
    assert_eq!(law.number("reen16", "", 2022), None);
    assert_eq!(law.number("reen16", "", 2040), Some(50));
    assert_eq!(
        law.row("agec58_other_categories", "", 2025)
            .unwrap()
            .number(),
        None
    );
    for id in Id::ALL {
        assert!(
            !in_year(2025, "2025-12-31")
                .figure(*id, &[])
                .sources
                .is_empty(),
            "{id:?}"
        );
    }
}
