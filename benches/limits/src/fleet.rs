//! The bare table: twenty columns, about 207 bytes a row, three indexes besides the key.

use std::path::Path;

use rusqlite::{Connection, Row, params};
use serde::Serialize;

use crate::Result;

/// The columns, in the order of the table.
pub const COLUMNS: &str = "id, tag, name, organisation, category, manufacturer, model, serial, stage, data, \
    presence, site, holder, service, acquired_on, price_cents, currency, weight_g, updated_at, version";

/// One row as JSON.
#[derive(Serialize)]
pub struct Device {
    id: String,
    tag: String,
    name: String,
    organisation: String,
    category: String,
    manufacturer: String,
    model: String,
    serial: String,
    stage: String,
    data: String,
    presence: String,
    site: Option<String>,
    holder: Option<String>,
    service: Option<String>,
    acquired_on: Option<String>,
    price_cents: Option<i64>,
    currency: String,
    weight_g: Option<i64>,
    updated_at: String,
    version: i64,
}

impl Device {
    /// Reads a row of [`COLUMNS`].
    pub fn read(row: &Row) -> rusqlite::Result<Self> {
        Ok(Device {
            id: row.get(0)?,
            tag: row.get(1)?,
            name: row.get(2)?,
            organisation: row.get(3)?,
            category: row.get(4)?,
            manufacturer: row.get(5)?,
            model: row.get(6)?,
            serial: row.get(7)?,
            stage: row.get(8)?,
            data: row.get(9)?,
            presence: row.get(10)?,
            site: row.get(11)?,
            holder: row.get(12)?,
            service: row.get(13)?,
            acquired_on: row.get(14)?,
            price_cents: row.get(15)?,
            currency: row.get(16)?,
            weight_g: row.get(17)?,
            updated_at: row.get(18)?,
            version: row.get(19)?,
        })
    }
}

/// Opens the table as both programs do: write-ahead log, synced commits.
pub fn open(database: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(database)?;
    connection.execute_batch(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=5000;
         PRAGMA cache_size=-8000; PRAGMA temp_store=MEMORY;",
    )?;
    connection.set_prepared_statement_cache_capacity(16);
    Ok(connection)
}

/// Makes the tables and the indexes.
pub fn create(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(
        "CREATE TABLE devices (id TEXT PRIMARY KEY, tag TEXT, name TEXT, organisation TEXT, category TEXT,
           manufacturer TEXT, model TEXT, serial TEXT, stage TEXT, data TEXT, presence TEXT, site TEXT, holder TEXT,
           service TEXT, acquired_on TEXT, price_cents INTEGER, currency TEXT, weight_g INTEGER, updated_at TEXT,
           version INTEGER) WITHOUT ROWID;
         CREATE UNIQUE INDEX devices_tag ON devices(tag);
         CREATE INDEX devices_serial ON devices(serial);
         CREATE INDEX devices_stage ON devices(stage, category, tag);
         CREATE TABLE events (id INTEGER PRIMARY KEY, device TEXT, n INTEGER, payload TEXT);",
    )
}

/// The tag of the i-th device.
pub fn tag(i: u32) -> String {
    // An odd multiplier shuffles all 32-bit numbers: tags are neither ordered nor repeated.
    format!("B{:08X}", i.wrapping_mul(0x9E37_79B1))
}

/// Fills a new database.
pub fn load(database: &Path, devices: u32) -> Result<()> {
    let mut connection = open(database)?;
    create(&connection)?;
    let categories = ["laptop", "desktop", "monitor", "smartphone", "printer"];
    let stages = ["in_use", "in_use", "in_use", "in_stock", "retired", "gone"];
    let transaction = connection.transaction()?;
    {
        let marks = ["?"; 20].join(",");
        let mut insert = transaction.prepare(&format!("INSERT INTO devices VALUES ({marks})"))?;
        for i in 0..devices {
            let pick = |of: &[&'static str], salt: u32| {
                of[(i.wrapping_mul(salt) >> 7) as usize % of.len()]
            };
            insert.execute(params![
                format!("01890000-0000-7000-8000-{i:012x}"),
                tag(i),
                format!("Poste {i}"),
                "main",
                pick(&categories, 2_654_435_761),
                "Dell",
                "Latitude 5420",
                format!("SN{i:09}"),
                pick(&stages, 40_503),
                "holds",
                "seen",
                format!("site-{}", i % 40),
                format!("p{:08}", i % 5000),
                "education",
                format!("20{}-0{}-15", 18 + i % 8, 1 + i % 9),
                45_000 + i64::from(i % 900) * 100,
                "EUR",
                1_800,
                "2026-01-15T10:00:00Z",
                4,
            ])?;
        }
    }
    transaction.commit()?;
    connection.execute_batch("ANALYZE")?;
    Ok(())
}
