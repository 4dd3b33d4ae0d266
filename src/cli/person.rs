//! `reparc person erase|erasures`.

use std::process::ExitCode;

use super::{out, serve};
use crate::app::{Actor, people};
use crate::domain::input;
use crate::error::{Error, Result};
use crate::settings::Settings;

/// Erase a person, list erasures
#[derive(Debug, clap::Args)]
pub struct Person {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Delete name, notes and signatures of a person; figures and the ledger stay as they are
    Erase {
        /// Key or id of the person
        #[arg(value_name = "KEY")]
        key: String,
        /// Why, naming nobody; kept in the list of erasures
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Print every erasure, one JSON object a line: give it to `restore --erasures`
    Erasures,
}

impl Person {
    /// Runs the command.
    ///
    /// # Errors
    /// Those of `app::people`.
    pub fn run(self, settings: &Settings) -> Result<ExitCode> {
        let app = serve::open(settings)?;
        let operator = Actor::operator();
        match self.what {
            What::Erase { key, reason } => {
                let why = input::parse(serde_json::json!({ "reason": reason }))?;
                let done = people::erase(&app, &operator, &key, why)?;
                out::words(&format!(
                    "{} erased, with what was personal in {} events",
                    done.key, done.events
                ));
            }
            What::Erasures => {
                for erasure in people::erasures(&app, &operator)? {
                    out::data(&serde_json::to_string(&erasure).map_err(Error::internal)?)?;
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
