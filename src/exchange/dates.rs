//! Days as inventories write them: ISO first, then day-month or month-day as the whole column decides,
//! two-digit years, Excel serial numbers, names of months.

use chrono::NaiveDate;

use crate::domain::day::Day;
use crate::domain::text::fold;

/// Which comes first in `03/04/2024`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Day, month, year.
    Dmy,
    /// Month, day, year.
    Mdy,
}

impl Order {
    /// Reads `dmy` or `mdy`.
    ///
    /// # Errors
    /// A sentence naming both.
    pub fn parse(text: &str) -> Result<Order, String> {
        match text {
            "dmy" => Ok(Order::Dmy),
            "mdy" => Ok(Order::Mdy),
            _ => Err("the order of dates is dmy or mdy".into()),
        }
    }
    /// The name, as [`Order::parse`] reads it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Order::Dmy => "dmy",
            Order::Mdy => "mdy",
        }
    }
}

/// What the dates of one column say about their order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Dates that can only be day first.
    pub day_first: u64,
    /// Dates that can only be month first.
    pub month_first: u64,
    /// Dates that can be both and differ.
    pub either: u64,
    /// Dates that can be read one way whatever the order: year first, named months, day and month alike.
    pub plain: u64,
}

impl Evidence {
    /// Counts a cell.
    pub fn take(&mut self, text: &str) {
        match read(text) {
            Form::Parts { first, second, .. } => match (first > 12, second > 12) {
                (true, false) => self.day_first += 1,
                (false, true) => self.month_first += 1,
                (false, false) if first != second => self.either += 1,
                (false, false) => self.plain += 1,
                (true, true) => {}
            },
            Form::Whole(_) => self.plain += 1,
            Form::Nothing | Form::Wrong => {}
        }
    }
    /// Adds what another column says.
    pub fn add(&mut self, other: Evidence) {
        self.day_first += other.day_first;
        self.month_first += other.month_first;
        self.either += other.either;
        self.plain += other.plain;
    }
    /// The order, when the column decides it: the majority of the dates that can be read one way only.
    pub fn decide(&self) -> Option<Order> {
        match self.day_first.cmp(&self.month_first) {
            std::cmp::Ordering::Greater => Some(Order::Dmy),
            std::cmp::Ordering::Less => Some(Order::Mdy),
            std::cmp::Ordering::Equal => None,
        }
    }
}

/// Why a cell gives no day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// No such day, or no date at all.
    Impossible,
    /// Day first or month first: nothing tells.
    Ambiguous,
}

enum Form {
    Whole(NaiveDate),
    Parts { first: u32, second: u32, year: i32 },
    Nothing,
    Wrong,
}

/// Reads a cell; an empty one and the zero date of databases are no day and no trouble.
///
/// # Errors
/// See [`Trouble`].
pub fn parse(text: &str, order: Option<Order>) -> Result<Option<Day>, Trouble> {
    let date = match read(text) {
        Form::Nothing => return Ok(None),
        Form::Whole(date) => Some(date),
        Form::Parts {
            first,
            second,
            year,
        } => {
            let day_first = NaiveDate::from_ymd_opt(year, second, first);
            let month_first = NaiveDate::from_ymd_opt(year, first, second);
            match (order, day_first, month_first) {
                (_, Some(a), Some(b)) if a == b => Some(a),
                (_, Some(a), None) => Some(a),
                (_, None, Some(b)) => Some(b),
                (Some(Order::Dmy), day_first, _) => day_first,
                (Some(Order::Mdy), _, month_first) => month_first,
                (None, Some(_), Some(_)) => return Err(Trouble::Ambiguous),
                (None, None, None) => None,
            }
        }
        Form::Wrong => None,
    };
    let day = date.map(Day).ok_or(Trouble::Impossible)?;
    if (1950..=2200).contains(&day.year()) {
        Ok(Some(day))
    } else {
        Err(Trouble::Impossible)
    }
}

