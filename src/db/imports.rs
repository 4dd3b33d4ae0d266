//! Imports: their rows from staging to done, and what a source in a file stood for.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text};

use super::bulk::{self, ImportRow, SourceRow};
use super::schema::{books, import_rows, import_sources, imports};
use super::sql::{Bind, Sql};
use super::{Db, MultiBackend, Scope};
use crate::error::Result;

/// An import.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = imports)]
pub struct Import {
    /// UUIDv7.
    pub id: String,
    /// Organisation id.
    pub org: String,
    /// Who.
    pub actor: String,
    /// Profile by which the file was read.
    pub profile: String,
    /// Name of the file.
    pub filename: Option<String>,
    /// Only looked at so far.
    pub dry_run: bool,
    /// `staging`, `staged`, `committing`, `done`, `undoing`, `undone`.
    pub state: String,
    /// When.
    pub created_at: NaiveDateTime,
    /// Last change.
    pub updated_at: NaiveDateTime,
    /// Report, JSON.
    pub report: String,
}

/// A row of a file.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Row {
    /// Line it begins on.
    pub line: i64,
    /// `staged`, `created`, `changed`, `unchanged`, `rejected`, `conflict`; `kept` and `taken_back` after an undo.
    pub action: String,
    /// Device, the first when there are several.
    pub device: Option<String>,
    /// JSON: the draft while staged; problems and further devices afterwards; empty when there is nothing to say.
    pub detail: String,
}

/// Adds an import.
///
/// # Errors
/// Those of the database.
pub fn insert(db: &mut Db, import: &Import) -> Result<()> {
    diesel::insert_into(imports::table)
        .values(import)
        .execute(db)?;
    Ok(())
}

/// Sets state, dry run and report.
///
/// # Errors
/// Those of the database.
pub fn set(
    db: &mut Db,
    id: &str,
    state: &str,
    dry_run: bool,
    report: &str,
    at: NaiveDateTime,
) -> Result<()> {
    diesel::update(imports::table.filter(imports::id.eq(id)))
        .set((
            imports::state.eq(state),
            imports::dry_run.eq(dry_run),
            imports::report.eq(report),
            imports::updated_at.eq(at),
        ))
        .execute(db)?;
    Ok(())
}

/// Moves an import from one state to another; false when it was in neither that state nor there.
///
/// # Errors
/// Those of the database.
pub fn advance(db: &mut Db, id: &str, from: &str, to: &str, at: NaiveDateTime) -> Result<bool> {
    let moved = diesel::update(
        imports::table
            .filter(imports::id.eq(id))
            .filter(imports::state.eq(from)),
    )
    .set((imports::state.eq(to), imports::updated_at.eq(at)))
    .execute(db)?;
    Ok(moved == 1)
}

/// The report of an import, JSON.
///
/// # Errors
/// Those of the database.
pub fn report(db: &mut Db, id: &str) -> Result<String> {
    Ok(imports::table
        .filter(imports::id.eq(id))
        .select(imports::report)
        .get_result(db)?)
}

/// Sets the report alone.
///
/// # Errors
/// Those of the database.
pub fn set_report(db: &mut Db, id: &str, report: &str) -> Result<()> {
    diesel::update(imports::table.filter(imports::id.eq(id)))
        .set(imports::report.eq(report))
        .execute(db)?;
    Ok(())
}

/// Line, tag and name of the devices that rows of an import made, by line; of a row that made several the first.
///
/// # Errors
/// Those of the database.
pub fn created(
    db: &mut Db,
    import: &str,
    limit: i64,
) -> Result<Vec<(i64, String, Option<String>)>> {
    #[derive(QueryableByName)]
    struct Made {
        #[diesel(sql_type = BigInt)]
        line: i64,
        #[diesel(sql_type = Text)]
        tag: String,
        #[diesel(sql_type = Nullable<Text>)]
        name: Option<String>,
    }
    let rows: Vec<Made> = diesel::sql_query(
        "SELECT r.line, b.tag, b.name FROM import_rows r JOIN books b ON b.device = r.device AND b.current \
         WHERE r.import = $1 AND r.action = 'created' ORDER BY r.line LIMIT $2",
    )
    .bind::<Text, _>(import)
    .bind::<BigInt, _>(limit)
    .load(db)?;
    Ok(rows
        .into_iter()
        .map(|made| (made.line, made.tag, made.name))
        .collect())
}

