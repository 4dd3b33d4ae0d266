//! The one SQLite writer: a thread that commits what is queued, with group commit and lanes.
//!
//! It takes what waits, at most [`GROUP`] jobs, never waiting for more; runs each in a savepoint inside one
//! `BEGIN IMMEDIATE`; commits once (one sync to disk); then answers. When the outer transaction or its commit is lost,
//! every job of the group runs again alone, and what still fails answers `unavailable`. Another process may write the
//! same file: a busy file is tried again for thirty seconds.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{JoinHandle, ThreadId};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use super::{Db, Target, begin, commit, fault, pool, rollback};
use crate::error::{Error, Result};

/// Most jobs in one commit.
const GROUP: usize = 64;
/// An import slice waits at most this long for the other lanes to be empty.
const IMPORT_PATIENCE: Duration = Duration::from_millis(500);

/// Who goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// A person waits.
    Interactive,
    /// A machine reports.
    Agents,
    /// A slice of an import or a seed, at most 100 ms of work; runs alone in its commit.
    Imports,
}

/// How a run ended: its writes stand, are undone, or took the transaction with them.
enum Outcome {
    Kept,
    Refused,
    Lost,
}

/// A queued job: run as often as needed, answered once.
trait Job: Send {
    fn run(&mut self, db: &mut Db) -> Outcome;
    /// Hands back what the last run gave, or this error in its place.
    fn answer(self: Box<Self>, instead: Option<Error>);
}

struct Typed<T, F> {
    work: F,
    result: Option<Result<T>>,
    reply: SyncSender<Result<T>>,
}

impl<T: Send, F: FnMut(&mut Db) -> Result<T> + Send> Job for Typed<T, F> {
    fn run(&mut self, db: &mut Db) -> Outcome {
        self.result = None;
        let result = catch_unwind(AssertUnwindSafe(|| (self.work)(db)))
            .unwrap_or_else(|_| Err(Error::internal("a write panicked")));
        let outcome = match &result {
            Ok(_) => Outcome::Kept,
            Err(error) if fault::loss(error) == fault::Loss::None => Outcome::Refused,
            Err(_) => Outcome::Lost,
        };
        self.result = Some(result);
        outcome
    }
    fn answer(self: Box<Self>, instead: Option<Error>) {
        let result = match instead {
            Some(error) => Err(error),
            None => self
                .result
                .unwrap_or_else(|| Err(Error::unavailable("the write was not run"))),
        };
        // The caller may be gone; the write stands.
        let _ = self.reply.send(result);
    }
}

#[derive(Default)]
struct Queue {
    interactive: VecDeque<Box<dyn Job>>,
    agents: VecDeque<Box<dyn Job>>,
    imports: VecDeque<(Instant, Box<dyn Job>)>,
    closed: bool,
}

impl Queue {
    /// The next group: interactive before agents; an import slice alone, when nobody else waits or it has waited enough.
    fn take(&mut self) -> Vec<Box<dyn Job>> {
        let others = !self.interactive.is_empty() || !self.agents.is_empty();
        let due = self
            .imports
            .front()
            .is_some_and(|(since, _)| !others || since.elapsed() > IMPORT_PATIENCE);
        if due {
            return self
                .imports
                .pop_front()
                .map(|(_, job)| job)
                .into_iter()
                .collect();
        }
        let mut group: Vec<_> = Vec::new();
        for lane in [&mut self.interactive, &mut self.agents] {
            let room = GROUP.saturating_sub(group.len()).min(lane.len());
            group.extend(lane.drain(..room));
        }
        group
    }
}

struct Shared {
    queue: Mutex<Queue>,
    wake: Condvar,
}

/// Handle of the writer thread; dropping it lets the thread finish what is queued and waits for it.
pub(super) struct Writer {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    id: ThreadId,
}

