//! Committing staged rows in slices of at most some 100 ms: what is written is decided and built in read snapshots
//! before; the write transaction looks once more whether somebody was faster, and inserts.

use std::borrow::Borrow;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::thread::ScopedJoinHandle;
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
const MOST: usize = 2000;
/// What a slice should take under the write lock.
const TARGET: Duration = Duration::from_millis(70);
/// How long a process of its own leaves the file to others between two slices.
const PAUSE: Duration = Duration::from_millis(20);

/// A slice ready to be written.
struct Slice {
    cx: Context,
    rows: Vec<Ready>,
    /// Devices that were looked at when its rows were judged.
    known: HashSet<String>,
}

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

/// A slice on its way into the store: the thread that waits for its write, and whether it changes devices that later
/// rows may mean.
struct UnderWay<'s> {
    write: ScopedJoinHandle<'s, Result<(Duration, Stopwatch)>>,
    changes: bool,
}

/// Commits what is staged of an import: while a slice is written, the next one is judged and built.
///
/// # Errors
/// Those of the store; what was committed stands and the rest can be taken up again.
pub fn commit(app: &Arc<App>, actor: &Actor, import: &Import, pace: Pace) -> Result<()> {
    let mut references = app.store.read(|db| References::open(db, &import.org))?;
    let alone = pace == Pace::Alone && app.store.engine() == Engine::Sqlite;
    let mut size = Size(FIRST);
    for _ in 0..4 {
        let mut after = 0;
        std::thread::scope(|scope| {
            let mut under_way: Option<UnderWay<'_>> = None;
            loop {
                let limit = size.rows();
                let rows = app
                    .store
                    .read(|db| imports::rows(db, &import.id, &["staged"], after, limit))?;
                let Some(last) = rows.last() else { break };
                after = last.line;
                let batch = drafts(rows)?;
                // What is judged while a slice is written does not see that slice. New devices in it are found again
                // under the write lock; a device it changes, or a whole that it makes, is waited for.
                let whole = batch.iter().any(|(draft, _)| draft.part_of.is_some());
                if under_way.as_ref().is_some_and(|w| w.changes || whole) {
                    size.settle(under_way.take(), alone)?;
                }
                let slice = make_ready(app, actor, import, &mut references, batch)?;
                size.settle(under_way.take(), alone)?;
                let describes = |r: &Ready| matches!(r.work, Work::Describe { .. });
                let changes = slice.rows.iter().any(describes);
                let (id, org) = (import.id.clone(), import.org.clone());
                let write = scope.spawn(move || {
                    let took = app.store.write(Lane::Imports, move |db| {
                        let watch = Stopwatch::now();
                        write(db, &slice, &id, &org)?;
                        Ok(watch.elapsed())
                    })?;
                    Ok((took, Stopwatch::now()))
                });
                under_way = Some(UnderWay { write, changes });
            }
            size.settle(under_way, alone)
        })?;
        if after == 0 {
            break;
        }
    }
    Ok(())
}

/// Rows of a slice, by how long the one before took.
struct Size(usize);

impl Size {
    fn rows(&self) -> i64 {
        i64::try_from(self.0).unwrap_or(100)
    }
    /// Waits for a slice, takes its time as the measure of the next one, and leaves the file to others for a moment.
    fn settle(&mut self, under_way: Option<UnderWay<'_>>, alone: bool) -> Result<()> {
        let Some(under_way) = under_way else {
            return Ok(());
        };
        let joined = under_way.write.join();
        let (took, ended) =
            joined.unwrap_or_else(|_| Err(Error::internal("the write of a slice panicked")))?;
        if took > TARGET {
            self.0 = (self.0 / 2).max(10);
        } else if took < TARGET / 2 {
            self.0 = (self.0 * 3 / 2).min(MOST);
        }
        if alone {
            std::thread::sleep(PAUSE.saturating_sub(ended.elapsed()));
        }
        Ok(())
    }
}

/// What is staged of these rows.
fn drafts(rows: Vec<Row>) -> Result<Vec<(Draft, Vec<Problem>)>> {
    let mut batch = Vec::with_capacity(rows.len());
    for row in rows {
        let detail = Detail::read(&row.detail)?;
        if let Some(draft) = detail.draft {
            batch.push((draft, detail.problems));
        }
    }
    Ok(batch)
}

/// One slice up to its write: judge, make what is named, build.
fn make_ready(
    app: &Arc<App>,
    actor: &Actor,
    import: &Import,
    references: &mut References,
    batch: Vec<(Draft, Vec<Problem>)>,
) -> Result<Slice> {
    let open = |db: &mut Db| -> Result<Context> {
        let mut cx = context(app, db, actor)?;
        cx.import = Some(import.id.clone());
        Ok(cx)
    };
    let (mut cx, (judged, known)) = app.store.read(|db| {
        let cx = open(db)?;
        let judged = judge(app, db, actor, &cx, references, batch)?;
        Ok((cx, judged))
    })?;
    let columns = new_columns(references, &judged);
    references.make_fields(app, actor, &columns)?;
    let needed = needed(&judged);
    if !needed.is_empty() && references.make(app, actor, &cx.catalogue, &needed)? {
        cx = app.store.read(open)?;
    }
    let rows = app.store.read(|db| {
        judged
            .into_iter()
            .map(|row| prepare(db, &cx, references, row))
            .collect::<Result<Vec<_>>>()
    })?;
    Ok(Slice { cx, rows, known })
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
fn write(db: &mut Db, slice: &Slice, import: &str, org: &str) -> Result<()> {
    let (cx, ready) = (&slice.cx, &slice.rows);
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
    let mut since = Candidates::anybody(db, org, &new)?;
    since.forget(&slice.known);
    rows.retain(|r| {
        !matches!(&r.work, Work::Create { more: false, .. }) || !since.touches(&r.draft)
    });
    let all: Vec<&NewDevice> = rows.iter().flat_map(|r| devices_of(r)).collect();
    let at_once = all.is_empty() || insert(db, &all)?.is_none();
    // Two rows may have one source: the later one's device counts.
    let mut made = BTreeMap::new();
    let mut outcomes = Vec::with_capacity(rows.len());
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
                    made.extend(sources.iter().cloned());
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
        outcomes.push(outcome);
    }
    let made: Vec<(String, String)> = made.into_iter().collect();
    imports::put_sources(db, org, &made)?;
    imports::settle(db, import, &outcomes)
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
fn insert<D: Borrow<NewDevice>>(db: &mut Db, new: &[D]) -> Result<Option<Error>> {
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
