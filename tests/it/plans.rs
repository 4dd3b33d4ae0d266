//! The hot queries use an index on both engines: none reads a whole table.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use reparc::db::device_rows::{Filter, Sort, page_sql};
use reparc::db::{Db, Scope};

use crate::support::db::TestDb;

#[derive(QueryableByName)]
struct Detail {
    #[diesel(sql_type = Text)]
    detail: String,
}

#[derive(QueryableByName)]
struct Planned {
    #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
    line: String,
}

/// The plan, whatever the values; PostgreSQL is told not to read these small tables whole when it need not.
fn plan(db: &mut Db, sql: &str) -> Vec<String> {
    let binds = (1..).take_while(|n| sql.contains(&format!("${n}"))).count();
    match db {
        Db::Sqlite(c) => {
            let lines: Vec<Detail> = diesel::sql_query(format!("EXPLAIN QUERY PLAN {sql}"))
                .load(c)
                .unwrap();
            lines.into_iter().map(|l| l.detail).collect()
        }
        Db::Pg(c) => {
            c.batch_execute(&format!(
                "SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan; PREPARE hot AS {sql}"
            ))
            .unwrap();
            let nulls = vec!["NULL"; binds].join(", ");
            let arguments = if binds == 0 {
                String::new()
            } else {
                format!("({nulls})")
            };
            let lines: Vec<Planned> = diesel::sql_query(format!("EXPLAIN EXECUTE hot{arguments}"))
                .load(c)
                .unwrap();
            c.batch_execute("DEALLOCATE hot").unwrap();
            lines.into_iter().map(|l| l.line).collect()
        }
    }
}

fn whole_tables(lines: &[String]) -> Vec<&String> {
    lines
        .iter()
        .filter(|l| {
            l.contains("Seq Scan")
                || l.trim_start().starts_with("SCAN ")
                    && !l.contains("USING")
                    && !l.contains('(')
                    && !l.contains("CONSTANT")
        })
        .collect()
}

fn judge(db: &TestDb, cases: &[(&str, String)]) {
    let mut raw = db.raw();
    for (name, sql) in cases {
        let lines = plan(&mut raw, sql);
        assert_eq!(
            whole_tables(&lines),
            Vec::<&String>::new(),
            "{name}: {sql}\n{lines:#?}"
        );
    }
}

fn list(db: &TestDb, scope: &Scope, filter: &Filter) -> String {
    page_sql(
        db.store.engine(),
        scope,
        filter,
        (Sort::Tag, false),
        None,
        50,
    )
    .text()
}

on_both_engines! {
    fn hot_queries_read_no_whole_table(db: &TestDb) {
        let one = Scope::of(vec!["a".into()]);
        let some = Scope::of(vec!["a".into(), "b".into(), "c".into()]);
        let plain = Filter::default();
        let words = Filter { words: vec![("lat".into(), Vec::new()), ("dell".into(), Vec::new())], ..Filter::default() };
        let then = Filter { as_of: chrono::NaiveDate::from_ymd_opt(2024, 12, 31), ..Filter::default() };
        let stage = Filter { states: vec![("stage", vec!["retired".into()])], ..Filter::default() };
        judge(db, &[
            ("by tag", "SELECT b.state FROM devices d JOIN books b ON b.device = d.id WHERE d.tag_fold = $1".into()),
            ("by code", "SELECT device, kind FROM codes WHERE fold IN ($1, $2) LIMIT 200".into()),
            ("unique code", "SELECT device FROM codes WHERE org = $1 AND unique_key = $2".into()),
            ("list of one organisation", list(db, &one, &plain)),
            ("list of a subtree", list(db, &some, &plain)),
            ("list at the root", list(db, &Scope::All, &plain)),
            ("list by stage", list(db, &one, &stage)),
            ("search", list(db, &one, &words)),
            ("list of a past day", list(db, &one, &then)),
            ("lock", "UPDATE devices SET version = version + 1 WHERE id = $1".into()),
            ("chain", "SELECT payload FROM events WHERE device = $1 ORDER BY n".into()),
            ("chain as known then", "SELECT e.payload FROM events e JOIN outbox o ON o.event = e.id \
                WHERE e.device = $1 AND o.numbered_at <= $2 ORDER BY e.n".into()),
            ("last number", "SELECT seq, numbered_at FROM outbox WHERE seq IS NOT NULL ORDER BY seq DESC LIMIT 1".into()),
            ("waiting", "SELECT id FROM outbox WHERE seq IS NULL ORDER BY id LIMIT 10".into()),
            ("changes", "SELECT o.seq, e.payload, r.key FROM outbox o LEFT JOIN events e ON e.id = o.event \
                LEFT JOIN entries r ON r.id = o.entry WHERE o.seq > $1 ORDER BY o.seq LIMIT 100".into()),
            ("subtree", "SELECT id FROM organisations WHERE path >= $1 AND path < $2".into()),
            ("key", "SELECT id FROM entries WHERE kind = $1 AND key = $2".into()),
            ("token", "SELECT id FROM tokens WHERE hash = $1".into()),
        ]);
    }
}
