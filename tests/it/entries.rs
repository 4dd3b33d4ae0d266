//! Reference tables through the use cases, on both engines: keys, versions, rights, visibility, the tree.

use reparc::app::entries::{self, Desk, ListQuery, View};
use reparc::app::{Actor, App, Clock, Expected, models, purchases};
use reparc::db::{Lane, Scope};
use reparc::domain::category::Category;
use reparc::domain::custom_field::CustomField;
use reparc::domain::day::Day;
use reparc::domain::model::Model;
use reparc::domain::organisation::Organisation;
use reparc::domain::partner::Partner;
use reparc::domain::person::Person;
use reparc::domain::purchase::Purchase;
use reparc::domain::site::Site;
use reparc::domain::words::Role;
use reparc::error::{Code, Error, Result};
use serde_json::{Map, Value, json};

use crate::support::db::TestDb;

fn app(db: &TestDb) -> App {
    let clock = Clock::fixed(Day::ymd(2025, 6, 1).start());
    App::new(db.store.clone(), clock, "https://reparc.test").unwrap()
}

fn map(value: Value) -> Map<String, Value> {
    entries::object(value).unwrap()
}

fn root() -> Actor {
    Actor::operator()
}

fn actor(role: Role, org: &View) -> Actor {
    Actor {
        id: "t".into(),
        name: "t".into(),
        role,
        org: Some(org.id.clone()),
    }
}

fn make<T: entries::Table>(app: &App, who: &Actor, body: Value) -> Result<View> {
    let (now, cache, who) = (app.clock.now(), app.catalogue_cache(), who.clone());
    app.store.write(Lane::Interactive, move |db| {
        let desk = entries::Desk::open(db, &who, now, &cache)?;
        entries::create::<T>(db, &desk, map(body.clone()))
    })
}

fn change<T: entries::Table>(app: &App, who: &Actor, key: &str, body: Value) -> Result<View> {
    entries::patch::<T>(app, who, key, map(body), Expected::Anything)
}

fn code<T: std::fmt::Debug>(result: Result<T>) -> (Code, Option<String>) {
    let Error { code, field, .. } = result.unwrap_err();
    (code, field)
}

fn keys<T: entries::Table>(app: &App, who: &Actor) -> Vec<String> {
    let query = ListQuery {
        limit: Some(1000),
        ..ListQuery::default()
    };
    let page = entries::list::<T>(app, who, &query).unwrap();
    page.items.iter().map(|v| text(v, "key")).collect()
}

fn text(view: &View, field: &str) -> String {
    view.body[field].as_str().unwrap_or_default().to_owned()
}

/// An EPCI with two communes, and a stranger.
struct Tree {
    epci: View,
    north: View,
    south: View,
}

fn tree(app: &App) -> Tree {
    let org = |body| make::<Organisation>(app, &root(), body).unwrap();
    let epci = org(
        json!({"key": "epci", "name": "Communauté", "kind": "epci", "siret": "13002526500013"}),
    );
    let north = org(json!({"name": "Commune du Nord", "kind": "commune", "parent": "epci"}));
    let south = org(json!({"name": "Commune du Sud", "kind": "commune", "parent": epci.id}));
    Tree { epci, north, south }
}

