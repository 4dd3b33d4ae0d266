//! Exits, repairs and wipes as lists: which operations an actor sees, and of which devices.

use chrono::NaiveDate;
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Date, Nullable, Text};

use super::sql::{Bind, Sql};
use super::{Db, Scope};
use crate::error::Result;

/// A hand-over or wipe, and the operation it belongs to (its own id when it stands alone).
#[derive(Debug, Clone, QueryableByName)]
pub struct Part {
    /// Operation id, else event id.
    #[diesel(sql_type = Text)]
    pub operation: String,
    /// Event id.
    #[diesel(sql_type = Text)]
    pub event: String,
    /// Device id.
    #[diesel(sql_type = Text)]
    pub device: String,
    /// Tag.
    #[diesel(sql_type = Text)]
    pub tag: String,
    /// Book index.
    #[diesel(sql_type = BigInt)]
    pub book: i64,
    /// Wipes: the one medium, else all of them.
    #[diesel(sql_type = Nullable<Text>)]
    pub medium: Option<String>,
}

/// A repair row.
#[derive(Debug, Clone, QueryableByName)]
pub struct Repair {
    /// Repair id.
    #[diesel(sql_type = Text)]
    pub id: String,
    /// Device id.
    #[diesel(sql_type = Text)]
    pub device: String,
    /// Tag.
    #[diesel(sql_type = Text)]
    pub tag: String,
    /// Reported on.
    #[diesel(sql_type = Date)]
    pub opened_on: NaiveDate,
    /// Sent on.
    #[diesel(sql_type = Nullable<Date>)]
    pub sent_on: Option<NaiveDate>,
    /// Closed on.
    #[diesel(sql_type = Nullable<Date>)]
    pub closed_on: Option<NaiveDate>,
    /// Outcome.
    #[diesel(sql_type = Nullable<Text>)]
    pub outcome: Option<String>,
    /// Partner id.
    #[diesel(sql_type = Nullable<Text>)]
    pub provider: Option<String>,
    /// Cents without tax.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub cost_cents: Option<i64>,
}

/// The two tables whose rows are grouped into operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// Hand-overs by exit.
    Exits,
    /// Wipes by wipe operation.
    Wipes,
}

impl Of {
    fn table(self) -> (&'static str, &'static str) {
        match self {
            Of::Exits => ("exits", "COALESCE(x.exit, x.event)"),
            Of::Wipes => ("wipes", "COALESCE(x.wipe, x.event)"),
        }
    }
}

fn in_scope(sql: &mut Sql, scope: &Scope) {
    match scope.orgs() {
        Some(orgs) => sql.push("x.org IN ").list(orgs),
        None => sql.push("1 = 1"),
    };
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = Text)]
    operation: String,
}

/// Ids of operations after one, in order of making.
///
/// # Errors
/// Those of the database.
pub fn page(db: &mut Db, scope: &Scope, of: Of, after: &str, limit: i64) -> Result<Vec<String>> {
    let (table, id) = of.table();
    let mut sql = Sql::new("SELECT DISTINCT ");
    sql.push(id)
        .push(" AS operation FROM ")
        .push(table)
        .push(" x WHERE ");
    in_scope(&mut sql, scope);
    sql.push(" AND ")
        .push(id)
        .push(" > ")
        .bind(Bind::Text(after.to_owned()));
    sql.push(" ORDER BY 1 LIMIT ").number(limit);
    Ok(sql
        .load::<Id>(db)?
        .into_iter()
        .map(|row| row.operation)
        .collect())
}

#[derive(QueryableByName)]
struct Dated {
    #[diesel(sql_type = Text)]
    operation: String,
    #[diesel(sql_type = Date)]
    day: NaiveDate,
}

