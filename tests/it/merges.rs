//! Two records of one thing, over REST: `merge` and `absorb`, what leads to the survivor, and the split that undoes it.

use reparc::app::ledger_care;
use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::server::Server;

/// Two records of one machine: `WIN-1` from the purchase, `LOSE-1` from an old inventory, with its own codes.
fn twins(client: &Client) {
    for (tag, serial, on) in [
        ("WIN-1", "SN-WIN", "2022-01-10"),
        ("LOSE-1", "SN-LOSE", "2022-03-01"),
    ] {
        let body = json!({"tag": tag, "category": "laptop", "manufacturer": "Dell", "serial": serial,
            "codes": [{"kind": "asset_tag", "value": format!("OLD-{tag}")}],
            "event": {"kind": "receive", "on": on}});
        client.post("/devices", body).expect(201);
    }
    event(
        client,
        "LOSE-1",
        json!({"kind": "allocate", "on": "2022-04-01", "service": "Finances"}),
    );
}

fn event(client: &Client, tag: &str, body: Value) -> Value {
    client
        .post(&format!("/devices/{tag}/events"), body)
        .expect(201)
}

fn tags(client: &Client) -> Vec<String> {
    let page = client.get("/devices?sort=tag").expect(200);
    let items = page["items"].as_array().unwrap();
    items
        .iter()
        .map(|d| d["tag"].as_str().unwrap().to_owned())
        .collect()
}

/// The one device a code leads to, and by what.
fn scanned(client: &Client, code: &str) -> (String, String) {
    let scan = client.get(&format!("/scan?code={code}")).expect(200);
    let matches = scan["matches"].as_array().unwrap();
    assert_eq!(matches.len(), 1, "{code}: {scan}");
    let text = |v: &Value| v.as_str().unwrap().to_owned();
    (text(&matches[0]["device"]["tag"]), text(&matches[0]["by"]))
}

fn id_of(client: &Client, tag: &str, kind: &str) -> String {
    let events = client.get(&format!("/devices/{tag}/events")).expect(200);
    let events = events["items"].as_array().unwrap();
    let found = events.iter().rev().find(|e| e["kind"] == kind).unwrap();
    found["id"].as_str().unwrap().to_owned()
}

fn clean(server: &Server) {
    let report = ledger_care::verify(&server.app, None).unwrap();
    assert_eq!(report.problems, vec![]);
}

/// Codes of the loser, and by what each is found.
const CODES: &[(&str, &str)] = &[
    ("LOSE-1", "tag"),
    ("lose1", "tag"),
    ("http://reparc.test/T/LOSE-1", "url"),
    ("SN-LOSE", "serial"),
    ("OLD-LOSE-1", "other"),
];

#[test]
fn a_merged_device_leads_to_the_survivor() {
    for server in Server::each() {
        let client = server.client("manager", None);
        twins(&client);
        let merged = event(&client, "LOSE-1", json!({"kind": "merge", "into": "WIN-1"}));
        assert_eq!(merged["kind"], "merge");
        assert_eq!(tags(&client), ["WIN-1"]);
        for (code, by) in CODES {
            assert_eq!(
                scanned(&client, code),
                ("WIN-1".into(), (*by).into()),
                "{code}"
            );
        }
        assert_eq!(client.get("/devices/LOSE-1").expect(200)["tag"], "WIN-1");
        let (label, same) = (
            client.get("/devices/LOSE-1/label.svg"),
            client.get("/devices/WIN-1/label.svg"),
        );
        assert_eq!((label.status, label.text()), (200, same.text()));
        // True for every as_of, also of a day before anybody knew.
        let then = client.get("/devices?as_of=2022-06-01").expect(200);
        assert_eq!(then["items"].as_array().unwrap().len(), 1);
        clean(&server);
    }
}

#[test]
fn voiding_either_half_splits_both() {
    for server in Server::each() {
        let client = server.client("manager", None);
        twins(&client);
        for half in ["merge", "absorb"] {
            let merged = event(&client, "LOSE-1", json!({"kind": "merge", "into": "WIN-1"}));
            assert_eq!(tags(&client), ["WIN-1"]);
            let (tag, id) = match half {
                "merge" => ("LOSE-1", merged["id"].as_str().unwrap().to_owned()),
                _ => ("WIN-1", id_of(&client, "WIN-1", "absorb")),
            };
            event(&client, tag, json!({"kind": "correct", "event": id}));
            assert_eq!(tags(&client), ["LOSE-1", "WIN-1"], "{half}");
            for (code, by) in CODES {
                assert_eq!(
                    scanned(&client, code),
                    ("LOSE-1".into(), (*by).into()),
                    "{code}"
                );
            }
            assert_eq!(client.get("/devices/LOSE-1").expect(200)["stage"], "in_use");
            assert_eq!(
                client.get("/devices/WIN-1").expect(200)["stage"],
                "in_stock"
            );
            clean(&server);
        }
        // Each half is voided once: the split is done, and there is nothing left to void.
        let again = id_of(&client, "WIN-1", "absorb");
        let answer = client.post(
            "/devices/WIN-1/events",
            json!({"kind": "correct", "event": again}),
        );
        assert!((400..500).contains(&answer.status), "{}", answer.text());
        clean(&server);
    }
}

