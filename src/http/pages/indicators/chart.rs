//! A figure over the years as a picture that says what it shows: bars from 0, the value on each, the target as a tick.
//! The same numbers follow as a table.

use super::show;
use crate::app::indicators::FigureView;
use crate::domain::indicator::Hundredths;
use crate::http::pages::frame::Frame;
use crate::http::pages::html::{Html, esc};
use crate::i18n::{Arg, number};

/// Width and height of the picture, in its own units; narrow, so that its letters can be read on a phone.
const WIDE: i64 = 344;
const HIGH: i64 = 232;
/// Where the bars stand, where they may end, where the first column begins.
const FLOOR: i64 = 184;
const ROOF: i64 = 26;
const LEFT: i64 = 34;

/// A year of the picture and of its table.
#[derive(Debug, Clone)]
pub struct Row {
    /// Year.
    pub year: i32,
    /// Value with its unit, or why there is none.
    pub value: String,
    /// Base units above the line.
    pub above: String,
    /// Base units below it.
    pub below: String,
    /// Target with its unit.
    pub target: String,
}

/// The picture, and its numbers.
#[derive(Debug, Clone)]
pub struct Chart {
    /// The picture; empty when no year has a value.
    pub picture: Html,
    /// What the numbers are counted in.
    pub caption: String,
    /// A target is drawn.
    pub targets: bool,
    /// Whether there is anything below the line.
    pub ratio: bool,
    /// The numbers.
    pub rows: Vec<Row>,
}

impl Chart {
    /// The picture of these years; the chosen one stands out.
    pub fn of(f: &Frame, years: &[FigureView], chosen: i32) -> Chart {
        let rows: Vec<Row> = years.iter().map(|view| row(f, view)).collect();
        let targets = years.iter().any(|v| v.target.is_some());
        let caption = match years.first().map(|v| v.unit.as_str()) {
            Some("percent") => "indicators.in_percent",
            Some("years") => "indicators.in_years",
            Some("days") => "indicators.in_days",
            _ => "indicators.in_count",
        };
        let any = years.iter().any(|v| v.value.is_some());
        Chart {
            picture: if any {
                picture(f, years, chosen)
            } else {
                Html::default()
            },
            caption: f.t(caption).to_owned(),
            targets,
            ratio: years.iter().any(|v| v.denominator.is_some()),
            rows,
        }
    }
}

fn row(f: &Frame, view: &FigureView) -> Row {
    let amount = |n: Option<i64>| n.map_or("–".to_owned(), |n| show::amount(f, &view.id, n));
    let target = show::target(f, view);
    Row {
        year: view.year,
        value: match view.value {
            Some(value) => show::with_unit(f, &view.unit, value),
            None => f.t("indicators.no_value").to_owned(),
        },
        above: amount(view.numerator),
        below: amount(view.denominator),
        target: if target.is_empty() {
            "–".to_owned()
        } else {
            target
        },
    }
}

/// Steps of an axis: 1, 2 or 5 times a power of ten, four of them at most.
fn step(largest: i128) -> i128 {
    let mut unit = 1_i128;
    loop {
        for step in [unit, 2 * unit, 5 * unit] {
            if largest <= step.saturating_mul(4) {
                return step;
            }
        }
        unit = unit.saturating_mul(10);
    }
}

/// Tenths of a unit of the picture, as text.
fn tenths(n: i64) -> String {
    format!("{}.{}", n / 10, (n % 10).abs())
}

