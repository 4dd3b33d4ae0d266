//! Imports: a file in, a row account out, an undo afterwards.
//!
//! A file is read and staged outside the write lock, then committed in slices. Each row is settled in the transaction
//! that writes its device, so an import that was cut off goes on where it stood ([`resume`]): nothing twice, nothing
//! lost. Reading is `exchange`; which device a row means is [`super::identity`].

mod account;
mod build;
mod commit;
mod compare;
mod judge;
mod life;
mod making;
mod reading;
mod references;
mod report;
mod slice;
mod stage;
mod undo;
mod walk;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde_json::json;

pub use commit::Pace;
pub use reading::{ColumnRead, DatesRead, Reading};
pub use report::{Change, Entries, EntryMade, Made, Report};

use super::entries::{Desk, read, resolve};
use super::{Actor, App, Page, Right, audit, titles};
use crate::db::imports::{self, Import};
use crate::db::{Db, Lane};
use crate::domain::day::write_instant;
use crate::domain::entry::EntryKind;
use crate::domain::mapping::Mapping;
use crate::domain::words::Role;
use crate::error::{Code, Error, Result};
use crate::exchange::dates::Order;
use crate::exchange::profiles::{Choice, Plan, Profile};
use crate::exchange::table::Table;
use account::account;
use stage::{look, preview, stage};

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
    /// Id of the import, of a request that may come again: what a run that died has left under it is taken up.
    pub id: Option<String>,
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
    if let Some(id) = &ask.id
        && let Some(report) = take_up(app, actor, id, pace)?
    {
        return Ok(report);
    }
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
    let reading = Reading::of(
        &file.table,
        &file.plan,
        ask.profile.is_none(),
        ask.map.as_deref(),
    );
    let mut report = Report {
        reading: Some(reading),
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
    let id = ask.id.clone().unwrap_or_else(crate::db::new_id);
    let import = stage(app, actor, &org, &file, &report, id)?;
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

/// The end of an import that a run before this one began; none when there is nothing of it to take up.
fn take_up(app: &Arc<App>, actor: &Actor, id: &str, pace: Pace) -> Result<Option<Report>> {
    let found = app.store.read(|db| {
        let scope = actor.scope(db)?;
        imports::by_id(db, &scope, id)
    })?;
    let Some(import) = found else {
        return Ok(None);
    };
    match import.state.as_str() {
        "staging" => forget(app, id).map(|()| None),
        "staged" | "committing" if !import.dry_run => finish(app, actor, id, pace).map(Some),
        // Without a report it was forgotten, or left before it was judged.
        state => match account(app, &import)? {
            report if report.rows > 0 => Ok(Some(report)),
            _ if state == "staged" => forget(app, id).map(|()| None),
            _ => Ok(None),
        },
    }
}

/// A saved mapping: header → field.
fn mapping(db: &mut Db, actor: &Actor, org: &str, name: &str) -> Result<BTreeMap<String, String>> {
    let scope = actor.scope(db)?;
    let row = resolve(db, EntryKind::Mapping, name, Some(org), &scope)
        .map_err(|_| Error::unknown_reference("map", name))?;
    let columns = read::<Mapping>(row)?.body.columns;
    Ok(columns
        .into_iter()
        .map(|(header, field)| (header.into_string(), field.into_string()))
        .collect())
}

/// Commits a staged import to its end and writes its report.
fn finish(app: &Arc<App>, actor: &Actor, id: &str, pace: Pace) -> Result<Report> {
    let (moving, at) = (id.to_owned(), app.clock.now().naive_utc());
    app.store.write(Lane::Imports, move |db| {
        let before = imports::report(db, &moving)?;
        if imports::advance(db, &moving, "staged", "committing", at)? {
            imports::set_report(db, &moving, &begun(&before)?)?;
        }
        Ok(())
    })?;
    let import = of(app, actor, id)?;
    if import.state != "committing" {
        return account(app, &import);
    }
    commit::commit(app, actor, &import, pace)?;
    // Read anew: what was made on the way is noted there.
    let mut report = account(app, &of(app, actor, id)?)?;
    report.dry_run = false;
    report.state = "done".into();
    keep(app, id, &report)?;
    note(app, actor, "import.commit", &report)?;
    Ok(report)
}

/// The report of a trial whose rows are written now: what it foresaw gives way to what is made.
fn begun(report: &str) -> Result<String> {
    let mut report: Report = serde_json::from_str(report).map_err(Error::internal)?;
    if report.dry_run {
        report.entries = Entries::default();
    }
    Ok(json!(report).to_string())
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
    actor.must(Right::Read)?;
    let import = of(app, actor, id)?;
    let mut report = Report {
        created_at: came(&import),
        ..account(app, &import)?
    };
    named(app, actor, &mut report.entries)?;
    Ok(report)
}

/// The names of people an import made are not kept with it: who may see people sees those of today, others see how
/// many there are.
fn named(app: &App, actor: &Actor, entries: &mut Entries) -> Result<()> {
    let person = EntryKind::Person.as_str();
    if !actor.may(Right::People) {
        entries.items.retain(|item| item.kind != person);
        return Ok(());
    }
    let people = || entries.items.iter().filter(|item| item.kind == person);
    let wanted: Vec<(EntryKind, &str)> = people()
        .filter_map(|item| Some((EntryKind::Person, item.key.as_deref()?)))
        .collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let titles = titles::of(app, actor, &wanted)?;
    for item in entries.items.iter_mut().filter(|item| item.kind == person) {
        let key = item.key.as_deref();
        let name = key.map(|key| titles.get(EntryKind::Person, key));
        item.name = name.filter(|name| Some(*name) != key).map(str::to_owned);
    }
    Ok(())
}

fn came(import: &Import) -> Option<String> {
    Some(write_instant(&import.created_at.and_utc()))
}

/// Imports of the actor's organisations, newest first; with their counts only. `before` is the id of the last one seen.
///
/// # Errors
/// `forbidden`.
pub fn list(app: &App, actor: &Actor, before: Option<&str>, limit: usize) -> Result<Page<Report>> {
    actor.must(Right::Read)?;
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
                created_at: came(&row),
                id: Some(row.id),
                state: row.state,
                problems: Vec::new(),
                changes: Vec::new(),
                made: Vec::new(),
                entries: Entries {
                    items: Vec::new(),
                    ..report.entries
                },
                reading: None,
                ..report
            })
        })
        .collect::<Result<_>>()?;
    Ok(Page::new(items, next))
}

