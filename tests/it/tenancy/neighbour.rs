//! The neighbour that nobody may look at: an organisation with one thing of each kind.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{documented, fill, text};
use crate::support::client::Client;
use crate::support::server::Server;

/// `beta` with one thing of each kind, and its sister `alpha` whose administrator is the stranger.
pub struct Neighbour {
    pub server: Server,
    pub beta: Client,
    /// Key of the neighbour's thing, by collection.
    pub keys: BTreeMap<&'static str, String>,
}

impl Neighbour {
    pub fn new() -> Neighbour {
        let server = Server::sqlite();
        server.organisation("alpha");
        server.organisation("beta");
        let beta = server.client("administrator", Some("beta"));
        let mut keys = BTreeMap::from([
            ("organisations", "beta".to_owned()),
            ("scan", "BETA-001".to_owned()),
            ("devices", "BETA-001".to_owned()),
            ("indicators", "L01".to_owned()),
            ("exports", "devices.csv".to_owned()),
        ]);
        let mut make = |collection: &'static str, body: Value| -> Value {
            let made = beta.post(&format!("/{collection}"), body).expect(201);
            let id = if made["key"].is_string() {
                &made["key"]
            } else {
                &made["id"]
            };
            keys.insert(collection, text(id));
            made
        };
        make(
            "tokens",
            json!({"name": "neighbour-robot", "role": "viewer"}),
        );
        make(
            "accounts",
            json!({"name": "Zéphyrine", "role": "viewer", "password": "correct horse battery"}),
        );
        make(
            "sites",
            json!({"key": "beta-depot", "name": "Quincampoix depot", "address": "3 rue Quincampoix"}),
        );
        let person = text(
            &make(
                "people",
                json!({"name": "Zéphyrine Aubépine", "service": "Quincampoix"}),
            )["key"],
        );
        make(
            "partners",
            json!({"key": "beta-shop", "name": "Zéphyrine et fils", "kinds": ["supplier", "beneficiary", "repairer"]}),
        );
        make(
            "categories",
            json!({"key": "beta-box", "name": "Boîte Zéphyrine"}),
        );
        make(
            "models",
            json!({"key": "beta-model", "name": "Zéphyrine 15", "manufacturer": "Quincampoix", "category": "laptop"}),
        );
        make(
            "contracts",
            json!({"reference": "Quincampoix", "supplier": "beta-shop"}),
        );
        make(
            "purchases",
            json!({"kind": "order", "supplier": "beta-shop", "reference": "Quincampoix", "lines": [{"label": "Zéphyrine", "category": "laptop", "quantity": 1, "amount_cents": 70000, "expense_on": "2024-01-05"}]}),
        );
        make(
            "custom_fields",
            json!({"key": "beta-field", "name": "Zéphyrine", "type": "text"}),
        );
        make(
            "mappings",
            json!({"key": "beta-map", "name": "Zéphyrine", "columns": {"Quincampoix": "serial"}}),
        );
        for tag in ["BETA-001", "BETA-002"] {
            let device = json!({"tag": tag, "category": "laptop", "name": "Zéphyrine", "manufacturer": "Quincampoix", "serial": format!("QCPX{tag}"),
                "event": {"kind": "receive", "on": "2024-01-10", "site": "beta-depot"}});
            beta.post("/devices", device).expect(201);
            let event = json!({"kind": "allocate", "on": "2024-01-20", "holder": person, "note": "for Zéphyrine"});
            beta.post(&format!("/devices/{tag}/events"), event)
                .expect(201);
        }
        make(
            "repairs",
            json!({"device": "BETA-001", "opened_on": "2024-02-01", "fault": "Quincampoix screen"}),
        );
        let gone = "BETA-002";
        beta.post(
            &format!("/devices/{gone}/events"),
            json!({"kind": "deallocate", "on": "2024-02-01"}),
        )
        .expect(201);
        make(
            "wipes",
            json!({"devices": [gone], "on": "2024-02-02", "method": "purge", "verified": true, "tool": "Zéphyrine"}),
        );
        let event = |kind: &str, more: Value| {
            let mut body = json!({"kind": kind, "on": "2024-02-03"});
            body.as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            beta.post(&format!("/devices/{gone}/events"), body)
                .expect(201)
        };
        event("retire", json!({"cause": "surplus"}));
        event("orient", json!({"destination": "donation"}));
        make(
            "exits",
            json!({"kind": "donation", "partner": "beta-shop", "on": "2024-02-04", "devices": [gone]}),
        );
        let path = "/api/v1/attachments?about=device:BETA-001&filename=Quincampoix.txt";
        let kept = beta.send("POST", path, &[], "Zéphyrine".as_bytes());
        keys.insert("attachments", text(&kept.expect(201)["id"]));
        let kept = json!({"items": [{"key": "k", "code": "QCPX unknown", "act": "audit", "note": "Zéphyrine"}]});
        let kept = beta.post("/scans", kept).expect(207);
        keys.insert("readings", text(&kept["items"][0]["reading"]["key"]));
        if documented().contains("POST /api/v1/imports") {
            let csv = "name,serial,category\nZéphyrine,QCPX9,laptop\n".as_bytes();
            let path = "/api/v1/imports?dry_run=true&filename=parc.csv";
            let staged = beta.send("POST", path, &[("Content-Type", "text/csv")], csv);
            keys.insert("imports", text(&staged.expect(200)["id"]));
        }
        Neighbour { server, beta, keys }
    }

    /// The administrator of the sister commune.
    pub fn stranger(&self) -> Client {
        self.server.client("administrator", Some("alpha"))
    }

    /// The path of a row, with the neighbour's things in it.
    pub fn fill(&self, path: &str) -> String {
        let collection = path.split(['/', '?']).nth(1).unwrap_or_default();
        let key = self.keys.get(collection).map_or("x", String::as_str);
        fill(path, key)
    }
}
