//! A believable sample authority of any size, deterministic: the same seed, size, span and day give the same fleet.
//!
//! Lives are told by `life` and `ending`, event by event, faults on purpose among them, and go through the same
//! replay as everything else; projections are what the replay says.

mod chance;
mod ending;
mod gather;
mod leaving;
mod life;
mod opening;
mod record;
mod spend;
mod world;
mod write;

pub use opening::{Cast, Home, Opening, Partners};
pub use record::{Life, Scribe, life};

use super::{Actor, App};
use crate::db::devices;
use crate::error::{Error, Result};

/// What is asked of the sample.
#[derive(Debug, Clone)]
pub struct Options {
    /// How many devices.
    pub devices: u64,
    /// Civil years the story spans, the present one among them.
    pub years: i32,
    /// Another number, another fleet.
    pub seed: u64,
}

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    /// Devices.
    pub devices: u64,
    /// Their events.
    pub events: u64,
}

/// Most civil years a story may span.
pub const MOST_YEARS: i32 = 40;

/// Fills `main` and the communes below it with a sample fleet. On a database that holds devices it adds to them.
/// `progress` hears how many devices are written.
///
/// # Errors
/// `invalid_value` for a span that is none; those of the store.
pub fn seed(app: &App, options: &Options, progress: &mut dyn FnMut(u64)) -> Result<Report> {
    if !(1..=MOST_YEARS).contains(&options.years) {
        let detail = format!("`years` lies between 1 and {MOST_YEARS}");
        return Err(Error::invalid("years", detail));
    }
    let there = app.store.read(devices::count)?;
    let first = u64::try_from(there).unwrap_or(0);
    let numbers = first..first.saturating_add(options.devices);
    let cast = gather::gather(app, options)?;
    let paid = spend::spend(app, &cast, numbers.clone())?;
    let scribe = Scribe {
        actor: Actor::operator().id,
        now: app.clock.now(),
    };
    let events = write::write(app, &cast, &paid, &scribe, numbers, progress)?;
    Ok(Report {
        devices: options.devices,
        events,
    })
}
