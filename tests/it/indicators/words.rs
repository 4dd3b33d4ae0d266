//! The sentences: whole in both languages, agreed with their numbers, and naming the gap.

use std::collections::BTreeSet;

use reparc::domain::day::Day;
use reparc::domain::indicator::{Figure, Id, Part};
use reparc::domain::law::Law;
use reparc::domain::period::Period;
use reparc::i18n::{Arg, Lang, Table, fill, indicators, number, table};

fn keys(table: &Table) -> BTreeSet<(String, String)> {
    let section = |(s, rows): (&String, &std::collections::BTreeMap<String, String>)| {
        rows.keys()
            .map(|k| (s.clone(), k.clone()))
            .collect::<Vec<_>>()
    };
    table.iter().flat_map(section).collect()
}

/// Names of the places to fill.
fn places(sentence: &str) -> BTreeSet<&str> {
    let inside = sentence.split('{').skip(1);
    inside
        .map(|rest| rest.split(['}', ':']).next().unwrap())
        .collect()
}

#[test]
fn both_languages_have_every_key_with_the_same_places() {
    let (fr, en) = (table(Lang::Fr), table(Lang::En));
    assert!(keys(fr).len() > 150, "the French table is not read");
    let only: Vec<_> = keys(fr).symmetric_difference(&keys(en)).cloned().collect();
    assert!(only.is_empty(), "in one language only: {only:?}");
    for (section, key) in keys(fr) {
        let (f, e) = (&fr[&section][&key], &en[&section][&key]);
        assert_eq!(places(f), places(e), "{section}.{key}");
        assert!(!f.trim().is_empty() && !e.trim().is_empty());
    }
}

/// Every key that the code names, by reading the code.
#[test]
fn every_key_named_in_the_code_has_its_words() {
    let fr = table(Lang::Fr);
    for id in Id::ALL {
        for section in ["title", "sentence"] {
            assert!(fr[section].contains_key(id.as_str()), "{section}.{id:?}");
        }
        if id.unit() != reparc::domain::indicator::Unit::Count {
            assert!(fr["zero"].contains_key(id.as_str()), "zero.{id:?}");
        }
        if id.target_row().is_some() {
            assert!(fr["gap"].contains_key(id.as_str()), "gap.{id:?}");
        }
    }
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/domain/indicator");
    let mut notes = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for call in text.split(".note").skip(1) {
            let Some(key) = call
                .strip_prefix("(\"")
                .or(call.strip_prefix("_of(\""))
                .and_then(|rest| rest.split('"').next())
            else {
                continue;
            };
            notes += 1;
            assert!(fr["note"].contains_key(key), "note.{key}");
        }
    }
    assert!(notes > 15, "{notes} notes found in the code");
}

#[test]
fn numbers_agree_and_are_written_as_people_do() {
    let said = |lang, n| fill(lang, "{n:matériel|matériels}", &[("n", Arg::Count(n))]);
    assert_eq!(said(Lang::Fr, 0), "0 matériel");
    assert_eq!(said(Lang::Fr, 1), "1 matériel");
    assert_eq!(said(Lang::Fr, 1284), "1\u{202f}284 matériels");
    let said = |n| fill(Lang::En, "{n:device|devices}", &[("n", Arg::Count(n))]);
    assert_eq!(
        (said(0), said(1), said(1284)),
        (
            "0 devices".into(),
            "1 device".into(),
            "1,284 devices".into()
        )
    );
    // « 1,5 an » stays singular in French; English wants the plural for every decimal, also for 1.0.
    let years = |lang, text: &str, hundredths| {
        let form = if lang == Lang::Fr {
            "{n:an|ans}"
        } else {
            "{n:year|years}"
        };
        fill(lang, form, &[("n", Arg::Text(text.to_owned(), hundredths))])
    };
    assert_eq!(years(Lang::Fr, "1,5", 150), "1,5 an");
    assert_eq!(years(Lang::Fr, "2,0", 200), "2,0 ans");
    assert_eq!(years(Lang::En, "1.5", 150), "1.5 years");
    assert_eq!(years(Lang::En, "1.0", 100), "1.0 years");
    assert_eq!(years(Lang::En, "1", 100), "1 year");
    assert_eq!(years(Lang::En, "0.5", 50), "0.5 years");
    assert_eq!(number::euros(Lang::Fr, 123_456), "1\u{202f}234,56\u{a0}€");
    assert_eq!(number::euros(Lang::En, -123_456), "-€1,234.56");
    assert_eq!(number::day(Lang::Fr, Day::ymd(2026, 11, 19)), "19/11/2026");
    assert_eq!(number::day(Lang::En, Day::ymd(2026, 11, 9)), "9 Nov 2026");
    assert_eq!(fill(Lang::Fr, "{n} {m}", &[]), "{n} {m}");
}

