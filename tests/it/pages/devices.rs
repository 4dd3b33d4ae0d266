//! Devices in a browser: found by serial, allocated, retired, undone; many at once; two people at one record.

use serde_json::{Value, json};

use super::Browser;
use crate::support::server::Server;

/// A laptop in stock, and its tag.
fn laptop(server: &Server, serial: &str) -> String {
    let device = server
        .admin()
        .post(
            "/devices",
            json!({"category": "laptop", "serial": serial, "manufacturer": "Dell",
                "event": {"kind": "receive", "on": "2024-03-01"}}),
        )
        .expect(201);
    device["tag"].as_str().unwrap().to_owned()
}

fn device(server: &Server, tag: &str) -> Value {
    server.admin().get(&format!("/devices/{tag}")).expect(200)
}

#[test]
fn found_by_its_serial_allocated_retired_and_undone() {
    for server in Server::each() {
        let tag = laptop(&server, "FX0K7Q3");
        laptop(&server, "FX0K7Q4");
        let browser = Browser::of(&server, "manager", None);
        // The whole code leads to the device; its beginning to the list.
        let straight = browser.get("/devices?q=fx0k7q3");
        assert_eq!(
            (straight.status, straight.header("location")),
            (303, Some(format!("/devices/{tag}").as_str()))
        );
        assert!(browser.open("/devices?q=fx0k7").contains("2 appareils"));

        let page = browser.open(&format!("/devices/{tag}"));
        assert!(page.contains(&format!("/devices/{tag}/do/allocate")));
        let form = format!("/devices/{tag}/do/allocate");
        browser.open(&form);
        // Nothing is allocated to nobody; what was typed stays.
        let refused = browser.send(
            &form,
            &[("on", "2024-03-04"), ("note", "chargeur <b>neuf</b>")],
        );
        assert_eq!(refused.status, 422);
        let text = refused.text();
        assert!(text.contains("role=\"alert\"") && text.contains("2024-03-04"));
        assert!(text.contains("chargeur") && !text.contains("<b>neuf"));
        let page = browser.submit(&form, &[("on", "2024-03-04"), ("service", "Urbanisme")]);
        assert!(page.contains("En service") && page.contains("Urbanisme, le "));
        assert!(page.contains("bon-de-remise.pdf?event="));
        assert_eq!(device(&server, &tag)["stage"], "in_use");

        // The button of the flash voids it.
        let undo = page
            .split("action=\"")
            .find(|a| a.contains("/correct?event="))
            .unwrap();
        let undo = undo.split('"').next().unwrap().to_owned();
        let page = browser.submit(&undo, &[]);
        assert!(page.contains("<s>Affecté</s>"), "{page}");
        assert_eq!(device(&server, &tag)["stage"], "in_stock");

        let form = format!("/devices/{tag}/do/retire");
        assert!(browser.open(&form).contains("2023-266"));
        let page = browser.submit(
            &form,
            &[
                ("on", "2024-05-02"),
                ("reference", "DEC-2024-1"),
                ("cause", "obsolete"),
            ],
        );
        // Its data keep it from leaving, and the page says so.
        assert!(page.contains("Ne peut pas encore sortir"));
        assert_eq!(device(&server, &tag)["retired_on"], "2024-05-02");
    }
}

#[test]
fn people_of_the_same_name_are_told_apart_and_each_can_be_picked() {
    for server in Server::each() {
        let api = server.admin();
        server.organisation("ccas");
        let person = |body: Value| {
            let made = api.post("/people", body).expect(201);
            made["key"].as_str().unwrap().to_owned()
        };
        let clara = |more: Value| {
            let mut body = json!({"name": "Clara Charpin", "service": "Culture"});
            let more = more.as_object().unwrap().clone();
            body.as_object_mut().unwrap().extend(more);
            person(body)
        };
        let plain = clara(json!({}));
        let numbered = clara(json!({"external_id": "M-0042"}));
        let other = clara(json!({"organisation": "ccas"}));
        let nowhere = person(json!({"name": "Clara Charpin"}));

        let tag = laptop(&server, "S1");
        let browser = Browser::of(&server, "manager", None);
        let form = format!("/devices/{tag}/do/allocate");
        let page = browser.open(&form);
        let label = |key: &str| {
            let option = page.split(&format!("<option value=\"{key}\">")).nth(1);
            let option = option.unwrap_or_else(|| panic!("{key} is not offered"));
            option.split("</option>").next().unwrap().to_owned()
        };
        let keys = [&plain, &numbered, &other, &nowhere];
        let labels: Vec<String> = keys.iter().map(|key| label(key)).collect();
        assert!(labels[1].contains("M-0042"), "{labels:?}");
        assert!(labels[2].to_lowercase().contains("ccas"), "{labels:?}");
        // The name and service alone may mean several: they are all named, each by what separates it.
        let refused = browser.send(&form, &[("on", "2024-03-04"), ("holder", "Clara Charpin")]);
        assert_eq!(refused.status, 422);
        let text = refused.text();
        for (key, label) in keys.iter().zip(&labels) {
            assert!(text.contains(label), "{label}");
            let tag = laptop(&server, key);
            let form = format!("/devices/{tag}/do/allocate");
            browser.open(&form);
            browser.submit(&form, &[("on", "2024-03-04"), ("holder", label)]);
            assert_eq!(device(&server, &tag)["holder"], key.as_str(), "{label}");
        }
    }
}

