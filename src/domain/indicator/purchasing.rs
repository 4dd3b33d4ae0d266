//! L06 and F03: what is bought second-hand or refurbished, in money and in units.

use std::collections::BTreeMap;

use super::super::day::Day;
use super::super::words::{Acquisition, Condition, Stage, Tenure};
use super::Finish;
use super::answer::{Figure, Part};
use super::case::Case;
use super::catalogue::Id;
use super::trail::{Side, Trail};

/// A purchase line as L06 reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Key of the purchase.
    pub purchase: String,
    /// Key of the line.
    pub line: String,
    /// Organisation id that bought.
    pub org: String,
    /// AGEC category: the line's, else that of its device category.
    pub agec_category: Option<String>,
    /// Cents without tax; negative for a credit note.
    pub amount_cents: i64,
    /// Cents without tax from re-use.
    pub reuse_cents: i64,
    /// Day of the expense (invoice or payment order).
    pub expense_on: Day,
    /// Leased lines are outside by default.
    pub tenure: Tenure,
    /// Exempt (technical constraint, defence): outside the obligation.
    pub exempt: bool,
}

/// Where a line stands in L06.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Counted.
    Counted,
    /// Left out, and why.
    Out(&'static str),
    /// Of another year, category or organisation: not looked at.
    Elsewhere,
}

impl Line {
    /// Where the line stands for this question.
    pub fn place(&self, end: &Finish<'_>) -> Place {
        if !end.query.orgs.contains(&self.org)
            || self.agec_category.as_deref() != Some(end.agec_category.as_str())
        {
            return Place::Elsewhere;
        }
        if !end.query.period.holds(self.expense_on) {
            return Place::Elsewhere;
        }
        if self.tenure == Tenure::Leased {
            Place::Out("leased")
        } else if self.exempt {
            Place::Out("exempt")
        } else {
            Place::Counted
        }
    }
}

/// Running sums.
#[derive(Debug, Default)]
pub struct Purchasing {
    acquired: i64,
    refurbished: i64,
    conditions: BTreeMap<Condition, i64>,
    platform_gifts: i64,
}

/// Categories that are accessories, outside F03.
const ACCESSORIES: &[&str] = &[
    "keyboard",
    "mouse",
    "webcam",
    "headset",
    "speaker",
    "usb_key",
    "docking_station",
    "charger_laptop",
    "charger_smartphone",
];

impl Purchasing {
    /// Reads one device.
    pub fn visit(&mut self, case: &Case<'_>, trail: &mut Trail) {
        let f = case.facts;
        let Some(day) = entered(case) else { return };
        let period = case.period;
        // Ordered is not acquired; an opening balance counts from the day it is made.
        let here = case
            .spell(period.as_of)
            .or(f.spells.last().filter(|s| s.from <= period.as_of))
            .is_some_and(|s| s.stage != Stage::Ordered);
        if !period.holds(day) || !here || case.personal(day) {
            return;
        }
        if f.acquisition == Some(Acquisition::GiftStatePlatform) {
            self.platform_gifts += 1;
        }
        let inside = |from: &String| case.query.tree && case.query.orgs.contains(from);
        if f.received_from.as_ref().is_some_and(inside) {
            trail.put_day(
                Id::F03,
                Side::Excluded,
                case,
                "inside_the_tree",
                Some(day),
                None,
            );
            return;
        }
        if ACCESSORIES.contains(&case.category()) {
            trail.put_day(Id::F03, Side::Excluded, case, "accessory", Some(day), None);
            return;
        }
        let condition = f.condition.unwrap_or(Condition::Unknown);
        self.acquired += 1;
        *self.conditions.entry(condition).or_default() += 1;
        let why = condition.as_str();
        trail.put_day(Id::F03, Side::Denominator, case, why, Some(day), None);
        if condition == Condition::Refurbished {
            self.refurbished += 1;
            trail.put_day(Id::F03, Side::Numerator, case, why, Some(day), None);
        }
    }

    /// The figures; L06 is read from the lines, whatever the devices are.
    pub fn finish(self, end: &Finish<'_>, lines: &[Line]) -> Vec<Figure> {
        let mut units = end.ratio(Id::F03, self.refurbished, self.acquired);
        units.parts = self
            .conditions
            .iter()
            .map(|(c, n)| Part::share(c.as_str(), *n, self.acquired))
            .collect();
        let unknown = self.conditions.get(&Condition::Unknown).copied();
        units.note("condition_unknown", unknown.unwrap_or_default());
        vec![spend(end, lines, self.platform_gifts), units]
    }
}

/// Day the device entered these books as an acquisition: the day of the transfer when a member of the tree handed it over.
fn entered(case: &Case<'_>) -> Option<Day> {
    if case.facts.received_from.is_some() {
        case.facts.spells.first().map(|s| s.from)
    } else {
        case.facts.acquired_on
    }
}

fn spend(end: &Finish<'_>, lines: &[Line], platform_gifts: i64) -> Figure {
    let (mut reuse, mut total, mut n) = (0i64, 0i64, 0i64);
    let (mut leased, mut exempt) = (0, 0);
    for line in lines {
        match line.place(end) {
            Place::Counted => {
                reuse = reuse.saturating_add(line.reuse_cents);
                total = total.saturating_add(line.amount_cents);
                n += 1;
            }
            Place::Out("leased") => leased += 1,
            Place::Out(_) => exempt += 1,
            Place::Elsewhere => {}
        }
    }
    let mut figure = end.ratio(Id::L06, reuse, total);
    figure.n = n;
    figure.note("lines_leased", leased);
    figure.note("lines_exempt", exempt);
    figure.note("platform_gifts_not_valued", platform_gifts);
    figure
}
