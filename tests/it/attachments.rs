//! Files kept with devices and operations, on both engines: what is taken, who reads it, what becomes of it.

use diesel::connection::SimpleConnection;
use reparc::app::{Actor, attachments, ledger_care, people};
use reparc::db::{Db, Engine, Store};
use serde_json::{Value, json};

use crate::pages::Browser;
use crate::support::client::{Answer, Client};
use crate::support::db::EmptyPostgres;
use crate::support::server::Server;

/// A laptop in stock; its tag.
pub fn laptop(api: &Client, serial: &str) -> String {
    let body = json!({"category": "laptop", "serial": serial, "event": {"kind": "receive", "on": "2024-01-10"}});
    let made = api.post("/devices", body).expect(201);
    made["tag"].as_str().unwrap().to_owned()
}

pub fn send(api: &Client, about: &str, name: &str, bytes: &[u8]) -> Answer {
    let path = format!("/api/v1/attachments?about={about}&filename={name}");
    api.send("POST", &path, &[], bytes)
}

fn png(wide: u32, high: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bytes.extend(wide.to_be_bytes());
    bytes.extend(high.to_be_bytes());
    bytes.extend(b"\x08\x02\0\0\0");
    bytes
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[test]
fn a_file_comes_back_byte_for_byte_and_only_as_a_download() {
    for server in Server::each() {
        let api = server.admin();
        let tag = laptop(&api, "SN-1");
        // Longer than a piece, so that the pieces are put together again.
        let log: Vec<u8> = (0..700_000u32).map(|i| b'a' + (i % 26) as u8).collect();
        let made = send(
            &api,
            &format!("device:{tag}"),
            "..%2Frapport%20%22final%22.txt",
            &log,
        );
        let location = made.header("location").unwrap().to_owned();
        let made = made.expect(201);
        assert_eq!(
            (
                &made["about"],
                &made["filename"],
                &made["media_type"],
                &made["size"],
                &made["gone"]
            ),
            (
                &json!(format!("device:{tag}")),
                &json!("rapport \"final\".txt"),
                &json!("text/plain"),
                &json!(700_000),
                &Value::Null
            )
        );
        assert_eq!(
            location,
            format!("/api/v1/attachments/{}", text(&made["id"]))
        );
        let content = api.send("GET", &format!("{location}/content"), &[], b"");
        assert_eq!((content.status, content.body == log), (200, true));
        let header = |name: &str| content.header(name).unwrap_or_default().to_owned();
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert!(header("content-security-policy").contains("sandbox"));
        assert_eq!(
            header("content-disposition"),
            "attachment; filename=\"rapport__final_.txt\"; filename*=UTF-8''rapport%20%22final%22.txt"
        );
        let list = api
            .get(&format!("/attachments?about=device:{tag}"))
            .expect(200);
        assert_eq!(list["items"], json!([made]));
        // A part of a form is a file too, and a key makes it count once.
        let form =
            b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"photo.png\"\r\n\r\n";
        let form = [&form[..], &png(10, 10), b"\r\n--x--\r\n"].concat();
        let path = format!("/api/v1/attachments?about=device:{tag}");
        let headers = [
            ("Content-Type", "multipart/form-data; boundary=x"),
            ("Idempotency-Key", "k"),
        ];
        let once = api.send("POST", &path, &headers, &form).expect(201);
        let twice = api.send("POST", &path, &headers, &form).expect(201);
        assert_eq!((&once["media_type"], &once), (&json!("image/png"), &twice));
    }
}

#[test]
fn every_kind_of_thing_has_its_files_and_its_right() {
    for server in Server::each() {
        let api = server.admin();
        let tag = laptop(&api, "SN-1");
        let key = |made: Value| text(&made["key"]);
        let repair = json!({"device": tag, "opened_on": "2024-02-01", "fault": "x", "closed_on": "2024-02-03", "outcome": "fixed"});
        let repair = key(api.post("/repairs", repair).expect(201));
        let wipe =
            json!({"devices": [tag], "on": "2024-02-05", "method": "purge", "verified": true});
        let wipe = key(api.post("/wipes", wipe).expect(201));
        let event = |body: Value| {
            api.post(&format!("/devices/{tag}/events"), body)
                .expect(201)
        };
        event(json!({"kind": "retire", "on": "2024-02-06", "cause": "surplus"}));
        event(json!({"kind": "orient", "on": "2024-02-06", "destination": "donation"}));
        api.post(
            "/partners",
            json!({"key": "relais", "name": "Relais", "kinds": ["beneficiary"]}),
        )
        .expect(201);
        let exit =
            json!({"kind": "donation", "partner": "relais", "on": "2024-02-07", "devices": [tag]});
        let exit = key(api.post("/exits", exit).expect(201));
        let purchase = key(api
            .post("/purchases", json!({"kind": "order", "reference": "BC 1"}))
            .expect(201));
        let (viewer, technician, buyer) = (
            server.client("viewer", None),
            server.client("technician", None),
            server.client("procurement", None),
        );
        for about in [
            format!("device:{tag}"),
            format!("wipe:{wipe}"),
            format!("repair:{repair}"),
            format!("exit:{exit}"),
            format!("purchase:{purchase}"),
        ] {
            let buys = about.starts_with("purchase");
            let (may, may_not) = if buys {
                (&buyer, &technician)
            } else {
                (&technician, &buyer)
            };
            send(may_not, &about, "a.txt", b"a").refused(403, "forbidden");
            send(&viewer, &about, "a.txt", b"a").refused(403, "forbidden");
            let made = send(may, &about, "a.txt", b"a").expect(201);
            assert_eq!(made["about"], json!(about));
            let list = viewer
                .get(&format!("/attachments?about={about}"))
                .expect(200);
            assert_eq!(list["items"], json!([made]), "{about}");
        }
        send(&api, "device:NOBODY", "a.txt", b"a").refused(422, "unknown_reference");
        send(&api, "wipe:nothing", "a.txt", b"a").refused(422, "unknown_reference");
        for wrong in ["device", "lot:1", "device:", ":x"] {
            send(&api, wrong, "a.txt", b"a").refused(400, "invalid_parameter");
            api.get(&format!("/attachments?about={wrong}"))
                .refused(400, "invalid_parameter");
        }
        api.get("/attachments").refused(400, "invalid_parameter");
    }
}

#[test]
fn what_could_hurt_is_refused_and_nothing_is_kept() {
    for server in Server::each() {
        let api = server.admin();
        let tag = laptop(&api, "SN-1");
        let about = format!("device:{tag}");
        let big = vec![b'a'; 100 * 1024 * 1024];
        for (name, bytes, status, code) in [
            ("photo.jpg", &big[..], 413, "too_large"),
            ("photo.txt", &big[..16 * 1024 * 1024 + 1], 413, "too_large"),
            ("bombe.png", &png(20_000, 10_000), 422, "invalid_value"),
            ("bombe.png", &png(0, 10), 422, "invalid_value"),
            (
                "outil.pdf",
                b"\x7fELF\x02\x01\x01\0",
                415,
                "unsupported_media",
            ),
            ("archive.zip", b"PK\x03\x04\x14\0", 415, "unsupported_media"),
            ("vide.txt", b"", 400, "malformed"),
        ] {
            let refused = send(&api, &about, name, bytes);
            let problem = refused.refused(status, code);
            if status == 415 {
                assert!(text(&problem["detail"]).contains("PDF, PNG"), "{problem}");
            }
        }
        let list = api.get(&format!("/attachments?about={about}")).expect(200);
        assert_eq!(list["items"], json!([]));
        // At the limit it is taken.
        send(&api, &about, "grand.txt", &big[..16 * 1024 * 1024]).expect(201);
        send(&api, &about, "photo.png", &png(10_000, 5_000)).expect(201);
        let report = ledger_care::verify(&server.app, None).unwrap();
        assert_eq!((report.problems, report.attachments), (vec![], 2));
    }
}

/// Changes the first byte of the last piece of what is kept.
fn flip(db: &mut Db) {
    let sql = match Engine::of(db) {
        Engine::Sqlite => {
            "UPDATE attachment_parts SET bytes = CAST('X' AS BLOB) || substr(bytes, 2)"
        }
        Engine::Postgres => "UPDATE attachment_parts SET bytes = set_byte(bytes, 0, 88)",
    };
    db.batch_execute(sql).unwrap();
}

#[test]
fn verify_reads_every_byte_and_a_backup_carries_them_to_either_engine() {
    for server in Server::each() {
        let api = server.admin();
        let tag = laptop(&api, "SN-1");
        let bytes: Vec<u8> = [
            b"%PDF-1.4\n".to_vec(),
            (0..=255).cycle().take(600_000).collect(),
        ]
        .concat();
        let made = send(&api, &format!("device:{tag}"), "a.pdf", &bytes).expect(201);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("backup.gz");
        ledger_care::backup(&server.app, &file).unwrap();
        let mut urls = vec![format!("sqlite://{}/restored.db", folder.path().display())];
        let empty = EmptyPostgres::make();
        urls.extend(empty.as_ref().map(|e| e.url.clone()));
        for url in urls {
            let store = Store::open(&url, true).unwrap();
            let (_, report) = ledger_care::restore(&store, &file, None, false).unwrap();
            assert_eq!((report.problems, report.attachments), (vec![], 1));
            let app =
                reparc::app::App::new(store, reparc::app::Clock::system(), "http://x").unwrap();
            let mut out = Vec::new();
            attachments::content(&app, &Actor::operator(), &text(&made["id"]), &mut out).unwrap();
            assert!(out == bytes, "{url}");
        }
        flip(&mut server.db.raw());
        let report = ledger_care::verify(&server.app, None).unwrap();
        let kinds: Vec<_> = report.problems.iter().map(|p| p.kind).collect();
        assert_eq!(kinds, ["attachment"]);
        server.db.execute("DELETE FROM attachments").unwrap();
        let report = ledger_care::verify(&server.app, None).unwrap();
        assert_eq!(report.problems[0].kind, "attachment");
    }
}

#[test]
fn what_is_personal_is_for_few_and_goes_with_the_person_for_ever() {
    for server in Server::each() {
        let api = server.admin();
        let tag = laptop(&api, "SN-1");
        let person = text(
            &api.post("/people", json!({"name": "Zoé Martin"}))
                .expect(201)["key"],
        );
        let about = format!("device:{tag}&person={person}");
        let path = format!("/api/v1/attachments?about={about}&filename=Zoe.txt");
        let made = api
            .send("POST", &path, &[], b"Zoe Martin, signature")
            .expect(201);
        let (id, list) = (
            text(&made["id"]),
            format!("/attachments?about=device:{tag}"),
        );
        assert_eq!(made["person"], json!(person));
        let viewer = server.client("viewer", None);
        assert_eq!(viewer.get(&list).expect(200)["items"], json!([]));
        viewer
            .get(&format!("/attachments/{id}"))
            .refused(404, "not_found");
        viewer
            .get(&format!("/attachments/{id}/content"))
            .refused(404, "not_found");
        server
            .client("technician", None)
            .get(&format!("/attachments/{id}/content"))
            .expect(200);

        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("backup.gz");
        ledger_care::backup(&server.app, &file).unwrap();
        let why = serde_json::from_value(json!({"reason": "demande"})).unwrap();
        people::erase(&server.app, &Actor::operator(), &person, why).unwrap();
        let erased = |api: &Client| {
            let seen = api.get(&format!("/attachments/{id}")).expect(200);
            assert_eq!(
                (&seen["gone"], &seen["filename"], &seen["sha256"]),
                (&json!("erased"), &json!(""), &made["sha256"])
            );
            api.get(&format!("/attachments/{id}/content"))
                .refused(404, "not_found");
        };
        erased(&api);
        // The backup still held it: restoring does not bring it back.
        ledger_care::restore(&server.app.store, &file, None, true).unwrap();
        erased(&server.admin());
        let report = ledger_care::verify(&server.app, None).unwrap();
        assert_eq!((report.problems, report.attachments), (vec![], 0));
    }
}

#[test]
fn bytes_go_after_their_last_day_and_the_hash_stays() {
    for server in Server::each() {
        let api = server.admin();
        let tag = laptop(&api, "SN-1");
        let path = |day: &str| {
            format!("/api/v1/attachments?about=device:{tag}&filename=a.txt&retained_until={day}")
        };
        api.send("POST", &path("2020-01-01"), &[], b"a")
            .refused(422, "invalid_value");
        let kept = text(&api.send("POST", &path("2190-01-01"), &[], b"a").expect(201)["id"]);
        let over = api.send("POST", &path("2190-01-01"), &[], b"b").expect(201);
        let id = text(&over["id"]);
        server
            .db
            .execute(&format!(
                "UPDATE attachments SET retained_until = '2020-01-01' WHERE id = '{id}'"
            ))
            .unwrap();
        assert_eq!(attachments::expire(&server.app).unwrap(), 1);
        assert_eq!(attachments::expire(&server.app).unwrap(), 0);
        let seen = api.get(&format!("/attachments/{id}")).expect(200);
        assert_eq!(
            (&seen["gone"], &seen["sha256"]),
            (&json!("expired"), &over["sha256"])
        );
        api.get(&format!("/attachments/{id}/content"))
            .refused(404, "not_found");
        api.get(&format!("/attachments/{kept}/content")).expect(200);
        let report = ledger_care::verify(&server.app, None).unwrap();
        assert_eq!((report.problems, report.attachments), (vec![], 1));
    }
}

#[test]
fn a_page_takes_a_file_once_and_shows_a_hostile_name_harmless() {
    for server in Server::each() {
        let api = server.admin();
        let tag = laptop(&api, "SN-1");
        let browser = Browser::of(&server, "technician", None);
        let to = format!("/devices/{tag}");
        browser.open(&to);
        let hidden: Vec<(&str, String)> = ["csrf", "key", "about", "back"]
            .into_iter()
            .map(|name| (name, browser.hidden("/attachments", name)))
            .collect();
        let form = |bytes: &[u8], csrf: Option<&str>| {
            let mut body = Vec::new();
            for (name, value) in &hidden {
                let value = csrf.filter(|_| *name == "csrf").unwrap_or(value);
                body.extend(
                    format!(
                        "--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
                    )
                    .bytes(),
                );
            }
            let head = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"<b>n.txt\"\r\n\r\n";
            [body, head.into(), bytes.to_vec(), b"\r\n--x--\r\n".to_vec()].concat()
        };
        let origin = browser.origin();
        let headers = [
            ("Origin", origin.as_str()),
            ("Content-Type", "multipart/form-data; boundary=x"),
        ];
        assert_eq!(
            browser
                .ask(
                    "POST",
                    "/attachments",
                    &headers,
                    &form(b"a", Some("forged"))
                )
                .status,
            403
        );
        for _ in 0..2 {
            let sent = browser.ask("POST", "/attachments", &headers, &form(b"a", None));
            assert_eq!(
                (sent.status, sent.header("location")),
                (303, Some(to.as_str()))
            );
        }
        let page = browser.open(&to);
        assert!(
            page.contains("Fichier joint.") && !page.contains("<b>n.txt"),
            "{page}"
        );
        assert_eq!(page.matches("href=\"/attachments/").count(), 1);
        // A program is refused, and the page says what is taken.
        let refused = browser.ask(
            "POST",
            "/attachments",
            &headers,
            &form(b"MZ\x90\0\x03", None),
        );
        assert_eq!(refused.status, 303);
        assert!(browser.open(&to).contains("PDF, PNG, JPEG, WebP"));
        let viewer = Browser::of(&server, "viewer", None);
        let seen = viewer.open(&to);
        assert!(seen.contains("href=\"/attachments/") && !seen.contains("action=\"/attachments\""));
    }
}
