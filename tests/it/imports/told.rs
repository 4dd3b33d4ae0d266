//! What an import tells its owner, and goes on telling after it was written and taken back.

use super::*;

fn get(app: &Arc<App>, report: &Report) -> Report {
    imports::get(app, &Actor::operator(), report.id.as_deref().unwrap()).unwrap()
}

fn tag_of(app: &Arc<App>, name: &str) -> String {
    let found = all(app).into_iter().find(|d| d["name"] == name);
    found.unwrap()["tag"].as_str().unwrap().to_owned()
}

/// Row, device, field, before, after, kept.
fn cells(report: &Report) -> Vec<(u64, String, String, Value, Value, bool)> {
    let cells = report.changes.iter().map(|c| {
        let (before, after) = (c.before.clone(), c.after.clone());
        let (device, field) = (c.device.clone(), c.field.clone());
        (c.row, device, field, before, after, c.kept)
    });
    cells.collect()
}

/// Row, device, name, kept.
fn made(report: &Report) -> Vec<(u64, String, Option<String>, bool)> {
    let made = report.made.iter();
    made.map(|m| (m.row, m.device.clone(), m.name.clone(), m.kept))
        .collect()
}

#[test]
fn cells_and_devices_stay_in_the_report_after_commit_and_undo() {
    for (_db, app) in programs() {
        let first = done(
            &app,
            "name,serial,category\nA,SER-A,laptop\nB,SER-B,laptop\n",
        );
        let (a, b) = (tag_of(&app, "A"), tag_of(&app, "B"));
        let name = |n: &str| Some(n.to_owned());
        let both = vec![
            (2, a.clone(), name("A"), false),
            (3, b.clone(), name("B"), false),
        ];
        assert_eq!(made(&first), both);
        assert_eq!(made(&get(&app, &first)), both);

        let second = done(
            &app,
            "name,serial,category,weight (g),quantity\n\
             A bis,SER-A,laptop,1500,\n\
             B bis,SER-B,laptop,,\n\
             C,SER-C,laptop,,\n\
             Chairs,,other_it,,3\n\
             D,SER-D,laptop,,x\n",
        );
        assert_eq!(account(&second), (5, 2, 2, 0, 1, 0));
        let c = tag_of(&app, "C");
        let written = |kept: bool| {
            vec![
                (
                    2,
                    a.clone(),
                    "name".into(),
                    json!("A"),
                    json!("A bis"),
                    kept,
                ),
                (
                    2,
                    a.clone(),
                    "weight_g".into(),
                    json!(null),
                    json!(1500),
                    kept,
                ),
                (
                    3,
                    b.clone(),
                    "name".into(),
                    json!("B"),
                    json!("B bis"),
                    false,
                ),
            ]
        };
        assert_eq!(cells(&second), written(false));
        assert_eq!(second.changes_total, 3);
        let made_then = made(&second);
        assert_eq!(made_then[0], (4, c, name("C"), false));
        let rows: Vec<_> = made_then.iter().map(|m| (m.0, m.2.as_deref())).collect();
        assert_eq!(
            rows[1..],
            [(5, Some("Chairs")); 3],
            "a row of three devices"
        );
        assert_eq!(second.devices_created, 4);
        let rejected = &second.problems[0];
        assert_eq!(
            (
                rejected.row,
                rejected.reason.as_deref(),
                rejected.outcome.as_deref()
            ),
            (6, Some("quantity"), Some("rejected"))
        );

        // What happens later is no part of it.
        let patch = |name: &str| json!({ "name": name }).as_object().unwrap().clone();
        devices::patch(
            &app,
            &Actor::operator(),
            &a,
            Default::default(),
            patch("Later"),
        )
        .unwrap();
        assert_eq!(cells(&get(&app, &second)), written(false));

        // The change of A cannot be voided under the later one, if the ledger says so; the list says what stayed.
        let undone = imports::undo(
            &app,
            &Actor::operator(),
            second.id.as_deref().unwrap(),
            false,
        )
        .unwrap();
        assert_eq!(undone.state, "undone");
        assert_eq!(cells(&undone), written(false));
        assert_eq!(made(&undone), made_then);
        assert_eq!(get(&app, &second).made, undone.made);
        assert_eq!(all(&app).len(), 2, "what it made is withdrawn");

        // A device that was touched stays, and so does its line.
        let undone = imports::undo(
            &app,
            &Actor::operator(),
            first.id.as_deref().unwrap(),
            false,
        )
        .unwrap();
        assert_eq!(
            made(&undone),
            [
                (2, a.clone(), name("A"), true),
                (3, b.clone(), name("B"), true)
            ]
        );
        let told = undone.problems.iter().find(|p| p.row == 2).unwrap();
        assert_eq!(told.values["device"], json!(a));
        assert_eq!(told.reason.as_deref(), Some("touched_since"));
    }
}

