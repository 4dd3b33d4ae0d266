//! Imports: a file in, a row account out, an undo afterwards.
//!
//! A file is read and staged outside the write lock, then committed in slices. Each row is settled in the transaction
//! that writes its device, so an import that was cut off goes on where it stood ([`resume`]): nothing twice, nothing
//! lost. Reading is `exchange`; which device a row means is [`super::identity`].

mod build;
mod commit;
mod compare;
mod judge;
mod references;
mod report;
mod resume;
mod undo;
mod walk;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde_json::json;

pub use commit::Pace;
pub use report::{Change, Report};
use resume::forget;
pub use resume::resume;
use walk::{Detail, Staged};

use super::entries::{Desk, resolve};
use super::lifecycle::context;
use super::{Actor, App, Page, Right, audit};
use crate::db::imports::{self, Import, Row};
use crate::db::{Db, Lane, new_id};
use crate::domain::entry::EntryKind;
use crate::error::{Code, Error, Result};
use crate::exchange::dates::Order;
use crate::exchange::profiles::{Choice, Plan, Profile, custom_fields};
use crate::exchange::table::Table;
use references::References;

/// What is asked of an import.
#[derive(Debug, Clone, Default)]
pub struct Ask {
    /// Profile; None finds it out.
    pub profile: Option<Profile>,
    /// Organisation key; the actor's own, or `main`, when absent.
    pub org: Option<String>,
    /// Key of a saved mapping.
    pub map: Option<String>,
    /// Order of ambiguous dates.
    pub order: Option<Order>,
    /// Name of the file.
    pub filename: Option<String>,
}

/// How far an import goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Tells what it would do and keeps nothing.
    Look,
    /// Tells what it would do and keeps the rows, so that they can be committed later.
    Stage,
    /// Does it.
    Commit,
}

/// Rows staged in one transaction.
const STAGED: usize = 500;
/// Rows judged at a time.
const JUDGED: usize = 500;

/// A file opened for an import.
struct File {
    table: Table,
    plan: Plan,
    fingerprint: String,
}

/// Imports a file.
///
/// # Errors
/// `forbidden`; `not_an_inventory` with what the file seems to be; `unknown_reference` for the organisation or mapping.
pub fn import(
    app: &Arc<App>,
    actor: &Actor,
    path: &Path,
    ask: &Ask,
    depth: Depth,
    pace: Pace,
) -> Result<Report> {
    actor.must(Right::Imports)?;
    let (org, key, mapping) = app.store.read(|db| {
        let desk = Desk::open(db, actor, app.clock.now(), &app.catalogue)?;
        let (org, key) = references::organisation(&desk, db, ask.org.as_deref())?;
        let mapping = ask
            .map
            .as_deref()
            .map(|name| mapping(db, actor, &org, name))
            .transpose()?;
        Ok((org, key, mapping))
    })?;
    let choice = Choice {
        profile: ask.profile,
        mapping: mapping.as_ref(),
        order: ask.order,
    };
    let table = Table::open(path)?;
    let plan = Plan::make(&table, &choice)?;
    let file = File {
        fingerprint: walk::fingerprint(path)?,
        table,
        plan,
    };
    let mut report = Report {
        profile: file.plan.profile.as_str().to_owned(),
        file: ask.filename.clone(),
        organisation: key,
        dry_run: depth != Depth::Commit,
        state: "checked".into(),
        ..Report::default()
    };
    if depth == Depth::Look {
        look(app, actor, &org, &file, &mut report)?;
        return Ok(report);
    }
    let import = stage(app, actor, &org, &file, &report)?;
    drop(file);
    report.id = Some(import.id.clone());
    report.state = "staged".into();
    if depth == Depth::Stage {
        preview(app, actor, &import, &mut report)?;
        keep(app, &import.id, &report)?;
        return Ok(report);
    }
    finish(app, actor, &import.id, pace)
}

