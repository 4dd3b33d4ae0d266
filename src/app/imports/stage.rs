//! Before the commit: a file judged without a trace, or its rows put into the store and judged there.

use serde_json::json;

use super::judge;
use super::making::{self, Seen};
use super::report::Report;
use super::walk::{self, Detail, Staged};
use super::{File, references::References};
use crate::app::lifecycle::context;
use crate::app::{Actor, App};
use crate::db::Lane;
use crate::db::imports::{self, Import, Row};
use crate::error::Result;
use crate::exchange::draft::{Draft, Problem};
use crate::exchange::profiles::custom_fields;

/// Rows staged in one transaction.
const STAGED: usize = 500;
/// Rows judged at a time.
const JUDGED: usize = 500;

/// Judges a file row by row and keeps nothing.
pub(super) fn look(
    app: &App,
    actor: &Actor,
    org: &str,
    file: &File,
    report: &mut Report,
) -> Result<()> {
    let references = app.store.read(|db| References::open(db, org))?;
    let mut seen = Seen::new();
    let mut batch = Vec::new();
    walk::walk(&file.table, &file.plan, &file.fingerprint, &mut |row| {
        match row.draft {
            Some(draft) => batch.push((draft, row.problems)),
            None => {
                report.count(row.action);
                report.tell(row.action, row.problems);
            }
        }
        if batch.len() >= JUDGED {
            let some = std::mem::take(&mut batch);
            tell(app, actor, &references, some, &mut seen, report)?;
        }
        Ok(())
    })?;
    tell(app, actor, &references, batch, &mut seen, report)?;
    report.problems.sort_by_key(|p| p.row);
    report.changes.sort_by_key(|c| c.row);
    Ok(())
}

/// Judges a batch for a report.
fn tell(
    app: &App,
    actor: &Actor,
    references: &References,
    batch: Vec<(Draft, Vec<Problem>)>,
    seen: &mut Seen,
    report: &mut Report,
) -> Result<()> {
    let (cx, (judged, _)) = app.store.read(|db| {
        let cx = context(app, db, actor)?;
        let judged = judge::judge(app, db, actor, &cx, references, batch)?;
        Ok((cx, judged))
    })?;
    let entries = making::foreseen(references, &cx.catalogue, &judged, seen);
    report.entries.extend(entries);
    for row in judged {
        let action = row.action();
        report.count(action);
        match row.verdict {
            judge::Verdict::New { missing, .. } => {
                report.devices_created += u64::try_from(missing.len()).unwrap_or(0);
            }
            judge::Verdict::Changed { changes, .. } => report.show(changes),
            _ => {}
        }
        report.tell(action, row.problems);
    }
    Ok(())
}

/// Puts the rows of a file into the store.
pub(super) fn stage(
    app: &App,
    actor: &Actor,
    org: &str,
    file: &File,
    report: &Report,
    id: String,
) -> Result<Import> {
    let now = app.clock.now().naive_utc();
    let import = Import {
        id,
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
    app.store.write(Lane::Imports, move |db| {
        // One of this id that was forgotten half staged begins anew.
        if imports::advance(db, &first.id, "undone", "staging", now)? {
            return Ok(());
        }
        imports::insert(db, &first)
    })?;
    let mut references = app.store.read(|db| References::open(db, org))?;
    let columns: Vec<(String, String)> = custom_fields(&file.plan)
        .map(|(key, header)| (key.to_owned(), header.to_owned()))
        .collect();
    if !report.dry_run && !file.plan.own {
        references.make_fields(app, actor, &import.id, &columns)?;
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
        ..Detail::default()
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
pub(super) fn preview(
    app: &App,
    actor: &Actor,
    import: &Import,
    report: &mut Report,
) -> Result<()> {
    let references = app.store.read(|db| References::open(db, &import.org))?;
    let mut seen = Seen::new();
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
                    report.tell(&row.action, detail.problems);
                }
            }
        }
        tell(app, actor, &references, batch, &mut seen, report)?;
    }
    report.problems.sort_by_key(|p| p.row);
    report.changes.sort_by_key(|c| c.row);
    Ok(())
}