fn picture(f: &Frame, years: &[FigureView], chosen: i32) -> Html {
    let values = years
        .iter()
        .filter_map(|v| v.value.map(|v| i128::from(v.0)));
    let targets = years
        .iter()
        .filter_map(|v| v.target.map(|t| i128::from(t) * 100));
    let all: Vec<i128> = values.chain(targets).collect();
    let largest = all.iter().copied().max().unwrap_or(0).max(1);
    let lowest = all.iter().copied().min().unwrap_or(0).min(0);
    let step = step(largest.max(-lowest).div_euclid(100) + 1) * 100;
    let (top, bottom) = (
        -(-largest).div_euclid(step) * step,
        lowest.div_euclid(step) * step,
    );
    let span = (top - bottom).max(1);
    // Tenths from the roof; nothing is cut off, a negative value hangs below the line of 0.
    let y = |value: i128| {
        let down = i128::from(10 * (FLOOR - ROOF)) * (top - value) / span;
        10 * ROOF + i64::try_from(down).unwrap_or(0)
    };
    let mut out = String::new();
    let mut mark = bottom;
    while mark <= top {
        let label = Hundredths(i64::try_from(mark).unwrap_or(i64::MAX));
        let (at, label) = (tenths(y(mark)), number::decimal(f.lang, label));
        out.push_str(&format!(
            "<path class=\"ax\" d=\"M{LEFT} {at}H{WIDE}\"/><text class=\"dim\" x=\"{}\" y=\"{}\" text-anchor=\"end\">{label}</text>",
            LEFT - 6,
            tenths(y(mark) + 45)
        ));
        mark += step;
    }
    let count = i64::try_from(years.len()).unwrap_or(1).max(1);
    let column = (WIDE - LEFT) / count;
    let width = column * 6 / 10;
    for (view, i) in years.iter().zip(0_i64..) {
        let left = LEFT + column * i + (column - width) / 2;
        let middle = left + width / 2;
        out.push_str(&format!(
            "<text class=\"dim\" x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
            FLOOR + 22,
            view.year
        ));
        match view.value {
            Some(Hundredths(value)) => {
                let (from, to) = (y(value.max(0).into()), y(value.min(0).into()));
                let past = if view.year == chosen { "" } else { " past" };
                let label = number::decimal(f.lang, Hundredths(value));
                // The figure stands above its bar, and above the target's tick where that would strike it out.
                let tick = view.target.map(|target| y(i128::from(target) * 100));
                let under = tick
                    .filter(|tick| (from - 220..from).contains(tick))
                    .unwrap_or(from);
                out.push_str(&format!(
                    "<rect class=\"bar{past}\" x=\"{left}\" y=\"{}\" width=\"{width}\" height=\"{}\"/><text x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">{label}</text>",
                    tenths(from),
                    tenths(to - from),
                    tenths(under - 60)
                ));
            }
            None => out.push_str(&format!(
                "<text class=\"dim\" x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">–</text>",
                tenths(y(0) - 60)
            )),
        }
        if let Some(target) = view.target {
            out.push_str(&format!(
                "<path class=\"tgt\" d=\"M{} {}h{}M{} {}h8\"/><text class=\"dim\" x=\"{}\" y=\"{}\">{}</text>",
                left - 4,
                tenths(y(i128::from(target) * 100)),
                width + 8,
                left,
                FLOOR + 36,
                left + 12,
                FLOOR + 41,
                number::whole(f.lang, target)
            ));
        }
    }
    let (title, desc) = words(f, years);
    Html(format!(
        "<svg viewBox=\"0 0 {WIDE} {HIGH}\" role=\"img\" aria-labelledby=\"ct cd\"><title id=\"ct\">{}</title><desc id=\"cd\">{}</desc>{out}</svg>",
        esc(&title),
        esc(&desc)
    ))
}

/// What the picture is, and what it shows, for those who do not see it.
fn words(f: &Frame, years: &[FigureView]) -> (String, String) {
    let name = years.first().map_or("", |v| v.title.of_lang(f.lang));
    let (from, to) = (
        years.first().map_or(0, |v| v.year),
        years.last().map_or(0, |v| v.year),
    );
    let title = f.say(
        "indicators.chart_title",
        &[
            ("name", Arg::text(name)),
            ("from", Arg::text(from.to_string())),
            ("to", Arg::text(to.to_string())),
        ],
    );
    let said = years.iter().map(|view| {
        let row = row(f, view);
        let key = if view.target.is_some() {
            "indicators.chart_year_target"
        } else {
            "indicators.chart_year"
        };
        f.say(
            key,
            &[
                ("year", Arg::text(row.year.to_string())),
                ("value", Arg::text(row.value)),
                ("target", Arg::text(row.target)),
            ],
        )
    });
    (title, said.collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_axis_has_four_steps_at_most() {
        for (largest, step) in [
            (1, 1),
            (4, 1),
            (5, 2),
            (54, 20),
            (100, 50),
            (101, 50),
            (900, 500),
        ] {
            assert_eq!(super::step(largest), step, "{largest}");
        }
    }
}
