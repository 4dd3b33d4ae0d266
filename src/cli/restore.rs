//! `reparc restore FILE`.

use std::path::PathBuf;
use std::process::ExitCode;

use super::{out, verify};
use crate::app::ledger_care;
use crate::db::Store;
use crate::error::Result;
use crate::settings::Settings;

/// Replace the content of the database by that of a backup, of either engine
#[derive(Debug, clap::Args)]
pub struct Restore {
    /// What `reparc backup` wrote
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Replace a database that holds devices
    #[arg(long)]
    force: bool,
    /// Erasures since the backup (`DATABASE.erasures.ndjson`, or `reparc person erasures`): they are done again
    #[arg(long, value_name = "FILE")]
    erasures: Option<PathBuf>,
}

impl Restore {
    /// Runs the command. Stop the server before.
    ///
    /// # Errors
    /// Those of the store and of the file.
    pub fn run(self, settings: &Settings) -> Result<ExitCode> {
        let store = Store::open(settings.database_url(), true)?;
        let (restored, report) =
            ledger_care::restore(&store, &self.file, self.erasures.as_deref(), self.force)?;
        out::words(&format!(
            "{} rows restored, {} devices, {} events, {} erasures",
            restored.rows, report.devices, report.events, restored.erasures
        ));
        verify::say(&report);
        Ok(verify::exit(&report))
    }
}