/// Commits what a dry run has staged.
///
/// # Errors
/// `forbidden`, `not_found`, `transition_refused` when it is not staged; `again` takes one that is done for the work
/// of an earlier run of the same request.
pub fn commit(app: &Arc<App>, actor: &Actor, id: &str, again: bool) -> Result<Report> {
    actor.must(Right::Imports)?;
    let import = of(app, actor, id)?;
    match import.state.as_str() {
        "done" if again => account(app, &import),
        "staged" | "committing" => finish(app, actor, id, Pace::Served),
        state => Err(refused(state, "only a staged import can be committed")),
    }
}

/// Takes an import back.
///
/// # Errors
/// `forbidden`, `not_found`, `transition_refused` when it is not done; `again` as in [`commit`].
pub fn undo(app: &Arc<App>, actor: &Actor, id: &str, again: bool) -> Result<Report> {
    actor.must(Right::Imports)?;
    let import = of(app, actor, id)?;
    match import.state.as_str() {
        "undone" if again => return account(app, &import),
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

/// Forgets the rows of an import that was never committed.
fn forget(app: &App, id: &str) -> Result<()> {
    loop {
        let (import, at) = (id.to_owned(), app.clock.now().naive_utc());
        let more = app.store.write(Lane::Imports, move |db| {
            imports::hold(db, &import, "staged", &[], at)?;
            imports::forget_rows(db, &import, 2000)
        })?;
        if !more {
            break;
        }
    }
    let (import, at) = (id.to_owned(), app.clock.now().naive_utc());
    app.store.write(Lane::Imports, move |db| {
        for state in ["staging", "staged"] {
            imports::advance(db, &import, state, "undone", at)?;
        }
        Ok(())
    })
}

/// Minutes after which a staging that does not move belongs to a process that died.
const DEAD_AFTER: i64 = 2;

/// Brings imports that were cut off to their end: what was being committed or undone goes on, what was only being
/// staged is forgotten. Called when the program starts, and again while it gives true: a staging that moved a moment
/// ago may be that of a process that is alive. Sharing the work with such a process does no harm.
///
/// # Errors
/// Those of the store.
pub fn resume(app: &Arc<App>) -> Result<bool> {
    let waiting = app.store.read(imports::unfinished)?;
    let mut watched = false;
    for import in waiting {
        let actor = Actor {
            id: import.actor.clone(),
            name: import.actor.clone(),
            role: Role::Manager,
            org: Some(import.org.clone()),
        };
        let age = app.clock.now().naive_utc() - import.updated_at;
        match import.state.as_str() {
            "committing" => {
                finish(app, &actor, &import.id, Pace::Alone)?;
            }
            "undoing" => {
                take_back(app, &actor, &import.id)?;
            }
            _ if age.num_minutes() >= DEAD_AFTER => forget(app, &import.id)?,
            _ => watched = true,
        }
    }
    Ok(watched)
}
