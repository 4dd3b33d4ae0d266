//! The server killed during `POST /imports`, ten times: the import is finished or begun anew when it is asked again
//! with its key, and no row comes twice, though these rows have nothing to be known again by.

use std::collections::BTreeMap;
use std::time::Duration;

use rand::RngExt;

use super::chance;
use super::place::{Server, on_both_places};

const ROWS: usize = 120;

on_both_places! {
    fn an_import_asked_again_comes_once(place) {
        let mut chance = chance();
        let mut server = Server::start(place);
        let token = place.token();
        for round in 0..10 {
            let mut text = String::from("name,category\n");
            for row in 0..ROWS {
                text.push_str(&format!("PC {round}-{row},laptop\n"));
            }
            let key = format!("import-{round}");
            let headers = [("Content-Type", "text/csv"), ("Idempotency-Key", key.as_str())];
            let client = server.client(&token);
            let pause = Duration::from_millis(chance.random_range(0..400));
            std::thread::scope(|scope| {
                let asked = scope.spawn(|| client.try_send("POST", "/api/v1/imports", &headers, text.as_bytes()));
                std::thread::sleep(pause);
                server.kill();
                if let Ok(answer) = asked.join().unwrap() {
                    assert_eq!(answer.status, 201, "{}", answer.text());
                }
            });
            server = Server::start(place);
            place.time_passes();
            let client = server.client(&token);
            let again = client.send("POST", "/api/v1/imports", &headers, text.as_bytes());
            let report = again.expect(201);
            assert_eq!((&report["state"], &report["created"]), (&"done".into(), &ROWS.into()), "{report}");
            let third = client.send("POST", "/api/v1/imports", &headers, text.as_bytes());
            assert_eq!(third.header("idempotency-replayed"), Some("true"));
            assert_eq!(third.expect(201), report);
        }
        server.log_is_quiet();
        let mut names: BTreeMap<String, usize> = BTreeMap::new();
        for device in place.export("devices") {
            *names.entry(device["name"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        assert_eq!(names.len(), 10 * ROWS);
        assert!(names.values().all(|n| *n == 1), "{names:?}");
        place.verify();
    }
}
