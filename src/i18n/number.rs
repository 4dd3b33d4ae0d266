//! Numbers and days as people write them: « 1 284 », « 53,3 », 19/11/2026; 1,284, 53.3, 19 Nov 2026.

use super::Lang;
use chrono::Datelike;

use crate::domain::day::{Day, Instant};
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

const MONTHS_FR: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];
const SHORT_FR: [&str; 12] = [
    "janv.", "févr.", "mars", "avr.", "mai", "juin", "juill.", "août", "sept.", "oct.", "nov.",
    "déc.",
];
const DAYS_FR: [&str; 7] = [
    "Lundi", "Mardi", "Mercredi", "Jeudi", "Vendredi", "Samedi", "Dimanche",
];

fn pick(names: &[&'static str], index: u32) -> &'static str {
    usize::try_from(index)
        .ok()
        .and_then(|i| names.get(i).copied())
        .unwrap_or_default()
}

/// The number of a day in its month: 1er in French.
fn ordinal(lang: Lang, day: Day) -> String {
    match (lang, day.0.day()) {
        (Lang::Fr, 1) => "1er".to_owned(),
        (_, n) => n.to_string(),
    }
}

/// A day in short: « 19 nov. 2026 », "19 Nov 2026".
pub fn short_day(lang: Lang, day: Day) -> String {
    match lang {
        Lang::Fr => {
            let month = pick(&SHORT_FR, day.0.month0());
            format!("{}\u{a0}{month}\u{a0}{}", ordinal(lang, day), day.0.year())
        }
        Lang::En => day.0.format("%-d\u{a0}%b\u{a0}%Y").to_string(),
    }
}

/// A month: « Juill. 2019 », "Jul 2019".
pub fn month(lang: Lang, day: Day) -> String {
    match lang {
        Lang::Fr => {
            let month = pick(&SHORT_FR, day.0.month0());
            let mut letters = month.chars();
            let first: String = letters
                .next()
                .into_iter()
                .flat_map(char::to_uppercase)
                .collect();
            format!("{first}{}\u{a0}{}", letters.as_str(), day.0.year())
        }
        Lang::En => day.0.format("%b\u{a0}%Y").to_string(),
    }
}

/// A day in full, without its year: « Vendredi 20 novembre », "Friday 20 November".
pub fn long_day(lang: Lang, day: Day) -> String {
    match lang {
        Lang::Fr => {
            let name = pick(&DAYS_FR, day.0.weekday().num_days_from_monday());
            let month = pick(&MONTHS_FR, day.0.month0());
            format!("{name} {} {month}", ordinal(lang, day))
        }
        Lang::En => day.0.format("%A %-d %B").to_string(),
    }
}

/// An instant in Paris, to the minute: « 19 nov. 2026 à 14:05 », "19 Nov 2026, 14:05".
pub fn when(lang: Lang, at: Instant) -> String {
    let local = at.with_timezone(&chrono_tz::Europe::Paris);
    let (day, time) = (
        short_day(lang, Day(local.date_naive())),
        local.format("%H:%M"),
    );
    match lang {
        Lang::Fr => format!("{day} à {time}"),
        Lang::En => format!("{day}, {time}"),
    }
}
