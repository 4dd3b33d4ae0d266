//! Bad input on every route of the OpenAPI document: a refusal with a code, never a fault, nothing stored.

use reparc::error::Code;
use serde_json::{Value, json};

use crate::support::client::{Answer, Client};
use crate::tenancy::Neighbour;

/// An operation of the document, its path filled with a thing that exists.
struct Operation {
    method: String,
    template: String,
    path: String,
    body: Option<Value>,
}

fn operations(neighbour: &Neighbour) -> (Value, Vec<Operation>) {
    let document = serde_json::to_value(reparc::http::openapi::document()).unwrap();
    let mut all = Vec::new();
    for (template, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let short = template.strip_prefix("/api/v1").unwrap();
            all.push(Operation {
                method: method.to_uppercase(),
                path: neighbour.fill(short),
                template: short.to_owned(),
                body: operation
                    .pointer("/requestBody/content/application~1json/schema")
                    .cloned(),
            });
        }
    }
    (document, all)
}

/// Refused with a code of the contract, and without a word of what is underneath.
#[track_caller]
fn refused(answer: &Answer, what: &str) {
    assert!(
        (400..500).contains(&answer.status),
        "{what}: {} {}",
        answer.status,
        answer.text()
    );
    coded(answer, what);
}

#[track_caller]
fn coded(answer: &Answer, what: &str) {
    assert!(
        answer.status < 500,
        "{what}: {} {}",
        answer.status,
        answer.text()
    );
    if answer.status < 400 {
        return;
    }
    let body = answer.value();
    let code = body["code"].as_str().and_then(Code::parse);
    assert!(
        code.is_some_and(|c| c.status() == answer.status),
        "{what}: {body}"
    );
    let told = answer.text();
    for word in ["SQL", "sqlite", "diesel", "panicked", "constraint"] {
        assert!(!told.contains(word), "{what} tells {word}: {told}");
    }
}

#[test]
fn bodies_that_are_no_json() {
    let neighbour = Neighbour::new();
    let (_, operations) = operations(&neighbour);
    let deep = "[".repeat(50_000);
    let nested = format!("{{\"name\":{}1{}}}", "[".repeat(100), "]".repeat(100));
    let bodies: [&[u8]; 7] = [
        b"",
        b"{",
        b"[]",
        b"7",
        b"{\"name\":\"\xff\xfe\"}",
        deep.as_bytes(),
        nested.as_bytes(),
    ];
    for operation in operations.iter().filter(|o| o.body.is_some()) {
        let path = format!("/api/v1{}", operation.path);
        for (i, body) in bodies.iter().enumerate() {
            let what = format!("{} {} with body {i}", operation.method, operation.template);
            let json = [("Content-Type", "application/json")];
            refused(
                &neighbour.beta.send(&operation.method, &path, &json, body),
                &what,
            );
        }
        let what = format!("{} {} as text", operation.method, operation.template);
        let text = [("Content-Type", "text/plain")];
        neighbour
            .beta
            .send(&operation.method, &path, &text, b"{}")
            .refused(415, "unsupported_media");
        let unknown = neighbour.beta.send(
            &operation.method,
            &path,
            &[("Content-Type", "application/json")],
            b"{\"zzz_unknown\":1}",
        );
        refused(&unknown, &what);
    }
}

