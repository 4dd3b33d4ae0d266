//! Numbers and days as people write them: « 1 284 », « 53,3 », 19/11/2026; 1,284, 53.3, 19 Nov 2026.

use super::Lang;
use crate::domain::day::Day;
use crate::domain::indicator::Hundredths;

/// Narrow no-break space, between groups of three digits in French.
const NARROW: &str = "\u{202f}";

/// A whole number.
pub fn whole(lang: Lang, n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let groups: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .filter_map(|group| std::str::from_utf8(group).ok())
        .collect();
    let sign = if n < 0 { "-" } else { "" };
    let between = match lang {
        Lang::Fr => NARROW,
        Lang::En => ",",
    };
    format!("{sign}{}", groups.join(between))
}

/// A value, without decimals that say nothing.
pub fn decimal(lang: Lang, value: Hundredths) -> String {
    let cents = value.0.unsigned_abs() % 100;
    let sign = if value.0 < 0 && value.0 > -100 {
        "-"
    } else {
        ""
    };
    let whole = format!("{sign}{}", whole(lang, value.0 / 100));
    let point = match lang {
        Lang::Fr => ",",
        Lang::En => ".",
    };
    match cents {
        0 => whole,
        c if c % 10 == 0 => format!("{whole}{point}{}", c / 10),
        c => format!("{whole}{point}{c:02}"),
    }
}

/// Cents as euros, always with two decimals.
pub fn euros(lang: Lang, cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let (units, rest) = (cents.unsigned_abs() / 100, cents.unsigned_abs() % 100);
    let units = whole(lang, i64::try_from(units).unwrap_or(i64::MAX));
    match lang {
        Lang::Fr => format!("{sign}{units},{rest:02}\u{a0}€"),
        Lang::En => format!("{sign}€{units}.{rest:02}"),
    }
}

/// A day.
pub fn day(lang: Lang, day: Day) -> String {
    match lang {
        Lang::Fr => day.0.format("%d/%m/%Y").to_string(),
        Lang::En => day.0.format("%-d %b %Y").to_string(),
    }
}
