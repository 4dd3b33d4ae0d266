//! The same thing done by eight at once: one does it, the others are told so, and the ledger holds.

use serde_json::{Value, json};

use super::place::{Place, Server, on_both_places};
use crate::support::client::{Answer, Client};

/// One server, or two where there may be two.
struct Stage {
    servers: Vec<Server>,
    token: String,
}

impl Stage {
    fn on(place: &Place) -> Stage {
        let count = if place.is_postgres() { 2 } else { 1 };
        Stage {
            servers: (0..count).map(|_| Server::start(place)).collect(),
            token: place.token(),
        }
    }
    fn client(&self, n: usize) -> Client {
        self.servers[n % self.servers.len()].client(&self.token)
    }
    /// A device in stock.
    fn device(&self, tag: &str) {
        let event = json!({"kind": "receive", "on": "2024-01-08"});
        let body = json!({"tag": tag, "category": "monitor", "event": event});
        self.client(0).post("/devices", body).expect(201);
    }
    /// What eight clients hear who send this at the same moment: 2xx, 409 or 412.
    fn all_at_once(&self, what: impl Fn(usize) -> (String, Value) + Sync) -> Vec<Answer> {
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|n| {
                    let (client, what) = (self.client(n), &what);
                    scope.spawn(move || {
                        let (path, body) = what(n);
                        client.post(&path, body)
                    })
                })
                .collect();
            let answers = threads.into_iter().map(|t| t.join().unwrap());
            answers
                .inspect(|a| {
                    let fine = matches!(a.status, 200..=299 | 409 | 412);
                    assert!(fine, "{}: {}", a.status, a.text());
                })
                .collect()
        })
    }
    fn end(self, place: &Place) {
        self.servers.iter().for_each(Server::log_is_quiet);
        place.verify();
    }
}

fn winners(answers: &[Answer]) -> usize {
    answers.iter().filter(|a| a.status < 300).count()
}

fn events_of(tag: &str) -> String {
    format!("/devices/{tag}/events")
}

on_both_places! {
    fn one_tag_and_one_serial_go_to_one(place) {
        let stage = Stage::on(place);
        let new = |more: Value| {
            let mut body = json!({"category": "laptop"});
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            ("/devices".to_owned(), body)
        };
        assert_eq!(winners(&stage.all_at_once(|_| new(json!({"tag": "ONE-TAG"})))), 1);
        let serial = json!({"serial": "S-1", "manufacturer": "Dell"});
        assert_eq!(winners(&stage.all_at_once(|_| new(serial.clone()))), 1);
        assert_eq!(winners(&stage.all_at_once(|_| new(json!({})))), 8, "random tags never meet");
        let sites = stage.all_at_once(|_| ("/sites".into(), json!({"name": "Dépôt"})));
        let mut keys: Vec<String> = sites.iter().map(|a| a.expect(201)["key"].to_string()).collect();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), 8, "a key each");
        stage.end(place);
    }

    fn an_event_is_voided_once(place) {
        let stage = Stage::on(place);
        stage.device("VOID-1");
        let audit = json!({"kind": "audit", "on": "2024-02-01"});
        let made = stage.client(0).post(&events_of("VOID-1"), audit).expect(201);
        let voids = stage.all_at_once(|_| {
            (events_of("VOID-1"), json!({"kind": "correct", "on": "2024-02-02", "event": made["id"]}))
        });
        assert_eq!(winners(&voids), 1);
        stage.end(place);
    }

    fn merges_make_no_ring(place) {
        let stage = Stage::on(place);
        (0..8).for_each(|n| stage.device(&format!("RING-{n}")));
        // Each into the next, the last into the first; then all into one.
        let ring = stage.all_at_once(|n| {
            let into = format!("RING-{}", (n + 1) % 8);
            (events_of(&format!("RING-{n}")), json!({"kind": "merge", "on": "2024-03-01", "into": into}))
        });
        assert!((1..8).contains(&winners(&ring)), "{}", winners(&ring));
        let listed = stage.client(0).get("/devices?total=true").expect(200);
        assert_eq!(listed["total"], 8 - winners(&ring), "{listed}");
        (0..8).for_each(|n| stage.device(&format!("STAR-{n}")));
        let star = stage.all_at_once(|n| {
            (events_of(&format!("STAR-{n}")), json!({"kind": "merge", "on": "2024-03-01", "into": format!("STAR-{}", 7 - n)}))
        });
        assert_eq!(winners(&star), 4, "of two that merge into each other, one");
        stage.end(place);
    }

    fn a_device_goes_to_one_organisation(place) {
        let stage = Stage::on(place);
        for n in 0..8 {
            let body = json!({"key": format!("c{n}"), "name": format!("Commune {n}"), "kind": "commune", "parent": "main"});
            stage.client(0).post("/organisations", body).expect(201);
        }
        stage.device("GIFT-1");
        let client = stage.client(0);
        let retire = json!({"kind": "retire", "on": "2024-02-01", "reference": "D-1"});
        client.post(&events_of("GIFT-1"), retire).expect(201);
        let orient = json!({"kind": "orient", "on": "2024-02-02", "destination": "transfer"});
        client.post(&events_of("GIFT-1"), orient).expect(201);
        let given = stage.all_at_once(|n| {
            (events_of("GIFT-1"), json!({"kind": "hand_over", "on": "2024-02-03", "to_organisation": format!("c{n}")}))
        });
        assert_eq!(winners(&given), 1, "{:?}", given.iter().map(Answer::text).collect::<Vec<_>>());
        let told = given.iter().find(|a| a.status == 201).unwrap().value();
        let now = client.get("/devices/GIFT-1").expect(200);
        assert_eq!(now["organisation"], told["device"]["organisation"]);
        stage.end(place);
    }

    fn batches_that_cross_do_not_wait_for_ever(place) {
        let stage = Stage::on(place);
        let tags: Vec<String> = (0..6).map(|n| format!("CROSS-{n}")).collect();
        tags.iter().for_each(|tag| stage.device(tag));
        for atomic in [true, false] {
            let answers = stage.all_at_once(|n| {
                let mut order = tags.clone();
                if n % 2 == 1 {
                    order.reverse();
                }
                let items: Vec<Value> = order
                    .iter()
                    .map(|tag| json!({"device": tag, "kind": "audit", "on": "2024-02-01"}))
                    .collect();
                ("/events".into(), json!({"atomic": atomic, "items": items}))
            });
            assert_eq!(winners(&answers), 8);
            for answer in &answers {
                for item in answer.value()["items"].as_array().unwrap() {
                    assert_eq!(item["status"], 201, "{item}");
                }
            }
        }
        let audits = place.export("events").iter().filter(|e| e["kind"] == "audit").count();
        assert_eq!(audits, 2 * 8 * tags.len());
        stage.end(place);
    }
}
