//! How many devices of a list stand at each stage.

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Text};

use super::device_filter::{Filter, Way, narrow};
use super::sql::{Bind, Sql};
use super::{Db, Engine, Scope};
use crate::error::Result;

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = Text)]
    stage: String,
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// Stage and number of devices, the stages nobody stands at left out.
///
/// # Errors
/// Those of the database.
pub fn by_stage(db: &mut Db, scope: &Scope, filter: &Filter) -> Result<Vec<(String, i64)>> {
    let rows: Vec<Count> = by_stage_sql(Engine::of(db), scope, filter).load(db)?;
    Ok(rows.into_iter().map(|row| (row.stage, row.n)).collect())
}

/// The statement of [`by_stage`], for query plans.
pub fn by_stage_sql(engine: Engine, scope: &Scope, filter: &Filter) -> Sql {
    let Some(day) = filter.as_of else {
        let mut sql = Sql::new("SELECT b.stage AS stage, COUNT(*) AS n FROM books b WHERE ");
        narrow(&mut sql, engine, scope, filter, Way::Count);
        sql.push(" GROUP BY b.stage");
        return sql;
    };
    // The stage of that day stands in the spell, not in the book.
    let mut sql = Sql::new(
        "SELECT found.stage AS stage, COUNT(*) AS n FROM (SELECT (SELECT past.stage FROM spells past \
         WHERE past.device = b.device AND past.book = b.book AND past.valid_from <= ",
    );
    sql.bind(Bind::Day(day))
        .push(" AND (past.valid_to IS NULL OR past.valid_to > ")
        .bind(Bind::Day(day))
        .push(") LIMIT 1) AS stage FROM books b WHERE ");
    narrow(&mut sql, engine, scope, filter, Way::Count);
    sql.push(") AS found GROUP BY found.stage");
    sql
}
