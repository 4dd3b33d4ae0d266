//! Chance that repeats itself: the same seed and stream give the same fleet on every machine and every version.

use crate::domain::day::Day;

/// A stream of numbers (SplitMix64, Steele and others 2014).
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// The stream of one thing (a device, an organisation) under a seed.
    pub fn new(seed: u64, stream: u64) -> Chance {
        // Mixed twice: streams that began a step apart would tell each other's story.
        let start = Chance(seed).next().wrapping_add(stream);
        Chance(Chance(start).next())
    }
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
    /// A number from 0 to `n` − 1; 0 when `n` is 0.
    pub fn below(&mut self, n: u64) -> u64 {
        self.next().checked_rem(n).unwrap_or(0)
    }
    /// A number of the range, both ends included.
    pub fn between(&mut self, from: i64, to: i64) -> i64 {
        let width = u64::try_from(to.saturating_sub(from).saturating_add(1)).unwrap_or(1);
        from.saturating_add(i64::try_from(self.below(width)).unwrap_or(0))
    }
    /// True this many times in a thousand.
    pub fn happens(&mut self, per_mille: u64) -> bool {
        self.below(1000) < per_mille
    }
    /// One of them.
    pub fn one<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        let n = self.below(u64::try_from(of.len()).unwrap_or(0));
        of.get(usize::try_from(n).unwrap_or(0))
    }
    /// One of them, by weight.
    pub fn weighted<T: Copy>(&mut self, of: &[(u64, T)]) -> Option<T> {
        let mut left = self.below(of.iter().map(|(weight, _)| weight).sum());
        for (weight, value) in of {
            if left < *weight {
                return Some(*value);
            }
            left -= weight;
        }
        None
    }
    /// A UUID in the layout of version 7 with this time (milliseconds): ids repeat themselves too, and still sort by time.
    pub fn id(&mut self, millis: u64) -> String {
        let mut bytes = [0u8; 16];
        let (time, tail) = (millis.to_be_bytes(), self.next().to_be_bytes());
        let head = self.next().to_be_bytes();
        let parts = time.iter().skip(2).chain(head.iter().take(2)).chain(&tail);
        for (to, from) in bytes.iter_mut().zip(parts) {
            *to = *from;
        }
        uuid::Builder::from_bytes(bytes)
            .with_version(uuid::Version::SortRand)
            .with_variant(uuid::Variant::RFC4122)
            .into_uuid()
            .to_string()
    }
}

/// The day this many days later (earlier when negative).
pub fn later(day: Day, days: i64) -> Day {
    let moved = chrono::TimeDelta::try_days(days).and_then(|d| day.0.checked_add_signed(d));
    Day(moved.unwrap_or(day.0))
}
