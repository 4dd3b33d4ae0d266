//! Decisions, erasures, exits, repairs and purchases, walked as people walk them.

use serde_json::json;

use super::Browser;
use crate::support::client::Client;
use crate::support::server::Server;

/// A laptop in stock that holds data, and its tag.
fn device(api: &Client, serial: &str) -> String {
    let body = json!({"category": "laptop", "name": "Portable", "serial": serial, "purchase_price_cents": 81250,
        "codes": [{"kind": "asset_tag", "value": "INV-7"}],
        "event": {"kind": "receive", "on": "2021-02-01", "acquisition": "purchase"}});
    let made = api.post("/devices", body).expect(201);
    made["tag"].as_str().unwrap().to_owned()
}

#[test]
fn a_list_is_retired_by_a_decision_wiped_and_given_and_counts() {
    for server in Server::each() {
        let api = server.admin();
        let (one, two) = (device(&api, "SN-1"), device(&api, "SN-2"));
        let proposal =
            json!({"kind": "propose_retirement", "on": "2025-01-10", "cause": "obsolete"});
        api.post(&format!("/devices/{one}/events"), proposal)
            .expect(201);
        let partner = json!({"name": "Relais <b>solidaire</b>", "kinds": ["beneficiary"]});
        let partner = api.post("/partners", partner).expect(201);
        let partner = partner["key"].as_str().unwrap().to_owned();
        let browser = Browser::of(&server, "manager", None);

        // What is proposed is there, ticked.
        let page = browser.open("/decisions/new");
        assert!(page.contains(&format!("value=\"{one}\" checked")), "{page}");
        assert!(!page.contains(&format!("value=\"{two}\"")));
        // Without a reference: refused, and what was typed and ticked stays.
        let typed = [
            ("device", one.as_str()),
            ("tags", two.as_str()),
            ("on", "2025-03-01"),
        ];
        let refused = browser.send("/decisions/confirm", &typed);
        assert_eq!(refused.status, 422);
        assert!(refused.text().contains("value=\"2025-03-01\"") && refused.text().contains(&two));

        browser.open("/decisions/new");
        let tags = format!("{two}\nNO-SUCH-TAG");
        let asked = [
            ("device", one.as_str()),
            ("tags", tags.as_str()),
            ("reference", "DEL/2025 n°<i>4</i>"),
            ("on", "2025-03-01"),
            ("cause", "obsolete"),
        ];
        let confirm = browser.send("/decisions/confirm", &asked);
        assert_eq!(confirm.status, 200);
        let text = confirm.text();
        assert!(text.contains("Réformer 2 appareils") && text.contains("NO-SUCH-TAG"));
        let decided = browser.submit("/decisions", &[]);
        assert!(decided.contains("2 appareils réformés") && !decided.contains("<i>4</i>"));
        assert_eq!(
            api.get(&format!("/devices/{one}")).expect(200)["retired_on"],
            "2025-03-01"
        );

        // The state of it, for the accounts.
        let href = |ending: &str| {
            let (_, rest) = decided
                .split_once(&format!("href=\"/decisions/etat-de-reforme.{ending}"))
                .unwrap();
            let query = rest
                .split('"')
                .next()
                .unwrap()
                .replace("&amp;", "&")
                .replace("&#38;", "&");
            format!("/decisions/etat-de-reforme.{ending}{query}")
        };
        let csv = browser.get(&href("csv")).text();
        assert!(
            csv.contains("INV-7") && csv.contains("812,5") && csv.contains("SN-2"),
            "{csv}"
        );
        let pdf = browser.get(&href("pdf"));
        assert_eq!(pdf.status, 200);
        assert!(
            pdf.header("content-type")
                .unwrap()
                .contains("application/pdf")
        );

        // Given away: the missing erasure is said, with the way to it.
        let to = format!("/exits/new?kind=donation&tags={one},{two}");
        let form = browser.open(&to);
        assert!(
            form.contains("2 appareils portent encore des données") && form.contains("/wipes/new?")
        );
        let back = format!("%2Fexits%2Fnew%3Fkind%3Ddonation%26tags%3D{one}");
        browser.open(&format!("/wipes/new?tags={one}&back={back}"));
        let wiped = browser.submit(
            "/wipes",
            &[
                ("device", one.as_str()),
                ("method", "purge"),
                ("on", "2025-03-02"),
                ("verified", "1"),
            ],
        );
        assert!(wiped.contains("Effacement vérifié") && !wiped.contains("portent encore"));
        let asked = [
            ("device", one.as_str()),
            ("partner", partner.as_str()),
            ("on", "2025-03-03"),
            ("unit_value_cents", "95"),
        ];
        let confirm = browser.send("/exits/confirm", &asked);
        assert_eq!(confirm.status, 200, "{}", confirm.text());
        // Before anything is written: who takes it, at what value, and what is still missing.
        let said = confirm.text();
        assert!(said.contains("solidaire") && !said.contains("<b>solidaire</b>"));
        assert!(said.contains("Pas de convention") && said.contains("Pas d’engagement d’usage"));
        assert!(said.contains("95,00") && !said.contains("Valeur unitaire non renseignée"));
        let gone = browser.submit("/exits", &[]);
        assert!(
            gone.contains("1 appareil remis") && gone.contains("Pas de convention"),
            "{gone}"
        );
        assert!(!gone.contains("<b>solidaire</b>"));
        assert_eq!(
            api.get(&format!("/devices/{one}")).expect(200)["stage"],
            "gone"
        );
        assert_eq!(
            api.get(&format!("/devices/{two}")).expect(200)["stage"],
            "retired"
        );
    }
}

