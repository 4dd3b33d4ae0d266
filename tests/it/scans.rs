//! Scans with a meaning: each written once, whatever is sent again; what cannot be written waits to be settled.

use reparc::app::ledger_care;
use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::server::Server;

fn device(client: &Client, tag: &str, more: Value) {
    let mut body =
        json!({"tag": tag, "category": "laptop", "event": {"kind": "receive", "on": "2024-01-10"}});
    let more = more.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(more);
    client.post("/devices", body).expect(201);
}

fn take(client: &Client, items: Value) -> Vec<Value> {
    let answer = client.post("/scans", json!({ "items": items })).expect(207);
    answer["items"].as_array().unwrap().clone()
}

fn status(items: &[Value]) -> Vec<i64> {
    items
        .iter()
        .map(|i| i["status"].as_i64().unwrap())
        .collect()
}

fn waiting(client: &Client) -> Vec<Value> {
    let page = client.get("/readings").expect(200);
    page["items"].as_array().unwrap().clone()
}

/// How many events of a kind a device has.
fn events(client: &Client, tag: &str, kind: &str) -> usize {
    let page = client.get(&format!("/devices/{tag}/events")).expect(200);
    let all = page["items"].as_array().unwrap();
    all.iter().filter(|e| e["kind"] == kind).count()
}

fn clean(server: &Server) {
    assert_eq!(
        ledger_care::verify(&server.app, None).unwrap().problems,
        vec![]
    );
}

#[test]
fn forty_scans_sent_twice_are_forty_events() {
    for server in Server::each() {
        let client = server.client("technician", None);
        let manager = server.client("manager", None);
        manager
            .post("/sites", json!({"key": "depot", "name": "Dépôt"}))
            .expect(201);
        let items: Vec<Value> = (0..40)
            .map(|n| {
                let tag = format!("SC-{n:03}");
                device(&client, &tag, json!({}));
                json!({"key": format!("phone-1:{n}"), "code": tag, "act": "move", "site": "depot", "at": "2024-03-01T09:00:00Z"})
            })
            .collect();
        let first = take(&client, json!(items));
        assert_eq!(status(&first), [201; 40]);
        assert_eq!(first[0]["event"]["at"], "2024-03-01T09:00:00.000000Z");
        assert_eq!(first[0]["event"]["on"], "2024-03-01");
        let again = take(&client, json!(items));
        assert_eq!(status(&again), [200; 40]);
        assert_eq!(again[7]["event"]["id"], first[7]["event"]["id"]);
        assert_eq!(events(&client, "SC-007", "move"), 1);
        assert_eq!(waiting(&client), Vec::<Value>::new());
        clean(&server);
    }
}

#[test]
fn what_cannot_be_written_waits_and_is_kept_once() {
    for server in Server::each() {
        let client = server.client("technician", None);
        device(&client, "ONE-1", json!({"serial": "PF1"}));
        device(
            &client,
            "TWO-1",
            json!({"codes": [{"kind": "mac", "value": "00:11:22:33:44:55"}]}),
        );
        device(
            &client,
            "TWO-2",
            json!({"codes": [{"kind": "mac", "value": "00:11:22:33:44:55"}]}),
        );
        let items = json!([
            {"key": "a", "code": "5CG-NOBODY", "act": "audit"},
            {"key": "b", "code": "0011.2233.4455", "act": "audit"},
            {"key": "c", "code": "PF1", "act": "deallocate"},
            {"key": "d", "code": "PF1", "act": "move", "site": "nowhere"},
            {"key": "e", "code": "PF1"},
            {"key": "f", "code": "PF1", "act": "dance"},
            {"key": "g", "code": "PF1", "act": "audit", "holder": "x"},
            {"code": "PF1", "act": "audit"},
        ]);
        let told = take(&client, items.clone());
        assert_eq!(status(&told), [202, 202, 202, 202, 200, 422, 400, 422]);
        let why = |n: usize| told[n]["reading"]["why"].as_str().unwrap();
        assert_eq!(
            [why(0), why(1), why(2), why(3)],
            ["unknown", "several", "refused", "refused"]
        );
        assert_eq!(told[2]["reading"]["problem"], "transition_refused");
        assert_eq!(told[2]["reading"]["device"], "ONE-1");
        assert_eq!(told[3]["reading"]["problem"], "unknown_reference");
        assert_eq!(told[4]["device"], "ONE-1");
        assert_eq!(waiting(&client).len(), 4);
        assert_eq!(
            status(&take(&client, items)),
            [202, 202, 202, 202, 200, 422, 400, 422]
        );
        assert_eq!(waiting(&client).len(), 4);
        clean(&server);
    }
}