on_both_engines! {
    fn a_row_from_creation_to_archive(db: &TestDb) {
        let app = app(db);
        let site = make::<Site>(&app, &root(), json!({"name": "Dépôt Nord", "address": "1 rue É. Zola\n29000"})).unwrap();
        assert_eq!((text(&site, "key"), text(&site, "organisation"), site.version), ("depot-nord".into(), "main".into(), 1));
        assert_eq!(site.body["parent"], Value::Null, "every member of the shape is there");
        assert_eq!(site.body["pool"], json!(false));
        let second = make::<Site>(&app, &root(), json!({"name": "Dépôt nord", "parent": "depot-nord"})).unwrap();
        assert_eq!((text(&second, "key"), text(&second, "parent")), ("depot-nord-2".into(), "depot-nord".into()));
        assert_eq!(code(make::<Site>(&app, &root(), json!({"key": "depot-nord", "name": "X"}))), (Code::Duplicate, Some("key".into())));

        let same = change::<Site>(&app, &root(), "depot-nord", json!({"name": "Dépôt Nord", "zone": null, "key": "depot-nord", "organisation": "main"})).unwrap();
        assert_eq!(same, site, "nothing changed, nothing written");
        let moved = change::<Site>(&app, &root(), "depot-nord", json!({"pool": true, "address": null})).unwrap();
        assert_eq!((moved.version, &moved.body["pool"], &moved.body["address"]), (2, &json!(true), &Value::Null));
        let stale = entries::patch::<Site>(&app, &root(), "depot-nord", map(json!({"pool": false})), Expected::OneOf(vec![1]));
        assert_eq!(code(stale).0, Code::Stale);
        for (field, value) in [("key", json!("x")), ("organisation", json!("x")), ("version", json!(9)), ("id", json!("x"))] {
            let refused = change::<Site>(&app, &root(), "depot-nord", json!({field: value}));
            assert_eq!(code(refused), (Code::InvalidValue, Some(field.into())));
        }
        assert_eq!(code(change::<Site>(&app, &root(), "depot-nord", json!({"colour": 1}))), (Code::UnknownField, Some("colour".into())));
        assert_eq!(code(change::<Site>(&app, &root(), "depot-nord", json!({"name": null}))), (Code::MissingField, Some("name".into())));
        assert_eq!(code(change::<Site>(&app, &root(), "depot-nord", json!({"parent": "depot-nord-2"}))), (Code::InvalidValue, Some("parent".into())));
        assert_eq!(code(change::<Site>(&app, &root(), "depot-nord", json!({"parent": "nowhere"}))), (Code::UnknownReference, Some("parent".into())));
        assert_eq!(code(change::<Site>(&app, &root(), "nowhere", json!({}))).0, Code::NotFound);

        change::<Site>(&app, &root(), &site.id, json!({"archived": true})).unwrap();
        assert_eq!(keys::<Site>(&app, &root()), ["depot-nord-2"]);
        let all = entries::list::<Site>(&app, &root(), &ListQuery { include: Some("archived".into()), total: Some(true), ..ListQuery::default() }).unwrap();
        assert_eq!((all.items.len(), all.total), (2, Some(2)));
        assert_eq!(entries::get::<Site>(&app, &root(), "depot-nord", None).unwrap().body["archived"], json!(true));
    }

    fn pages_are_walked_by_cursor(db: &TestDb) {
        let app = app(db);
        for n in 0..7 {
            make::<Partner>(&app, &root(), json!({"name": format!("Étape {n}"), "kinds": ["carrier", "carrier"]})).unwrap();
        }
        make::<Partner>(&app, &root(), json!({"name": "Autre"})).unwrap();
        let mut query = ListQuery { q: Some("ETAPE".into()), limit: Some(3), ..ListQuery::default() };
        let mut seen = Vec::new();
        loop {
            let page = entries::list::<Partner>(&app, &root(), &query).unwrap();
            seen.extend(page.items.iter().map(|v| text(v, "name")));
            match page.next {
                Some(next) => query.cursor = Some(next),
                None => break,
            }
        }
        assert_eq!(seen.len(), 7);
        assert!(seen.is_sorted());
        let cursor = entries::list::<Partner>(&app, &root(), &ListQuery { limit: Some(1), ..ListQuery::default() }).unwrap().next;
        let elsewhere = entries::list::<Site>(&app, &root(), &ListQuery { cursor, ..ListQuery::default() });
        assert_eq!(code(elsewhere), (Code::InvalidParameter, Some("cursor".into())));
        let wrong = |query| code(entries::list::<Site>(&app, &root(), &query));
        assert_eq!(wrong(ListQuery { limit: Some(0), ..ListQuery::default() }).0, Code::InvalidParameter);
        assert_eq!(wrong(ListQuery { include: Some("x".into()), ..ListQuery::default() }).0, Code::InvalidParameter);
        assert_eq!(wrong(ListQuery { org: Some("x".into()), ..ListQuery::default() }).0, Code::InvalidParameter);
    }

    fn the_shipped_categories_are_rows(db: &TestDb) {
        let first = app(db);
        assert_eq!(keys::<Category>(&first, &root()).len(), 60);
        let laptop = entries::get::<Category>(&first, &root(), "laptop", None).unwrap();
        assert_eq!(laptop.body["weee_category"], json!(2));
        assert_eq!(laptop.body["bears_data"], json!(true));
        assert_eq!(laptop.body["weight_g"], json!(1650));
        assert_eq!(laptop.body["lifetime_years"], json!(5.0));
        assert_eq!(laptop.body["agec_category"], json!("Matériel informatique et téléphonie"));
        assert_eq!(laptop.body["label_en"], json!("Laptop"));
        assert_eq!(laptop.body["law_verified"], json!("source"));
        change::<Category>(&first, &root(), "laptop", json!({"weight_g": 1800})).unwrap();
        let again = app(db);
        assert_eq!(entries::get::<Category>(&again, &root(), "laptop", None).unwrap().body["weight_g"], json!(1800), "a user's change is kept");
        assert_eq!(entries::get::<Category>(&again, &root(), "monitor", None).unwrap().version, 1, "nothing is shipped twice");

        let t = tree(&first);
        let manager = actor(Role::Manager, &t.north);
        assert_eq!(keys::<Category>(&first, &manager).len(), 60);
        assert_eq!(code(change::<Category>(&first, &manager, "laptop", json!({"weight_g": 1}))).0, Code::Forbidden);
        let own = make::<Category>(&first, &manager, json!({"name": "Borne d'accueil", "weee_category": 4})).unwrap();
        assert_eq!((text(&own, "key"), text(&own, "organisation")), ("borne-d-accueil".into(), "commune-du-nord".into()));
        assert_eq!(code(make::<Category>(&first, &actor(Role::Manager, &t.south), json!({"key": "borne-d-accueil", "name": "X"}))), (Code::Duplicate, Some("key".into())));
        let south = make::<Category>(&first, &actor(Role::Manager, &t.south), json!({"name": "Borne d'accueil"})).unwrap();
        assert_ne!(text(&south, "key"), "borne-d-accueil");
        first.store.read(|db| {
            let catalogue = first.catalogue(db)?;
            assert_eq!(catalogue.weee_category(Some("borne-d-accueil"), None), Some(4));
            assert_eq!(catalogue.weight_g(Some("laptop"), None), Some(1800));
            Ok(())
        }).unwrap();
    }

    fn who_may_do_what(db: &TestDb) {
        let app = app(db);
        let t = tree(&app);
        let may = |role| {
            let who = actor(role, &t.epci);
            [
                make::<Site>(&app, &who, json!({"name": "S"})).is_ok(),
                make::<Model>(&app, &who, json!({"name": "M"})).is_ok(),
                make::<CustomField>(&app, &who, json!({"type": "text", "label": {"fr": "F"}})).is_ok(),
                make::<Partner>(&app, &who, json!({"name": "P"})).is_ok(),
                make::<Purchase>(&app, &who, json!({"reference": "R"})).is_ok(),
                make::<Person>(&app, &who, json!({"name": "N"})).is_ok(),
                make::<Organisation>(&app, &who, json!({"name": "O"})).is_ok(),
                entries::list::<Person>(&app, &who, &ListQuery::default()).is_ok(),
                entries::list::<Purchase>(&app, &who, &ListQuery::default()).is_ok(),
            ]
        };
        assert_eq!(may(Role::Viewer), [false, false, false, false, false, false, false, false, true]);
        assert_eq!(may(Role::Technician), [false, false, false, false, false, true, false, true, true]);
        assert_eq!(may(Role::Procurement), [false, false, false, true, true, false, false, false, true]);
        assert_eq!(may(Role::Manager), [true, true, true, true, true, true, false, true, true]);
        assert_eq!(may(Role::Administrator), [true; 9]);
    }

    fn sisters_do_not_see_each_other(db: &TestDb) {
        let app = app(db);
        let t = tree(&app);
        let (up, north, south) = (actor(Role::Manager, &t.epci), actor(Role::Manager, &t.north), actor(Role::Manager, &t.south));
        make::<Site>(&app, &up, json!({"key": "depot", "name": "Dépôt commun"})).unwrap();
        make::<Site>(&app, &north, json!({"key": "mairie", "name": "Mairie"})).unwrap();
        let theirs = make::<Site>(&app, &south, json!({"key": "mairie", "name": "Mairie"})).unwrap();
        assert_eq!(keys::<Site>(&app, &north), ["depot", "mairie"]);
        assert_eq!(keys::<Site>(&app, &up).len(), 3);
        assert_eq!(text(&entries::get::<Site>(&app, &north, "mairie", None).unwrap(), "organisation"), "commune-du-nord");
        assert_eq!(code(entries::get::<Site>(&app, &north, &theirs.id, None)).0, Code::NotFound);
        assert_eq!(code(change::<Site>(&app, &north, &theirs.id, json!({"pool": true}))).0, Code::NotFound);
        assert_eq!(code(change::<Site>(&app, &north, "depot", json!({"pool": true}))).0, Code::Forbidden, "seen, not theirs");
        assert_eq!(code(make::<Site>(&app, &north, json!({"name": "X", "organisation": "commune-du-sud"}))), (Code::UnknownReference, Some("organisation".into())));
        assert_eq!(code(make::<Site>(&app, &north, json!({"name": "X", "organisation": "epci"}))).0, Code::Forbidden);
        assert_eq!(code(make::<Site>(&app, &north, json!({"name": "X", "parent": theirs.id}))), (Code::UnknownReference, Some("parent".into())));
        assert_eq!(text(&make::<Site>(&app, &north, json!({"name": "Cave", "parent": "depot"})).unwrap(), "parent"), "depot");
        let on_behalf = make::<Site>(&app, &up, json!({"name": "École", "organisation": "commune-du-sud", "parent": "mairie"})).unwrap();
        assert_eq!(on_behalf.body["parent"], json!("mairie"));
        app.store.read(|db| {
            let near = reparc::db::entries::by_id(db, &on_behalf.id)?.unwrap();
            assert!(near.payload.contains(&theirs.id), "the mairie next to it, not the sister's");
            Ok(())
        }).unwrap();
        // The same key twice: the address that leads to this row and no other.
        let one = entries::get::<Site>(&app, &up, &theirs.id, None).unwrap();
        assert_eq!(entries::get::<Site>(&app, &up, &one.address, None).unwrap().id, theirs.id);
        // People, purchases: not handed down.
        make::<Person>(&app, &up, json!({"name": "Ana"})).unwrap();
        make::<Purchase>(&app, &up, json!({"reference": "M-1"})).unwrap();
        assert!(keys::<Person>(&app, &north).is_empty() && keys::<Purchase>(&app, &north).is_empty());
        assert_eq!(keys::<Organisation>(&app, &north), ["epci", "commune-du-nord"]);
        let only = ListQuery { org: Some("epci".into()), org_only: Some(true), ..ListQuery::default() };
        assert_eq!(entries::list::<Site>(&app, &up, &only).unwrap().items.len(), 1);
    }

    fn the_tree_of_organisations(db: &TestDb) {
        let app = app(db);
        let t = tree(&app);
        let path = |id: &str| app.store.read(|db| Ok(reparc::db::organisations::by_id(db, id)?.unwrap().path)).unwrap();
        let school = make::<Organisation>(&app, &root(), json!({"name": "CCAS", "kind": "public_body", "parent": t.north.id})).unwrap();
        assert_eq!(path(&school.id), format!("/{}/{}/{}/", t.epci.id, t.north.id, school.id));
        assert_eq!(school.body["public_buyer"], json!(true));
        let ring = change::<Organisation>(&app, &root(), &t.epci.id, json!({"parent": school.id}));
        assert_eq!(code(ring), (Code::InvalidValue, Some("parent".into())));
        change::<Organisation>(&app, &root(), "commune-du-nord", json!({"parent": "commune-du-sud"})).unwrap();
        assert_eq!(path(&school.id), format!("/{}/{}/{}/{}/", t.epci.id, t.south.id, t.north.id, school.id));
        change::<Organisation>(&app, &root(), "commune-du-nord", json!({"parent": null})).unwrap();
        assert_eq!(path(&school.id), format!("/{}/{}/", t.north.id, school.id));
        assert_eq!(code(make::<Organisation>(&app, &root(), json!({"key": "epci", "name": "X"}))), (Code::Duplicate, Some("key".into())));
        assert_eq!(text(&make::<Organisation>(&app, &root(), json!({"name": "EPCI"})).unwrap(), "key"), "epci-2");
        let local = actor(Role::Administrator, &t.south);
        let below = make::<Organisation>(&app, &local, json!({"name": "Régie"})).unwrap();
        assert_eq!(text(&below, "parent"), "commune-du-sud");
        assert_eq!(code(make::<Organisation>(&app, &local, json!({"name": "X", "parent": "epci"}))).0, Code::Forbidden);
        assert_eq!(code(change::<Organisation>(&app, &local, "commune-du-sud", json!({"parent": null}))).0, Code::Forbidden);
        assert_eq!(code(change::<Organisation>(&app, &local, "epci", json!({"name": "X"}))).0, Code::Forbidden);
        assert_eq!(code(make::<Organisation>(&app, &root(), json!({"name": "X", "siret": "13002526500014"}))), (Code::InvalidValue, Some("siret".into())));
    }

    fn what_was_known_when(db: &TestDb) {
        let app = app(db);
        let site = make::<Site>(&app, &root(), json!({"name": "Avant"})).unwrap();
        reparc_number(db);
        let then = app.store.read(reparc::db::outbox::last_numbered).unwrap().unwrap();
        change::<Site>(&app, &root(), "avant", json!({"name": "Après"})).unwrap();
        reparc_number(db);
        let name = |known_at| entries::get::<Site>(&app, &root(), &site.id, known_at).map(|v| text(&v, "name"));
        assert_eq!(name(None).unwrap(), "Après");
        assert_eq!(name(Some(then)).unwrap(), "Avant");
        assert_eq!(code(name(Some(Day::ymd(2000, 1, 1).start()))).0, Code::NotFound);
    }

    fn purchases_and_their_lines(db: &TestDb) {
        let app = app(db);
        let t = tree(&app);
        let buyer = actor(Role::Procurement, &t.epci);
        make::<Partner>(&app, &buyer, json!({"name": "Reconditionneur", "kinds": ["supplier"], "siret": "130 025 265 00013"})).unwrap();
        make::<Model>(&app, &actor(Role::Manager, &t.epci), json!({"manufacturer": "DELL INC.", "name": "Latitude 5420", "category": "laptop"})).unwrap();
        let order = make::<Purchase>(&app, &buyer, json!({"reference": "BC 2025/17", "supplier": "reconditionneur", "ordered_on": "2025-02-01", "lines": [
            {"model": "dell-latitude-5420", "quantity": 10, "amount_cents": 300_000, "condition": "refurbished", "expense_on": "2025-03-01"},
            {"category": "monitor", "amount_cents": 100_000, "condition": "new", "expense_on": "2024-12-31"},
        ]})).unwrap();
        assert_eq!(text(&order, "key"), "bc-2025-17");
        assert_eq!(order.body["lines"][0]["key"], json!("bc-2025-17-1"));
        assert_eq!(order.body["lines"][0]["category"], json!("laptop"), "told by the model");
        assert_eq!(order.body["lines"][0]["agec_category"], json!("Matériel informatique et téléphonie"));
        assert_eq!((&order.body["lines"][0]["reuse_cents"], &order.body["lines"][0]["model"]), (&json!(300_000), &json!("dell-latitude-5420")));
        let credit = json!({"reference": "AV 1", "lines": [{"category": "laptop", "amount_cents": -50_000, "condition": "refurbished", "credit_note_of": "bc-2025-17-1", "expense_on": "2025-05-01"}]});
        make::<Purchase>(&app, &buyer, credit).unwrap();
        let lost = json!({"lines": [{"amount_cents": -1, "credit_note_of": "nothing"}]});
        assert_eq!(code(make::<Purchase>(&app, &buyer, lost)), (Code::UnknownReference, Some("lines[0].credit_note_of".into())));
        let bad = json!({"lines": [{"category": "nothing"}]});
        assert_eq!(code(make::<Purchase>(&app, &buyer, bad)), (Code::UnknownReference, Some("lines[0].category".into())));

        reparc_number(db);
        let then = app.store.read(reparc::db::outbox::last_numbered).unwrap().unwrap();
        let mut lines = order.body["lines"].clone();
        lines[0]["amount_cents"] = json!(400_000);
        change::<Purchase>(&app, &buyer, "bc-2025-17", json!({"lines": lines})).unwrap();
        reparc_number(db);
        let spent = |year, known_at| app.store.read(|db| {
            let lines = purchases::lines_for(db, &Scope::of(vec![t.epci.id.clone()]), year, known_at)?;
            Ok((lines.len(), lines.iter().map(|l| l.amount_cents).sum::<i64>(), lines.iter().map(|l| l.reuse_cents).sum::<i64>()))
        }).unwrap();
        assert_eq!(spent(2025, None), (2, 350_000, 250_000), "the re-use given before stays until it is changed");
        assert_eq!(spent(2025, Some(then)), (2, 250_000, 250_000));
        assert_eq!(spent(2024, None), (1, 100_000, 0));
        app.store.read(|db| {
            for name in ["bc-2025-17-1", "bc-2025-17/bc-2025-17-1"] {
                let found = purchases::resolve_line(db, name, Some(&t.epci.id), &Scope::All)?;
                assert_eq!(found.reference(), format!("{}/bc-2025-17-1", order.id));
            }
            let sister = purchases::resolve_line(db, "bc-2025-17-1", Some(&t.north.id), &Scope::of(vec![t.north.id.clone()]));
            assert!(sister.is_err());
            Ok(())
        }).unwrap();
    }

    fn models_of_an_import(db: &TestDb) {
        let app = app(db);
        let t = tree(&app);
        let importer = actor(Role::Manager, &t.north);
        make::<Model>(&app, &actor(Role::Manager, &t.epci), json!({"manufacturer": "Dell", "name": "Latitude 5420", "aliases": ["L5420"]})).unwrap();
        let (north, cache) = (t.north.id.clone(), app.catalogue_cache());
        let names = app.store.write(Lane::Imports, move |db| {
            let desk = Desk::open(db, &importer, Day::ymd(2025, 6, 1).start(), &cache)?;
            let mut index = models::ModelIndex::open(&desk, db, &north)?;
            let mut find = |maker, name| index.find_or_create(&desk, db, maker, name, Some("laptop"));
            let known = find(Some("DELL Computer Corporation"), "dell latitude 5420")?;
            assert_eq!(find(Some("Dell Inc."), "L5420")?, known);
            let new = find(Some("Hewlett-Packard"), "EliteBook 840 G5")?;
            assert_eq!(find(Some("HP"), "elitebook 840 g5")?, new);
            assert_ne!(new, known);
            Ok(new)
        }).unwrap();
        let made = entries::get::<Model>(&app, &actor(Role::Viewer, &t.north), &names, None).unwrap();
        assert_eq!((text(&made, "key"), text(&made, "manufacturer"), text(&made, "category")), ("hp-elitebook-840-g5".into(), "HP".into(), "laptop".into()));
        assert!(keys::<Model>(&app, &actor(Role::Viewer, &t.south)).iter().all(|k| k != "hp-elitebook-840-g5"));
    }

    fn custom_fields_check_extra(db: &TestDb) {
        let app = app(db);
        let t = tree(&app);
        let manager = actor(Role::Manager, &t.epci);
        make::<CustomField>(&app, &manager, json!({"key": "etage", "type": "number", "label": {"fr": "Étage", "en": "Floor"}})).unwrap();
        make::<CustomField>(&app, &manager, json!({"key": "etat", "type": "choice", "choices": ["bon", "moyen"]})).unwrap();
        assert_eq!(code(make::<CustomField>(&app, &manager, json!({"key": "x", "type": "choice"}))), (Code::InvalidValue, Some("choices".into())));
        assert_eq!(code(make::<CustomField>(&app, &manager, json!({"key": "x"}))), (Code::MissingField, Some("type".into())));
        let check = |extra: Value| app.store.read(|db| reparc::app::custom_fields::check(db, &t.north.id, &map(extra)));
        assert!(check(json!({"etage": 3, "etat": "bon", "libre": "x"})).is_ok());
        assert_eq!(code(check(json!({"etage": "trois"}))), (Code::InvalidValue, Some("extra.etage".into())));
        assert_eq!(code(check(json!({"etat": "cassé"}))), (Code::InvalidValue, Some("extra.etat".into())));
    }

    fn text_is_kept_verbatim(db: &TestDb) {
        let app = app(db);
        for name in ["Robert'); DROP TABLE entries;--", "<script>alert(1)</script>", "=cmd()", "日本語 🙂"] {
            let made = make::<Partner>(&app, &root(), json!({"name": name})).unwrap();
            assert_eq!(text(&entries::get::<Partner>(&app, &root(), &made.address, None).unwrap(), "name"), name);
        }
        for name in ["", " ", "a\u{0}b", "a\nb"] {
            assert_eq!(code(make::<Partner>(&app, &root(), json!({"name": name}))), (Code::InvalidValue, Some("name".into())), "{name:?}");
        }
        assert_eq!(code(make::<Partner>(&app, &root(), json!({"name": "x".repeat(201)}))).0, Code::InvalidValue);
        assert_eq!(code(make::<Partner>(&app, &root(), json!({"name": 3}))).0, Code::InvalidValue);
    }
}

/// PostgreSQL numbers what is committed on its own time; tests do it now.
fn reparc_number(db: &TestDb) {
    reparc::db::outbox::number(&db.store, "test").unwrap();
}
