//! The reference tables as they ship, and the rules of their fields.

use reparc::domain::catalogue::{Catalogue, shipped};
use reparc::domain::category::AgecCategory;
use reparc::domain::entry::{Context, Record, check_key};
use reparc::domain::input::parse;
use reparc::domain::model::{Model, manufacturer, model_fold};
use reparc::domain::organisation::{Organisation, is_within, moved_path, path_below};
use reparc::domain::person::Person;
use reparc::domain::purchase::Purchase;
use reparc::domain::siret::Siret;
use reparc::error::{Code, Result};
use serde_json::{Value, json};

fn read<T: Record>(value: Value) -> Result<T> {
    let catalogue = Catalogue::default();
    let mut record: T = parse(value)?;
    record.complete(&Context {
        key: "po-1",
        catalogue: &catalogue,
    })?;
    Ok(record)
}

#[test]
fn every_row_of_the_data_is_read() {
    let lines = |text: &str| {
        csv::Reader::from_reader(text.as_bytes())
            .records()
            .collect::<csv::Result<Vec<_>>>()
            .unwrap()
            .len()
    };
    assert_eq!(shipped().len(), 60);
    assert_eq!(
        lines(include_str!("../../src/data/categories.csv")),
        shipped().len()
    );
    assert_eq!(AgecCategory::all().count(), 17);
    let catalogue = Catalogue::default();
    for record in
        csv::Reader::from_reader(include_str!("../../src/data/category_synonyms.csv").as_bytes())
            .records()
    {
        let record = record.unwrap();
        let found = catalogue.match_category(&record[1]);
        match &record[0] {
            "-" => assert_eq!(found, None, "{}", &record[1]),
            key => assert_eq!(found.as_deref(), Some(key), "{}", &record[1]),
        }
    }
    for (key, category) in shipped() {
        for name in [&category.label_fr, &category.label_en]
            .into_iter()
            .flatten()
        {
            assert_eq!(
                catalogue.match_category(name.as_str()).as_deref(),
                Some(key.as_str())
            );
        }
        assert!(category.weee_category.is_some() && category.weight_g.is_some());
        assert!(category.law_verified.is_some() && category.factors.is_some());
    }
}

#[test]
fn the_shipped_rows_say_what_the_law_says() {
    let catalogue = Catalogue::default();
    let laptop = catalogue.category("laptop").unwrap();
    assert_eq!(laptop.weee_category, Some(2));
    assert_eq!(
        laptop.agec_category.unwrap().as_str(),
        "Matériel informatique et téléphonie"
    );
    assert!(laptop.bears_data);
    assert_eq!(
        (laptop.weight_g, laptop.lifetime_years),
        (Some(1650), Some(5.0))
    );
    assert_eq!(
        catalogue.category("desktop").unwrap().weee_category,
        Some(6)
    );
    assert_eq!(
        catalogue.category("server_rack").unwrap().weee_category,
        Some(4)
    );
    assert!(!catalogue.bears_data(Some("monitor")));
    assert!(catalogue.bears_data(None), "what is unknown may hold data");
    assert_eq!(
        catalogue.category("television").unwrap().agec_category,
        None
    );
}

#[test]
fn words_of_inventories_name_categories() {
    let catalogue = Catalogue::default();
    for (text, key) in [
        ("Ordinateur portable", "laptop"),
        ("Ordinateurs portables", "laptop"),
        ("LAPTOPS", "laptop"),
        ("Notebook", "laptop"),
        ("Portátil", "laptop"),
        ("Unité centrale", "desktop"),
        ("Desktop", "desktop"),
        ("Écran", "monitor"),
        ("E\u{301}crans", "monitor"),
        ("Monitor", "monitor"),
        ("Imprimante", "printer_laser"),
        ("Switch", "switch"),
        ("Switches", "switch"),
        ("CoreSwitch", "switch"),
        ("AccessSwitch", "switch"),
        ("Router", "router"),
        ("Server", "server_rack"),
        ("Serveurs", "server_rack"),
        ("Téléphone", "smartphone"),
        ("Téléphones portables", "smartphone"),
        ("Mobile Phones", "smartphone"),
        ("docking_station", "docking_station"),
        ("Docking station for laptop", "docking_station"),
        ("HP Laptop 15", "laptop"),
        ("Vidéoprojecteurs", "projector"),
        ("monitor_23_25", "monitor_23_25"),
    ] {
        assert_eq!(
            catalogue.match_category(text).as_deref(),
            Some(key),
            "{text}"
        );
    }
    for text in [
        "",
        "Backhoe",
        "Sacoche pour ordinateur portable",
        "Licence",
        "GPU",
        "—",
    ] {
        assert_eq!(catalogue.match_category(text), None, "{text}");
    }
}

#[test]
fn spellings_of_makers_and_models_meet() {
    for text in [
        "Dell Inc.",
        "DELL",
        "dell",
        "Dell Computer Corporation",
        "DELL  INC",
    ] {
        assert_eq!(manufacturer(text), "Dell", "{text}");
    }
    for text in ["Hewlett-Packard", "HP Inc.", "HP", "hewlett packard"] {
        assert_eq!(manufacturer(text), "HP", "{text}");
    }
    assert_eq!(manufacturer("LENOVO"), "Lenovo");
    assert_eq!(manufacturer("ASUSTeK COMPUTER INC."), "Asus");
    assert_eq!(manufacturer("  Berge   Inc "), "Berge Inc");
    assert_eq!(
        model_fold(Some("Dell Inc."), "Dell Latitude-5420"),
        model_fold(Some("DELL"), "LATITUDE 5420")
    );
    let model: Model = read(json!({
        "manufacturer": "Dell Inc.", "name": "Latitude 5420", "aliases": ["latitude 5420", "L5420", "l5420"]
    }))
    .unwrap();
    assert_eq!(model.manufacturer.as_ref().unwrap().as_str(), "Dell");
    assert_eq!(model.aliases.len(), 1, "doubles are dropped");
    let mut catalogue = Catalogue::default();
    catalogue.add_model("id".into(), "key".into(), None, &model);
    assert_eq!(catalogue.find_models(Some("DELL"), "l5420"), ["id"]);
    assert!(catalogue.find_models(Some("HP"), "L5420").is_empty());
}

