//! Files, and what they do to the devices.

use super::*;

/// Written down by reading the files: rows, created, unchanged, rejected, devices.
#[test]
fn the_sample_files_go_in_once_and_come_back_out() {
    let Some(samples) = samples() else { return };
    for (file, rows, created, unchanged, rejected, made) in [
        ("snipeit-csv/IMPORT_ASSETS.csv", 24, 24, 0, 0, 24),
        ("snipeit-csv/MOCK_ASSETS-2023-03.csv", 200, 200, 0, 0, 200),
        ("snipeit-csv/assets-sample-BLANKS.csv", 200, 200, 0, 0, 200),
        ("snipeit-csv/assets-sample.csv", 22, 22, 0, 0, 22),
        ("glpi-csv/computers.csv", 48, 48, 0, 0, 48),
        ("glpi-csv/sample-computers.csv", 10, 10, 0, 0, 10),
        ("generic-csv/audit-hardware-after.csv", 15, 15, 0, 0, 15),
        (
            "generic-csv/datacentre-inventory-sample.csv",
            15,
            15,
            0,
            0,
            15,
        ),
        ("generic-csv/hardware-inventory.csv", 15, 15, 0, 0, 15),
        ("generic-csv/homebox-fields.csv", 3, 3, 0, 0, 6),
        ("generic-csv/powershell-fr-inventaire.csv", 26, 1, 25, 0, 1),
        (
            "generic-csv/shelf.nu-example-asset-import-from-content.csv",
            4,
            2,
            0,
            2,
            2,
        ),
        (
            "derived-encodings/numecoeval-physicalEquipments.utf16le-bom-tab.csv",
            6,
            6,
            0,
            0,
            24,
        ),
        ("ecodiag-csv/ecodiag-exemple.csv", 42, 42, 0, 0, 42),
    ] {
        for (_db, app) in programs() {
            let path = samples.join(file);
            let looked = take(&app, &path, Depth::Look).unwrap();
            assert_eq!(
                all(&app),
                Vec::<Value>::new(),
                "{file}: a dry run writes nothing"
            );
            let first = take(&app, &path, Depth::Commit).unwrap();
            assert_eq!(
                account(&first),
                (rows, created, 0, unchanged, rejected, 0),
                "{file}: {:?}",
                first.problems
            );
            assert_eq!(
                account(&looked),
                account(&first),
                "{file}: the dry run tells the same"
            );
            assert_eq!(
                (first.devices_created, looked.devices_created),
                (made, made),
                "{file}"
            );
            assert_eq!(all(&app).len() as u64, made, "{file}");
            let again = take(&app, &path, Depth::Commit).unwrap();
            assert_eq!(
                account(&again),
                (rows, 0, 0, rows - rejected, rejected, 0),
                "{file}: the second time: {:?}",
                again.problems
            );
            assert_eq!(again.devices_created, 0, "{file}");
            let undone = imports::undo(
                &app,
                &Actor::operator(),
                first.id.as_deref().unwrap(),
                false,
            )
            .unwrap();
            assert_eq!(undone.state, "undone");
            assert_eq!(all(&app), Vec::<Value>::new(), "{file}: undone");
            let after = take(&app, &path, Depth::Commit).unwrap();
            assert_eq!(after.devices_created, made, "{file}: again after the undo");
        }
    }
}

const ODD: &str = "tag,name,category,serial,manufacturer,model,site,holder,stage,purchase price,purchase date,MAC address,asset tag,Étage,extra.Odd Key,notes\n\
ODD-1,\"=cmd()|'/c calc'!A1\",laptop,00SN1,Dell Inc.,Latitude 5420,Mairie > 1er étage,Anne Ézéchiel,in_use,\"1,234.56\",2020-02-29,00:1b:44:11:3a:0f,INV-1,-1,\"a;b,\"\"c\"\"\",private\n\
ODD-2,'+33 plus,printer,SN-2,HP,LaserJet,Mairie,,in_stock,,2021-01-31,,INV 2,@x,\"two\nlines\",\n\
ODD-3,<b>x</b><br>y,monitor,,,,,,retired,12,,,,,' quoted,\n\
ODD-4,Écran » 5,monitor,SN-4,Iiyama,X,,,gone,0.05,,,,007,1.50,\n";

