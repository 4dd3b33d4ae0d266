//! The shape of an answer in numbers; words are added above (`crate::i18n`).

use serde::Serialize;

use super::super::day::Day;
use super::super::law::Law;
use super::super::period::Period;
use super::catalogue::{Better, Id, Unit};
use super::fate::Row;
use super::figure::Hundredths;

/// Verdict on a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// The target is reached.
    Met,
    /// It is not.
    NotMet,
    /// There is no target, or it is unknown.
    NoTarget,
    /// There is no value, `reason` says why.
    NotComputable,
    /// The rule does not bind this organisation.
    NotApplicable,
}

impl Status {
    /// As written in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Met => "met",
            Status::NotMet => "not_met",
            Status::NoTarget => "no_target",
            Status::NotComputable => "not_computable",
            Status::NotApplicable => "not_applicable",
        }
    }
}

/// What is missing to the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// How many (devices, lines, cents: the base unit of the numerator), at the present denominator.
    pub missing: i64,
    /// By when: 31 December N.
    pub by: Day,
}

/// A breakdown row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What it is about: category key, exit kind, `mean` …
    pub key: String,
    /// Base units.
    pub numerator: i64,
    /// Base units; absent for counts.
    pub denominator: Option<i64>,
    /// Absent when the denominator is 0.
    pub value: Option<Hundredths>,
    /// How many devices or rows it rests on.
    pub n: i64,
}

impl Part {
    /// A count.
    pub fn count(key: &str, n: i64) -> Part {
        let value = Some(Hundredths::whole(n));
        Part {
            key: key.to_owned(),
            numerator: n,
            denominator: None,
            value,
            n,
        }
    }
    /// A share of a whole.
    pub fn share(key: &str, part: i64, whole: i64) -> Part {
        let value = Hundredths::percent(part, whole);
        Part {
            key: key.to_owned(),
            numerator: part,
            denominator: Some(whole),
            value,
            n: part,
        }
    }
}

/// A remark that goes with a figure: what was unknown, what was left out, how many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Which remark; its words are in `src/i18n`.
    pub key: &'static str,
    /// How many.
    pub n: i64,
    /// A second number, for remarks that need one.
    pub of: Option<Hundredths>,
}

/// Law row behind a figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Source {
    /// Row id.
    pub row: String,
    /// The source text itself was read.
    pub verified: bool,
    /// How far it was checked: read, official_site, secondary, convention, no.
    pub mark: &'static str,
    /// The text.
    pub source: String,
    /// First day the row holds.
    pub valid_from: Option<Day>,
}

/// One indicator of one year, in numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// Which.
    pub id: Id,
    /// Year and day.
    pub period: Period,
    /// Base units: devices, cents, days. Absent when nothing can be computed at all.
    pub numerator: Option<i64>,
    /// Base units; absent for counts.
    pub denominator: Option<i64>,
    /// The exact quotient to two decimals.
    pub value: Option<Hundredths>,
    /// Target in whole units of the value.
    pub target: Option<i64>,
    /// Verdict.
    pub status: Status,
    /// Why there is no value or no verdict.
    pub reason: Option<&'static str>,
    /// How many devices or rows it rests on.
    pub n: i64,
    /// What is missing to the target.
    pub gap: Option<Gap>,
    /// Breakdown.
    pub parts: Vec<Part>,
    /// What became of all that is counted; what is within it adds up to the denominator, for a count to the figure.
    pub breakdown: Vec<Row>,
    /// Remarks.
    pub notes: Vec<Note>,
    /// Law rows.
    pub sources: Vec<Source>,
}

/// Reason: the year has not begun on `as_of`.
pub const YEAR_NOT_BEGUN: &str = "year_not_begun";
/// Reason: nothing to divide by.
pub const DENOMINATOR_ZERO: &str = "denominator_zero";
/// Reason: the denominator is negative (credit notes above the spend).
pub const DENOMINATOR_NEGATIVE: &str = "denominator_negative";

