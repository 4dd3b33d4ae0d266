//! The fleet recorded and asked over REST, and asked by the command line, on both engines.

use std::collections::BTreeMap;
use std::process::Command;

use reparc::app::ledger_care;
use serde_json::{Map, Value, json};

use super::table::{self, Expect, Fleet, SERIES, WHOSE, YEARS};
use crate::support::client::Client;
use crate::support::server::Server;

/// A fleet in a running server.
struct Served {
    server: Server,
    client: Client,
    /// Names of the table → keys and ids of the server.
    names: BTreeMap<String, String>,
    /// The last instant known after each instalment.
    known_at: Vec<String>,
}

impl Served {
    fn new(server: Server, fleet: &Fleet) -> Served {
        let client = server.admin();
        let mut served = Served {
            server,
            client,
            names: BTreeMap::new(),
            known_at: Vec::new(),
        };
        served.people_the_world(fleet);
        for instalment in [1, 2] {
            for row in fleet.events.iter().filter(|e| e.instalment == instalment) {
                served.record(fleet, row);
            }
            ledger_care::number(&served.server.app).unwrap();
            let now = served
                .client
                .get("/indicators?year=2025&as_of=2025-12-31")
                .expect(200);
            let known_at = now["items"][0]["known_at"].as_str().unwrap();
            served.known_at.push(known_at.to_owned());
        }
        assert_ne!(served.known_at[0], served.known_at[1]);
        served
    }

    fn people_the_world(&mut self, fleet: &Fleet) {
        self.client
            .patch("/organisations/main", json!({"kind": "epci"}))
            .expect(200);
        for org in fleet.orgs.iter().filter(|o| !o["parent"].is_empty()) {
            let body = json!({"key": org["organisation"], "name": org["organisation"], "kind": org["kind"], "parent": org["parent"]});
            self.client.post("/organisations", body).expect(201);
        }
        for partner in &fleet.partners {
            let kinds: Vec<&str> = partner["kinds"].split_whitespace().collect();
            let body = json!({"key": partner["key"], "name": partner["key"], "kinds": kinds});
            self.client.post("/partners", body).expect(201);
        }
        for row in &fleet.events {
            let Some(name) = row.fields.get("holder").and_then(Value::as_str) else {
                continue;
            };
            if !self.names.contains_key(name) {
                let body = json!({"name": name.trim_start_matches('@'), "organisation": row.books});
                let made = self.client.post("/people", body).expect(201);
                let key = made["key"].as_str().unwrap().to_owned();
                self.names.insert(name.to_owned(), key);
            }
        }
    }

    fn record(&mut self, fleet: &Fleet, row: &table::Event) {
        let mut body: Map<String, Value> = row.fields.clone();
        for value in body.values_mut() {
            if let Some(name) = value.as_str().filter(|v| v.starts_with('@')) {
                *value = self.names[name].clone().into();
            }
        }
        body.insert("kind".into(), row.kind.clone().into());
        if let Some(on) = &row.on {
            body.insert("on".into(), on.clone().into());
        }
        let path = format!("/devices/{}/events", row.device);
        if row.row.ends_with(".1") {
            let device = fleet.devices.iter().find(|d| d.tag == row.device).unwrap();
            let mut new = device.described.clone();
            new.insert("tag".into(), device.tag.clone().into());
            new.insert("category".into(), device.category.clone().into());
            new.insert("organisation".into(), device.org.clone().into());
            new.insert("event".into(), body.into());
            self.client.post("/devices", new.into()).expect(201);
        } else if let Some(code) = &row.refused {
            let answer = self.client.post(&path, body.into());
            let said = answer.value();
            assert_eq!(said["code"], code.as_str(), "{}: {said}", row.row);
            assert!((400..500).contains(&answer.status), "{}: {said}", row.row);
        } else {
            let answer = self.client.post(&path, body.into());
            assert_eq!(answer.status, 201, "{}: {}", row.row, answer.text());
            let id = answer.value()["id"].as_str().unwrap().to_owned();
            self.names.insert(format!("@{}", row.row), id);
        }
    }

    /// The words of a question, for a path.
    fn query(&self, year: i32, as_of: &str, whose: &str, known: Option<u8>) -> String {
        let (org, scope) = match whose {
            "tree" => ("main", "tree"),
            org => (org, "own"),
        };
        let known = known.map_or(String::new(), |i| {
            format!("&known_at={}", self.known_at[usize::from(i) - 1])
        });
        format!("year={year}&as_of={as_of}&org={org}&scope={scope}{known}")
    }
}

