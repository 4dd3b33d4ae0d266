//! Erasure reports of other tools: what opens the gate, and what never does.

mod hostile;
mod samples;

use reparc::app::ledger_care;
use serde_json::{Value, json};

use crate::attachments::laptop;
use crate::pages::Browser;
use crate::support::client::{Answer, Client};
use crate::support::server::Server;
use samples::{Wiped, deflate, file, nwipe_log, nwipe_machine_pdf, nwipe_pdf};

const SANITIZE: &str = "Sanitize Block Erase";

fn drop_report(api: &Client, name: &str, bytes: &[u8]) -> Answer {
    let path = format!("/api/v1/wipes/evidence?filename={name}");
    api.send("POST", &path, &[], bytes)
}

fn event(api: &Client, tag: &str, body: Value) -> Answer {
    api.post(&format!("/devices/{tag}/events"), body)
}

/// A laptop in which an agent has seen these disks.
fn seen(api: &Client, serial: &str, disks: &[&str]) -> String {
    let tag = laptop(api, serial);
    let disks: Vec<Value> = disks.iter().map(|s| json!({"serial": s})).collect();
    let body = json!({"kind": "observe", "on": "2024-02-01", "hardware": {"storages": disks}});
    event(api, &tag, body).expect(201);
    tag
}

/// Réformé and directed to donation, then handed over.
fn hand_over(api: &Client, tag: &str) -> Answer {
    if api.get(&format!("/devices/{tag}")).expect(200)["stage"] == "in_stock" {
        event(
            api,
            tag,
            json!({"kind": "retire", "on": "2024-04-01", "cause": "surplus"}),
        )
        .expect(201);
        event(
            api,
            tag,
            json!({"kind": "orient", "on": "2024-04-01", "destination": "donation"}),
        )
        .expect(201);
        api.post("/partners", json!({"key": format!("relais-{}", tag.to_lowercase()), "name": "Relais", "kinds": ["beneficiary"]}));
    }
    let partner = format!("relais-{}", tag.to_lowercase());
    event(
        api,
        tag,
        json!({"kind": "hand_over", "on": "2024-04-02", "partner": partner}),
    )
}

fn data(api: &Client, tag: &str) -> Value {
    api.get(&format!("/devices/{tag}")).expect(200)["data"].clone()
}

fn events(api: &Client, tag: &str) -> usize {
    let all = api.get(&format!("/devices/{tag}/events")).expect(200);
    all["items"].as_array().or(all.as_array()).unwrap().len()
}