/// A saved mapping: header → field.
fn mapping(db: &mut Db, actor: &Actor, org: &str, name: &str) -> Result<BTreeMap<String, String>> {
    let scope = actor.scope(db)?;
    let row = resolve(db, EntryKind::Mapping, name, Some(org), &scope)
        .map_err(|_| Error::unknown_reference("map", name))?;
    let value: serde_json::Value = serde_json::from_str(&row.payload).map_err(Error::internal)?;
    // The columns stand under `columns`, or are the record itself.
    let columns = value.get("columns").cloned().unwrap_or(value);
    let pairs = columns.as_object().cloned().unwrap_or_default();
    Ok(pairs
        .into_iter()
        .filter_map(|(header, field)| Some((header, field.as_str()?.to_owned())))
        .collect())
}

/// Judges a file row by row and keeps nothing.
fn look(app: &App, actor: &Actor, org: &str, file: &File, report: &mut Report) -> Result<()> {
    let references = app.store.read(|db| References::open(db, org))?;
    let mut batch = Vec::new();
    walk::walk(&file.table, &file.plan, &file.fingerprint, &mut |row| {
        match row.draft {
            Some(draft) => batch.push((draft, row.problems)),
            None => {
                report.count(row.action);
                report.tell(row.problems);
            }
        }
        if batch.len() >= JUDGED {
            let some = std::mem::take(&mut batch);
            tell(app, actor, &references, some, report)?;
        }
        Ok(())
    })?;
    tell(app, actor, &references, batch, report)?;
    report.problems.sort_by_key(|p| p.row);
    report.changes.sort_by_key(|c| c.row);
    Ok(())
}

/// Judges a batch for a report.
fn tell(
    app: &App,
    actor: &Actor,
    references: &References,
    batch: Vec<(
        crate::exchange::draft::Draft,
        Vec<crate::exchange::draft::Problem>,
    )>,
    report: &mut Report,
) -> Result<()> {
    let judged = app.store.read(|db| {
        let cx = context(app, db, actor)?;
        judge::judge(app, db, actor, &cx, references, batch)
    })?;
    for row in judged {
        report.count(row.action());
        match row.verdict {
            judge::Verdict::New { missing, .. } => {
                report.devices_created += u64::try_from(missing.len()).unwrap_or(0);
            }
            judge::Verdict::Changed { changes, .. } => report.show(changes),
            _ => {}
        }
        report.tell(row.problems);
    }
    Ok(())
}

/// Puts the rows of a file into the store.
fn stage(app: &App, actor: &Actor, org: &str, file: &File, report: &Report) -> Result<Import> {
    let now = app.clock.now().naive_utc();
    let import = Import {
        id: new_id(),
        org: org.to_owned(),
        actor: actor.id.clone(),
        profile: report.profile.clone(),
        filename: report.file.clone(),
        dry_run: report.dry_run,
        state: "staging".into(),
        created_at: now,
        updated_at: now,
        report: json!(report).to_string(),
    };
    let first = import.clone();
    app.store
        .write(Lane::Imports, move |db| imports::insert(db, &first))?;
    let mut references = app.store.read(|db| References::open(db, org))?;
    let columns: Vec<(String, String)> = custom_fields(&file.plan)
        .map(|(key, header)| (key.to_owned(), header.to_owned()))
        .collect();
    if !report.dry_run && !file.plan.own {
        references.make_fields(app, actor, &columns)?;
    }
    let mut rows = Vec::with_capacity(STAGED);
    walk::walk(&file.table, &file.plan, &file.fingerprint, &mut |row| {
        rows.push(stored(row)?);
        if rows.len() >= STAGED {
            put(app, &import.id, std::mem::take(&mut rows))?;
        }
        Ok(())
    })?;
    put(app, &import.id, rows)?;
    let id = import.id.clone();
    app.store.write(Lane::Imports, move |db| {
        imports::advance(db, &id, "staging", "staged", now)
    })?;
    Ok(import)
}

