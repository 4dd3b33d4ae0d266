//! `verify` finds every change of the ledger, on both engines.

use std::collections::BTreeMap;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use reparc::db::verify::{Report, Wanted, verify};
use reparc::db::{Db, Engine, Lane, books, checkpoint, events, outbox};
use reparc::domain::words::Kind;

use crate::support::db::TestDb;
use crate::support::ledger::{device, event, projection};

/// Some devices, one of them with events added later, everything numbered.
fn fill(db: &TestDb) -> Vec<String> {
    let new: Vec<_> = (1..=6).map(|n| device("org", n)).collect();
    let ids: Vec<String> = new.iter().map(|d| d.projection.device.clone()).collect();
    let mut chain: Vec<_> = new[0].events.iter().map(|(e, _)| e.clone()).collect();
    db.store
        .write(Lane::Imports, move |db| books::insert_new(db, &new))
        .unwrap();
    for n in 2..=4 {
        let (next, private) = event(&ids[0], "org", n, Kind::Audit, Some("vu"));
        chain.push(next.clone());
        let after = projection(&chain);
        db.store
            .write(Lane::Interactive, move |db| {
                let mut head = events::lock(db, &next.device)?;
                events::append(db, &mut head, &next, private.as_ref())?;
                books::project(db, &head, &after)
            })
            .unwrap();
    }
    outbox::number(&db.store, "test").unwrap();
    ids
}

fn check(db: &TestDb, root: Option<&str>) -> Report {
    db.store
        .read(|db| {
            let mut rebuild = |_: &mut Db, _: &str, events: &[_]| Ok(projection(events));
            verify(
                db,
                Wanted {
                    rebuild: Some(&mut rebuild),
                    root,
                },
            )
        })
        .unwrap()
}

/// Lets a hand with full rights over the database work on it.
fn tamper(db: &TestDb, sql: &str) {
    match db.store.engine() {
        Engine::Sqlite => {
            let mut raw = db.raw();
            raw.batch_execute(
                "PRAGMA foreign_keys = OFF; DROP TRIGGER events_no_update; DROP TRIGGER events_no_delete; DROP TRIGGER events_no_replace; \
                 DROP TRIGGER entry_versions_no_update; DROP TRIGGER entry_versions_no_delete",
            )
            .ok();
            raw.batch_execute(sql).unwrap();
        }
        Engine::Postgres => {
            let sql = format!("SET session_replication_role = replica; {sql}");
            db.execute(&sql).unwrap();
        }
    }
}

