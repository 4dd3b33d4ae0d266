//! Indicators, the first page, imports, accounts and tokens, as people meet them.

use serde_json::json;

use super::Browser;
use crate::support::client::Client;
use crate::support::server::Server;

/// A device in stock, and its tag.
fn device(api: &Client, name: &str, on: &str) -> String {
    let body = json!({"category": "laptop", "name": name,
        "event": {"kind": "receive", "on": on, "acquisition": "purchase"}});
    let made = api.post("/devices", body).expect(201);
    made["tag"].as_str().unwrap().to_owned()
}

fn event(api: &Client, tag: &str, body: serde_json::Value) {
    api.post(&format!("/devices/{tag}/events"), body)
        .expect(201);
}

#[test]
fn a_figure_is_said_as_rest_says_it_down_to_its_devices() {
    for server in Server::each() {
        let api = server.admin();
        let partner = json!({"name": "Relais <b>solidaire</b>", "kinds": ["beneficiary"]});
        let partner = api.post("/partners", partner).expect(201);
        let tag = device(&api, "<script>alert(1)</script>", "2019-02-01");
        event(
            &api,
            &tag,
            json!({"kind": "retire", "on": "2023-12-01", "reference": "D1"}),
        );
        event(
            &api,
            &tag,
            json!({"kind": "wipe", "on": "2024-01-05", "method": "purge", "verified": true}),
        );
        event(
            &api,
            &tag,
            json!({"kind": "orient", "on": "2024-02-01", "destination": "donation"}),
        );
        event(
            &api,
            &tag,
            json!({"kind": "hand_over", "on": "2024-03-01", "partner": partner["key"]}),
        );

        let said = api.get("/indicators/L01?year=2024").expect(200);
        assert_eq!(
            (said["numerator"].as_i64(), said["value"].as_i64()),
            (Some(1), Some(100))
        );
        let sentence = said["sentence"]["fr"].as_str().unwrap();
        let browser = Browser::of(&server, "viewer", None);
        let year = browser.open("/indicators?year=2024");
        // The verdict stands beside the sum, once.
        let sum = sentence.split(" Objectif").next().unwrap();
        assert!(year.contains(sum), "{sum}\n{year}");
        let one = browser.open("/indicators/l01?year=2024");
        assert!(one.contains(sentence) && one.contains(&format!("/devices/{tag}")));
        assert!(!one.contains("<script>alert"), "a name is text");
        // The year of the picture stands in the table below it.
        assert!(one.contains("<th scope=\"row\">2024</th>") && one.contains("role=\"img\""));
        // What became of the one: given, it counts; its row leads to it, alone and as a file.
        let row = "/indicators/L01?year=2024&#38;side=denominator&#38;group=donation#devices";
        assert!(
            one.contains("Que sont devenus les 1") && one.contains(row),
            "{one}"
        );
        assert!(one.contains("<td>1, soit 100"), "{one}");
        let given = browser.open("/indicators/L01?year=2024&side=denominator&group=donation");
        assert!(given.contains(&format!("/devices/{tag}")) && given.contains("Seulement"));
        let kept = browser.open("/indicators/L01?year=2024&side=denominator&group=still_here");
        assert!(!kept.contains(&format!("/devices/{tag}")));
        let file = browser.get("/indicators/L01/items.csv?year=2024").text();
        assert!(file.contains(&format!("L01;denominator;{tag};")), "{file}");
        assert!(file.contains(";yes;donation;retired_in_stock;"), "{file}");
        let left = browser.open("/indicators/L01?year=2024&side=excluded");
        assert!(!left.contains(&format!("/devices/{tag}")));
        assert_eq!(browser.get("/indicators/L99").status, 404);
        assert_eq!(browser.get("/indicators?year=abc").status, 400);
        let csv = browser.get("/indicators.csv?year=2024");
        assert!(csv.text().contains("L01,reen16_rate,2024,"));
    }
}

