//! Reference tables over REST: status, headers, page shape, and the erasure of a person.

use reparc::app::people;
use reparc::app::{Actor, App, Clock};
use reparc::db::events::{self, Private};
use reparc::db::{Lane, books, entries};
use reparc::domain::text::Line;
use serde_json::{Value, json};

use crate::support::ledger;
use crate::support::server::Server;

const TABLES: &[(&str, &str)] = &[
    ("organisations", r#"{"name":"Commune A","kind":"commune"}"#),
    ("sites", r#"{"name":"Mairie"}"#),
    (
        "partners",
        r#"{"name":"Emmaüs","kinds":["beneficiary"],"ess":true}"#,
    ),
    ("categories", r#"{"name":"Borne","weee_category":4}"#),
    (
        "models",
        r#"{"manufacturer":"Dell Inc.","name":"Latitude 5420","category":"laptop"}"#,
    ),
    ("custom_fields", r#"{"type":"text","label":{"fr":"Étage"}}"#),
    (
        "mappings",
        r#"{"name":"Tableur","columns":{"N°":"serial"}}"#,
    ),
    ("people", r#"{"name":"Ana Pérez"}"#),
    (
        "purchases",
        r#"{"reference":"BC-1","lines":[{"category":"laptop","amount_cents":1}]}"#,
    ),
    ("contracts", r#"{"reference":"M-1"}"#),
];

/// Members that the shapes of the contract promise.
const SHAPES: &[(&str, &[&str])] = &[
    (
        "organisations",
        &[
            "key",
            "name",
            "parent",
            "kind",
            "siret",
            "population",
            "population_year",
            "public_buyer",
        ],
    ),
    (
        "sites",
        &[
            "key",
            "name",
            "parent",
            "organisation",
            "address",
            "ban_id",
            "zone",
            "pool",
        ],
    ),
    (
        "people",
        &["key", "name", "service", "organisation", "external_id"],
    ),
    (
        "partners",
        &[
            "key",
            "name",
            "kinds",
            "siret",
            "beneficiary_kind",
            "local",
            "ess",
            "qualirepar",
        ],
    ),
    (
        "categories",
        &[
            "key",
            "name",
            "weee_category",
            "agec_category",
            "bears_data",
            "weight_g",
            "lifetime_years",
        ],
    ),
    (
        "models",
        &[
            "key",
            "manufacturer",
            "name",
            "category",
            "aliases",
            "weight_g",
            "index_kind",
            "index_value",
        ],
    ),
    (
        "purchases",
        &[
            "key",
            "organisation",
            "kind",
            "supplier",
            "ordered_on",
            "reference",
            "lines",
        ],
    ),
];

const LINE: &[&str] = &[
    "key",
    "label",
    "category",
    "model",
    "quantity",
    "amount_cents",
    "reuse_cents",
    "recycled_cents",
    "expense_on",
    "agec_category",
    "condition",
    "tenure",
    "credit_note_of",
    "exempt_reason",
];

#[test]
fn every_table_has_the_same_manners() {
    for server in Server::each() {
        let admin = server.admin();
        for (table, body) in TABLES {
            let body: Value = serde_json::from_str(body).unwrap();
            let made = admin.post(&format!("/{table}"), body);
            let row = made.expect(201);
            let key = row["key"].as_str().unwrap();
            let at = format!("/{table}/{key}");
            assert_eq!(
                made.header("location"),
                Some(format!("/api/v1{at}").as_str())
            );
            let tag = made.header("etag").unwrap().to_owned();
            let read = admin.get(&at);
            assert_eq!(
                (read.expect(200), read.header("etag")),
                (row.clone(), Some(tag.as_str()))
            );

            let same = admin.patch(&at, row.clone());
            assert_eq!(
                (same.expect(200), same.header("etag")),
                (row.clone(), Some(tag.as_str())),
                "{table}"
            );
            let name = if *table == "purchases" || *table == "contracts" {
                "reference"
            } else {
                "name"
            };
            let renamed = json!({name: "Tout nouveau nom"});
            admin
                .json("PATCH", &at, &[("If-Match", "\"v9\"")], &renamed)
                .refused(412, "stale");
            let changed = admin.json("PATCH", &at, &[("If-Match", &tag)], &renamed);
            assert_eq!(changed.expect(200)[name], "Tout nouveau nom");
            assert_ne!(changed.header("etag"), Some(tag.as_str()));
            admin
                .json("PATCH", &at, &[("If-Match", &tag)], &renamed)
                .refused(412, "stale");

            let page = admin
                .get(&format!("/{table}?total=true&q=nouveau"))
                .expect(200);
            assert_eq!(
                (&page["total"], &page["next"], &page["items"][0]),
                (&json!(1), &Value::Null, &changed.value())
            );
            admin.patch(&at, json!({"archived": true})).expect(200);
            assert_eq!(
                admin.get(&format!("/{table}?q=nouveau")).expect(200)["items"],
                json!([])
            );
            let all = admin
                .get(&format!("/{table}?q=nouveau&include=archived"))
                .expect(200);
            assert_eq!(all["items"][0]["archived"], true);

            admin
                .get(&format!("/{table}?nope=1"))
                .refused(400, "unknown_parameter");
            admin
                .get(&format!("/{table}?limit=1001"))
                .refused(400, "invalid_parameter");
            admin
                .get(&format!("/{table}?cursor=x"))
                .refused(400, "invalid_parameter");
            admin
                .get(&format!("/{table}/nowhere"))
                .refused(404, "not_found");
            admin
                .get(&format!("/{table}/a%00b"))
                .refused(404, "not_found");
            admin
                .get(&format!("/{table}/%F0%9F%99%82"))
                .refused(404, "not_found");
            admin
                .post(&format!("/{table}"), json!([]))
                .refused(400, "malformed");
            admin
                .post(&format!("/{table}"), json!({name: "a\u{7}"}))
                .refused(422, "invalid_value");
            admin
                .post(
                    &format!("/{table}"),
                    json!({"nope": 1, "name": "x", "type": "text"}),
                )
                .refused(400, "unknown_field");
        }
        for (table, members) in SHAPES {
            let page = admin
                .get(&format!("/{table}?include=archived&limit=1"))
                .expect(200);
            for member in *members {
                assert!(page["items"][0].get(member).is_some(), "{table} {member}");
            }
        }
        let orders = admin.get("/purchases?include=archived&q=bc").expect(200);
        for member in LINE {
            assert!(
                orders["items"][0]["lines"][0].get(member).is_some(),
                "{member}"
            );
        }
    }
}

#[test]
fn keys_are_given_or_made() {
    let server = Server::sqlite();
    let admin = server.admin();
    let site = admin
        .post("/sites", json!({"key": "S-1", "name": "Un"}))
        .expect(201);
    assert_eq!(site["key"], "S-1");
    let clash = admin
        .post("/sites", json!({"key": "S-1", "name": "Deux"}))
        .refused(409, "duplicate");
    assert_eq!(clash["field"], "key");
    let wrong = admin
        .post("/sites", json!({"key": "a/b", "name": "Deux"}))
        .refused(422, "invalid_value");
    assert_eq!(wrong["field"], "key");
    let person = admin
        .post("/people", json!({"name": "Ana", "external_id": "aperez"}))
        .expect(201);
    let key = person["key"].as_str().unwrap();
    assert!(
        key.len() == 9
            && key.starts_with('p')
            && key
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    );
    let given = admin
        .post("/people", json!({"key": "ana", "name": "Ana"}))
        .refused(422, "invalid_value");
    assert_eq!(given["field"], "key");
    let once = admin.post_once("/partners", "k1", json!({"name": "ACME"}));
    let again = admin.post_once("/partners", "k1", json!({"name": "ACME"}));
    assert_eq!(
        (once.expect(201), again.header("idempotency-replayed")),
        (again.expect(201), Some("true"))
    );
    admin.get("/contracts/S-1").refused(404, "not_found");
    let order = admin
        .post("/purchases", json!({"reference": "BC"}))
        .expect(201);
    admin
        .get(&format!("/contracts/{}", order["key"].as_str().unwrap()))
        .refused(404, "not_found");
    admin
        .post("/contracts", json!({"kind": "order"}))
        .refused(422, "invalid_value");
}

#[test]
fn people_are_seen_by_few() {
    let server = Server::sqlite();
    let admin = server.admin();
    let key = admin.post("/people", json!({"name": "Ana"})).expect(201)["key"]
        .as_str()
        .unwrap()
        .to_owned();
    for role in ["viewer", "procurement"] {
        let who = server.client(role, None);
        who.get("/people").refused(403, "forbidden");
        who.get(&format!("/people/{key}")).refused(403, "forbidden");
        who.get("/people/nobody").refused(403, "forbidden");
        who.post("/people", json!({})).refused(403, "forbidden");
    }
    let technician = server.client("technician", None);
    technician.get(&format!("/people/{key}")).expect(200);
    technician
        .post(&format!("/people/{key}/erase"), json!({"reason": "x"}))
        .refused(403, "forbidden");
    // No name in an address: cursors are among them.
    for n in 0..3 {
        admin
            .post("/people", json!({"name": format!("Zéphyrine {n}")}))
            .expect(201);
    }
    let next = admin.get("/people?limit=2").expect(200)["next"]
        .as_str()
        .unwrap()
        .to_owned();
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(next)
        .unwrap();
    assert!(!String::from_utf8_lossy(&bytes).contains("phyrine"));
}

on_both_engines! {
    fn an_erased_person_leaves_a_key(db: &TestDb) {
        let app = App::new(db.store.clone(), Clock::system(), "x").unwrap();
        let root = Actor::operator();
        let create = |name: &str| {
            let body = reparc::app::entries::object(json!({"name": name, "service": "DSI", "external_id": "ext"})).unwrap();
            let (now, cache, who) = (app.clock.now(), app.catalogue_cache(), root.clone());
            app.store.write(Lane::Interactive, move |db| {
                let desk = reparc::app::entries::Desk::open(db, &who, now, &cache)?;
                reparc::app::entries::create::<reparc::domain::person::Person>(db, &desk, body.clone())
            }).unwrap()
        };
        let (ana, bob) = (create("Ana Pérez"), create("Bob"));
        let main = app.store.read(|db| Ok(reparc::db::organisations::main(db)?.unwrap().id)).unwrap();
        let of_ana = held(&app, &main, &ana.id);
        let of_bob = held(&app, &main, &bob.id);

        let why = || reparc::domain::input::parse::<people::Erase>(json!({"reason": "demande du 3 mai"})).unwrap();
        let done = people::erase(&app, &root, &ana.address, why()).unwrap();
        assert_eq!((done.key.as_str(), done.erased, done.events), (ana.address.as_str(), true, 1));
        let view = reparc::app::entries::get::<reparc::domain::person::Person>(&app, &root, &ana.address, None).unwrap();
        for field in ["name", "service", "external_id"] {
            assert_eq!(view.body[field], Value::Null);
        }
        assert_eq!((&view.body["erased"], &view.body["archived"]), (&json!(true), &json!(true)));
        let again = reparc::app::entries::patch::<reparc::domain::person::Person>(
            &app, &root, &ana.address, reparc::app::entries::object(json!({"name": "Ana"})).unwrap(), reparc::app::Expected::Anything);
        assert!(again.is_err(), "a name does not come back");
        app.store.read(|db| {
            let row = entries::by_id(db, &ana.id)?.unwrap();
            assert_eq!((row.name.as_str(), row.version), ("", 2));
            assert_eq!(events::private_of(db, &[of_ana.clone(), of_bob.clone()])?.into_keys().collect::<Vec<_>>(), std::slice::from_ref(&of_bob));
            let listed = events::all_erasures(db)?;
            assert_eq!(listed.len(), 2, "the event and the row");
            assert!(listed.iter().all(|e| e.person.as_deref() == Some(ana.id.as_str())));
            Ok(())
        }).unwrap();
        let mut raw = db.raw();
        let left = dump(&mut raw);
        assert!(!left.contains("Pérez") && left.contains("Bob"), "{left}");
        if let Some(file) = db.store.file() {
            let list = std::fs::read_to_string(format!("{}.erasures.ndjson", file.display())).unwrap();
            assert_eq!(list.lines().count(), 2);
        }
        // Again, for what was written since.
        let later = held(&app, &main, &ana.id);
        assert_eq!(people::erase(&app, &root, &ana.address, why()).unwrap().events, 1);
        app.store.read(|db| {
            assert!(events::private_of(db, std::slice::from_ref(&later))?.is_empty());
            assert_eq!(entries::by_id(db, &ana.id)?.unwrap().version, 2);
            Ok(())
        }).unwrap();
    }
}

/// A device held by this person, with a note on the event; its id.
fn held(app: &App, org: &str, person: &str) -> String {
    let mut device = ledger::device(org, 2);
    let fields = json!({"note": "remis à Ana Pérez"});
    let private = Private::seal(fields.as_object().unwrap());
    let (event, kept) = &mut device.events[1];
    event.fields.holder = Some(Line::parse(person).unwrap());
    event.private = private.as_ref().map(Private::hash);
    *kept = private;
    let id = event.id.clone();
    app.store
        .write(Lane::Interactive, move |db| {
            books::insert_new(db, std::slice::from_ref(&device))
        })
        .unwrap();
    id
}

/// What the tables say of people.
fn dump(db: &mut reparc::db::Db) -> String {
    use diesel::RunQueryDsl;
    #[derive(diesel::QueryableByName)]
    struct Text {
        #[diesel(sql_type = diesel::sql_types::Text)]
        text: String,
    }
    let sql = "SELECT name || payload AS text FROM entries UNION ALL SELECT payload AS text FROM entry_versions \
               UNION ALL SELECT payload AS text FROM events UNION ALL SELECT detail AS text FROM audit";
    let rows: Vec<Text> = diesel::sql_query(sql).load(db).unwrap();
    rows.into_iter().map(|row| row.text).collect()
}