/// Ids and days of operations before one (day, id), the latest first.
///
/// # Errors
/// Those of the database.
pub fn latest(
    db: &mut Db,
    scope: &Scope,
    of: Of,
    before: Option<(NaiveDate, String)>,
    limit: i64,
) -> Result<Vec<(NaiveDate, String)>> {
    Ok(latest_sql(scope, of, before, limit)
        .load::<Dated>(db)?
        .into_iter()
        .map(|row| (row.day, row.operation))
        .collect())
}

/// The statement of [`latest`], for query plans.
pub fn latest_sql(scope: &Scope, of: Of, before: Option<(NaiveDate, String)>, limit: i64) -> Sql {
    // An operation of several days stands at its last: one of its parts that is followed by another is passed over.
    let (table, id) = of.table();
    let mut sql = Sql::new("SELECT ");
    sql.push(id)
        .push(" AS operation, x.on_day AS day FROM ")
        .push(table)
        .push(" x WHERE ");
    match scope.orgs() {
        // By the day, not by the owner: an index of owners would read and sort all that they ever did.
        Some(orgs) => sql.push("COALESCE(x.org, '') IN ").list(orgs),
        None => sql.push("1 = 1"),
    };
    if let Some((day, operation)) = before {
        sql.push(" AND (x.on_day < ")
            .bind(Bind::Day(day))
            .push(" OR (x.on_day = ")
            .bind(Bind::Day(day))
            .push(" AND ")
            .push(id)
            .push(" < ")
            .bind(Bind::Text(operation))
            .push("))");
    }
    sql.push(" AND NOT EXISTS (SELECT 1 FROM ")
        .push(table)
        .push(" later WHERE ")
        .push(&id.replace("x.", "later."))
        .push(" = ")
        .push(id)
        .push(" AND (later.on_day, later.event) > (x.on_day, x.event)");
    if let Some(orgs) = scope.orgs() {
        sql.push(" AND later.org IN ").list(orgs);
    }
    sql.push(")");
    sql.push(" ORDER BY x.on_day DESC, ")
        .push(id)
        .push(" DESC LIMIT ")
        .number(limit);
    sql
}

/// The events of operations.
///
/// # Errors
/// Those of the database.
pub fn parts(db: &mut Db, scope: &Scope, of: Of, operations: &[String]) -> Result<Vec<Part>> {
    let (table, id) = of.table();
    let mut sql = Sql::new("SELECT ");
    let medium = match of {
        Of::Wipes => "x.medium",
        Of::Exits => "CAST(NULL AS TEXT)",
    };
    sql.push(id)
        .push(" AS operation, x.event, x.device, d.tag, x.book, ")
        .push(medium)
        .push(" AS medium FROM ")
        .push(table);
    sql.push(" x JOIN devices d ON d.id = x.device WHERE ");
    in_scope(&mut sql, scope);
    sql.push(" AND (x.event IN ").list(operations);
    let own = if of == Of::Exits {
        " OR x.exit IN "
    } else {
        " OR x.wipe IN "
    };
    sql.push(own)
        .list(operations)
        .push(") ORDER BY operation, d.tag");
    Ok(sql
        .load::<Part>(db)?
        .into_iter()
        .filter(|p| operations.contains(&p.operation))
        .collect())
}

/// Wipes of a device that rest on this proof: operation and medium of each.
///
/// # Errors
/// Those of the database.
pub fn wiped_by(
    db: &mut Db,
    device: &str,
    evidence: &str,
) -> Result<Vec<(String, Option<String>)>> {
    use super::schema::wipes;
    use diesel::prelude::*;
    let rows: Vec<(String, Option<String>, Option<String>)> = wipes::table
        .filter(wipes::device.eq(device))
        .filter(wipes::evidence.eq(evidence))
        .order(wipes::event)
        .select((wipes::event, wipes::wipe, wipes::medium))
        .load(db)?;
    let operation =
        |(event, wipe, medium): (String, Option<String>, _)| (wipe.unwrap_or(event), medium);
    Ok(rows.into_iter().map(operation).collect())
}

