//! The one order of what was committed: no gap, no step back, nothing skipped by a reader.

use std::sync::atomic::{AtomicBool, Ordering};

use reparc::app::ledger_care;
use reparc::db::{Lane, Scope, books, outbox};
use serde_json::json;

use crate::support::ledger::device;
use crate::support::server::Server;

on_both_engines! {
    fn readers_skip_nothing_while_many_write_and_two_number(db: &TestDb) {
        let done = AtomicBool::new(false);
        let mut seen = Vec::new();
        std::thread::scope(|scope| {
            let writers: Vec<_> = (0..4)
                .map(|_| {
                    scope.spawn(|| {
                        for _ in 0..25 {
                            let new = device("org", 2);
                            db.store.write(Lane::Interactive, move |db| books::insert_new(db, std::slice::from_ref(&new))).unwrap();
                        }
                    })
                })
                .collect();
            for owner in ["one", "other"] {
                let (store, done) = (&db.store, &done);
                scope.spawn(move || {
                    while !done.load(Ordering::Relaxed) {
                        outbox::number(store, owner).unwrap();
                        std::thread::sleep(std::time::Duration::from_millis(2));
                    }
                });
            }
            let reader = scope.spawn(|| {
                let (mut next, mut seen) = (0, Vec::new());
                while seen.len() < 201 {
                    let (changes, after) =
                        db.store.read(|db| outbox::changes_since(db, &Scope::All, next, 7)).unwrap();
                    seen.extend(changes);
                    assert!(after >= next);
                    next = after;
                }
                seen
            });
            for writer in writers {
                writer.join().unwrap();
            }
            seen = reader.join().unwrap();
            done.store(true, Ordering::Relaxed);
        });
        assert_eq!(seen.iter().map(|c| c.seq).collect::<Vec<_>>(), (1..=201).collect::<Vec<_>>());
        assert!(seen.windows(2).all(|w| w[0].numbered_at < w[1].numbered_at));
        // Each chain in its order; and nothing of another organisation.
        let (none, next) = db.store.read(|db| outbox::changes_since(db, &Scope::of(vec!["x".into()]), 0, 10)).unwrap();
        assert_eq!((none.len(), next), (0, 201));
    }
}

#[test]
fn what_the_use_cases_write_verifies() {
    for server in Server::each() {
        let client = server.admin();
        for serial in ["V1", "V2"] {
            let body = json!({"category": "laptop", "name": "Latitude", "serial": serial, "manufacturer": "Dell"});
            let device = client.post("/devices", body).expect(201);
            let tag = device["tag"].as_str().unwrap().to_owned();
            for body in [
                json!({"kind": "receive", "on": "2020-02-01"}),
                json!({"kind": "allocate", "on": "2020-03-01", "service": "Finances", "note": "neuf"}),
                json!({"kind": "report_fault", "on": "2021-03-01", "fault": "écran"}),
                json!({"kind": "deallocate", "on": "2023-03-01"}),
                json!({"kind": "wipe", "on": "2023-04-01", "method": "purge", "verified": true}),
                json!({"kind": "retire", "on": "2023-05-01", "reference": "DEL-1", "cause": "obsolete"}),
                json!({"kind": "describe", "set": {"name": "Latitude 7420"}}),
            ] {
                client
                    .post(&format!("/devices/{tag}/events"), body)
                    .expect(201);
            }
        }
        let report = ledger_care::verify(&server.app, None).unwrap();
        assert_eq!((report.problems, report.devices), (vec![], 2));
    }
}