#[test]
fn each_disk_of_the_machine_must_be_purged_before_it_leaves() {
    for server in Server::each() {
        let api = server.admin();
        let tag = seen(&api, "PC-1", &["WD-WCC1", "S3Z4NB0K"]);
        // Overwriting is clear: it is recorded, and lets nothing out.
        let overwritten = nwipe_machine_pdf(&[
            Wiped::good("WD-WCC1", "DoD 5220.22-M"),
            Wiped::good("S3Z4NB0K", "PRNG Stream"),
        ]);
        let taken = drop_report(&api, "a.pdf", &overwritten).expect(201);
        assert_eq!(taken["format"], "nwipe_pdf");
        for disk in taken["disks"].as_array().unwrap() {
            assert_eq!(
                (
                    &disk["result"],
                    &disk["method"],
                    &disk["verified"],
                    &disk["device"]
                ),
                (
                    &json!("matched"),
                    &json!("clear"),
                    &json!(true),
                    &json!(tag)
                ),
                "{disk}"
            );
            assert_eq!(
                (&disk["on"], &disk["tool"]),
                (&json!("2024-03-05"), &json!("nwipe 0.42"))
            );
        }
        assert_eq!(data(&api, &tag), "cleared");
        hand_over(&api, &tag).refused(409, "wipe_required");
        // One of two, sanitized: not yet.
        let first = nwipe_pdf(Wiped::good("wd wcc1", SANITIZE));
        let taken = drop_report(&api, "nwipe_report.pdf", &first).expect(201);
        assert_eq!(taken["disks"][0]["method"], "purge", "{taken}");
        assert_eq!(data(&api, &tag), "cleared");
        hand_over(&api, &tag).refused(409, "wipe_required");
        // The original is kept with the wipe, by its hash, and the event says it.
        let key = taken["wipes"][0].as_str().unwrap();
        let wipe = api.get(&format!("/wipes/{key}")).expect(200);
        assert_eq!(
            wipe["evidence"],
            json!(format!("sha256:{}", taken["sha256"].as_str().unwrap()))
        );
        assert_eq!(wipe["media"], json!([{"device": tag, "medium": "wd wcc1"}]));
        let files = api
            .get(&format!("/attachments?about=wipe:{key}"))
            .expect(200);
        assert_eq!(files["items"][0]["sha256"], taken["sha256"]);
        let id = files["items"][0]["id"].as_str().unwrap().to_owned();
        assert!(api.get(&format!("/attachments/{id}/content")).body == first);
        // The same file again: nothing new, and said so.
        let before = events(&api, &tag);
        let again = drop_report(&api, "autre-nom.pdf", &first).expect(200);
        assert_eq!(
            (
                &again["already"],
                &again["wipes"],
                &again["disks"][0]["result"],
                &again["disks"][0]["wipe"]
            ),
            (&json!(true), &json!([]), &json!("already"), &json!(key))
        );
        assert_eq!(events(&api, &tag), before);
        // The second one, by the log.
        let log = nwipe_log(SANITIZE, &[("S3Z4NB0K", "Erased")]);
        let taken = drop_report(&api, "nwipe.log", log.as_bytes()).expect(201);
        assert_eq!(
            (&taken["format"], &taken["disks"][0]["tool"]),
            (&json!("nwipe_log"), &json!("nwipe 0.36"))
        );
        assert_eq!(data(&api, &tag), "purged");
        hand_over(&api, &tag).expect(201);
        let report = ledger_care::verify(&server.app, None).unwrap();
        // Two ways of overwriting, then two proofs.
        assert_eq!((report.problems, report.attachments), (vec![], 4));
        // The certificate of the house says all of it.
        let manager = Browser::of(&server, "manager", None);
        let certificate = manager.get(&format!("/wipes/{key}/certificate.pdf"));
        assert_eq!(certificate.status, 200, "{}", certificate.text());
        let said = words(&certificate.body);
        for wanted in [
            "Certificat d",
            "effacement",
            "nwipe 0.38",
            SANITIZE,
            "PC-1",
            "05/03/2024",
            "sha256:",
            "Don",
        ] {
            assert!(said.contains(wanted), "{wanted}: {said}");
        }
    }
}

/// The words of a PDF, read by the program.
fn words(bytes: &[u8]) -> String {
    let mut out = String::new();
    reparc::exchange::pdf::items(bytes, &mut |item| {
        out.push_str(&item.text);
        out.push(' ');
        Ok(())
    })
    .unwrap();
    out
}

