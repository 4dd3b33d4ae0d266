//! Decisions of réforme: the `retire` events that stand, grouped by organisation, day and reference.

use chrono::NaiveDate;
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Date, Nullable, Text};

use super::sql::{Bind, Sql};
use super::{Db, Scope};
use crate::error::Result;

/// A decision, and how many devices it retired.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Decision {
    /// Organisation id.
    #[diesel(sql_type = Text)]
    pub org: String,
    /// Day.
    #[diesel(sql_type = Date)]
    pub on_day: NaiveDate,
    /// Reference; empty when none was given.
    #[diesel(sql_type = Text)]
    pub reference: String,
    /// Devices.
    #[diesel(sql_type = BigInt)]
    pub devices: i64,
    /// The cause, when all of them have the same.
    #[diesel(sql_type = Nullable<Text>)]
    pub cause: Option<String>,
}

/// One réforme of a decision.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Part {
    /// Event id.
    #[diesel(sql_type = Text)]
    pub event: String,
    /// Device id.
    #[diesel(sql_type = Text)]
    pub device: String,
    /// Cause.
    #[diesel(sql_type = Text)]
    pub cause: String,
}

/// Where a list goes on: day, organisation and reference of the last decision shown.
pub type Place = (NaiveDate, String, String);

fn in_scope(sql: &mut Sql, scope: &Scope) {
    match scope.orgs() {
        Some(orgs) => sql.push("org IN ").list(orgs),
        None => sql.push("1 = 1"),
    };
}

/// Decisions, the latest first.
///
/// # Errors
/// Those of the database.
pub fn page(
    db: &mut Db,
    scope: &Scope,
    after: Option<&Place>,
    limit: i64,
) -> Result<Vec<Decision>> {
    page_sql(scope, after, limit).load(db)
}

/// The statement of [`page`], for query plans.
pub fn page_sql(scope: &Scope, after: Option<&Place>, limit: i64) -> Sql {
    let mut sql = Sql::new(
        "SELECT org, on_day, COALESCE(reference, '') AS reference, COUNT(*) AS devices, \
         CASE WHEN MIN(cause) = MAX(cause) THEN MIN(cause) ELSE NULL END AS cause FROM retirements WHERE proposed = FALSE AND ",
    );
    in_scope(&mut sql, scope);
    if let Some((on, org, reference)) = after {
        sql.push(" AND (on_day < ")
            .bind(Bind::Day(*on))
            .push(" OR (on_day = ")
            .bind(Bind::Day(*on))
            .push(" AND (org > ")
            .bind(Bind::Text(org.clone()))
            .push(" OR (org = ")
            .bind(Bind::Text(org.clone()))
            .push(" AND COALESCE(reference, '') > ")
            .bind(Bind::Text(reference.clone()))
            .push("))))");
    }
    sql.push(
        " GROUP BY on_day, org, COALESCE(reference, '') ORDER BY on_day DESC, org, COALESCE(reference, '') LIMIT ",
    )
    .number(limit);
    sql
}

/// The réformes of a day by one reference, in a scope.
///
/// # Errors
/// Those of the database.
pub fn parts(db: &mut Db, scope: &Scope, on: NaiveDate, reference: &str) -> Result<Vec<Part>> {
    let mut sql =
        Sql::new("SELECT event, device, cause FROM retirements WHERE proposed = FALSE AND ");
    in_scope(&mut sql, scope);
    sql.push(" AND on_day = ")
        .bind(Bind::Day(on))
        .push(" AND COALESCE(reference, '') = ")
        .bind(Bind::Text(reference.to_owned()));
    sql.load(db)
}

/// A réforme that is proposed and not decided.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Proposed {
    /// Device id.
    #[diesel(sql_type = Text)]
    pub device: String,
    /// Organisation id.
    #[diesel(sql_type = Text)]
    pub org: String,
    /// Day it was proposed.
    #[diesel(sql_type = Date)]
    pub on_day: NaiveDate,
    /// Cause.
    #[diesel(sql_type = Text)]
    pub cause: String,
}

const PROPOSED: &str =
    "SELECT device, org, on_day, cause FROM retirements WHERE proposed = TRUE AND ";

/// Devices whose réforme is proposed and not decided, the longest proposed first.
///
/// # Errors
/// Those of the database.
pub fn proposed(db: &mut Db, scope: &Scope, limit: i64) -> Result<Vec<Proposed>> {
    let mut sql = Sql::new(PROPOSED);
    in_scope(&mut sql, scope);
    sql.push(" ORDER BY on_day, device LIMIT ").number(limit);
    sql.load(db)
}

/// What is proposed of these devices.
///
/// # Errors
/// Those of the database.
pub fn proposed_of(db: &mut Db, devices: &[String]) -> Result<Vec<Proposed>> {
    let mut found = Vec::new();
    for some in devices.chunks(500) {
        let mut sql = Sql::new(PROPOSED);
        sql.push("device IN ").list(some);
        found.extend(sql.load::<Proposed>(db)?);
    }
    Ok(found)
}

#[derive(QueryableByName)]
struct Many {
    #[diesel(sql_type = Text)]
    org: String,
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// How many réformes wait for the decision of each organisation.
///
/// # Errors
/// Those of the database.
pub fn waiting(db: &mut Db, scope: &Scope) -> Result<Vec<(String, i64)>> {
    let mut sql = Sql::new("SELECT org, COUNT(*) AS n FROM retirements WHERE proposed = TRUE AND ");
    in_scope(&mut sql, scope);
    sql.push(" GROUP BY org");
    let rows: Vec<Many> = sql.load(db)?;
    Ok(rows.into_iter().map(|row| (row.org, row.n)).collect())
}
