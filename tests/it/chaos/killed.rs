//! Ten times SIGKILL while eight clients write: what was acknowledged is there, what was not comes once when it is
//! asked again with its key, and the ledger holds. With one server on both engines, with two on PostgreSQL.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use rand::RngExt;
use rand::rngs::StdRng;
use serde_json::{Value, json};

use super::chance;
use super::place::{Place, Server, on_both_places};
use super::writer::{Request, Told, write};
use crate::support::client::Client;

const ROUNDS: usize = 10;
const CLIENTS: usize = 8;
/// Requests that are acknowledged in a round before the kill: more than 1,000 in all.
const AT_LEAST: usize = 105;

/// One round: all write, one server dies.
fn round(n: usize, servers: &mut [Server], token: &str, chance: &mut StdRng) -> (usize, Told) {
    let victim = chance.random_range(0..servers.len());
    let pause = Duration::from_micros(chance.random_range(0..60_000));
    let acknowledged = AtomicUsize::new(0);
    let over = AtomicBool::new(false);
    let clients: Vec<Client> = (0..CLIENTS)
        .map(|i| servers[i % servers.len()].client(token))
        .collect();
    let mut told = Told::default();
    std::thread::scope(|scope| {
        let threads: Vec<_> = clients
            .iter()
            .enumerate()
            .map(|(i, client)| {
                // Two clients to a device.
                let (tag, name) = (format!("DEVICE-{}", i / 2), format!("r{n}-c{i}"));
                let (acknowledged, over) = (&acknowledged, &over);
                scope.spawn(move || {
                    write(client, &tag, &name, acknowledged, || {
                        over.load(Ordering::SeqCst)
                    })
                })
            })
            .collect();
        while acknowledged.load(Ordering::SeqCst) < AT_LEAST {
            assert!(!threads.iter().all(|t| t.is_finished()), "they all gave up");
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(pause);
        servers[victim].kill();
        over.store(true, Ordering::SeqCst);
        threads
            .into_iter()
            .for_each(|t| told.add(t.join().unwrap()));
    });
    (victim, told)
}

/// Asks again what was not answered, twice: the second answer is the first.
fn again(client: &Client, open: Vec<Request>, told: &mut Told) {
    for request in open {
        let first = request.send(client).unwrap();
        assert!(
            matches!(first.status, 201 | 207),
            "{request:?}: {}",
            first.text()
        );
        let second = request.send(client).unwrap();
        assert_eq!(
            second.header("idempotency-replayed"),
            Some("true"),
            "{request:?}"
        );
        assert_eq!(first.status, second.status);
        told.done.push((request, first.value()));
    }
}

/// How often each name stands in a table.
fn counted(rows: &[Value], field: &str) -> BTreeMap<String, usize> {
    let mut count = BTreeMap::new();
    for text in rows.iter().filter_map(|row| row[field].as_str()) {
        *count.entry(text.to_owned()).or_insert(0) += 1;
    }
    count
}

/// Everything told is there, once, and nothing else.
fn compare(place: &Place, told: &Told) {
    let of = |path: &'static str| {
        let all = told.done.iter();
        all.filter(move |(request, _)| request.path == path)
    };
    for (path, table, field) in [
        ("/devices", "devices", "name"),
        ("/sites", "sites", "name"),
        ("/purchases", "purchases", "reference"),
    ] {
        let there = counted(&place.export(table), field);
        let ours = there
            .iter()
            .filter(|(name, _)| name.starts_with('r') && name.contains("-c"));
        let asked: BTreeMap<&String, usize> = of(path).map(|(r, _)| (&r.key, 1)).collect();
        assert_eq!(
            ours.map(|(name, n)| (name, *n)).collect::<BTreeMap<_, _>>(),
            asked,
            "{table}"
        );
    }
    let mut ids: Vec<String> = Vec::new();
    for (request, answer) in &told.done {
        let id = |event: &Value| event["id"].as_str().unwrap().to_owned();
        match answer["items"].as_array() {
            Some(items) => ids.extend(items.iter().map(|item| id(&item["event"]))),
            None if request.path.ends_with("/events") => ids.push(id(answer)),
            None => {}
        }
    }
    ids.sort();
    let mut there: Vec<String> = place
        .export("events")
        .iter()
        .filter(|event| event["kind"] == "audit")
        .map(|event| event["id"].as_str().unwrap().to_owned())
        .collect();
    there.sort();
    assert_eq!(
        there, ids,
        "the events acknowledged, each once, and no other"
    );
}

fn ten_rounds(place: &Place, instances: usize) {
    let mut chance = chance();
    let mut servers: Vec<Server> = (0..instances).map(|_| Server::start(place)).collect();
    let token = place.token();
    for n in 0..CLIENTS / 2 {
        let event = json!({"kind": "receive", "on": "2024-01-08"});
        let body = json!({"tag": format!("DEVICE-{n}"), "category": "laptop", "event": event});
        servers[0].client(&token).post("/devices", body).expect(201);
    }
    let mut told = Told::default();
    for n in 0..ROUNDS {
        let (victim, mut more) = round(n, &mut servers, &token, &mut chance);
        let open = std::mem::take(&mut more.open);
        // The others go on at once with what the dead one did not answer.
        if let Some(alive) = (0..instances).find(|i| *i != victim) {
            again(&servers[alive].client(&token), open, &mut more);
            servers[victim] = Server::start(place);
        } else {
            servers[victim] = Server::start(place);
            again(&servers[victim].client(&token), open, &mut more);
        }
        told.add(more);
    }
    assert!(told.done.len() >= 1_000, "{}", told.done.len());
    println!("{} requests, {ROUNDS} kills", told.done.len());
    for server in &mut servers {
        let ended = server.stop();
        assert!(ended.success(), "SIGTERM ends it well: {ended}");
        server.log_is_quiet();
    }
    compare(place, &told);
    place.verify();
}

on_both_places! {
    fn ten_kills_lose_nothing(place) {
        ten_rounds(place, 1);
    }
}

#[test]
fn ten_kills_of_one_of_two_instances_lose_nothing() {
    if let Some(place) = Place::postgres() {
        ten_rounds(&place, 2);
    }
}
