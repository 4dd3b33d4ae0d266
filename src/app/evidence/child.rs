//! A foreign PDF is read by another process, with limits: what it can break there is nothing of ours.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use crate::error::{Error, Result};
use crate::exchange::pdf::Item;

/// Longest reading.
const TIME: Duration = Duration::from_secs(10);
/// Most bytes that are taken from it.
const OUTPUT: u64 = 1024 * 1024;
/// PDFs read at one time: each may take its whole share of memory.
const TOGETHER: usize = 2;
/// Longest wait for a turn.
const TURN: Duration = Duration::from_secs(30);

/// The program that is running, also after its file was replaced by a newer one.
pub fn this_program() -> PathBuf {
    let link = Path::new("/proc/self/exe");
    if link.exists() {
        return link.to_owned();
    }
    std::env::current_exe().unwrap_or_else(|_| "reparc".into())
}

/// Turns that are taken.
static TAKEN: Mutex<usize> = Mutex::new(0);
static FREED: Condvar = Condvar::new();

struct Turn;

impl Turn {
    fn take() -> Result<Turn> {
        let mut taken = TAKEN.lock();
        let until = Instant::now() + TURN;
        while *taken >= TOGETHER {
            if FREED.wait_until(&mut taken, until).timed_out() {
                return Err(Error::unavailable("other reports are being read"));
            }
        }
        *taken += 1;
        Ok(Turn)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        *TAKEN.lock() -= 1;
        FREED.notify_one();
    }
}

/// A process that does not outlive its reading.
struct Reading(Child);

impl Drop for Reading {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The words of a PDF in the order in which they are drawn.
///
/// # Errors
/// `invalid_value` when it cannot be read within the limits; `unavailable` when no process can be made.
pub fn words(program: &Path, bytes: &Arc<[u8]>) -> Result<Vec<Item>> {
    let _turn = Turn::take()?;
    let until = Instant::now() + TIME;
    let child = Command::new(program)
        .arg("read-pdf")
        // Nothing of ours goes with it: no address of a database, no folder. The memory of the program is not reserved
        // ahead, since what is reserved counts against the limit.
        .env_clear()
        .env("MIMALLOC_ARENA_RESERVE", "0")
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(Error::unavailable)?;
    let mut child = Reading(child);
    let pipes = child.0.stdin.take().zip(child.0.stdout.take());
    let (mut to, from) = pipes.ok_or_else(|| Error::internal("a process without pipes"))?;
    let sent = Arc::clone(bytes);
    // Both end when the process does.
    std::thread::spawn(move || {
        let _ = to.write_all(&sent);
    });
    let (tell, hear) = mpsc::channel();
    std::thread::spawn(move || {
        let mut out = Vec::new();
        let read = from.take(OUTPUT + 1).read_to_end(&mut out);
        let _ = tell.send(read.map(|_| out));
    });
    let refused = || {
        let detail = "this PDF cannot be read: it is damaged, encrypted, or asks for more time or memory than a report does";
        Error::invalid("file", detail)
    };
    let out = match hear.recv_timeout(TIME) {
        Ok(Ok(out)) if out.len() as u64 <= OUTPUT => out,
        _ => return Err(refused()),
    };
    while Instant::now() < until {
        match child.0.try_wait().map_err(Error::unavailable)? {
            Some(status) if status.success() => {
                let text = String::from_utf8_lossy(&out);
                return Ok(text.lines().filter_map(Item::read).collect());
            }
            Some(_) => return Err(refused()),
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    }
    Err(refused())
}