#[test]
fn a_scan_that_comes_late_overwrites_nothing() {
    for server in Server::each() {
        let client = server.client("manager", None);
        device(&client, "LATE-1", json!({}));
        for site in ["north", "south"] {
            client
                .post("/sites", json!({"key": site, "name": site}))
                .expect(201);
        }
        let person = |name: &str| {
            let made = client.post("/people", json!({"name": name})).expect(201);
            made["key"].as_str().unwrap().to_owned()
        };
        let (ada, bob) = (person("Ada"), person("Bob"));
        // Scanned at nine without a network; at ten, online, somebody else allocated and moved it.
        let ten = json!({"kind": "allocate", "on": "2024-03-01", "at": "2024-03-01T10:00:00Z", "holder": bob, "site": "south"});
        client.post("/devices/LATE-1/events", ten).expect(201);
        let told = take(
            &client,
            json!([
                {"key": "x", "code": "LATE-1", "act": "allocate", "holder": ada, "at": "2024-03-01T09:00:00Z"},
                {"key": "y", "code": "LATE-1", "act": "move", "site": "north", "at": "2024-03-01T09:30:00Z"},
            ]),
        );
        assert_eq!(status(&told), [202, 201]);
        assert_eq!(told[0]["reading"]["why"], "conflict");
        let now = client.get("/devices/LATE-1").expect(200);
        assert_eq!(
            (&now["holder"], &now["site"]),
            (&json!(bob), &json!("south"))
        );
        clean(&server);
    }
}

#[test]
fn a_loan_comes_back_as_a_return() {
    for server in Server::each() {
        let client = server.client("technician", None);
        device(&client, "LENT-1", json!({}));
        let ada = client.post("/people", json!({"name": "Ada"})).expect(201)["key"].clone();
        let told = take(
            &client,
            json!([
                {"key": "1", "code": "LENT-1", "act": "loan", "holder": ada, "at": "2024-03-01T09:00:00Z"},
                {"key": "2", "code": "LENT-1", "act": "deallocate", "at": "2024-03-02T09:00:00Z"},
                {"key": "3", "code": "LENT-1", "act": "allocate", "service": "DSI", "at": "2024-03-03T09:00:00Z"},
                {"key": "4", "code": "LENT-1", "act": "deallocate", "at": "2024-03-04T09:00:00Z"},
            ]),
        );
        let kinds: Vec<&str> = told
            .iter()
            .map(|t| t["event"]["kind"].as_str().unwrap())
            .collect();
        assert_eq!(kinds, ["loan", "return", "allocate", "deallocate"]);
    }
}

#[test]
fn a_reading_is_settled_once() {
    for server in Server::each() {
        let client = server.client("technician", None);
        device(&client, "SET-1", json!({}));
        take(
            &client,
            json!([
                {"key": "a", "code": "OLD/4711", "act": "audit", "at": "2024-03-01T09:00:00Z"},
                {"key": "b", "code": "NOTHING", "act": "audit"},
                {"key": "c", "code": "SET-1", "act": "deallocate"},
            ]),
        );
        let open = waiting(&client);
        let key = |code: &str| {
            let found = open.iter().find(|r| r["code"] == code).unwrap();
            format!("/readings/{}/settle", found["key"].as_str().unwrap())
        };
        let linked = client
            .post(&key("OLD/4711"), json!({"device": "SET-1", "link": true}))
            .expect(200);
        assert_eq!(
            (&linked["settled"], &linked["device"]),
            (&json!("written"), &json!("SET-1"))
        );
        let scan = client.get("/scan?code=old/4711").expect(200);
        assert_eq!(scan["matches"][0]["device"]["tag"], "SET-1");
        assert_eq!(events(&client, "SET-1", "audit"), 1);
        client
            .post(&key("OLD/4711"), json!({"device": "SET-1"}))
            .refused(412, "stale");
        client
            .post(
                &key("NOTHING"),
                json!({"dismiss": true, "remark": "a coffee machine"}),
            )
            .expect(200);
        client
            .post(&key("NOTHING"), json!({"dismiss": true, "remark": "again"}))
            .refused(412, "stale");
        client
            .post(&key("SET-1"), json!({"device": "SET-1"}))
            .refused(409, "transition_refused");
        client
            .post(&key("SET-1"), json!({}))
            .refused(422, "missing_field");
        let left = waiting(&client);
        assert_eq!(left.len(), 1);
        assert_eq!(left[0]["code"], "SET-1");
        assert_eq!(
            client.get("/readings?state=all").expect(200)["items"]
                .as_array()
                .unwrap()
                .len(),
            3
        );
        clean(&server);
    }
}

