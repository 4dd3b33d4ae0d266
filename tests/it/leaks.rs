//! The quiet leaks between neighbours: what lists, codes, counts, keys and cursors could let through.

use serde_json::{Value, json};

use crate::tenancy::{Neighbour, tells_nothing};

#[test]
fn codes_of_a_neighbour_are_unknown_codes() {
    let neighbour = Neighbour::new();
    let stranger = neighbour.stranger();
    for code in [
        "BETA-001",
        "beta001",
        "QCPXBETA-001",
        "HTTP://REPARC.TEST/T/BETA-001",
    ] {
        let encoded: String = code.bytes().map(|b| format!("%{b:02X}")).collect();
        let found = stranger.get(&format!("/scan?code={encoded}")).expect(200);
        assert_eq!(
            (&found["matches"], &found["kind"]),
            (&json!([]), &json!("none")),
            "{code}: {found}"
        );
        assert_eq!(
            neighbour
                .beta
                .get(&format!("/scan?code={encoded}"))
                .expect(200)["matches"]
                .as_array()
                .map(Vec::len),
            Some(1),
            "{code}"
        );
    }
}

#[test]
fn search_counts_and_filters_stay_at_home() {
    let neighbour = Neighbour::new();
    let stranger = neighbour.stranger();
    for query in [
        "q=zephyrine",
        "q=quincampoix",
        "q=qcpx",
        "q=aubepine",
        "site=beta-depot",
        "org=beta",
        "org=main",
        "stage=in_use,gone",
        "holder=nobody",
        "exit_kind=donation",
        "category=laptop",
        "as_of=2024-01-25",
        "q=zephyrine&as_of=2024-01-25",
        "model=beta-model",
        "include=withdrawn",
    ] {
        let answer = stranger.get(&format!("/devices?{query}&total=true"));
        tells_nothing(&answer, query);
        match answer.status {
            200 => {
                let page = answer.value();
                assert_eq!(
                    (&page["items"], &page["total"]),
                    (&json!([]), &json!(0)),
                    "{query}"
                );
            }
            status => assert!((400..=422).contains(&status), "{query}: {}", answer.text()),
        }
    }
    // A viewer does not find devices by the name of their holder.
    let viewer = neighbour.server.client("viewer", Some("beta"));
    let page = viewer.get("/devices?q=aubepine&total=true").expect(200);
    assert_eq!(page["total"], 0, "{page}");
    let technician = neighbour.server.client("technician", Some("beta"));
    let page = technician.get("/devices?q=aubepine&total=true").expect(200);
    assert_eq!(page["total"], 1, "{page}");
}

#[test]
fn clashes_name_nothing() {
    let neighbour = Neighbour::new();
    let stranger = neighbour.stranger();
    let device = |tag: &str| json!({"tag": tag, "category": "laptop", "serial": "S1", "event": {"kind": "receive", "on": "2024-01-10"}});
    stranger.post("/devices", device("ALPHA-001")).expect(201);
    // Tags are unique in the installation: the same body whether the other is ours or not.
    let mut theirs = device("BETA-001");
    theirs["serial"] = json!("S2");
    let mut ours = device("ALPHA-001");
    ours["serial"] = json!("S2");
    let (theirs, ours) = (
        stranger.post("/devices", theirs),
        stranger.post("/devices", ours),
    );
    theirs.refused(409, "duplicate");
    assert_eq!(theirs.text(), ours.text());
    tells_nothing(&theirs, "a clash of tags");
    // Codes are unique within an organisation only.
    let same = json!({"category": "laptop", "manufacturer": "Quincampoix", "serial": "QCPXBETA-001", "event": {"kind": "receive", "on": "2024-01-10"}});
    stranger.post("/devices", same.clone()).expect(201);
    stranger.post("/devices", same).refused(409, "duplicate");
}

#[test]
fn a_key_of_a_neighbour_replays_nothing() {
    let neighbour = Neighbour::new();
    let stranger = neighbour.stranger();
    let body = json!({"name": "Zéphyrine 16", "manufacturer": "X", "category": "laptop"});
    neighbour
        .beta
        .post_once("/models", "k", body.clone())
        .expect(201);
    let again = neighbour.beta.post_once("/models", "k", body.clone());
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    let other = stranger.post_once("/models", "k", body);
    assert_eq!(
        (other.status, other.header("idempotency-replayed")),
        (201, None),
        "{}",
        other.text()
    );
    let event = json!({"kind": "deallocate", "on": "2024-02-10", "key": "e"});
    neighbour
        .beta
        .post("/devices/BETA-001/events", event.clone())
        .expect(201);
    let other = stranger.post("/devices/BETA-001/events", event);
    other.refused(404, "not_found");
    tells_nothing(&other, "an event key");
}

#[test]
fn rights_come_before_a_replay() {
    let neighbour = Neighbour::new();
    let server = &neighbour.server;
    let body = json!({"name": "Depot", "key": "depot"});
    let manager = server.client("manager", Some("beta"));
    manager.post_once("/sites", "k", body.clone()).expect(201);
    server
        .db
        .execute("UPDATE tokens SET role = 'viewer' WHERE role = 'manager'")
        .unwrap();
    std::thread::sleep(std::time::Duration::from_millis(5200));
    manager
        .post_once("/sites", "k", body)
        .refused(403, "forbidden");
}

