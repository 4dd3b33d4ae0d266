//! Committing staged rows in slices of at most some 100 ms: what is written is decided and built in read snapshots
//! before; the write transaction looks once more whether somebody was faster, and inserts.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant as Stopwatch};

use serde_json::{Map, Value};

use super::build;
use super::judge::{Judged, Verdict, judge};
use super::references::References;
use super::walk::Detail;
use crate::app::identity::Candidates;
use crate::app::lifecycle::{Command, Context, context, record_in};
use crate::app::{Actor, App, Expected};
use crate::db::books::{self, NewDevice};
use crate::db::imports::{self, Import, Row};
use crate::db::{Db, Engine, Lane, devices, savepoint};
use crate::domain::event::Fields;
use crate::domain::words::Kind;
use crate::error::{Code, Error, Result};
use crate::exchange::draft::{Draft, Problem};

/// How an import shares the machine with others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// In the program that serves: the writer's lanes see to it.
    Served,
    /// In a process of its own: on SQLite it pauses between slices, so that the serving process gets its turn.
    Alone,
}

/// Rows of the first slice.
const FIRST: usize = 100;
/// Most rows of a slice.
const MOST: usize = 400;
/// What a slice should take under the write lock.
const TARGET: Duration = Duration::from_millis(70);
/// Pause between slices of a process of its own.
const PAUSE: Duration = Duration::from_millis(20);

/// A row ready to be written.
#[derive(Clone)]
struct Ready {
    draft: Draft,
    problems: Vec<Problem>,
    action: &'static str,
    work: Work,
}

#[derive(Clone)]
enum Work {
    Nothing(Option<String>),
    Create {
        devices: Vec<NewDevice>,
        sources: Vec<(String, String)>,
        /// The row made others before.
        more: bool,
    },
    Describe {
        device: String,
        set: Map<String, Value>,
    },
}

/// Commits what is staged of an import.
///
/// # Errors
/// Those of the store; what was committed stands and the rest can be taken up again.
pub fn commit(app: &Arc<App>, actor: &Actor, import: &Import, pace: Pace) -> Result<()> {
    let mut references = app.store.read(|db| References::open(db, &import.org))?;
    let mut size = FIRST;
    for _ in 0..4 {
        let mut after = 0;
        loop {
            let limit = i64::try_from(size).unwrap_or(100);
            let rows = app
                .store
                .read(|db| imports::rows(db, &import.id, &["staged"], after, limit))?;
            let Some(last) = rows.last() else { break };
            after = last.line;
            let took = slice(app, actor, import, &mut references, rows)?;
            if took > TARGET {
                size = (size / 2).max(10);
            } else if took < TARGET / 2 {
                size = (size * 3 / 2).min(MOST);
            }
            if pace == Pace::Alone && app.store.engine() == Engine::Sqlite {
                std::thread::sleep(PAUSE);
            }
        }
        if after == 0 {
            break;
        }
    }
    Ok(())
}

/// One slice: judge, make what is named, build, write. Gives the time under the write lock.
fn slice(
    app: &Arc<App>,
    actor: &Actor,
    import: &Import,
    references: &mut References,
    rows: Vec<Row>,
) -> Result<Duration> {
    let mut batch = Vec::with_capacity(rows.len());
    for row in rows {
        let detail = Detail::read(&row.detail)?;
        if let Some(draft) = detail.draft {
            batch.push((draft, detail.problems));
        }
    }
    let open = |db: &mut Db| -> Result<Context> {
        let mut cx = context(app, db, actor)?;
        cx.import = Some(import.id.clone());
        Ok(cx)
    };
    let (mut cx, judged) = app.store.read(|db| {
        let cx = open(db)?;
        let judged = judge(app, db, actor, &cx, references, batch)?;
        Ok((cx, judged))
    })?;
    let columns = new_columns(references, &judged);
    references.make_fields(app, actor, &columns)?;
    let needed = needed(&judged);
    if !needed.is_empty() {
        references.make(app, actor, &cx.catalogue, &needed)?;
        cx = app.store.read(open)?;
    }
    let ready = app.store.read(|db| {
        judged
            .into_iter()
            .map(|row| prepare(db, &cx, references, row))
            .collect::<Result<Vec<_>>>()
    })?;
    let (id, org, ready) = (import.id.clone(), import.org.clone(), Arc::new(ready));
    app.store.write(Lane::Imports, move |db| {
        let watch = Stopwatch::now();
        write(db, &cx, &id, &org, &ready)?;
        Ok(watch.elapsed())
    })
}