fn read(text: &str) -> Form {
    let text = text.trim().trim_start_matches('\'');
    if text.is_empty() || text.starts_with("0000-00-00") || text == "0" {
        return Form::Nothing;
    }
    if text.len() > 60 {
        return Form::Wrong;
    }
    let text = fold(text);
    if let Some(date) = excel_serial(&text) {
        return Form::Whole(date);
    }
    // “2024-03-05T13:00”, “6/25/2025 12:00:00 PM”, “fri apr 21 16:02:03 2023”: times are no part of a day.
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || c == ',')
        .flat_map(|w| {
            w.split_once('t')
                .filter(|(d, t)| is_iso(d) && t.contains(':'))
                .map_or([w, ""], |(d, _)| [d, ""])
        })
        .filter(|w| !w.is_empty() && !w.contains(':') && !matches!(*w, "am" | "pm" | "utc" | "le"))
        .collect();
    match words.as_slice() {
        [one] => numeric(one),
        words => named(words),
    }
}

fn is_iso(word: &str) -> bool {
    word.len() == 10 && word.bytes().filter(|b| *b == b'-').count() == 2
}

/// `45000` is 2023-03-15: days since 1899-12-30, from 1954 to 2119, never the eight digits of a written day.
fn excel_serial(text: &str) -> Option<NaiveDate> {
    let whole = text.split(['.', ',']).next()?;
    if whole.len() != 5
        || !text
            .bytes()
            .all(|b| b.is_ascii_digit() || b == b'.' || b == b',')
    {
        return None;
    }
    let days: i64 = whole.parse().ok()?;
    if !(20_000..=80_000).contains(&days) {
        return None;
    }
    NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_signed(chrono::TimeDelta::try_days(days)?)
}

fn numeric(word: &str) -> Form {
    if word.len() == 8 && word.bytes().all(|b| b.is_ascii_digit()) {
        return NaiveDate::parse_from_str(word, "%Y%m%d").map_or(Form::Wrong, Form::Whole);
    }
    let parts: Vec<&str> = word.split(['/', '-', '.']).collect();
    let [a, b, c] = parts.as_slice() else {
        return Form::Wrong;
    };
    if [a, b, c]
        .iter()
        .any(|p| p.is_empty() || p.len() > 4 || !p.bytes().all(|x| x.is_ascii_digit()))
    {
        return Form::Wrong;
    }
    let number = |p: &str| p.parse::<u32>().unwrap_or(0);
    if a.len() == 4 {
        return NaiveDate::from_ymd_opt(
            i32::try_from(number(a)).unwrap_or(0),
            number(b),
            number(c),
        )
        .map_or(Form::Wrong, Form::Whole);
    }
    if a.len() > 2 || b.len() > 2 || c.len() == 3 {
        return Form::Wrong;
    }
    Form::Parts {
        first: number(a),
        second: number(b),
        year: year(c),
    }
}

/// `21 avril 2023`, `apr 21 2023`, `fri apr 21 2023`.
fn named(words: &[&str]) -> Form {
    let mut month = None;
    let mut numbers = Vec::new();
    for word in words {
        if let Some(m) = month_of(word) {
            month = Some(m);
        } else if word.bytes().all(|b| b.is_ascii_digit()) {
            numbers.push(*word);
        } else if let Some(n) = word.strip_suffix("er") {
            numbers.push(n);
        } else if weekday(word) || words.len() > 5 {
            continue;
        } else if numbers.is_empty() && month.is_none() && !matches!(numeric(word), Form::Wrong) {
            return numeric(word);
        } else {
            return Form::Wrong;
        }
    }
    let (Some(month), [a, b]) = (month, numbers.as_slice()) else {
        return Form::Wrong;
    };
    let (day, years) = if a.len() == 4 { (b, a) } else { (a, b) };
    let day = day.parse().unwrap_or(0);
    NaiveDate::from_ymd_opt(year(years), month, day).map_or(Form::Wrong, Form::Whole)
}