#[test]
fn what_is_exported_comes_back_unchanged() {
    for (_db, app) in programs() {
        let first = done(&app, ODD);
        assert_eq!(account(&first), (4, 4, 0, 0, 0, 0), "{:?}", first.problems);
        let before = all(&app);
        for format in [Format::Csv, Format::CsvFr] {
            let mut out = Vec::new();
            exports::export(
                &app,
                &Actor::operator(),
                exports::Table::Devices,
                format,
                &exports::Ask::default(),
                &mut out,
            )
            .unwrap();
            let again = done(&app, &out);
            assert_eq!(
                account(&again),
                (4, 0, 0, 4, 0, 0),
                "{format:?} {:?} {}",
                again.problems,
                String::from_utf8_lossy(&out)
            );
            let looked = give(&app, &out, Depth::Look).unwrap();
            assert_eq!(looked.changes, []);
            assert_eq!(looked.profile, "csv");
        }
        assert_eq!(all(&app), before);
        // The same file makes the same devices elsewhere, under the same tags.
        let mut out = Vec::new();
        exports::export(
            &app,
            &Actor::operator(),
            exports::Table::Devices,
            Format::CsvFr,
            &exports::Ask::default(),
            &mut out,
        )
        .unwrap();
        let (_other, fresh) = sqlite();
        let moved = done(&fresh, &out);
        assert_eq!(moved.devices_created, 4, "{:?}", moved.problems);
        let tags = |app| -> Vec<Value> {
            all(app)
                .into_iter()
                .map(|d| {
                    json!([
                        d["tag"],
                        d["name"],
                        d["serial"],
                        d["stage"],
                        d["extra"],
                        d["purchase_price_cents"]
                    ])
                })
                .collect()
        };
        assert_eq!(tags(&fresh), tags(&app));
    }
}

#[test]
fn known_devices_are_described_and_never_moved() {
    for (_db, app) in programs() {
        done(
            &app,
            "name,serial,manufacturer,category,status,location\nA,SER-A,Dell,laptop,In stock,Depot\nB,SER-B,Dell,laptop,In stock,Depot\n",
        );
        let second = "name,serial,manufacturer,category,status,location,weight (g)\n\
A bis,ser-a,DELL INC.,laptop,In stock,Depot,1500\n\
B,SER-B,Dell,laptop,Deployed,Depot,\n";
        let looked = give(&app, second, Depth::Look).unwrap();
        assert_eq!(account(&looked), (2, 0, 1, 0, 0, 1));
        let cells: Vec<_> = looked
            .changes
            .iter()
            .map(|c| (c.field.as_str(), c.after.clone()))
            .collect();
        assert_eq!(cells, [("name", json!("A bis")), ("weight_g", json!(1500))]);
        let report = done(&app, second);
        assert_eq!(account(&report), (2, 0, 1, 0, 0, 1));
        let conflict = &report.problems[0];
        assert_eq!(
            (
                conflict.row,
                conflict.code.as_str(),
                conflict.column.as_deref()
            ),
            (3, "conflict", Some("stage"))
        );
        let now = all(&app);
        let a = now.iter().find(|d| d["serial"] == "SER-A").unwrap();
        assert_eq!(
            (a["name"].clone(), a["weight_g"].clone()),
            (json!("A bis"), json!(1500))
        );
        assert!(now.iter().all(|d| d["stage"] == "in_stock"));
        // Undo gives back what was described before, and keeps what others have touched since.
        imports::undo(
            &app,
            &Actor::operator(),
            report.id.as_deref().unwrap(),
            false,
        )
        .unwrap();
        let now = all(&app);
        let a = now.iter().find(|d| d["serial"] == "SER-A").unwrap();
        assert_eq!(
            (a["name"].clone(), a["weight_g"].clone()),
            (json!("A"), json!(null))
        );
    }
}

