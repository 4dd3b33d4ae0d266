//! The whole content of a database as lines of JSON, the same whichever engine it comes from.
//!
//! ```text
//! {"reparc_ledger":1,"at":"…","migrations":["0001",…]}
//! {"table":"devices","columns":["id","tag",…]}
//! ["…","…",…]                                            one line a row
//! {"end":"devices","rows":123}
//! …
//! {"complete":true,"root":"…"}                           a file without it was cut short
//! ```

use std::io::Write;

use diesel::pg::PgRowByRowLoadingMode;
use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl};
use serde_json::json;

use super::{Db, bulk::on_each};
use crate::domain::day::write_instant;
use crate::error::{Error, Result};

/// What a backup does not hold: the record of migrations is the program's, the others are of the moment.
const LEFT_OUT: &[&str] = &[
    "__diesel_schema_migrations",
    "leases",
    "sessions",
    "setup_codes",
    "throttles",
];
/// Tables whose rows others point to come first.
const FIRST: &[&str] = &["devices", "entries"];

/// Type of a column: the six that the schema uses. Bytes are written as hexadecimal digits, which both engines give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Text,
    Int,
    Bool,
    Day,
    Instant,
    Bytes,
}

/// A table with its columns, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table {
    pub name: String,
    pub columns: Vec<(String, Type)>,
}

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Text)]
    data_type: String,
}

/// The tables of the database, as it says itself: a migration adds to the backup without a word here.
pub(super) fn tables(db: &mut Db) -> Result<Vec<Table>> {
    let sql = match db {
        Db::Sqlite(_) => {
            "SELECT m.name AS table_name, p.name AS column_name, p.type AS data_type \
             FROM sqlite_master m JOIN pragma_table_info(m.name) p \
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' ORDER BY m.name, p.cid"
        }
        Db::Pg(_) => {
            "SELECT CAST(table_name AS TEXT) AS table_name, CAST(column_name AS TEXT) AS column_name, \
             CAST(data_type AS TEXT) AS data_type FROM information_schema.columns \
             WHERE table_schema = current_schema() ORDER BY table_name, ordinal_position"
        }
    };
    let columns: Vec<Column> = diesel::sql_query(sql).load(db)?;
    let mut tables: Vec<Table> = Vec::new();
    for column in columns
        .into_iter()
        .filter(|c| !LEFT_OUT.contains(&c.table_name.as_str()))
    {
        let kind = match column.data_type.to_ascii_lowercase().as_str() {
            "text" => Type::Text,
            "bigint" => Type::Int,
            "boolean" => Type::Bool,
            "date" => Type::Day,
            "timestamp" | "timestamp without time zone" => Type::Instant,
            "blob" | "bytea" => Type::Bytes,
            other => {
                let (table, column) = (column.table_name, column.column_name);
                return Err(Error::internal(format!(
                    "{table}.{column} is of a type ({other}) that backups do not know"
                )));
            }
        };
        match tables.last_mut() {
            Some(table) if table.name == column.table_name => {
                table.columns.push((column.column_name, kind))
            }
            _ => tables.push(Table {
                name: column.table_name,
                columns: vec![(column.column_name, kind)],
            }),
        }
    }
    tables.sort_by_key(|t| !FIRST.contains(&t.name.as_str()));
    Ok(tables)
}

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Text)]
    version: String,
}

/// Names of the migrations that the database has.
pub(super) fn migrations(db: &mut Db) -> Result<Vec<String>> {
    let rows: Vec<Version> =
        diesel::sql_query("SELECT version FROM __diesel_schema_migrations ORDER BY version")
            .load(db)?;
    Ok(rows.into_iter().map(|r| r.version).collect())
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// Writes everything in the snapshot of `db`; `root` is that of the checkpoint taken for it.
///
/// # Errors
/// Those of the database and of the writer.
pub fn write(db: &mut Db, out: &mut dyn Write, root: &str) -> Result<u64> {
    let head = json!({
        "reparc_ledger": 1,
        "at": write_instant(&chrono::Utc::now()),
        "migrations": migrations(db)?,
    });
    writeln!(out, "{head}").map_err(unwritten)?;
    let mut total = 0;
    for table in tables(db)? {
        let columns: Vec<&str> = table
            .columns
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        writeln!(out, "{}", json!({"table": table.name, "columns": columns})).map_err(unwritten)?;
        let rows = write_rows(db, out, &table)?;
        writeln!(out, "{}", json!({"end": table.name, "rows": rows})).map_err(unwritten)?;
        total += rows;
    }
    writeln!(out, "{}", json!({"complete": true, "root": root})).map_err(unwritten)?;
    out.flush().map_err(unwritten)?;
    Ok(total)
}

/// Rows are made into JSON by the database and stream through: memory does not grow with them.
fn write_rows(db: &mut Db, out: &mut dyn Write, table: &Table) -> Result<u64> {
    let sqlite = matches!(db, Db::Sqlite(_));
    let columns: Vec<String> = table
        .columns
        .iter()
        .map(|(name, kind)| match kind {
            Type::Bytes if sqlite => format!("lower(hex(\"{name}\"))"),
            Type::Bytes => format!("encode(\"{name}\", 'hex')"),
            _ => format!("\"{name}\""),
        })
        .collect();
    let columns = columns.join(", ");
    let name = &table.name;
    let sql = match db {
        Db::Sqlite(_) => format!("SELECT json_array({columns}) AS line FROM \"{name}\""),
        Db::Pg(_) => {
            format!("SELECT CAST(json_build_array({columns}) AS TEXT) AS line FROM \"{name}\"")
        }
    };
    let mut rows = 0;
    let mut put = |line: diesel::QueryResult<Line>| -> Result<()> {
        rows += 1;
        writeln!(out, "{}", line?.line).map_err(unwritten)
    };
    match db {
        Db::Sqlite(c) => diesel::sql_query(sql)
            .load_iter::<Line, _>(c)?
            .try_for_each(&mut put)?,
        Db::Pg(c) => {
            diesel::sql_query(sql)
                .load_iter::<Line, PgRowByRowLoadingMode>(c)?
                .try_for_each(&mut put)?;
        }
    }
    Ok(rows)
}

fn unwritten(error: std::io::Error) -> Error {
    Error::unavailable(error)
}

/// A copy of a SQLite database as a file of its own, whole and compact.
///
/// # Errors
/// `unavailable` on PostgreSQL; those of the database.
pub fn vacuum_into(db: &mut Db, file: &str) -> Result<()> {
    match db {
        Db::Sqlite(connection) => {
            diesel::sql_query("VACUUM INTO $1")
                .bind::<Text, _>(file)
                .execute(connection)?;
            Ok(())
        }
        Db::Pg(_) => Err(Error::unavailable("only SQLite is one file")),
    }
}

/// Whether the database holds devices.
///
/// # Errors
/// Those of the database.
pub fn holds_devices(db: &mut Db) -> Result<bool> {
    let rows: Vec<Line> =
        on_each!(db, c => diesel::sql_query("SELECT id AS line FROM devices LIMIT 1").load(c))?;
    Ok(!rows.is_empty())
}
