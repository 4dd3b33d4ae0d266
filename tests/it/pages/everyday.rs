//! Scanning, people, reference tables, labels, the public page of a tag.

use serde_json::{Value, json};

use super::Browser;
use crate::support::client::Client;
use crate::support::server::Server;

const HOSTILE: &str = "<script>alert(1)</script>\" onx='";

fn made(client: &Client, path: &str, body: Value) -> Value {
    let answer = client.post(path, body);
    assert_eq!(answer.status, 201, "{path}: {}", answer.text());
    answer.value()
}

/// A device received in January 2024, then this event.
fn device(client: &Client, mut body: Value, then: Option<Value>) -> Value {
    body["event"] = json!({"kind": "receive", "on": "2024-01-10"});
    let made = made(client, "/devices", body);
    if let Some(event) = then {
        let path = format!("/devices/{}/events", text(&made, "tag"));
        client.post(&path, event).expect(201);
    }
    made
}

fn count(events: &[String], kind: &str) -> usize {
    events.iter().filter(|k| *k == kind).count()
}

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap().to_owned()
}

fn events(client: &Client, tag: &str) -> Vec<String> {
    let answer = client.get(&format!("/devices/{tag}/events")).value();
    let kinds = answer["items"].as_array().unwrap().iter();
    kinds.map(|e| text(e, "kind")).collect()
}

#[test]
fn two_editors_of_a_site_are_told_and_lose_nothing() {
    for server in Server::each() {
        let api = server.admin();
        let browser = Browser::of(&server, "manager", None);
        browser.open("/sites/new");
        let shown = browser.submit("/sites/new", &[("name", HOSTILE), ("row_key", "annexe")]);
        assert!(!shown.contains("<script>alert"), "{shown}");
        assert!(!browser.open("/sites?q=script").contains("<script>alert"));

        // Both open the page; the first one saves.
        let second = Browser::of(&server, "manager", None);
        browser.open("/sites/annexe/edit");
        second.open("/sites/annexe/edit");
        browser.submit("/sites/annexe/edit", &[("name", "Annexe nord")]);
        let late = [("name", "Annexe sud"), ("address", "1 place du Marché")];
        let told = second.send("/sites/annexe/edit", &late);
        assert_eq!(told.status, 422);
        let page = told.text();
        for said in ["Annexe nord", "Annexe sud", "1 place du Marché"] {
            assert!(page.contains(said), "{said}: {page}");
        }
        assert_eq!(
            text(&api.get("/sites/annexe").value(), "name"),
            "Annexe nord"
        );
        // Told what stands there, they save on purpose.
        second.submit("/sites/annexe/edit", &late);
        let now = api.get("/sites/annexe").value();
        assert_eq!(
            (text(&now, "name"), text(&now, "address")),
            ("Annexe sud".into(), "1 place du Marché".into())
        );
    }
}

#[test]
fn a_refused_partner_keeps_what_was_typed_and_a_double_click_makes_one() {
    for server in Server::each() {
        let api = server.admin();
        let browser = Browser::of(&server, "procurement", None);
        browser.open("/partners/new");
        let wrong = [
            ("name", "Emmaüs"),
            ("siret", "123 456 789 00012"),
            ("kinds", "beneficiary"),
        ];
        let again = browser.send("/partners/new", &wrong);
        assert_eq!(again.status, 422);
        assert!(again.text().contains("Emmaüs") && again.text().contains("123 456 789 00012"));
        browser.open("/partners/new");
        let csrf = browser.csrf();
        let fields: Vec<(String, String)> = [
            ("csrf", csrf.as_str()),
            ("key", "twice"),
            ("name", "Emmaüs"),
            ("kinds", "beneficiary"),
        ]
        .map(|(n, v)| (n.to_owned(), v.to_owned()))
        .to_vec();
        let (one, two) = (
            browser.post("/partners/new", &fields),
            browser.post("/partners/new", &fields),
        );
        assert_eq!((one.status, two.status), (303, 303));
        assert_eq!(one.header("location"), two.header("location"));
        assert_eq!(
            api.get("/partners").value()["items"]
                .as_array()
                .unwrap()
                .len(),
            1
        );
        // Who may not change them sees no button, and is refused.
        let viewer = Browser::of(&server, "viewer", None);
        assert!(!viewer.open("/partners").contains("/partners/new"));
        assert_eq!(viewer.get("/partners/new").status, 403);
        assert_eq!(viewer.get("/people").status, 403);
    }
}