#[test]
fn what_is_no_proof_opens_nothing() {
    for server in Server::each() {
        let api = server.admin();
        let tag = seen(&api, "PC-1", &["WD-WCC1"]);
        let quiet = |name: &str, bytes: &[u8], result: &str, why: Value| {
            let before = events(&api, &tag);
            let taken = drop_report(&api, name, bytes).expect(200);
            assert_eq!(
                (&taken["disks"][0]["result"], &taken["disks"][0]["why"]),
                (&json!(result), &why),
                "{taken}"
            );
            assert_eq!(
                (events(&api, &tag), &taken["wipes"]),
                (before, &json!([])),
                "{name}"
            );
        };
        // The disk of another machine, of no machine, of a neighbour.
        quiet(
            "a.pdf",
            &nwipe_pdf(Wiped::good("ZZ-99999", SANITIZE)),
            "unmatched",
            Value::Null,
        );
        quiet(
            "a.log",
            nwipe_log(SANITIZE, &[("ZZ-99999", "Erased")]).as_bytes(),
            "unmatched",
            Value::Null,
        );
        quiet(
            "b.pdf",
            &nwipe_pdf(Wiped::good("Unknown", SANITIZE)),
            "unusable",
            json!("no_serial"),
        );
        quiet(
            "c.pdf",
            &nwipe_pdf(Wiped::good("WD-WCC1", "Verify Zeros")),
            "unusable",
            json!("no_erasure"),
        );
        quiet(
            "d.pdf",
            &nwipe_pdf(Wiped::good("WD-WCC1", "Démagnétisation")),
            "unusable",
            json!("unknown_method"),
        );
        let silent = Wiped {
            status: "",
            ..Wiped::good("WD-WCC1", SANITIZE)
        };
        quiet("e.pdf", &nwipe_pdf(silent), "unusable", json!("no_result"));
        server.organisation("beta");
        let beta = server.client("administrator", Some("beta"));
        let theirs =
            drop_report(&beta, "a.pdf", &nwipe_pdf(Wiped::good("WD-WCC1", SANITIZE))).expect(200);
        assert_eq!(
            (
                &theirs["disks"][0]["result"],
                &theirs["disks"][0]["candidates"]
            ),
            (&json!("unmatched"), &json!([]))
        );
        assert!(!theirs.to_string().contains(&tag));
        // Two machines that both had it: nobody knows whose it is.
        let other = seen(&api, "PC-2", &["WD-WCC1"]);
        let doubtful =
            drop_report(&api, "a.pdf", &nwipe_pdf(Wiped::good("WD-WCC1", SANITIZE))).expect(200);
        let mut both = [tag.clone(), other.clone()];
        both.sort();
        assert_eq!(
            (
                &doubtful["disks"][0]["result"],
                &doubtful["disks"][0]["candidates"]
            ),
            (&json!("doubtful"), &json!(both))
        );
        event(&api, &other, json!({"kind": "withdraw", "reason": "x"})).expect(201);
        // A trial writes nothing.
        let report = nwipe_pdf(Wiped::good("WD-WCC1", SANITIZE));
        let trial = api
            .send("POST", "/api/v1/wipes/evidence?dry_run=true", &[], &report)
            .expect(200);
        assert_eq!(
            (&trial["disks"][0]["result"], &trial["wipes"]),
            (&json!("matched"), &json!([]))
        );
        assert_eq!(api.get("/wipes").expect(200)["items"], json!([]));
        // Failed, with errors, unverified: recorded, and worth nothing.
        let good = Wiped::good("WD-WCC1", SANITIZE);
        for (n, bad) in [
            Wiped {
                status: "FAILED",
                ..good
            },
            Wiped {
                errors: "0/0/7",
                ..good
            },
            Wiped {
                verify: "None",
                ..good
            },
        ]
        .into_iter()
        .enumerate()
        {
            let taken = drop_report(&api, &format!("f{n}.pdf"), &nwipe_pdf(bad)).expect(201);
            assert_eq!(
                (&taken["disks"][0]["result"], &taken["disks"][0]["verified"]),
                (&json!("matched"), &json!(false))
            );
        }
        let failed = nwipe_log(SANITIZE, &[("WD-WCC1", "-FAILED-")]);
        let taken = drop_report(&api, "f.log", failed.as_bytes()).expect(201);
        assert_eq!(
            (&taken["disks"][0]["ended"], &taken["disks"][0]["verified"]),
            (&json!("failed"), &json!(false))
        );
        assert_eq!(data(&api, &tag), "holds");
        hand_over(&api, &tag).refused(409, "wipe_required");
        // What is no report at all, and who may not.
        for (name, bytes) in [
            ("a.txt", &b"bonjour"[..]),
            ("a.json", b"{}"),
            ("a.pdf", b"%PDF-1.4\nx"),
            ("a.csv", b"nom;prenom\na;b\n"),
        ] {
            drop_report(&api, name, bytes).refused(422, "invalid_value");
        }
        drop_report(&api, "a.exe", b"MZ\x90\0\x03").refused(415, "unsupported_media");
        drop_report(&server.client("procurement", None), "a.pdf", &report)
            .refused(403, "forbidden");
        assert_eq!(
            ledger_care::verify(&server.app, None).unwrap().problems,
            vec![]
        );
    }
}

