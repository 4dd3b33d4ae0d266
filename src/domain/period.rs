//! The period of a report: civil year N seen from a day.

use super::day::Day;

/// Year N as seen from `as_of`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// Year N.
    pub year: i32,
    /// Only what is dated up to this day is seen.
    pub as_of: Day,
    /// 1 January N.
    pub start: Day,
    /// 31 December N, or `as_of` when it comes first: last day of the flows, day of the stocks.
    pub end: Day,
    /// 31 December N−1, at whose end B of the reuse rate stands.
    pub eve: Day,
}

impl Period {
    /// Year `year` seen from `as_of`.
    pub fn new(year: i32, as_of: Day) -> Period {
        Period {
            year,
            as_of,
            start: Day::first_of(year),
            end: Day::last_of(year).min(as_of),
            eve: Day::last_of(year - 1),
        }
    }
    /// The year has begun on `as_of`; before that nothing of it can be computed.
    pub fn begun(&self) -> bool {
        self.as_of >= self.start
    }
    /// 31 December N, by when a gap has to be filled.
    pub fn last_day(&self) -> Day {
        Day::last_of(self.year)
    }
    /// The day lies in the part of the year that has been seen.
    pub fn holds(&self, day: Day) -> bool {
        self.start <= day && day <= self.end
    }
}
