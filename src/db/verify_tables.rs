//! What must hold between whole tables, asked in SQL; the chains themselves are [`super::verify`]'s.

use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl};

use super::Db;
use super::verify::Found;
use crate::error::Result;

/// Kind of problem, sentence, and the query that counts what does not hold.
const RULES: &[(&str, &str, &str)] = &[
    (
        "missing",
        "events belong to a device that is gone",
        "SELECT COUNT(*) AS count, MIN(e.device) AS example FROM events e \
         LEFT JOIN devices d ON d.id = e.device WHERE d.id IS NULL",
    ),
    (
        "missing",
        "devices have no event",
        "SELECT COUNT(*) AS count, MIN(d.id) AS example FROM devices d \
         WHERE NOT EXISTS (SELECT 1 FROM events e WHERE e.device = d.id)",
    ),
    (
        "missing",
        "numbered events are gone",
        "SELECT COUNT(*) AS count, MIN(o.event) AS example FROM outbox o \
         LEFT JOIN events e ON e.id = o.event WHERE o.event IS NOT NULL AND e.id IS NULL",
    ),
    (
        "outbox",
        "events were never given to the outbox",
        "SELECT COUNT(*) AS count, MIN(e.id) AS example FROM events e \
         LEFT JOIN outbox o ON o.event = e.id WHERE o.id IS NULL",
    ),
    (
        "outbox",
        "numbers are missing",
        "SELECT COALESCE(MAX(seq), 0) - COUNT(seq) AS count, NULL AS example FROM outbox WHERE seq IS NOT NULL",
    ),
    (
        "outbox",
        "instants do not rise with the numbers",
        "SELECT COUNT(*) AS count, MIN(b.id) AS example FROM outbox a JOIN outbox b ON b.seq = a.seq + 1 \
         WHERE b.numbered_at <= a.numbered_at",
    ),
    (
        "private",
        "personal parts belong to events that are gone",
        "SELECT COUNT(*) AS count, MIN(p.event) AS example FROM event_private p \
         LEFT JOIN events e ON e.id = p.event WHERE e.id IS NULL",
    ),
    (
        "reference",
        "rows differ from their last version",
        "SELECT COUNT(*) AS count, MIN(e.id) AS example FROM entries e \
         LEFT JOIN entry_versions v ON v.entry = e.id AND v.version = e.version \
         WHERE v.entry IS NULL OR v.payload <> e.payload OR v.recorded_at <> e.recorded_at",
    ),
    (
        "reference",
        "versions of a row are missing",
        "SELECT COUNT(*) AS count, MIN(entry) AS example FROM (SELECT entry FROM entry_versions \
         GROUP BY entry HAVING COUNT(*) <> MAX(version)) AS gaps",
    ),
    (
        "reference",
        "versions of a row that is gone",
        "SELECT COUNT(*) AS count, MIN(v.entry) AS example FROM entry_versions v \
         LEFT JOIN entries e ON e.id = v.entry WHERE e.id IS NULL",
    ),
    (
        "attachment",
        "bytes belong to no file",
        "SELECT COUNT(*) AS count, MIN(p.attachment) AS example FROM attachment_parts p \
         LEFT JOIN attachments a ON a.id = p.attachment WHERE a.id IS NULL",
    ),
    (
        "attachment",
        "bytes of files that expired or were erased",
        "SELECT COUNT(*) AS count, MIN(p.attachment) AS example FROM attachment_parts p \
         JOIN attachments a ON a.id = p.attachment WHERE a.gone IS NOT NULL",
    ),
    (
        "reference",
        "numbered versions are gone",
        "SELECT COUNT(*) AS count, MIN(o.entry) AS example FROM outbox o \
         LEFT JOIN entry_versions v ON v.entry = o.entry AND v.version = o.entry_version \
         WHERE o.entry IS NOT NULL AND v.entry IS NULL",
    ),
];

/// Tables of projections, whose rows must belong to a device.
const PROJECTED: &[&str] = &[
    "books",
    "spells",
    "codes",
    "terms",
    "exits",
    "repairs",
    "wipes",
    "retirements",
];

/// Asks every rule, and the file itself on SQLite.
pub(super) fn whole(db: &mut Db, add: &mut dyn FnMut(&'static str, String)) -> Result<()> {
    file(db, add)?;
    for (kind, sentence, sql) in RULES {
        ask(db, kind, sentence, sql, add)?;
    }
    for table in PROJECTED {
        let sql = format!(
            "SELECT COUNT(*) AS count, MIN(t.device) AS example FROM {table} t \
             LEFT JOIN devices d ON d.id = t.device WHERE d.id IS NULL"
        );
        ask(
            db,
            "projection",
            &format!("`{table}` speaks of devices that are gone"),
            &sql,
            add,
        )?;
    }
    Ok(())
}

fn ask(
    db: &mut Db,
    kind: &'static str,
    sentence: &str,
    sql: &str,
    add: &mut dyn FnMut(&'static str, String),
) -> Result<()> {
    let found: Found = diesel::sql_query(sql).get_result(db)?;
    if found.count != 0 {
        let example = found
            .example
            .map_or(String::new(), |e| format!(", such as {e}"));
        add(kind, format!("{sentence}: {}{example}", found.count));
    }
    Ok(())
}

#[derive(QueryableByName)]
struct Said {
    #[diesel(sql_type = Text)]
    integrity_check: String,
}

/// SQLite's own check of its pages and indexes: a byte flipped outside of any row is found by nothing else.
fn file(db: &mut Db, add: &mut dyn FnMut(&'static str, String)) -> Result<()> {
    if let Db::Sqlite(connection) = db {
        let said: Vec<Said> = diesel::sql_query("PRAGMA integrity_check(20)").load(connection)?;
        for line in said.into_iter().filter(|s| s.integrity_check != "ok") {
            add("file", line.integrity_check);
        }
    }
    Ok(())
}
