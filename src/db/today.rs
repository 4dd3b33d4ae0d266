//! What waits for somebody: few rows each, by indexes that hold only them.

use chrono::NaiveDate;
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Bool, Date, Nullable, Text};

use super::sql::{Bind, Sql};
use super::{Db, Scope, organisations};
use crate::domain::event::Event;
use crate::error::{Error, Result};

/// How many, and the day of the oldest.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Count {
    /// How many.
    #[diesel(sql_type = BigInt)]
    pub n: i64,
    /// The oldest.
    #[diesel(sql_type = Nullable<Date>)]
    pub since: Option<NaiveDate>,
}

/// A device that waits.
#[derive(Debug, Clone, QueryableByName)]
pub struct Waiting {
    /// Tag.
    #[diesel(sql_type = Text)]
    pub tag: String,
    /// Name.
    #[diesel(sql_type = Nullable<Text>)]
    pub name: Option<String>,
    /// Stage.
    #[diesel(sql_type = Text)]
    pub stage: String,
    /// The day it waits since, or was due; none when `state` says it.
    #[diesel(sql_type = Nullable<Date>)]
    pub on: Option<NaiveDate>,
    /// The projection's JSON; empty when it is not asked for.
    #[diesel(sql_type = Text)]
    pub state: String,
    /// Partner id.
    #[diesel(sql_type = Nullable<Text>)]
    pub partner: Option<String>,
}

/// A word and how often it is found.
#[derive(Debug, Clone, QueryableByName)]
pub struct Words {
    /// Word.
    #[diesel(sql_type = Text)]
    pub word: String,
    /// How many.
    #[diesel(sql_type = BigInt)]
    pub n: i64,
}

/// Ids of the organisations of a scope.
///
/// # Errors
/// Those of the database.
pub fn orgs(db: &mut Db, scope: &Scope) -> Result<Vec<String>> {
    match scope.orgs() {
        Some(orgs) => Ok(orgs.to_vec()),
        None => organisations::all(db),
    }
}

/// The fleet by stage, what is gone left out: the index alone answers. A row that is shown and not gone is the one of
/// the present owner, and what is withdrawn has that for its stage.
///
/// # Errors
/// Those of the database.
pub fn stages(db: &mut Db, orgs: &[String]) -> Result<Vec<Words>> {
    let mut sql = Sql::new("SELECT stage AS word, COUNT(*) AS n FROM books WHERE org IN ");
    sql.list(orgs)
        .push(" AND shown = ")
        .bind(Bind::Bool(true))
        .push(" AND stage IN ('ordered', 'in_stock', 'in_use', 'in_repair', 'refurbishing', 'retired', 'oriented') GROUP BY stage");
    sql.load(db)
}

/// How many left since a day, hand-overs inside the tree apart; what was withdrawn did not.
///
/// # Errors
/// Those of the database.
pub fn gone(db: &mut Db, orgs: &[String], from: NaiveDate) -> Result<i64> {
    let since = |sql: &mut Sql| {
        sql.list(orgs)
            .push(" AND x.on_day >= ")
            .bind(Bind::Day(from))
            .push(" AND x.given_back_on IS NULL AND x.to_org IS NULL");
    };
    let mut all =
        Sql::new("SELECT COUNT(*) AS n, MIN(x.on_day) AS since FROM exits x WHERE x.org IN ");
    since(&mut all);
    let mut withdrawn = Sql::new(
        "SELECT COUNT(*) AS n, MIN(x.on_day) AS since FROM devices d JOIN exits x ON x.device = d.id WHERE d.withdrawn AND x.org IN ",
    );
    since(&mut withdrawn);
    Ok(one(all, db)?.n - one(withdrawn, db)?.n)
}

fn one(sql: Sql, db: &mut Db) -> Result<Count> {
    let found = sql.load::<Count>(db)?.pop();
    Ok(found.unwrap_or(Count { n: 0, since: None }))
}

/// Devices whose loan has a day of return.
///
/// # Errors
/// Those of the database.
pub fn lent(db: &mut Db, orgs: &[String]) -> Result<Vec<Waiting>> {
    marked(
        db,
        orgs,
        "b.state LIKE '%\"due_on\"%'",
        "'in_use', 'in_repair'",
    )
}

