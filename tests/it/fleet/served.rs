//! The fleet recorded and asked over REST, and asked by the command line, on both engines.

use std::collections::BTreeMap;
use std::process::Command;

use clap::Parser;
use reparc::app::{App, Clock, ledger_care};
use reparc::cli::indicators::Indicators;
use reparc::db::Store;
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
    fn query(&self, question: &Question) -> String {
        let words = self.words(question);
        let pairs: Vec<_> = words.iter().map(|(k, v)| format!("{k}={v}")).collect();
        pairs.join("&")
    }

    /// The words of a question, for the command line.
    fn options(&self, question: &Question) -> Vec<String> {
        let words = self.words(question);
        words
            .into_iter()
            .flat_map(|(name, value)| [format!("--{}", name.replace('_', "-")), value])
            .collect()
    }

    fn words(&self, question: &Question) -> Vec<(&'static str, String)> {
        let (org, scope) = match question.whose {
            "tree" => ("main", "tree"),
            org => (org, "own"),
        };
        let mut words = vec![
            ("year", question.year.to_string()),
            ("as_of", question.as_of.to_owned()),
            ("org", org.to_owned()),
            ("scope", scope.to_owned()),
        ];
        if let Some(instalment) = question.said_at {
            let known_at = self.known_at[usize::from(instalment) - 1].clone();
            words.push(("known_at", known_at));
        }
        words
    }
}

/// A cell of the table, as somebody asks for it.
#[derive(Clone, Copy)]
struct Question {
    year: i32,
    as_of: &'static str,
    whose: &'static str,
    /// After which instalment.
    known: u8,
    /// Whether `known_at` says so; without it, it is the present.
    said_at: Option<u8>,
}

impl Question {
    fn begun(&self) -> bool {
        self.as_of[..4] >= *self.year.to_string()
    }
}

/// After the second instalment: as known after the first, now, and as known now. The last two are read from
/// projections and by replay, and must say the same.
fn questions() -> impl Iterator<Item = Question> {
    let years = YEARS
        .iter()
        .flat_map(|year| SERIES.iter().map(move |day| (*year, *day)));
    years.flat_map(|(year, as_of)| {
        WHOSE.iter().flat_map(move |whose| {
            [(1, Some(1)), (2, None), (2, Some(2))].map(|(known, said_at)| Question {
                year,
                as_of,
                whose,
                known,
                said_at,
            })
        })
    })
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

/// What a page says otherwise than the table.
fn wrong_in(fleet: &Fleet, question: &Question, page: &Value) -> Vec<String> {
    if !question.begun() {
        for figure in page["items"].as_array().unwrap() {
            assert_eq!(figure["status"], "not_computable");
            assert_eq!(figure["reason"], "year_not_begun");
        }
        return Vec::new();
    }
    let q = question;
    let here = fleet.expects.iter().filter(|e| {
        (e.year, e.as_of.as_str(), e.whose.as_str(), e.known) == (q.year, q.as_of, q.whose, q.known)
    });
    let mut asked = 0;
    let wrong = here
        .inspect(|_| asked += 1)
        .filter_map(|e| differs(e, page))
        .collect();
    assert!(
        asked > 0,
        "the table has no cell for {} as of {}",
        q.year,
        q.as_of
    );
    wrong
}

#[test]
fn every_figure_over_rest_and_by_the_command_line() {
    let fleet = table::read();
    for server in Server::each() {
        let served = Served::new(server, &fleet);
        // As a command opens the database, beside the server.
        let store = Store::open(&served.server.db.url, false).unwrap();
        let beside = App::new(store, Clock::system(), "http://reparc.test").unwrap();
        let mut wrong = Vec::new();
        for question in questions() {
            let path = format!("/indicators?{}", served.query(&question));
            let page = served.client.get(&path).expect(200);
            let over_rest = wrong_in(&fleet, &question, &page);
            wrong.extend(over_rest.into_iter().map(|w| format!("{path}: {w}")));

            let options = served.options(&question);
            let page = command_line(&beside, &options);
            let by_command = wrong_in(&fleet, &question, &page);
            wrong.extend(by_command.into_iter().map(|w| format!("{options:?}: {w}")));
        }
        assert!(
            wrong.is_empty(),
            "{} wrong:\n{}",
            wrong.len(),
            wrong.join("\n")
        );
        the_program_prints_the_same(&served, &beside);
        the_table_is_printed_in_either_language(&beside);
        every_figure_opens_down_to_its_devices(&fleet, &served);
    }
}

/// The options of `reparc indicators`, read by the command's own definition.
#[derive(clap::Parser)]
struct Options {
    #[command(flatten)]
    indicators: Indicators,
}

/// `reparc indicators --format json OPTIONS`, without a process.
fn command_line(app: &App, options: &[String]) -> Value {
    let words = ["indicators", "--format", "json"].map(str::to_owned);
    let read = Options::parse_from(words.iter().chain(options));
    serde_json::from_slice(&read.indicators.render(app).unwrap()).unwrap()
}

/// L01 of 2024 seen from its end, with both instalments known: two of five.
fn the_table_is_printed_in_either_language(app: &App) {
    let table = |lang: &str| {
        let words = [
            "indicators",
            "--year",
            "2024",
            "--as-of",
            "2024-12-31",
            "--lang",
            lang,
        ];
        let read = Options::parse_from(words);
        String::from_utf8(read.indicators.render(app).unwrap()).unwrap()
    };
    let (french, english) = (table("fr"), table("en"));
    for (text, said, foreign) in [(&french, "Atteint", "Met"), (&english, "Met", "Atteint")] {
        let line = text.lines().find(|line| line.starts_with("L01")).unwrap();
        assert!(line.contains("40 %") && line.contains("2 / 5"), "{line}");
        assert!(line.contains(said) && !text.contains(foreign), "{text}");
    }
    assert!(Options::try_parse_from(["indicators", "--lang", "de"]).is_err());
}

/// The same by real processes: both instalments of one cell.
fn the_program_prints_the_same(served: &Served, beside: &App) {
    for known in [1, 2] {
        let options = served.options(&Question {
            year: 2025,
            as_of: "2025-06-30",
            whose: "main",
            known,
            said_at: Some(known),
        });
        let output = Command::new(env!("CARGO_BIN_EXE_reparc"))
            .args(["indicators", "--format", "json"])
            .args(["--database", &served.server.db.url])
            .args(&options)
            .output()
            .unwrap();
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{words}");
        let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(printed, command_line(beside, &options));
    }
}

fn every_figure_opens_down_to_its_devices(fleet: &Fleet, served: &Served) {
    let whole = |e: &&Expect| e.part.is_none() && e.as_of.ends_with("12-31");
    for e in fleet.expects.iter().filter(whole) {
        for (side, wanted) in [("numerator", &e.a), ("denominator", &e.b)] {
            let Some(wanted) = wanted else { continue };
            let question = questions()
                .find(|q| {
                    (q.year, q.as_of, q.whose, q.known)
                        == (e.year, e.as_of.as_str(), e.whose.as_str(), e.known)
                })
                .unwrap();
            let query = served.query(&question);
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
