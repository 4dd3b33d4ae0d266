//! `reparc verify`: is the ledger what it was?

use std::process::ExitCode;

use super::{out, serve};
use crate::app::ledger_care;
use crate::db::verify::Report;
use crate::error::{Error, Result};
use crate::settings::Settings;

/// Check every hash chain, every projection, every checkpoint; exit 1 when anything is wrong
#[derive(Debug, clap::Args)]
pub struct Verify {
    /// The report as JSON
    #[arg(long)]
    json: bool,
    /// A root written down outside the database, by `backup` or by this command: some checkpoint must have it
    #[arg(long, value_name = "ROOT")]
    root: Option<String>,
}

impl Verify {
    /// Runs the command.
    ///
    /// # Errors
    /// Those of the store.
    pub fn run(self, settings: &Settings) -> Result<ExitCode> {
        let app = serve::open(settings)?;
        let report = ledger_care::verify(&app, self.root.as_deref())?;
        if self.json {
            out::data(&serde_json::to_string(&report).map_err(Error::internal)?)?;
        } else {
            out::data(&format!(
                "devices {}\nevents {}\nroot {}",
                report.devices, report.events, report.root
            ))?;
        }
        say(&report);
        Ok(exit(&report))
    }
}

/// Tells the problems, or that there are none.
pub fn say(report: &Report) {
    for problem in &report.problems {
        let place = match (&problem.device, problem.n) {
            (Some(device), Some(n)) => format!("device {device}, event {n}: "),
            (Some(device), None) => format!("device {device}: "),
            _ => String::new(),
        };
        out::words(&format!("{}: {place}{}", problem.kind, problem.detail));
    }
    if report.more > 0 {
        out::words(&format!("and {} more", report.more));
    }
    if report.erased > 0 {
        out::words(&format!(
            "{} events had their personal part erased, as listed",
            report.erased
        ));
    }
    if report.problems.is_empty() {
        out::words("nothing is wrong");
    }
}

/// 0 when nothing is wrong, else 1.
pub fn exit(report: &Report) -> ExitCode {
    ExitCode::from(u8::from(!report.problems.is_empty()))
}
