//! What runs beside the requests: small loops, each on its own thread, sharing work between instances by leases in the
//! database.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::app::{App, ledger_care};
use crate::db::Engine;
use crate::error::{Error, Result};

/// How often committed events are numbered on PostgreSQL; `/changes` promises a second.
const NUMBERING: Duration = Duration::from_millis(200);

/// The running loops; dropping it stops them.
pub struct Jobs {
    stop: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Starts the loops that this engine needs.
///
/// # Errors
/// `unavailable` when no thread can be made.
pub fn start(app: Arc<App>) -> Result<Jobs> {
    if app.store.engine() == Engine::Sqlite {
        // Numbers are given in the writing transaction.
        return Ok(Jobs {
            stop: None,
            thread: None,
        });
    }
    let (stop, stopped) = sync_channel::<()>(0);
    let thread = std::thread::Builder::new()
        .name("outbox".into())
        .spawn(move || {
            while stopped.recv_timeout(NUMBERING) == Err(RecvTimeoutError::Timeout) {
                if let Err(error) = ledger_care::number(&app) {
                    tracing::warn!(%error, "committed events could not be numbered");
                }
            }
        })
        .map_err(Error::unavailable)?;
    Ok(Jobs {
        stop: Some(stop),
        thread: Some(thread),
    })
}

impl Drop for Jobs {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
