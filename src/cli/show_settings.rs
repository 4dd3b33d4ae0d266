//! `reparc settings`: what holds, in the form of a settings file.

use std::process::ExitCode;

use clap::Args;

use super::out;
use crate::error::{Error, Result};
use crate::settings::Settings;

/// Show the settings in force, as a settings file; passwords hidden
#[derive(Debug, Args)]
pub struct ShowSettings {}

impl ShowSettings {
    /// Prints TOML; a setting without a value is left out.
    pub fn run(self, settings: &Settings) -> Result<ExitCode> {
        let text = toml::to_string(settings).map_err(Error::internal)?;
        out::data(text.trim_end())?;
        Ok(ExitCode::SUCCESS)
    }
}
