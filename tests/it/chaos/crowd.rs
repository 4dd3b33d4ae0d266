//! Eight clients on the same and on different devices: no update is lost, and only 2xx, 409 and 412 are answered.

use std::collections::BTreeSet;

use rand::RngExt;
use serde_json::{Value, json};

use super::chance;
use super::place::{Server, on_both_places};
use crate::support::client::{Answer, Client};

/// Rounds of each client.
const ROUNDS: usize = 25;

/// A status that a crowd may bring about.
#[track_caller]
fn good(answer: Answer) -> Answer {
    let fine = matches!(answer.status, 200..=299 | 409 | 412);
    assert!(fine, "{}: {}", answer.status, answer.text());
    answer
}

fn made(client: &Client, tag: &str) {
    let event = json!({"kind": "receive", "on": "2024-01-08"});
    let body = json!({"tag": tag, "category": "laptop", "name": "0", "event": event});
    client.post("/devices", body).expect(201);
}

fn ids(client: &Client, tag: &str) -> Vec<String> {
    let events = client.get(&format!("/devices/{tag}/events")).expect(200);
    let id = |event: &Value| event["id"].as_str().unwrap().to_owned();
    events["items"].as_array().unwrap().iter().map(id).collect()
}

/// Counts one up in the name, as often as it takes; gives how often somebody was faster.
fn count_up(client: &Client, tag: &str) -> usize {
    for lost in 0.. {
        let before = client.get(&format!("/devices/{tag}"));
        let count: i64 = before.expect(200)["name"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap();
        let when = [("If-Match", before.header("etag").unwrap())];
        let more = json!({"name": (count + 1).to_string()});
        match good(client.json("PATCH", &format!("/devices/{tag}"), &when, &more)).status {
            200 => return lost,
            412 => {}
            other => panic!("{other}"),
        }
    }
    unreachable!()
}

/// What one client does: its events that were acknowledged, by device.
fn work(client: &Client, me: usize, shared: &[&str]) -> Vec<(String, String)> {
    let mut chance = rand::rng();
    let own = format!("OWN-{me}");
    made(client, &own);
    let mut told = Vec::new();
    for round in 0..ROUNDS {
        let tag = match round % 2 {
            0 => own.as_str(),
            _ => shared[chance.random_range(0..shared.len())],
        };
        let event = match round % 3 {
            0 => json!({"kind": "audit", "on": "2024-02-01"}),
            1 => json!({"kind": "allocate", "on": "2024-02-01", "service": format!("S{me}")}),
            _ => json!({"kind": "deallocate", "on": "2024-02-01"}),
        };
        let key = format!("{me}-{round}");
        let answer = good(client.post_once(&format!("/devices/{tag}/events"), &key, event));
        if answer.status == 201 {
            let id = answer.value()["id"].as_str().unwrap().to_owned();
            told.push((tag.to_owned(), id));
        }
    }
    told
}

on_both_places! {
    fn nothing_is_lost_in_a_crowd(place) {
        let mut chance = chance();
        let first = Server::start(place);
        // A second instance where there may be one.
        let second = place.is_postgres().then(|| Server::start(place));
        let token = place.token();
        let shared = ["SHARED-0", "SHARED-1", "SHARED-2"];
        let admin = first.client(&token);
        shared.iter().for_each(|tag| made(&admin, tag));
        let client = |n: usize| match &second {
            Some(second) if n % 2 == 1 => second.client(&token),
            _ => first.client(&token),
        };
        let turns: Vec<usize> = (0..8).map(|_| chance.random_range(5..10)).collect();
        let told: Vec<(String, String)> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|n| {
                    let (client, turns) = (client(n), turns[n]);
                    scope.spawn(move || {
                        let told = work(&client, n, &shared);
                        for _ in 0..turns {
                            count_up(&client, shared[0]);
                        }
                        told
                    })
                })
                .collect();
            threads.into_iter().flat_map(|t| t.join().unwrap()).collect()
        });
        let counted = admin.get("/devices/SHARED-0").expect(200);
        assert_eq!(counted["name"], turns.iter().sum::<usize>().to_string());
        let tags: BTreeSet<&str> = told.iter().map(|(tag, _)| tag.as_str()).collect();
        for tag in tags {
            let there = ids(&admin, tag);
            let each: BTreeSet<&String> = there.iter().collect();
            assert_eq!(each.len(), there.len(), "{tag}");
            for (_, id) in told.iter().filter(|(of, _)| of == tag) {
                assert!(there.contains(id), "{tag}: {id} was acknowledged");
            }
        }
        first.log_is_quiet();
        second.iter().for_each(Server::log_is_quiet);
        place.verify();
    }
}
