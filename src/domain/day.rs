//! Days and instants. Civil days are Europe/Paris; instants are UTC with microseconds.

use chrono::{DateTime, Datelike, Months, NaiveDate, SubsecRound, TimeZone, Utc};
use chrono_tz::Europe::Paris;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A civil day between 1950-01-01 and 2200-12-31, written `YYYY-MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Day(pub NaiveDate);

/// An instant, UTC, microseconds.
pub type Instant = DateTime<Utc>;

impl Day {
    /// Reads `YYYY-MM-DD` strictly.
    ///
    /// # Errors
    /// A sentence when the text is no such day or lies outside 1950 to 2200.
    pub fn parse(text: &str) -> Result<Day, String> {
        let wrong = || {
            format!(
                "“{}” is not a day; write it as YYYY-MM-DD",
                text.chars().take(30).collect::<String>()
            )
        };
        let bytes = text.as_bytes();
        if bytes.len() != 10
            || bytes.iter().enumerate().any(|(i, b)| {
                if i == 4 || i == 7 {
                    *b != b'-'
                } else {
                    !b.is_ascii_digit()
                }
            })
        {
            return Err(wrong());
        }
        let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| wrong())?;
        if !(1950..=2200).contains(&date.year()) {
            return Err(format!("{text} lies outside 1950 to 2200"));
        }
        Ok(Day(date))
    }
    /// The day, from numbers known to be right; the first of January 1970 when they are not.
    pub fn ymd(year: i32, month: u32, day: u32) -> Day {
        Day(NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default())
    }
    /// 1 January of the year.
    pub fn first_of(year: i32) -> Day {
        Day::ymd(year, 1, 1)
    }
    /// 31 December of the year.
    pub fn last_of(year: i32) -> Day {
        Day::ymd(year, 12, 31)
    }
    /// Its civil year.
    pub fn year(self) -> i32 {
        self.0.year()
    }
    /// The day after.
    pub fn next(self) -> Day {
        Day(self.0.succ_opt().unwrap_or(self.0))
    }
    /// The same day `months` later; 29 February becomes 28 where the year has none.
    pub fn plus_months(self, months: u32) -> Day {
        Day(self
            .0
            .checked_add_months(Months::new(months))
            .unwrap_or(NaiveDate::MAX))
    }
    /// Days from `earlier` to this day (negative when this day comes first).
    pub fn days_since(self, earlier: Day) -> i64 {
        (self.0 - earlier.0).num_days()
    }
    /// The first instant of the day in Paris.
    pub fn start(self) -> Instant {
        let midnight = self.0.and_hms_opt(0, 0, 0).unwrap_or_default();
        match Paris.from_local_datetime(&midnight).earliest() {
            Some(local) => local.with_timezone(&Utc),
            None => Utc.from_utc_datetime(&midnight),
        }
    }
    /// The Paris day of an instant.
    pub fn of(instant: Instant) -> Day {
        Day(instant.with_timezone(&Paris).date_naive())
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m-%d"))
    }
}
impl Serialize for Day {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
        Day::parse(&text).map_err(de::Error::custom)
    }
}

/// Cuts an instant to microseconds, what both engines and the ledger keep.
pub fn micros(instant: Instant) -> Instant {
    instant.trunc_subsecs(6)
}

/// `2025-01-31T09:30:00.000000Z`: the one way an instant is written, in the ledger and in JSON.
pub fn write_instant(instant: &Instant) -> String {
    instant.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}

/// serde `with` for instants in that one way; reads any RFC 3339.
pub mod instant {
    use super::{Instant, micros, write_instant};
    use chrono::{DateTime, Utc};
    use serde::{Deserialize, Deserializer, Serializer, de};

    /// Writes microseconds and `Z`.
    pub fn serialize<S: Serializer>(t: &Instant, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&write_instant(t))
    }
    /// Reads RFC 3339, any offset.
    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Instant, D::Error> {
        let text = String::deserialize(d)?;
        parse(&text).map_err(de::Error::custom)
    }
    /// Reads RFC 3339, any offset.
    ///
    /// # Errors
    /// A sentence when the text is no such instant.
    pub fn parse(text: &str) -> Result<Instant, String> {
        DateTime::parse_from_rfc3339(text)
            .map(|t| micros(t.with_timezone(&Utc)))
            .map_err(|_| "must be an instant like 2025-01-31T09:30:00Z".to_owned())
    }
    /// The same for optional instants.
    pub mod option {
        use super::{Instant, parse, write_instant};
        use serde::{Deserialize, Deserializer, Serializer, de};
        /// Writes null or the instant.
        pub fn serialize<S: Serializer>(t: &Option<Instant>, s: S) -> Result<S::Ok, S::Error> {
            match t {
                Some(t) => s.serialize_str(&write_instant(t)),
                None => s.serialize_none(),
            }
        }
        /// Reads null or the instant.
        pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Instant>, D::Error> {
            Option::<String>::deserialize(d)?
                .map(|t| parse(&t).map_err(de::Error::custom))
                .transpose()
        }
    }
}
