//! `src/db/schema.rs` is what the migrations make, on both engines: every table, its columns, their order, which may
//! be empty, and what kind of value they hold.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use reparc::db::Db;

/// Table → columns: name, may be empty, kind of value.
type Tables = BTreeMap<String, Vec<(String, bool, &'static str)>>;

/// The `table!` blocks of the source, read as text.
fn declared() -> Tables {
    let mut tables = Tables::new();
    for block in include_str!("../../src/db/schema.rs")
        .split("diesel::table! {")
        .skip(1)
    {
        let block = &block[..block.find("\n}").unwrap()];
        let mut lines = block.lines().map(str::trim).filter(|l| !l.is_empty());
        let name = lines.next().unwrap().split_whitespace().next().unwrap();
        let columns = lines.filter_map(|line| {
            let (name, of) = line.trim_end_matches(',').split_once(" -> ")?;
            let inner = of
                .strip_prefix("Nullable<")
                .map(|of| of.trim_end_matches('>'));
            let kind = match inner.unwrap_or(of) {
                "Text" => "text",
                "BigInt" | "Integer" => "whole",
                "Double" => "real",
                "Bool" => "bool",
                "Timestamp" => "instant",
                "Date" => "day",
                "Binary" => "bytes",
                other => panic!("{name}: {other} is a new kind of value"),
            };
            Some((name.to_owned(), inner.is_some(), kind))
        });
        tables.insert(name.to_owned(), columns.collect());
    }
    tables
}

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    of: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Bool)]
    empty: bool,
    #[diesel(sql_type = Text)]
    kind: String,
}

/// A column of a primary key holds a value although SQLite does not say so.
const SQLITE: &str = "SELECT m.name AS of, c.name, c.\"notnull\" = 0 AND c.pk = 0 AS empty, c.type AS kind \
     FROM sqlite_master m, pragma_table_info(m.name) c \
     WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE '\\_\\_diesel%' ESCAPE '\\' \
     ORDER BY m.name, c.cid";
const POSTGRES: &str = "SELECT table_name::text AS of, column_name::text AS name, is_nullable = 'YES' AS empty, data_type::text AS kind \
     FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_diesel%' \
     ORDER BY table_name, ordinal_position";

fn made(db: &mut Db) -> Tables {
    let sql = match db {
        Db::Sqlite(_) => SQLITE,
        Db::Pg(_) => POSTGRES,
    };
    let rows: Vec<Column> = diesel::sql_query(sql).load(db).unwrap();
    let mut tables = Tables::new();
    for row in rows {
        let kind = match row.kind.to_ascii_lowercase().as_str() {
            "text" | "character varying" => "text",
            "bigint" | "integer" => "whole",
            "double" | "real" | "double precision" => "real",
            "boolean" | "bool" => "bool",
            "timestamp" | "timestamp without time zone" => "instant",
            "date" => "day",
            "blob" | "bytea" => "bytes",
            other => panic!("{}.{}: {other} is a new kind of value", row.of, row.name),
        };
        tables
            .entry(row.of)
            .or_default()
            .push((row.name, row.empty, kind));
    }
    tables
}

on_both_engines! {
    fn the_schema_is_what_the_migrations_make(db: &TestDb) {
        let (declared, made) = (declared(), made(&mut db.raw()));
        assert_eq!(
            declared.keys().collect::<Vec<_>>(),
            made.keys().collect::<Vec<_>>()
        );
        for (table, columns) in &declared {
            assert_eq!(columns, &made[table], "{table}: declared, made");
        }
    }
}
