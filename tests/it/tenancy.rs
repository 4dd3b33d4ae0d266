//! Nobody gets more than is theirs: every route of the OpenAPI document, with no token, a viewer's and a stranger's.
//!
//! [`TABLE`] has a row per operation. A new route without a row fails `the_table_is_whole`.

mod neighbour;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::client::{Answer, Client};

pub use neighbour::Neighbour;

/// What a viewer hears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Viewer {
    /// It may read this: 200.
    Reads,
    /// 403, whatever is sent.
    Refused,
}
use Viewer::{Reads, Refused};

/// One operation. `{…}` in the path stands for the neighbour's thing (see [`Neighbour::fill`]); what follows `?` is
/// sent but is no part of the template.
struct Row {
    method: &'static str,
    path: &'static str,
    viewer: Viewer,
    /// Sent by the viewer and the stranger, so that it is the scope that refuses and not the shape.
    body: &'static str,
}

const fn get(path: &'static str, viewer: Viewer) -> Row {
    Row {
        method: "GET",
        path,
        viewer,
        body: "",
    }
}
const fn post(path: &'static str, body: &'static str) -> Row {
    Row {
        method: "POST",
        path,
        viewer: Refused,
        body,
    }
}
const fn patch(path: &'static str, body: &'static str) -> Row {
    Row {
        method: "PATCH",
        path,
        viewer: Refused,
        body,
    }
}

