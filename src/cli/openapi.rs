//! `reparc openapi`: the document of the REST interface.

use std::process::ExitCode;

use super::out;
use crate::error::{Error, Result};
use crate::http;
use crate::settings::Settings;

/// Print the OpenAPI document of the REST interface
#[derive(Debug, clap::Args)]
pub struct OpenApi {}

impl OpenApi {
    /// Runs the command.
    ///
    /// # Errors
    /// `internal` when the document cannot be written.
    pub fn run(self, _: &Settings) -> Result<ExitCode> {
        let document = http::openapi::document()
            .to_pretty_json()
            .map_err(Error::internal)?;
        out::data(&document)?;
        Ok(ExitCode::SUCCESS)
    }
}
