//! A figure as a page shows it: its value with its unit, its fraction, its target, its verdict.

use super::Asked;
use crate::app::indicators::FigureView;
use crate::domain::indicator::Hundredths;
use crate::http::pages::frame::Frame;
use crate::i18n::{Arg, number};

/// What became of the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Reached.
    Met,
    /// Not reached.
    NotMet,
    /// No target, or no value.
    Other,
}

/// A line of the table of a year.
#[derive(Debug, Clone)]
pub struct Line {
    /// `L01` …
    pub id: String,
    /// Title.
    pub title: String,
    /// Address of its page.
    pub to: String,
    /// Value with its unit, or that there is none.
    pub value: String,
    /// The value alone.
    pub number: Option<String>,
    /// Its unit, as it stands after a large figure.
    pub unit: String,
    /// Fraction, or how many it rests on.
    pub fraction: String,
    /// Target, empty when there is none.
    pub target: String,
    /// Verdict.
    pub verdict: Verdict,
    /// Class of its mark.
    pub mark: &'static str,
    /// Its word.
    pub status: String,
    /// The figure in a sentence.
    pub sentence: String,
    /// Its sum and what is missing, where verdict and day stand beside it.
    pub sum: String,
    /// How many devices, or lines, are behind it.
    pub behind: String,
}

impl Line {
    /// The line of a figure.
    pub fn of(f: &Frame, asked: &Asked, view: &FigureView) -> Line {
        let (verdict, mark) = match view.status.as_str() {
            "met" => (Verdict::Met, "ok"),
            "not_met" => (Verdict::NotMet, "bad"),
            _ => (Verdict::Other, "idle"),
        };
        let behind = if view.id == "L06" {
            "indicators.lines"
        } else {
            "indicators.devices"
        };
        Line {
            id: view.id.clone(),
            title: view.title.of_lang(f.lang).to_owned(),
            to: asked.to(&format!("/indicators/{}", view.id), &[]),
            value: match view.value {
                Some(_) if few(&view.id, view.n) => f.t("indicators.few").to_owned(),
                Some(value) => with_unit(f, &view.unit, value),
                None => f.t("indicators.no_value").to_owned(),
            },
            number: view
                .value
                .filter(|_| !few(&view.id, view.n))
                .map(|value| number::decimal(f.lang, value)),
            unit: unit(f, &view.unit),
            fraction: fraction(f, view),
            target: target(f, view),
            verdict,
            mark,
            status: f
                .t(&format!("indicators.status_{}", view.status))
                .to_owned(),
            sentence: view.sentence.of_lang(f.lang).to_owned(),
            sum: view.sum.of_lang(f.lang).to_owned(),
            behind: f.tn(behind, view.n),
        }
    }
}

impl Line {
    /// What is still to be done, in two or three words.
    pub fn short(&self, f: &Frame) -> &'static str {
        f.t(&format!("figure_short.{}", self.id))
    }
}

/// Whether a mean life rests on too few devices to be shown (law.md §8: fewer than 5).
pub fn few(id: &str, n: i64) -> bool {
    id == "G04" && n < 5
}

/// A value with its unit.
pub fn with_unit(f: &Frame, unit: &str, value: Hundredths) -> String {
    let number = number::decimal(f.lang, value);
    match unit {
        "percent" => f.say("common.percent", &[("n", Arg::text(number))]),
        "years" | "days" => {
            let key = format!("indicators.n_{unit}");
            f.say(&key, &[("n", Arg::Text(number, value.0))])
        }
        _ => number,
    }
}

/// The unit alone.
pub fn unit(f: &Frame, unit: &str) -> String {
    match unit {
        "percent" => "%".to_owned(),
        "years" | "days" => f.t(&format!("indicators.unit_{unit}")).to_owned(),
        _ => String::new(),
    }
}

/// An amount in the base unit of a figure: devices, days, or for L06 cents.
pub fn amount(f: &Frame, id: &str, n: i64) -> String {
    if id == "L06" { f.euros(&n) } else { f.whole(n) }
}

fn fraction(f: &Frame, view: &FigureView) -> String {
    match (view.unit.as_str(), view.numerator, view.denominator) {
        ("percent", Some(a), Some(b)) => {
            format!("{} / {}", amount(f, &view.id, a), amount(f, &view.id, b))
        }
        ("years" | "days", _, Some(n)) => format!("n = {}", f.whole(n)),
        _ => String::new(),
    }
}

/// The target with its unit; empty when there is none.
pub fn target(f: &Frame, view: &FigureView) -> String {
    view.target.map_or(String::new(), |target| {
        with_unit(f, &view.unit, Hundredths::whole(target))
    })
}
