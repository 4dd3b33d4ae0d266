//! Starting together on an empty database, and stopping in the middle of requests.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::place::{Place, Server, on_both_places};
use super::writer::{Told, write};
use serde_json::json;

#[test]
fn three_instances_start_together_on_an_empty_postgresql() {
    let Some(place) = Place::postgres() else {
        return;
    };
    let servers: Vec<Server> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..3)
            .map(|_| scope.spawn(|| Server::start(&place)))
            .collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    let token = place.token();
    for server in &servers {
        let client = server.client(&token);
        assert_eq!(client.send("GET", "/readyz", &[], b"").status, 200);
        client
            .post("/devices", json!({"category": "laptop"}))
            .expect(201);
        server.log_is_quiet();
    }
    assert_eq!(place.export("organisations").len(), 1, "one main");
    place.verify();
}

on_both_places! {
    fn a_server_asked_to_stop_answers_what_it_has_begun(place) {
        let mut server = Server::start(place);
        let token = place.token();
        let client = server.client(&token);
        let event = json!({"kind": "receive", "on": "2024-01-08"});
        client.post("/devices", json!({"tag": "DEVICE-0", "category": "laptop", "event": event})).expect(201);
        let (acknowledged, never) = (AtomicUsize::new(0), AtomicBool::new(false));
        let mut told = Told::default();
        let ended = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|n| {
                    let (client, acknowledged, never) = (&client, &acknowledged, &never);
                    scope.spawn(move || {
                        write(client, "DEVICE-0", &format!("s-c{n}"), acknowledged, || never.load(Ordering::SeqCst))
                    })
                })
                .collect();
            while acknowledged.load(Ordering::SeqCst) < 40 {
                std::thread::yield_now();
            }
            let ended = server.stop();
            threads.into_iter().for_each(|t| told.add(t.join().unwrap()));
            ended
        });
        assert!(ended.success());
        server.log_is_quiet();
        let there = place.export("devices").len();
        let made = told.done.iter().filter(|(request, _)| request.path == "/devices").count();
        assert_eq!(there, made + 1, "what was done was answered");
        place.verify();
    }
}