#[test]
fn a_repair_is_opened_and_closed_and_its_fault_is_shown_harmless() {
    for server in Server::each() {
        let api = server.admin();
        let tag = device(&api, "SN-9");
        let browser = Browser::of(&server, "technician", None);
        browser.open(&format!("/repairs/new?device={tag}"));
        let fault = [
            ("fault", "<script>alert(1)</script>"),
            ("opened_on", "2025-04-01"),
        ];
        let page = browser.submit("/repairs", &fault);
        assert!(page.contains("&lt;script&gt;") || page.contains("&#60;script&#62;"));
        assert!(!page.contains("<script>alert"));
        let key = api.get("/repairs").expect(200)["items"][0]["key"].clone();
        let close = format!("/repairs/{}/close", key.as_str().unwrap());
        let refused = browser.send(
            &close,
            &[
                ("outcome", "fixed"),
                ("closed_on", "2025-04-03"),
                ("hours", "deux"),
            ],
        );
        assert_eq!(refused.status, 422);
        assert!(refused.text().contains("value=\"deux\""));
        let told = [
            ("outcome", "fixed"),
            ("closed_on", "2025-04-03"),
            ("hours", "1,5"),
            ("cost_cents", "45,50"),
        ];
        browser.submit(&close, &told);
        let repair = &api.get("/repairs").expect(200)["items"][0];
        assert_eq!(
            (repair["hours"].as_f64(), repair["cost_cents"].as_i64()),
            (Some(1.5), Some(4550))
        );
    }
}

#[test]
fn a_purchase_is_received_and_the_second_of_two_who_change_it_is_told() {
    for server in Server::each() {
        let api = server.admin();
        let browser = Browser::of(&server, "procurement", None);
        browser.open("/purchases/new");
        let page = browser.submit(
            "/purchases",
            &[
                ("reference", "BC-1"),
                ("kind", "order"),
                ("lines[0].category", "laptop"),
                ("lines[0].quantity", "2"),
                ("lines[0].amount_cents", "1 624,00"),
                ("lines[0].condition", "refurbished"),
            ],
        );
        assert!(page.contains("BC-1"));
        browser.open("/purchases/bc-1/edit");
        api.patch("/purchases/bc-1", json!({"reference": "BC-1 bis"}))
            .expect(200);
        let second = browser.send(
            "/purchases/bc-1/edit",
            &[("reference", "BC-1 ter"), ("lines[0].category", "laptop")],
        );
        assert_eq!(second.status, 422);
        assert!(second.text().contains("BC-1 ter") && second.text().contains("modifié"));
        let line = api.get("/purchases/bc-1").expect(200)["lines"][0]["key"].clone();
        let receive = format!("/purchases/bc-1/receive?line={}", line.as_str().unwrap());
        browser.open(&receive);
        let answer = browser.send(&receive, &[("serials", "SN-A\nSN-B"), ("on", "2025-05-02")]);
        assert_eq!(answer.status, 303, "{}", answer.text());
        let items = api.get("/devices?q=SN-A").expect(200)["items"].clone();
        assert_eq!(
            (
                items[0]["stage"].as_str(),
                items[0]["condition"].as_str(),
                items[0]["purchase_price_cents"].as_i64()
            ),
            (Some("in_stock"), Some("refurbished"), Some(81200))
        );
    }
}

/// A device of an organisation, its réforme proposed for this cause.
fn proposed(api: &Client, organisation: &str, serial: &str, cause: &str) -> String {
    let body = json!({"category": "monitor", "serial": serial, "organisation": organisation,
        "event": {"kind": "receive", "on": "2020-02-01"}});
    let tag = api.post("/devices", body).expect(201)["tag"].clone();
    let tag = tag.as_str().unwrap().to_owned();
    let event = json!({"kind": "propose_retirement", "on": "2025-01-10", "cause": cause});
    api.post(&format!("/devices/{tag}/events"), event)
        .expect(201);
    tag
}