#[test]
fn erasing_a_person_takes_them_out_of_what_waits() {
    for server in Server::each() {
        let client = server.client("manager", None);
        device(&client, "ERA-1", json!({}));
        let ada = client.post("/people", json!({"name": "Ada"})).expect(201)["key"].clone();
        take(
            &client,
            json!([{"key": "a", "code": "UNKNOWN", "act": "allocate", "holder": ada, "note": "Ada's desk"}]),
        );
        assert_eq!(waiting(&client)[0]["fields"]["note"], "Ada's desk");
        let path = format!("/people/{}/erase", ada.as_str().unwrap());
        client.post(&path, json!({"reason": "asked"})).expect(200);
        assert_eq!(waiting(&client)[0]["fields"], json!({}));
    }
}

/// Labels of other programs lead to the device by what they hold.
#[test]
fn labels_of_other_programs_are_read() {
    for server in Server::each() {
        let client = server.client("technician", None);
        device(
            &client,
            "SNI-1",
            json!({"serial": "PF1ABCDE", "codes": [{"kind": "asset_tag", "value": "IT-0042"},
            {"kind": "url", "value": "/hardware/12"}, {"kind": "imei", "value": "490154203237518"},
            {"kind": "uuid", "value": "4c4c4544-0042-3510-8052-b4c04f583032"}]}),
        );
        for code in [
            "https://inv.example.org/ht/IT-0042",
            "https://inv.example.org/assets/hardware/12",
            "https://inv.example.org/hardware/bytag?assetTag=IT-0042",
            "Serial number = PF1ABCDE\nName = PC",
            "49-015420-323751-8",
            "{4C4C4544-0042-3510-8052-B4C04F583032}",
        ] {
            let scan = take(
                &client,
                json!([{"key": code.len().to_string() + &code[..3], "code": code}]),
            );
            assert_eq!(scan[0]["device"], "SNI-1", "{code}");
        }
        for junk in [
            "https://inv.example.org/hardware/13",
            "Default string",
            "00:00:00:00:00:00",
            "490154203237519",
        ] {
            let scan = take(
                &client,
                json!([{"key": format!("junk {junk}"), "code": junk}]),
            );
            assert_eq!(scan[0]["status"], 202, "{junk}");
        }
    }
}

/// A label as it is printed, photographed: its code is read. What is no photo, or too large a one, is refused.
#[test]
fn a_photo_of_a_label_is_read() {
    use reparc::error::Code;
    use reparc::exchange::photo;
    let server = Server::sqlite();
    let client = server.client("technician", None);
    let made = client
        .post("/devices", json!({"category": "laptop"}))
        .expect(201);
    let tag = made["tag"].as_str().unwrap();
    let label = client.get(&format!("/devices/{tag}/label.png"));
    let codes = photo::codes(&label.body).unwrap();
    assert_eq!(codes.len(), 1, "{codes:?}");
    let scan = take(&client, json!([{"key": "photo", "code": codes[0]}]));
    assert_eq!(scan[0]["device"], tag);

    // 20,000 × 10,000 pixels in a few bytes: refused by its header, before it is unpacked.
    let mut png = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR".to_vec();
    png.extend(20_000_u32.to_be_bytes());
    png.extend(10_000_u32.to_be_bytes());
    png.extend([8, 0, 0, 0, 0]);
    png.extend(crc32(&png[12..29]).to_be_bytes());
    png.extend(b"\x00\x00\x00\x00IDAT\x35\xaf\x06\x1e");
    assert_eq!(photo::codes(&png).unwrap_err().code, Code::TooLarge);
    assert_eq!(
        photo::codes(&vec![0; 21 * 1024 * 1024]).unwrap_err().code,
        Code::TooLarge
    );
    for junk in [&b""[..], b"GIF89a", b"<svg/>", b"\xff\xd8\xff\xe0 no jpeg"] {
        assert_eq!(photo::codes(junk).unwrap_err().code, Code::UnsupportedMedia);
    }
}

/// The checksum of a PNG chunk (PNG specification, annex D), bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 {
                0xedb8_8320 ^ (crc >> 1)
            } else {
                crc >> 1
            }
        })
    };
    !bytes.iter().fold(u32::MAX, step)
}
