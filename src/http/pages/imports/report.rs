//! The report of an import: what becomes of each row, cell by cell, and why some could not be taken.

use serde::Deserialize;

use super::words::{self, Trouble};
use super::{reading, tool};
use crate::app::imports::{self, Change, Report};
use crate::app::titles::{self, Titles};
use crate::domain::day::instant;
use crate::http::pages::accounts::place;
use crate::http::pages::prelude::*;

/// Cells, problems and devices on a page.
const SHOWN: usize = 50;

/// Name of the file.
pub(super) fn name(f: &Frame, report: &Report) -> String {
    let file = report.file.clone();
    file.unwrap_or_else(|| f.t("imports.unnamed").to_owned())
}

/// When it came.
pub(super) fn when(f: &Frame, report: &Report) -> String {
    let at = report
        .created_at
        .as_deref()
        .and_then(|t| instant::parse(t).ok());
    at.map_or("–".to_owned(), |at| f.when(&at))
}

/// Its state in words.
pub(super) fn state(f: &Frame, state: &str) -> &'static str {
    f.t(match state {
        "staging" => "imports.state_staging",
        "staged" => "imports.state_staged",
        "committing" => "imports.state_committing",
        "done" => "imports.state_done",
        "undoing" => "imports.state_undoing",
        "undone" => "imports.state_undone",
        _ => "imports.state_checked",
    })
}

/// Where the lists stand.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Asked {
    changes: Option<usize>,
    problems: Option<usize>,
    made: Option<usize>,
}

/// A part of a list: where it stands in words, and the way on and back.
struct Part {
    of: String,
    next: Option<(String, String)>,
    first: Option<String>,
}

/// A cell that changes.
struct Cell {
    row: u64,
    tag: Html,
    field: String,
    before: String,
    after: String,
    /// It stayed although the import was undone.
    kept: bool,
}

#[derive(Template)]
#[template(path = "import.html")]
struct One {
    f: Frame,
    id: String,
    title: String,
    lead: &'static str,
    about: String,
    state: &'static str,
    counts: Vec<(&'static str, String, &'static str)>,
    sum: String,
    made: Option<String>,
    staged: bool,
    done: bool,
    commit: Option<String>,
    cells: Vec<Cell>,
    cells_part: Part,
    cells_capped: Option<String>,
    undone: bool,
    troubles: Vec<Trouble>,
    troubles_part: Part,
    capped: bool,
    devices: Vec<(u64, Html, String, bool)>,
    devices_part: Part,
    devices_capped: Option<String>,
    rows_later: bool,
    reading: Option<reading::Reading>,
    entries: Option<reading::Entries>,
}

/// The report.
#[get("/imports/{id}")]
pub async fn one(app: State, visitor: Visitor, id: Path<String>, query: Query<Asked>) -> Answer {
    let (actor, id, asked) = (visitor.actor.clone(), id.into_inner(), query.0);
    let wanted = id.clone();
    let (report, known, names) = run(&app, move |app| {
        let report = imports::get(app, &actor, &wanted)?;
        let names = words::names(app, &actor, &report)?;
        Ok((report, titles::organisations(app, &actor)?, names))
    })
    .await?;
    let f = visitor.frame("menu");
    let names = names.speaking(f.lang == Lang::Fr);
    let (cells_from, troubles_from) = (asked.changes.unwrap_or(0), asked.problems.unwrap_or(0));
    let made_from = asked.made.unwrap_or(0);
    let at = |name: &str, n: usize| {
        let n = if n == 0 { String::new() } else { n.to_string() };
        address(&format!("/imports/{}", url(&id)), &[(name, &n)]) + "#" + name
    };
    let many = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    let page = One {
        title: f.tx("imports.report", name(&f, &report)),
        lead: f.t(match report.state.as_str() {
            "staged" => "imports.lead_staged",
            "done" => "imports.lead_done",
            "undone" => "imports.lead_undone",
            _ => "imports.lead_moving",
        }),
        about: f.say(
            "imports.for_org",
            &[
                (
                    "x",
                    Arg::text(place(&f, Some(&report.organisation), &known)),
                ),
                ("profile", Arg::text(tool(&f, &report.profile))),
            ],
        ),
        state: state(&f, &report.state),
        counts: counts(&f, &report),
        sum: sum(&f, &report),
        made: (report.devices_created > 0).then(|| f.tn("imports.devices", report.devices_created)),
        staged: report.state == "staged",
        done: report.state == "done",
        commit: (report.state == "staged" && report.created + report.changed > 0)
            .then(|| f.tn("imports.commit", report.created + report.changed)),
        cells: report
            .changes
            .iter()
            .skip(cells_from)
            .take(SHOWN)
            .map(|c| cell(&f, &names, c))
            .collect(),
        cells_part: part(&f, "changes", cells_from, report.changes.len(), at),
        troubles: report
            .problems
            .iter()
            .skip(troubles_from)
            .take(SHOWN)
            .map(|p| words::trouble(&f, &names, p))
            .collect(),
        troubles_part: part(&f, "problems", troubles_from, report.problems.len(), at),
        capped: many(report.problems_total) > report.problems.len(),
        cells_capped: (many(report.changes_total) > report.changes.len())
            .then(|| f.tn("imports.changes_capped", report.changes_total)),
        undone: report.state == "undone" && !report.dry_run,
        devices: report
            .made
            .iter()
            .skip(made_from)
            .take(SHOWN)
            .map(|m| {
                let name = m.name.clone().unwrap_or_default();
                (m.row, f.tag(&m.device), name, m.kept)
            })
            .collect(),
        devices_part: part(&f, "made", made_from, report.made.len(), at),
        devices_capped: (!report.made.is_empty()
            && many(report.devices_created) > report.made.len())
        .then(|| f.tn("imports.made_capped", report.devices_created)),
        rows_later: report.dry_run && report.created > 0,
        reading: report
            .reading
            .as_ref()
            .map(|r| reading::of(&f, &report.profile, r)),
        entries: reading::entries(&f, &report),
        id,
        f,
    };
    visitor.show(&page)
}