/// Devices whose réforme was proposed.
///
/// # Errors
/// Those of the database.
pub fn proposed(db: &mut Db, orgs: &[String]) -> Result<Vec<Waiting>> {
    marked(
        db,
        orgs,
        "b.state LIKE '%\"proposed_on\"%'",
        "'in_stock', 'in_use', 'in_repair', 'refurbishing'",
    )
}

fn marked(db: &mut Db, orgs: &[String], mark: &str, stages: &str) -> Result<Vec<Waiting>> {
    let mut sql = Sql::new(
        "SELECT b.tag, b.name, b.stage, CAST(NULL AS DATE) AS \"on\", b.state, CAST(NULL AS TEXT) AS partner FROM books b WHERE ",
    );
    sql.push(mark)
        .push(" AND b.org IN ")
        .list(orgs)
        .push(" AND b.shown = ")
        .bind(Bind::Bool(true))
        .push(" AND b.stage IN (")
        .push(stages)
        .push(")");
    sql.load(db)
}

/// Devices out of use whose media are not purged.
///
/// # Errors
/// Those of the database.
pub fn unwiped(db: &mut Db, orgs: &[String]) -> Result<i64> {
    let mut sql = Sql::new(
        "SELECT COUNT(*) AS n, CAST(NULL AS DATE) AS since FROM books WHERE data IN ('holds', 'cleared') AND stage IN ('retired', 'oriented') AND org IN ",
    );
    sql.list(orgs).push(" AND shown = ").bind(Bind::Bool(true));
    Ok(one(sql, db)?.n)
}

const OPEN: &str = " FROM repairs r JOIN books b ON b.device = r.device AND b.book = r.book WHERE r.closed_on IS NULL AND r.org IN ";
const UNPROVED: &str = " FROM exits x JOIN books b ON b.device = x.device AND b.book = x.book WHERE x.proof IS NULL AND x.given_back_on IS NULL AND x.kind IN ('sale', 'take_back') AND x.org IN ";
const COUNTED: &str = "SELECT COUNT(*) AS n, MIN(";

fn late_repairs(sql: &mut Sql, orgs: &[String], before: NaiveDate) {
    sql.push(OPEN)
        .list(orgs)
        .push(" AND r.opened_on < ")
        .bind(Bind::Day(before))
        // Wrapped, so that no index over the whole fleet looks better than the few open repairs.
        .push(" AND COALESCE(b.current, FALSE) = ")
        .bind(Bind::Bool(true))
        .push(" AND b.stage NOT IN ('gone', 'withdrawn')");
}

/// Repairs that are open and began before a day.
///
/// # Errors
/// Those of the database.
pub fn repairs(db: &mut Db, orgs: &[String], before: NaiveDate) -> Result<Count> {
    let mut sql = Sql::new(COUNTED);
    sql.push("r.opened_on) AS since");
    late_repairs(&mut sql, orgs, before);
    one(sql, db)
}

/// The oldest of them.
///
/// # Errors
/// Those of the database.
pub fn repairs_list(
    db: &mut Db,
    orgs: &[String],
    before: NaiveDate,
    limit: i64,
) -> Result<Vec<Waiting>> {
    let mut sql = Sql::new(
        "SELECT b.tag, b.name, b.stage, r.opened_on AS \"on\", '' AS state, r.provider AS partner",
    );
    late_repairs(&mut sql, orgs, before);
    sql.push(" ORDER BY r.opened_on, b.tag LIMIT ")
        .number(limit);
    sql.load(db)
}

fn without_proof(sql: &mut Sql, orgs: &[String]) {
    sql.push(UNPROVED)
        .list(orgs)
        .push(" AND b.withdrawn = ")
        .bind(Bind::Bool(false));
}

/// Sales and take-backs whose re-use nobody has proved.
///
/// # Errors
/// Those of the database.
pub fn unproved(db: &mut Db, orgs: &[String]) -> Result<Count> {
    let mut sql = Sql::new(COUNTED);
    sql.push("x.on_day) AS since");
    without_proof(&mut sql, orgs);
    one(sql, db)
}