#[test]
fn addresses_and_parameters_that_mean_nothing() {
    let neighbour = Neighbour::new();
    let (_, operations) = operations(&neighbour);
    for operation in &operations {
        let ask = |path: &str| {
            let json = [("Content-Type", "application/json")];
            let (headers, body): (&[_], &[u8]) = match &operation.body {
                Some(_) => (&json, b"{}"),
                None => (&[], b""),
            };
            neighbour
                .beta
                .send(&operation.method, &format!("/api/v1{path}"), headers, body)
        };
        let what = format!("{} {}", operation.method, operation.template);
        if operation.method == "GET" {
            let with = if operation.path.contains('?') {
                '&'
            } else {
                '?'
            };
            ask(&format!("{}{with}zzz_unknown=1", operation.path))
                .refused(400, "unknown_parameter");
            for bad in [
                "%00=1",
                "zzz=%00",
                "zzz=%ff%fe",
                "limit=%00",
                "cursor=%F0%28%8C%28",
                "as_of=0000-00-00",
                "limit=99999999999999999999",
            ] {
                refused(
                    &ask(&format!("{}{with}{bad}", operation.path)),
                    &format!("{what}?{bad}"),
                );
            }
        }
        if operation.template.contains('{') {
            for odd in [
                "%00",
                "a%0Ab",
                "%ff%fe",
                "..%2f..%2fetc%2fpasswd",
                "'%20OR%201=1--",
                "%F0%9F%92%A9",
                &"x".repeat(1500),
            ] {
                let path = ["{id}", "{key}", "{tag}", "{code}", "{table}", "{ext}"]
                    .iter()
                    .fold(operation.template.clone(), |p, n| p.replace(n, odd));
                let answer = ask(&path);
                coded(&answer, &format!("{what} with {odd}"));
                assert!(
                    answer.status >= 400 || operation.template.starts_with("/scan"),
                    "{what} with {odd}: {}",
                    answer.status
                );
            }
        }
    }
}

/// Names of fields that documents of free form (`Object`) do not list.
const NAMES: &[&str] = &[
    "key",
    "name",
    "kind",
    "on",
    "at",
    "tag",
    "category",
    "organisation",
    "site",
    "holder",
    "devices",
    "items",
    "partner",
    "lines",
    "event",
    "reference",
    "cause",
    "fault",
    "opened_on",
    "closed_on",
    "parts",
    "cost_cents",
    "hours",
    "outcome",
    "method",
    "convention",
    "commitment",
    "extra",
    "codes",
    "serial",
    "to_organisation",
    "override",
    "device",
    "note",
    "weight_g",
    "purchase_price_cents",
    "aliases",
    "siret",
    "parent",
    "kinds",
    "tags",
    "layout",
    "start",
];

fn odd_values() -> Vec<Value> {
    vec![
        json!(null),
        json!(7),
        json!(-1),
        json!(1e300),
        json!(9_223_372_036_854_775_807_i64),
        json!(true),
        json!(""),
        json!("a\u{0}b"),
        json!("\u{7}"),
        json!("x".repeat(5000)),
        json!([]),
        json!([[]]),
        json!([7]),
        json!({}),
        json!({"a": {"b": {"c": 1}}}),
        json!("0000-01-01"),
        json!("9999-12-31"),
        json!("2199-01-01"),
        json!("'; DROP TABLE devices; --"),
        json!("<script>alert(1)</script>"),
        json!("=cmd()"),
    ]
}

#[test]
fn values_of_the_wrong_kind_are_never_a_fault() {
    let neighbour = Neighbour::new();
    let (document, operations) = operations(&neighbour);
    for operation in operations.iter().filter(|o| o.body.is_some()) {
        let names = properties(&document, operation.body.as_ref().unwrap());
        for (i, name) in names.into_iter().enumerate() {
            // A third of the values for each name, another third for the next: every value meets every route.
            for value in odd_values().into_iter().skip(i % 3).step_by(3) {
                let body = json!({ name.as_str(): value });
                let answer = neighbour
                    .beta
                    .json(&operation.method, &operation.path, &[], &body);
                let shown: String = body.to_string().chars().take(80).collect();
                coded(
                    &answer,
                    &format!("{} {} {shown}", operation.method, operation.template),
                );
            }
        }
    }
}

fn properties(document: &Value, schema: &Value) -> Vec<String> {
    let pointer = schema["$ref"]
        .as_str()
        .map(|r| r.trim_start_matches('#').to_owned());
    let schema = pointer.and_then(|p| document.pointer(&p)).unwrap_or(schema);
    match schema["properties"].as_object() {
        Some(properties) => properties.keys().cloned().collect(),
        None => NAMES.iter().map(|n| (*n).to_owned()).collect(),
    }
}

