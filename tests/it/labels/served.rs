//! Labels over REST and by the command line.

use super::*;

/// A device made over REST; its tag.
fn device(client: &crate::support::client::Client, body: Value) -> String {
    let made = client.post("/devices", body).expect(201);
    made["tag"].as_str().unwrap().to_owned()
}

#[test]
fn labels_over_rest_are_of_devices_one_sees() {
    Server::each().for_each(|server| of_devices_one_sees(&server));
}

fn of_devices_one_sees(server: &Server) {
    server.organisation("alpha");
    server.organisation("beta");
    let alpha = server.client("technician", Some("alpha"));
    let tag = device(
        &alpha,
        json!({"category": "laptop", "name": "PC de Zéphyrine", "manufacturer": "Dell <b>"}),
    );
    let given = device(&alpha, json!({"category": "monitor", "tag": "inv-0042"}));
    let shown = Tag::stored(tag.as_str()).shown();
    for (format, media, begins) in [
        ("svg", "image/svg+xml", &b"<svg "[..]),
        ("png", "image/png", b"\x89PNG"),
        ("pdf", "application/pdf", b"%PDF-"),
        ("zpl", "application/zpl", b"^XA"),
    ] {
        // Dashes and case of the tag do not matter.
        let label = alpha.get(&format!("/devices/{}/label.{format}", shown.to_lowercase()));
        assert_eq!(
            (label.status, label.header("content-type")),
            (200, Some(media)),
            "{}",
            label.text()
        );
        assert!(label.body.starts_with(begins));
        let sheet = alpha.post("/labels", json!({"tags": [tag, given, tag], "layout": "L7159", "start": 22, "format": format, "outline": true}));
        assert_eq!(
            (sheet.status, sheet.header("content-type")),
            (200, Some(media)),
            "{}",
            sheet.text()
        );
    }
    let svg = alpha
        .get(&format!("/devices/{tag}/label.svg?size=62x29"))
        .text();
    assert!(
        svg.contains(&shown)
            && svg.contains("Dell &lt;b&gt;")
            && svg.contains("viewBox=\"0 0 62 29\""),
        "{svg}"
    );
    assert!(
        !svg.contains("Zéphyrine"),
        "names of devices hold names of people"
    );
    let zpl = alpha.post(
        "/labels",
        json!({"tags": [tag, given, tag], "layout": "roll", "format": "zpl"}),
    );
    assert_eq!(
        zpl.text().matches("^XA").count(),
        3,
        "duplicates are printed again"
    );
    assert!(zpl.text().contains("INV-0042"));

    // A neighbour's device is no device.
    let beta = server.client("manager", Some("beta"));
    let (theirs, absent) = (
        beta.get(&format!("/devices/{tag}/label.svg")),
        beta.get("/devices/7Q4X2MK9V/label.svg"),
    );
    assert_eq!((theirs.status, &theirs.body), (404, &absent.body));
    let body = |tag: &str| json!({"tags": [tag], "layout": "L7651"});
    let theirs = beta
        .post("/labels", body("INV-0042"))
        .refused(422, "unknown_reference");
    let absent = beta
        .post("/labels", body("INV-0043"))
        .refused(422, "unknown_reference");
    assert_eq!(
        theirs.to_string().replace("0042", "0043"),
        absent.to_string()
    );
    let viewer = server.client("viewer", Some("alpha"));
    viewer
        .get(&format!("/devices/{tag}/label.svg"))
        .refused(403, "forbidden");
    viewer
        .post("/labels", json!({"nope": 1}))
        .refused(403, "forbidden");
}