/// Tag and name of devices, by id.
///
/// # Errors
/// Those of the database.
pub fn tags_and_names(
    db: &mut Db,
    ids: &[String],
) -> Result<HashMap<String, (String, Option<String>)>> {
    let mut found = HashMap::new();
    for some in ids.chunks(500) {
        let rows: Vec<(String, String, Option<String>)> = books::table
            .filter(books::device.eq_any(some))
            .filter(books::current.eq(true))
            .select((books::device, books::tag, books::name))
            .load(db)?;
        found.extend(rows.into_iter().map(|(id, tag, name)| (id, (tag, name))));
    }
    Ok(found)
}

/// An import of a scope.
///
/// # Errors
/// Those of the database.
pub fn by_id(db: &mut Db, scope: &Scope, id: &str) -> Result<Option<Import>> {
    let found: Option<Import> = imports::table
        .filter(imports::id.eq(id))
        .get_result(db)
        .optional()?;
    Ok(found.filter(|import| scope.holds(&import.org)))
}

/// Imports of a scope, newest first, before an id.
///
/// # Errors
/// Those of the database.
pub fn list(db: &mut Db, scope: &Scope, before: Option<&str>, limit: i64) -> Result<Vec<Import>> {
    let mut query = imports::table.into_boxed::<MultiBackend>();
    if let Some(orgs) = scope.orgs() {
        query = query.filter(imports::org.eq_any(orgs));
    }
    if let Some(before) = before {
        query = query.filter(imports::id.lt(before));
    }
    Ok(query.order(imports::id.desc()).limit(limit).load(db)?)
}

/// Imports that are in the middle of something.
///
/// # Errors
/// Those of the database.
pub fn unfinished(db: &mut Db) -> Result<Vec<Import>> {
    Ok(imports::table
        .filter(
            imports::state
                .eq_any(["staging", "committing", "undoing"])
                .or(imports::state.eq("staged").and(imports::dry_run.eq(false))),
        )
        .order(imports::id)
        .load(db)?)
}

/// Adds rows.
///
/// # Errors
/// Those of the database.
pub fn insert_rows(db: &mut Db, import: &str, rows: &[Row]) -> Result<()> {
    let rows: Vec<_> = rows
        .iter()
        .map(|row| ImportRow {
            import,
            line: row.line,
            action: &row.action,
            device: row.device.as_deref(),
            detail: &row.detail,
        })
        .collect();
    bulk::insert_import_rows(db, &rows)
}

/// The next rows of an action after a line.
///
/// # Errors
/// Those of the database.
pub fn rows(
    db: &mut Db,
    import: &str,
    actions: &[&str],
    after: i64,
    limit: i64,
) -> Result<Vec<Row>> {
    Ok(import_rows::table
        .filter(import_rows::import.eq(import))
        .filter(import_rows::line.gt(after))
        .filter(import_rows::action.eq_any(actions))
        .order(import_rows::line)
        .limit(limit)
        .select((
            import_rows::line,
            import_rows::action,
            import_rows::device,
            import_rows::detail,
        ))
        .load(db)?)
}

/// Says what became of rows: one statement on PostgreSQL, where each costs a journey; one prepared statement, row by
/// row, on SQLite.
///
/// # Errors
/// Those of the database.
pub fn settle(db: &mut Db, import: &str, rows: &[Row]) -> Result<()> {
    match &mut *db {
        Db::Pg(connection) => {
            let (mut lines, mut actions) = (Vec::new(), Vec::new());
            let (mut devices, mut details) = (Vec::new(), Vec::new());
            for row in rows {
                lines.push(row.line);
                actions.push(&row.action);
                devices.push(row.device.as_deref());
                details.push(&row.detail);
            }
            diesel::sql_query(
                "UPDATE import_rows SET action = v.action, device = v.device, detail = v.detail \
                 FROM unnest($1, $2, $3, $4) AS v (line, action, device, detail) \
                 WHERE import_rows.line = v.line AND import_rows.import = $5",
            )
            .bind::<Array<BigInt>, _>(lines)
            .bind::<Array<Text>, _>(actions)
            .bind::<Array<Nullable<Text>>, _>(devices)
            .bind::<Array<Text>, _>(details)
            .bind::<Text, _>(import)
            .execute(connection)?;
        }
        Db::Sqlite(_) => {
            for row in rows {
                let mut sql = Sql::new("UPDATE import_rows SET action = ");
                sql.bind(Bind::Text(row.action.clone()))
                    .push(", device = ")
                    .bind(Bind::MaybeText(row.device.clone()))
                    .push(", detail = ")
                    .bind(Bind::Text(row.detail.clone()))
                    .push(" WHERE import = ")
                    .bind(Bind::Text(import.to_owned()))
                    .push(" AND line = ")
                    .bind(Bind::Int(row.line));
                sql.execute(db)?;
            }
        }
    }
    Ok(())
}

