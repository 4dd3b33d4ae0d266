//! Purchases by the day of their order, and the devices that came in by them. What a row says is JSON, which the two
//! engines read each in its own words; the indexes are on the same words.

use std::collections::HashMap;

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Text};

use super::entries::Row;
use super::sql::{Bind, Sql};
use super::{Db, Engine, Scope};
use crate::error::Result;

/// Which purchases.
#[derive(Debug, Clone, Default)]
pub struct Which {
    /// Ordered in this year.
    pub year: Option<i32>,
    /// From this partner (id).
    pub supplier: Option<String>,
}

/// The day of the order; empty when it is not known.
const fn ordered(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "COALESCE(json_extract(payload, '$.ordered_on'), '')",
        Engine::Postgres => "COALESCE(payload::jsonb ->> 'ordered_on', '')",
    }
}

const fn supplier(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "json_extract(payload, '$.supplier')",
        Engine::Postgres => "payload::jsonb ->> 'supplier'",
    }
}

/// The purchase line that a device came in by.
const fn line(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "json_extract(state, '$.described.line')",
        Engine::Postgres => "state::jsonb #>> '{described,line}'",
    }
}

fn in_scope(sql: &mut Sql, scope: &Scope) {
    if let Some(orgs) = scope.orgs() {
        sql.push(" AND org IN ").list(orgs);
    }
}

/// Purchases ordered before a place (day, id), the latest first; those whose day is not known come last.
///
/// # Errors
/// Those of the database.
pub fn latest(
    db: &mut Db,
    scope: &Scope,
    which: &Which,
    before: Option<&(String, String)>,
    limit: i64,
) -> Result<Vec<Row>> {
    latest_sql(Engine::of(db), scope, which, before, limit).load(db)
}

/// The statement of [`latest`], for query plans.
pub fn latest_sql(
    engine: Engine,
    scope: &Scope,
    which: &Which,
    before: Option<&(String, String)>,
    limit: i64,
) -> Sql {
    let ordered = ordered(engine);
    let mut sql = Sql::new(
        "SELECT id, kind, key, org, name, archived, version, recorded_at, payload FROM entries \
         WHERE kind = 'purchase' AND archived = FALSE",
    );
    if let Some(year) = which.year {
        for (sign, year) in [(">=", year), ("<", year + 1)] {
            sql.push(" AND ")
                .push(ordered)
                .push(" ")
                .push(sign)
                .push(" ")
                .bind(Bind::Text(format!("{year:04}")));
        }
    }
    if let Some((day, id)) = before {
        sql.push(" AND (")
            .push(ordered)
            .push(", id) < (")
            .bind(Bind::Text(day.clone()))
            .push(", ")
            .bind(Bind::Text(id.clone()))
            .push(")");
    }
    if let Some(partner) = &which.supplier {
        sql.push(" AND ")
            .push(supplier(engine))
            .push(" = ")
            .bind(Bind::Text(partner.clone()));
    }
    in_scope(&mut sql, scope);
    sql.push(" ORDER BY ")
        .push(ordered)
        .push(" DESC, id DESC LIMIT ")
        .number(limit);
    sql
}

#[derive(QueryableByName)]
struct Span {
    #[diesel(sql_type = Text)]
    first: String,
    #[diesel(sql_type = Text)]
    last: String,
}

/// The years in which something was ordered, the first and the last.
///
/// # Errors
/// Those of the database.
pub fn years(db: &mut Db, scope: &Scope) -> Result<Option<(i32, i32)>> {
    let ordered = ordered(Engine::of(db));
    let mut sql = Sql::new(&format!(
        "SELECT COALESCE(MIN({ordered}), '') AS first, COALESCE(MAX({ordered}), '') AS last FROM entries \
         WHERE kind = 'purchase' AND {ordered} > ''"
    ));
    in_scope(&mut sql, scope);
    let span: Vec<Span> = sql.load(db)?;
    let year = |day: &str| day.get(..4).and_then(|year| year.parse().ok());
    Ok(span
        .first()
        .and_then(|span| year(&span.first).zip(year(&span.last))))
}

#[derive(QueryableByName)]
struct Came {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// How many devices came in by each of these purchases (ids).
///
/// # Errors
/// Those of the database.
pub fn received(db: &mut Db, purchases: &[String]) -> Result<HashMap<String, i64>> {
    let mut found = HashMap::new();
    for some in purchases.chunks(200) {
        let rows: Vec<Came> = received_sql(Engine::of(db), some).load(db)?;
        found.extend(rows.into_iter().map(|row| (row.id, row.n)));
    }
    Ok(found)
}

/// The statement of [`received`], for query plans. What is ordered has not come; what was withdrawn never did.
pub fn received_sql(engine: Engine, purchases: &[String]) -> Sql {
    // Asked of each purchase by itself: so the index alone answers, and no state is read again. The empty text takes
    // the column's affinity away, else SQLite would not look the expression up.
    let mut sql = Sql::new("SELECT id, (SELECT COUNT(DISTINCT device) FROM books WHERE substr(");
    sql.push(line(engine))
        .push(", 1, 36) = entries.id || '' AND stage IN ('in_stock', 'in_use', 'in_repair', 'refurbishing', 'retired', 'oriented', 'gone')) AS n FROM entries WHERE id IN ")
        .list(purchases);
    sql
}
