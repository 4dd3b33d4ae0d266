//! The figures of a seeded fleet computed a second time, in plain SQL over the stored events and purchases: nothing of
//! the program's replay, projections or fold is used. Both engines.
//!
//! The SQL knows only what the sample tells (no loans, no give-backs, no merges): [`only_known_kinds`] holds it to that.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use reparc::app::indicators::{self, Ask};
use reparc::app::{Actor, App, Clock, ledger_care, seed};
use reparc::db::{Db, Engine};
use reparc::domain::day::{Day, instant};

use crate::support::db::TestDb;

/// How many devices: `REPARC_TEST_DEVICES` (the issue's own number is 100,000, long in a debug
/// build), else enough to meet every case.
fn devices() -> u64 {
    let asked = std::env::var("REPARC_TEST_DEVICES")
        .ok()
        .and_then(|n| n.parse().ok());
    asked.unwrap_or(if std::env::var("CI").is_ok_and(|ci| ci == "true") {
        10_000
    } else {
        1_000
    })
}

/// A text inside the JSON of a column, on either engine.
fn json(engine: Engine, column: &str, path: &[&str]) -> String {
    match engine {
        Engine::Sqlite => format!("json_extract({column}, '$.{}')", path.join(".")),
        Engine::Postgres => format!("({column}::jsonb #>> '{{{}}}')", path.join(",")),
    }
}

/// What the queries read of an event: column, path.
const COLUMNS: &[(&str, &[&str])] = &[
    ("kind", &["kind"]),
    ("on_day", &["on"]),
    ("org", &["org"]),
    ("stage", &["fields", "stage"]),
    ("retired_on", &["fields", "retired_on"]),
    ("cause", &["fields", "cause"]),
    ("destination", &["fields", "destination"]),
    ("exit_kind", &["fields", "exit_kind"]),
    ("to_org", &["fields", "to_organisation"]),
    ("commitment_on", &["fields", "commitment", "on"]),
    ("outcome", &["fields", "outcome"]),
    ("holder", &["fields", "holder"]),
    ("service", &["fields", "service"]),
    ("site", &["fields", "site"]),
    ("voids", &["fields", "event"]),
    ("category", &["fields", "set", "category"]),
    ("acquired_on", &["fields", "set", "acquired_on"]),
    ("manufactured_on", &["fields", "set", "manufactured_on"]),
    ("first_use_on", &["fields", "set", "first_use_on"]),
];

/// Everything the queries stand on, as temporary tables.
fn prepare(db: &mut Db, engine: Engine) {
    let columns: Vec<String> = COLUMNS
        .iter()
        .map(|(name, path)| format!("{} AS {name}", json(engine, "payload", path)))
        .collect();
    let lines = match engine {
        Engine::Sqlite => "entries, json_each(entries.payload, '$.lines') line".to_owned(),
        Engine::Postgres => {
            "entries, jsonb_array_elements(payload::jsonb -> 'lines') line(value)".to_owned()
        }
    };
    let of_line = |key: &str| match engine {
        Engine::Sqlite => format!("json_extract(line.value, '$.{key}')"),
        Engine::Postgres => format!("(line.value ->> '{key}')"),
    };
    let setup = [
        format!("CREATE TEMP TABLE told AS SELECT id, device, n, {} FROM events", columns.join(", ")),
        "CREATE TEMP TABLE ev AS SELECT * FROM told WHERE kind <> 'correct'
           AND id NOT IN (SELECT voids FROM told WHERE voids IS NOT NULL)".to_owned(),
        "CREATE INDEX ev_device ON ev (device, n)".to_owned(),
        // WEEE categories 2 and 6 are in scope; of the sample's, a rack server (4) and a UPS (5) are not.
        "CREATE TEMP TABLE dev AS SELECT d.device,
           CASE WHEN d.category IN ('server_rack', 'ups') THEN 0 ELSE 1 END AS scope,
           COALESCE(d.manufactured_on, d.acquired_on,
             (SELECT MIN(r.on_day) FROM ev r WHERE r.device = d.device AND r.kind = 'receive'
                AND r.n = (SELECT MIN(x.n) FROM ev x WHERE x.device = d.device))) AS start,
           CASE WHEN EXISTS (SELECT 1 FROM ev a WHERE a.device = d.device AND a.kind = 'adopt') THEN d.first_use_on
             ELSE COALESCE((SELECT MIN(a.on_day) FROM ev a WHERE a.device = d.device AND a.kind = 'allocate'),
               d.first_use_on) END AS first_use
         FROM ev d WHERE d.kind = 'describe'".to_owned(),
        "CREATE INDEX dev_device ON dev (device)".to_owned(),
        // One row per réforme: its day (none when nobody knows), since when it is told of, when it was taken back.
        "CREATE TEMP TABLE ret AS
         SELECT e.device, e.org, e.n, e.on_day AS told_on, e.cause, e.kind,
           CASE WHEN e.kind = 'retire' THEN e.on_day ELSE e.retired_on END AS day,
           (SELECT MIN(r.on_day) FROM ev r WHERE r.device = e.device AND r.kind = 'reinstate' AND r.n > e.n) AS back
         FROM ev e WHERE e.kind = 'retire' OR (e.kind = 'adopt' AND e.stage = 'retired')".to_owned(),
        "CREATE INDEX ret_device ON ret (device, n)".to_owned(),
        // One row per hand-over: its kind, its réforme, whether that was over ten years after the start.
        "CREATE TEMP TABLE gone AS
         SELECT h.device, h.org, h.n, h.on_day, h.to_org, h.commitment_on,
           COALESCE(h.exit_kind, (SELECT o.destination FROM ev o WHERE o.device = h.device AND o.kind = 'orient'
             AND o.n < h.n ORDER BY o.n DESC LIMIT 1)) AS kind,
           (SELECT MAX(r.n) FROM ret r WHERE r.device = h.device AND r.n < h.n AND r.back IS NULL) AS ret_n
         FROM ev h WHERE h.kind = 'hand_over'".to_owned(),
        "CREATE INDEX gone_device ON gone (device, n)".to_owned(),
        format!(
            "CREATE TEMP TABLE spent AS SELECT org, {} AS expense_on, {} AS agec, {} AS tenure,
               CAST({} AS BIGINT) AS amount, CAST({} AS BIGINT) AS reuse
             FROM {lines} WHERE kind = 'purchase'",
            of_line("expense_on"), of_line("agec_category"), of_line("tenure"), of_line("amount_cents"), of_line("reuse_cents"),
        ),
    ];
    for statement in setup {
        diesel::sql_query(&statement)
            .execute(db)
            .unwrap_or_else(|e| panic!("{e}: {statement}"));
    }
}