#[test]
fn the_first_page_tells_what_waits_and_stops_telling_it() {
    for server in Server::each() {
        let api = server.admin();
        let browser = Browser::of(&server, "technician", None);
        assert!(browser.open("/").contains("Rien n’attend personne."));
        let person = api
            .post("/people", json!({"name": "Odile Martin"}))
            .expect(201);
        let (lent, proposed) = (
            device(&api, "prêté", "2025-01-02"),
            device(&api, "à réformer", "2025-01-02"),
        );
        event(
            &api,
            &lent,
            json!({"kind": "loan", "on": "2025-02-01", "holder": person["key"], "due_on": "2025-02-15"}),
        );
        event(
            &api,
            &proposed,
            json!({"kind": "allocate", "on": "2025-02-01", "service": "Accueil"}),
        );
        event(
            &api,
            &proposed,
            json!({"kind": "propose_retirement", "on": "2025-03-01"}),
        );
        event(
            &api,
            &proposed,
            json!({"kind": "report_fault", "on": "2025-03-02", "fault": "écran"}),
        );

        let home = browser.open("/");
        for line in ["1 prêt échu", "1 réforme proposée", "1 réparation ouverte"] {
            assert!(home.contains(line), "{line}\n{home}");
        }
        assert!(
            browser
                .open("/today/loans")
                .contains(&format!("/devices/{lent}"))
        );
        assert!(
            browser
                .open("/today/repairs")
                .contains(&format!("/devices/{proposed}"))
        );
        assert!(!home.contains("Odile"));

        event(&api, &lent, json!({"kind": "return", "on": "2025-03-03"}));
        event(
            &api,
            &proposed,
            json!({"kind": "close_repair", "on": "2025-03-05", "outcome": "end_of_life"}),
        );
        event(
            &api,
            &proposed,
            json!({"kind": "retire", "on": "2025-03-10", "reference": "D2"}),
        );
        let home = browser.open("/");
        for line in ["échu", "réforme proposée", "réparation ouverte"] {
            assert!(!home.contains(line), "{line}\n{home}");
        }
        // Its disk still holds data.
        assert!(
            home.contains("1 appareil sorti du service porte encore des données"),
            "{home}"
        );
        // Another organisation is told nothing of it.
        api.post(
            "/organisations",
            json!({"key": "ailleurs", "name": "Ailleurs"}),
        )
        .expect(201);
        let foreign = Browser::of(&server, "technician", Some("ailleurs"));
        assert!(foreign.open("/").contains("Rien n’attend personne."));
    }
}