/// The latest of them: what can still be asked for.
///
/// # Errors
/// Those of the database.
pub fn unproved_list(db: &mut Db, orgs: &[String], limit: i64) -> Result<Vec<Waiting>> {
    let mut sql = Sql::new(
        "SELECT b.tag, b.name, x.kind AS stage, x.on_day AS \"on\", '' AS state, x.partner AS partner",
    );
    without_proof(&mut sql, orgs);
    sql.push(" ORDER BY x.on_day DESC, b.tag LIMIT ")
        .number(limit);
    sql.load(db)
}

/// An import that waits.
#[derive(Debug, Clone, QueryableByName)]
pub struct Batch {
    /// Id.
    #[diesel(sql_type = Text)]
    pub id: String,
    /// Its file.
    #[diesel(sql_type = Nullable<Text>)]
    pub filename: Option<String>,
    /// Only looked at so far.
    #[diesel(sql_type = Bool)]
    pub staged: bool,
    /// Rows that contradict what is known.
    #[diesel(sql_type = BigInt)]
    pub conflicts: i64,
}

/// Imports since an instant that wait to be committed, or that met conflicts.
///
/// # Errors
/// Those of the database.
pub fn imports(db: &mut Db, orgs: &[String], since: chrono::NaiveDateTime) -> Result<Vec<Batch>> {
    let mut sql = Sql::new(
        "SELECT i.id, i.filename, i.state = 'staged' AS staged, \
         (SELECT COUNT(*) FROM import_rows r WHERE r.import = i.id AND r.action = 'conflict') AS conflicts \
         FROM imports i WHERE i.state IN ('staged', 'done') AND i.org IN ",
    );
    sql.list(orgs)
        .push(" AND i.created_at > ")
        .bind(Bind::Time(since))
        .push(" ORDER BY i.id DESC LIMIT 20");
    let found: Vec<Batch> = sql.load(db)?;
    Ok(found
        .into_iter()
        .filter(|b| b.staged || b.conflicts > 0)
        .collect())
}

/// Facts of a device, to be folded.
#[derive(Debug, Clone, QueryableByName)]
pub struct Stocked {
    /// Device id.
    #[diesel(sql_type = Text)]
    pub device: String,
    /// Organisation id.
    #[diesel(sql_type = Text)]
    pub org: String,
    /// JSON of [`crate::domain::facts::Facts`].
    #[diesel(sql_type = Text)]
    pub facts: String,
}

/// The facts of what is in stock.
///
/// # Errors
/// Those of the database.
pub fn stocked(db: &mut Db, orgs: &[String]) -> Result<Vec<Stocked>> {
    let mut sql = Sql::new("SELECT device, org, facts FROM books WHERE org IN ");
    sql.list(orgs)
        .push(" AND shown = ")
        .bind(Bind::Bool(true))
        .push(" AND stage = 'in_stock'");
    sql.load(db)
}

#[derive(QueryableByName)]
struct Written {
    #[diesel(sql_type = Text)]
    payload: String,
    #[diesel(sql_type = Text)]
    tag: String,
}

/// How many of the last lines of the outbox are looked through.
const LOOKED: i64 = 200;

/// The last events of a scope, newest first, with the tag of their device.
///
/// # Errors
/// Those of the database.
pub fn written(db: &mut Db, scope: &Scope, most: usize) -> Result<Vec<(Event, String)>> {
    let mut sql = Sql::new(
        "SELECT e.payload, d.tag FROM outbox o JOIN events e ON e.id = o.event \
         JOIN devices d ON d.id = e.device WHERE o.seq IS NOT NULL ORDER BY o.seq DESC LIMIT ",
    );
    sql.number(LOOKED);
    let mut out = Vec::new();
    for row in sql.load::<Written>(db)? {
        let event: Event = serde_json::from_str(&row.payload).map_err(Error::internal)?;
        if scope.holds(&event.org) {
            out.push((event, row.tag));
        }
        if out.len() == most {
            break;
        }
    }
    Ok(out)
}
