//! Backup and restore, on and between both engines.

use std::path::{Path, PathBuf};

use std::sync::Arc;

use reparc::app::entries::{self, Desk};
use reparc::app::{Actor, App, Clock, Expected, devices, ledger_care};
use reparc::db::{Lane, Store, books, events, outbox};
use reparc::domain::category::Category;
use reparc::domain::entry::EntryKind;
use reparc::error::{Code, Error};
use serde_json::{Map, Value, json};

use crate::support::db::{EmptyPostgres, TestDb};
use crate::support::ledger::{device, now};

fn app(store: &Store) -> App {
    App::new(store.clone(), Clock::system(), "http://localhost").unwrap()
}

fn fill(store: &Store) -> Vec<String> {
    let new: Vec<_> = (1..=40).map(|n| device("org", 1 + n % 5)).collect();
    let ids = new.iter().map(|d| d.projection.device.clone()).collect();
    store
        .write(Lane::Imports, move |db| books::insert_new(db, &new))
        .unwrap();
    ids
}

fn chains(store: &Store, ids: &[String]) -> Vec<String> {
    let chains = store.read(|db| events::of_devices(db, ids)).unwrap();
    chains.values().flatten().map(|e| e.canonical()).collect()
}

fn portable(folder: &Path, db: &TestDb) -> (PathBuf, String) {
    let file = folder.join("ledger.gz");
    let made = ledger_care::backup(&app(&db.store), &file).unwrap();
    (file, made.checkpoint.unwrap().root)
}