#[test]
fn a_form_sent_twice_is_one_event() {
    for server in Server::each() {
        let tag = laptop(&server, "S1");
        let browser = Browser::of(&server, "technician", None);
        let form = format!("/devices/{tag}/do/report_fault");
        browser.open(&form);
        let fields = [("on", "2024-04-01"), ("fault", "écran")];
        let first = browser.send(&form, &fields);
        let second = browser.send(&form, &fields);
        assert_eq!((first.status, second.status), (303, 303));
        let events = server
            .admin()
            .get(&format!("/devices/{tag}/events"))
            .expect(200);
        let faults = events["items"].as_array().unwrap().iter();
        assert_eq!(faults.filter(|e| e["kind"] == "report_fault").count(), 1);
    }
}

#[test]
fn many_at_once_all_or_none_and_undone_as_one() {
    for server in Server::each() {
        let tags: Vec<String> = ["A1", "A2", "A3"].map(|s| laptop(&server, s)).to_vec();
        let browser = Browser::of(&server, "manager", None);
        browser.open(&format!("/devices/{}/do/retire", tags[2]));
        browser.submit(
            &format!("/devices/{}/do/retire", tags[2]),
            &[("on", "2024-04-01")],
        );
        let page = browser.open("/devices/bulk?do=allocate&what=all&category=laptop");
        // What cannot be is left out and says why.
        assert!(
            page.contains("Affecter\u{a0}: 2 appareils") && page.contains("Réformé"),
            "{page}"
        );
        // A day to come is refused, and nothing is written.
        let before = browser.send(
            "/devices/bulk",
            &[("on", "2999-02-01"), ("service", "Urbanisme")],
        );
        assert_eq!(before.status, 422, "{}", before.text());
        assert_eq!(device(&server, &tags[1])["stage"], "in_stock");
        browser.open("/devices/bulk?do=allocate&what=all&category=laptop");
        let page = browser.submit(
            "/devices/bulk",
            &[("on", "2024-04-02"), ("service", "Urbanisme")],
        );
        assert!(page.contains("Affecté\u{a0}: 2 appareils"), "{page}");
        assert_eq!(device(&server, &tags[0])["stage"], "in_use");
        let undo = page
            .split("action=\"")
            .find(|a| a.contains("/bulk/undo"))
            .unwrap();
        let undo = undo.split('"').next().unwrap().to_owned();
        browser.submit(&undo, &[]);
        assert_eq!(device(&server, &tags[0])["stage"], "in_stock");
        assert_eq!(device(&server, &tags[1])["stage"], "in_stock");
    }
}

#[test]
fn the_second_of_two_people_is_told_and_keeps_what_was_typed() {
    for server in Server::each() {
        let tag = laptop(&server, "B1");
        let (one, two) = (
            Browser::of(&server, "manager", None),
            Browser::of(&server, "technician", None),
        );
        let form = format!("/devices/{tag}/edit");
        let fill = [
            ("category", "laptop"),
            ("serial", "B1"),
            ("manufacturer", "Dell"),
        ];
        one.open(&form);
        two.open(&form);
        let with = |name: &'static str| [fill.as_slice(), &[("name", name)]].concat();
        assert_eq!(one.send(&form, &with("Accueil")).status, 303);
        let told = two.send(&form, &with("Guichet <script>"));
        assert_eq!(told.status, 422);
        let text = told.text();
        assert!(text.contains("Guichet") && text.contains("Accueil") && !text.contains("<script>"));
        assert_eq!(device(&server, &tag)["name"], "Accueil");
        // Having seen it, they may still write theirs.
        assert_eq!(two.send(&form, &with("Guichet")).status, 303);
        assert_eq!(device(&server, &tag)["name"], "Guichet");
    }
}

