//! The figures as served: the contract's own path, lists page by page, known then and known now, money, refusals.

use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::server::Server;

fn device(client: &Client, tag: &str, organisation: &str) {
    let body = json!({"category": "laptop", "tag": tag, "organisation": organisation, "acquired_on": "2019-01-01",
        "event": {"kind": "receive", "on": "2019-01-01", "condition": "refurbished"}});
    client.post("/devices", body).expect(201);
}

fn event(client: &Client, tag: &str, body: Value) -> Value {
    client
        .post(&format!("/devices/{tag}/events"), body)
        .expect(201)
}

/// Used from 2019 on, retired and oriented on that day.
fn retire(client: &Client, tag: &str, on: &str, destination: &str) {
    for body in [
        json!({"kind": "allocate", "on": "2019-02-01", "service": "Finances"}),
        json!({"kind": "deallocate", "on": "2023-12-01"}),
        json!({"kind": "wipe", "on": "2023-12-02", "method": "purge", "verified": true}),
        json!({"kind": "retire", "on": on, "cause": "obsolete"}),
        json!({"kind": "orient", "on": on, "destination": destination}),
    ] {
        event(client, tag, body);
    }
}

fn figure(client: &Client, id: &str, ask: &str) -> Value {
    client.get(&format!("/indicators/{id}?{ask}")).expect(200)
}

fn sum(figure: &Value) -> (Value, Value, Value) {
    let field = |name: &str| figure[name].clone();
    (field("numerator"), field("denominator"), field("value"))
}

