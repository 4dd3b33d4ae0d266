//! What became of the devices that a figure counts: every one of them in one row, so that the rows add up to the figure.

use super::super::facts::Exit;
use super::super::words::{ExitKind, Outcome, Presence, Stage};
use super::case::{Case, Scope};

/// Whether a row of the breakdown is counted above the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Counts {
    /// It is.
    Yes,
    /// Not yet: a paper is missing.
    Later,
    /// It is not.
    No,
}

impl Counts {
    /// As written in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Counts::Yes => "yes",
            Counts::Later => "later",
            Counts::No => "no",
        }
    }
}

/// A row of the breakdown, before it is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fate {
    /// Which; its words are in `src/i18n`.
    pub key: &'static str,
    /// Whether it is counted above the line.
    pub counts: Counts,
}

impl Fate {
    /// Counted.
    pub const fn yes(key: &'static str) -> Fate {
        Fate {
            key,
            counts: Counts::Yes,
        }
    }
    /// Not yet counted.
    pub const fn later(key: &'static str) -> Fate {
        Fate {
            key,
            counts: Counts::Later,
        }
    }
    /// Not counted.
    pub const fn no(key: &'static str) -> Fate {
        Fate {
            key,
            counts: Counts::No,
        }
    }
}

/// How many went which way.
#[derive(Debug, Default)]
pub struct Tally(Vec<(Fate, i64)>);

impl Tally {
    /// One more.
    pub fn add(&mut self, fate: Fate) {
        match self.0.iter_mut().find(|(known, _)| *known == fate) {
            Some((_, n)) => *n += 1,
            None => self.0.push((fate, 1)),
        }
    }
    /// The rows: what counts first, then what may still count; the many before the few.
    pub fn rows(mut self) -> Vec<Row> {
        self.0
            .sort_by_key(|(fate, n)| (fate.counts, std::cmp::Reverse(*n), fate.key));
        let row = |(fate, n): (Fate, i64)| Row {
            key: fate.key,
            counts: fate.counts,
            n,
            within: true,
        };
        self.0.into_iter().map(row).collect()
    }
}

/// A row of the breakdown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Which.
    pub key: &'static str,
    /// Whether it is counted above the line.
    pub counts: Counts,
    /// How many.
    pub n: i64,
    /// It is part of the whole; what is counted above the line and not below stands beside it.
    pub within: bool,
}

/// Réformé and handed over in the same year: in A, never in B.
pub const BESIDE: &str = "retired_and_handed_over";

/// An exit in the scope of the reuse rate.
pub fn of_exit(case: &Case<'_>, exit: &Exit) -> Fate {
    match exit.kind {
        ExitKind::Sale | ExitKind::TakeBack => match (case.proof(exit), Case::committed(exit)) {
            (Some(Outcome::NotReuse), _) => Fate::no("proved_not_reuse"),
            (None, false) => Fate::later("no_commitment_no_proof"),
            (None, true) => Fate::later("no_proof"),
            (Some(_), false) => Fate::later("no_commitment"),
            (Some(_), true) if exit.kind == ExitKind::Sale => Fate::yes("sale_proved"),
            (Some(_), true) => Fate::yes("take_back_proved"),
        },
        kind if case.countable(exit) => Fate::yes(kind.as_str()),
        kind => Fate::no(kind.as_str()),
    }
}

/// Where a device of B stood at the end of the period: gone by an exit of the year, else what became of it here.
pub fn of_retired(case: &Case<'_>) -> Fate {
    if let Some(exit) = case.exits().last() {
        return match case.scope(exit.retired_on) {
            _ if !exit.retired => Fate::no(exit.kind.as_str()),
            Scope::In { .. } => of_exit(case, exit),
            // Reinstated and réformé again, this time out of the scope.
            out => Fate::no(out.why_out()),
        };
    }
    let end = case.period.end;
    match case.spell(end) {
        Some(s) if s.stage.is_live() => match s.presence {
            _ if !s.retired => Fate::no("reinstated"),
            Presence::Missing => Fate::no("missing"),
            Presence::Stolen => Fate::no("stolen"),
            Presence::Seen if s.stage == Stage::Oriented => Fate::no("oriented"),
            Presence::Seen => Fate::no("still_here"),
        },
        // The books begin later: the inventory was taken over after the end of the year.
        None if case.facts.adopted_on.is_some_and(|day| day > end) => Fate::no("still_here"),
        // Gone by an exit that does not count: inside the tree, or given back since.
        _ => match case.facts.exits.iter().rfind(|e| case.period.holds(e.on)) {
            Some(exit) if exit.given_back_on.is_some_and(|b| b <= case.period.as_of) => {
                Fate::no("given_back")
            }
            _ => Fate::no("given_inside"),
        },
    }
}

/// The exit of a device over ten years.
pub fn of_old(case: &Case<'_>, exit: &Exit) -> Fate {
    match (exit.kind, case.treatment(exit)) {
        (ExitKind::Collection, _) => Fate::yes("collection"),
        (ExitKind::TakeBack, Some(Outcome::Recycling)) => Fate::yes("taken_back_recycled"),
        (ExitKind::TakeBack, None) => Fate::later("treatment_to_confirm"),
        (ExitKind::TakeBack, Some(_)) => Fate::no("not_recycled"),
        (kind, _) => Fate::no(kind.as_str()),
    }
}
