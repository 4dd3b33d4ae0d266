//! `reparc demo`: a believable sample authority, loaded and served.

use std::process::ExitCode;

use super::{out, seed, serve};
use crate::app::seed::Options;
use crate::app::{Actor, App, accounts, passwords, tokens};
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
        let password = logins(&app, &settings.listen)?;
        serve::serve(app, settings, true, |_, url| {
            out::words(&format!("\nopen {url} and sign in as one of:"));
            for (name, role) in LOGINS {
                out::words(&format!("  {name:<12} {password}   ({role})"));
            }
            out::words(&format!("\nAPI {url}/api/v1, reference {url}/api"));
            out::words("administrator's token, good for 30 days:");
            // The token is data: a script reads it alone on stdout.
            let _ = out::data(&token);
        })
    }
}

/// An account of each role: name and role.
const LOGINS: [(&str, &str); 5] = [
    ("admin", "administrator"),
    ("responsable", "manager"),
    ("achats", "procurement"),
    ("technicien", "technician"),
    ("lecture", "viewer"),
];
/// The password of all of them while only this machine can reach them.
const PASSWORD: &str = "demonstration";

/// Makes the accounts of the sample that are not there; gives their password. Where other machines can reach the
/// sample, a well-known password would be an open door: there each start makes a new one.
fn logins(app: &App, listen: &str) -> Result<String> {
    let operator = Actor::operator();
    let local = listen
        .parse::<std::net::SocketAddr>()
        .is_ok_and(|address| address.ip().is_loopback());
    let password = if local {
        PASSWORD.to_owned()
    } else {
        passwords::generate()?
    };
    let known = accounts::list(app, &operator)?;
    for (name, role) in LOGINS {
        let asked = serde_json::json!({"name": name, "role": role, "password": password});
        if known.iter().any(|account| account.name == name) {
            accounts::set_own(app, name, &password)?;
        } else {
            accounts::add(app, &operator, input::parse(asked)?)?;
        }
    }
    Ok(password)
}

/// A fresh administrator's token at the root: an old one is kept only as a hash and cannot be shown again.
fn token(app: &App) -> Result<String> {
    let asked = serde_json::json!({"name": "demo", "role": "administrator", "days": 30});
    let made = tokens::issue(app, &Actor::operator(), input::parse(asked)?)?;
    Ok(made.secret.unwrap_or_default())
}