#[test]
fn a_series_a_kept_list_and_what_a_viewer_sees() {
    for server in Server::each() {
        let browser = Browser::of(&server, "manager", None);
        browser.open("/devices/new");
        let fields = [
            ("category", "monitor"),
            ("serials", "M1\nM2\nM3"),
            ("arrives", "receive"),
            ("on", "2024-03-01"),
        ];
        let page = browser.submit("/devices/new", &fields);
        assert!(page.contains("3 appareils"));
        let page = browser.open("/devices?category=monitor&stage=in_stock&cols=serial");
        assert!(page.contains("M2") && page.contains("aria-current=\"true\""));
        let page = browser.submit("/devices/views", &[("name", "Écrans au stock")]);
        assert!(page.contains("Écrans au stock"));
        let csv = browser.get("/devices.csv?category=monitor").text();
        assert!(csv.starts_with('\u{feff}') && csv.contains(";M2;"));

        let viewer = Browser::of(&server, "viewer", None);
        let page = viewer.open("/devices");
        assert!(!page.contains("/devices/new") && !page.contains("type=\"checkbox\" name=\"tag\""));
        assert!(!page.contains("Écrans au stock"));
        let tag = page
            .split("/devices/")
            .nth(2)
            .map(|t| t.split('"').next().unwrap().to_owned());
        let tag = tag.unwrap();
        let own = viewer.get("/devices/bulk?do=allocate&what=all");
        assert_eq!(own.status, 403, "{tag}");
    }
}

#[test]
fn what_was_touched_last_comes_first_and_what_has_left_stands_apart() {
    for server in Server::each() {
        let api = server.admin();
        let made: Vec<String> = ["un", "deux", "trois"]
            .map(|name| {
                let event = json!({"kind": "receive", "on": "2024-01-10"});
                let body = json!({"category": "monitor", "name": name, "event": event});
                let made = api.post("/devices", body).expect(201);
                made["tag"].as_str().unwrap().to_owned()
            })
            .to_vec();
        let event = |tag: &str, body: Value| {
            let path = format!("/devices/{tag}/events");
            api.post(&path, body).expect(201);
        };
        event(
            &made[2],
            json!({"kind": "hand_over", "on": "2024-02-01", "exit_kind": "write_off"}),
        );
        event(&made[0], json!({"kind": "prepare", "on": "2024-02-02"}));
        let browser = Browser::of(&server, "technician", None);
        let at = |page: &str, tag: &str| page.find(&format!("href=\"/devices/{tag}\""));
        let page = browser.open("/devices?cols=name");
        let (first, second) = (at(&page, &made[0]), at(&page, &made[1]));
        assert!(first.is_some() && first < second, "{page}");
        assert_eq!(at(&page, &made[2]), None, "it has left");
        assert!(
            page.contains("2 appareils, écriture la plus récente"),
            "{page}"
        );
        for path in [
            "/devices?stage=all",
            "/devices?stage=gone",
            "/devices?q=trois",
        ] {
            assert!(at(&browser.open(path), &made[2]).is_some(), "{path}");
        }
        // The file, the labels and what is done to all mean the same devices.
        let file = browser.get("/devices.csv").text();
        assert!(file.contains(&made[0]) && !file.contains(&made[2]));
        let all = browser.get("/devices.csv?stage=all").text();
        assert!(all.contains(&made[2]));
        let page = browser.open("/devices/bulk?do=audit&what=all");
        assert!(page.contains(&made[1]) && !page.contains(&made[2]));
        // A program asks for no stage and gets all of them, by tag.
        let list = api.get("/devices").expect(200);
        assert_eq!(list["items"].as_array().unwrap().len(), 3);
    }
}

#[test]
fn a_form_found_again_writes_once_and_a_second_one_is_asked_for() {
    for server in Server::each() {
        let tag = laptop(&server, "FX0K7Q9");
        let browser = Browser::of(&server, "technician", None);
        let form = format!("/devices/{tag}/do/report_fault");
        let faults = || {
            let told = server
                .admin()
                .get(&format!("/devices/{tag}/events"))
                .expect(200);
            let told = told["items"].as_array().unwrap().clone();
            told.iter().filter(|e| e["kind"] == "report_fault").count()
        };
        let led = browser.ask("GET", &form, &[], b"");
        let at = led.header("location").unwrap().to_owned();
        browser.open(&at);
        let key = browser.hidden(&form, "key");
        browser.submit(&form, &[("on", "2024-03-05"), ("fault", "clavier")]);
        // Back: the address brings the same key, and sending it again changes nothing.
        browser.open(&at);
        assert_eq!(browser.hidden(&form, "key"), key);
        browser.submit(&form, &[("on", "2024-03-05"), ("fault", "clavier")]);
        assert_eq!(faults(), 1);
        // Other words are told first; sent again, they are a second event.
        browser.open(&at);
        let told = browser.send(&form, &[("on", "2024-03-05"), ("fault", "dalle")]);
        assert_eq!(told.status, 422);
        assert!(told.text().contains("déjà été enregistré") && told.text().contains("dalle"));
        assert_eq!(faults(), 1);
        browser.submit(&form, &[("on", "2024-03-05"), ("fault", "dalle")]);
        assert_eq!(faults(), 2);
        // A form opened anew has a new key, even when it says the same.
        browser.open(&form);
        assert_ne!(browser.hidden(&form, "key"), key);
        browser.submit(&form, &[("on", "2024-03-05"), ("fault", "dalle")]);
        assert_eq!(faults(), 3);
    }
}