#[test]
fn a_decision_is_that_of_one_council_and_keeps_the_cause_of_each_proposal() {
    for server in Server::each() {
        let api = server.admin();
        api.post(
            "/organisations",
            json!({"key": "tilleuls", "name": "Les <i>Tilleuls</i>", "kind": "commune", "parent": "main"}),
        )
        .expect(201);
        let (broken, old) = (
            proposed(&api, "main", "P-1", "failure"),
            proposed(&api, "main", "P-2", "obsolete"),
        );
        let theirs = proposed(&api, "tilleuls", "P-3", "surplus");
        let browser = Browser::of(&server, "manager", None);
        let ticked = |page: &str, tag: &str| page.contains(&format!("value=\"{tag}\" checked"));
        let page = browser.open("/decisions/new");
        assert!(ticked(&page, &broken) && ticked(&page, &old) && !ticked(&page, &theirs));
        assert!(page.contains(&theirs) && page.contains("cause\u{a0}: en surnombre."));
        assert!(page.contains("Tilleuls") && !page.contains("<i>Tilleuls"));
        let page = browser.open("/decisions/new?council=tilleuls");
        assert!(ticked(&page, &theirs) && !ticked(&page, &old));

        // Of two organisations at once: refused, and what was typed and ticked stays.
        let both = [
            ("device", old.as_str()),
            ("device", theirs.as_str()),
            ("reference", "DEL-7"),
            ("on", "2025-03-01"),
        ];
        let refused = browser.send("/decisions/confirm", &both);
        assert_eq!(refused.status, 422);
        let text = refused.text();
        assert!(text.contains("un seul conseil") && text.contains("value=\"DEL-7\""));
        assert!(ticked(&text, &old) && ticked(&text, &theirs));

        browser.open("/decisions/new");
        let ours = [
            ("device", old.as_str()),
            ("device", broken.as_str()),
            ("reference", "DEL-7"),
            ("on", "2025-03-01"),
        ];
        let confirm = browser.send("/decisions/confirm", &ours);
        assert_eq!(confirm.status, 200, "{}", confirm.text());
        let page = browser.submit("/decisions", &[]);
        assert!(page.contains("2 appareils réformés") && page.contains("Cause\u{a0}: Panne"));
        let csv =
            browser.get("/decisions/etat-de-reforme.csv?org=main&on=2025-03-01&reference=DEL-7");
        let csv = csv.text();
        let line = |serial: &str| csv.lines().find(|l| l.contains(serial)).unwrap().to_owned();
        assert!(line("P-1").contains("Panne") && line("P-2").contains("Obsolète"));

        // REST takes a list of two organisations, and says what it made of it.
        let mine = proposed(&api, "main", "P-4", "other");
        let body = json!({"reference": "DEL-8", "on": "2025-03-02", "devices": [mine, theirs]});
        let answer = api.post("/decisions", body).expect(201);
        assert_eq!(answer["warnings"][0]["code"], "several_organisations");
    }
}

