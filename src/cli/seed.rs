//! `reparc seed`: a believable fleet of any size.

use std::process::ExitCode;

use super::{out, serve};
use crate::app::App;
use crate::app::seed::{self, Options, Report};
use crate::error::Result;
use crate::settings::Settings;

/// Fill `main` and communes below it with a believable fleet: the same numbers, the same fleet
#[derive(Debug, clap::Args)]
pub struct Seed {
    /// How many devices
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    devices: u64,
    /// Civil years of history, the present one among them
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(i32).range(1..=40))]
    years: i32,
    /// Another number, another fleet
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

impl Seed {
    /// Seeds the database of the settings.
    ///
    /// # Errors
    /// Those of `app::seed`.
    pub fn run(self, settings: &Settings) -> Result<ExitCode> {
        let app = serve::open(settings)?;
        let options = Options {
            devices: self.devices,
            years: self.years,
            seed: self.seed,
        };
        let began = std::time::Instant::now();
        let report = fill(&app, &options)?;
        let seconds = began.elapsed().as_secs_f64();
        out::words(&format!(
            "{} devices with {} events in {seconds:.1} s",
            report.devices, report.events
        ));
        Ok(ExitCode::SUCCESS)
    }
}

/// Seeds, with progress for a person who watches.
///
/// # Errors
/// Those of `app::seed`.
pub fn fill(app: &App, options: &Options) -> Result<Report> {
    let watched = out::stderr_is_terminal();
    let report = seed::seed(app, options, &mut |written| {
        if watched {
            out::progress(&format!("{written} of {} devices", options.devices));
        }
    });
    if watched {
        out::progress("");
    }
    report
}
