//! One device.

use super::*;

#[test]
fn a_device_goes_from_its_order_to_its_new_owner() {
    for server in Server::each() {
        let client = server.client("manager", None);
        let partner = client
            .post(
                "/partners",
                json!({"name": "Ordis pour tous", "kinds": ["beneficiary"]}),
            )
            .expect(201);
        let year = today_year();
        let tag = laptop(&client, "SN-A1");
        used(&client, &tag, &format!("{}-12-15", year - 2));
        let gone = event(
            &client,
            &tag,
            json!({"kind": "hand_over", "on": format!("{}-03-02", year - 1), "partner": partner["key"], "unit_value_cents": 4000, "note": "Remis à Mme X"}),
        );
        assert_eq!(gone["device"]["stage"], "gone");
        assert_eq!(gone["device"]["exit_kind"], "donation");
        assert_eq!(gone["note"], "Remis à Mme X");
        let read = client
            .get(&format!("/devices/{}", tag.to_lowercase()))
            .expect(200);
        assert_eq!(read["gone_on"], format!("{}-03-02", year - 1));
        let then = client
            .get(&format!("/devices/{tag}?as_of={}-01-01", year - 3))
            .expect(200);
        assert_eq!(
            (&then["stage"], &then["service"]),
            (&json!("in_use"), &json!("Finances"))
        );
        let events = client.get(&format!("/devices/{tag}/events")).expect(200);
        let kinds: Vec<&str> = events["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|e| e["kind"].as_str().unwrap())
            .collect();
        assert_eq!(
            kinds,
            [
                "order",
                "describe",
                "receive",
                "allocate",
                "deallocate",
                "wipe",
                "retire",
                "orient",
                "hand_over"
            ]
        );
        let scan = client.get("/scan?code=sn-a1").expect(200);
        assert_eq!(
            (
                &scan["matches"][0]["by"],
                &scan["matches"][0]["device"]["tag"]
            ),
            (&json!("serial"), &json!(tag))
        );
        assert_eq!(
            client.get("/scan/nothing-here").expect(200)["matches"],
            json!([])
        );
    }
}

#[test]
fn nothing_leaves_with_its_data() {
    for server in Server::each() {
        let client = server.client("manager", None);
        let partner = client
            .post(
                "/partners",
                json!({"name": "Ordis pour tous", "kinds": ["beneficiary"]}),
            )
            .expect(201);
        let year = today_year();
        let hand_over = json!({"kind": "hand_over", "on": format!("{}-03-02", year - 1), "partner": partner["key"]});
        let tag = client
            .post(
                "/devices",
                json!({"category": "desktop", "event": {"kind": "receive", "on": "2020-01-05"}}),
            )
            .expect(201)["tag"]
            .clone();
        let tag = tag.as_str().unwrap();
        event(&client, tag, json!({"kind": "retire", "on": "2024-01-05"}));
        event(
            &client,
            tag,
            json!({"kind": "orient", "on": "2024-01-05", "destination": "donation"}),
        );
        let path = format!("/devices/{tag}/events");
        client
            .post(&path, hand_over.clone())
            .refused(409, "wipe_required");
        event(
            &client,
            tag,
            json!({"kind": "wipe", "on": "2024-01-06", "method": "purge"}),
        );
        client
            .post(&path, hand_over.clone())
            .refused(409, "wipe_required");
        event(
            &client,
            tag,
            json!({"kind": "wipe", "on": "2024-01-07", "method": "purge", "verified": true}),
        );
        event(
            &client,
            tag,
            json!({"kind": "reinstate", "on": "2024-01-08", "reason": "on en a besoin"}),
        );
        event(
            &client,
            tag,
            json!({"kind": "allocate", "on": "2024-01-09", "service": "État civil"}),
        );
        event(&client, tag, json!({"kind": "retire", "on": "2024-05-09"}));
        event(
            &client,
            tag,
            json!({"kind": "orient", "on": "2024-05-09", "destination": "donation"}),
        );
        client
            .post(&path, hand_over.clone())
            .refused(409, "wipe_required");
        let mut by_right = hand_over;
        by_right["override"] = json!({"wipe": "disque détruit sur place"});
        server
            .client("technician", None)
            .post(&path, by_right.clone())
            .refused(403, "forbidden");
        assert_eq!(event(&client, tag, by_right)["device"]["stage"], "gone");
    }
}

#[test]
fn what_is_impossible_is_refused_with_what_would_be_possible() {
    for server in Server::each() {
        let client = server.client("manager", None);
        let tag = laptop(&client, "SN-B1");
        let path = format!("/devices/{tag}/events");
        let refused = client
            .post(
                &path,
                json!({"kind": "allocate", "on": "2024-01-01", "service": "X"}),
            )
            .refused(409, "transition_refused");
        assert_eq!(
            (&refused["stage"], &refused["next_events"]),
            (&json!("ordered"), &json!(["receive"]))
        );
        event(
            &client,
            &tag,
            json!({"kind": "receive", "on": "2023-01-01"}),
        );
        event(
            &client,
            &tag,
            json!({"kind": "allocate", "on": "2023-06-01", "service": "X"}),
        );
        let later = client
            .post(&path, json!({"kind": "retire", "on": "2023-03-01"}))
            .refused(409, "breaks_later_event");
        assert_eq!(later["event_kind"], "allocate");
        client
            .post(&path, json!({"kind": "audit", "on": "2999-01-01"}))
            .refused(422, "future_date");
        client
            .post(&path, json!({"kind": "audit", "on": "0000-01-01"}))
            .refused(422, "invalid_value");
        client
            .post(&path, json!({"kind": "audit"}))
            .refused(422, "missing_field");
        client
            .post(
                &path,
                json!({"kind": "audit", "on": "2023-07-01", "colour": "red"}),
            )
            .refused(400, "unknown_field");
        client
            .post(&path, json!({"kind": "sing", "on": "2023-07-01"}))
            .refused(422, "invalid_value");
        client
            .post(
                &path,
                json!({"kind": "move", "on": "2023-07-01", "site": "nowhere"}),
            )
            .refused(422, "unknown_reference");
        client
            .post("/devices", json!({"name": "no category"}))
            .refused(422, "missing_field");
        client
            .post("/devices", json!({"category": "laptop", "stage": "gone"}))
            .refused(422, "invalid_value");
        client
            .post(
                "/devices",
                json!({"category": "laptop", "manufacturer": "dell", "serial": "sn-b1"}),
            )
            .refused(409, "duplicate");
    }
}

#[test]
fn the_same_key_records_once() {
    for server in Server::each() {
        let client = server.client("manager", None);
        let tag = laptop(&client, "SN-C1");
        let path = format!("/devices/{tag}/events");
        let receive = json!({"kind": "receive", "on": "2023-01-01"});
        let first = client
            .post_once(&path, "key-1", receive.clone())
            .expect(201);
        let again = client.post_once(&path, "key-1", receive.clone());
        assert_eq!(again.header("idempotency-replayed"), Some("true"));
        assert_eq!(again.expect(201)["id"], first["id"]);
        client
            .post_once(
                &path,
                "key-1",
                json!({"kind": "receive", "on": "2023-01-02"}),
            )
            .refused(422, "idempotency_key_reused");
        let batch = json!({"items": [
            {"device": tag, "kind": "receive", "on": "2023-01-01", "key": "key-1"},
            {"device": tag, "kind": "allocate", "on": "2023-01-03", "service": "X", "key": "key-2"},
        ]});
        let done = client.post("/events", batch.clone()).expect(201);
        assert_eq!(done["items"][0]["event"]["replayed"], true);
        assert_eq!(done["items"][1]["event"]["kind"], "allocate");
        let wrong = json!({"items": [
            {"device": tag, "kind": "deallocate", "on": "2023-02-03"},
            {"device": tag, "kind": "deallocate", "on": "2023-02-04"},
        ]});
        assert_eq!(
            client
                .post("/events", wrong.clone())
                .refused(409, "transition_refused")["item"],
            1
        );
        let mut each = wrong;
        each["atomic"] = json!(false);
        let each = client.post("/events", each).expect(207);
        assert_eq!(
            (
                &each["items"][0]["status"],
                &each["items"][1]["problem"]["code"]
            ),
            (&json!(201), &json!("transition_refused"))
        );
    }
}

#[test]
fn a_patch_describes_and_a_repetition_writes_nothing() {
    for server in Server::each() {
        let client = server.client("manager", None);
        let tag = laptop(&client, "SN-D1");
        let path = format!("/devices/{tag}");
        let before = client.get(&path).expect(200);
        let same = client.patch(&path, json!({"stage": "ordered", "name": "Latitude 7420"}));
        assert_eq!(
            same.header("etag"),
            Some(format!("\"v{}\"", before["version"]).as_str())
        );
        client
            .patch(&path, json!({"stage": "in_stock"}))
            .refused(422, "invalid_value");
        let after = client
            .patch(
                &path,
                json!({"name": "Portable 12", "extra": {"Salle": "B12"}, "weight_g": 1450}),
            )
            .expect(200);
        assert_eq!(
            (&after["name"], &after["extra"]["Salle"], &after["weight_g"]),
            (&json!("Portable 12"), &json!("B12"), &json!(1450))
        );
        let stale = client.json(
            "PATCH",
            &path,
            &[("If-Match", "\"v1\"")],
            &json!({"name": "X"}),
        );
        stale.refused(412, "stale");
        let cleared = client
            .patch(&path, json!({"extra": {"Salle": null}, "weight_g": null}))
            .expect(200);
        assert_eq!(
            (&cleared["extra"], &cleared["weight_g"]),
            (&json!({}), &Value::Null)
        );
        let list = client.get("/devices?q=porta%2012&total=true").expect(200);
        assert_eq!(
            (&list["total"], &list["items"][0]["tag"]),
            (&json!(1), &json!(tag))
        );
    }
}