/// Rows that say something beyond their action, in order, after a line.
///
/// # Errors
/// Those of the database.
pub fn telling(db: &mut Db, import: &str, after: i64, limit: i64) -> Result<Vec<Row>> {
    Ok(import_rows::table
        .filter(import_rows::import.eq(import))
        .filter(import_rows::line.gt(after))
        .filter(import_rows::detail.ne(""))
        .order(import_rows::line)
        .limit(limit)
        .select((
            import_rows::line,
            import_rows::action,
            import_rows::device,
            import_rows::detail,
        ))
        .load(db)?)
}

/// How many rows there are of each action.
///
/// # Errors
/// Those of the database.
pub fn counts(db: &mut Db, import: &str) -> Result<Vec<(String, i64)>> {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = Text)]
        action: String,
        #[diesel(sql_type = BigInt)]
        n: i64,
    }
    let rows: Vec<Count> = diesel::sql_query(
        "SELECT action, COUNT(*) AS n FROM import_rows WHERE import = $1 GROUP BY action",
    )
    .bind::<Text, _>(import)
    .load(db)?;
    Ok(rows.into_iter().map(|c| (c.action, c.n)).collect())
}

/// Forgets the rows of an import that will not be committed; some at a time, true when more are left.
///
/// # Errors
/// Those of the database.
pub fn forget_rows(db: &mut Db, import: &str, limit: i64) -> Result<bool> {
    let lines: Vec<i64> = import_rows::table
        .filter(import_rows::import.eq(import))
        .order(import_rows::line)
        .limit(limit)
        .select(import_rows::line)
        .load(db)?;
    let Some(last) = lines.last() else {
        return Ok(false);
    };
    diesel::delete(
        import_rows::table
            .filter(import_rows::import.eq(import))
            .filter(import_rows::line.le(last)),
    )
    .execute(db)?;
    Ok(true)
}

/// Remembers which device a source stands for, in place of what it stood for before.
///
/// # Errors
/// Those of the database.
pub fn put_sources(db: &mut Db, org: &str, sources: &[(String, String)]) -> Result<()> {
    for some in sources.chunks(500) {
        let names: Vec<&String> = some.iter().map(|(source, _)| source).collect();
        diesel::delete(
            import_sources::table
                .filter(import_sources::org.eq(org))
                .filter(import_sources::source.eq_any(names)),
        )
        .execute(db)?;
        let rows: Vec<_> = some
            .iter()
            .map(|(source, device)| SourceRow {
                org,
                source,
                device,
            })
            .collect();
        bulk::insert_sources(db, &rows)?;
    }
    Ok(())
}

/// Takes an import until the end of the transaction, so that two workers never write the same rows, and gives those of
/// these lines that are still in this action.
///
/// # Errors
/// Those of the database.
pub fn hold(
    db: &mut Db,
    import: &str,
    action: &str,
    lines: &[i64],
    at: NaiveDateTime,
) -> Result<Vec<i64>> {
    diesel::update(imports::table.filter(imports::id.eq(import)))
        .set(imports::updated_at.eq(at))
        .execute(db)?;
    Ok(import_rows::table
        .filter(import_rows::import.eq(import))
        .filter(import_rows::line.eq_any(lines))
        .filter(import_rows::action.eq(action))
        .select(import_rows::line)
        .load(db)?)
}