/// Réformé over ten years after its start: text compares as days do, and 29 February + 10 years lies between 28 February
/// and 1 March, as it should.
const OVER_TEN: &str = "(r.day IS NOT NULL AND d.start IS NOT NULL
  AND r.day > CAST(CAST(SUBSTR(d.start, 1, 4) AS INTEGER) + 10 AS TEXT) || SUBSTR(d.start, 5))";
/// The last proof seen.
const PROOF: &str =
    "(SELECT p.outcome FROM ev p WHERE p.device = g.device AND p.kind = 'prove' AND p.n > g.n
  AND p.on_day <= '{as_of}' ORDER BY p.on_day DESC, p.n DESC LIMIT 1)";
const TREATED: &str = "(SELECT p.outcome FROM ev p WHERE p.device = g.device AND p.kind = 'confirm_treatment' AND p.n > g.n
  AND p.on_day <= '{as_of}' ORDER BY p.on_day DESC, p.n DESC LIMIT 1)";
/// Exits of the year with their réforme, if any.
const EXITS: &str = "FROM gone g JOIN dev d ON d.device = g.device LEFT JOIN ret r ON r.device = g.device AND r.n = g.ret_n
  WHERE g.on_day BETWEEN '{start}' AND '{end}' AND {mine:g}";

/// Numerator and denominator of each indicator, as SQL over the tables of [`prepare`].
fn queries() -> Vec<(&'static str, String, Option<String>)> {
    let reuse = format!(
        "(g.kind IN ('transfer', 'donation', 'staff_gift') OR (g.kind IN ('sale', 'take_back') AND {PROOF} = 'reuse'))"
    );
    let committed = "(g.kind NOT IN ('sale', 'take_back') OR g.commitment_on <= g.on_day)";
    let old = format!("{EXITS} AND r.n IS NOT NULL AND d.scope = 1 AND {OVER_TEN}");
    let reused_at = "FROM ev a JOIN ev p ON p.device = a.device AND p.org = a.org AND p.n =
        (SELECT MAX(x.n) FROM ev x WHERE x.device = a.device AND x.org = a.org AND x.n < a.n
           AND (x.kind = 'allocate' OR (x.kind = 'adopt' AND x.stage = 'in_use')))
      WHERE a.kind = 'allocate' AND a.on_day BETWEEN '{start}' AND '{end}' AND {mine:a}
        AND (a.holder <> p.holder OR a.service <> p.service OR a.site <> p.site)
        AND EXISTS (SELECT 1 FROM ev b WHERE b.device = a.device AND b.kind = 'deallocate' AND b.n > p.n AND b.n < a.n)";
    let lives = "FROM ret r JOIN dev d ON d.device = r.device
      WHERE r.kind = 'retire' AND r.day BETWEEN '{start}' AND '{end}' AND {mine:r} AND d.first_use IS NOT NULL
        AND (r.back IS NULL OR r.back > '{as_of}') AND r.cause NOT IN ('lost', 'stolen')";
    let spent = "FROM spent s WHERE s.expense_on BETWEEN '{start}' AND '{end}' AND {mine:s}
      AND s.agec = 'Matériel informatique et téléphonie' AND s.tenure <> 'leased'";
    vec![
        (
            "L01",
            format!("SELECT COUNT(*) AS n {EXITS} AND r.n IS NOT NULL AND d.scope = 1 AND NOT COALESCE({OVER_TEN}, FALSE) AND {reuse} AND {committed} AND {{outward}}"),
            Some(format!(
                "SELECT COUNT(*) AS n FROM ret r JOIN dev d ON d.device = r.device
                 WHERE {{mine:r}} AND d.scope = 1 AND NOT COALESCE({OVER_TEN}, FALSE) AND (r.back IS NULL OR r.back > '{{eve}}')
                   AND ((r.day IS NOT NULL AND r.day <= '{{eve}}' AND r.told_on <= '{{as_of}}')
                     OR (r.day IS NULL AND r.told_on <= '{{eve}}'))
                   AND NOT EXISTS (SELECT 1 FROM gone g WHERE g.device = r.device AND g.on_day <= '{{eve}}')"
            )),
        ),
        (
            "L05",
            format!("SELECT COUNT(*) AS n {old} AND {{outward}} AND (g.kind = 'collection' OR (g.kind = 'take_back' AND {TREATED} = 'recycling'))"),
            Some(format!("SELECT COUNT(*) AS n {old} AND {{outward}}")),
        ),
        (
            "L06",
            format!("SELECT CAST(COALESCE(SUM(s.reuse), 0) AS BIGINT) AS n {spent}"),
            Some(format!("SELECT CAST(COALESCE(SUM(s.amount), 0) AS BIGINT) AS n {spent}")),
        ),
        (
            "G04",
            format!("SELECT CAST(COALESCE(SUM({{days}}), 0) AS BIGINT) AS n {lives}"),
            Some(format!("SELECT COUNT(*) AS n {lives}")),
        ),
        ("G06", format!("SELECT COUNT(DISTINCT a.device) AS n {reused_at}"), None),
        (
            "F13",
            format!("SELECT COUNT(*) AS n {EXITS} AND {reuse} AND {{outward}}"),
            Some(format!("SELECT COUNT(*) AS n {EXITS} AND {{outward}}")),
        ),
    ]
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

#[derive(QueryableByName)]
struct Word {
    #[diesel(sql_type = Nullable<Text>)]
    word: Option<String>,
}

struct Question<'a> {
    year: i32,
    as_of: Day,
    /// Organisation id; none for the tree of `main`, which is all there is.
    org: Option<&'a str>,
    engine: Engine,
}