#[test]
fn siret() {
    for good in [
        "13002526500013",
        "130 025 265 00013",
        "35600000000048",
        "35600000049837",
    ] {
        assert!(Siret::parse(good).is_ok(), "{good}");
    }
    for bad in [
        "13002526500014",
        "1300252650001",
        "130025265000131",
        "1300252650001A",
        "",
        "35600000049838",
    ] {
        assert!(Siret::parse(bad).is_err(), "{bad}");
    }
    let e = read::<Organisation>(json!({"name": "X", "siret": "13002526500014"})).unwrap_err();
    assert_eq!(
        (e.code, e.field.as_deref()),
        (Code::InvalidValue, Some("siret"))
    );
}

#[test]
fn fields_check_themselves() {
    let refused = |e: Result<Organisation>| e.map(|_| ()).map_err(|e| (e.code, e.field));
    assert_eq!(
        refused(read(json!({"kind": "commune"}))),
        Err((Code::MissingField, Some("name".into())))
    );
    assert_eq!(
        refused(read(json!({"name": "X", "kind": "kingdom"}))),
        Err((Code::InvalidValue, Some("kind".into())))
    );
    assert_eq!(
        refused(read(json!({"name": "X", "colour": "red"}))),
        Err((Code::UnknownField, Some("colour".into())))
    );
    assert_eq!(
        refused(read(json!({"name": "X", "population": -1}))),
        Err((Code::InvalidValue, Some("population".into())))
    );
    let commune: Organisation = read(json!({"name": "X", "kind": "commune"})).unwrap();
    assert_eq!(commune.public_buyer, Some(true));
    assert_eq!(
        read::<Person>(json!({"service": "DSI"})).unwrap_err().code,
        Code::MissingField
    );
    for key in ["a", "laptop", "CH-2024.1", "main"] {
        assert!(check_key(key).is_ok(), "{key}");
    }
    for key in [
        "",
        "-a",
        "é",
        "a b",
        "a/b",
        "0190b6a0-0000-7000-8000-000000000000",
    ] {
        assert!(check_key(key).is_err(), "{key}");
    }
}

#[test]
fn lines_of_a_purchase() {
    let purchase: Purchase = read(json!({"lines": [
        {"category": "laptop", "amount_cents": 100_000, "condition": "refurbished", "expense_on": "2025-03-01"},
        {"category": "printer_laser", "amount_cents": 50_000, "condition": "new"},
        {"key": "avoir", "category": "laptop", "amount_cents": -10_000, "condition": "second_hand", "credit_note_of": "po-1-1"},
        {"label": "à chiffrer"},
    ]}))
    .unwrap();
    let [a, b, c, d] = purchase.lines.as_slice() else {
        panic!()
    };
    assert_eq!(
        (a.key.as_ref().unwrap().as_str(), a.quantity, a.reuse_cents),
        ("po-1-1", 1, Some(100_000))
    );
    assert_eq!(
        a.agec_category.unwrap().as_str(),
        "Matériel informatique et téléphonie"
    );
    assert_eq!(b.reuse_cents, Some(0));
    assert_eq!(
        b.agec_category.unwrap().as_str(),
        "Matériel de reprographie et d'impression"
    );
    assert_eq!(c.reuse_cents, Some(-10_000));
    assert_eq!(
        (
            d.key.as_ref().unwrap().as_str(),
            d.amount_cents,
            d.reuse_cents
        ),
        ("po-1-3", None, None)
    );

    let refused = |line: Value| {
        let e = read::<Purchase>(json!({ "lines": [line] })).unwrap_err();
        (e.code, e.field.unwrap())
    };
    let invalid = |field: &str| (Code::InvalidValue, format!("lines[0].{field}"));
    assert_eq!(
        refused(json!({"amount_cents": -1})),
        invalid("credit_note_of")
    );
    assert_eq!(
        refused(json!({"amount_cents": 1, "credit_note_of": "x"})),
        invalid("amount_cents")
    );
    assert_eq!(
        refused(json!({"amount_cents": 1, "reuse_cents": 2})),
        invalid("reuse_cents")
    );
    assert_eq!(
        refused(json!({"amount_cents": 1, "agec_category": "Informatique"})),
        invalid("agec_category")
    );
    assert_eq!(
        refused(json!({"amount_cents": 1.5})),
        invalid("amount_cents")
    );
    assert_eq!(
        refused(json!({"amount_cents": i64::MAX})),
        invalid("amount_cents")
    );
    assert_eq!(
        refused(json!({"expense_on": "2025-02-30"})),
        invalid("expense_on")
    );
}

#[test]
fn paths_of_the_tree() {
    let top = path_below(None, "a");
    let below = path_below(Some(&top), "b");
    assert_eq!((top.as_str(), below.as_str()), ("/a/", "/a/b/"));
    assert!(is_within(&below, &top) && !is_within(&top, &below));
    assert_eq!(
        moved_path("/a/b/c/", "/a/b/", "/d/b/").as_deref(),
        Some("/d/b/c/")
    );
    assert_eq!(moved_path("/a/", "/a/b/", "/d/b/"), None);
}
