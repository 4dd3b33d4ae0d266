//! The hot queries use an index on both engines: none reads a whole table.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use reparc::db::decisions::page_sql as decisions_sql;
use reparc::db::device_counts::by_stage_sql;
use reparc::db::device_rows::{Filter, Sort, Word, page_sql};
use reparc::db::operations::{Of, latest_sql};
use reparc::db::purchases::{self, Which};
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

fn recent(db: &TestDb, scope: &Scope, filter: &Filter) -> String {
    let after = Some(("2024-01-01 00:00:00", "d"));
    page_sql(
        db.store.engine(),
        scope,
        filter,
        (Sort::UpdatedAt, true),
        after,
        26,
    )
    .text()
    .to_owned()
}

fn word(text: &str, common: bool) -> Word {
    let text = text.to_owned();
    Word {
        text,
        common,
        ..Word::default()
    }
}

fn stages(db: &TestDb, scope: &Scope, filter: &Filter) -> String {
    by_stage_sql(db.store.engine(), scope, filter)
        .text()
        .to_owned()
}

/// SQLite sorts whatever no index gives in order; PostgreSQL may sort these small tables as it likes.
#[test]
fn the_first_page_of_a_list_is_never_sorted() {
    let db = TestDb::sqlite();
    let one = Scope::of(vec!["a".into()]);
    let some = Scope::of(vec!["a".into(), "b".into(), "c".into()]);
    let stage = Filter {
        states: vec![("stage", vec!["in_use".into(), "retired".into()])],
        ..Filter::default()
    };
    let common = Filter {
        words: vec![word("lap", true)],
        ..Filter::default()
    };
    let mut raw = db.raw();
    for scope in [&one, &some, &Scope::All] {
        for filter in [&stage, &common] {
            for sql in [recent(&db, scope, filter), list(&db, scope, &common)] {
                let lines = plan(&mut raw, &sql);
                let sorted = lines.iter().any(|l| l.contains("TEMP B-TREE"));
                assert!(!sorted, "{sql}\n{lines:#?}");
            }
        }
    }
}

on_both_engines! {
    fn hot_queries_read_no_whole_table(db: &TestDb) {
        let one = Scope::of(vec!["a".into()]);
        let some = Scope::of(vec!["a".into(), "b".into(), "c".into()]);
        let plain = Filter::default();
        let words = Filter { words: vec![word("lat", false), word("dell", false)], ..Filter::default() };
        let common = Filter { words: vec![word("lap", true), word("dell", false)], ..Filter::default() };
        let held = Filter { states: vec![("holder", vec!["p".into()]), ("stage", vec!["in_use".into()])], ..Filter::default() };
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
            ("the last written", recent(db, &one, &stage)),
            ("the last written of a subtree", recent(db, &some, &stage)),
            ("the last written at the root", recent(db, &Scope::All, &stage)),
            ("the last written that a word finds", recent(db, &Scope::All, &words)),
            ("stages of one organisation", stages(db, &one, &plain)),
            ("stages of a subtree", stages(db, &some, &plain)),
            ("stages at the root", stages(db, &Scope::All, &plain)),
            ("stages of a past day", stages(db, &one, &then)),
            ("search", list(db, &one, &words)),
            ("search by a common word", list(db, &Scope::All, &common)),
            ("what a person holds", list(db, &Scope::All, &held)),
            ("exits of a subtree, the last first", latest_sql(&some, Of::Exits, None, 26).text()),
            ("exits at the root, the last first", latest_sql(&Scope::All, Of::Exits, None, 26).text()),
            ("wipes of a subtree, the last first", latest_sql(&some, Of::Wipes, None, 26).text()),
            ("wipes at the root, the last first", latest_sql(&Scope::All, Of::Wipes, None, 26).text()),
            ("decisions at the root, the last first", decisions_sql(&Scope::All, None, 26).text()),
            ("purchases at the root, the last first", purchases::latest_sql(db.store.engine(), &Scope::All, &Which::default(), None, 100).text()),
            ("purchases of a year", purchases::latest_sql(db.store.engine(), &some, &Which { year: Some(2024), supplier: Some("p".into()) }, None, 100).text()),
            ("what came in by purchases", purchases::received_sql(db.store.engine(), &["p".into(), "q".into()]).text()),
            ("list of a past day", list(db, &one, &then)),
            ("list of a past day at the root", list(db, &Scope::All, &then)),
            ("lock", "UPDATE devices SET version = version + 1 WHERE id = $1".into()),
            ("chain", "SELECT payload FROM events WHERE device = $1 ORDER BY n".into()),
            ("chain as known then", "SELECT e.payload FROM events e JOIN outbox o ON o.event = e.id \
                WHERE e.device = $1 AND o.numbered_at <= $2 ORDER BY e.n".into()),
            ("last number", "SELECT seq, numbered_at FROM outbox WHERE seq IS NOT NULL ORDER BY seq DESC LIMIT 1".into()),
            ("waiting", "SELECT id FROM outbox WHERE seq IS NULL ORDER BY id LIMIT 10".into()),
            ("changes", "SELECT o.seq, e.payload, r.key FROM outbox o LEFT JOIN events e ON e.id = o.event \
                LEFT JOIN entries r ON r.id = o.entry WHERE o.seq > $1 ORDER BY o.seq LIMIT 100".into()),
            // What waits: the first page asks for these at every visit, and only the indexes of few rows will do.
            ("stages", "SELECT stage, COUNT(*) FROM books WHERE org IN ($1, $2) AND shown = $3 AND stage IN ('in_stock', 'in_use') GROUP BY stage".into()),
            ("loans", "SELECT b.tag FROM books b WHERE b.state LIKE '%\"due_on\"%' AND b.org IN ($1, $2) AND b.shown = $3 AND b.stage IN ('in_use', 'in_repair')".into()),
            ("proofs", "SELECT COUNT(*) FROM exits x JOIN books b ON b.device = x.device AND b.book = x.book WHERE x.proof IS NULL \
                AND x.given_back_on IS NULL AND x.kind IN ('sale', 'take_back') AND x.org IN ($1, $2) AND b.withdrawn = $3".into()),
            ("open repairs", "SELECT COUNT(*) FROM repairs r JOIN books b ON b.device = r.device AND b.book = r.book WHERE r.closed_on IS NULL \
                AND r.org IN ($1, $2) AND r.opened_on < $3 AND COALESCE(b.current, FALSE) = $4".into()),
            ("last entries", "SELECT e.payload, d.tag FROM outbox o JOIN events e ON e.id = o.event JOIN devices d ON d.id = e.device \
                WHERE o.seq IS NOT NULL ORDER BY o.seq DESC LIMIT 200".into()),
            ("subtree", "SELECT id FROM organisations WHERE path >= $1 AND path < $2".into()),
            ("key", "SELECT id FROM entries WHERE kind = $1 AND key = $2".into()),
            ("token", "SELECT id FROM tokens WHERE hash = $1".into()),
        ]);
    }
}
