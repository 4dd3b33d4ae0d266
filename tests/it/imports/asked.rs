//! Imports by REST and by the command line, dry, undone.

use super::*;

#[test]
fn by_rest_a_dry_run_can_be_committed_and_undone() {
    for server in Server::each() {
        let boss = server.client("manager", None);
        let file =
            b"Nom;Num\xc3\xa9ro de s\xc3\xa9rie;Type\nPC 1;SER-1;Portable\nPC 2;SER-2;Truc\n";
        let post = |path: &str, headers: &[(&str, &str)]| {
            boss.send("POST", &format!("/api/v1{path}"), headers, file)
        };
        let dry = post("/imports?dry_run=true&filename=parc.csv", &[]);
        assert_eq!(dry.status, 200, "{}", String::from_utf8_lossy(&dry.body));
        let dry: Value = serde_json::from_slice(&dry.body).unwrap();
        assert_eq!(
            (
                dry["dry_run"].clone(),
                dry["created"].clone(),
                dry["file"].clone()
            ),
            (json!(true), json!(2), json!("parc.csv"))
        );
        assert_eq!(dry["problems"][0]["code"], "unknown_category");
        assert_eq!(dry["problems"][0]["row"], 3);
        assert_eq!(all(&server.app), Vec::<Value>::new());
        let id = dry["id"].as_str().unwrap();
        let committed = boss.post(&format!("/imports/{id}/commit"), json!({}));
        let report: Value = serde_json::from_slice(&committed.body).unwrap();
        assert_eq!(
            (
                committed.status,
                report["state"].clone(),
                report["created"].clone()
            ),
            (200, json!("done"), json!(2))
        );
        let made = post("/imports", &[("Idempotency-Key", "once")]);
        assert_eq!(made.status, 201);
        let report: Value = serde_json::from_slice(&made.body).unwrap();
        assert_eq!(report["unchanged"], 2);
        let replayed = post("/imports", &[("Idempotency-Key", "once")]);
        assert!(
            replayed
                .headers
                .iter()
                .any(|(n, v)| n.eq_ignore_ascii_case("idempotency-replayed") && v == "true")
        );
        let form = format!(
            "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f.csv\"\r\nContent-Type: text/csv\r\n\r\n{}\r\n--XX--\r\n",
            String::from_utf8_lossy(file)
        );
        let sent = boss.send(
            "POST",
            "/api/v1/imports",
            &[("Content-Type", "multipart/form-data; boundary=XX")],
            form.as_bytes(),
        );
        let report: Value = serde_json::from_slice(&sent.body).unwrap();
        assert_eq!(
            (
                sent.status,
                report["file"].clone(),
                report["unchanged"].clone()
            ),
            (201, json!("f.csv"), json!(2))
        );
        let tickets = boss.send(
            "POST",
            "/api/v1/imports",
            &[],
            b"ID;Titre;Demandeur;Priorit\xc3\xa9\n1;x;y;z\n",
        );
        assert_eq!(tickets.status, 422);
        assert!(String::from_utf8_lossy(&tickets.body).contains("not_an_inventory"));
        let empty = boss.send("POST", "/api/v1/imports", &[], b"");
        assert_eq!(empty.status, 400);
        let undone = boss.post(&format!("/imports/{id}/undo"), json!({}));
        assert_eq!(undone.status, 200);
        assert_eq!(all(&server.app), Vec::<Value>::new());
        assert_eq!(
            server
                .client("viewer", None)
                .send("POST", "/api/v1/imports", &[], file)
                .status,
            403
        );
        server.organisation("alpha");
        server.organisation("beta");
        let stranger = server.client("manager", Some("beta"));
        assert_eq!(stranger.get(&format!("/imports/{id}")).status, 404);
        let refused = stranger.send("POST", "/api/v1/imports?org=alpha", &[], file);
        assert_eq!(refused.status, 422);
    }
}

fn reparc(arguments: &[&str]) -> std::process::Output {
    std::process::Command::new(env!("CARGO_BIN_EXE_reparc"))
        .args(arguments)
        .output()
        .unwrap()
}

#[test]
fn by_the_command_line_a_folder_a_dry_run_and_an_undo() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    file("a.csv", "name,serial,category\nA,SER-A,laptop\n");
    file("b.csv", "name,serial,category,quantity\nB,SER-B,laptop,x\n");
    file("z.csv", "ticket,requester,priority\n1,2,3\n");
    let database = format!("sqlite://{}/r.db", folder.path().display());
    let database = database.as_str();
    let path = folder.path().to_str().unwrap();
    let dry = reparc(&[
        "import",
        path,
        "--database",
        database,
        "--dry-run",
        "--json",
    ]);
    assert_eq!(dry.status.code(), Some(1), "one file is no inventory");
    let lines: Vec<Value> = String::from_utf8(dry.stdout)
        .unwrap()
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(
        (
            lines[0]["created"].clone(),
            lines[1]["rejected"].clone(),
            lines[2]["code"].clone()
        ),
        (json!(1), json!(1), json!("not_an_inventory"))
    );
    let a = folder.path().join("a.csv");
    let b = folder.path().join("b.csv");
    let done = reparc(&[
        "import",
        a.to_str().unwrap(),
        "--database",
        database,
        "--json",
    ]);
    assert_eq!(
        done.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    let report: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(
        reparc(&["import", b.to_str().unwrap(), "--database", database])
            .status
            .code(),
        Some(0)
    );
    assert_eq!(
        reparc(&[
            "import",
            b.to_str().unwrap(),
            "--database",
            database,
            "--strict"
        ])
        .status
        .code(),
        Some(1)
    );
    assert_eq!(
        reparc(&["import", "--database", database]).status.code(),
        Some(2)
    );
    let csv = reparc(&["export", "devices", "--database", database]);
    assert!(
        String::from_utf8(csv.stdout)
            .unwrap()
            .starts_with("tag,id,name,organisation,category,")
    );
    let undo = reparc(&[
        "import",
        "undo",
        report["id"].as_str().unwrap(),
        "--database",
        database,
    ]);
    assert_eq!(
        undo.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&undo.stderr)
    );
    let csv = reparc(&["export", "devices", "--database", database]);
    assert_eq!(String::from_utf8(csv.stdout).unwrap().lines().count(), 1);
}
