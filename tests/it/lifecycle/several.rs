//! Decisions, exits, late repairs, transfers: several events, devices or organisations at once.

use super::*;

#[test]
fn one_decision_retires_many_and_an_exit_hands_them_over() {
    for server in Server::each() {
        let client = server.client("manager", None);
        let school = client
            .post(
                "/partners",
                json!({"name": "Collège Jean Moulin", "kinds": ["beneficiary"]}),
            )
            .expect(201);
        let receive = json!({"kind": "receive", "on": "2019-01-01"});
        let tags: Vec<Value> = (0..3)
            .map(|_| {
                client
                    .post(
                        "/devices",
                        json!({"category": "monitor", "event": receive.clone()}),
                    )
                    .expect(201)["tag"]
                    .clone()
            })
            .collect();
        let decision = client.post("/decisions", json!({"reference": "DEL-2024-07", "on": "2024-06-01", "cause": "surplus", "devices": tags})).expect(201);
        assert_eq!(decision["items"].as_array().unwrap().len(), 3);
        let orient: Vec<Value> =
            tags.iter().map(|tag| json!({"device": tag, "kind": "orient", "on": "2024-06-02", "destination": "donation"})).collect();
        client.post("/events", json!({"items": orient})).expect(201);
        let exit = client
            .post("/exits", json!({"kind": "donation", "partner": school["key"], "on": "2024-07-01", "devices": tags, "unit_value_cents": 1000}))
            .expect(201);
        assert_eq!(exit["devices"].as_array().unwrap().len(), 3);
        assert_eq!(
            exit["anomalies"],
            json!(["no_convention", "no_undertaking", "no_beneficiary_kind"])
        );
        let key = exit["key"].as_str().unwrap();
        let papers = client
            .patch(&format!("/exits/{key}"), json!({"convention": {"number": "C-1", "on": "2024-06-20"}, "undertaking_on": "2024-06-20"}))
            .expect(200);
        assert_eq!(papers["anomalies"], json!(["no_beneficiary_kind"]));
        assert_eq!(
            client.get("/exits").expect(200)["items"][0]["key"],
            exit["key"]
        );
    }
}

#[test]
fn a_repair_told_late_is_two_events_at_once() {
    for server in Server::each() {
        let client = server.client("technician", None);
        let tag = client
            .post(
                "/devices",
                json!({"category": "laptop", "event": {"kind": "receive", "on": "2023-01-01"}}),
            )
            .expect(201)["tag"]
            .clone();
        let told = json!({"device": tag, "opened_on": "2023-05-01", "sent_on": "2023-05-03", "closed_on": "2023-05-13", "fault": "écran noir", "outcome": "fixed", "cost_cents": 12000, "hours": 1.5, "parts": ["dalle"]});
        let repair = client.post("/repairs", told).expect(201);
        assert_eq!(
            (&repair["outcome"], &repair["fault"], &repair["parts"][0]),
            (&json!("fixed"), &json!("écran noir"), &json!("dalle"))
        );
        let open = client
            .post(
                "/repairs",
                json!({"device": tag, "opened_on": "2023-06-01", "fault": "clavier"}),
            )
            .expect(201);
        let key = open["key"].as_str().unwrap();
        let closed = client
            .patch(
                &format!("/repairs/{key}"),
                json!({"closed_on": "2023-06-03", "outcome": "repairable"}),
            )
            .expect(200);
        assert_eq!(closed["closed_on"], "2023-06-03");
        assert_eq!(
            client.get("/repairs").expect(200)["items"]
                .as_array()
                .unwrap()
                .len(),
            2
        );
        assert_eq!(
            client.get("/repairs?open=true").expect(200)["items"],
            json!([])
        );
    }
}

#[test]
fn a_transfer_leaves_one_set_of_books_and_opens_another() {
    for server in Server::each() {
        let root = server.client("administrator", None);
        root.post(
            "/organisations",
            json!({"key": "epci", "name": "Agglo", "kind": "epci"}),
        )
        .expect(201);
        root.post(
            "/organisations",
            json!({"key": "bourg", "name": "Bourg", "kind": "commune", "parent": "epci"}),
        )
        .expect(201);
        root.post(
            "/organisations",
            json!({"key": "val", "name": "Val", "kind": "commune", "parent": "epci"}),
        )
        .expect(201);
        let (bourg, val) = (
            server.client("manager", Some("bourg")),
            server.client("manager", Some("val")),
        );
        let tag = bourg.post("/devices", json!({"category": "monitor", "name": "Écran 12", "event": {"kind": "receive", "on": "2020-01-01"}})).expect(201)["tag"].clone();
        let tag = tag.as_str().unwrap();
        let path = format!("/devices/{tag}");
        val.get(&path).refused(404, "not_found");
        event(&bourg, tag, json!({"kind": "retire", "on": "2024-01-01"}));
        event(
            &bourg,
            tag,
            json!({"kind": "orient", "on": "2024-01-01", "destination": "transfer"}),
        );
        let gone = event(
            &bourg,
            tag,
            json!({"kind": "hand_over", "on": "2024-02-01", "to_organisation": "val"}),
        );
        assert_eq!(gone["device"]["stage"], "gone");
        let theirs = val.get(&path).expect(200);
        assert_eq!(
            (
                &theirs["stage"],
                &theirs["organisation"],
                &theirs["acquisition"],
                &theirs["name"]
            ),
            (
                &json!("in_stock"),
                &json!("val"),
                &json!("transfer"),
                &Value::Null
            )
        );
        assert_eq!(
            val.get("/devices?as_of=2023-06-01").expect(200)["items"],
            json!([])
        );
        assert_eq!(
            bourg.get("/devices").expect(200)["items"][0]["stage"],
            "gone"
        );
        assert_eq!(
            root.get("/devices").expect(200)["items"]
                .as_array()
                .unwrap()
                .len(),
            1
        );
        bourg
            .post(
                &format!("{path}/events"),
                json!({"kind": "audit", "on": "2024-03-01"}),
            )
            .refused(403, "forbidden");
        let back = event(
            &val,
            tag,
            json!({"kind": "give_back", "on": "2024-03-01", "reason": "trop vieux"}),
        );
        assert_eq!(back["kind"], "give_back");
        let ours = bourg.get(&path).expect(200);
        assert_eq!(
            (&ours["stage"], &ours["name"]),
            (&json!("retired"), &json!("Écran 12"))
        );
    }
}