fn stored(row: Staged) -> Result<Row> {
    let detail = Detail {
        draft: row.draft,
        problems: row.problems,
        made: Vec::new(),
    };
    Ok(Row {
        line: i64::try_from(row.line).unwrap_or(i64::MAX),
        action: row.action.to_owned(),
        device: None,
        detail: detail.text()?,
    })
}

fn put(app: &App, import: &str, rows: Vec<Row>) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let (id, at) = (import.to_owned(), app.clock.now().naive_utc());
    app.store.write(Lane::Imports, move |db| {
        imports::hold(db, &id, "staged", &[], at)?;
        imports::insert_rows(db, &id, &rows)
    })
}

/// Says what staged rows would do.
fn preview(app: &App, actor: &Actor, import: &Import, report: &mut Report) -> Result<()> {
    let references = app.store.read(|db| References::open(db, &import.org))?;
    let mut after = 0;
    loop {
        let actions = ["staged", "unchanged", "rejected", "conflict"];
        let rows = app
            .store
            .read(|db| imports::rows(db, &import.id, &actions, after, 500))?;
        let Some(last) = rows.last() else { break };
        after = last.line;
        let mut batch = Vec::new();
        for row in rows {
            let detail = Detail::read(&row.detail)?;
            match detail.draft {
                Some(draft) => batch.push((draft, detail.problems)),
                None => {
                    report.count(&row.action);
                    report.tell(detail.problems);
                }
            }
        }
        tell(app, actor, &references, batch, report)?;
    }
    report.problems.sort_by_key(|p| p.row);
    Ok(())
}

/// Commits a staged import to its end and writes its report.
fn finish(app: &Arc<App>, actor: &Actor, id: &str, pace: Pace) -> Result<Report> {
    let (moving, at) = (id.to_owned(), app.clock.now().naive_utc());
    app.store.write(Lane::Imports, move |db| {
        imports::advance(db, &moving, "staged", "committing", at)
    })?;
    let import = of(app, actor, id)?;
    if import.state != "committing" {
        return account(app, &import);
    }
    commit::commit(app, actor, &import, pace)?;
    let mut report = account(app, &import)?;
    report.dry_run = false;
    report.state = "done".into();
    keep(app, id, &report)?;
    note(app, actor, "import.commit", &report)?;
    Ok(report)
}

/// The report of an import from its rows.
fn account(app: &App, import: &Import) -> Result<Report> {
    let kept: Report = serde_json::from_str(&import.report).map_err(Error::internal)?;
    if matches!(import.state.as_str(), "staged" | "done" | "undone") {
        return Ok(Report {
            state: import.state.clone(),
            ..kept
        });
    }
    let mut report = Report {
        id: Some(import.id.clone()),
        profile: kept.profile,
        file: kept.file,
        organisation: kept.organisation,
        dry_run: import.dry_run,
        state: import.state.clone(),
        ..Report::default()
    };
    for (action, n) in app.store.read(|db| imports::counts(db, &import.id))? {
        let n = u64::try_from(n).unwrap_or(0);
        if matches!(action.as_str(), "created" | "taken_back") {
            report.devices_created += n;
        }
        if action == "corrected" {
            report.rows += n;
            report.changed += n;
        } else if action != "staged" {
            report.add(&action, n);
        } else {
            report.rows += n;
        }
    }
    let mut after = 0;
    loop {
        let rows = app
            .store
            .read(|db| imports::telling(db, &import.id, after, 1000))?;
        let Some(last) = rows.last() else { break };
        after = last.line;
        for row in rows {
            let detail = Detail::read(&row.detail)?;
            let made = u64::try_from(detail.made.len()).unwrap_or(0);
            match row.action.as_str() {
                "created" | "taken_back" if made > 0 => report.devices_created += made - 1,
                _ => report.devices_created += made,
            }
            report.tell(detail.problems);
        }
    }
    Ok(report)
}

fn keep(app: &App, id: &str, report: &Report) -> Result<()> {
    let (id, state, dry) = (id.to_owned(), report.state.clone(), report.dry_run);
    let (text, at) = (json!(report).to_string(), app.clock.now().naive_utc());
    app.store.write(Lane::Imports, move |db| {
        imports::set(db, &id, &state, dry, &text, at)
    })
}

