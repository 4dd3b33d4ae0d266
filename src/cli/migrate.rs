//! `reparc migrate`: brings the database to the version of the program.

use std::process::ExitCode;

use clap::Args;

use super::out;
use crate::db::Store;
use crate::error::Result;
use crate::settings::Settings;

/// Make the database, or bring it to this version
#[derive(Debug, Args)]
pub struct Migrate {}

impl Migrate {
    /// Migrates, whatever `--no-migrate` says: this is the command that does it for instances started so.
    ///
    /// # Errors
    /// Those of the store.
    pub fn run(self, settings: &Settings) -> Result<ExitCode> {
        Store::open(settings.database_url(), true)?;
        out::words(&format!("{} is up to date", settings.database));
        Ok(ExitCode::SUCCESS)
    }
}
