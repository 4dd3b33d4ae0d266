//! The plumbing of REST: problem bodies, tokens and roles, idempotency, limits, conditional requests.

use std::time::{Duration, Instant};

use chrono::TimeZone;
use reparc::app::Clock;
use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::db::TestDb;
use crate::support::server::Server;

#[test]
fn every_refusal_is_a_problem() {
    let server = Server::sqlite();
    let (nobody, admin) = (server.anonymous(), server.admin());
    let refused = nobody.get("/me");
    refused.refused(401, "unauthenticated");
    assert!(
        refused
            .header("www-authenticate")
            .unwrap()
            .starts_with("Bearer")
    );
    assert_eq!(refused.header("x-request-id").map(str::len), Some(32));
    for bad in ["rp_", "x", "rp_0000", "\u{e9}"] {
        let stranger = Client {
            token: Some(bad.into()),
            ..nobody.clone()
        };
        stranger.get("/me").refused(401, "unauthenticated");
    }
    let basic = nobody.send("GET", "/api/v1/me", &[("Authorization", "Basic eDp5")], b"");
    basic.refused(401, "unauthenticated");
    admin.get("/nowhere").refused(404, "not_found");
    nobody
        .send("GET", "/nowhere", &[], b"")
        .refused(404, "not_found");
    let method = nobody.send("DELETE", "/api/v1/me", &[], b"");
    method.refused(405, "method_not_allowed");
    assert_eq!(method.header("allow"), Some("GET"));
    admin.get("/tokens/nope").refused(404, "not_found");
    admin.get("/tokens/a%00b").refused(404, "not_found");
    admin.get("/tokens/%ff%fe").refused(404, "not_found");
    admin
        .get(&format!("/tokens/{}", "a".repeat(3000)))
        .refused(400, "malformed");
    let field = admin.get("/audit?nope=1").refused(400, "unknown_parameter");
    assert_eq!(field["field"], "nope");
    let field = admin
        .get("/audit?limit=0")
        .refused(400, "invalid_parameter");
    assert_eq!(field["field"], "limit");
    // Absent and not yours: the same to the byte.
    server.client("viewer", None);
    let one = admin.get("/tokens").expect(200)["items"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    admin.get(&format!("/tokens/{one}")).expect(200);
    let elsewhere = server.client("administrator", Some("main"));
    let (hidden, absent) = (
        elsewhere.get(&format!("/tokens/{one}")),
        elsewhere.get("/tokens/nope"),
    );
    assert_eq!((hidden.status, &hidden.body), (404, &absent.body));
}

#[test]
fn bodies_that_cannot_be_read() {
    let server = Server::sqlite();
    let admin = server.admin();
    let send = |media: &str, body: &[u8]| {
        admin.send("POST", "/api/v1/tokens", &[("Content-Type", media)], body)
    };
    let json = "application/json";
    send(json, b"").refused(400, "malformed");
    send(json, b"{").refused(400, "malformed");
    send(json, b"[1]").refused(400, "malformed");
    send(json, b"{\"name\":\"\xff\"}").refused(400, "malformed");
    send(json, "[".repeat(100_000).as_bytes()).refused(400, "malformed");
    send(
        json,
        format!("{{\"a\":{}1{}}}", "[".repeat(120), "]".repeat(120)).as_bytes(),
    )
    .refused(400, "unknown_field");
    send("text/plain", b"{}").refused(415, "unsupported_media");
    send("application/x-www-form-urlencoded", b"{}").refused(415, "unsupported_media");
    let nul = send(json, br#"{"name":"a\u0000b","role":"viewer"}"#).refused(422, "invalid_value");
    assert_eq!(nul["field"], "name");
    let control =
        send(json, br#"{"name":"a\u0007b","role":"viewer"}"#).refused(422, "invalid_value");
    assert_eq!(control["field"], "name");
    let unknown =
        send(json, br#"{"name":"a","role":"viewer","x":1}"#).refused(400, "unknown_field");
    assert_eq!(unknown["field"], "x");
    let missing = send(json, br#"{"name":"a"}"#).refused(422, "missing_field");
    assert_eq!(missing["field"], "role");
    let role = send(json, br#"{"name":"a","role":"king"}"#).refused(422, "invalid_value");
    assert_eq!(role["field"], "role");
    send(json, br#"{"name":"a","role":7}"#).refused(422, "invalid_value");
    send(
        json,
        br#"{"name":"a","role":"viewer","organisation":"nowhere"}"#,
    )
    .refused(422, "unknown_reference");
    send(json, br#"{"name":"a","role":"viewer","days":0}"#).refused(422, "invalid_value");
    send(
        "application/json; charset=utf-8",
        br#"{"name":"a","name":"b","role":"viewer"}"#,
    )
    .expect(201);
    let tokens = admin.get("/tokens").expect(200);
    assert_eq!(
        tokens["items"].as_array().map(Vec::len),
        Some(2),
        "nothing refused was stored"
    );
}

#[test]
fn a_body_of_50_mb_is_refused_in_words() {
    let server = Server::sqlite();
    let body = vec![b' '; 50 * 1024 * 1024];
    for client in [
        server.admin(),
        server.client("viewer", None),
        server.anonymous(),
    ] {
        let answer = client.send(
            "POST",
            "/api/v1/tokens",
            &[("Content-Type", "application/json")],
            &body,
        );
        match answer.status {
            413 => drop(answer.refused(413, "too_large")),
            401 => drop(answer.refused(401, "unauthenticated")),
            _ => drop(answer.refused(403, "forbidden")),
        }
    }
}

#[test]
fn roles_and_places_of_tokens() {
    for server in Server::each() {
        let me = server
            .client("technician", Some("main"))
            .get("/me")
            .expect(200);
        assert_eq!(
            (&me["role"], &me["organisation"]),
            (&json!("technician"), &json!("main"))
        );
        for role in ["viewer", "technician", "procurement", "manager"] {
            let client = server.client(role, None);
            for path in ["/tokens", "/accounts", "/audit"] {
                client.get(path).refused(403, "forbidden");
            }
            let refused = client.post("/tokens", json!({})).refused(403, "forbidden");
            assert!(
                refused["detail"]
                    .as_str()
                    .unwrap()
                    .contains("administrator"),
                "{refused}"
            );
        }
        let admin = server.client("administrator", Some("main"));
        let made = admin.post("/tokens", json!({"name": "robot", "role": "viewer"}));
        let body = made.expect(201);
        assert_eq!(body["organisation"], "main");
        assert_eq!(
            made.header("location"),
            Some(format!("/api/v1/tokens/{}", body["id"].as_str().unwrap()).as_str())
        );
        let shown = admin.get(&format!("/tokens/{}", body["id"].as_str().unwrap()));
        assert_eq!(shown.expect(200)["token"], Value::Null);
        // What acts at the root is not seen from below.
        let names = admin.get("/tokens").expect(200);
        assert!(
            names["items"]
                .as_array()
                .unwrap()
                .iter()
                .all(|t| t["organisation"] == "main")
        );
        let log = admin.get("/audit").expect(200);
        assert!(
            log["items"]
                .as_array()
                .unwrap()
                .iter()
                .all(|l| l["subject"] == body["id"])
        );
    }
}

#[test]
fn tokens_end() {
    let noon = chrono::Utc.with_ymd_and_hms(2025, 6, 1, 12, 0, 0).unwrap();
    let clock = Clock::fixed(noon);
    let server = Server::on(TestDb::sqlite(), clock.clone());
    let admin = server.admin();
    let made = admin
        .post(
            "/tokens",
            json!({"name": "short", "role": "viewer", "days": 1}),
        )
        .expect(201);
    let short = Client {
        token: made["token"].as_str().map(str::to_owned),
        ..admin.clone()
    };
    short.get("/me").expect(200);
    clock.set(noon + chrono::Duration::days(2));
    let start = Instant::now();
    while short.get("/me").status == 200 {
        assert!(start.elapsed() < Duration::from_secs(6));
        std::thread::sleep(Duration::from_millis(200));
    }
    short.get("/me").refused(401, "unauthenticated");
    let made = admin
        .post("/tokens", json!({"name": "gone", "role": "viewer"}))
        .expect(201);
    let gone = Client {
        token: made["token"].as_str().map(str::to_owned),
        ..admin.clone()
    };
    gone.get("/me").expect(200);
    let path = format!("/tokens/{}", made["id"].as_str().unwrap());
    assert_ne!(
        admin.patch(&path, json!({"revoked": true})).expect(200)["revoked_at"],
        Value::Null
    );
    gone.get("/me").refused(401, "unauthenticated");
    admin
        .patch(&path, json!({"revoked": false}))
        .refused(422, "invalid_value");
}

#[test]
fn accounts_of_people() {
    for server in Server::each() {
        let admin = server.admin();
        let new = json!({"name": "alix", "role": "manager", "password": "correct horse battery"});
        let made = admin.post("/accounts", new.clone()).expect(201);
        assert_eq!(made.get("password"), None);
        assert_eq!(
            admin.post("/accounts", new).refused(409, "duplicate")["field"],
            "name"
        );
        admin
            .post(
                "/accounts",
                json!({"name": "b", "role": "viewer", "password": "short"}),
            )
            .refused(422, "invalid_value");
        admin
            .post("/accounts", json!({"name": "b", "role": "viewer"}))
            .refused(422, "missing_field");
        let changed = admin
            .patch(
                "/accounts/alix",
                json!({"disabled": true, "role": "viewer"}),
            )
            .expect(200);
        assert_eq!(
            (&changed["disabled"], &changed["role"]),
            (&json!(true), &json!("viewer"))
        );
        admin
            .patch("/accounts/nobody", json!({"disabled": true}))
            .refused(404, "not_found");
        admin
            .patch("/accounts/alix", json!({"id": "x"}))
            .refused(400, "unknown_field");
    }
}

#[test]
fn a_key_makes_a_request_once() {
    for server in Server::each() {
        let (admin, other) = (server.admin(), server.admin());
        let new = json!({"name": "alix", "role": "viewer", "password": "correct horse battery"});
        let first = admin.post_once("/accounts", "k", new.clone());
        assert_eq!(first.header("idempotency-replayed"), None);
        let again = admin.post_once("/accounts", "k", new.clone());
        assert_eq!(again.expect(201), first.expect(201));
        assert_eq!(again.header("idempotency-replayed"), Some("true"));
        assert_eq!(again.header("location"), first.header("location"));
        let different = json!({"name": "b", "role": "viewer", "password": "correct horse battery"});
        admin
            .post_once("/accounts", "k", different.clone())
            .refused(422, "idempotency_key_reused");
        // Another actor's key is another key.
        other
            .post_once("/accounts", "k", new)
            .refused(409, "duplicate");
        // A refusal frees the key.
        other.post_once("/accounts", "k", different).expect(201);
        let bad = [("Idempotency-Key", "\u{e9}")];
        admin
            .json("POST", "/accounts", &bad, &json!({}))
            .refused(400, "invalid_parameter");
        admin
            .post_once("/accounts", &"k".repeat(256), json!({}))
            .refused(400, "invalid_parameter");
    }
}

#[test]
fn the_same_key_in_parallel_does_it_once() {
    for server in Server::each() {
        let admin = server.admin();
        let new = json!({"name": "robot", "role": "viewer"});
        let answers: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| admin.post_once("/tokens", "same", new.clone())))
                .collect();
            threads.into_iter().map(|t| t.join().unwrap()).collect()
        });
        for answer in &answers {
            match answer.status {
                201 => {}
                _ => drop(answer.refused(409, "idempotency_in_progress")),
            }
        }
        assert!(answers.iter().any(|a| a.status == 201));
        let all = admin.get("/tokens").expect(200);
        let robots = all["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|t| t["name"] == "robot")
            .count();
        assert_eq!(robots, 1);
    }
}

#[test]
fn a_key_left_by_a_dead_instance_is_taken_over() {
    let server = Server::sqlite();
    let admin = server.admin();
    let id = admin.get("/me").expect(200)["id"].clone();
    let id = id.as_str().unwrap();
    admin
        .post("/devices", json!({"category": "laptop", "tag": "KEY-1"}))
        .expect(201);
    let sheet = json!({"tags": ["KEY-1"], "layout": "L7159", "format": "svg"});
    admin.post_once("/labels", "k", sheet.clone()).expect(200);
    server
        .db
        .execute(&format!(
            "UPDATE idempotency SET status = NULL, body = 'another' WHERE actor = '{id}'"
        ))
        .unwrap();
    let taken = admin.post_once("/labels", "k", sheet);
    taken.expect(200);
    assert_eq!(taken.header("idempotency-replayed"), None);
}

#[test]
fn what_runs_the_program_is_public_and_says_nothing() {
    let server = Server::sqlite();
    let nobody = server.anonymous();
    for path in [
        "/healthz",
        "/readyz",
        "/metrics",
        "/api",
        "/api/reference.css",
        "/api/v1/openapi.json",
    ] {
        let answer = nobody.send("GET", path, &[], b"");
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        for elsewhere in ["http://", "https://", "<script"] {
            let own = answer.text().replace("http://reparc.test", "");
            assert!(
                !own.contains(elsewhere) || path.ends_with(".json"),
                "{path} reaches out: {elsewhere}"
            );
        }
    }
    server.admin().get("/tokens/secret-name").expect(404);
    let metrics = nobody.send("GET", "/metrics", &[], b"").text();
    assert!(metrics.contains("route=\"/api/v1/tokens/{id}\"") && !metrics.contains("secret-name"));
    let document = nobody.send("GET", "/api/v1/openapi.json", &[], b"").value();
    assert_eq!(
        document["openapi"].as_str().map(|v| v.starts_with("3.1")),
        Some(true)
    );
    assert_eq!(
        document["paths"]["/api/v1/me"]["get"]["tags"],
        json!(["me"])
    );
}

#[test]
fn answers_are_compressed_when_asked() {
    let server = Server::sqlite();
    let zipped = server
        .anonymous()
        .send("GET", "/api", &[("Accept-Encoding", "gzip")], b"");
    assert_eq!(zipped.header("content-encoding"), Some("gzip"));
    let mut plain = String::new();
    let mut reader = flate2::read::GzDecoder::new(zipped.body.as_slice());
    std::io::Read::read_to_string(&mut reader, &mut plain).unwrap();
    assert!(plain.contains("REST reference"));
}

#[test]
fn head_is_get_without_its_body() {
    let server = Server::sqlite();
    let head = server.admin().send("HEAD", "/api/v1/me", &[], b"");
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_ne!(head.header("content-length"), Some("0"));
}
