//! Nobody gets more than is theirs: every route of the OpenAPI document, with no token, a viewer's and a stranger's.
//!
//! [`TABLE`] has a row per operation. A new route without a row fails `the_table_is_whole`.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::client::{Answer, Client};
use crate::support::server::Server;

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
}

const fn row(method: &'static str, path: &'static str, viewer: Viewer) -> Row {
    Row {
        method,
        path,
        viewer,
    }
}

/// Every operation below `/api/v1`.
const TABLE: &[Row] = &[
    row("GET", "/me", Reads),
    row("GET", "/tokens", Refused),
    row("POST", "/tokens", Refused),
    row("GET", "/tokens/{id}", Refused),
    row("PATCH", "/tokens/{id}", Refused),
    row("GET", "/accounts", Refused),
    row("POST", "/accounts", Refused),
    row("GET", "/accounts/{id}", Refused),
    row("PATCH", "/accounts/{id}", Refused),
    row("GET", "/audit", Refused),
    row("GET", "/imports", Refused),
    row("POST", "/imports", Refused),
    row("GET", "/imports/{id}", Refused),
    row("POST", "/imports/{id}/commit", Refused),
    row("POST", "/imports/{id}/undo", Refused),
    row("GET", "/exports/devices.csv", Reads),
];

/// Words of the neighbour that are never sent by the stranger, so that none may ever come back.
const SECRETS: &[&str] = &["Zéphyrine", "Quincampoix", "neighbour-robot"];

/// `beta` with one thing of each kind, and its sister `alpha` whose administrator is the stranger.
struct Neighbour {
    server: Server,
    beta: Client,
    token: String,
    account: String,
}

impl Neighbour {
    fn new() -> Neighbour {
        let server = Server::sqlite();
        server.organisation("alpha");
        server.organisation("beta");
        let beta = server.client("administrator", Some("beta"));
        let made = beta.post(
            "/tokens",
            json!({"name": "neighbour-robot", "role": "viewer"}),
        );
        let token = text(&made.expect(201)["id"]);
        let new =
            json!({"name": "Zéphyrine", "role": "viewer", "password": "correct horse battery"});
        let account = text(&beta.post("/accounts", new).expect(201)["id"]);
        Neighbour {
            server,
            beta,
            token,
            account,
        }
    }

    /// The path of a row, with the neighbour's things in it.
    fn fill(&self, path: &str) -> String {
        let collection = path.split('/').nth(1).unwrap_or_default();
        let id = match collection {
            "tokens" => self.token.as_str(),
            "accounts" => self.account.as_str(),
            _ => "x",
        };
        path.replace("{id}", id)
    }

    fn ask(&self, client: &Client, row: &Row) -> Answer {
        let path = self.fill(row.path);
        match row.method {
            "GET" => client.get(&path),
            method => client.json(method, &path, &[], &json!({})),
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[track_caller]
fn tells_nothing(answer: &Answer, of: &str) {
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
    let document = serde_json::to_value(reparc::http::openapi::document()).unwrap();
    let mut documented = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            documented.insert(format!("{} {path}", method.to_uppercase()));
        }
    }
    let listed: BTreeSet<String> = TABLE
        .iter()
        .map(|r| format!("{} /api/v1{}", r.method, r.path.split('?').next().unwrap()))
        .collect();
    let missing: Vec<_> = documented.difference(&listed).collect();
    let gone: Vec<_> = listed.difference(&documented).collect();
    assert!(
        missing.is_empty(),
        "routes without a row in tests/it/tenancy.rs: {missing:#?}"
    );
    assert!(gone.is_empty(), "rows without a route: {gone:#?}");
}

#[test]
fn nobody_comes_in_without_a_token() {
    let neighbour = Neighbour::new();
    let nobody = neighbour.server.anonymous();
    for row in TABLE {
        let answer = neighbour.ask(&nobody, row);
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
    for row in TABLE {
        let answer = neighbour.ask(&viewer, row);
        let wanted = if row.viewer == Reads { 200 } else { 403 };
        assert_eq!(
            answer.status,
            wanted,
            "{} {}: {}",
            row.method,
            row.path,
            answer.text()
        );
        assert!(
            row.method == "GET" || row.viewer == Refused,
            "a viewer may not write {}",
            row.path
        );
    }
}

#[test]
fn a_stranger_finds_nothing_of_its_neighbour() {
    let neighbour = Neighbour::new();
    let stranger = neighbour.server.client("administrator", Some("alpha"));
    for row in TABLE {
        let answer = neighbour.ask(&stranger, row);
        let name = format!("{} {}", row.method, row.path);
        tells_nothing(&answer, &name);
        if row.path.contains('{') {
            answer.refused(404, "not_found");
            // Absent: the same body.
            let absent = Row { path: "", ..*row };
            let path = row.path.replace("{id}", "nobody-has-this");
            let nothing = match absent.method {
                "GET" => stranger.get(&path),
                method => stranger.json(method, &path, &[], &json!({})),
            };
            assert_eq!(
                nothing.body, answer.body,
                "{name}: absent and not yours differ"
            );
        } else if row.method == "GET" {
            assert_eq!(answer.status, 200, "{name}: {}", answer.text());
        } else {
            assert!(
                (400..500).contains(&answer.status),
                "{name}: {}",
                answer.text()
            );
        }
    }
    // And the neighbour itself still has it all.
    assert_eq!(
        neighbour.beta.get(&neighbour.fill("/tokens/{id}")).status,
        200
    );
}