/// Custom fields that rows have and nobody has defined (a dry run defines none).
fn new_columns(references: &References, judged: &[Judged]) -> Vec<(String, String)> {
    let mut columns: Vec<(String, String)> = judged
        .iter()
        .filter(|row| !row.draft.own && matches!(row.action(), "created" | "changed"))
        .flat_map(|row| row.draft.extra.keys())
        .filter(|key| !references.fields.contains_key(*key))
        .map(|key| (key.clone(), key.clone()))
        .collect();
    columns.sort();
    columns.dedup();
    columns
}

/// Rows whose sites, people and models have to exist, with their categories.
fn needed(judged: &[Judged]) -> Vec<(&Draft, Option<&str>)> {
    judged
        .iter()
        .filter_map(|row| match &row.verdict {
            Verdict::New { category, .. } => Some((&row.draft, Some(category.as_str()))),
            Verdict::Changed {
                new_model: true, ..
            } => Some((&row.draft, None)),
            _ => None,
        })
        .collect()
}

fn prepare(db: &mut Db, cx: &Context, references: &References, row: Judged) -> Result<Ready> {
    let action = row.action();
    let Judged {
        draft,
        mut problems,
        verdict,
    } = row;
    let work = match verdict {
        Verdict::Same(devices) => Work::Nothing(devices.into_iter().next()),
        Verdict::Conflict(device) => Work::Nothing(device),
        Verdict::Rejected => Work::Nothing(None),
        Verdict::Changed {
            device,
            mut set,
            new_model,
            ..
        } => {
            if new_model
                && let super::references::Named::Known(model) =
                    references.model(&cx.catalogue, &draft)
            {
                set.insert("model".into(), Value::from(model));
            }
            Work::Describe { device, set }
        }
        Verdict::New {
            missing,
            present,
            category: key,
        } => {
            let part_of = whole(db, cx, &draft, &mut problems)?;
            let mut devices = Vec::with_capacity(missing.len());
            let mut sources = Vec::new();
            for source in missing {
                let made = build::device(
                    db,
                    cx,
                    references,
                    &draft,
                    &key,
                    part_of.as_deref(),
                    &mut problems,
                );
                match made {
                    Ok(device) => {
                        if let Some(source) = source {
                            sources.push((source, device.projection.device.clone()));
                        }
                        devices.push(device);
                    }
                    Err(error) => return refused(draft, problems, error),
                }
            }
            Work::Create {
                devices,
                sources,
                more: !present.is_empty(),
            }
        }
    };
    Ok(Ready {
        draft,
        problems,
        action,
        work,
    })
}

/// A refusal of the domain is the row's; a fault of the store is ours.
fn refused(draft: Draft, mut problems: Vec<Problem>, error: Error) -> Result<Ready> {
    if error.code.status() >= 500 {
        return Err(error);
    }
    problems.push(problem(&draft, &error));
    Ok(Ready {
        draft,
        problems,
        action: "rejected",
        work: Work::Nothing(None),
    })
}

fn problem(draft: &Draft, error: &Error) -> Problem {
    Problem {
        row: draft.line,
        column: error.field.clone(),
        code: error.code.as_str().to_owned(),
        message: error.detail.clone(),
    }
}

/// Id of the device a row is part of.
fn whole(
    db: &mut Db,
    cx: &Context,
    draft: &Draft,
    problems: &mut Vec<Problem>,
) -> Result<Option<String>> {
    let Some(tag) = &draft.part_of else {
        return Ok(None);
    };
    if let Some(id) = devices::resolve(db, tag)?
        && devices::seen_by(db, &id, &cx.scope)?
    {
        return Ok(Some(id));
    }
    problems.push(Problem {
        row: draft.line,
        column: Some("part_of".into()),
        code: "unknown_reference".into(),
        message: "the device it is part of is not here yet; import the file once more to join them"
            .into(),
    });
    Ok(None)
}