#[test]
fn a_leaver_gives_everything_back_at_once() {
    for server in Server::each() {
        let api = server.admin();
        let person = text(
            &made(
                &api,
                "/people",
                json!({"name": "Ada Martin", "service": "Voirie"}),
            ),
            "key",
        );
        let mut tags = Vec::new();
        for kind in ["allocate", "loan"] {
            let device = device(
                &api,
                json!({"category": "laptop"}),
                Some(json!({"kind": kind, "on": "2026-01-05", "holder": person})),
            );
            tags.push(text(&device, "tag"));
        }
        let browser = Browser::of(&server, "technician", None);
        let page = browser.open(&format!("/people/{person}"));
        assert!(tags.iter().all(|tag| page.contains(tag)), "{page}");
        let back: Vec<(String, String)> = [
            ("csrf".into(), browser.csrf()),
            ("key".into(), "leaving".into()),
            ("back".into(), format!("deallocate:{}", tags[0])),
            ("back".into(), format!("return:{}", tags[1])),
        ]
        .to_vec();
        assert!(
            page.contains(&back[2].1) && page.contains(&back[3].1),
            "{page}"
        );
        for _ in 0..2 {
            let done = browser.post(&format!("/people/{person}/return"), &back);
            assert_eq!(done.status, 303, "{}", done.text());
        }
        for (tag, last) in tags.iter().zip(["deallocate", "return"]) {
            let kinds = events(&api, tag);
            assert_eq!(count(&kinds, last), 1, "{kinds:?}");
        }
        // A technician erases nobody; a manager does, with a reason, and the name is gone.
        assert_eq!(browser.get(&format!("/people/{person}/erase")).status, 403);
        let manager = Browser::of(&server, "manager", None);
        let erase = format!("/people/{person}/erase");
        manager.open(&erase);
        assert_eq!(manager.send(&erase, &[("reason", "")]).status, 422);
        let page = manager.submit(&erase, &[("reason", "départ")]);
        assert!(
            !page.contains("Ada Martin") && page.contains("(nom effacé)"),
            "{page}"
        );
    }
}

#[test]
fn several_readings_are_written_once() {
    for server in Server::each() {
        let api = server.admin();
        made(&api, "/sites", json!({"name": "Mairie", "key": "mairie"}));
        made(
            &api,
            "/sites",
            json!({"name": "École des Tilleuls", "key": "ecole"}),
        );
        let placed = |serial: &str, site: &str| {
            let body = json!({"category": "laptop", "serial": serial, "site": site});
            text(&device(&api, body, None), "tag")
        };
        let (here, elsewhere) = (placed("SN-1001", "mairie"), placed("SN-1002", "ecole"));
        let browser = Browser::of(&server, "technician", None);
        browser.open("/scan");
        let set = browser.send("/scan/context", &[("act", "audit"), ("site", "mairie")]);
        assert_eq!(set.status, 200, "{}", set.text());
        let read = |code: &str| browser.send("/scan", &[("code", code)]).text();
        assert!(read("sn-1001").contains("Vu ici"));
        assert!(read(&elsewhere).contains("Attendu ailleurs"));
        assert!(read(&here).contains("Déjà lu"));
        let page = read(HOSTILE);
        assert!(
            page.contains("Inconnu") && !page.contains("<script>alert"),
            "{page}"
        );
        assert!(page.contains("Écrire 2 gestes"), "{page}");
        assert_eq!(
            count(&events(&api, &here), "audit"),
            0,
            "nothing is written before it is asked for"
        );

        // « Ranger ici », then the commit, sent twice as a double click does.
        browser.send("/scan", &[("do", "keep:1")]);
        let csrf = browser.csrf();
        let state = browser.hidden("/scan", "state");
        let commit: Vec<(String, String)> = [
            ("csrf", csrf.as_str()),
            ("key", "once"),
            ("state", &state),
            ("do", "commit"),
        ]
        .map(|(n, v)| (n.to_owned(), v.to_owned()))
        .to_vec();
        for _ in 0..2 {
            let done = browser.post("/scan", &commit).text();
            assert!(
                done.contains("2 gestes écrits") && done.contains("Écrit"),
                "{done}"
            );
        }
        assert_eq!(count(&events(&api, &here), "audit"), 1);
        assert_eq!(count(&events(&api, &elsewhere), "audit"), 1);
        assert_eq!(
            text(&api.get(&format!("/devices/{elsewhere}")).value(), "site"),
            "mairie"
        );
        // A session of another account is a new one.
        let other = Browser::of(&server, "manager", None);
        other.open("/scan");
        let stolen: Vec<(String, String)> = [("csrf", other.csrf()), ("state", state)]
            .map(|(n, v)| (n.to_owned(), v))
            .to_vec();
        assert!(
            other
                .post("/scan", &stolen)
                .text()
                .contains("Aucune lecture")
        );
    }
}

