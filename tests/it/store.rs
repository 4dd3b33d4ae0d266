//! The store on both engines: migrations, triggers, transactions, the writer.

use std::sync::atomic::{AtomicUsize, Ordering};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use reparc::db::{Db, Lane, Store, migrate, schema};
use reparc::error::{Code, Error, Result};

use crate::support::db::EmptyPostgres;

fn add_lease(db: &mut Db, name: &str) -> Result<()> {
    diesel::sql_query(
        "INSERT INTO leases (name, owner, until) VALUES ($1, 'x', '2025-01-01 00:00:00')",
    )
    .bind::<Text, _>(name)
    .execute(db)?;
    Ok(())
}

fn count_leases(store: &Store) -> i64 {
    store
        .read(|db| Ok(schema::leases::table.count().get_result(db)?))
        .unwrap()
}

on_both_engines! {
    fn opening_makes_main_once(db: &TestDb) {
        let again = Store::open(&db.url, true).unwrap();
        let keys: Vec<String> =
            again.read(|db| Ok(schema::organisations::table.select(schema::organisations::key).load(db)?)).unwrap();
        assert_eq!(keys, ["main"]);
        let entries: i64 = again.read(|db| Ok(schema::entries::table.count().get_result(db)?)).unwrap();
        assert_eq!(entries, 1);
    }

    fn a_refused_write_leaves_nothing(db: &TestDb) {
        let refused: Result<()> = db.store.write(Lane::Interactive, |db| {
            add_lease(db, "a")?;
            Err(Error::invalid("x", "no"))
        });
        assert_eq!(refused.unwrap_err().code, Code::InvalidValue);
        assert_eq!(count_leases(&db.store), 0);
        db.store.write(Lane::Interactive, |db| add_lease(db, "a")).unwrap();
        let twice = db.store.write(Lane::Agents, |db| add_lease(db, "a")).unwrap_err();
        assert_eq!(twice.code, Code::Duplicate);
        assert_eq!(count_leases(&db.store), 1);
    }

    fn a_panic_in_a_write_harms_nobody_else(db: &TestDb) {
        let store = db.store.clone();
        let gone = std::thread::spawn(move || {
            store.write(Lane::Interactive, |db| -> Result<()> {
                add_lease(db, "b")?;
                panic!("as asked")
            })
        })
        .join();
        assert!(!matches!(gone, Ok(Ok(()))));
        db.store.write(Lane::Interactive, |db| add_lease(db, "c")).unwrap();
        assert_eq!(count_leases(&db.store), 1);
    }

    fn nothing_is_written_in_a_read(db: &TestDb) {
        assert!(db.store.read(|db| add_lease(db, "a")).is_err());
        assert_eq!(count_leases(&db.store), 0);
    }

    fn down_undoes_up(db: &TestDb) {
        let mut raw = db.raw();
        migrate::revert_all(&mut raw).unwrap();
        let left = match &mut raw {
            Db::Sqlite(c) => diesel::sql_query(
                "SELECT COUNT(*) AS n FROM sqlite_master WHERE name NOT LIKE '\\_\\_diesel%' ESCAPE '\\' AND name NOT LIKE 'sqlite_%'",
            )
            .get_result::<Count>(c),
            Db::Pg(c) => diesel::sql_query(
                "SELECT (SELECT COUNT(*) FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE '\\_\\_diesel%') \
                 + (SELECT COUNT(*) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace \
                    WHERE n.nspname = 'public' AND p.proname LIKE 'reparc%') AS n",
            )
            .get_result::<Count>(c),
        };
        assert_eq!(left.unwrap().n, 0);
        drop(raw);
        Store::open(&db.url, true).unwrap();
    }

    fn group_commit_under_eight_threads(db: &TestDb) {
        let failures = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for t in 0..8 {
                let (store, failures) = (&db.store, &failures);
                scope.spawn(move || {
                    for i in 0..50 {
                        let lane = [Lane::Interactive, Lane::Agents, Lane::Imports][i % 3];
                        if store.write(lane, move |db| add_lease(db, &format!("{t}-{i}"))).is_err() {
                            failures.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                });
            }
        });
        assert_eq!(failures.load(Ordering::Relaxed), 0);
        assert_eq!(count_leases(&db.store), 400);
    }

    fn two_stores_on_one_database(db: &TestDb) {
        let other = Store::open(&db.url, true).unwrap();
        db.store.write(Lane::Interactive, |db| add_lease(db, "n")).unwrap();
        std::thread::scope(|scope| {
            for store in [&db.store, &other, &db.store, &other] {
                scope.spawn(move || {
                    for _ in 0..100 {
                        store
                            .write(Lane::Interactive, |db| {
                                let owner: String = schema::leases::table
                                    .find("n")
                                    .select(schema::leases::owner)
                                    .get_result(db)?;
                                let _ = owner;
                                diesel::sql_query("UPDATE leases SET owner = owner || $1 WHERE name = 'n'")
                                    .bind::<Text, _>("x")
                                    .execute(db)?;
                                Ok(())
                            })
                            .unwrap();
                    }
                });
            }
        });
        let owner: String = other
            .read(|db| Ok(schema::leases::table.find("n").select(schema::leases::owner).get_result(db)?))
            .unwrap();
        assert_eq!(owner.len(), 401);
    }
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

#[test]
fn both_folders_hold_the_same_migrations() {
    let list = |engine: &str| {
        let root = format!("{}/migrations/{engine}", env!("CARGO_MANIFEST_DIR"));
        let mut files = Vec::new();
        for folder in std::fs::read_dir(root).unwrap() {
            let folder = folder.unwrap();
            for file in std::fs::read_dir(folder.path()).unwrap() {
                files.push((folder.file_name(), file.unwrap().file_name()));
            }
        }
        files.sort();
        files
    };
    assert_eq!(list("sqlite"), list("postgres"));
}

#[test]
fn a_wrong_address_makes_no_file() {
    let folder = tempfile::tempdir().unwrap();
    for url in [
        "host=localhost dbname=reparc",
        "data.db",
        "mysql://x/y",
        "sqlite:",
        "sqlite://",
        "sqlite3://x",
        "",
        "Postgres://x",
    ] {
        let error = Store::open(url, true).err().unwrap();
        assert_eq!(error.code, Code::InvalidValue, "{url}");
    }
    let absent = format!("sqlite://{}/none/x.db", folder.path().display());
    assert_eq!(
        Store::open(&absent, false).err().unwrap().code,
        Code::Unavailable
    );
    assert!(!folder.path().join("none").exists());
    Store::open(&absent, true).unwrap();
    assert!(folder.path().join("none/x.db").exists());
    let start = std::time::Instant::now();
    assert_eq!(
        Store::open("postgres://nobody@127.0.0.1:1/none", true)
            .err()
            .unwrap()
            .code,
        Code::Unavailable
    );
    assert!(start.elapsed().as_secs() < 5);
}

#[test]
fn several_instances_start_together() {
    let file = tempfile::tempdir().unwrap();
    let mut urls = vec![format!("sqlite://{}/x.db", file.path().display())];
    let empty = EmptyPostgres::make();
    urls.extend(empty.as_ref().map(|e| e.url.clone()));
    for url in urls {
        std::thread::scope(|scope| {
            let all: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| Store::open(&url, true).map(drop)))
                .collect();
            for one in all {
                one.join().unwrap().unwrap();
            }
        });
        let store = Store::open(&url, false).unwrap();
        let found: i64 = store
            .read(|db| Ok(schema::organisations::table.count().get_result(db)?))
            .unwrap();
        assert_eq!(found, 1);
        let mut raw = migrate::connect_raw(&url).unwrap();
        raw.batch_execute("SELECT 1").unwrap();
    }
}

/// SQLite takes `$2` for a name, not for a number: names get their places in the order in which they first appear.
#[test]
fn binds_appear_in_the_order_of_their_numbers() {
    let mut folders = vec![std::path::PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/src/db"
    ))];
    let mut wrong = Vec::new();
    while let Some(folder) = folders.pop() {
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            for literal in text.split('"').skip(1).step_by(2) {
                let mut most = 0;
                for bind in literal.split('$').skip(1) {
                    let digits: String = bind.chars().take_while(char::is_ascii_digit).collect();
                    let Ok(number) = digits.parse::<u32>() else {
                        continue;
                    };
                    if most > 0 && number > most + 1
                        || most == 0 && number > 1 && literal.contains("$1")
                    {
                        wrong.push(format!("{}: ${number} in {literal}", path.display()));
                    }
                    most = most.max(number);
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