/// Writes a slice.
fn write(db: &mut Db, cx: &Context, import: &str, org: &str, ready: &[Ready]) -> Result<()> {
    let line = |row: &Ready| i64::try_from(row.draft.line).unwrap_or(i64::MAX);
    let lines: Vec<i64> = ready.iter().map(line).collect();
    let ours: HashSet<i64> =
        imports::hold(db, import, "staged", &lines, cx.now.instant.naive_utc())?
            .into_iter()
            .collect();
    let mut rows: Vec<&Ready> = ready.iter().filter(|r| ours.contains(&line(r))).collect();
    // Somebody may have made one of these devices since it was looked up: such rows are judged anew.
    let new: Vec<&Draft> = rows
        .iter()
        .filter(|r| matches!(&r.work, Work::Create { more: false, .. }))
        .map(|r| &r.draft)
        .collect();
    let since = Candidates::anybody(db, org, &new)?;
    rows.retain(|r| {
        !matches!(&r.work, Work::Create { more: false, .. }) || !since.touches(&r.draft)
    });
    let all: Vec<NewDevice> = rows.iter().flat_map(|r| devices_of(r)).cloned().collect();
    let at_once = all.is_empty() || insert(db, &all)?.is_none();
    for row in rows {
        let mut outcome = settled(row);
        let clash = match &row.work {
            Work::Create { devices, .. } if !at_once => insert(db, devices)?,
            Work::Describe { device, set } => describe(db, cx, device, set)?,
            _ => None,
        };
        match clash {
            None => {
                if let Work::Create { sources, .. } = &row.work {
                    imports::put_sources(db, org, sources)?;
                }
            }
            Some(error) => {
                let mut problems = row.problems.clone();
                problems.push(problem(&row.draft, &error));
                let detail = Detail {
                    problems,
                    ..Detail::default()
                };
                outcome = Row {
                    action: "conflict".into(),
                    device: None,
                    detail: detail.text()?,
                    ..outcome
                };
            }
        }
        imports::settle(db, import, &outcome)?;
    }
    Ok(())
}

fn devices_of(row: &Ready) -> &[NewDevice] {
    match &row.work {
        Work::Create { devices, .. } => devices,
        _ => &[],
    }
}

/// What is kept of a row that was written.
fn settled(row: &Ready) -> Row {
    let mut detail = Detail {
        problems: row.problems.clone(),
        ..Detail::default()
    };
    let device = match &row.work {
        Work::Nothing(device) => device.clone(),
        Work::Describe { device, .. } => Some(device.clone()),
        Work::Create { devices, more, .. } => {
            let ids = || devices.iter().map(|d| d.projection.device.clone());
            if devices.len() > 1 || *more {
                detail.made = ids().collect();
            }
            ids().next()
        }
    };
    Row {
        line: i64::try_from(row.draft.line).unwrap_or(i64::MAX),
        action: row.action.to_owned(),
        device,
        detail: detail.text().unwrap_or_default(),
    }
}

/// Inserts devices; gives the clash when one of their codes or tags is taken.
fn insert(db: &mut Db, new: &[NewDevice]) -> Result<Option<Error>> {
    match savepoint(db, |db| books::insert_new(db, new)) {
        Ok(()) => Ok(None),
        Err(error) if error.code == Code::Duplicate => {
            let detail = "another device has this tag, or this serial number, UUID or IMEI; nothing was written for this row";
            Ok(Some(Error::new(Code::Duplicate, detail)))
        }
        Err(error) => Err(error),
    }
}

fn describe(
    db: &mut Db,
    cx: &Context,
    device: &str,
    set: &Map<String, Value>,
) -> Result<Option<Error>> {
    let command = Command {
        device: device.to_owned(),
        kind: Kind::Describe,
        on: cx.now.today,
        at: None,
        fields: Fields {
            set: Some(set.clone()),
            ..Fields::default()
        },
        private: Map::new(),
        key: None,
        sent: Value::Null,
    };
    let done = savepoint(db, |db| {
        crate::domain::lifecycle::fields::read_set(set)?;
        record_in(db, cx, &[command], &Expected::Anything)
    });
    match done {
        Ok(_) => Ok(None),
        Err(error) if error.code.status() < 500 => Ok(Some(error)),
        Err(error) => Err(error),
    }
}