#[test]
fn a_report_says_how_the_file_was_read() {
    let (_db, app) = sqlite();
    // Windows-1252, semicolons, a day that only the first column gives away.
    let file = b"Nom;Num\xe9ro de s\xe9rie;Cat\xe9gorie;Date d'achat;Mise en service;Prix;\xc9tage;Mot de passe;Fin de garantie\n\
A;SER-A;laptop;25/04/2024;03/05/2024;1.234,50;2;secret;2027-04-25\n\
B;SER-B;laptop;03/04/2024;;99,90;1;secret;2027-04-03\n";
    let reading = give(&app, file, Depth::Look).unwrap().reading.unwrap();
    assert_eq!(
        (
            reading.separator.as_str(),
            reading.encoding.as_str(),
            reading.decimals.as_str(),
            reading.header_line,
            reading.recognised,
            reading.own_export
        ),
        (";", "windows-1252", "comma", 1, true, false)
    );
    let column = |header: &str| {
        let found = reading.columns.iter().find(|c| c.header == header);
        let c = found.unwrap_or_else(|| panic!("{header}: {:?}", reading.columns));
        let dates = c
            .dates
            .as_ref()
            .map(|d| (d.order.as_deref(), d.decided_by.as_deref(), d.certain));
        (c.read_as.as_str(), c.field.as_deref(), dates)
    };
    assert_eq!(column("Nom"), ("field", Some("name"), None));
    assert_eq!(
        column("Date d'achat"),
        (
            "field",
            Some("acquired_on"),
            Some((Some("dmy"), Some("column"), true))
        )
    );
    assert_eq!(
        column("Mise en service"),
        (
            "field",
            Some("first_use_on"),
            Some((Some("dmy"), Some("file"), false))
        )
    );
    assert_eq!(
        column("Fin de garantie"),
        (
            "field",
            Some("warranty_until"),
            Some((Some("iso"), None, true))
        )
    );
    assert_eq!(column("Étage"), ("extra", Some("etage"), None));
    assert_eq!(column("Mot de passe"), ("ignored", None, None));

    // Asked for, the order is certain; untold, nothing is.
    let english = "name,serial,category,purchase date\nA,SER-A,laptop,03/04/2024\n";
    let path = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(path.path(), english).unwrap();
    for (order, expected) in [
        (None, (None, None, false)),
        (
            Some(reparc::exchange::dates::Order::Mdy),
            (Some("mdy"), Some("asked"), true),
        ),
    ] {
        let ask = Ask {
            order,
            ..Ask::default()
        };
        let operator = Actor::operator();
        let report = imports::import(
            &app,
            &operator,
            path.path(),
            &ask,
            Depth::Look,
            Pace::Served,
        )
        .unwrap();
        let columns = report.reading.unwrap().columns;
        let dates = columns[3].dates.clone().unwrap();
        assert_eq!(
            (
                dates.order.as_deref(),
                dates.decided_by.as_deref(),
                dates.certain
            ),
            expected
        );
    }
}

const BESIDE: &str = "name,serial,category,manufacturer,model,location,username,full name,Étage réel\n\
A,SER-A,laptop,Dell,Latitude 1,Mairie > Accueil,amartin,Anne Ézéchiel,1\n\
B,SER-B,laptop,Dell,Latitude 1,Mairie > Cave,bdurand,Boris Quelconque,2\n\
C,SER-C,laptop,HP,ProBook 2,Mairie,amartin,Anne Ézéchiel,3\n";

#[test]
fn a_report_names_what_else_the_file_made() {
    for (_db, app) in programs() {
        let operator = Actor::operator();
        let counts = |r: &Report| {
            let e = &r.entries;
            (e.sites, e.people, e.models, e.custom_fields)
        };
        // Mairie, Accueil, Cave; Anne and Boris; Latitude 1 and ProBook 2; the floor.
        let staged = give(&app, BESIDE, Depth::Stage).unwrap();
        assert_eq!(counts(&staged), (3, 2, 2, 1));
        assert!(staged.entries.items.iter().all(|e| e.kind != "person"));
        let id = staged.id.clone().unwrap();
        let report = imports::commit(&app, &operator, &id, false).unwrap();
        assert_eq!(counts(&report), (3, 2, 2, 1), "what was foreseen, once");
        let kept = json!(report).to_string();
        assert!(!kept.contains("Anne") && !kept.contains("Boris"), "{kept}");
        let told = get(&app, &report);
        let mut names: Vec<_> = told
            .entries
            .items
            .iter()
            .map(|e| (e.kind.as_str(), e.name.as_deref().unwrap_or_default()))
            .collect();
        names.sort_unstable();
        assert_eq!(
            names,
            [
                ("custom_field", "Étage réel"),
                ("model", "Latitude 1"),
                ("model", "ProBook 2"),
                ("person", "Anne Ézéchiel"),
                ("person", "Boris Quelconque"),
                ("site", "Accueil"),
                ("site", "Cave"),
                ("site", "Mairie"),
            ]
        );
        assert!(told.entries.items.iter().all(|e| e.key.is_some()));
        let viewer = Actor {
            role: reparc::domain::words::Role::Viewer,
            ..Actor::operator()
        };
        let seen = imports::get(&app, &viewer, &id).unwrap().entries;
        assert_eq!(seen.people, 2);
        assert!(seen.items.iter().all(|e| e.kind != "person"));
        // The second time everything is there.
        assert_eq!(counts(&done(&app, BESIDE)), (0, 0, 0, 0));
    }
}