/// What differs from the table; `None` when nothing does.
fn differs(e: &Expect, page: &Value) -> Option<String> {
    let figure = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|f| f["id"] == e.id.as_str());
    let Some(figure) = figure else {
        return Some(format!("{}: no such figure", e.asked()));
    };
    let said = match &e.part {
        None => figure.clone(),
        Some(key) => {
            let part = figure["parts"]
                .as_array()
                .unwrap()
                .iter()
                .find(|p| p["key"] == key.as_str());
            match part {
                Some(part) => part.clone(),
                None if e.numerator == 0 => return None,
                None => return Some(format!("{}: no such part", e.asked())),
            }
        }
    };
    let value = said["value"].as_f64().map(|v| (v * 100.0).round() as i64);
    let status = said["status"].as_str().unwrap_or_default();
    let wanted = (
        Some(e.numerator),
        e.denominator(),
        e.value,
        e.status.as_str(),
    );
    let said = (
        said["numerator"].as_i64(),
        said["denominator"].as_i64(),
        value,
        status,
    );
    (said != wanted).then(|| format!("{}: wanted {wanted:?}, said {said:?}", e.asked()))
}

fn asked<'a>(
    fleet: &'a Fleet,
    year: i32,
    as_of: &'a str,
    whose: &'a str,
    known: u8,
) -> impl Iterator<Item = &'a Expect> {
    fleet.expects.iter().filter(move |e| {
        (e.year, e.as_of.as_str(), e.whose.as_str(), e.known) == (year, as_of, whose, known)
    })
}

fn questions() -> impl Iterator<Item = (i32, &'static str, &'static str)> {
    YEARS.iter().flat_map(|year| {
        SERIES
            .iter()
            .flat_map(move |day| WHOSE.iter().map(move |whose| (*year, *day, *whose)))
    })
}

#[test]
fn every_figure_over_rest_and_by_the_command_line() {
    let fleet = table::read();
    for server in Server::each() {
        let served = Served::new(server, &fleet);
        let mut wrong = Vec::new();
        for (year, as_of, whose) in questions() {
            let begun = as_of[..4] >= *year.to_string();
            // After the second instalment, now and as known then: projections and replay must say the same.
            for (known, said_at) in [(1, Some(1)), (2, None), (2, Some(2))] {
                if said_at == Some(2) && !as_of.ends_with("12-31") {
                    continue;
                }
                let query = served.query(year, as_of, whose, said_at);
                let page = served
                    .client
                    .get(&format!("/indicators?{query}"))
                    .expect(200);
                if !begun {
                    for figure in page["items"].as_array().unwrap() {
                        assert_eq!(figure["status"], "not_computable", "{query}");
                        assert_eq!(figure["reason"], "year_not_begun", "{query}");
                    }
                    continue;
                }
                wrong.extend(
                    asked(&fleet, year, as_of, whose, known).filter_map(|e| differs(e, &page)),
                );
            }
            if begun && as_of.ends_with("12-31") {
                let page = command_line(&served, year, as_of, whose);
                let by_command =
                    asked(&fleet, year, as_of, whose, 1).filter_map(|e| differs(e, &page));
                wrong.extend(by_command.map(|w| format!("command line: {w}")));
            }
        }
        assert!(
            wrong.is_empty(),
            "{} wrong:\n{}",
            wrong.len(),
            wrong.join("\n")
        );
        every_figure_opens_down_to_its_devices(&fleet, &served);
    }
}

/// `reparc indicators`, as known after the first instalment.
fn command_line(served: &Served, year: i32, as_of: &str, whose: &str) -> Value {
    let (org, scope) = if whose == "tree" {
        ("main", "tree")
    } else {
        (whose, "own")
    };
    let output = Command::new(env!("CARGO_BIN_EXE_reparc"))
        .args([
            "indicators",
            "--database",
            &served.server.db.url,
            "--format",
            "json",
        ])
        .args([
            "--year",
            &year.to_string(),
            "--as-of",
            as_of,
            "--org",
            org,
            "--scope",
            scope,
        ])
        .args(["--known-at", &served.known_at[0]])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

fn every_figure_opens_down_to_its_devices(fleet: &Fleet, served: &Served) {
    let whole = |e: &&Expect| e.part.is_none() && e.as_of.ends_with("12-31");
    for e in fleet.expects.iter().filter(whole) {
        for (side, wanted) in [("numerator", &e.a), ("denominator", &e.b)] {
            let Some(wanted) = wanted else { continue };
            let said_at = (e.known == 1).then_some(1);
            let query = served.query(e.year, &e.as_of, &e.whose, said_at);
            let path = format!("/indicators/{}/items?side={side}&{query}", e.id);
            let page = served.client.get(&path).expect(200);
            let mut tags: Vec<&str> = page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|i| i["tag"].as_str().unwrap())
                .collect();
            tags.sort_unstable();
            assert_eq!(tags, *wanted, "{side} of {}", e.asked());
        }
    }
}