fn note(app: &App, actor: &Actor, action: &str, report: &Report) -> Result<()> {
    let (actor, now, action) = (actor.clone(), app.clock.now(), action.to_owned());
    let detail = json!({"created": report.created, "changed": report.changed, "rejected": report.rejected, "conflicts": report.conflicts});
    let id = report.id.clone();
    app.store.write(Lane::Imports, move |db| {
        audit::note(db, now, &actor, &action, id.as_deref(), &detail)
    })
}

fn of(app: &App, actor: &Actor, id: &str) -> Result<Import> {
    app.store.read(|db| {
        let scope = actor.scope(db)?;
        imports::by_id(db, &scope, id)?.ok_or_else(Error::not_found)
    })
}

/// The report of an import.
///
/// # Errors
/// `forbidden`, `not_found`.
pub fn get(app: &App, actor: &Actor, id: &str) -> Result<Report> {
    actor.must(Right::Imports)?;
    account(app, &of(app, actor, id)?)
}

/// Imports of the actor's organisations, newest first; without their problems. `before` is the id of the last one seen.
///
/// # Errors
/// `forbidden`.
pub fn list(app: &App, actor: &Actor, before: Option<&str>, limit: usize) -> Result<Page<Report>> {
    actor.must(Right::Imports)?;
    let wanted = i64::try_from(limit).unwrap_or(50) + 1;
    let mut rows = app.store.read(|db| {
        let scope = actor.scope(db)?;
        imports::list(db, &scope, before, wanted)
    })?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|row| row.id.clone());
    let items = rows
        .into_iter()
        .map(|row| {
            let report: Report = serde_json::from_str(&row.report).map_err(Error::internal)?;
            Ok(Report {
                id: Some(row.id),
                state: row.state,
                problems: Vec::new(),
                changes: Vec::new(),
                ..report
            })
        })
        .collect::<Result<_>>()?;
    Ok(Page::new(items, next))
}

/// Commits what a dry run has staged.
///
/// # Errors
/// `forbidden`, `not_found`, `transition_refused` when it is not staged.
pub fn commit(app: &Arc<App>, actor: &Actor, id: &str) -> Result<Report> {
    actor.must(Right::Imports)?;
    let import = of(app, actor, id)?;
    match import.state.as_str() {
        "staged" | "committing" => finish(app, actor, id, Pace::Served),
        state => Err(refused(state, "only a staged import can be committed")),
    }
}

/// Takes an import back.
///
/// # Errors
/// `forbidden`, `not_found`, `transition_refused` when it is not done.
pub fn undo(app: &Arc<App>, actor: &Actor, id: &str) -> Result<Report> {
    actor.must(Right::Imports)?;
    let import = of(app, actor, id)?;
    match import.state.as_str() {
        "done" => {
            let (id, at) = (id.to_owned(), app.clock.now().naive_utc());
            app.store.write(Lane::Imports, move |db| {
                imports::advance(db, &id, "done", "undoing", at)
            })?;
        }
        "undoing" => {}
        "staged" => {
            forget(app, id)?;
            return get(app, actor, id);
        }
        state => return Err(refused(state, "only an import that is done can be undone")),
    }
    take_back(app, actor, id)
}

fn take_back(app: &Arc<App>, actor: &Actor, id: &str) -> Result<Report> {
    let import = of(app, actor, id)?;
    undo::undo(app, actor, &import)?;
    let mut report = account(app, &of(app, actor, id)?)?;
    report.state = "undone".into();
    report.dry_run = false;
    keep(app, id, &report)?;
    note(app, actor, "import.undo", &report)?;
    Ok(report)
}

fn refused(state: &str, why: &str) -> Error {
    Error::new(
        Code::TransitionRefused,
        format!("this import is {state}; {why}"),
    )
    .with("state", state)
}
