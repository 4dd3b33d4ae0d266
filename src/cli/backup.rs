//! `reparc backup FILE`.

use std::path::PathBuf;
use std::process::ExitCode;

use super::{out, serve};
use crate::app::ledger_care;
use crate::error::Result;
use crate::settings::Settings;

/// Write a copy of everything to a file, while the server runs
#[derive(Debug, clap::Args)]
pub struct Backup {
    /// A name in .db asks for a copy of the SQLite file; any other gives the portable form, for either engine
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl Backup {
    /// Runs the command.
    ///
    /// # Errors
    /// Those of the store and of the file.
    pub fn run(self, settings: &Settings) -> Result<ExitCode> {
        let app = serve::open(settings)?;
        let made = ledger_care::backup(&app, &self.file)?;
        if let Some(checkpoint) = made.checkpoint {
            out::data(&checkpoint.root)?;
            out::words(&format!(
                "{}: {} devices, {} events; keep the root above elsewhere, and give it to `reparc verify --root`",
                self.file.display(),
                checkpoint.devices,
                checkpoint.events
            ));
        }
        Ok(ExitCode::SUCCESS)
    }
}
