//! A client that writes until its server is gone, and remembers what it was told.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::support::client::{Answer, Client};

/// A request, repeated as often as need be with its key.
#[derive(Debug, Clone)]
pub struct Request {
    pub path: String,
    pub key: String,
    pub body: Value,
}

impl Request {
    pub fn send(&self, client: &Client) -> std::io::Result<Answer> {
        let headers = [
            ("Content-Type", "application/json"),
            ("Idempotency-Key", self.key.as_str()),
        ];
        let path = format!("/api/v1{}", self.path);
        client.try_send("POST", &path, &headers, self.body.to_string().as_bytes())
    }
}

/// What a client has asked for.
#[derive(Debug, Default)]
pub struct Told {
    /// With the answer that came.
    pub done: Vec<(Request, Value)>,
    /// Without: the server was killed first.
    pub open: Vec<Request>,
}

impl Told {
    pub fn add(&mut self, more: Told) {
        self.done.extend(more.done);
        self.open.extend(more.open);
    }
}

/// Every kind of thing that a POST makes, in turn; the name of what it makes is the key.
pub fn next(tag: &str, key: String, turn: usize) -> Request {
    let audit = || json!({"kind": "audit", "on": "2024-02-01"});
    let (path, body) = match turn % 10 {
        0 => (
            "/devices".into(),
            json!({"category": "laptop", "name": key}),
        ),
        1 => ("/sites".into(), json!({"name": key})),
        2 => (
            "/purchases".into(),
            json!({"kind": "order", "ordered_on": "2024-01-05", "reference": key}),
        ),
        3 => {
            let items = [0, 1].map(|_| {
                let mut item = audit();
                item["device"] = tag.into();
                item
            });
            (
                "/events".into(),
                json!({"atomic": turn % 20 == 3, "items": items}),
            )
        }
        _ => (format!("/devices/{tag}/events"), audit()),
    };
    Request { path, key, body }
}

/// Writes until the server does not answer any more, or `enough` says so.
pub fn write(
    client: &Client,
    tag: &str,
    name: &str,
    acknowledged: &AtomicUsize,
    enough: impl Fn() -> bool,
) -> Told {
    let mut told = Told::default();
    for turn in 0.. {
        if enough() {
            break;
        }
        let request = next(tag, format!("{name}-{turn}"), turn);
        match request.send(client) {
            Ok(answer) => {
                assert!(
                    matches!(answer.status, 201 | 207),
                    "{request:?}: {} {}",
                    answer.status,
                    answer.text()
                );
                acknowledged.fetch_add(1, Ordering::SeqCst);
                told.done.push((request, answer.value()));
            }
            Err(_) => {
                told.open.push(request);
                break;
            }
        }
    }
    told
}