#[test]
fn the_public_page_tells_no_secret() {
    for server in Server::each() {
        let api = server.admin();
        let person = text(&made(&api, "/people", json!({"name": "Ada Martin"})), "key");
        made(
            &api,
            "/sites",
            json!({"name": "Cave secrète", "key": "cave"}),
        );
        let device = device(
            &api,
            json!({"category": "laptop", "serial": "SECRET-77", "name": "pc-ada", "site": "cave", "acquired_on": "2021-03-05", "condition": "new"}),
            Some(
                json!({"kind": "allocate", "on": "2026-01-05", "holder": person, "service": "Voirie"}),
            ),
        );
        let tag = text(&device, "tag");
        made(
            &api,
            "/devices",
            json!({"category": "laptop", "tag": "INV-0042"}),
        );
        let guest = Browser::new(&server);
        for address in [format!("/t/{tag}"), format!("/T/{}", tag.to_lowercase())] {
            let page = guest.open(&address);
            assert!(
                page.contains("Ordinateur portable") && page.contains("Mars\u{a0}2021"),
                "{page}"
            );
            assert!(page.contains("noindex"));
            for secret in [
                "SECRET-77",
                "pc-ada",
                "Ada",
                "Cave",
                "cave",
                "Voirie",
                "2021-03-05",
                &text(&device, "id"),
            ] {
                assert!(!page.contains(secret), "{secret}: {page}");
            }
        }
        // A tag that can be guessed and a tag that never was answer alike.
        let body = |path: &str| {
            let answer = guest.get(path);
            assert_eq!(answer.status, 404, "{path}");
            let page = answer.text();
            let cut = page
                .find("req_")
                .or_else(|| page.find("Numéro de la demande"));
            page[..cut.unwrap_or(page.len())].replace(path.trim_start_matches("/t/"), "TAG")
        };
        assert_eq!(body("/t/INV-0042"), body("/t/7Q4X2MK9V"));
        // Who works here is led to the device, or to make it.
        let staff = Browser::of(&server, "technician", None);
        let led = |path: &str| staff.get(path).header("location").map(str::to_owned);
        assert_eq!(led(&format!("/T/{tag}")), Some(format!("/devices/{tag}")));
        assert_eq!(led("/t/7Q4X2MK9V"), Some("/scan?code=7Q4X2MK9V".to_owned()));
        assert!(
            staff
                .open("/scan?code=7Q4X2MK9V")
                .contains("/devices/new?tag=7Q4X2MK9V")
        );
        // The form that it leads to takes the tag of the label.
        staff.open("/devices/new?tag=7Q4X2MK9V");
        let fields = [
            ("category", "laptop"),
            ("on", "2026-01-05"),
            ("arrives", "receive"),
            ("tag", "7Q4X2MK9V"),
        ];
        staff.submit("/devices/new", &fields);
        assert_eq!(led("/t/7Q4X2MK9V"), Some("/devices/7Q4X2MK9V".to_owned()));
    }
}

#[test]
fn labels_are_shown_where_they_will_be_printed() {
    for server in Server::each() {
        let api = server.admin();
        let tag = text(
            &made(&api, "/devices", json!({"category": "laptop"})),
            "tag",
        );
        let shown = format!("{}-{}-{}", &tag[..3], &tag[3..6], &tag[6..]);
        let browser = Browser::of(&server, "technician", None);
        // Handed over by the list of devices.
        let page = browser.open("/labels?category=laptop&start=7");
        assert!(
            page.contains(&shown) && page.contains("value=\"7\" checked"),
            "{page}"
        );
        browser.open("/labels");
        let sheet = [
            ("source", "tags"),
            ("tags", tag.as_str()),
            ("layout", "L7159"),
            ("start", "7"),
        ];
        let page = browser.send("/labels", &sheet).text();
        assert!(page.contains(&shown), "{page}");
        let mut fields: Vec<(String, String)> =
            sheet.map(|(n, v)| (n.to_owned(), v.to_owned())).to_vec();
        fields.push(("csrf".into(), browser.csrf()));
        fields.push(("format".into(), "pdf".into()));
        let file = browser.post("/labels/print", &fields);
        assert_eq!((file.status, file.body.starts_with(b"%PDF")), (200, true));
        // The first one is drawn as it will be printed, and the last layout is there again.
        assert!(
            page.contains("width=\"63.5mm\" height=\"33.9mm\""),
            "{page}"
        );
        fields.retain(|(name, _)| name != "layout");
        for (name, value) in [("layout", "roll:50x25"), ("under", "nothing")] {
            fields.push((name.into(), value.into()));
        }
        assert_eq!(browser.post("/labels/print", &fields).status, 200);
        let page = browser.open("/labels");
        assert!(page.contains("value=\"roll:50x25\" checked"), "{page}");
        assert!(page.contains("value=\"nothing\" selected") && !page.contains(&shown));
        // A tag that is not there is told, and what was typed stays.
        browser.open("/labels");
        let wrong = browser.send("/labels", &[("source", "tags"), ("tags", "NOPE-1\n<b>")]);
        assert_eq!(wrong.status, 422);
        assert!(wrong.text().contains("NOPE-1") && !wrong.text().contains("<b>\n"));
        assert_eq!(
            Browser::of(&server, "viewer", None).get("/labels").status,
            403
        );
    }
}
