//! What time it is: asked here only, so that no test depends on today.

use std::sync::Arc;

use parking_lot::Mutex;

use crate::domain::day::{Day, Instant, micros};

/// The clock of the program, or one that a test sets.
#[derive(Debug, Clone, Default)]
pub struct Clock(Option<Arc<Mutex<Instant>>>);

impl Clock {
    /// The clock of the machine.
    pub fn system() -> Clock {
        Clock(None)
    }
    /// A clock that stands still until it is set.
    pub fn fixed(now: Instant) -> Clock {
        Clock(Some(Arc::new(Mutex::new(micros(now)))))
    }
    /// Sets a fixed clock; the clock of the machine is left alone.
    pub fn set(&self, now: Instant) {
        if let Some(fixed) = &self.0 {
            *fixed.lock() = micros(now);
        }
    }
    /// Now, UTC, microseconds.
    pub fn now(&self) -> Instant {
        match &self.0 {
            Some(fixed) => *fixed.lock(),
            None => micros(chrono::Utc::now()),
        }
    }
    /// Today in Paris.
    pub fn today(&self) -> Day {
        Day::of(self.now())
    }
}
