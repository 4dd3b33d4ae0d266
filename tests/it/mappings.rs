//! Saved mappings: a file whose headers no vocabulary knows goes in by the words its owner wrote down once.

use std::process::Command;

use serde_json::{Value, json};

use crate::support::client::{Answer, Client};
use crate::support::server::Server;

/// Four rows: two devices, one whose number of pieces is none, a blank line that is no row, and a tablet.
const FILE: &str = "Zorg;Bidule;Truc;Quand;Combien;Couleur;Bruit\n\
                    SN-AAA-1;INV-001;portable;03/04/2021;;bleu;x\n\
                    SN-AAA-2;INV-002;écran;05/06/2022;1;gris;x\n\
                    ;INV-003;écran;;deux;;x\n\
                    ;;;;;;\n\
                    SN-AAA-4;INV-004;tablette;07/08/2023;;vert;x\n";

fn mapping() -> Value {
    json!({"key": "tableur", "name": "Tableur de l'atelier", "columns": {
        "Zorg": "serial", "bidule": "asset_tag", "TRUC": "category", "Quand": "acquired_on",
        "Combien": "quantity", "Couleur": "extra.teinte", "Bruit": "ignore"}})
}

fn import(client: &Client, asked: &str) -> Answer {
    let path = format!("/api/v1/imports?filename=atelier.csv{asked}");
    client.send(
        "POST",
        &path,
        &[("Content-Type", "text/csv")],
        FILE.as_bytes(),
    )
}

/// rows, created, changed, unchanged, rejected, conflicts, devices made.
fn account(report: &Value) -> [i64; 7] {
    [
        "rows",
        "created",
        "changed",
        "unchanged",
        "rejected",
        "conflicts",
        "devices_created",
    ]
    .map(|member| report[member].as_i64().unwrap())
}

#[test]
fn a_mapped_file_goes_in_with_an_exact_account() {
    for server in Server::each() {
        server.organisation("alpha");
        let (root, alpha) = (server.admin(), server.client("manager", Some("alpha")));
        import(&alpha, "").refused(422, "not_an_inventory");
        import(&alpha, "&mapping=tableur").refused(422, "unknown_reference");

        // Written by the organisation above, used by the one below.
        let made = root.post("/mappings", mapping());
        made.expect(201);
        assert_eq!(made.header("location"), Some("/api/v1/mappings/tableur"));

        let report = import(&alpha, "&mapping=tableur&dry_run=true").expect(200);
        assert_eq!(account(&report), [4, 3, 0, 0, 1, 0, 3], "{report}");
        let report = import(&alpha, "&mapping=tableur").expect(201);
        assert_eq!(account(&report), [4, 3, 0, 0, 1, 0, 3], "{report}");
        let problem = &report["problems"][0];
        assert_eq!(
            (&problem["row"], &problem["column"]),
            (&json!(4), &json!("Combien"))
        );
        let again = import(&alpha, "&map=tableur").expect(201);
        assert_eq!(account(&again), [4, 0, 0, 3, 1, 0, 0], "{again}");

        let page = alpha.get("/devices?sort=acquired_on").expect(200);
        let of = |i: usize| &page["items"][i];
        assert_eq!(page["items"].as_array().unwrap().len(), 3);
        assert_eq!(of(0)["serial"], "SN-AAA-1");
        assert_eq!(of(0)["category"], "laptop");
        assert_eq!(of(0)["acquired_on"], "2021-04-03");
        assert_eq!(of(0)["extra"], json!({"teinte": "bleu"}));
        assert_eq!(of(1)["category"], "monitor");
        let codes = of(1)["codes"].as_array().unwrap();
        assert!(codes.iter().any(|c| c["value"] == "INV-002"), "{codes:?}");
    }
}

#[test]
fn the_command_line_takes_it_too() {
    for server in Server::each() {
        server.admin().post("/mappings", mapping()).expect(201);
        let file = tempfile::NamedTempFile::with_suffix(".csv").unwrap();
        std::fs::write(file.path(), FILE).unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_reparc"))
            .args(["import", "--json", "--map", "tableur"])
            .args(["--database", &server.db.url])
            .arg(file.path())
            .output()
            .unwrap();
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{words}");
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(account(&report), [4, 3, 0, 0, 1, 0, 3], "{report}");
    }
}

#[test]
fn what_a_mapping_may_say() {
    let server = Server::sqlite();
    let root = server.admin();
    let with = |columns: Value| root.post("/mappings", json!({"name": "x", "columns": columns}));
    let refused = |columns: Value, field: &str| {
        let problem = with(columns).refused(422, "invalid_value");
        assert_eq!(problem["field"], field, "{problem}");
        problem["detail"].as_str().unwrap().to_owned()
    };
    // The refusal tells the words there are.
    assert!(refused(json!({"Zorg": "numero"}), "columns.Zorg").contains("serial"));
    refused(json!({"Zorg": "extra."}), "columns.Zorg");
    refused(json!({"Zorg": "extra.a b"}), "columns.Zorg");
    refused(json!({}), "columns");
    refused(json!({"Série": "serial", "SERIE": "name"}), "columns.Série");
    with(json!({"Zorg": "a\u{0}b"})).refused(422, "invalid_value");
    let problem = root
        .post("/mappings", json!({"name": "x"}))
        .refused(422, "missing_field");
    assert_eq!(problem["field"], "columns");

    let made = with(json!({"Zorg": "serial", "Bruit": "ignore"})).expect(201);
    let path = format!("/mappings/{}", made["key"].as_str().unwrap());
    let changed = root.patch(
        &path,
        json!({"columns": {"Bruit": null, "Truc": "category"}}),
    );
    assert_eq!(
        changed.expect(200)["columns"],
        json!({"Zorg": "serial", "Truc": "category"})
    );
    root.patch(&path, json!({"columns": {"Zorg": "numero"}}))
        .refused(422, "invalid_value");
    let page = root.get("/mappings").expect(200);
    assert_eq!(page["items"].as_array().unwrap().len(), 1);
}