#[test]
fn cursors_stay_with_their_list() {
    let neighbour = Neighbour::new();
    let (beta, stranger) = (&neighbour.beta, neighbour.stranger());
    let page = beta.get("/devices?limit=1").expect(200);
    let next = page["next"].as_str().expect("a second page").to_owned();
    beta.get(&format!("/devices?limit=1&cursor={next}"))
        .expect(200);
    for other in [
        format!("/devices?limit=1&stage=gone&cursor={next}"),
        format!("/devices?limit=1&sort=name&cursor={next}"),
        format!("/sites?cursor={next}"),
        format!("/devices?cursor={}x", &next[..next.len() - 2]),
        "/devices?cursor=".to_owned() + "AAAA",
    ] {
        let refused = beta.get(&other).refused(400, "invalid_parameter");
        assert_eq!(refused["field"], "cursor", "{other}");
    }
    stranger
        .get(&format!("/devices?limit=1&cursor={next}"))
        .refused(400, "invalid_parameter");
}

#[test]
fn a_transfer_does_not_bring_the_past_along() {
    let neighbour = Neighbour::new();
    let (beta, stranger) = (&neighbour.beta, neighbour.stranger());
    let event = |kind: &str, on: &str, more: Value| {
        let mut body = json!({"kind": kind, "on": on});
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        beta.post("/devices/BETA-001/events", body).expect(201)
    };
    event("close_repair", "2024-02-20", json!({"outcome": "fixed"}));
    event(
        "wipe",
        "2024-03-01",
        json!({"method": "purge", "verified": true}),
    );
    event("retire", "2024-03-02", json!({"cause": "surplus"}));
    event("orient", "2024-03-03", json!({"destination": "transfer"}));
    let hand_over = json!({"kind": "hand_over", "on": "2024-03-04", "exit_kind": "transfer", "to_organisation": "alpha"});
    beta.post("/devices/BETA-001/events", hand_over).expect(201);
    let now = stranger.get("/devices/BETA-001").expect(200);
    assert_eq!(now["organisation"], "alpha", "{now}");
    stranger
        .get("/devices/BETA-001?as_of=2024-02-25")
        .refused(404, "not_found");
    let then = stranger
        .get("/devices?as_of=2024-02-25&total=true")
        .expect(200);
    assert_eq!(then["total"], 0, "{then}");
    for path in [
        "/devices/BETA-001/events",
        "/devices/BETA-001",
        "/repairs",
        "/wipes",
    ] {
        let answer = stranger.get(path);
        let body = answer.text();
        for word in [
            "Aubépine",
            "for Zéphyrine",
            "beta-depot",
            "Quincampoix screen",
            "beta-shop",
        ] {
            assert!(
                !body.contains(word),
                "{path} tells “{word}” after the transfer: {body}"
            );
        }
    }
    // The giver keeps its own side of the story.
    let kept = beta.get("/devices/BETA-001").expect(200);
    assert_eq!(kept["stage"], "gone", "{kept}");
}

#[test]
fn figures_open_down_to_nothing_of_a_neighbour() {
    let neighbour = Neighbour::new();
    let stranger = neighbour.stranger();
    let page = stranger
        .get("/indicators?year=2024&as_of=2024-12-31")
        .expect(200);
    let ids: Vec<&str> = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f["id"].as_str().unwrap())
        .collect();
    assert!(ids.len() >= 18, "{ids:?}");
    let mut behind = 0;
    for id in ids {
        for side in ["numerator", "denominator", "excluded", "gap"] {
            let path = format!("/indicators/{id}/items?side={side}&year=2024&as_of=2024-12-31");
            for scope in ["own", "tree"] {
                let answer = stranger.get(&format!("{path}&scope={scope}"));
                assert_eq!(answer.expect(200)["items"], json!([]), "{path}");
                // Neither the neighbour nor those above: the same words as for nobody.
                let asked = |org: &str| stranger.get(&format!("{path}&scope={scope}&org={org}"));
                let nobody = asked("nobody");
                nobody.refused(400, "invalid_parameter");
                for org in ["beta", "main"] {
                    let answer = asked(org);
                    assert_eq!(
                        answer.text().replace(org, "nobody"),
                        nobody.text(),
                        "{path}"
                    );
                }
            }
            let own = neighbour.beta.get(&path).expect(200);
            behind += own["items"].as_array().unwrap().len();
        }
    }
    assert!(
        behind > 0,
        "the neighbour itself has {behind} devices behind its figures"
    );
}

#[test]
fn lists_of_labels_hold_nothing_of_a_neighbour() {
    let neighbour = Neighbour::new();
    let (beta, stranger) = (&neighbour.beta, neighbour.stranger());
    let device = json!({"tag": "ALPHA-001", "category": "laptop", "event": {"kind": "receive", "on": "2024-01-10"}});
    stranger.post("/devices", device).expect(201);
    let id = beta.get("/devices/BETA-001").expect(200)["id"].clone();
    let id = id.as_str().unwrap();
    let print = |tag: &str| {
        stranger.post(
            "/labels",
            json!({"tags": ["ALPHA-001", tag], "layout": "L7159", "format": "svg"}),
        )
    };
    let nobody = print("NOBODY");
    nobody.refused(422, "unknown_reference");
    // By tag, folded tag, id, or a code that only staff would know.
    for theirs in ["BETA-001", "beta001", id, "QCPXBETA-001"] {
        let answer = print(theirs);
        answer.refused(422, "unknown_reference");
        assert_eq!(answer.text().replace(theirs, "NOBODY"), nobody.text());
        let single = stranger.get(&format!("/devices/{theirs}/label.svg"));
        single.refused(404, "not_found");
        tells_nothing(&single, "a label");
    }
    assert_eq!(print("ALPHA-001").status, 200);
}