#[test]
fn undo_keeps_what_was_touched_and_says_so() {
    for (_db, app) in programs() {
        let first = done(
            &app,
            "name,serial,category\nA,SER-A,laptop\nB,SER-B,laptop\n",
        );
        let tag = all(&app)
            .into_iter()
            .find(|d| d["name"] == "A")
            .and_then(|d| d["tag"].as_str().map(str::to_owned))
            .unwrap();
        let patch = json!({"name": "A touched"}).as_object().unwrap().clone();
        devices::patch(&app, &Actor::operator(), &tag, Default::default(), patch).unwrap();
        let undone = imports::undo(
            &app,
            &Actor::operator(),
            first.id.as_deref().unwrap(),
            false,
        )
        .unwrap();
        assert_eq!(account(&undone), (2, 1, 0, 0, 0, 1));
        assert_eq!(undone.problems.last().unwrap().code, "touched_since");
        let left: Vec<_> = all(&app).into_iter().map(|d| d["name"].clone()).collect();
        assert_eq!(left, [json!("A touched")]);
    }
}

#[test]
fn identity_is_of_one_organisation_and_contradictions_are_told() {
    let (_db, app) = sqlite();
    done(
        &app,
        "name,serial,asset tag,category\nA,SER-A,T-1,laptop\nB,SER-B,T-2,laptop\n",
    );
    let report = done(
        &app,
        "name,serial,asset tag,category\nX,SER-A,T-2,laptop\nY,SER-NEW,T-1,laptop\nZ,0000000,T-9,laptop\n",
    );
    assert_eq!(
        account(&report),
        (3, 1, 0, 0, 0, 2),
        "{:?}",
        report.problems
    );
    assert_eq!(all(&app).len(), 3);
    // A placeholder made no serial, and matches nothing.
    assert!(
        all(&app)
            .iter()
            .any(|d| d["name"] == "Z" && d["serial"].is_null())
    );
}

#[test]
fn the_serial_of_another_manufacturers_device_is_a_device_of_its_own() {
    for (_db, app) in programs() {
        let row = |name: &str, maker: &str| {
            format!("name,serial,manufacturer,category\n{name},SER-77,{maker},laptop\n")
        };
        assert_eq!(account(&done(&app, row("A", "Dell"))).1, 1);
        let report = done(&app, row("B", "HP"));
        assert_eq!(
            account(&report),
            (1, 1, 0, 0, 0, 0),
            "{:?}",
            report.problems
        );
        let both = "name,serial,manufacturer,category\nC,SER-78,Dell,laptop\nD,SER-78,HP,laptop\n";
        assert_eq!(account(&done(&app, both)), (2, 2, 0, 0, 0, 0));
        assert_eq!(all(&app).len(), 4);
    }
}

#[test]
fn one_adopt_and_one_describe_on_the_day_of_the_import() {
    let (_db, app) = sqlite();
    done(
        &app,
        "name,serial,category,status,notes\nA,SER-A,laptop,Réformé,for Anne\n",
    );
    let tag = all(&app)[0]["tag"].as_str().unwrap().to_owned();
    let events = devices::events(&app, &Actor::operator(), &tag).unwrap();
    let kinds: Vec<_> = events.iter().map(|e| e.kind.as_str()).collect();
    assert_eq!(kinds, ["adopt", "describe"]);
    assert_eq!(events[0].on, app.clock.today());
    assert_eq!(events[0].note.as_deref(), Some("for Anne"));
    let now = &all(&app)[0];
    assert_eq!(
        (now["stage"].clone(), now["retired_on"].clone()),
        (json!("retired"), json!(null))
    );
}

#[test]
fn what_is_no_inventory_writes_nothing() {
    let (_db, app) = sqlite();
    let Some(samples) = samples() else { return };
    for file in [
        "glpi-csv/glpi-search-export-tickets-es.csv",
        "derived-encodings/glpi-search-export-tickets-es.cp1252.csv",
        "snipeit-csv/accessories-sample.csv",
        "snipeit-csv/components-sample.csv",
        "snipeit-csv/licenses-sample.csv",
        "snipeit-csv/models-sample.csv",
        "snipeit-csv/users-sample.csv",
        "generic-csv/pc_components_noheader.csv",
    ] {
        let error = take(&app, &samples.join(file), Depth::Commit).unwrap_err();
        assert_eq!(error.code, Code::NotAnInventory, "{file}");
    }
    assert_eq!(
        imports::list(&app, &Actor::operator(), None, 10)
            .unwrap()
            .items,
        []
    );
}
