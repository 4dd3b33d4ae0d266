//! What runs beside the requests: small loops, each on its own thread, sharing work between instances by leases in the
//! database.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::app::{App, attachments, ledger_care};
use crate::db::Engine;
use crate::error::{Error, Result};

/// How often committed events are numbered on PostgreSQL; `/changes` promises a second.
const NUMBERING: Duration = Duration::from_millis(200);
/// How often files are looked for whose bytes need not be kept any longer. Two instances that meet do no harm.
const RETENTION: Duration = Duration::from_secs(600);

/// The running loops; dropping it stops them.
pub struct Jobs {
    _running: Vec<Loop>,
}

struct Loop {
    stop: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Starts the loops that this engine needs.
///
/// # Errors
/// `unavailable` when no thread can be made.
pub fn start(app: Arc<App>) -> Result<Jobs> {
    let mut jobs = Vec::new();
    // On SQLite numbers are given in the writing transaction.
    if app.store.engine() != Engine::Sqlite {
        jobs.push(every(&app, "outbox", NUMBERING, |app| {
            if let Err(error) = ledger_care::number(app) {
                tracing::warn!(%error, "committed events could not be numbered");
            }
        })?);
    }
    jobs.push(every(
        &app,
        "retention",
        RETENTION,
        |app| match attachments::expire(app) {
            Ok(0) => {}
            Ok(files) => tracing::info!(files, "the bytes of files whose time is over are deleted"),
            Err(error) => tracing::warn!(%error, "files whose time is over could not be emptied"),
        },
    )?);
    Ok(Jobs { _running: jobs })
}

fn every(
    app: &Arc<App>,
    name: &str,
    pause: Duration,
    work: impl Fn(&App) + Send + 'static,
) -> Result<Loop> {
    let app = Arc::clone(app);
    let (stop, stopped) = sync_channel::<()>(0);
    let thread = std::thread::Builder::new()
        .name(name.into())
        .spawn(move || {
            while stopped.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
                work(&app);
            }
        })
        .map_err(Error::unavailable)?;
    Ok(Loop {
        stop: Some(stop),
        thread: Some(thread),
    })
}

impl Drop for Loop {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