impl Figure {
    /// The figure before the year has begun.
    pub fn not_begun(id: Id, period: Period, law: &Law) -> Figure {
        let mut figure = Figure::blank(id, period, law);
        figure.status = Status::NotComputable;
        figure.reason = Some(YEAR_NOT_BEGUN);
        figure
    }
    /// A count.
    pub fn count(id: Id, period: Period, law: &Law, n: i64) -> Figure {
        let mut figure = Figure::blank(id, period, law);
        (figure.numerator, figure.n) = (Some(n), n);
        figure.value = Some(Hundredths::whole(n));
        figure.judge(n, 1);
        figure
    }
    /// A quotient: a share in per cent, or a mean in years or days, by the unit of the indicator.
    pub fn ratio(id: Id, period: Period, law: &Law, numerator: i64, denominator: i64) -> Figure {
        let mut figure = Figure::blank(id, period, law);
        (figure.numerator, figure.denominator) = (Some(numerator), Some(denominator));
        figure.n = denominator;
        figure.value = match id.unit() {
            Unit::Percent => Hundredths::percent(numerator, denominator),
            Unit::Years => Hundredths::mean_years(numerator, denominator),
            Unit::Days | Unit::Count => Hundredths::mean(numerator, denominator),
        };
        if figure.value.is_none() {
            figure.status = Status::NotComputable;
            figure.reason = Some(if denominator == 0 {
                DENOMINATOR_ZERO
            } else {
                DENOMINATOR_NEGATIVE
            });
        } else {
            let scale = if id.unit() == Unit::Percent { 100 } else { 1 };
            figure.judge(numerator.saturating_mul(scale), denominator);
        }
        figure
    }
    fn blank(id: Id, period: Period, law: &Law) -> Figure {
        let target = id
            .target_row()
            .and_then(|row| law.number(row, "", period.year));
        Figure {
            id,
            period,
            numerator: None,
            denominator: None,
            value: None,
            target,
            status: Status::NoTarget,
            reason: None,
            n: 0,
            gap: None,
            parts: Vec::new(),
            breakdown: Vec::new(),
            notes: Vec::new(),
            sources: sources(id, period.year, law),
        }
    }
    /// Compares `scaled / denominator` with the target, exactly and not on the rounded value.
    fn judge(&mut self, scaled: i64, denominator: i64) {
        let (Some(target), Some(better)) = (self.target, self.id.better()) else {
            return;
        };
        let (value, goal) = (
            i128::from(scaled),
            i128::from(target) * i128::from(denominator),
        );
        let met = match better {
            Better::Higher => value >= goal,
            Better::Lower => value <= goal,
        };
        self.status = if met { Status::Met } else { Status::NotMet };
        if met {
            return;
        }
        let unit = if self.id.unit() == Unit::Percent {
            100
        } else {
            1
        };
        let distance = match better {
            Better::Higher => goal - value,
            Better::Lower => value - goal,
        };
        // Smallest whole number of units that covers the distance.
        self.gap = i64::try_from((distance + unit - 1).div_euclid(unit))
            .ok()
            .map(|missing| Gap {
                missing,
                by: self.period.last_day(),
            });
    }
    /// Adds a remark when it concerns anything.
    pub fn note(&mut self, key: &'static str, n: i64) {
        if n != 0 {
            self.notes.push(Note { key, n, of: None });
        }
    }
    /// Adds a remark with its second number.
    pub fn note_of(&mut self, key: &'static str, n: i64, of: Hundredths) {
        self.notes.push(Note {
            key,
            n,
            of: Some(of),
        });
    }
}

fn sources(id: Id, year: i32, law: &Law) -> Vec<Source> {
    id.target_row()
        .into_iter()
        .chain(id.rows().iter().copied())
        .filter_map(|row| law.row(row, Id::row_scope(row), year))
        .map(|row| Source {
            row: row.id.clone(),
            verified: row.mark.verified(),
            mark: row.mark.as_str(),
            source: row.source.clone(),
            valid_from: row.valid_from,
        })
        .collect()
}
