//! `reparc export`.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use super::serve;
use crate::app::Actor;
use crate::app::exports::{self, Ask, Table};
use crate::domain::day::Day;
use crate::error::{Code, Error, Result};
use crate::exchange::write::Format;
use crate::settings::Settings;

/// Export a table
#[derive(Debug, clap::Args)]
pub struct Export {
    /// devices, events, purchases, exits, repairs, wipes, people, sites, partners, models, categories or organisations
    #[arg(value_name = "TABLE", value_parser = Table::parse)]
    table: Table,
    /// State at the end of this day (devices)
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = Day::parse)]
    as_of: Option<Day>,
    /// csv, csv-fr, ndjson or xlsx
    #[arg(long, default_value = "csv", value_parser = Format::parse)]
    format: Format,
    /// Only this organisation and what is below it
    #[arg(long, value_name = "KEY")]
    org: Option<String>,
    /// Write there instead of to stdout
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Export {
    /// Runs the command.
    ///
    /// # Errors
    /// Those of `app::exports` and of the output.
    pub fn run(self, settings: &Settings) -> Result<ExitCode> {
        let app = serve::open(settings)?;
        let ask = Ask {
            as_of: self.as_of,
            org: self.org,
        };
        let write = |out: &mut dyn Write| {
            exports::export(&app, &Actor::operator(), self.table, self.format, &ask, out)
        };
        match &self.output {
            Some(path) if path.as_os_str() != "-" => {
                let cannot = |e: std::io::Error| {
                    Error::new(
                        Code::InvalidParameter,
                        format!("{} cannot be written", path.display()),
                    )
                    .because(e)
                };
                let mut file =
                    std::io::BufWriter::new(std::fs::File::create(path).map_err(cannot)?);
                write(&mut file)?;
                file.flush().map_err(cannot)?;
            }
            _ => {
                let mut out = std::io::BufWriter::new(std::io::stdout().lock());
                match write(&mut out) {
                    // A reader that has left (`| head`) is no fault.
                    Err(error) if left(&error) => {}
                    other => other?,
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn left(error: &Error) -> bool {
    let cause = error
        .cause
        .as_deref()
        .and_then(|c| c.downcast_ref::<std::io::Error>());
    cause.is_some_and(|c| c.kind() == std::io::ErrorKind::BrokenPipe)
}
