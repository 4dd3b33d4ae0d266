//! Committing staged rows in slices of at most some 100 ms: what is written is decided and built in read snapshots
//! before; the write transaction looks once more whether somebody was faster, and inserts.

use std::sync::Arc;
use std::thread::ScopedJoinHandle;
use std::time::{Duration, Instant as Stopwatch};

use serde_json::{Map, Value};

use super::build;
use super::judge::{Judged, Verdict, judge};
use super::making::{needed, new_columns};
use super::reading::Reading;
use super::references::{Named, References};
use super::report::Report;
use super::slice::{Ready, Slice, Work, write};
use super::walk::Detail;
use crate::app::lifecycle::{Context, context};
use crate::app::{Actor, App};
use crate::db::imports::{self, Import, Row};
use crate::db::{Db, Engine, Lane, devices};
use crate::error::{Error, Result};
use crate::exchange::draft::{Draft, Problem, Why};

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
    let kept: Report = serde_json::from_str(&import.report).map_err(Error::internal)?;
    let reading = kept.reading.unwrap_or_default();
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
                let slice = make_ready(app, actor, import, &mut references, &reading, batch)?;
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
    reading: &Reading,
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
    let columns: Vec<(String, String)> = new_columns(references, &judged)
        .into_iter()
        .map(|key| (key.clone(), reading.header_of(&key).to_owned()))
        .collect();
    references.make_fields(app, actor, &import.id, &columns)?;
    let needed = needed(&judged);
    if !needed.is_empty() && references.make(app, actor, &import.id, &cx.catalogue, &needed)? {
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
            changes,
        } => {
            if new_model && let Named::Known(model) = references.model(&cx.catalogue, &draft) {
                set.insert("model".into(), Value::from(model));
            }
            Work::Describe {
                device,
                set,
                changes,
            }
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
    problems.push(Problem::refused(draft.line, &error));
    Ok(Ready {
        draft,
        problems,
        action: "rejected",
        work: Work::Nothing(None),
    })
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
    let column = Some("part_of".to_owned());
    problems.push(Problem::new(
        draft.line,
        column,
        Why::WholeAbsent,
        Map::new(),
    ));
    Ok(None)
}