/// A form with a file, as browsers send it.
pub fn upload(
    browser: &Browser,
    csrf: &str,
    key: &str,
    file: &str,
) -> crate::support::client::Answer {
    let mut body = String::new();
    for (name, value) in [("csrf", csrf), ("key", key), ("profile", "csv")] {
        body.push_str(&format!(
            "--xyz\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        ));
    }
    body.push_str(&format!(
        "--xyz\r\nContent-Disposition: form-data; name=\"file\"; filename=\"parc.csv\"\r\nContent-Type: text/csv\r\n\r\n{file}\r\n--xyz--\r\n"
    ));
    let headers = [
        ("Origin", browser.origin()),
        ("Content-Type", "multipart/form-data; boundary=xyz".into()),
    ];
    let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
    browser.ask("POST", "/imports", &headers, body.as_bytes())
}

#[test]
fn a_file_is_tried_written_and_taken_back() {
    const FILE: &str = "Nom,Catégorie,Numéro de série\nPoste 1,laptop,SN-0001\nPoste <i>2</i>,laptop,SN-0002\nPoste 3,laptop,SN-0001\n";
    for server in Server::each() {
        let api = server.admin();
        let browser = Browser::of(&server, "manager", None);
        browser.open("/imports");
        let (csrf, key) = (browser.csrf(), "0192f0c0-0000-7000-8000-000000000001");
        assert_eq!(upload(&browser, "forged", key, FILE).status, 403);
        let tried = upload(&browser, &csrf, key, FILE);
        assert_eq!(tried.status, 303, "{}", tried.text());
        let at = tried.header("location").unwrap().to_owned();
        // The same form again: the same import.
        let again = upload(&browser, &csrf, key, FILE);
        assert_eq!(again.header("location"), Some(at.as_str()));
        let total = || api.get("/devices?total=true").expect(200)["total"].clone();
        assert_eq!(total(), 0, "a trial writes nothing");
        let report = browser.open(&at);
        assert!(report.contains("3 lues = "), "{report}");
        assert!(browser.open("/").contains("Un import attend d’être écrit"));

        browser.open(&at);
        let written = browser.submit(&format!("{at}/commit"), &[]);
        let n = total();
        assert!(
            n.as_i64().unwrap() >= 2 && written.contains("flash"),
            "{written}"
        );
        assert!(browser.open(&format!("{at}/undo")).contains("Annuler"));
        let undone = browser.submit(&format!("{at}/undo"), &[]);
        assert!(undone.contains("Import annulé."), "{undone}");
        assert_eq!(total(), 0);
        assert!(browser.open("/imports").contains("parc.csv"));

        let viewer = Browser::of(&server, "viewer", None);
        assert_eq!(viewer.get("/imports").status, 403);
        // What cannot be read is said where the file was chosen.
        browser.open("/imports");
        let bad = upload(&browser, &browser.csrf(), "k", "colonne\n\n");
        assert_eq!(bad.status, 422, "{}", bad.text());
    }
}

/// The secret that a page shows once.
fn shown(page: &str) -> String {
    let (_, rest) = page
        .split_once("class=\"mono secret\">")
        .unwrap_or_else(|| panic!("no secret on\n{page}"));
    rest.split('<').next().unwrap().to_owned()
}

#[test]
fn a_password_and_a_token_are_shown_once() {
    for server in Server::each() {
        let boss = Browser::of(&server, "administrator", None);
        boss.open("/accounts/new");
        let made = boss.send("/accounts/new", &[("name", "zoé"), ("role", "technician")]);
        assert_eq!(made.status, 200, "{}", made.text());
        let password = shown(&made.text());
        let zoe = Browser::new(&server);
        assert_eq!(zoe.sign_in("zoé", &password).status, 303);
        assert_eq!(
            zoe.get("/").header("location"),
            Some("/account"),
            "a provisional password is changed first"
        );
        // A name that is taken keeps what was typed.
        boss.open("/accounts/new");
        let refused = boss.send("/accounts/new", &[("name", "zoé"), ("role", "viewer")]);
        assert_eq!(refused.status, 422);
        assert!(refused.text().contains("value=\"zoé\""));

        boss.open("/tokens/new");
        let csrf = boss.csrf();
        let fields = [
            ("csrf", csrf.as_str()),
            ("key", "once"),
            ("name", "tableau"),
            ("role", "viewer"),
            ("days", "30"),
        ]
        .map(|(n, v)| (n.to_owned(), v.to_owned()));
        let secret = shown(&boss.post("/tokens/new", &fields).text());
        let again = boss.post("/tokens/new", &fields).text();
        assert!(
            !again.contains(&secret) && again.contains("une seule fois"),
            "{again}"
        );
        let program = Client {
            address: server.address.clone(),
            token: Some(secret),
        };
        program.get("/devices").expect(200);
        let list = boss.open("/tokens");
        assert_eq!(list.matches(">tableau<").count(), 1);
        let at = list
            .split("href=\"/tokens/")
            .find(|p| p.contains(">tableau<"))
            .unwrap();
        let at = format!("/tokens/{}", at.split('"').next().unwrap());
        boss.open(&at);
        boss.submit(&format!("{at}/revoke"), &[]);
        program.get("/devices").expect(401);

        let log = boss.open("/audit");
        for line in ["Compte ajouté", "Jeton créé", "Jeton révoqué"] {
            assert!(log.contains(line), "{line}");
        }
        assert!(
            !boss
                .open("/audit?action=token")
                .contains("Compte ajouté</td>")
        );
        assert!(boss.open("/settings").contains("reparc backup"));
        let other = Browser::of(&server, "manager", None);
        for page in ["/accounts", "/tokens", "/audit", "/settings", "/tokens/new"] {
            assert_eq!(other.get(page).status, 403, "{page}");
        }
    }
}