fn weekday(word: &str) -> bool {
    const DAYS: [&str; 14] = [
        "mon", "tue", "wed", "thu", "fri", "sat", "sun", "lun", "mar", "mer", "jeu", "ven", "sam",
        "dim",
    ];
    word.get(..3).is_some_and(|start| DAYS.contains(&start))
}

fn month_of(word: &str) -> Option<u32> {
    const MONTHS: [(&str, u32); 21] = [
        ("jan", 1),
        ("fev", 2),
        ("feb", 2),
        ("mars", 3),
        ("march", 3),
        ("mar", 3),
        ("avr", 4),
        ("apr", 4),
        ("mai", 5),
        ("may", 5),
        ("juin", 6),
        ("jun", 6),
        ("juil", 7),
        ("jul", 7),
        ("aou", 8),
        ("aug", 8),
        ("sep", 9),
        ("oct", 10),
        ("nov", 11),
        ("dec", 12),
        ("janvier", 1),
    ];
    // “mardi” is a day, “mars” a month.
    if word.starts_with("mardi") || !word.bytes().all(|b| b.is_ascii_alphabetic() || b == b'.') {
        return None;
    }
    MONTHS
        .iter()
        .find(|(start, _)| word.starts_with(start))
        .map(|(_, m)| *m)
}

/// Two digits: 70 to 99 are of the last century, the rest of this one.
fn year(text: &str) -> i32 {
    let n: i32 = text.parse().unwrap_or(0);
    match (text.len(), n) {
        (1 | 2, 0..=69) => 2000 + n,
        (1 | 2, _) => 1900 + n,
        _ => n,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn iso(text: &str, order: Option<Order>) -> Result<Option<String>, Trouble> {
        parse(text, order).map(|d| d.map(|d| d.to_string()))
    }

    #[test]
    fn as_people_and_programs_write_them() {
        for (text, order, day) in [
            ("2024-02-29", None, "2024-02-29"),
            ("2023-05-09 11:29", None, "2023-05-09"),
            ("2016-11-17T16:07:12Z", None, "2016-11-17"),
            ("2020/07/08", None, "2020-07-08"),
            ("20200708", None, "2020-07-08"),
            ("45000", None, "2023-03-15"),
            ("45000.5", None, "2023-03-15"),
            ("1/23/23", None, "2023-01-23"),
            ("23/1/23", None, "2023-01-23"),
            ("4/5/16", Some(Order::Mdy), "2016-04-05"),
            ("4/5/16", Some(Order::Dmy), "2016-05-04"),
            ("5.5.1999", None, "1999-05-05"),
            ("12/27/1981", Some(Order::Dmy), "1981-12-27"),
            ("6/25/2025 12:00:00 PM", None, "2025-06-25"),
            ("Fri Apr 21 16:02:03 2023", None, "2023-04-21"),
            ("21 avril 2023", None, "2023-04-21"),
            ("1er août 2022", None, "2022-08-01"),
            ("Apr 21, 2023", None, "2023-04-21"),
        ] {
            assert_eq!(iso(text, order), Ok(Some(day.to_owned())), "{text}");
        }
        assert_eq!(iso("", None), Ok(None));
        assert_eq!(iso("0000-00-00", None), Ok(None));
        assert_eq!(iso("4/5/16", None), Err(Trouble::Ambiguous));
        for text in [
            "2020/02/31",
            "1970-00-01",
            "31/02/2020",
            "soon",
            "13/13/2020",
            "99999",
            "0001-01-01",
            "9999-12-31",
        ] {
            assert_eq!(
                iso(text, Some(Order::Dmy)),
                Err(Trouble::Impossible),
                "{text}"
            );
        }
    }

    #[test]
    fn a_column_decides_by_the_dates_that_can_be_read_one_way() {
        let mut column = Evidence::default();
        for cell in ["4/5/16", "3/8/16", "", "5/5/16"] {
            column.take(cell);
        }
        assert_eq!((column.either, column.decide()), (2, None));
        column.take("5/24/15");
        assert_eq!(column.decide(), Some(Order::Mdy));
    }
}
