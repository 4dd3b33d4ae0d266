//! Imports through the use case, REST and the command line, on both engines.

mod asked;
mod files;
mod lives;
mod told;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use reparc::app::imports::{self, Ask, Depth, Pace, Report};
use reparc::app::{Actor, App, Clock, devices, exports};
use reparc::error::{Code, Error};
use reparc::exchange::write::Format;
use serde_json::{Value, json};

use crate::support::db::TestDb;
use crate::support::server::Server;

fn programs() -> impl Iterator<Item = (TestDb, Arc<App>)> {
    let makers: [fn() -> Option<TestDb>; 2] = [|| Some(TestDb::sqlite()), TestDb::postgres];
    makers.into_iter().filter_map(|make| make()).map(program)
}

fn program(db: TestDb) -> (TestDb, Arc<App>) {
    let app = App::new(db.store.clone(), Clock::system(), "http://reparc.test").unwrap();
    (db, Arc::new(app))
}

fn sqlite() -> (TestDb, Arc<App>) {
    program(TestDb::sqlite())
}

fn take(app: &Arc<App>, path: &Path, depth: Depth) -> Result<Report, Error> {
    imports::import(
        app,
        &Actor::operator(),
        path,
        &Ask::default(),
        depth,
        Pace::Served,
    )
}

fn give(app: &Arc<App>, text: impl AsRef<[u8]>, depth: Depth) -> Result<Report, Error> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    take(app, file.path(), depth)
}

fn done(app: &Arc<App>, text: impl AsRef<[u8]>) -> Report {
    give(app, text, Depth::Commit).unwrap()
}

/// Rows, created, changed, unchanged, rejected, conflicts.
fn account(r: &Report) -> (u64, u64, u64, u64, u64, u64) {
    assert_eq!(
        r.rows,
        r.created + r.changed + r.unchanged + r.rejected + r.conflicts
    );
    (
        r.rows,
        r.created,
        r.changed,
        r.unchanged,
        r.rejected,
        r.conflicts,
    )
}

fn all(app: &Arc<App>) -> Vec<Value> {
    let mut out = Vec::new();
    exports::export(
        app,
        &Actor::operator(),
        exports::Table::Devices,
        Format::Ndjson,
        &exports::Ask::default(),
        &mut out,
    )
    .unwrap();
    String::from_utf8(out)
        .unwrap()
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect()
}

fn samples() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/samples");
    path.is_dir().then_some(path)
}
