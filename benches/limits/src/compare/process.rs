//! Programs started, timed and ended.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::Result;

/// A server on a free port; it ends when this is dropped.
pub struct Server {
    child: Child,
    /// `http://ADDRESS`.
    pub url: String,
    /// When its process was started.
    pub started: Instant,
}

impl Server {
    /// Starts it and waits for its line `listening on http://…`.
    pub fn start(command: &mut Command) -> Result<Server> {
        let started = Instant::now();
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let stderr = child.stderr.take().ok_or("no stderr")?;
        let mut lines = BufReader::new(stderr).lines();
        let mut said = String::new();
        let url = loop {
            let Some(line) = lines.next() else {
                return Err(format!("the server ended: {said}").into());
            };
            let line = line?;
            if let Some(url) = line.strip_prefix("listening on ") {
                break url.trim().to_owned();
            }
            said = said + &line + "\n";
        };
        // The pipe is emptied for as long as the server lives, or it would block on a full one.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(Server {
            child,
            url,
            started,
        })
    }

    /// Waits for the first answer of `/healthz`.
    pub fn wait_healthy(&self) -> Result<()> {
        while ureq::get(format!("{}/healthz", self.url)).call().is_err() {
            if self.started.elapsed() > Duration::from_secs(60) {
                return Err("the server does not answer".into());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    }

    /// A line of /proc/PID/status in MB: `VmRSS` (now) or `VmHWM` (highest so far).
    pub fn memory(&self, name: &str) -> Result<f64> {
        memory(self.child.id(), name).ok_or_else(|| "no such process".into())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn memory(pid: u32, name: &str) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|l| l.starts_with(name))?;
    let kb: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kb / 1024.0)
}

/// Seconds and highest memory (MB) of a command that must succeed.
pub fn timed(command: &mut Command) -> Result<(f64, f64)> {
    let begin = Instant::now();
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .spawn()?;
    let mut peak = 0.0f64;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        peak = memory(child.id(), "VmHWM").unwrap_or(peak).max(peak);
        std::thread::sleep(Duration::from_millis(
            if begin.elapsed().as_millis() < 500 {
                2
            } else {
                20
            },
        ));
    };
    let seconds = begin.elapsed().as_secs_f64();
    if !status.success() {
        return Err(format!("{command:?} ended with {status}").into());
    }
    Ok((seconds, peak))
}

/// What a command prints on stdout; it must succeed.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command.stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(format!("{command:?} ended with {}", output.status).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}