on_both_engines! {
    fn a_sound_ledger_has_no_problem(db: &TestDb) {
        fill(db);
        let taken = checkpoint::take(&db.store).unwrap().unwrap();
        let report = check(db, Some(&taken.root));
        assert_eq!(report.problems, []);
        assert_eq!((report.devices, report.events, report.checkpoints), (6, 24, 1));
        assert_eq!(report.root, taken.root);
        // More events: the old checkpoint still holds.
        fill(db);
        let report = check(db, Some(&taken.root));
        assert_eq!((report.problems, report.checkpoints), (vec![], 1));
        assert_ne!(report.root, taken.root);
        assert_eq!(check(db, Some("0")).problems[0].kind, "checkpoint");
    }

    fn an_erased_note_is_no_problem_and_a_lost_one_is(db: &TestDb) {
        let ids = fill(db);
        let chain = db.store.read(|db| events::of_device(db, &ids[0])).unwrap();
        let erased = vec![chain[1].id.clone()];
        db.store
            .write(Lane::Interactive, move |db| events::erase(db, "p", &erased, crate::support::ledger::now(), "demande"))
            .unwrap();
        let report = check(db, None);
        assert_eq!((report.problems, report.erased), (vec![], 1));
        db.execute(&format!("DELETE FROM event_private WHERE event = '{}'", chain[2].id)).unwrap();
        let report = check(db, None);
        assert_eq!((report.problems.len(), report.problems[0].kind, report.problems[0].n), (1, "private", Some(3)));
    }

    fn every_tampering_is_found(db: &TestDb) {
        let ids = fill(db);
        let (first, last) = (&ids[0], &ids[5]);
        checkpoint::take(&db.store).unwrap();
        assert_eq!(check(db, None).problems, []);
        let backup = save(db);
        let cases: Vec<(&str, String)> = vec![
            ("chain", format!("UPDATE events SET payload = REPLACE(payload, '2024-05-01', '2024-05-02') WHERE device = '{first}' AND n = 2")),
            ("chain", format!("UPDATE events SET payload = payload || ' ' WHERE device = '{last}' AND n = 6")),
            ("chain", format!("UPDATE events SET hash = '0' || SUBSTR(hash, 2) WHERE device = '{last}' AND n = 3 AND hash NOT LIKE '0%';\
                UPDATE events SET hash = '1' || SUBSTR(hash, 2) WHERE device = '{last}' AND n = 4")),
            ("chain", format!("UPDATE events SET prev_hash = '0' || SUBSTR(prev_hash, 3) WHERE device = '{last}' AND n = 3")),
            ("chain", format!("DELETE FROM events WHERE device = '{last}' AND n = 2")),
            ("head", format!("DELETE FROM events WHERE device = '{last}' AND n = 6")),
            ("missing", format!("DELETE FROM events WHERE device = '{last}' AND n = 6;\
                UPDATE devices SET head_n = 5, head_hash = (SELECT hash FROM events WHERE device = '{last}' AND n = 5) WHERE id = '{last}'")),
            ("missing", format!("DELETE FROM events WHERE device = '{last}'")),
            ("missing", format!("DELETE FROM events WHERE device = '{last}'; DELETE FROM devices WHERE id = '{last}'; DELETE FROM books WHERE device = '{last}';\
                DELETE FROM spells WHERE device = '{last}'; DELETE FROM codes WHERE device = '{last}'; DELETE FROM terms WHERE device = '{last}'")),
            ("missing", format!("DELETE FROM devices WHERE id = '{last}'")),
            ("chain", format!("UPDATE events SET n = n + 100 WHERE device = '{last}' AND n IN (2, 3); UPDATE events SET n = 105 - n WHERE device = '{last}' AND n > 100")),
            ("outbox", "DELETE FROM outbox WHERE seq = 5".into()),
            ("outbox", format!("DELETE FROM outbox WHERE event = (SELECT id FROM events WHERE device = '{last}' AND n = 6)")),
            ("outbox", "UPDATE outbox SET numbered_at = '2020-01-01 00:00:00' WHERE seq = 9".into()),
            ("private", "UPDATE event_private SET payload = REPLACE(payload, 'vu', 'lu')".into()),
            ("private", "UPDATE event_private SET salt = 'x'".into()),
            ("private", format!("INSERT INTO event_private SELECT id, 'x', '{{}}' FROM events WHERE device = '{last}' AND n = 1")),
            ("projection", format!("UPDATE books SET stage = 'gone' WHERE device = '{first}'")),
            ("projection", format!("UPDATE books SET facts = '{{}}' WHERE device = '{first}'")),
            ("projection", format!("UPDATE books SET name = NULL WHERE device = '{first}'")),
            ("projection", format!("UPDATE spells SET valid_from = '2023-01-01' WHERE device = '{first}'")),
            ("projection", format!("DELETE FROM spells WHERE device = '{first}'")),
            ("projection", format!("DELETE FROM codes WHERE device = '{first}'")),
            ("projection", format!("DELETE FROM terms WHERE device = '{first}'")),
            ("projection", format!("UPDATE devices SET org = 'other' WHERE id = '{first}'")),
            ("projection", format!("UPDATE devices SET withdrawn = TRUE WHERE id = '{first}'")),
            ("projection", "INSERT INTO wipes SELECT 'e', device, 0, 'org', NULL, '2024-01-01', NULL, 'purge', NULL, NULL, TRUE, NULL FROM books".replace("FROM books", "FROM codes LIMIT 1")),
            ("reference", "UPDATE entry_versions SET payload = '{}'".into()),
            ("reference", "DELETE FROM entry_versions".into()),
            ("reference", "UPDATE entries SET payload = '{}'".into()),
            ("checkpoint", "UPDATE ledger_checkpoints SET root = 'x'".into()),
            ("checkpoint", "UPDATE ledger_checkpoints SET events = 7".into()),
        ];
        for (kind, sql) in cases {
            tamper(db, &sql);
            let report = check(db, None);
            assert!(report.problems.iter().any(|p| p.kind == kind), "{sql}: {:?}", report.problems);
            restore(db, &backup);
        }
        assert_eq!(check(db, None).problems, []);
    }

    fn a_ledger_rewritten_as_a_whole_needs_a_root_known_outside(db: &TestDb) {
        let ids = fill(db);
        let root = checkpoint::take(&db.store).unwrap().unwrap().root;
        // Cuts the last event with every trace of it: its device was the last to write.
        let id = &ids[0];
        tamper(db, &format!(
            "DELETE FROM outbox WHERE event = (SELECT id FROM events WHERE device = '{id}' AND n = 4);\
             DELETE FROM event_private WHERE event = (SELECT id FROM events WHERE device = '{id}' AND n = 4);\
             DELETE FROM events WHERE device = '{id}' AND n = 4;\
             UPDATE devices SET head_n = 3, head_hash = (SELECT hash FROM events WHERE device = '{id}' AND n = 3) WHERE id = '{id}';\
             DELETE FROM ledger_checkpoints"));
        let chain = db.store.read(|db| events::of_device(db, id)).unwrap();
        let after = projection(&chain);
        db.store.write(Lane::Interactive, move |db| {
            let mut head = events::lock(db, &after.device)?;
            head.version -= 1;
            books::project(db, &head, &after)
        }).unwrap();
        assert_eq!(check(db, None).problems, []);
        assert_eq!(check(db, Some(&root)).problems[0].kind, "checkpoint");
    }
}