#[test]
fn what_is_gone_asks_for_its_proof_first_and_an_exit_prints_its_paper() {
    for server in Server::each() {
        let api = server.admin();
        let tag = proposed(&api, "main", "G-1", "surplus");
        let browser = Browser::of(&server, "manager", None);
        let head = |page: &str| {
            let (_, rest) = page.split_once("class=\"head\"").unwrap();
            rest.split("class=\"split\"").next().unwrap().to_owned()
        };
        let page = browser.open(&format!("/devices/{tag}"));
        let said =
            "Réforme proposée le 10\u{a0}janv.\u{a0}2025\u{202f}; cause\u{a0}: en surnombre.";
        assert!(head(&page).contains(said), "{}", head(&page));
        let partner = |name: &str, kind: &str| {
            let made = api.post("/partners", json!({"name": name, "kinds": [kind]}));
            made.expect(201)["key"].as_str().unwrap().to_owned()
        };
        let (repairer, friends) = (
            partner("Atelier", "repairer"),
            partner("Relais (Nord)", "beneficiary"),
        );
        let event = |body| {
            api.post(&format!("/devices/{tag}/events"), body)
                .expect(201);
        };
        event(json!({"kind": "retire", "on": "2025-02-01"}));
        event(json!({"kind": "orient", "on": "2025-02-02", "destination": "donation"}));
        assert!(!head(&browser.open(&format!("/devices/{tag}"))).contains("proposée"));
        // Who may take a gift comes first, whoever else there is after.
        let form = browser.open(&format!("/devices/{tag}/do/hand_over"));
        let at = |text: &str| form.find(text).unwrap_or_else(|| panic!("{text}"));
        let others = at("<optgroup");
        assert!(at(&format!("value=\"{friends}\"")) < others);
        assert!(at(&format!("value=\"{repairer}\"")) > others);

        let exit = json!({"kind": "donation", "partner": friends, "on": "2025-02-03", "devices": [tag],
            "unit_value_cents": 4500, "convention": {"number": "C-12", "on": "2025-02-03"}});
        let exit = api.post("/exits", exit).expect(201);
        let key = exit["key"].as_str().unwrap();
        let page = browser.open(&format!("/devices/{tag}"));
        assert!(!head(&page).contains("Présence"));
        let steps: Vec<&str> = page.split("/do/").skip(1).collect();
        let step = |kind: &str| steps.iter().position(|s| s.starts_with(kind)).unwrap();
        assert!(step("prove\"") == 0 && step("give_back\"") > step("confirm_treatment\""));
        let paper = format!("/exits/{key}/attestation.pdf");
        assert!(browser.open(&format!("/exits/{key}")).contains(&paper));
        let pdf = browser.get(&paper);
        assert_eq!(pdf.header("content-type"), Some("application/pdf"));
        assert!(pdf.body.starts_with(b"%PDF-"));
        server.organisation("ailleurs");
        let stranger = Browser::of(&server, "manager", Some("ailleurs"));
        assert_eq!(stranger.get(&paper).status, 404);
    }
}

#[test]
fn purchases_come_the_latest_first_and_say_what_has_arrived() {
    for server in Server::each() {
        let api = server.admin();
        let supplier = api
            .post(
                "/partners",
                json!({"name": "Écrans & Cie", "kinds": ["supplier"]}),
            )
            .expect(201);
        let supplier = supplier["key"].as_str().unwrap().to_owned();
        let order = |reference: &str, on: Option<&str>, partner: Option<&str>| {
            let body = json!({"reference": reference, "ordered_on": on, "supplier": partner,
                "lines": [{"key": format!("{}-l", reference.to_lowercase()), "category": "monitor", "quantity": 2}]});
            api.post("/purchases", body).expect(201);
        };
        order("A-2023", Some("2023-05-01"), None);
        order("Z-UNDATED", None, None);
        order("M-2025", Some("2025-05-01"), Some(&supplier));
        order("B-2024", Some("2024-05-01"), Some(&supplier));
        for (serial, line) in [("A1", "a-2023-l"), ("A2", "a-2023-l"), ("B1", "b-2024-l")] {
            let body = json!({"category": "monitor", "serial": serial,
                "event": {"kind": "receive", "on": "2025-06-01", "line": line}});
            api.post("/devices", body).expect(201);
        }
        // Ordered is not received.
        let body = json!({"category": "monitor", "event": {"kind": "order", "on": "2025-06-01", "line": "m-2025-l"}});
        api.post("/devices", body).expect(201);

        let browser = Browser::of(&server, "procurement", None);
        let list = |query: &str| {
            let page = browser.open(&format!("/purchases{query}"));
            let (_, body) = page.split_once("<tbody").unwrap_or(("", ""));
            let rows = body.split("<tr").skip(1);
            let found = rows.map(|row| {
                let name = ["A-2023", "B-2024", "M-2025", "Z-UNDATED"];
                let name = name.into_iter().find(|n| row.contains(n)).unwrap();
                let arrived = ["✓", "1 sur 2 reçus", "À recevoir", "Reçu"];
                (name, *arrived.iter().find(|a| row.contains(**a)).unwrap())
            });
            found.collect::<Vec<_>>()
        };
        let all = [
            ("M-2025", "À recevoir"),
            ("B-2024", "1 sur 2 reçus"),
            ("A-2023", "Reçu"),
            ("Z-UNDATED", "À recevoir"),
        ];
        assert_eq!(list(""), all);
        assert_eq!(list("?year=2024"), all[1..2]);
        assert_eq!(list(&format!("?supplier={supplier}")), all[..2]);
        assert_eq!(list("?arrived=all"), all[2..3]);
        assert_eq!(list("?arrived=awaited&year=2025"), all[..1]);
        assert_eq!(list("?q=b-20"), all[1..2]);
        assert!(
            browser
                .open("/purchases?year=2019")
                .contains("Aucun achat ne répond")
        );
        assert_eq!(browser.get("/purchases?supplier=nobody").status, 400);
    }
}
