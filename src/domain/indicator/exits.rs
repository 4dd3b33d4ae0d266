//! F13 and G05: how equipment leaves, and how much of it is given.

use std::collections::{BTreeMap, BTreeSet};

use super::super::facts::Exit;
use super::super::words::{ExitKind, Outcome};
use super::Finish;
use super::answer::{Figure, Part};
use super::case::Case;
use super::catalogue::Id;
use super::fate::{Fate, Tally};
use super::trail::{Side, Trail, Why};

/// Running sums.
#[derive(Debug, Default)]
pub struct Exits {
    all: i64,
    reused: i64,
    parts: BTreeMap<(ExitKind, Option<Outcome>), i64>,
    gifts: i64,
    conventions: BTreeSet<String>,
    without_convention: i64,
    papers: Tally,
}

impl Exits {
    /// Reads one device.
    pub fn visit(&mut self, case: &Case<'_>, trail: &mut Trail) {
        for exit in case.exits() {
            let (outcome, why) = what_became(case, exit);
            self.all += 1;
            *self.parts.entry((exit.kind, outcome)).or_default() += 1;
            let key = part_key(exit.kind, outcome);
            let told = Why::among(why, &key);
            trail.put_exit(Id::F13, Side::Denominator, case, told, exit);
            let reused = match exit.kind {
                ExitKind::Transfer | ExitKind::Donation | ExitKind::StaffGift => true,
                ExitKind::Sale | ExitKind::TakeBack => case.proof(exit) == Some(Outcome::Reuse),
                _ => false,
            };
            if reused {
                self.reused += 1;
                trail.put_exit(Id::F13, Side::Numerator, case, told, exit);
            }
            if exit.kind == ExitKind::Donation {
                self.gift(case, exit, trail);
            }
        }
    }

    fn gift(&mut self, case: &Case<'_>, exit: &Exit, trail: &mut Trail) {
        self.gifts += 1;
        let convention = exit
            .exit
            .as_ref()
            .and_then(|id| case.reference.conventions.get(id));
        let why = match convention {
            Some(number) => {
                self.conventions.insert(number.clone());
                "with_convention"
            }
            None => {
                self.without_convention += 1;
                "without_convention"
            }
        };
        self.papers.add(Fate::yes(why));
        trail.put_exit(Id::G05, Side::Numerator, case, why, exit);
    }

    /// The figures.
    pub fn finish(self, end: &Finish<'_>) -> Vec<Figure> {
        let mut mix = end.ratio(Id::F13, self.reused, self.all);
        mix.parts = self
            .parts
            .iter()
            .map(|((kind, outcome), n)| Part::share(&part_key(*kind, *outcome), *n, self.all))
            .collect();
        let mut gifts = end.count(Id::G05, self.gifts);
        let conventions = i64::try_from(self.conventions.len()).unwrap_or(i64::MAX);
        gifts.parts = vec![
            Part::count("devices", self.gifts),
            Part::count("conventions", conventions),
        ];
        gifts.breakdown = self.papers.rows();
        gifts.note("without_convention", self.without_convention);
        vec![gifts, mix]
    }
}

/// Key of a part: the kind, with what became of the device where that is told.
fn part_key(kind: ExitKind, outcome: Option<Outcome>) -> String {
    match outcome {
        Some(outcome) => format!("{kind}.{outcome}"),
        None => kind.to_string(),
    }
}

/// Take-backs and collections are told by what became of the device: the confirmed treatment, else re-use if so proved, else unknown.
fn what_became(case: &Case<'_>, exit: &Exit) -> (Option<Outcome>, &'static str) {
    if !matches!(exit.kind, ExitKind::TakeBack | ExitKind::Collection) {
        return (None, exit.kind.as_str());
    }
    let outcome = case.treatment(exit).unwrap_or_else(|| {
        if case.proof(exit) == Some(Outcome::Reuse) {
            Outcome::Reuse
        } else {
            Outcome::Unknown
        }
    });
    (Some(outcome), outcome.as_str())
}