#[test]
fn texts_are_stored_verbatim_and_shown_harmless() {
    let neighbour = Neighbour::new();
    let beta = &neighbour.beta;
    for (i, text) in [
        "Robert'); DROP TABLE devices;--",
        "<img src=x onerror=alert(1)>",
        "=cmd()|' /C calc'!A0",
        "日本語 🧪 “é” \u{202e}x",
        "%_\\",
        "NULL",
        "{{7*7}}",
    ]
    .iter()
    .enumerate()
    {
        let tag = format!("TXT-{i}00");
        let new = json!({"tag": tag, "category": "laptop", "name": text, "event": {"kind": "receive", "on": "2024-01-10", "note": text}});
        beta.post("/devices", new).expect(201);
        assert_eq!(
            beta.get(&format!("/devices/{tag}")).expect(200)["name"],
            *text
        );
        let found = beta.post("/sites", json!({"name": text})).expect(201);
        assert_eq!(
            beta.get(&format!("/sites/{}", found["key"].as_str().unwrap()))
                .expect(200)["name"],
            *text
        );
    }
}

#[test]
fn dates_out_of_this_world() {
    let neighbour = Neighbour::new();
    let record = |on: &str| {
        let body = json!({"kind": "observe", "on": on});
        neighbour.beta.post("/devices/BETA-001/events", body)
    };
    for on in [
        "0000-01-01",
        "0001-01-01",
        "2024-02-30",
        "2024-13-01",
        "tomorrow",
        "2024-1-1",
        "2024-01-01T00:00:00Z",
    ] {
        record(on).refused(422, "invalid_value");
    }
    let tomorrow = reparc::app::Clock::system().today().next();
    for on in [tomorrow.to_string(), "9999-12-31".to_owned()] {
        record(&on).refused(422, "future_date");
    }
    record("9999-12-31").refused(422, "future_date");
    for parameter in ["as_of", "acquired_from", "retired_to"] {
        for on in ["0000-01-01", "9999-12-31", "x"] {
            let refused = neighbour
                .beta
                .get(&format!("/devices?{parameter}={on}"))
                .refused(400, "invalid_parameter");
            assert_eq!(refused["field"], parameter);
        }
    }
}

#[test]
fn nothing_refused_is_stored() {
    let neighbour = Neighbour::new();
    let count = |client: &Client, path: &str| {
        client.get(path).expect(200)["items"]
            .as_array()
            .map(Vec::len)
    };
    let before: Vec<_> = ["/devices?limit=1000", "/sites", "/devices/BETA-001/events"]
        .map(|p| count(&neighbour.beta, p))
        .into();
    let beta = &neighbour.beta;
    refused(
        &beta.post("/devices", json!({"category": "laptop", "name": "a\u{7}"})),
        "a bell",
    );
    refused(
        &beta.post(
            "/devices",
            json!({"category": "laptop", "event": {"kind": "allocate", "on": "2024-01-01"}}),
        ),
        "no opening",
    );
    refused(
        &beta.post("/devices", json!({"category": "laptop", "site": "nowhere"})),
        "no such site",
    );
    refused(
        &beta.post("/sites", json!({"name": "x", "nope": 1})),
        "unknown field",
    );
    let batch = json!({"items": [
        {"device": "BETA-001", "kind": "audit", "on": "2024-02-10"},
        {"device": "BETA-001", "kind": "receive", "on": "2024-02-11"},
    ]});
    let answer = beta.post("/events", batch);
    refused(&answer, "a batch with one bad item");
    assert_eq!(answer.value()["item"], 1);
    let after: Vec<_> = ["/devices?limit=1000", "/sites", "/devices/BETA-001/events"]
        .map(|p| count(beta, p))
        .into();
    assert_eq!(before, after);
}
