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