impl Writer {
    pub fn start(target: Target) -> Result<Writer> {
        let shared = Arc::new(Shared {
            queue: Mutex::new(Queue::default()),
            wake: Condvar::new(),
        });
        let theirs = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("writer".into())
            .spawn(move || Desk { target, db: None }.serve(&theirs))
            .map_err(Error::unavailable)?;
        let id = thread.thread().id();
        Ok(Writer {
            shared,
            thread: Some(thread),
            id,
        })
    }

    /// Jobs that wait in all lanes.
    pub fn waiting(&self) -> f64 {
        let queue = self.shared.queue.lock();
        let jobs = queue.interactive.len() + queue.agents.len() + queue.imports.len();
        f64::from(u32::try_from(jobs).unwrap_or(u32::MAX))
    }

    pub fn submit<T: Send + 'static>(
        &self,
        lane: Lane,
        work: impl FnMut(&mut Db) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        if std::thread::current().id() == self.id {
            return Err(Error::internal("a write may not begin another write"));
        }
        let (reply, answer) = sync_channel(1);
        let job = Box::new(Typed {
            work,
            result: None,
            reply,
        });
        {
            let mut queue = self.shared.queue.lock();
            match lane {
                Lane::Interactive => queue.interactive.push_back(job),
                Lane::Agents => queue.agents.push_back(job),
                Lane::Imports => queue.imports.push_back((Instant::now(), job)),
            }
        }
        self.shared.wake.notify_one();
        answer.recv().unwrap_or_else(|e| Err(Error::unavailable(e)))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.shared.queue.lock().closed = true;
        self.shared.wake.notify_one();
        // The last handle may be dropped by a job, on the thread itself.
        if std::thread::current().id() != self.id
            && let Some(thread) = self.thread.take()
        {
            let _ = thread.join();
        }
    }
}

/// The thread's side: its connection, made anew after any trouble.
struct Desk {
    target: Target,
    db: Option<Db>,
}

impl Desk {
    fn serve(mut self, shared: &Shared) {
        loop {
            let mut group = {
                let mut queue = shared.queue.lock();
                loop {
                    let group = queue.take();
                    if !group.is_empty() {
                        break group;
                    }
                    if queue.closed {
                        return;
                    }
                    shared.wake.wait(&mut queue);
                }
            };
            match self.together(&mut group) {
                Ok(()) => group.into_iter().for_each(|job| job.answer(None)),
                Err(_) => {
                    for job in group {
                        self.alone(job);
                    }
                }
            }
        }
    }

    /// A job by itself, after its group was lost.
    fn alone(&mut self, mut job: Box<dyn Job>) {
        let outcome = self.together(std::slice::from_mut(&mut job));
        job.answer(outcome.err().map(Error::unavailable));
    }

    /// One transaction for all of them. An error means that nothing of the group was kept.
    fn together(&mut self, group: &mut [Box<dyn Job>]) -> Result<()> {
        let done = self.try_together(group);
        if done.is_err() {
            // Whatever state the connection is in, a new one is sure.
            self.db = None;
        }
        done
    }

    fn try_together(&mut self, group: &mut [Box<dyn Job>]) -> Result<()> {
        let target = &self.target;
        let db = match &mut self.db {
            Some(db) => db,
            none => none.insert(fault::patiently(|| pool::connect(target, false))?),
        };
        fault::patiently(|| begin(db, "BEGIN IMMEDIATE"))?;
        for job in group.iter_mut() {
            begin_savepoint(db)?;
            match job.run(db) {
                // A failed release means that SQLite has rolled the whole transaction back (disk full, input or
                // output error) and that later statements would commit by themselves: stop at once.
                Outcome::Kept => commit(db)?,
                Outcome::Refused => rollback(db)?,
                Outcome::Lost => return Err(Error::unavailable("the transaction was lost")),
            }
        }
        commit(db)
    }
}

fn begin_savepoint(db: &mut Db) -> Result<()> {
    use diesel::connection::{AnsiTransactionManager as Manager, TransactionManager as _};
    match db {
        Db::Pg(c) => Manager::begin_transaction(c)?,
        Db::Sqlite(c) => Manager::begin_transaction(c)?,
    }
    Ok(())
}
