//! F09, G06 and F18: what sleeps in stock, what is used again inside, and how complete the inventory is.

use std::collections::HashSet;

use super::super::words::{Stage, Tenure};
use super::Finish;
use super::answer::{Figure, Part};
use super::case::Case;
use super::catalogue::Id;
use super::trail::{Side, Trail};

/// Running sums.
#[derive(Debug, Default)]
pub struct Stock {
    fleet: i64,
    dormant: i64,
    since_unknown: i64,
    pool: i64,
    retired_waiting: i64,
    reused: i64,
    /// Devices of `reused`, kept only where several owners are asked at once.
    known: HashSet<String>,
    complete: i64,
    seen: i64,
}

impl Stock {
    /// Reads one device.
    pub fn visit(&mut self, case: &Case<'_>, trail: &mut Trail) {
        self.reuse(case, trail);
        self.waiting(case, trail);
        let end = case.period.end;
        let Some(spell) = case.in_fleet() else { return };
        self.fleet += 1;
        trail.put_day(
            Id::F09,
            Side::Denominator,
            case,
            spell.stage.as_str(),
            spell.stage_since,
            None,
        );
        if spell.stage == Stage::InStock {
            self.sleeping(case, trail);
        }
        trail.put(Id::F18, Side::Denominator, case, "fleet");
        if case.facts.identified {
            self.complete += 1;
            trail.put(Id::F18, Side::Numerator, case, "complete");
        } else {
            trail.put(Id::F18, Side::Gap, case, "incomplete");
        }
        let recent = |day: &&super::super::day::Day| **day <= end && day.plus_months(12) > end;
        self.seen += i64::from(case.facts.seen.iter().rev().any(|day| recent(&day)));
    }

    /// G06: given to somebody else after a return to stock; a device counts once, under however many owners.
    fn reuse(&mut self, case: &Case<'_>, trail: &mut Trail) {
        let Some(day) = case
            .facts
            .reuses
            .iter()
            .find(|day| case.period.holds(**day) && !case.personal(**day))
        else {
            return;
        };
        if case.query.tree && !self.known.insert(case.device.to_owned()) {
            return;
        }
        self.reused += 1;
        trail.put_day(
            Id::G06,
            Side::Numerator,
            case,
            "reallocated",
            Some(*day),
            None,
        );
    }

    /// F09: in stock for more than the limit.
    fn sleeping(&mut self, case: &Case<'_>, trail: &mut Trail) {
        let Some(spell) = case.in_fleet() else { return };
        let pool = spell
            .site
            .as_ref()
            .is_some_and(|site| case.reference.pool_sites.contains(site));
        if pool {
            self.pool += 1;
            trail.put_day(
                Id::F09,
                Side::Excluded,
                case,
                "pool",
                spell.stage_since,
                None,
            );
            return;
        }
        let Some(since) = spell.stage_since else {
            self.since_unknown += 1;
            trail.put(Id::F09, Side::Excluded, case, "since_unknown");
            return;
        };
        let days = case.period.end.days_since(since);
        if days > case.reference.dormant_days {
            self.dormant += 1;
            for side in [Side::Numerator, Side::Gap] {
                trail.put_day(Id::F09, side, case, "dormant", Some(since), Some(days));
            }
        }
    }

    /// Réformé and not yet oriented for more than the limit: shown apart, not part of the fleet.
    fn waiting(&mut self, case: &Case<'_>, trail: &mut Trail) {
        let end = case.period.end;
        let Some(spell) = case.spell(end) else { return };
        if spell.stage == Stage::Retired
            && spell.tenure != Tenure::Personal
            && spell
                .stage_since
                .is_some_and(|since| end.days_since(since) > case.reference.dormant_days)
        {
            self.retired_waiting += 1;
            trail.put_day(
                Id::F09,
                Side::Excluded,
                case,
                "retired_not_oriented",
                spell.stage_since,
                None,
            );
        }
    }

    /// The figures.
    pub fn finish(self, end: &Finish<'_>) -> Vec<Figure> {
        let reuse = end.count(Id::G06, self.reused);
        let mut dormant = end.ratio(Id::F09, self.dormant, self.fleet);
        dormant.parts = vec![
            Part::count("unknown", self.since_unknown),
            Part::count("pool", self.pool),
            Part::count("retired_not_oriented", self.retired_waiting),
        ];
        dormant.note("since_unknown", self.since_unknown);
        dormant.note("pool", self.pool);
        let mut quality = end.ratio(Id::F18, self.complete, self.fleet);
        quality.parts = vec![
            Part::share("complete", self.complete, self.fleet),
            Part::share("seen_12_months", self.seen, self.fleet),
        ];
        vec![reuse, dormant, quality]
    }
}
