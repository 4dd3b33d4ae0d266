//! F06 and F07: repairing rather than replacing, and how long a repair takes. A repair counts on the day of its closing.

use super::super::words::{Cause, Outcome};
use super::Finish;
use super::answer::{Figure, Part};
use super::case::Case;
use super::catalogue::Id;
use super::fate::{Fate, Tally};
use super::figure::{Hundredths, median};
use super::trail::{Side, Trail};

/// Running sums.
#[derive(Debug, Default)]
pub struct Repairs {
    fixed: i64,
    failed: i64,
    days: i64,
    waits: Vec<i64>,
    rather: Tally,
}

impl Repairs {
    /// Reads one device.
    pub fn visit(&mut self, case: &Case<'_>, trail: &mut Trail) {
        for repair in &case.facts.repairs {
            let Some(closed) = repair.closed_on.filter(|day| case.period.holds(*day)) else {
                continue;
            };
            if case.personal(closed) {
                continue;
            }
            let why = repair.outcome.unwrap_or(Outcome::Unknown).as_str();
            let wait = closed.days_since(repair.opened_on);
            self.days += wait;
            self.waits.push(wait);
            for side in [Side::Numerator, Side::Denominator] {
                trail.put_day(Id::F07, side, case, why, Some(closed), Some(wait));
            }
            if repair.outcome == Some(Outcome::Fixed) {
                self.fixed += 1;
                let fate = Fate::yes("fixed");
                self.rather.add(fate);
                for side in [Side::Numerator, Side::Denominator] {
                    trail.put_day(Id::F06, side, case, fate, Some(closed), None);
                }
            } else {
                trail.put_day(Id::F06, Side::Excluded, case, why, Some(closed), None);
            }
        }
        self.failures(case, trail);
    }

    /// Réformes of the year for failure, not reinstated by `as_of`.
    fn failures(&mut self, case: &Case<'_>, trail: &mut Trail) {
        let as_of = case.period.as_of;
        if case.facts.adopted_on.is_some_and(|day| day > as_of) {
            return;
        }
        for r in &case.facts.retirements {
            if let Some(on) = r.on
                && case.period.holds(on)
                && r.cause == Cause::Failure
                && r.reinstated_on.is_none_or(|back| back > as_of)
                && !case.personal(on)
            {
                self.failed += 1;
                let fate = Fate::no("retired_for_failure");
                self.rather.add(fate);
                trail.put_day(Id::F06, Side::Denominator, case, fate, Some(on), None);
            }
        }
    }

    /// The figures.
    pub fn finish(mut self, end: &Finish<'_>) -> Vec<Figure> {
        let mut rather = end.ratio(Id::F06, self.fixed, self.fixed + self.failed);
        rather.parts = vec![
            Part::count("fixed", self.fixed),
            Part::count("retired_for_failure", self.failed),
        ];
        rather.breakdown = self.rather.rows();
        let n = i64::try_from(self.waits.len()).unwrap_or(i64::MAX);
        let mut time = end.ratio(Id::F07, self.days, n);
        if let Some((middle, of)) = median(&mut self.waits) {
            let part = |key: &str, sum, count| Part {
                key: key.to_owned(),
                numerator: sum,
                denominator: Some(count),
                value: Hundredths::mean(sum, count),
                n,
            };
            time.parts = vec![part("mean", self.days, n), part("median", middle, of)];
        }
        vec![rather, time]
    }
}