fn answer(db: &mut Db, q: &Question<'_>, sql: &str) -> i64 {
    let end = Day::last_of(q.year).min(q.as_of);
    let days = match q.engine {
        Engine::Sqlite => "julianday(r.day) - julianday(d.first_use)",
        Engine::Postgres => "CAST(r.day AS DATE) - CAST(d.first_use AS DATE)",
    };
    let mut sql = sql
        .replace("{as_of}", &q.as_of.to_string())
        .replace("{start}", &Day::first_of(q.year).to_string())
        .replace("{end}", &end.to_string())
        .replace("{eve}", &Day::last_of(q.year - 1).to_string())
        .replace("{days}", days)
        .replace(
            "{outward}",
            if q.org.is_some() {
                "1 = 1"
            } else {
                "g.to_org IS NULL"
            },
        );
    for alias in ["g", "r", "a", "s"] {
        let mine = q
            .org
            .map_or("1 = 1".to_owned(), |org| format!("{alias}.org = '{org}'"));
        sql = sql.replace(&format!("{{mine:{alias}}}"), &mine);
    }
    let found: Number = diesel::sql_query(&sql)
        .get_result(db)
        .unwrap_or_else(|e| panic!("{e}: {sql}"));
    found.n
}

/// The sample tells nothing these queries do not know.
fn only_known_kinds(db: &mut Db) {
    // A loan is no allocation (ledger §8: first use, G06), and refurbishing moves none of these figures.
    let known = "adopt order receive describe prepare allocate deallocate loan return move refurbish ready report_fault send_to_repair close_repair wipe audit \
                 mark_missing find report_stolen propose_retirement retire reinstate orient hand_over prove confirm_treatment";
    let kinds: Vec<Word> = diesel::sql_query("SELECT DISTINCT kind AS word FROM ev")
        .load(db)
        .unwrap();
    for kind in kinds.into_iter().filter_map(|k| k.word) {
        assert!(
            known.split_whitespace().any(|k| k == kind),
            "the queries know no {kind}"
        );
    }
    let voided = "SELECT DISTINCT kind AS word FROM told WHERE id IN (SELECT voids FROM told)";
    let voided: Vec<Word> = diesel::sql_query(voided).load(db).unwrap();
    assert!(voided.iter().all(|k| k.word.as_deref() == Some("audit")));
}