#[test]
fn absorbed_events_are_replayed_in_the_life_of_the_survivor() {
    for server in Server::each() {
        let client = server.client("manager", None);
        twins(&client);
        let allocated = id_of(&client, "LOSE-1", "allocate");
        event(
            &client,
            "LOSE-1",
            json!({"kind": "deallocate", "on": "2022-05-01"}),
        );
        let returned = id_of(&client, "LOSE-1", "deallocate");
        // What is not legal in the survivor's life is refused, and nothing is merged.
        let bad = json!({"kind": "absorb", "from": "LOSE-1", "kept": [returned]});
        let answer = client.post("/devices/WIN-1/events", bad);
        assert_eq!(answer.status, 409, "{}", answer.text());
        assert_eq!(tags(&client), ["LOSE-1", "WIN-1"]);

        let absorb = json!({"kind": "absorb", "from": "LOSE-1", "kept": [allocated]});
        let absorbed = event(&client, "WIN-1", absorb);
        assert_eq!(absorbed["device"]["stage"], "in_use");
        assert_eq!(absorbed["device"]["service"], "Finances");
        assert_eq!(tags(&client), ["WIN-1"]);
        let then = client.get("/devices/WIN-1?as_of=2022-03-15").expect(200);
        assert_eq!(then["stage"], "in_stock");
        clean(&server);
        // A later event of the survivor hangs on the one that was kept: the split would break it.
        event(
            &client,
            "WIN-1",
            json!({"kind": "deallocate", "on": "2023-01-01"}),
        );
        let absorb = id_of(&client, "WIN-1", "absorb");
        client
            .post(
                "/devices/WIN-1/events",
                json!({"kind": "correct", "event": absorb}),
            )
            .refused(409, "breaks_later_event");
        clean(&server);
    }
}

#[test]
fn what_may_not_be_merged() {
    for server in Server::each() {
        server.organisation("alpha");
        let client = server.client("manager", None);
        twins(&client);
        let body = json!({"tag": "ALPHA-1", "organisation": "alpha", "category": "laptop", "event": {"kind": "receive", "on": "2022-01-10"}});
        client.post("/devices", body).expect(201);
        let merge = |tag: &str, into: &str| {
            client.post(
                &format!("/devices/{tag}/events"),
                json!({"kind": "merge", "into": into}),
            )
        };
        merge("LOSE-1", "LOSE-1").refused(422, "invalid_value");
        merge("LOSE-1", "ALPHA-1").refused(422, "invalid_value");
        merge("LOSE-1", "NOBODY-1").refused(422, "unknown_reference");
        // To a neighbour, what is not its own is not there.
        let stranger = server.client("manager", Some("alpha"));
        let body = json!({"kind": "merge", "into": "WIN-1"});
        stranger
            .post("/devices/ALPHA-1/events", body)
            .refused(422, "unknown_reference");
        let body = json!({"kind": "absorb", "from": "LOSE-1"});
        stranger
            .post("/devices/ALPHA-1/events", body)
            .refused(422, "unknown_reference");
        // A technician may not.
        let technician = server.client("technician", None);
        technician
            .post(
                "/devices/LOSE-1/events",
                json!({"kind": "merge", "into": "WIN-1"}),
            )
            .refused(403, "forbidden");
        assert_eq!(tags(&client).len(), 3);
    }
}

/// The inventory from which both records came; the second one's maker is spelt otherwise.
const FILE: &str = "Nom;Num\u{e9}ro de s\u{e9}rie;Fabricant;Type\nPC 1;SER-1;Dell;Portable\nPC 2;SER-2;Dall;Portable\nPC 3;;Dell;Portable\nPC 4;;Dell;Portable\n";

fn import(client: &Client) -> Value {
    let sent = client.send(
        "POST",
        "/api/v1/imports?filename=parc.csv",
        &[],
        FILE.as_bytes(),
    );
    serde_json::from_slice(&sent.body).unwrap()
}

fn named(client: &Client, name: &str) -> String {
    let page = client.get("/devices?sort=tag").expect(200);
    let items = page["items"].as_array().unwrap();
    let found = items.iter().find(|d| d["name"] == name).unwrap();
    found["tag"].as_str().unwrap().to_owned()
}

#[test]
fn the_file_of_a_merged_device_brings_it_back_no_more() {
    for server in Server::each() {
        let client = server.client("manager", None);
        assert_eq!(import(&client)["created"], 4);
        // One known by its serial number, one by its place in the file.
        for (loser, winner) in [("PC 2", "PC 1"), ("PC 4", "PC 3")] {
            let (loser, winner) = (named(&client, loser), named(&client, winner));
            event(&client, &loser, json!({"kind": "merge", "into": winner}));
        }
        let before = client.get("/devices?sort=tag").expect(200);
        let again = import(&client);
        assert_eq!(
            (&again["created"], &again["changed"]),
            (&json!(0), &json!(0)),
            "{again}"
        );
        assert_eq!(again["unchanged"], 4, "{again}");
        assert_eq!(client.get("/devices?sort=tag").expect(200), before);
        // Nor does a device made or described by hand take the code away from the winner.
        let twin = json!({"category": "laptop", "manufacturer": "Dall", "serial": "ser-2"});
        let refused = client.post("/devices", twin.clone()).expect(409);
        assert_eq!(
            (&refused["code"], &refused["field"]),
            (&json!("duplicate"), &json!("serial"))
        );
        let other = json!({"category": "laptop", "manufacturer": "Dall"});
        let other = client.post("/devices", other).expect(201)["tag"].clone();
        let describe = json!({"kind": "describe", "set": {"serial": "SER-2"}});
        let path = format!("/devices/{}/events", other.as_str().unwrap());
        client.post(&path, describe.clone()).expect(409);
        // The winner may take it as its own.
        event(&client, &named(&client, "PC 1"), describe);
        clean(&server);
    }
}