/// The account of the rows: name, number, class.
fn counts(f: &Frame, report: &Report) -> Vec<(&'static str, String, &'static str)> {
    [
        ("imports.rows", report.rows, ""),
        ("imports.created", report.created, ""),
        ("imports.changed", report.changed, ""),
        ("imports.unchanged", report.unchanged, ""),
        ("imports.rejected", report.rejected, "bad"),
        ("imports.conflicts", report.conflicts, "warn"),
    ]
    .into_iter()
    .map(|(key, n, class)| (f.t(key), f.whole(n), if n == 0 { "" } else { class }))
    .collect()
}

fn sum(f: &Frame, report: &Report) -> String {
    let count = |n: u64| Arg::Count(i64::try_from(n).unwrap_or(i64::MAX));
    f.say(
        "imports.adds_up",
        &[
            ("rows", count(report.rows)),
            ("created", count(report.created)),
            ("changed", count(report.changed)),
            ("unchanged", count(report.unchanged)),
            ("rejected", count(report.rejected)),
            ("conflicts", count(report.conflicts)),
        ],
    )
}

fn part(
    f: &Frame,
    name: &str,
    from: usize,
    all: usize,
    at: impl Fn(&str, usize) -> String,
) -> Part {
    let to = (from + SHOWN).min(all);
    let whole = |n: usize| Arg::text(f.whole(i64::try_from(n).unwrap_or(i64::MAX)));
    Part {
        of: if all > SHOWN {
            let args = [
                ("from", whole(from + 1)),
                ("to", whole(to)),
                ("n", whole(all)),
            ];
            f.say("imports.of", &args)
        } else {
            String::new()
        },
        next: (to < all).then(|| (at(name, to), f.tn("imports.more", SHOWN.min(all - to)))),
        first: (from > 0).then(|| at(name, 0)),
    }
}

fn cell(f: &Frame, titles: &Titles, change: &Change) -> Cell {
    Cell {
        row: change.row,
        tag: f.tag(&change.device),
        field: words::field(f, &change.field),
        before: words::value(f, titles, &change.field, &change.before),
        after: words::value(f, titles, &change.field, &change.after),
        kept: change.kept,
    }
}

/// Writes what was tried.
#[post("/imports/{id}/commit")]
pub async fn write(app: State, visitor: Visitor, id: Path<String>, form: Form) -> Answer {
    let id = id.into_inner();
    let wanted = id.clone();
    let done = once(&app, &visitor, &form, move |app, actor| {
        let report = imports::commit(app, actor, &wanted, false)?;
        Ok((report.created + report.changed).to_string())
    })
    .await;
    let to = format!("/imports/{}", url(&id));
    match done {
        Ok(n) => {
            let n: i64 = n.parse().unwrap_or(0);
            visitor.done(&to, visitor.frame("").tn("imports.committed", n))
        }
        Err(error) if error.code == Code::TransitionRefused => visitor.refused(&to, &error),
        Err(error) => Err(error),
    }
}

#[derive(Template)]
#[template(path = "import_undo.html")]
struct Confirm {
    f: Frame,
    id: String,
    title: String,
    about: String,
    button: String,
}

/// Asks before an import is undone: what will be written, to how many.
#[get("/imports/{id}/undo")]
pub async fn confirm(app: State, visitor: Visitor, id: Path<String>) -> Answer {
    visitor.actor.must(Right::Imports)?;
    let (actor, id) = (visitor.actor.clone(), id.into_inner());
    let wanted = id.clone();
    let report = run(&app, move |app| imports::get(app, &actor, &wanted)).await?;
    let f = visitor.frame("menu");
    if report.state != "done" {
        return Ok(visitor.go(&format!("/imports/{}", url(&id))));
    }
    let page = Confirm {
        title: f.tx("imports.undo_title", name(&f, &report)),
        about: f.tn("imports.undo_about", report.devices_created),
        button: f.tn("imports.undo_do", report.created + report.changed),
        id,
        f,
    };
    visitor.show(&page)
}

/// Takes an import back; one that was only tried is forgotten.
#[post("/imports/{id}/undo")]
pub async fn take_back(app: State, visitor: Visitor, id: Path<String>, form: Form) -> Answer {
    let id = id.into_inner();
    let wanted = id.clone();
    let done = once(&app, &visitor, &form, move |app, actor| {
        let before = imports::get(app, actor, &wanted)?.state;
        imports::undo(app, actor, &wanted, false)?;
        Ok(before)
    })
    .await;
    let to = format!("/imports/{}", url(&id));
    match done {
        Ok(before) => {
            let key = if before == "staged" {
                "imports.forgotten"
            } else {
                "imports.undone"
            };
            visitor.done(&to, visitor.frame("").t(key))
        }
        Err(error) if error.code == Code::TransitionRefused => visitor.refused(&to, &error),
        Err(error) => Err(error),
    }
}