/// Every operation below `/api/v1`.
const TABLE: &[Row] = &[
    get("/me", Reads),
    get("/tokens", Refused),
    post(
        "/tokens",
        r#"{"name":"x","role":"viewer","organisation":"beta"}"#,
    ),
    get("/tokens/{id}", Refused),
    patch("/tokens/{id}", r#"{"revoked":true}"#),
    get("/accounts", Refused),
    post(
        "/accounts",
        r#"{"name":"x","role":"viewer","password":"correct horse battery","organisation":"beta"}"#,
    ),
    get("/accounts/{id}", Refused),
    patch("/accounts/{id}", r#"{"disabled":true}"#),
    get("/audit", Refused),
    get("/organisations", Reads),
    post(
        "/organisations",
        r#"{"key":"gamma","name":"x","kind":"commune","parent":"beta"}"#,
    ),
    get("/organisations/{key}", Reads),
    patch("/organisations/{key}", r#"{"name":"x"}"#),
    get("/sites?q=depot", Reads),
    post("/sites", r#"{"name":"x","parent":"beta-depot"}"#),
    get("/sites/{key}", Reads),
    patch("/sites/{key}", r#"{"name":"x"}"#),
    get("/people?total=true", Refused),
    post("/people", r#"{"name":"x","organisation":"beta"}"#),
    get("/people/{key}", Refused),
    patch("/people/{key}", r#"{"name":"x"}"#),
    post("/people/{key}/erase", r#"{"reason":"x"}"#),
    get("/partners?q=zephyrine", Reads),
    post(
        "/partners",
        r#"{"name":"x","kinds":["repairer"],"organisation":"beta"}"#,
    ),
    get("/partners/{key}", Reads),
    patch("/partners/{key}", r#"{"name":"x"}"#),
    get("/categories", Reads),
    post("/categories", r#"{"name":"x","organisation":"beta"}"#),
    get("/categories/{key}", Reads),
    patch("/categories/{key}", r#"{"name":"x"}"#),
    get("/models?q=zephyrine", Reads),
    post("/models", r#"{"name":"x","category":"beta-box"}"#),
    get("/models/{key}", Reads),
    patch("/models/{key}", r#"{"name":"x"}"#),
    get("/purchases", Reads),
    post("/purchases", r#"{"kind":"order","supplier":"beta-shop"}"#),
    get("/purchases/{key}", Reads),
    patch("/purchases/{key}", r#"{"reference":"x"}"#),
    get("/contracts", Reads),
    post("/contracts", r#"{"supplier":"beta-shop"}"#),
    get("/contracts/{key}", Reads),
    patch("/contracts/{key}", r#"{"reference":"x"}"#),
    get("/custom_fields", Reads),
    post(
        "/custom_fields",
        r#"{"key":"x","type":"text","organisation":"beta"}"#,
    ),
    get("/custom_fields/{key}", Reads),
    patch("/custom_fields/{key}", r#"{"name":"x"}"#),
    get("/mappings", Reads),
    post(
        "/mappings",
        r#"{"key":"x","name":"x","columns":{"a":"serial"},"organisation":"beta"}"#,
    ),
    get("/mappings/{key}", Reads),
    patch("/mappings/{key}", r#"{"name":"x"}"#),
    get("/devices?q=zephyrine&total=true", Reads),
    post("/devices", r#"{"category":"laptop","site":"beta-depot"}"#),
    get("/devices/{tag}", Reads),
    patch("/devices/{tag}", r#"{"name":"x"}"#),
    get("/devices/{tag}/events", Reads),
    post(
        "/devices/{tag}/events",
        r#"{"kind":"audit","on":"2024-03-01"}"#,
    ),
    post(
        "/events",
        r#"{"items":[{"device":"BETA-001","kind":"audit","on":"2024-03-01"}]}"#,
    ),
    get("/scan?code=BETA-001", Reads),
    get("/scan/{code}", Reads),
    post(
        "/scans",
        r#"{"items":[{"key":"x","code":"BETA-001","act":"move","site":"beta-depot"}]}"#,
    ),
    get("/readings", Refused),
    get("/readings/{key}", Refused),
    post("/readings/{key}/settle", r#"{"dismiss":true}"#),
    post(
        "/decisions",
        r#"{"reference":"x","on":"2024-03-01","devices":["BETA-001"],"cause":"obsolete"}"#,
    ),
    get("/wipes", Reads),
    post(
        "/wipes",
        r#"{"devices":["BETA-001"],"on":"2024-03-01","method":"purge","verified":true}"#,
    ),
    post("/wipes/evidence", "{}"),
    get("/wipes/{key}", Reads),
    patch("/wipes/{key}", r#"{"tool":"x"}"#),
    get("/repairs", Reads),
    post(
        "/repairs",
        r#"{"device":"BETA-001","opened_on":"2024-03-01","fault":"x"}"#,
    ),
    get("/repairs/{key}", Reads),
    patch(
        "/repairs/{key}",
        r#"{"closed_on":"2024-04-01","outcome":"fixed"}"#,
    ),
    get("/exits", Reads),
    post(
        "/exits",
        r#"{"kind":"donation","partner":"beta-shop","on":"2024-03-01","devices":["BETA-001"]}"#,
    ),
    get("/exits/{key}", Reads),
    patch("/exits/{key}", r#"{"undertaking_on":"2024-03-01"}"#),
    get("/changes?limit=1000", Reads),
    get("/indicators", Reads),
    get("/indicators/{id}", Reads),
    get("/indicators/{id}/items?side=denominator", Reads),
    get("/devices/{tag}/label.{format}", Refused),
    post("/labels", r#"{"tags":["BETA-001"],"layout":"L7159"}"#),
    get("/attachments?about=device:BETA-001", Reads),
    post("/attachments?about=device:BETA-001", r#"{}"#),
    get("/attachments/{id}", Reads),
    get("/attachments/{id}/content", Reads),
    get("/exports/{file}", Reads),
    get("/imports", Reads),
    post("/imports?dry_run=true&org=beta", r#"{}"#),
    get("/imports/{id}", Reads),
    post("/imports/{id}/commit", ""),
    post("/imports/{id}/undo", ""),
];

/// Addresses whose last part is no thing of anybody's: the stranger gets its own answer there.
const SHARED: &[&str] = &["/indicators/", "/exports/", "/scan/"];

fn template(row: &Row) -> String {
    format!(
        "{} /api/v1{}",
        row.method,
        row.path.split('?').next().unwrap()
    )
}

fn documented() -> BTreeSet<String> {
    let document = serde_json::to_value(reparc::http::openapi::document()).unwrap();
    let mut all = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            all.insert(format!("{} {path}", method.to_uppercase()));
        }
    }
    all
}

/// The rows whose route is there.
fn rows() -> impl Iterator<Item = &'static Row> {
    let there = documented();
    TABLE
        .iter()
        .filter(move |row| there.contains(&template(row)))
}

/// Words of the neighbour that are never sent by the stranger, so that none may ever come back.
const SECRETS: &[&str] = &["Zéphyrine", "Quincampoix", "neighbour-robot", "QCPX"];

fn fill(path: &str, key: &str) -> String {
    let path = path.replace("{format}", "svg");
    ["{id}", "{key}", "{tag}", "{code}", "{file}"]
        .iter()
        .fold(path, |path, name| path.replace(name, key))
}

fn ask(client: &Client, row: &Row, path: &str) -> Answer {
    match row.method {
        "GET" => client.get(path),
        method if row.body.is_empty() => client.send(method, &format!("/api/v1{path}"), &[], b""),
        method => client.json(method, path, &[], &serde_json::from_str(row.body).unwrap()),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[track_caller]
pub fn tells_nothing(answer: &Answer, of: &str) {
    let body = answer.text();
    for secret in SECRETS {
        assert!(!body.contains(secret), "{of} tells “{secret}”: {body}");
    }
    for (name, value) in &answer.headers {
        assert!(
            !SECRETS.iter().any(|s| value.contains(s)),
            "{of} tells it in {name}"
        );
    }
}

#[test]
fn the_table_is_whole() {
    let documented = documented();
    let listed: BTreeSet<String> = TABLE.iter().map(template).collect();
    let missing: Vec<_> = documented.difference(&listed).collect();
    assert!(
        missing.is_empty(),
        "routes without a row in tests/it/tenancy.rs: {missing:#?}"
    );
    let gone: Vec<_> = listed.difference(&documented).collect();
    assert!(gone.is_empty(), "rows without a route: {gone:#?}");
}

#[test]
fn nobody_comes_in_without_a_token() {
    let neighbour = Neighbour::new();
    let nobody = neighbour.server.anonymous();
    for row in rows() {
        let answer = ask(&nobody, row, &neighbour.fill(row.path));
        assert_eq!(
            answer.status,
            401,
            "{} {}: {}",
            row.method,
            row.path,
            answer.text()
        );
        answer.refused(401, "unauthenticated");
        tells_nothing(&answer, row.path);
    }
}

#[test]
fn a_viewer_reads_and_writes_nothing() {
    let neighbour = Neighbour::new();
    // At the root it sees everything: what is refused is refused for the right alone.
    let viewer = neighbour.server.client("viewer", None);
    for row in rows() {
        let path = neighbour.fill(row.path);
        let name = format!("{} {path}", row.method);
        let wanted = if row.viewer == Reads { 200 } else { 403 };
        let answer = ask(&viewer, row, &path);
        assert_eq!(answer.status, wanted, "{name}: {}", answer.text());
        if row.method != "GET" {
            // The right comes before the shape.
            let empty = viewer.json(row.method, &path, &[], &json!({}));
            assert_eq!(empty.status, 403, "{name}: {}", empty.text());
        } else {
            assert!(
                !answer.text().contains("Aubépine"),
                "{name} shows people to a viewer"
            );
        }
    }
}

#[test]
fn a_stranger_finds_nothing_of_its_neighbour() {
    let neighbour = Neighbour::new();
    let stranger = neighbour.stranger();
    for row in rows() {
        let answer = ask(&stranger, row, &neighbour.fill(row.path));
        let name = format!("{} {}", row.method, row.path);
        tells_nothing(&answer, &name);
        let status = answer.status;
        if SHARED.iter().any(|shared| row.path.starts_with(shared)) {
            assert_eq!(status, 200, "{name}: {}", answer.text());
            if row.path.starts_with("/scan") {
                assert_eq!(answer.value()["matches"], json!([]));
            }
        } else if row.path.contains('{') {
            let absent = ask(&stranger, row, &fill(row.path, "nobody-has-this"));
            assert_eq!(status, absent.status, "{name}: absent and not yours differ");
            answer.refused(404, "not_found");
            assert_eq!(
                absent.body, answer.body,
                "{name}: absent and not yours differ"
            );
        } else if row.path == "/scans" {
            // To the stranger the code is one that nothing has: it waits among the stranger's own.
            let told = answer.expect(207);
            assert_eq!(told["items"][0]["reading"]["why"], "unknown", "{name}");
            assert_eq!(told["items"][0]["reading"]["device"], Value::Null, "{name}");
        } else if row.method == "GET" && row.path.contains("org=") {
            assert!(
                (400..=422).contains(&status),
                "{name}: {status} {}",
                answer.text()
            );
        } else if row.method == "GET" {
            let body = answer.expect(200);
            if let Some(total) = body.get("total").and_then(Value::as_i64) {
                assert_eq!(total, 0, "{name} counts the neighbour's");
            }
        } else {
            assert!(
                (404..=422).contains(&status),
                "{name}: {status} {}",
                answer.text()
            );
        }
    }
    // And the neighbour still has it all, unchanged.
    for row in rows().filter(|r| r.method == "GET") {
        assert_eq!(
            ask(&neighbour.beta, row, &neighbour.fill(row.path)).status,
            200,
            "{}",
            row.path
        );
    }
    let device = neighbour.beta.get("/devices/BETA-001").expect(200);
    assert_eq!(
        (&device["stage"], &device["name"]),
        (&json!("in_use"), &json!("Zéphyrine"))
    );
}