#[test]
fn plain_sql_says_the_same() {
    let now = instant::parse("2026-06-15T10:00:00Z").unwrap();
    for db in [Some(TestDb::sqlite()), TestDb::postgres()]
        .into_iter()
        .flatten()
    {
        let app = App::new(db.store.clone(), Clock::fixed(now), "http://reparc.test").unwrap();
        let options = seed::Options {
            devices: devices(),
            years: 8,
            seed: 7,
        };
        seed::seed(&app, &options, &mut |_| {}).unwrap();
        ledger_care::number(&app).unwrap();
        compare(&app, &mut db.raw(), db.store.engine());
    }
}

#[test]
fn the_same_seed_tells_the_same_story() {
    let figures = |db: TestDb| {
        let now = instant::parse("2026-06-15T10:00:00Z").unwrap();
        let app = App::new(db.store.clone(), Clock::fixed(now), "http://reparc.test").unwrap();
        let options = seed::Options {
            devices: 300,
            years: 8,
            seed: 7,
        };
        seed::seed(&app, &options, &mut |_| {}).unwrap();
        ledger_care::number(&app).unwrap();
        let of_year = |year| {
            let ask = Ask {
                year: Some(year),
                scope: true,
                ..Ask::default()
            };
            let page = indicators::all(&app, &Actor::operator(), &ask).unwrap();
            let parts = page
                .items
                .iter()
                .map(|f| (f.id.clone(), f.numerator, f.denominator));
            parts.collect::<Vec<_>>()
        };
        [2023, 2024, 2025, 2026].map(of_year)
    };
    let first = figures(TestDb::sqlite());
    for _ in 0..3 {
        assert_eq!(first, figures(TestDb::sqlite()));
    }
}

fn compare(app: &App, db: &mut Db, engine: Engine) {
    prepare(db, engine);
    only_known_kinds(db);
    let orgs: Vec<Word> =
        diesel::sql_query("SELECT id || ' ' || key AS word FROM organisations ORDER BY key")
            .load(db)
            .unwrap();
    let orgs: Vec<String> = orgs.into_iter().filter_map(|o| o.word).collect();
    let whose = orgs
        .iter()
        .map(|o| o.split_once(' ').unwrap())
        .map(|(id, key)| (Some(id), key));
    let whose: Vec<_> = whose
        .filter(|(_, key)| ["main", "valbrise"].contains(key))
        .chain([(None, "main")])
        .collect();
    let mut wrong = Vec::new();
    let mut moved = [0_i64; 6];
    for (year, as_of) in [
        (2020, "2020-12-31"),
        (2021, "2026-06-15"),
        (2022, "2022-09-30"),
        (2023, "2023-12-31"),
        (2023, "2025-03-31"),
        (2024, "2026-06-15"),
        (2025, "2025-12-31"),
        (2026, "2026-06-15"),
    ] {
        let as_of = Day::parse(as_of).unwrap();
        for (org, key) in &whose {
            let ask = Ask {
                year: Some(year),
                as_of: Some(as_of),
                org: Some((*key).to_owned()),
                scope: org.is_none(),
                ..Ask::default()
            };
            let page = indicators::all(app, &Actor::operator(), &ask).unwrap();
            let question = Question {
                year,
                as_of,
                org: *org,
                engine,
            };
            for (at, (id, numerator, denominator)) in queries().iter().enumerate() {
                let figure = page.items.iter().find(|f| f.id == *id).unwrap();
                let ours = (figure.numerator, figure.denominator);
                let theirs = (
                    Some(answer(db, &question, numerator)),
                    denominator.as_ref().map(|sql| answer(db, &question, sql)),
                );
                moved[at] += theirs.0.unwrap_or(0);
                if ours != theirs {
                    wrong.push(format!(
                        "{id} of {year} as_of {as_of} {key} {}: figures {ours:?}, SQL {theirs:?}",
                        if org.is_none() { "tree" } else { "own" }
                    ));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(
        moved.iter().all(|n| *n > 0),
        "every figure counts something: {moved:?}"
    );
}