fn plain(text: String) -> String {
    text.replace(['\u{202f}', '\u{a0}'], " ")
}

#[test]
fn a_sentence_says_the_sum_the_verdict_and_the_gap() {
    let law = Law::shipped();
    let running = Period::new(2025, Day::ymd(2025, 11, 19));
    let over = Period::new(2025, Day::ymd(2026, 2, 1));
    let rate = |period, a, b| Figure::ratio(Id::L01, period, &law, a, b);
    let fr = |figure: &Figure, tree, provisional| {
        plain(indicators::sentence(Lang::Fr, figure, tree, provisional))
    };
    assert_eq!(
        fr(&rate(running, 163, 400), false, true),
        "163 matériels remis au réemploi ou à la réutilisation en 2025, pour 400 matériels réformés en stock au 1er janvier : 40,75 %. \
         Objectif de 50 % non atteint. Il manque 37 matériels avant le 31 déc. 2025. Chiffre provisoire, arrêté au 19 nov. 2025."
    );
    assert_eq!(
        fr(&rate(over, 1, 1), true, false),
        "1 matériel remis au réemploi ou à la réutilisation en 2025, pour 1 matériel réformé en stock au 1er janvier : 100 %. \
         Objectif de 50 % atteint. Somme de l’organisation et de ses membres, non légale."
    );
    assert_eq!(
        plain(indicators::sentence(
            Lang::En,
            &rate(over, 163, 400),
            false,
            false
        )),
        "163 devices handed over to re-use in 2025, for 400 retired devices in stock on 1 January: 40.75%. \
         Target of 50% not met. 37 devices are missing for 31 December 2025."
    );
    assert_eq!(
        fr(&rate(over, 1, 0), false, false),
        "Non calculable : aucun matériel réformé dans le champ du décret n’était en stock au 1er janvier 2025 (1 remis au réemploi dans l’année)."
    );
    let before = Figure::not_begun(Id::G06, Period::new(2026, Day::ymd(2025, 12, 31)), &law);
    assert_eq!(
        fr(&before, false, true),
        "Non calculable : l’année 2026 n’a pas commencé au 31 déc. 2025."
    );
    let spend = Figure::ratio(Id::L06, over, &law, 1_000_000, 12_000_050);
    assert!(fr(&spend, false, false).starts_with(
        "10 000,00 € HT de réemploi, sur 120 000,50 € HT dépensés en informatique et téléphonie en 2025 : 8,33 %."
    ));
    assert!(fr(&spend, false, false).contains(
        "Il manquait 14 000,10 € HT de réemploi, à dépense totale égale, au 31 déc. 2025."
    ));
}

/// Every figure of an empty fleet, and every figure with numbers, leaves no place unfilled.
#[test]
fn no_place_stays_open() {
    let law = Law::shipped();
    let period = Period::new(2025, Day::ymd(2025, 11, 19));
    let part = |key: &str| Part::share(key, 1, 3);
    for id in Id::ALL {
        for (a, b) in [(0, 0), (1, 3), (2, 2)] {
            let mut figure = if id.unit() == reparc::domain::indicator::Unit::Count {
                Figure::count(*id, period, &law, a)
            } else {
                Figure::ratio(*id, period, &law, a, b)
            };
            figure.parts = [
                "conventions",
                "ge10",
                "retired_for_failure",
                "median",
                "seen_12_months",
            ]
            .map(part)
            .to_vec();
            for lang in Lang::ALL {
                let said = indicators::sentence(lang, &figure, true, true);
                assert!(!said.contains(['{', '|']), "{said}");
            }
        }
    }
}
