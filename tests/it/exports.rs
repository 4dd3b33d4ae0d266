//! Exports by REST: formats, rights, audit.

use serde_json::{Value, json};

use crate::support::server::Server;

#[test]
fn every_table_in_every_format() {
    for server in Server::each() {
        let boss = server.client("manager", None);
        boss.post(
            "/devices",
            json!({"category": "laptop", "name": "=1+1", "serial": "EXP-1", "event": {"kind": "receive", "on": "2024-01-02"}, "extra": {"note": "-x"}}),
        )
        .expect(201);
        boss.post("/sites", json!({"name": "Mairie"})).expect(201);
        for table in [
            "devices",
            "events",
            "purchases",
            "exits",
            "repairs",
            "wipes",
            "people",
            "sites",
            "partners",
            "models",
            "categories",
            "organisations",
        ] {
            for format in ["csv", "ndjson", "xlsx"] {
                let answer = boss.get(&format!("/exports/{table}.{format}"));
                assert_eq!(
                    answer.status,
                    200,
                    "{table}.{format} {}",
                    String::from_utf8_lossy(&answer.body)
                );
            }
        }
        let text = |path: &str| String::from_utf8(boss.get(path).body).unwrap();
        let csv = text("/exports/devices.csv");
        assert!(csv.contains("=1+1,main,laptop"), "raw: {csv}");
        assert!(
            csv.lines()
                .next()
                .unwrap()
                .contains("part_of,extra.note,updated_at,version,next_events")
        );
        let french = text("/exports/devices.csv?dialect=fr");
        assert!(
            french.starts_with('\u{feff}') && french.contains(";'=1+1;main;laptop"),
            "{french}"
        );
        assert!(french.contains(";'-x;"));
        let line: Value = serde_json::from_str(text("/exports/devices.ndjson").trim()).unwrap();
        assert_eq!(line["name"], "=1+1");
        let before = text("/exports/devices.csv?as_of=2023-12-31");
        assert_eq!(before.lines().count(), 1, "not there yet: {before}");
        for (path, status) in [
            ("/exports/devices.pdf", 404),
            ("/exports/nothing.csv", 404),
            ("/exports/devices.csv?dialect=xx", 400),
            ("/exports/devices.csv?as_of=x", 400),
            ("/exports/devices.csv?org=nowhere", 400),
            ("/exports/sites.csv?as_of=2024-01-01", 400),
        ] {
            assert_eq!(boss.get(path).status, status, "{path}");
        }
        let viewer = server.client("viewer", None);
        assert_eq!(viewer.get("/exports/people.csv").status, 403);
        assert_eq!(viewer.get("/exports/devices.csv").status, 200);
        let audit = String::from_utf8(server.admin().get("/audit").body).unwrap();
        assert!(audit.contains("export.read"));
    }
}

#[test]
fn the_fields_of_a_second_set_of_books_are_never_passed_over() {
    for server in Server::each() {
        let client = server.admin();
        let aubry = json!({"key": "aubry", "name": "Aubry", "parent": "main"});
        client.post("/organisations", aubry).expect(201);
        // With the last one, of two organisations, a multiple of what is read at once: a page ends between its two books.
        let rows: String = (1..2000).map(|n| format!("PC {n};Portable;x\n")).collect();
        let file = format!("Nom;Type;Premier\n{rows}");
        let sent = client.send(
            "POST",
            "/api/v1/imports?filename=a.csv",
            &[],
            file.as_bytes(),
        );
        assert_eq!(sent.status, 201, "{}", String::from_utf8_lossy(&sent.body));
        let moved = json!({"tag": "MOVED-1", "category": "monitor", "extra": {"premier": "x"},
            "event": {"kind": "receive", "on": "2022-01-02"}});
        client.post("/devices", moved).expect(201);
        for event in [
            json!({"kind": "retire", "on": "2023-01-03", "cause": "surplus"}),
            json!({"kind": "orient", "on": "2023-01-04", "destination": "transfer"}),
            json!({"kind": "hand_over", "on": "2023-01-05", "to_organisation": "aubry"}),
            json!({"kind": "describe", "set": {"extra": {"second": "y"}}}),
        ] {
            client.post("/devices/MOVED-1/events", event).expect(201);
        }
        let csv = String::from_utf8(client.get("/exports/devices.csv").body).unwrap();
        let header = csv.lines().next().unwrap();
        assert!(
            header.contains("extra.premier") && header.contains("extra.second"),
            "{header}"
        );
    }
}
