//! The report of an import, as its owner reads it.

use serde_json::{Value, json};

use super::Browser;
use super::figures::upload;
use crate::support::server::Server;

const FIRST: &str = "Nom,Numéro de série,Catégorie,Date d'achat,stage,exit_kind,gone_on\n\
Ancien,SN-1,laptop,25/04/2019,,,\n\
Parti,SN-2,laptop,25/04/2019,gone,sale,2023-05-01\n";
const SECOND: &str = "Nom,Numéro de série,Catégorie,Date d'achat,Lieu,Utilisateur,Étage\n\
Nouveau,SN-1,laptop,26/04/2019,,,\n\
Parti bis,SN-2,laptop,,,,\n\
<b>Neuf</b>,SN-3,truc,,Mairie,Anne Ézéchiel,4\n";

/// Sends a file and gives the address of its report.
fn tried(browser: &Browser, key: &str, file: &str) -> String {
    browser.open("/imports");
    let sent = upload(browser, &browser.csrf(), key, file);
    assert_eq!(sent.status, 303, "{}", sent.text());
    sent.header("location").unwrap().to_owned()
}

/// What stands between a heading and the next section.
fn section<'a>(page: &'a str, id: &str) -> &'a str {
    let (_, rest) = page
        .split_once(&format!("<h2 id=\"{id}\">"))
        .unwrap_or_else(|| panic!("no section {id} on\n{page}"));
    rest.split("</section>").next().unwrap()
}

#[test]
fn a_report_tells_everything_in_the_language_of_the_page() {
    for server in Server::each() {
        let api = server.admin();
        let browser = Browser::of(&server, "manager", None);
        let at = tried(&browser, "0192f0c0-0000-7000-8000-00000000000a", FIRST);
        browser.open(&at);
        browser.submit(&format!("{at}/commit"), &[]);

        let at = tried(&browser, "0192f0c0-0000-7000-8000-00000000000b", SECOND);
        let page = browser.open(&at);
        let read = section(&page, "reading");
        for said in [
            "Tableur (CSV), choisi",
            "virgule",
            "UTF-8",
            "Numéro de série",
            "gardé dans le champ libre « etage »",
            "Jour, mois, année, certain",
        ] {
            let said = said.replace("« ", "«\u{a0}").replace(" »", "\u{a0}»");
            let said = said.replace(" :", "\u{a0}:");
            assert!(read.contains(&said), "{said}: {read}");
        }
        assert!(
            section(&page, "entries").contains("1 lieu, 1 personne, 0 modèle, 1 champ libre."),
            "{page}"
        );
        let problems = section(&page, "problems");
        assert!(
            problems.contains("a quitté le parc le 2023-05-01"),
            "{problems}"
        );
        assert!(
            problems.contains("Ici\u{a0}: Parti. Fichier\u{a0}: Parti bis."),
            "{problems}"
        );
        assert!(problems.contains("Ligne en conflit"));
        assert!(
            problems.contains("«\u{a0}truc\u{a0}» n’est pas une catégorie connue ici"),
            "{problems}"
        );
        for english in ["lang=\"en\"", "Nothing was written", "no category"] {
            assert!(!problems.contains(english), "{english}: {problems}");
        }

        browser.submit(&format!("{at}/commit"), &[]);
        let tag = |name: &str| -> String {
            let devices = api.get("/devices?limit=100").expect(200);
            let items = devices["items"].as_array().unwrap();
            let found = items.iter().find(|d| d["name"] == name).unwrap();
            found["tag"].as_str().unwrap().to_owned()
        };
        let (old, new) = (tag("Nouveau"), tag("<b>Neuf</b>"));
        let page = browser.open(&at);
        let changes = section(&page, "changes");
        for said in [
            "<del>Ancien</del>",
            "<ins>Nouveau</ins>",
            "<del>2019-04-25</del>",
            "<ins>2019-04-26</ins>",
        ] {
            assert!(changes.contains(said), "{said}: {changes}");
        }
        assert!(changes.contains(&format!("href=\"/devices/{old}\"")));
        let made = section(&page, "made");
        assert!(made.contains(&format!("href=\"/devices/{new}\"")), "{made}");
        assert!(
            made.contains("&lt;b&gt;Neuf") || made.contains("&#60;b&#62;Neuf"),
            "{made}"
        );
        let beside = section(&page, "entries");
        assert!(beside.contains(">Anne Ézéchiel</a>") && beside.contains(">Mairie</a>"));
        assert!(page.len() < 60_000);

        // A viewer reads how many people, never whom.
        let viewer = Browser::of(&server, "viewer", None).open(&at);
        assert!(section(&viewer, "entries").contains("1 personne"));
        assert!(!viewer.contains("Anne Ézéchiel"), "{viewer}");

        // In English, the same.
        let cookies = &browser.cookies;
        cookies.borrow_mut().insert("lang".into(), "en".into());
        let page = browser.open(&at);
        cookies.borrow_mut().remove("lang");
        let problems = section(&page, "problems");
        assert!(problems.contains("has left on 2023-05-01"), "{problems}");

        browser.open(&format!("{at}/undo"));
        browser.submit(&format!("{at}/undo"), &[]);
        let page = browser.open(&at);
        let changes = section(&page, "changes");
        assert!(changes.contains("<s>Nouveau</s>"), "{changes}");
        assert!(!changes.contains("<ins>"), "{changes}");
        assert!(section(&page, "made").contains("<s><a class=\"tag\""));
        let total: Value = api.get("/devices?total=true").expect(200)["total"].clone();
        assert_eq!(total, json!(2));
    }
}
