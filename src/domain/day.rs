//! Days and instants. Civil days are Europe/Paris; instants are UTC with microseconds.

use chrono::{DateTime, Datelike, Months, NaiveDate, SubsecRound, TimeZone, Timelike, Utc};
use chrono_tz::Europe::Paris;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

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
        let date = read_digits(text).ok_or_else(wrong)?;
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

// Days and instants are written and read by the thousand in lists, exports and replays: by hand, since a format is
// interpreted anew each time.

/// The last decimal digit of a number.
fn digit(n: u32) -> u8 {
    b'0' + u8::try_from(n % 10).unwrap_or_default()
}

/// `YYYY-MM-DD`; none outside the years of four digits.
fn written(date: NaiveDate) -> Option<[u8; 10]> {
    let year = u32::try_from(date.year()).ok().filter(|y| *y <= 9999)?;
    let (month, day) = (date.month(), date.day());
    Some([
        digit(year / 1000),
        digit(year / 100),
        digit(year / 10),
        digit(year),
        b'-',
        digit(month / 10),
        digit(month),
        b'-',
        digit(day / 10),
        digit(day),
    ])
}

/// Reads `YYYY-MM-DD` and nothing else.
fn read_digits(text: &str) -> Option<NaiveDate> {
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text.as_bytes() else {
        return None;
    };
    let number = |digits: &[u8]| {
        digits.iter().try_fold(0_u32, |n, b| {
            b.is_ascii_digit().then(|| n * 10 + u32::from(b - b'0'))
        })
    };
    let year = i32::try_from(number(&[y1, y2, y3, y4])?).ok()?;
    NaiveDate::from_ymd_opt(year, number(&[m1, m2])?, number(&[d1, d2])?)
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match written(self.0) {
            Some(text) => f.write_str(std::str::from_utf8(&text).unwrap_or_default()),
            None => write!(f, "{}", self.0.format("%Y-%m-%d")),
        }
    }
}
impl Serialize for Day {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        super::text::parsed(d, Day::parse)
    }
}

/// Cuts an instant to microseconds, what both engines and the ledger keep.
pub fn micros(instant: Instant) -> Instant {
    instant.trunc_subsecs(6)
}

/// `2025-01-31T09:30:00.000000Z`: the one way an instant is written, in the ledger and in JSON.
pub fn write_instant(instant: &Instant) -> String {
    let time = instant.time();
    let micros = time.nanosecond() / 1000;
    let leap = micros >= 1_000_000;
    let Some(date) = written(instant.date_naive()).filter(|_| !leap) else {
        return instant.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string();
    };
    let (h, m, s) = (time.hour(), time.minute(), time.second());
    let clock = [
        b'T',
        digit(h / 10),
        digit(h),
        b':',
        digit(m / 10),
        digit(m),
        b':',
        digit(s / 10),
        digit(s),
        b'.',
        digit(micros / 100_000),
        digit(micros / 10_000),
        digit(micros / 1000),
        digit(micros / 100),
        digit(micros / 10),
        digit(micros),
        b'Z',
    ];
    let mut text = String::with_capacity(date.len() + clock.len());
    text.extend(date.iter().chain(&clock).map(|b| char::from(*b)));
    text
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_written_as_a_format_would() {
        let format = "%Y-%m-%dT%H:%M:%S%.6fZ";
        for (seconds, nanos) in [
            (0, 0),
            (951_782_399, 999_999_999),
            (1_700_000_000, 1_000),
            (1_767_225_599, 120_000_000),
            (1_767_225_599, 1_500_000_000),
            (253_402_300_800, 5),
            (-62_198_755_200, 5),
        ] {
            let instant = DateTime::from_timestamp(seconds, nanos).unwrap();
            assert_eq!(write_instant(&instant), instant.format(format).to_string());
            let day = instant.date_naive();
            assert_eq!(Day(day).to_string(), day.format("%Y-%m-%d").to_string());
        }
    }

    #[test]
    fn only_whole_days_are_read() {
        assert_eq!(Day::parse("2024-02-29"), Ok(Day::ymd(2024, 2, 29)));
        for wrong in [
            "2023-02-29",
            "2024-13-01",
            "2024-00-10",
            "2024-2-29",
            "+024-02-29",
            "2024-02-29 ",
            "２０24-02-9",
            "",
        ] {
            assert!(Day::parse(wrong).is_err(), "{wrong}");
        }
    }
}
