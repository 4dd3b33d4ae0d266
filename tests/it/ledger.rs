//! Chains and projections in the store, on both engines.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use reparc::db::{Lane, books, events, outbox, schema};
use reparc::domain::words::Kind;
use reparc::error::Code;

use crate::support::ledger::{device, event, projection};

on_both_engines! {
    fn a_device_is_written_and_read_back(db: &TestDb) {
        let new: Vec<_> = (0..5).map(|_| device("org", 3)).collect();
        let sent = new.clone();
        db.store.write(Lane::Imports, move |db| books::insert_new(db, &sent)).unwrap();
        let id = new[0].projection.device.clone();
        let chain = db.store.read(|db| events::of_device(db, &id)).unwrap();
        let said: Vec<_> = new[0].events.iter().map(|(e, _)| e.clone()).collect();
        assert_eq!(chain, said);
        let notes = db.store.read(|db| events::private_of(db, &[chain[1].id.clone(), chain[0].id.clone()])).unwrap();
        assert_eq!(notes.len(), 1);
        assert_eq!(notes[&chain[1].id]["note"], "à revoir");
    }

    fn an_event_is_appended_and_only_what_differs_is_projected(db: &TestDb) {
        let new = device("org", 1);
        let (id, mut chain) = (new.projection.device.clone(), vec![new.events[0].0.clone()]);
        db.store.write(Lane::Interactive, move |db| books::insert_new(db, std::slice::from_ref(&new))).unwrap();
        let (next, private) = event(&id, "org", 2, Kind::Audit, Some("vu"));
        chain.push(next.clone());
        let after = projection(&chain);
        let version = db
            .store
            .write(Lane::Interactive, move |db| {
                let mut head = events::lock(db, &next.device)?;
                events::append(db, &mut head, &next, private.as_ref())?;
                books::project(db, &head, &after)?;
                Ok(head.version)
            })
            .unwrap();
        assert_eq!(version, 2);
        let terms: Vec<String> = db
            .store
            .read(|db| Ok(schema::terms::table.select(schema::terms::term).order(schema::terms::term).load(db)?))
            .unwrap();
        assert_eq!(terms.len(), 3);
        assert!(terms.contains(&"2".to_owned()) && !terms.contains(&"1".to_owned()));
        assert_eq!(db.store.read(|db| events::of_device(db, &id)).unwrap(), chain);
    }

    fn a_taken_tag_is_a_duplicate_and_a_lost_place_is_refused(db: &TestDb) {
        let new = device("org", 1);
        let mut clash = device("org", 1);
        clash.tag_fold = new.tag_fold.clone();
        let (id, first) = (new.projection.device.clone(), new.events[0].0.clone());
        db.store.write(Lane::Interactive, move |db| books::insert_new(db, std::slice::from_ref(&new))).unwrap();
        let error = db.store.write(Lane::Interactive, move |db| books::insert_new(db, std::slice::from_ref(&clash)));
        assert_eq!(error.unwrap_err().code, Code::Duplicate);
        let gap = event(&id, "org", 3, Kind::Audit, None).0;
        let error = db.store.write(Lane::Interactive, move |db| {
            let mut head = events::lock(db, &gap.device)?;
            events::append(db, &mut head, &gap, None)
        });
        assert_eq!(error.unwrap_err().code, Code::Internal);
        assert_eq!(db.store.read(|db| events::of_device(db, &id)).unwrap(), [first]);
    }

    fn events_and_versions_are_append_only(db: &TestDb) {
        let new = device("org", 2);
        let (id, event) = (new.projection.device.clone(), new.events[0].0.id.clone());
        db.store.write(Lane::Interactive, move |db| books::insert_new(db, std::slice::from_ref(&new))).unwrap();
        let mut refused = vec![
            "UPDATE events SET payload = payload || ' '".to_owned(),
            "UPDATE events SET n = n + 10".to_owned(),
            "DELETE FROM events".to_owned(),
            "DELETE FROM entry_versions".to_owned(),
            "UPDATE entry_versions SET payload = 'x'".to_owned(),
            format!("INSERT INTO events VALUES ('{event}', '{id}', 9, 'x', 'x', 'x')"),
            format!("INSERT INTO events VALUES ('new', '{id}', 1, 'x', 'x', 'x')"),
            format!("INSERT INTO events VALUES ('new', '{id}', 1, 'x', 'x', 'x') ON CONFLICT (device, n) DO UPDATE SET payload = 'x'"),
        ];
        match db.store.engine() {
            reparc::db::Engine::Sqlite => refused.extend([
                format!("INSERT OR REPLACE INTO events VALUES ('{event}', '{id}', 9, 'x', 'x', 'x')"),
                format!("INSERT OR REPLACE INTO events VALUES ('new', '{id}', 1, 'x', 'x', 'x')"),
                format!("REPLACE INTO events (rowid, id, device, n, payload, prev_hash, hash) VALUES (1, 'new', '{id}', 9, 'x', 'x', 'x')"),
                "INSERT OR REPLACE INTO entry_versions SELECT entry, version, recorded_at, 'x' FROM entry_versions".to_owned(),
                "UPDATE OR REPLACE events SET id = 'x'".to_owned(),
            ]),
            reparc::db::Engine::Postgres => refused.extend([
                "TRUNCATE events CASCADE".to_owned(),
                "TRUNCATE entry_versions".to_owned(),
                "TRUNCATE devices CASCADE".to_owned(),
            ]),
        }
        let before = snapshot(&db.store);
        for sql in refused {
            assert!(db.raw().batch_execute(&sql).is_err(), "{sql}");
        }
        assert_eq!(snapshot(&db.store), before);
        // The one exception: what a person's row says.
        db.execute(
            "INSERT INTO entries (id, kind, key, org, name, archived, version, recorded_at, payload) \
             VALUES ('p', 'person', 'p1', NULL, 'x', FALSE, 1, '2025-01-01 00:00:00', '{}');\
             INSERT INTO entry_versions (entry, version, recorded_at, payload) VALUES ('p', 1, '2025-01-01 00:00:00', 'name');\
             UPDATE entry_versions SET payload = '{}' WHERE entry = 'p'",
        )
        .unwrap();
        assert!(db.execute("UPDATE entry_versions SET version = 2 WHERE entry = 'p'").is_err());
    }

    fn erasing_takes_what_is_personal_and_lists_it(db: &TestDb) {
        let new = device("org", 4);
        let ids: Vec<String> = new.events.iter().map(|(e, _)| e.id.clone()).collect();
        db.store.write(Lane::Interactive, move |db| books::insert_new(db, std::slice::from_ref(&new))).unwrap();
        let all = ids.clone();
        db.store
            .write(Lane::Interactive, move |db| {
                events::erase(db, "person", &all, crate::support::ledger::now(), "demande")
            })
            .unwrap();
        assert!(db.store.read(|db| events::private_of(db, &ids)).unwrap().is_empty());
        let erasures = db.store.read(events::all_erasures).unwrap();
        assert_eq!(erasures.iter().filter(|e| e.event.is_some()).count(), 2);
        assert_eq!(erasures.iter().filter(|e| e.event.is_none()).count(), 1);
    }

    fn what_is_known_at_an_instant_is_what_was_numbered_by_then(db: &TestDb) {
        let new = device("org", 1);
        let id = new.projection.device.clone();
        db.store.write(Lane::Interactive, move |db| books::insert_new(db, std::slice::from_ref(&new))).unwrap();
        outbox::number(&db.store, "test").unwrap();
        let then = db.store.read(outbox::last_numbered).unwrap().unwrap();
        let next = event(&id, "org", 2, Kind::Audit, None).0;
        db.store
            .write(Lane::Interactive, move |db| {
                let mut head = events::lock(db, &next.device)?;
                events::append(db, &mut head, &next, None)
            })
            .unwrap();
        outbox::number(&db.store, "test").unwrap();
        let known = db.store.read(|db| events::of_device_until(db, &id, then)).unwrap();
        assert_eq!(known.len(), 1);
        let now = db.store.read(outbox::last_numbered).unwrap().unwrap();
        assert!(now > then);
        let known = db.store.read(|db| events::of_devices_until(db, std::slice::from_ref(&id), now)).unwrap();
        assert_eq!(known[&id].len(), 2);
    }
}

fn snapshot(store: &reparc::db::Store) -> Vec<(String, String, i64, String, String, String)> {
    store
        .read(|db| Ok(schema::events::table.order(schema::events::id).load(db)?))
        .unwrap()
}
