//! The bare event: one insert, synced to disk, grouped with those that wait (as Reparc's writer does).

use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel, sync_channel};

use rusqlite::Connection;

use crate::{Result, fleet};

/// At most so many inserts in one commit.
const GROUP: usize = 256;

type Job = (String, String, std::sync::mpsc::SyncSender<bool>);

/// Hands inserts to the one thread that writes.
#[derive(Clone)]
pub struct Writer(Sender<Job>);

impl Writer {
    /// Starts the thread.
    pub fn start(database: &Path) -> Result<Self> {
        let connection = fleet::open(database)?;
        let (sender, jobs) = channel();
        std::thread::spawn(move || commit_groups(&connection, &jobs));
        Ok(Writer(sender))
    }

    /// Returns when the event is on the disk.
    pub fn record(&self, tag: String, payload: String) -> bool {
        let (sender, done) = sync_channel(1);
        self.0.send((tag, payload, sender)).is_ok() && done.recv().unwrap_or(false)
    }
}

fn commit_groups(connection: &Connection, jobs: &Receiver<Job>) {
    while let Ok(first) = jobs.recv() {
        let group: Vec<Job> = std::iter::once(first)
            .chain(jobs.try_iter().take(GROUP - 1))
            .collect();
        let done = commit(connection, &group).is_ok();
        for (.., sender) in group {
            let _ = sender.send(done);
        }
    }
}

fn commit(connection: &Connection, group: &[Job]) -> rusqlite::Result<()> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    {
        let mut insert = connection.prepare_cached(
            "INSERT INTO events (device, n, payload) SELECT id, version + 1, ?2 FROM devices WHERE tag = ?1",
        )?;
        for (tag, payload, _) in group {
            insert.execute([tag, payload])?;
        }
    }
    connection.execute_batch("COMMIT")
}