const TABLES: &[&str] = &[
    "devices",
    "events",
    "event_private",
    "outbox",
    "books",
    "spells",
    "codes",
    "terms",
    "wipes",
    "entries",
    "entry_versions",
    "ledger_checkpoints",
];

/// Copies every table aside, in the database itself.
fn save(db: &TestDb) -> BTreeMap<&'static str, i64> {
    let mut raw = db.raw();
    TABLES
        .iter()
        .map(|table| {
            raw.batch_execute(&format!(
                "CREATE TABLE saved_{table} AS SELECT * FROM {table}"
            ))
            .unwrap();
            let found: Count = diesel::sql_query(format!("SELECT COUNT(*) AS n FROM {table}"))
                .get_result(&mut raw)
                .unwrap();
            (*table, found.n)
        })
        .collect()
}

fn restore(db: &TestDb, saved: &BTreeMap<&'static str, i64>) {
    for table in TABLES.iter().rev() {
        tamper(db, &format!("DELETE FROM {table}"));
    }
    for table in TABLES.iter().filter(|t| saved[**t] > 0) {
        tamper(
            db,
            &format!("INSERT INTO {table} SELECT * FROM saved_{table}"),
        );
    }
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

#[test]
fn a_flipped_byte_of_the_file_is_found() {
    let db = TestDb::sqlite();
    fill(&db);
    checkpoint::take(&db.store).unwrap();
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    let path = db.store.file().unwrap().to_owned();
    let bytes = std::fs::read(&path).unwrap();
    let needle = b"\"kind\":\"audit\"";
    let folder = tempfile::tempdir().unwrap();
    let mut found = 0;
    for at in bytes
        .windows(needle.len())
        .enumerate()
        .filter(|(_, w)| w == needle)
        .map(|(at, _)| at)
    {
        let mut flipped = bytes.clone();
        flipped[at + 9] ^= 1;
        let file = folder.path().join(format!("{at}.db"));
        std::fs::write(&file, &flipped).unwrap();
        let store =
            reparc::db::Store::open(&format!("sqlite://{}", file.display()), false).unwrap();
        let report = store
            .read(|db| {
                verify(
                    db,
                    Wanted {
                        rebuild: None,
                        root: None,
                    },
                )
            })
            .unwrap();
        found += i32::from(report.problems.iter().any(|p| p.kind == "chain"));
    }
    // Every such byte of a row; the file may hold leavings of rows that have moved.
    assert!(found >= 18, "{found}");
}
