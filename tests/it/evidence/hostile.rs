//! Files made to hurt, and the page that shows what a report said.

use serde_json::json;

use super::samples::{Wiped, deflate, file, nwipe_log, nwipe_pdf, pdf, whole};
use super::{SANITIZE, drop_report, seen};
use crate::pages::Browser;
use crate::support::server::Server;

#[test]
fn a_pdf_that_bursts_is_refused_and_the_server_goes_on() {
    let server = Server::sqlite();
    let api = server.admin();
    seen(&api, "PC-1", &["WD-WCC1"]);
    // A stream of a few kilobytes that inflates to 64 MiB, deflated twice.
    let zeros = deflate(&deflate(&vec![0; 64 << 20]));
    let inflating = file(&[(zeros, "[/FlateDecode/FlateDecode]")], &[0]);
    // Arrays inside arrays, deeper than any stack.
    let nested = [vec![b'['; 4 << 20], vec![b']'; 4 << 20]].concat();
    let nested = whole(&[b"<</Type/Catalog/Pages 2 0 R>>".to_vec(), nested]);
    // A stream just below every limit, on five hundred pages.
    let busy = deflate(&b"0 0 m 9 9 l S\n".repeat(1 << 20));
    let busy = file(&[(busy, "/FlateDecode")], &[0; 500]);
    // More words than a report has.
    let wordy: Vec<_> = (0..40_000)
        .map(|_| (50.0, 50.0, "Serial: WD-WCC1 Method: sanitize, and so on"))
        .collect();
    let wordy = pdf(&[wordy], true);
    for (name, bytes, limit) in [
        ("inflating", inflating, true),
        ("nested", nested, false),
        ("busy", busy, true),
        ("wordy", wordy, true),
    ] {
        let refused =
            drop_report(&api, &format!("{name}.pdf"), &bytes).refused(422, "invalid_value");
        // The reader itself came to its limit; what it could read of the other holds no report.
        let said = refused["detail"].as_str().unwrap();
        assert_eq!(
            said.contains("more time or memory"),
            limit,
            "{name}: {said}"
        );
    }
    assert_eq!(
        server.anonymous().send("GET", "/healthz", &[], b"").status,
        200
    );
    assert_eq!(api.get("/wipes").expect(200)["items"], json!([]));
    drop_report(&api, "a.pdf", &nwipe_pdf(Wiped::good("WD-WCC1", SANITIZE))).expect(201);
}

#[test]
fn the_page_shows_what_became_of_each_disk() {
    for server in Server::each() {
        let api = server.admin();
        let tag = seen(&api, "PC-1", &["WD-WCC1"]);
        let browser = Browser::of(&server, "technician", None);
        let page = browser.open("/wipes");
        assert!(page.contains("href=\"/wipes/evidence\""));
        browser.open("/wipes/evidence");
        let csrf = browser.hidden("/wipes/evidence", "csrf");
        let origin = browser.origin();
        let headers = [
            ("Origin", origin.as_str()),
            ("Content-Type", "multipart/form-data; boundary=x"),
        ];
        let send = |csrf: &str, name: &str, bytes: &[u8]| {
            let head = format!(
                "--x\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{csrf}\r\n--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n"
            );
            let body = [head.as_bytes(), bytes, b"\r\n--x--\r\n"].concat();
            browser.ask("POST", "/wipes/evidence", &headers, &body)
        };
        let log = nwipe_log(
            "PRNG Stream",
            &[("WD-WCC1", "Erased"), ("<b>ZZ-9999", "Erased")],
        );
        assert_eq!(send("forged", "a.log", log.as_bytes()).status, 403);
        let told = send(&csrf, "<i>a.log", log.as_bytes());
        assert_eq!(told.status, 200);
        let text = told.text();
        assert!(
            !text.contains("<b>ZZ") && !text.contains("<i>a.log"),
            "{text}"
        );
        assert!(
            text.contains("1 disque noté")
                && text.contains("1 autre")
                && text.contains("Aucun appareil n’a ce disque"),
            "{text}"
        );
        assert!(
            text.contains(&format!("href=\"/devices/{tag}\"")) && text.contains("pas pour sortir")
        );
        let again = send(&csrf, "a.log", log.as_bytes()).text();
        assert!(
            again.contains("a déjà été pris") && again.contains("Déjà noté"),
            "{again}"
        );
        let refused = send(&csrf, "a.txt", b"bonjour");
        assert_eq!(refused.status, 422);
        assert!(refused.text().contains("Aucun rapport d’effacement"));
        let wipe = api.get("/wipes").expect(200)["items"][0]["key"]
            .as_str()
            .unwrap()
            .to_owned();
        let page = browser.open(&format!("/wipes/{wipe}"));
        assert!(
            page.contains("href=\"/attachments/")
                && page.contains(&format!("/wipes/{wipe}/certificate.pdf"))
        );
    }
}
