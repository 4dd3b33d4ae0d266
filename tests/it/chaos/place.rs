//! A database that only processes of their own have open, and those processes.

use std::io::BufRead;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::Value;

use crate::support::client::Client;
use crate::support::db::EmptyPostgres;

/// An empty database. The test process never opens it: when a server is killed nobody holds the file any more.
pub struct Place {
    pub url: String,
    #[allow(dead_code, reason = "kept until the end of the test")]
    folder: Option<tempfile::TempDir>,
    #[allow(dead_code, reason = "kept until the end of the test")]
    postgres: Option<EmptyPostgres>,
}

impl Place {
    pub fn sqlite() -> Place {
        let folder = tempfile::tempdir().unwrap();
        Place {
            url: format!("sqlite://{}/chaos.db", folder.path().display()),
            folder: Some(folder),
            postgres: None,
        }
    }
    /// None when there is no cluster to test on.
    pub fn postgres() -> Option<Place> {
        let postgres = EmptyPostgres::make()?;
        Some(Place {
            url: postgres.url.clone(),
            folder: None,
            postgres: Some(postgres),
        })
    }
    pub fn is_postgres(&self) -> bool {
        self.postgres.is_some()
    }

    /// A command on this database.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_reparc"));
        command.args(arguments).args(["--database", &self.url]);
        command
    }
    /// A command that must do what it is asked.
    #[track_caller]
    pub fn run(&self, arguments: &[&str]) -> String {
        let Output {
            status,
            stdout,
            stderr,
        } = self.command(arguments).output().unwrap();
        let words = String::from_utf8_lossy(&stderr);
        assert!(status.success(), "{arguments:?}: {status}\n{words}");
        String::from_utf8(stdout).unwrap()
    }
    /// A token of an administrator.
    pub fn token(&self) -> String {
        let made = self.run(&[
            "token",
            "create",
            "--name",
            "chaos",
            "--role",
            "administrator",
        ]);
        made.trim().to_owned()
    }
    /// Every row of a table.
    pub fn export(&self, table: &str) -> Vec<Value> {
        self.run(&["export", table, "--format", "ndjson"])
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
    /// The ledger holds, and every projection is what its events make.
    #[track_caller]
    pub fn verify(&self) {
        let told = self.run(&["verify", "--json"]);
        let report: Value = serde_json::from_str(&told).unwrap();
        assert_eq!(report["problems"], serde_json::json!([]), "{report}");
    }
    /// What was reserved by an instance that died is as old as it must be before another instance takes it over.
    pub fn time_passes(&self) {
        if self.is_postgres() {
            use diesel::connection::SimpleConnection;
            let mut db = reparc::db::migrate::connect_raw(&self.url).unwrap();
            let older = "UPDATE idempotency SET created_at = created_at - INTERVAL '1 hour' WHERE status IS NULL";
            db.batch_execute(older).unwrap();
        }
    }
}

/// A server in a process of its own.
pub struct Server {
    child: Child,
    pub address: String,
    log: Arc<Mutex<String>>,
}

impl Server {
    /// Starts one; gives it once it listens.
    pub fn start(place: &Place) -> Server {
        let mut child = place
            .command(&["serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = std::io::BufReader::new(child.stderr.take().unwrap()).lines();
        let log = Arc::new(Mutex::new(String::new()));
        let mut address = None;
        for line in lines.by_ref().map_while(Result::ok) {
            if let Some(url) = line.strip_prefix("listening on http://") {
                address = Some(url.to_owned());
                break;
            }
            log.lock().push_str(&format!("{line}\n"));
        }
        let address = address.unwrap_or_else(|| panic!("it does not listen: {}", log.lock()));
        let kept = Arc::clone(&log);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                kept.lock().push_str(&format!("{line}\n"));
            }
        });
        Server {
            child,
            address,
            log,
        }
    }
    pub fn client(&self, token: &str) -> Client {
        Client {
            address: self.address.clone(),
            token: Some(token.to_owned()),
        }
    }
    /// SIGKILL: no last word.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.log_is_quiet();
    }
    /// SIGTERM, and how it ended.
    pub fn stop(&mut self) -> std::process::ExitStatus {
        self.ask_to_stop();
        self.child.wait().unwrap()
    }
    /// SIGTERM.
    pub fn ask_to_stop(&self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").arg(id).status().unwrap().success());
    }
    /// Nothing in the log speaks of a lock or of a fault.
    #[track_caller]
    pub fn log_is_quiet(&self) {
        let log = self.log.lock();
        for bad in ["database is locked", "deadlock", "panicked", "ERROR"] {
            assert!(!log.contains(bad), "the log says {bad}:\n{log}");
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Writes each test once and runs it on both engines.
macro_rules! on_both_places {
    ($(fn $name:ident($place:ident) $body:block)*) => {$(
        mod $name {
            #[allow(unused_imports)]
            use super::*;
            fn body($place: &$crate::chaos::place::Place) $body
            #[test]
            fn sqlite() {
                body(&$crate::chaos::place::Place::sqlite());
            }
            #[test]
            fn postgres() {
                if let Some(place) = $crate::chaos::place::Place::postgres() {
                    body(&place);
                }
            }
        }
    )*};
}
pub(super) use on_both_places;
