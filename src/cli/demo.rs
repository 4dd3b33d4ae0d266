//! `reparc demo`: a believable sample authority, loaded and served.

use std::process::ExitCode;

use super::{out, seed, serve};
use crate::app::seed::Options;
use crate::app::{Actor, App, tokens};
use crate::domain::input;
use crate::error::Result;
use crate::settings::Settings;

/// Load a believable sample authority and serve it on this machine
#[derive(Debug, clap::Args)]
pub struct Demo {
    /// How many devices, when the database holds none yet
    #[arg(long, value_name = "N", default_value_t = 2500, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    devices: u64,
}

impl Demo {
    /// Seeds a database without devices, makes a token, serves until SIGTERM. A second start finds the same sample.
    ///
    /// # Errors
    /// Those of the store, of `app::seed` and of the sockets.
    pub fn run(self, settings: &Settings) -> Result<ExitCode> {
        let app = serve::open(settings)?;
        let there = app.store.read(crate::db::devices::count)?;
        if there == 0 {
            out::words(&format!("making a sample of {} devices…", self.devices));
            let options = Options {
                devices: self.devices,
                years: 8,
                seed: 1,
            };
            seed::fill(&app, &options)?;
        } else {
            out::words(&format!("{there} devices in {}", settings.database));
        }
        let token = token(&app)?;
        serve::serve(app, settings, |url| {
            out::words(&format!("API {url}/api/v1, reference {url}/api"));
            out::words("administrator's token, good for 30 days:");
            // The token is data: a script reads it alone on stdout.
            let _ = out::data(&token);
        })
    }
}

/// A fresh administrator's token at the root: an old one is kept only as a hash and cannot be shown again.
fn token(app: &App) -> Result<String> {
    let asked = serde_json::json!({"name": "demo", "role": "administrator", "days": 30});
    let made = tokens::issue(app, &Actor::operator(), input::parse(asked)?)?;
    Ok(made.secret.unwrap_or_default())
}
