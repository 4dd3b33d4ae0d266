//! `reparc serve`, and `reparc` alone: the server.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use super::out;
use crate::app::{App, Clock, imports, ledger_care, setup};
use crate::db::Store;
use crate::error::Result;
use crate::http;
use crate::settings::Settings;

/// Serve the pages and the REST interface
#[derive(Debug, clap::Args)]
pub struct Serve {}

impl Serve {
    /// Runs until SIGTERM.
    ///
    /// # Errors
    /// Those of the store and of the sockets.
    pub fn run(self, settings: &Settings) -> Result<ExitCode> {
        serve(open(settings)?, settings, false, first_account)
    }
}

/// The program over the database of the settings: what every command begins with.
///
/// # Errors
/// Those of the store.
pub fn open(settings: &Settings) -> Result<App> {
    let store = Store::open(settings.database_url(), !settings.no_migrate)?;
    let app = App::new(store, Clock::system(), settings.public_url())?;
    // What a command before this one committed on PostgreSQL, with no server running, has no number yet.
    ledger_care::number(&app)?;
    Ok(app)
}

/// How often it is looked whether an import that somebody was staging has been left.
const WATCH: Duration = Duration::from_secs(30);

/// Serves an open program; `ready` hears the address first.
///
/// # Errors
/// Those of the sockets.
pub fn serve(
    app: App,
    settings: &Settings,
    demo: bool,
    ready: impl FnOnce(&App, &str),
) -> Result<ExitCode> {
    let options = http::Options {
        listen: settings.listen.clone(),
        tls: settings.tls_cert.clone().zip(settings.tls_key.clone()),
        trusted: settings.trusted_proxy.clone(),
        rate: settings.rate_limit,
        demo,
        settings: settings.shown(),
        workers: None,
    };
    let app = Arc::new(app);
    let resumed = Arc::clone(&app);
    // What was cut off goes on beside the first requests; a thread of its own, since it may take long.
    std::thread::spawn(move || {
        loop {
            match imports::resume(&resumed) {
                Ok(false) => break,
                Ok(true) => {}
                Err(error) => tracing::error!(%error, "an import that was cut off could not go on"),
            }
            std::thread::sleep(WATCH);
        }
    });
    let told = Arc::clone(&app);
    http::serve(app, options, |up| ready(&told, &up.url))?;
    Ok(ExitCode::SUCCESS)
}

/// While there is no account: the one-time link that makes the first one.
fn first_account(app: &App, url: &str) {
    match setup::offer(app) {
        Ok(None) => {}
        Ok(Some(code)) => {
            let minutes = setup::MINUTES;
            out::words(&format!(
                "no account yet: open {url}/setup/{code} within {minutes} minutes to make the first one"
            ));
        }
        Err(error) => tracing::error!(%error, "the link for the first account could not be made"),
    }
}
