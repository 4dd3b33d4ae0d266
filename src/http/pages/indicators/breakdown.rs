//! What became of all that a figure counts: rows that add up to it, each leading to its devices; and its parts.

use super::Asked;
use super::show;
use crate::app::indicators::{FigureView, PartView};
use crate::domain::indicator::{Hundredths, Id, Side};
use crate::http::pages::frame::Frame;
use crate::i18n::{Arg, Lang, number};

/// A row.
pub struct Row {
    pub(super) label: String,
    pub(super) to: String,
    pub(super) n: String,
    pub(super) share: String,
    /// Class of its mark, and its word.
    pub(super) counts: (&'static str, &'static str),
}

/// The table.
pub struct Breakdown {
    pub(super) title: String,
    pub(super) rows: Vec<Row>,
    /// Some count above the line and some do not.
    pub(super) judged: bool,
    pub(super) total: String,
    pub(super) hundred: String,
    pub(super) total_counts: String,
    /// What is counted above the line only: address, sentence.
    pub(super) beside: Option<(String, String)>,
}

/// A part of the figure.
pub struct Part {
    pub(super) label: String,
    pub(super) to: Option<String>,
    pub(super) above: String,
    pub(super) below: String,
    pub(super) value: String,
}

/// The mark of what counts, of what may count yet, of what does not.
pub fn mark(f: &Frame, counts: &str, place: &str) -> (&'static str, &'static str) {
    let class = match counts {
        "yes" => "ok",
        "later" => "warn",
        _ => "idle",
    };
    (class, f.t(&format!("indicators.{place}_{counts}")))
}

/// The address of the devices of one group.
fn devices(asked: &Asked, path: &str, side: Side, group: &str) -> String {
    let to = asked.to(path, &[("side", side.as_str()), ("group", group)]);
    format!("{to}#devices")
}

impl Breakdown {
    /// The table of a figure; none where it has no rows.
    pub fn of(
        f: &Frame,
        asked: &Asked,
        path: &str,
        id: Id,
        figure: &FigureView,
    ) -> Option<Breakdown> {
        if figure.breakdown.is_empty() {
            return None;
        }
        let whole = figure.denominator.or(figure.numerator).unwrap_or(0);
        let percent = |value| {
            let n = number::decimal(f.lang, value);
            f.say("common.percent", &[("n", Arg::text(n))])
        };
        let within = figure.breakdown.iter().filter(|r| r.within);
        let rows = within.map(|r| Row {
            label: r.label.of_lang(f.lang).to_owned(),
            to: devices(asked, path, id.whole(), &r.key),
            n: f.whole(r.n),
            share: r.share.map_or("–".to_owned(), percent),
            counts: mark(f, &r.counts, "counts"),
        });
        let beside = figure.breakdown.iter().find(|r| !r.within).map(|r| {
            let what = r.label.of_lang(f.lang);
            let args = [("what", Arg::text(what)), ("n", Arg::Count(r.n))];
            let to = devices(asked, path, Side::Numerator, &r.key);
            (to, f.say("indicators.beside", &args))
        });
        let key = match id {
            Id::L01 | Id::L04 | Id::L05 => "indicators.became",
            _ => "indicators.made_of",
        };
        let value = figure
            .value
            .map_or("–".to_owned(), |v| show::with_unit(f, &figure.unit, v));
        let above = figure.numerator.unwrap_or(0);
        let outside: i64 = figure
            .breakdown
            .iter()
            .filter(|r| !r.within)
            .map(|r| r.n)
            .sum();
        let counted = match outside {
            0 => f.whole(above),
            n => format!("{} + {}", f.whole(above - n), f.whole(n)),
        };
        Some(Breakdown {
            title: f.tn(key, whole),
            rows: rows.collect(),
            judged: figure.denominator.is_some(),
            total: f.whole(whole),
            hundred: percent(Hundredths::whole(100)),
            total_counts: f.say(
                "indicators.total_counts",
                &[("n", Arg::text(counted)), ("value", Arg::text(value))],
            ),
            beside,
        })
    }
}

/// The parts that the breakdown does not tell already.
pub fn parts(f: &Frame, asked: &Asked, path: &str, id: Id, figure: &FigureView) -> Vec<Part> {
    let amount = |n: i64| show::amount(f, &figure.id, n);
    let told = |part: &&PartView| {
        let keys = figure.breakdown.iter().map(|r| r.key.as_str());
        // A kind of sale is told by whether it is proved.
        let mut keys = keys.map(|k| k.strip_suffix("_proved").unwrap_or(k));
        keys.any(|key| key == part.key)
    };
    let value = |part: &PartView| match part.value {
        Some(_) if show::few(&figure.id, part.n) => f.t("indicators.few_short").to_owned(),
        Some(value) => show::with_unit(f, &figure.unit, value),
        None => "–".to_owned(),
    };
    let shown = figure.parts.iter().filter(|part| !told(part));
    shown
        .map(|part| Part {
            label: label(f, part).to_owned(),
            to: id
                .parts_side()
                .map(|side| devices(asked, path, side, &part.key)),
            // A mean is told by how many it is of, not by the days they add up to.
            above: amount(match part.denominator {
                Some(n) if mean(figure) => n,
                _ => part.numerator,
            }),
            below: part.denominator.map_or("–".to_owned(), amount),
            value: value(part),
        })
        .collect()
}

/// Whether the figure is a mean of days.
pub fn mean(figure: &FigureView) -> bool {
    matches!(figure.unit.as_str(), "years" | "days")
}

/// The name of a part.
pub fn label<'a>(f: &Frame, part: &'a PartView) -> &'a str {
    match f.lang {
        Lang::Fr => &part.label,
        Lang::En => &part.label_en,
    }
}
