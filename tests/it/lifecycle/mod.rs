//! From the contract alone: a device from its purchase to its new owner, over REST, on both engines.

mod one;
mod several;

use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::server::Server;

fn today_year() -> i32 {
    use chrono::Datelike;
    chrono::Utc::now()
        .with_timezone(&chrono_tz::Europe::Paris)
        .year()
}

fn event(client: &Client, tag: &str, body: Value) -> Value {
    client
        .post(&format!("/devices/{tag}/events"), body)
        .expect(201)
}

fn laptop(client: &Client, serial: &str) -> String {
    let device = client
        .post("/devices", json!({"category": "laptop", "name": "Latitude 7420", "serial": serial, "manufacturer": "Dell"}))
        .expect(201);
    assert_eq!(device["stage"], "ordered");
    assert_eq!(device["data"], "holds");
    device["tag"].as_str().unwrap().to_owned()
}

/// Received, used, returned; `retired` when it is réformé.
fn used(client: &Client, tag: &str, retired: &str) {
    let year = today_year();
    event(
        client,
        tag,
        json!({"kind": "receive", "on": format!("{}-02-01", year - 4)}),
    );
    event(
        client,
        tag,
        json!({"kind": "allocate", "on": format!("{}-02-10", year - 4), "service": "Finances"}),
    );
    event(
        client,
        tag,
        json!({"kind": "deallocate", "on": format!("{}-11-30", year - 2)}),
    );
    assert_eq!(
        event(
            client,
            tag,
            json!({"kind": "wipe", "on": format!("{}-12-01", year - 2), "method": "purge", "verified": true})
        )["device"]["data"],
        "purged"
    );
    let retired = event(
        client,
        tag,
        json!({"kind": "retire", "on": retired, "reference": "DEL-12", "cause": "obsolete"}),
    );
    assert_eq!(retired["device"]["stage"], "retired");
    event(
        client,
        tag,
        json!({"kind": "orient", "on": retired["on"], "destination": "donation"}),
    );
}
