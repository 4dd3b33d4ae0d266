//! Nothing acknowledged is ever lost: many clients at once, processes killed at any moment, several instances.
//!
//! All of it over HTTP against the real `reparc serve`, on both engines. The seed of what is random is printed;
//! `REPARC_CHAOS_SEED` takes it again.

mod crowd;
mod import_cli;
mod import_rest;
mod killed;
mod place;
mod start;
mod together;
mod writer;

use rand::SeedableRng;
use rand::rngs::StdRng;

/// The chance of a test, told.
fn chance() -> StdRng {
    let seed = std::env::var("REPARC_CHAOS_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok())
        .unwrap_or_else(rand::random::<u64>);
    println!("REPARC_CHAOS_SEED={seed}");
    StdRng::seed_from_u64(seed)
}