fn tags(client: &Client, path: &str) -> Vec<String> {
    let page = client.get(path).expect(200);
    let items = page["items"].as_array().unwrap();
    items
        .iter()
        .map(|i| i["tag"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn from_the_contract_alone() {
    for server in Server::each() {
        let client = server.client("manager", None);
        let partner = json!({"key": "asso", "name": "Ordis pour tous", "kinds": ["beneficiary"]});
        client.post("/partners", partner).expect(201);
        for (tag, retired) in [("OLD-1", "2024-06-01"), ("NEW-1", "2025-02-01")] {
            device(&client, tag, "main");
            retire(&client, tag, retired, "donation");
        }
        let ask = "year=2025&as_of=2025-12-31";
        let before = figure(&client, "L01", ask);
        assert_eq!(sum(&before), (json!(0), json!(1), json!(0)));
        assert_eq!(before["gap"], json!({"missing": 1, "by": "2025-12-31"}));
        assert_eq!(before["status"], "not_met");
        let known_before = before["known_at"].as_str().unwrap().to_owned();
        for tag in ["OLD-1", "NEW-1"] {
            let body = json!({"kind": "hand_over", "on": "2025-03-02", "partner": "asso"});
            event(&client, tag, body);
        }
        // A cached answer is never an old one.
        let after = figure(&client, "reen16_rate", ask);
        assert_eq!(sum(&after), (json!(2), json!(1), json!(200)));
        assert_eq!(
            (&after["id"], &after["status"], &after["scope"]),
            (&json!("L01"), &json!("met"), &json!("own"))
        );
        assert_eq!(after["organisation"], "main");
        assert_eq!(after["sources"][0]["row"], "reen16");
        assert_eq!(after["sources"][0]["verified"], true);
        // As it was known before the hand-overs; on PostgreSQL numbers come within a second.
        let then = figure(&client, "L01", &format!("{ask}&known_at={known_before}"));
        assert_eq!(sum(&then).0, json!(0));
        assert_eq!(then["known_at"], known_before.as_str());
        let items = format!("/indicators/l01/items?{ask}&side=numerator");
        assert_eq!(tags(&client, &items), ["OLD-1", "NEW-1"]);
        let denominator = format!("/indicators/L01/items?{ask}&side=denominator");
        assert_eq!(tags(&client, &denominator), ["OLD-1"]);
        assert!(tags(&client, &format!("{items}&known_at={known_before}")).is_empty());
        // Page by page.
        let first = client.get(&format!("{items}&limit=1")).expect(200);
        assert_eq!(first["items"][0]["why"], "donation");
        let next = first["next"].as_str().unwrap();
        let second = client
            .get(&format!("{items}&limit=1&cursor={next}"))
            .expect(200);
        assert_eq!(second["items"][0]["tag"], "NEW-1");
        assert_eq!(second["next"], Value::Null);
        client
            .get(&format!("{denominator}&cursor={next}"))
            .refused(400, "invalid_parameter");
        // Before the year, and with nothing to divide by.
        let early = figure(&client, "L01", "year=2025&as_of=2024-12-31");
        assert_eq!(early["reason"], "year_not_begun");
        let flow = figure(&client, "L04", ask);
        assert_eq!(sum(&flow), (json!(2), json!(2), json!(100)));
        let empty = figure(&client, "L01", "year=2024&as_of=2025-12-31");
        assert_eq!(
            (&empty["value"], &empty["status"]),
            (&Value::Null, &json!("not_computable"))
        );
        assert_eq!(figure(&client, "L14", ask)["status"], "met");
        let life = figure(&client, "G04", "year=2024&as_of=2025-12-31");
        assert_eq!(life["parts"][0]["key"], "laptop");
        assert_eq!(life["numerator"], 1947); // 2019-02-01 to 2024-06-01
    }
}

#[test]
fn all_of_them_for_one_organisation_or_the_tree() {
    let server = Server::sqlite();
    server.organisation("aubry");
    let client = server.client("manager", None);
    device(&client, "T-1", "main");
    retire(&client, "T-1", "2024-06-01", "transfer");
    let over = json!({"kind": "hand_over", "on": "2025-01-15", "to_organisation": "aubry"});
    event(&client, "T-1", over);
    let page = |ask: &str| {
        client
            .get(&format!("/indicators?year=2025&as_of=2025-12-31{ask}"))
            .expect(200)
    };
    let of = |page: &Value, id: &str| -> Value {
        let items = page["items"].as_array().unwrap();
        assert_eq!(items.len(), 18);
        items.iter().find(|i| i["id"] == id).unwrap().clone()
    };
    let (own, tree, aubry) = (page(""), page("&scope=tree"), page("&org=aubry"));
    assert_eq!(sum(&of(&own, "L01")), (json!(1), json!(1), json!(100)));
    assert_eq!(sum(&of(&tree, "L01")), (json!(0), json!(1), json!(0)));
    let rate = of(&tree, "L01");
    assert!(rate["notes"].to_string().contains("non légal"), "{rate}");
    assert!(
        rate["sentence"]["fr"]
            .as_str()
            .unwrap()
            .contains("non légale")
    );
    assert_eq!(of(&aubry, "L02")["numerator"], 0);
    // Received in stock since January: sleeping by December; acquired in the year by the commune, not by the tree.
    assert_eq!(sum(&of(&aubry, "F09")), (json!(1), json!(1), json!(100)));
    assert_eq!(of(&aubry, "F03")["denominator"], 1);
    assert_eq!(of(&tree, "F03")["denominator"], 0);
    // Each sees its own.
    let mayor = server.client("viewer", Some("aubry"));
    assert_eq!(
        figure(&mayor, "F09", "as_of=2025-12-31")["organisation"],
        "aubry"
    );
    mayor
        .get("/indicators?org=main")
        .refused(400, "invalid_parameter");
    for bad in [
        "year=x",
        "year=9999",
        "as_of=2025-02-30",
        "scope=all",
        "known_at=yesterday",
        "org=nobody",
    ] {
        client
            .get(&format!("/indicators?{bad}"))
            .refused(400, "invalid_parameter");
    }
    client
        .get("/indicators?nope=1")
        .refused(400, "unknown_parameter");
    client.get("/indicators/L99").refused(404, "not_found");
    client
        .get("/indicators/L01/items?side=left")
        .refused(400, "invalid_parameter");
}

#[test]
fn spend_is_read_from_the_lines() {
    let server = Server::sqlite();
    let client = server.client("manager", None);
    let lines = json!([
        {"category": "laptop", "amount_cents": 100_000, "expense_on": "2025-02-01", "condition": "new"},
        {"category": "laptop", "amount_cents": 30_000, "expense_on": "2025-12-31", "condition": "refurbished"},
        {"category": "laptop", "amount_cents": 50_000, "expense_on": "2026-01-01", "condition": "refurbished"},
        {"category": "printer_laser", "amount_cents": 50_000, "expense_on": "2025-03-01", "condition": "new"},
    ]);
    let order = json!({"kind": "order", "reference": "BC-25-1", "lines": lines});
    client.post("/purchases", order).expect(201);
    let ask = "year=2025&as_of=2025-12-31";
    let share = figure(&client, "L06", ask);
    assert_eq!(sum(&share), (json!(30_000), json!(130_000), json!(23.08)));
    assert_eq!(
        (&share["target"], &share["status"]),
        (&json!(20), &json!("met"))
    );
    let items = client
        .get(&format!(
            "/indicators/L06/items?{ask}&side=denominator&limit=1"
        ))
        .expect(200);
    assert_eq!(items["items"][0]["amount_cents"], 100_000);
    assert!(items["next"].is_string());
    assert_eq!(
        sum(&figure(&client, "L06", "year=2025&as_of=2025-06-30")).1,
        json!(100_000)
    );
}

#[test]
fn the_command_line_prints_them() {
    let server = Server::sqlite();
    let client = server.client("manager", None);
    device(&client, "C-1", "main");
    let run = |format: &str| {
        let done = std::process::Command::new(env!("CARGO_BIN_EXE_reparc"))
            .args([
                "indicators",
                "--year",
                "2025",
                "--as-of",
                "2025-12-31",
                "--format",
                format,
            ])
            .args(["--lang", "fr", "--database", &server.db.url])
            .output()
            .unwrap();
        assert!(
            done.status.success(),
            "{}",
            String::from_utf8_lossy(&done.stderr)
        );
        String::from_utf8(done.stdout).unwrap()
    };
    let page: Value = serde_json::from_str(&run("json")).unwrap();
    assert_eq!(page["items"].as_array().unwrap().len(), 18);
    assert_eq!(page["items"][0]["id"], "L01");
    let csv = run("csv");
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert!(
        rows.iter()
            .any(|r| &r[0] == "F18" && &r[9] == "1" && r[7].is_empty())
    );
    let table = run("table");
    assert!(
        table.starts_with("main · 2025 · l’organisation seule"),
        "{table}"
    );
    assert!(table.contains("Non calculable"), "{table}");
}
