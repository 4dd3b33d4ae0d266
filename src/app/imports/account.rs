//! What became of the rows of an import: its report, made from what each row was settled with.

use std::collections::HashSet;

use super::report::{MOST, Made, Report};
use super::walk::Detail;
use crate::app::App;
use crate::db::imports::{self, Import};
use crate::error::{Error, Result};
use crate::exchange::draft::Why;

/// The report of an import from its rows. What was changed and made is told once it is written, and stays in the list
/// when it is taken back.
pub(super) fn account(app: &App, import: &Import) -> Result<Report> {
    let kept: Report = serde_json::from_str(&import.report).map_err(Error::internal)?;
    if matches!(import.state.as_str(), "staged" | "done" | "undone") {
        return Ok(Report {
            state: import.state.clone(),
            ..kept
        });
    }
    let undoing = import.state == "undoing";
    let mut report = Report {
        id: Some(import.id.clone()),
        profile: kept.profile,
        file: kept.file,
        organisation: kept.organisation,
        dry_run: import.dry_run,
        state: import.state.clone(),
        entries: kept.entries,
        reading: kept.reading,
        ..Report::default()
    };
    if undoing {
        report.changes = kept.changes;
        report.changes_total = kept.changes_total;
        report.made = kept.made;
    }
    count(app, import, &mut report)?;
    let mut several: Vec<(u64, String)> = Vec::new();
    let mut stayed: HashSet<(u64, String)> = HashSet::new();
    let mut after = 0;
    loop {
        let rows = app
            .store
            .read(|db| imports::telling(db, &import.id, after, 1000))?;
        let Some(last) = rows.last() else { break };
        after = last.line;
        for row in rows {
            let detail = Detail::read(&row.detail)?;
            let line = u64::try_from(row.line).unwrap_or(0);
            let made = u64::try_from(detail.made.len()).unwrap_or(0);
            match row.action.as_str() {
                "created" | "taken_back" if made > 0 => report.devices_created += made - 1,
                _ => report.devices_created += made,
            }
            if undoing {
                let touched = detail.problems.iter().filter_map(|p| {
                    let device = p.values.get("device")?.as_str()?;
                    (p.code == Why::TouchedSince.code()).then(|| (line, device.to_owned()))
                });
                stayed.extend(touched);
            } else {
                report.show(detail.changes);
                let room = MOST.saturating_sub(several.len());
                several.extend(detail.made.into_iter().take(room).map(|id| (line, id)));
            }
            report.tell(&row.action, detail.problems);
        }
    }
    if undoing {
        let left = |row: u64, device: &str| stayed.contains(&(row, device.to_owned()));
        for change in &mut report.changes {
            change.kept = left(change.row, &change.device);
        }
        for made in &mut report.made {
            made.kept = left(made.row, &made.device);
        }
    } else {
        report.made = made(app, import, &several)?;
    }
    Ok(report)
}

/// Rows by what became of them.
fn count(app: &App, import: &Import, report: &mut Report) -> Result<()> {
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
    Ok(())
}

/// The devices that were made, by row: those of rows that made one, and these of rows that made several (ids).
fn made(app: &App, import: &Import, several: &[(u64, String)]) -> Result<Vec<Made>> {
    let ids: Vec<String> = several.iter().map(|(_, id)| id.clone()).collect();
    let most = i64::try_from(MOST).unwrap_or(i64::MAX);
    let (single, of_several) = app.store.read(|db| {
        let single = imports::created(db, &import.id, most)?;
        Ok((single, imports::tags_and_names(db, &ids)?))
    })?;
    let rows: HashSet<u64> = several.iter().map(|(row, _)| *row).collect();
    let mut made: Vec<Made> = single
        .into_iter()
        .map(|(line, tag, name)| Made {
            row: u64::try_from(line).unwrap_or(0),
            device: tag,
            name,
            kept: false,
        })
        .filter(|made| !rows.contains(&made.row))
        .collect();
    for (row, id) in several {
        if let Some((tag, name)) = of_several.get(id) {
            made.push(Made {
                row: *row,
                device: tag.clone(),
                name: name.clone(),
                kept: false,
            });
        }
    }
    made.sort_by_key(|made| made.row);
    made.truncate(MOST);
    Ok(made)
}