#[test]
fn wrong_requests_for_labels_are_refused() {
    let server = Server::sqlite();
    let admin = server.admin();
    let tag = device(&admin, json!({"category": "laptop"}));
    for (query, code) in [
        ("size=8x8", "invalid_parameter"),
        ("size=x", "invalid_parameter"),
        ("dpmm=7", "invalid_parameter"),
        ("nope=1", "unknown_parameter"),
    ] {
        admin
            .get(&format!("/devices/{tag}/label.zpl?{query}"))
            .refused(400, code);
    }
    admin
        .get(&format!("/devices/{tag}/label.gif"))
        .refused(404, "not_found");
    for (body, status, code) in [
        (json!({"tags": [tag]}), 422, "missing_field"),
        (json!({"tags": [], "layout": "L7159"}), 422, "invalid_value"),
        (json!({"tags": [tag], "layout": "L9"}), 422, "invalid_value"),
        (
            json!({"tags": [tag], "layout": "L7159", "start": 25}),
            422,
            "invalid_value",
        ),
        (
            json!({"tags": [tag], "layout": "L7159", "start": -1}),
            422,
            "invalid_value",
        ),
        (
            json!({"tags": [tag], "layout": "L7159", "format": "gif"}),
            422,
            "invalid_value",
        ),
        (
            json!({"tags": [tag], "layout": "L7159", "nope": 1}),
            400,
            "unknown_field",
        ),
        (
            json!({"tags": vec![&tag; 5001], "layout": "L7159"}),
            422,
            "invalid_value",
        ),
        (
            json!({"tags": ["\u{1f5a5}", ""], "layout": "L7159"}),
            422,
            "unknown_reference",
        ),
    ] {
        admin.post("/labels", body).refused(status, code);
    }
    let once = json!({"tags": [tag], "layout": "L7159", "format": "pdf"});
    let (first, again) = (
        admin.post_once("/labels", "k", once.clone()),
        admin.post_once("/labels", "k", once),
    );
    assert_eq!(
        (first.status, again.header("idempotency-replayed")),
        (200, Some("true"))
    );
    assert_eq!(first.body, again.body);
}

/// The command line prints by tag, by query and blank; what it prints is read.
#[test]
fn labels_from_the_command_line() {
    let dir = tempfile::tempdir().unwrap();
    let reparc = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_reparc"));
        command
            .current_dir(dir.path())
            .env_remove("REPARC_DATABASE_URL")
            .env_remove("REPARC_PUBLIC_URL");
        command
            .args(["--public-url", BASE])
            .args(args)
            .output()
            .unwrap()
    };
    let failed = |args: &[&str], status: i32| {
        let out = reparc(args);
        assert_eq!(
            out.status.code(),
            Some(status),
            "{}",
            String::from_utf8_lossy(&out.stderr)
        );
    };
    let out = reparc(&[
        "labels",
        "--blank",
        "65",
        "--layout",
        "L7651",
        "--outline",
        "-o",
        "blank.pdf",
    ]);
    assert!(
        out.status.success(),
        "{}",
        String::from_utf8_lossy(&out.stderr)
    );
    assert!(out.stdout.is_empty());
    failed(
        &[
            "labels", "--tags", "NOPE-1", "--layout", "L7159", "-o", "x.pdf",
        ],
        1,
    );
    failed(&["labels", "--filter", "nope=1", "--layout", "L7159"], 2);
    failed(
        &["labels", "--filter", "stage=in_stock", "--layout", "L7159"],
        1,
    );
    failed(&["labels", "--layout", "L7159"], 2);
    failed(
        &["labels", "--blank", "1", "--tags", "A", "--layout", "L7159"],
        2,
    );
    failed(&["labels", "--blank", "1", "--layout", "nope"], 2);
    failed(&["labels", "--blank", "5001", "--layout", "L7159"], 1);
    if !tools(&["pdftoppm", "zbarimg"]) {
        return;
    }
    let pdf = std::fs::read(dir.path().join("blank.pdf")).unwrap();
    let pages = pictures(dir.path(), &pdf);
    let urls = read(dir.path(), pages[0].to_str().unwrap());
    assert_eq!(
        (pages.len(), urls.len()),
        (1, 65),
        "65 different tags on one sheet"
    );
    for url in urls {
        let tag = reparc::domain::tag::parse_url(&url).unwrap();
        assert!(tag.is_random() && tag.url(BASE) == url, "{url}");
    }
}
