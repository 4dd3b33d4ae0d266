//! The change feed over REST: everything in the order of commits, nothing of a neighbour, nothing personal to a viewer.

use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::server::Server;
use crate::tenancy::{Neighbour, tells_nothing};

/// Reads the feed to its end in parts of this size; gives the changes and the last `next`.
fn whole(client: &Client, limit: usize) -> (Vec<Value>, String) {
    let (mut all, mut since) = (Vec::new(), "0".to_owned());
    loop {
        let part = client
            .get(&format!("/changes?since={since}&limit={limit}"))
            .expect(200);
        let items = part["items"].as_array().unwrap();
        assert!(items.len() <= limit);
        all.extend(items.iter().cloned());
        let next = part["next"].as_str().unwrap().to_owned();
        if next == since {
            return (all, next);
        }
        since = next;
    }
}

#[test]
fn the_feed_tells_each_commit_once_and_in_order() {
    for server in Server::each() {
        let client = server.admin();
        let (before, _) = whole(&client, 1000);
        client
            .post("/sites", json!({"key": "depot", "name": "Dépôt"}))
            .expect(201);
        let device = json!({"tag": "FEED-1", "category": "laptop", "event": {"kind": "receive", "on": "2024-01-10"}});
        client.post("/devices", device).expect(201);
        let body =
            json!({"kind": "allocate", "on": "2024-02-01", "service": "Finances", "note": "neuf"});
        let allocated = client.post("/devices/FEED-1/events", body).expect(201);
        client
            .patch("/sites/depot", json!({"name": "Réserve"}))
            .expect(200);
        let body = json!({"kind": "correct", "event": allocated["id"]});
        let correct = client.post("/devices/FEED-1/events", body).expect(201);

        let (all, end) = whole(&client, 1);
        assert_eq!(all, whole(&client, 1000).0);
        let seqs: Vec<i64> = all.iter().map(|c| c["seq"].as_i64().unwrap()).collect();
        assert!(seqs.windows(2).all(|w| w[0] < w[1]), "{seqs:?}");
        let told: Vec<_> = all[before.len()..]
            .iter()
            .map(|c| {
                let what = if c["kind"] == "event" {
                    &c["event"]["kind"]
                } else {
                    &c["version"]
                };
                let of = if c["kind"] == "event" {
                    &c["device"]
                } else {
                    &c["key"]
                };
                (c["kind"].clone(), of.clone(), what.clone())
            })
            .collect();
        let event = |kind: &str| (json!("event"), json!("FEED-1"), json!(kind));
        let site = |version: i64| (json!("site"), json!("depot"), json!(version));
        assert_eq!(
            told,
            [
                site(1),
                event("receive"),
                event("describe"),
                event("allocate"),
                site(2),
                event("correct"),
            ]
        );
        let seen = all.iter().find(|c| c["event"]["id"] == allocated["id"]);
        let seen = seen.unwrap();
        assert_eq!(seen["event"]["voided_by"], correct["id"]);
        assert_eq!(seen["event"]["note"], "neuf");
        assert_eq!(seen["organisation"], "main");
        // The number is the `known_at` that knows it.
        let known = client.get(&format!(
            "/sites/depot?known_at={}",
            all[before.len() + 3]["numbered_at"].as_str().unwrap()
        ));
        assert_eq!(known.expect(200)["name"], "Dépôt");
        // At the end `next` stays, and what comes later is found from there.
        client
            .post("/sites", json!({"key": "annexe", "name": "Annexe"}))
            .expect(201);
        let later = client.get(&format!("/changes?since={end}")).expect(200);
        assert_eq!(later["items"].as_array().unwrap().len(), 1);
        assert_eq!(later["items"][0]["key"], "annexe");
    }
}

#[test]
fn the_feed_stays_at_home() {
    let neighbour = Neighbour::new();
    let (all, _) = whole(&neighbour.stranger(), 1000);
    for change in &all {
        assert!(
            change["organisation"] != "beta" && change["key"] != "beta",
            "{change}"
        );
    }
    tells_nothing(
        &neighbour.stranger().get("/changes?limit=1000"),
        "the change feed",
    );
    // A viewer of the same house sees the events, without people, notes and texts.
    let viewer = neighbour.server.client("viewer", Some("beta"));
    let seen = viewer.get("/changes?limit=1000");
    assert!(
        !seen.text().contains("Aubépine") && !seen.text().contains("for Zéphyrine"),
        "{}",
        seen.text()
    );
    let kinds = |client: &Client, kind: &str| {
        let (all, _) = whole(client, 1000);
        all.iter().filter(|c| c["kind"] == kind).count()
    };
    assert_eq!(kinds(&viewer, "person"), 0);
    assert_eq!(kinds(&neighbour.beta, "person"), 1);
    assert_eq!(kinds(&viewer, "event"), kinds(&neighbour.beta, "event"));
    let (all, _) = whole(&viewer, 1000);
    assert!(all.iter().all(|c| c["event"].get("holder").is_none()));
}

#[test]
fn what_is_no_place_in_the_feed_is_refused() {
    let server = Server::sqlite();
    let client = server.admin();
    for since in [
        "x",
        "-1",
        "1.5",
        "99999999999999999999",
        "9999999999999999999",
    ] {
        let problem = client
            .get(&format!("/changes?since={since}"))
            .refused(400, "invalid_parameter");
        assert_eq!(problem["field"], "since");
    }
    let ahead = client.get("/changes?since=1000000").expect(200);
    assert_eq!(ahead, json!({"items": [], "next": "1000000"}));
    client
        .get("/changes?limit=0")
        .refused(400, "invalid_parameter");
}
