//! F09, G06 and F18: what sleeps in stock, what is used again inside, and how complete the inventory is.

use std::collections::HashSet;

use super::super::facts::Spell;
use super::super::words::{Stage, Tenure};
use super::Finish;
use super::answer::{Figure, Part};
use super::case::Case;
use super::catalogue::Id;
use super::fate::{Fate, Tally};
use super::trail::{Side, Trail, Why};

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
    fates: Tally,
    records: Tally,
}

impl Stock {
    /// Reads one device.
    pub fn visit(&mut self, case: &Case<'_>, trail: &mut Trail) {
        self.reuse(case, trail);
        self.waiting(case, trail);
        let end = case.period.end;
        let Some(spell) = case.in_fleet() else { return };
        self.fleet += 1;
        let fate = if spell.stage == Stage::InStock {
            self.sleeping(case, spell, trail)
        } else {
            Fate::no(spell.stage.as_str())
        };
        self.fates.add(fate);
        let why = Why::told(spell.stage.as_str(), fate);
        trail.put_day(
            Id::F09,
            Side::Denominator,
            case,
            why,
            spell.stage_since,
            None,
        );
        let fate = if case.facts.identified {
            self.complete += 1;
            trail.put(Id::F18, Side::Numerator, case, "complete");
            Fate::yes("complete")
        } else {
            trail.put(Id::F18, Side::Gap, case, "incomplete");
            Fate::no("incomplete")
        };
        self.records.add(fate);
        trail.put(Id::F18, Side::Denominator, case, Why::told("fleet", fate));
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

    /// F09: in stock for more than the limit, or why it is not looked at.
    fn sleeping(&mut self, case: &Case<'_>, spell: &Spell, trail: &mut Trail) -> Fate {
        let pool = spell
            .site
            .as_ref()
            .is_some_and(|site| case.reference.pool_sites.contains(site));
        if pool {
            self.pool += 1;
            let since = spell.stage_since;
            trail.put_day(Id::F09, Side::Excluded, case, "pool", since, None);
            return Fate::no("pool");
        }
        let Some(since) = spell.stage_since else {
            self.since_unknown += 1;
            trail.put(Id::F09, Side::Excluded, case, "since_unknown");
            return Fate::no("since_unknown");
        };
        let days = case.period.end.days_since(since);
        if days <= case.reference.dormant_days {
            return Fate::no("in_stock");
        }
        self.dormant += 1;
        for side in [Side::Numerator, Side::Gap] {
            trail.put_day(Id::F09, side, case, "dormant", Some(since), Some(days));
        }
        Fate::yes("dormant")
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
        dormant.breakdown = self.fates.rows();
        dormant.note("since_unknown", self.since_unknown);
        dormant.note("pool", self.pool);
        let mut quality = end.ratio(Id::F18, self.complete, self.fleet);
        quality.parts = vec![
            Part::share("complete", self.complete, self.fleet),
            Part::share("seen_12_months", self.seen, self.fleet),
        ];
        quality.breakdown = self.records.rows();
        vec![reuse, dormant, quality]
    }
}