on_both_engines! {
    fn a_backup_comes_back_on_either_engine(db: &TestDb) {
        let ids = fill(&db.store);
        let folder = tempfile::tempdir().unwrap();
        let (file, root) = portable(folder.path(), db);
        let before = chains(&db.store, &ids);
        let empty = EmptyPostgres::make();
        let mut targets = vec![format!("sqlite://{}/restored.db", folder.path().display())];
        targets.extend(empty.as_ref().map(|e| e.url.clone()));
        for url in targets {
            let store = Store::open(&url, true).unwrap();
            let (restored, report) = ledger_care::restore(&store, &file, None, false).unwrap();
            assert_eq!((restored.root.as_str(), report.root.as_str()), (root.as_str(), root.as_str()));
            assert_eq!((report.problems, report.devices), (vec![], 40));
            assert_eq!(chains(&store, &ids), before);
            let last = |store: &Store| store.read(outbox::last_numbered).unwrap();
            assert_eq!(last(&store), last(&db.store));
            // It goes on where it was.
            fill(&store);
            outbox::number(&store, "test").unwrap();
            assert!(last(&store) > last(&db.store));
            // And is not replaced by mistake.
            let refused = ledger_care::restore(&store, &file, None, false).unwrap_err();
            assert_eq!(refused.code, Code::Duplicate);
            let (_, report) = ledger_care::restore(&store, &file, None, true).unwrap();
            assert_eq!((report.devices, report.problems), (40, vec![]));
            // The program opens on it, triggers and all.
            let again = Store::open(&url, true).unwrap();
            assert_eq!(chains(&again, &ids), before);
            assert!(reparc::db::migrate::connect_raw(&url)
                .map(|mut raw| diesel::connection::SimpleConnection::batch_execute(&mut raw, "DELETE FROM events").is_err())
                .unwrap());
        }
    }

    fn what_was_erased_stays_erased(db: &TestDb) {
        let ids = fill(&db.store);
        let folder = tempfile::tempdir().unwrap();
        let (file, _) = portable(folder.path(), db);
        let chain = db.store.read(|db| events::of_device(db, &ids[3])).unwrap();
        let noted: Vec<String> = chain.iter().filter(|e| e.private.is_some()).map(|e| e.id.clone()).collect();
        assert!(!noted.is_empty());
        let (erased, all) = (noted.clone(), noted.clone());
        db.store.write(Lane::Interactive, move |db| events::erase(db, "p", &erased, now(), "demande")).unwrap();
        let list = db.store.read(events::all_erasures).unwrap();
        let lines: String = list.iter().map(|e| serde_json::to_string(e).unwrap() + "\n").collect();
        let erasures = folder.path().join("erasures.ndjson");
        std::fs::write(&erasures, lines).unwrap();
        // Over the database itself: its own list counts.
        ledger_care::restore(&db.store, &file, None, true).unwrap();
        assert!(db.store.read(|db| events::private_of(db, &all)).unwrap().is_empty());
        // Elsewhere: the list that was given.
        let other = Store::open(&format!("sqlite://{}/other.db", folder.path().display()), true).unwrap();
        let (_, report) = ledger_care::restore(&other, &file, Some(&erasures), false).unwrap();
        assert_eq!((report.problems, usize::try_from(report.erased).unwrap()), (vec![], noted.len()));
        assert!(other.read(|db| events::private_of(db, &noted)).unwrap().is_empty());
    }

    fn a_file_that_is_not_whole_changes_nothing(db: &TestDb) {
        let ids = fill(&db.store);
        let folder = tempfile::tempdir().unwrap();
        let (file, _) = portable(folder.path(), db);
        let bytes = std::fs::read(&file).unwrap();
        let before = chains(&db.store, &ids);
        let mut lines = String::new();
        std::io::Read::read_to_string(&mut flate2::read::MultiGzDecoder::new(&bytes[..]), &mut lines).unwrap();
        let cut: Vec<&str> = lines.lines().collect();
        let mut cases = vec![
            bytes[..bytes.len() / 2].to_vec(),
            cut[..cut.len() - 1].join("\n").into_bytes(),
            lines.replacen("\"rows\":40", "\"rows\":41", 1).into_bytes(),
            lines.replace("0001", "9999").into_bytes(),
            b"something else".to_vec(),
            Vec::new(),
        ];
        let mut without: Vec<&str> = cut.clone();
        without.retain(|l| !l.starts_with(&format!("[\"{}\"", ids[0])));
        cases.push(without.join("\n").into_bytes());
        for case in cases {
            std::fs::write(&file, &case).unwrap();
            let refused = ledger_care::restore(&db.store, &file, None, true).unwrap_err();
            assert_eq!(refused.code, Code::InvalidValue, "{refused}");
            assert_eq!(chains(&db.store, &ids), before);
        }
        assert!(ledger_care::restore(&db.store, Path::new("/nowhere"), None, true).is_err());
    }
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

on_both_engines! {
    /// Categories are remembered between requests: not longer than they hold, whoever changed or restored them.
    fn a_program_that_goes_on_sees_the_catalogue_that_is_there(db: &TestDb) {
        let live = Arc::new(app(&db.store));
        let actor = Actor::operator();
        let tag = devices::create_many(&live, &actor, vec![object(json!({"category": "laptop"}))]).unwrap().remove(0);
        let seen = || devices::get(&live, &actor, &tag, None).unwrap().weee_category;
        let set = |category: i64| {
            let patch = object(json!({"weee_category": category}));
            entries::patch::<Category>(&live, &actor, "laptop", patch, Expected::Anything).unwrap();
        };
        set(4);
        assert_eq!(seen(), Some(4));
        let folder = tempfile::tempdir().unwrap();
        let (file, _) = portable(folder.path(), db);
        set(5);
        assert_eq!(seen(), Some(5));
        // Another program restores while this one goes on.
        let other = Store::open(&db.url, false).unwrap();
        ledger_care::restore(&other, &file, None, true).unwrap();
        assert_eq!(seen(), Some(4));
        // A change whose transaction is undone was never there.
        let (app, writer) = (live.clone(), actor.clone());
        let undone = db.store.write(Lane::Interactive, move |db| -> Result<(), Error> {
            let desk = Desk::of(&app, db, &writer)?;
            let row = desk.find(db, EntryKind::Category, "laptop")?;
            desk.patch::<Category>(db, &row, object(json!({"weee_category": 2})), &Expected::Anything)?;
            Err(Error::not_found())
        });
        assert_eq!(undone.unwrap_err().code, Code::NotFound);
        assert_eq!(seen(), Some(4));
        set(2);
        assert_eq!(seen(), Some(2));
    }
}

#[test]
fn a_copy_of_the_file_is_restored_too() {
    let db = TestDb::sqlite();
    let ids = fill(&db.store);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("copy.db");
    let made = ledger_care::backup(&app(&db.store), &file).unwrap();
    let before = std::fs::read(&file).unwrap();
    let mut urls = vec![format!("sqlite://{}/restored.db", folder.path().display())];
    let empty = EmptyPostgres::make();
    urls.extend(empty.as_ref().map(|e| e.url.clone()));
    for url in urls {
        let store = Store::open(&url, true).unwrap();
        let (_, report) = ledger_care::restore(&store, &file, None, false).unwrap();
        assert_eq!(
            (report.problems, report.root),
            (vec![], made.checkpoint.clone().unwrap().root)
        );
        assert_eq!(chains(&store, &ids), chains(&db.store, &ids));
    }
    assert_eq!(std::fs::read(&file).unwrap(), before);
    // And is a database by itself.
    let copy = Store::open(&format!("sqlite://{}", file.display()), false).unwrap();
    assert_eq!(chains(&copy, &ids), chains(&db.store, &ids));
}
