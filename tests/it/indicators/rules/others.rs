//! Spending, erasure, exits, lives, repairs, internal re-use, the tree.

use super::*;

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
        include_str!("../../../../src/data/law.csv").lines().count() - 1
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