#[derive(QueryableByName)]
struct Org {
    #[diesel(sql_type = Text)]
    org: String,
}

/// In whose books an operation is, of those of the scope.
///
/// # Errors
/// Those of the database.
pub fn orgs(db: &mut Db, scope: &Scope, of: Of, operation: &str) -> Result<Vec<String>> {
    let (table, id) = of.table();
    let mut sql = Sql::new("SELECT DISTINCT x.org FROM ");
    sql.push(table).push(" x WHERE ");
    in_scope(&mut sql, scope);
    sql.push(" AND ")
        .push(id)
        .push(" = ")
        .bind(Bind::Text(operation.to_owned()));
    Ok(sql.load::<Org>(db)?.into_iter().map(|r| r.org).collect())
}

/// In whose books a repair is, of those of the scope.
///
/// # Errors
/// Those of the database.
pub fn repair_orgs(db: &mut Db, scope: &Scope, repair: &str) -> Result<Vec<String>> {
    let mut sql = Sql::new("SELECT DISTINCT x.org FROM repairs x WHERE ");
    in_scope(&mut sql, scope);
    sql.push(" AND x.id = ").bind(Bind::Text(repair.to_owned()));
    Ok(sql.load::<Org>(db)?.into_iter().map(|r| r.org).collect())
}

const REPAIRS: &str = "SELECT x.id, x.device, d.tag, x.opened_on, x.sent_on, x.closed_on, x.outcome, x.provider, x.cost_cents \
                       FROM repairs x JOIN devices d ON d.id = x.device WHERE ";

/// Repairs after one (opened_on, id), in order of opening; the open ones alone when asked.
///
/// # Errors
/// Those of the database.
pub fn repairs(
    db: &mut Db,
    scope: &Scope,
    open: Option<bool>,
    after: Option<(NaiveDate, String)>,
    limit: i64,
) -> Result<Vec<Repair>> {
    let mut sql = Sql::new(REPAIRS);
    in_scope(&mut sql, scope);
    match open {
        Some(true) => sql.push(" AND x.closed_on IS NULL"),
        Some(false) => sql.push(" AND x.closed_on IS NOT NULL"),
        None => &mut sql,
    };
    if let Some((on, id)) = after {
        sql.push(" AND (x.opened_on > ")
            .bind(Bind::Day(on))
            .push(" OR (x.opened_on = ")
            .bind(Bind::Day(on));
        sql.push(" AND x.id > ").bind(Bind::Text(id)).push("))");
    }
    sql.push(" ORDER BY x.opened_on, x.id LIMIT ").number(limit);
    sql.load(db)
}

/// One repair by its id.
///
/// # Errors
/// Those of the database.
pub fn repair(db: &mut Db, scope: &Scope, id: &str) -> Result<Option<Repair>> {
    let mut sql = Sql::new(REPAIRS);
    in_scope(&mut sql, scope);
    sql.push(" AND x.id = ")
        .bind(Bind::Text(id.to_owned()))
        .push(" ORDER BY x.device LIMIT 1");
    Ok(sql.load(db)?.pop())
}

/// Closed repairs before one (closed_on, id), the latest closed first.
///
/// # Errors
/// Those of the database.
pub fn closed(
    db: &mut Db,
    scope: &Scope,
    before: Option<(NaiveDate, String)>,
    limit: i64,
) -> Result<Vec<Repair>> {
    let mut sql = Sql::new(REPAIRS);
    in_scope(&mut sql, scope);
    sql.push(" AND x.closed_on IS NOT NULL");
    if let Some((on, id)) = before {
        sql.push(" AND (x.closed_on < ")
            .bind(Bind::Day(on))
            .push(" OR (x.closed_on = ")
            .bind(Bind::Day(on));
        sql.push(" AND x.id < ").bind(Bind::Text(id)).push("))");
    }
    sql.push(" ORDER BY x.closed_on DESC, x.id DESC LIMIT ")
        .number(limit);
    sql.load(db)
}
