//! A change of the catalogue changes what devices are: their projections follow, and `verify` agrees.

use reparc::app::ledger_care;
use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::server::Server;

fn device(client: &Client, tag: &str, more: Value) -> Value {
    let mut body = json!({"tag": tag, "event": {"kind": "receive", "on": "2022-01-10"}});
    let more = more.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(more);
    client.post("/devices", body).expect(201)
}

fn event(client: &Client, tag: &str, body: Value) -> Value {
    client
        .post(&format!("/devices/{tag}/events"), body)
        .expect(201)
}

fn of(client: &Client, tag: &str, member: &str) -> Value {
    client.get(&format!("/devices/{tag}")).expect(200)[member].clone()
}

fn found(client: &Client, query: &str) -> Vec<String> {
    let page = client.get(&format!("/devices?{query}")).expect(200);
    let items = page["items"].as_array().unwrap();
    items
        .iter()
        .map(|d| d["tag"].as_str().unwrap().to_owned())
        .collect()
}

fn clean(server: &Server) {
    let report = ledger_care::verify(&server.app, None).unwrap();
    assert_eq!(report.problems, vec![]);
}

#[test]
fn a_category_that_bears_no_data_any_more_holds_none() {
    for server in Server::each() {
        server.organisation("alpha");
        let client = server.admin();
        let body = json!({"key": "borne", "name": "Borne", "bears_data": true});
        client.post("/categories", body).expect(201);
        let borne = || json!({"category": "borne"});
        device(&client, "PLAIN-1", borne());
        device(
            &client,
            "KEPT-1",
            json!({"category": "borne", "bears_data": true}),
        );
        device(&client, "OTHER-1", json!({"category": "laptop"}));
        // One that was merged into another, one in its second set of books.
        device(&client, "LOSER-1", borne());
        event(
            &client,
            "LOSER-1",
            json!({"kind": "merge", "into": "PLAIN-1"}),
        );
        device(&client, "MOVED-1", borne());
        for body in [
            json!({"kind": "wipe", "on": "2023-01-02", "method": "purge", "verified": true}),
            json!({"kind": "retire", "on": "2023-01-03", "cause": "surplus"}),
            json!({"kind": "orient", "on": "2023-01-04", "destination": "transfer"}),
            json!({"kind": "hand_over", "on": "2023-01-05", "to_organisation": "alpha"}),
            json!({"kind": "allocate", "on": "2023-01-06", "service": "Accueil"}),
        ] {
            event(&client, "MOVED-1", body);
        }
        let data = |tag: &str| of(&client, tag, "data");
        assert_eq!(["PLAIN-1", "KEPT-1", "MOVED-1"].map(data), ["holds"; 3]);
        assert_eq!(found(&client, "data=none"), Vec::<String>::new());
        clean(&server);

        client
            .patch("/categories/borne", json!({"bears_data": false}))
            .expect(200);
        assert_eq!(["PLAIN-1", "MOVED-1"].map(data), ["none"; 2]);
        assert_eq!(["KEPT-1", "OTHER-1"].map(data), ["holds"; 2]);
        assert_eq!(found(&client, "data=none&sort=tag"), ["MOVED-1", "PLAIN-1"]);
        let then = client.get("/devices/PLAIN-1?as_of=2022-06-01").expect(200);
        assert_eq!(then["data"], "none", "one value for every as_of");
        clean(&server);

        client
            .patch("/categories/borne", json!({"bears_data": true}))
            .expect(200);
        assert_eq!(["PLAIN-1", "MOVED-1"].map(data), ["holds"; 2]);
        clean(&server);
        // What is unknown to the projections leaves them alone.
        let version = of(&client, "PLAIN-1", "version");
        client
            .patch("/categories/borne", json!({"weight_g": 12_000}))
            .expect(200);
        assert_eq!(of(&client, "PLAIN-1", "version"), version);
        clean(&server);
    }
}

#[test]
fn a_model_that_is_renamed_is_found_by_its_new_name() {
    for server in Server::each() {
        let client = server.admin();
        let body = json!({"key": "lat", "manufacturer": "Dell", "name": "Latitude 7420", "category": "laptop"});
        client.post("/models", body).expect(201);
        device(
            &client,
            "MODEL-1",
            json!({"category": "laptop", "model": "lat"}),
        );
        device(
            &client,
            "MODEL-2",
            json!({"category": "laptop", "name": "Latitude", "model": "lat"}),
        );
        device(
            &client,
            "OTHER-1",
            json!({"category": "laptop", "name": "Precision"}),
        );
        assert_eq!(
            found(&client, "q=latitude&sort=tag"),
            ["MODEL-1", "MODEL-2"]
        );
        clean(&server);

        client
            .patch("/models/lat", json!({"name": "Precision 5570"}))
            .expect(200);
        assert_eq!(found(&client, "q=latitude"), ["MODEL-2"]);
        assert_eq!(
            found(&client, "q=precision&sort=tag"),
            ["MODEL-1", "MODEL-2", "OTHER-1"]
        );
        clean(&server);

        client
            .patch("/models/lat", json!({"manufacturer": "Lenovo"}))
            .expect(200);
        assert_eq!(of(&client, "MODEL-1", "manufacturer"), "Lenovo");
        assert_eq!(found(&client, "q=lenovo&sort=tag"), ["MODEL-1", "MODEL-2"]);
        clean(&server);
    }
}
