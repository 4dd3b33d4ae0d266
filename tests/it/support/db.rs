//! Test databases on both engines.
//!
//! SQLite: a file in a folder of its own. PostgreSQL: a clone of a template that is migrated once, dropped at the end,
//! in the cluster that `REPARC_TEST_POSTGRES` names (`scripts/test` makes one). Without it those tests say that they
//! did not run; with `CI=true` they fail.

use std::sync::OnceLock;

use diesel::connection::SimpleConnection;
use reparc::db::{Db, Store, migrate, new_id, sha256_hex};

/// A migrated database of its own, and the store open on it.
pub struct TestDb {
    pub store: Store,
    pub url: String,
    #[allow(dead_code, reason = "kept until the end of the test")]
    folder: Option<tempfile::TempDir>,
    drop_with: Option<(String, String)>,
}

impl TestDb {
    /// On SQLite.
    pub fn sqlite() -> TestDb {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/test.db", folder.path().display());
        TestDb {
            store: Store::open(&url, true).unwrap(),
            url,
            folder: Some(folder),
            drop_with: None,
        }
    }

    /// On PostgreSQL; none when there is no cluster to test on.
    pub fn postgres() -> Option<TestDb> {
        let cluster = cluster()?;
        static TEMPLATE: OnceLock<String> = OnceLock::new();
        let template = TEMPLATE.get_or_init(|| make_template(&cluster));
        let (url, name) = create(&cluster, Some(template));
        Some(TestDb {
            store: Store::open(&url, true).unwrap(),
            url,
            folder: None,
            drop_with: Some((cluster, name)),
        })
    }

    /// A connection of its own, beside the store's.
    pub fn raw(&self) -> Db {
        migrate::connect_raw(&self.url).unwrap()
    }

    /// Runs SQL that binds nothing, outside the store.
    pub fn execute(&self, sql: &str) -> diesel::QueryResult<()> {
        self.raw().batch_execute(sql)
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        if let Some((cluster, name)) = &self.drop_with {
            drop_database(cluster, name);
        }
    }
}

/// The URL of an empty PostgreSQL database, dropped with it.
pub struct EmptyPostgres {
    pub url: String,
    cluster: String,
    name: String,
}

impl EmptyPostgres {
    /// None when there is no cluster to test on.
    pub fn make() -> Option<EmptyPostgres> {
        let cluster = cluster()?;
        let (url, name) = create(&cluster, None);
        Some(EmptyPostgres { url, cluster, name })
    }
}

impl Drop for EmptyPostgres {
    fn drop(&mut self) {
        drop_database(&self.cluster, &self.name);
    }
}

/// The cluster to test on.
pub fn cluster() -> Option<String> {
    let cluster = std::env::var("REPARC_TEST_POSTGRES")
        .ok()
        .filter(|url| !url.is_empty());
    if cluster.is_none() {
        assert!(
            std::env::var("CI").as_deref() != Ok("true"),
            "REPARC_TEST_POSTGRES is not set: the PostgreSQL half of this test did not run"
        );
        println!("REPARC_TEST_POSTGRES is not set: the PostgreSQL half of this test did not run");
    }
    cluster
}

fn sibling(cluster: &str, name: &str) -> String {
    let (base, query) = cluster
        .split_once('?')
        .map_or((cluster, None), |(b, q)| (b, Some(q)));
    let at = base.rfind('/').unwrap();
    let mut url = format!("{}/{name}", &base[..at]);
    if let Some(query) = query {
        url = format!("{url}?{query}");
    }
    url
}

fn create(cluster: &str, template: Option<&str>) -> (String, String) {
    let name = format!("reparc_test_{}", new_id().replace('-', ""));
    let from = template.map_or(String::new(), |t| format!(" TEMPLATE {t}"));
    let mut admin = migrate::connect_raw(cluster).unwrap();
    // A template that somebody is still leaving cannot be cloned: again, a little later.
    for left in (0..100).rev() {
        match admin.batch_execute(&format!("CREATE DATABASE {name}{from}")) {
            Ok(()) => break,
            Err(error) => {
                assert!(left > 0, "{error}");
                std::thread::sleep(std::time::Duration::from_millis(100));
            }
        }
    }
    (sibling(cluster, &name), name)
}

fn drop_database(cluster: &str, name: &str) {
    if let Ok(mut admin) = migrate::connect_raw(cluster) {
        let _ = admin.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
    }
}

/// The template, named after what it is made of, so that runs share it. Made under another name first: a template that
/// exists is whole.
fn make_template(cluster: &str) -> String {
    let mut parts = vec![include_bytes!("../../../src/db/migrate.rs").to_vec()];
    let mut folders: Vec<_> =
        std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/postgres"))
            .unwrap()
            .map(|f| f.unwrap().path())
            .collect();
    folders.sort();
    for folder in folders {
        parts.push(std::fs::read(folder.join("up.sql")).unwrap());
    }
    let slices: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    let name = format!("reparc_template_{}", &sha256_hex(&slices)[..16]);
    if migrate::connect_raw(&sibling(cluster, &name)).is_err() {
        let (url, draft) = create(cluster, None);
        drop(Store::open(&url, true).unwrap());
        let mut admin = migrate::connect_raw(cluster).unwrap();
        for _ in 0..100 {
            if admin
                .batch_execute(&format!("ALTER DATABASE {draft} RENAME TO {name}"))
                .is_ok()
            {
                return name;
            }
            if migrate::connect_raw(&sibling(cluster, &name)).is_ok() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        drop_database(cluster, &draft);
    }
    name
}

/// Writes each test once and runs it on both engines: `on_both_engines! { fn name(db: &TestDb) { … } }`.
#[macro_export]
macro_rules! on_both_engines {
    ($($(#[$meta:meta])* fn $name:ident($db:ident: &TestDb) $body:block)*) => {$(
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;
            fn body($db: &$crate::support::db::TestDb) $body
            #[test]
            fn sqlite() {
                body(&$crate::support::db::TestDb::sqlite());
            }
            #[test]
            fn postgres() {
                if let Some(db) = $crate::support::db::TestDb::postgres() {
                    body(&db);
                }
            }
        }
    )*};
}
