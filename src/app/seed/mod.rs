//! A believable sample authority of any size, deterministic: the same seed, size, span and day give the same fleet.
//!
//! Lives are told by [`life`] and [`ending`], event by event, and go through the same replay as everything else;
//! projections are what the replay says.

mod chance;
mod ending;
mod life;
mod opening;
mod record;
mod world;

pub use opening::{Cast, Home, Opening, Partners};
pub use record::{Life, Scribe, life, start};