#[test]
fn a_disk_that_is_a_device_of_its_own_holds_its_machine_back() {
    for server in Server::each() {
        let api = server.admin();
        let host = laptop(&api, "PC-1");
        let body = json!({"category": "external_ssd", "serial": "SSD-77", "part_of": host, "event": {"kind": "receive", "on": "2024-01-10"}});
        let disk = api.post("/devices", body).expect(201)["tag"]
            .as_str()
            .unwrap()
            .to_owned();
        // The machine alone is erased by hand, by the serial of a disk that it has not: the part still holds.
        let other = json!({"kind": "wipe", "on": "2024-03-01", "method": "purge", "verified": true, "medium": "MB-1"});
        event(&api, &host, other).expect(201);
        assert_eq!(data(&api, &host), "purged");
        let refused = hand_over(&api, &host).refused(409, "wipe_required");
        assert!(
            refused["detail"].as_str().unwrap().contains(&disk),
            "{refused}"
        );
        let taken =
            drop_report(&api, "a.pdf", &nwipe_pdf(Wiped::good("SSD-77", SANITIZE))).expect(201);
        assert_eq!(taken["disks"][0]["device"], json!(host));
        assert_eq!(
            (data(&api, &host), data(&api, &disk)),
            (json!("purged"), json!("purged"))
        );
        hand_over(&api, &host).expect(201);
    }
}

#[test]
fn certificates_of_anybody_are_read() {
    for server in Server::each() {
        let api = server.admin();
        let csv = "Numéro de série;Méthode;Date d'effacement;Résultat;Vérification;Outil\n\
                   D-1;Effacement cryptographique;05/03/2024;Réussi;oui;Bidule 4\n\
                   D-2;Broyage;06/03/2024;Échec;oui;Bidule 4\n";
        let json_report = json!({"software": "Bidule", "version": "4", "method": "sanitize", "date": "2024-03-07",
            "disks": [{"serial": "D-3", "result": "success", "verified": true}, {"serial": "D-4", "result": "failed", "verified": true}]});
        let page = vec![
            (50.0, 800.0, "Certificat de destruction n° 12"),
            (50.0, 780.0, "Date :"),
            (120.0, 780.0, "8 mars 2024"),
            (50.0, 760.0, "Méthode : Broyage H-4"),
            (50.0, 740.0, "Numéro de série :"),
            (200.0, 741.0, "D-5"),
            (50.0, 720.0, "Résultat : conforme"),
            (50.0, 700.0, "Vérification : oui"),
            (50.0, 680.0, "Numéro de série : D-6"),
            (50.0, 660.0, "Résultat : non conforme"),
        ];
        let nwipe = json!({"report_metadata": {"software": "nwipe", "version": "0.40"}, "device": {"name": "/dev/sda", "model": "X", "serial_no": "D-7"},
            "wipe_result": {"status": "success", "pass_errors": 0, "verify_errors": 0, "end_time": 1_709_640_000}});
        let tags: Vec<String> = (1..=7)
            .map(|n| seen(&api, &format!("PC-{n}"), &[&format!("D-{n}")]))
            .collect();
        for (name, bytes, format) in [
            (
                "a.csv",
                encoding_rs::WINDOWS_1252.encode(csv).0.into_owned(),
                "certificate_csv",
            ),
            (
                "a.json",
                json_report.to_string().into_bytes(),
                "certificate_json",
            ),
            ("a.pdf", winansi(&page), "certificate_pdf"),
            ("n.json", nwipe.to_string().into_bytes(), "nwipe_json"),
        ] {
            let taken = drop_report(&api, name, &bytes).expect(201);
            assert_eq!(taken["format"], format, "{taken}");
            for disk in taken["disks"].as_array().unwrap() {
                assert_eq!(disk["result"], "matched", "{disk}");
            }
        }
        let states: Vec<Value> = tags.iter().map(|tag| data(&api, tag)).collect();
        // nwipe's JSON names neither method nor verification: it proves nothing.
        assert_eq!(
            json!(states),
            json!([
                "purged",
                "holds",
                "purged",
                "holds",
                "destroyed",
                "holds",
                "holds"
            ])
        );
        let last = api.get(&format!("/devices/{}/events", tags[4])).expect(200);
        assert!(last.to_string().contains("2024-03-08"), "{last}");
    }
}

/// A page whose letters are those of WinAnsi.
fn winansi(page: &[samples::Text<'_>]) -> Vec<u8> {
    let draw = |(x, y, text): &samples::Text<'_>| {
        let text = encoding_rs::WINDOWS_1252.encode(text).0.into_owned();
        [
            format!("BT /F1 12 Tf {x} {y} Td (").into_bytes(),
            text,
            b") Tj ET\n".to_vec(),
        ]
        .concat()
    };
    let stream: Vec<u8> = page.iter().flat_map(draw).collect();
    file(&[(deflate(&stream), "/FlateDecode")], &[0])
}
