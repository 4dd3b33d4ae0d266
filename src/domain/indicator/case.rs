//! One device in one organisation's books, as the families see it: its state on a day, the exits that count, the scope of the reuse rate.

use super::super::day::Day;
use super::super::facts::{Exit, Facts, Spell};
use super::super::period::Period;
use super::super::words::{ExitKind, Outcome, Presence, Stage, Tenure};
use super::{Query, Reference};

/// Where the ten years start from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// Day of manufacture.
    Manufactured,
    /// Day first sold.
    FirstSold,
    /// Day of acquisition.
    Acquired,
}

impl Basis {
    /// As shown beside the figure.
    pub fn as_str(self) -> &'static str {
        match self {
            Basis::Manufactured => "manufactured",
            Basis::FirstSold => "first_sold",
            Basis::Acquired => "acquired",
        }
    }
}

/// Whether a réformé device is in the scope of the reuse rate (cat. 2 and 6, at most ten years, no security exclusion).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// In scope; the unknown stays in until the exclusion is proved.
    In {
        /// The age at the réforme is unknown.
        age_unknown: bool,
        /// The WEEE category is unknown.
        weee_unknown: bool,
    },
    /// Strictly more than ten years old at the réforme.
    OverAge,
    /// Of another WEEE category.
    OtherWeee,
    /// Excluded for security.
    Security,
}

impl Scope {
    /// In scope.
    pub fn is_in(self) -> bool {
        matches!(self, Scope::In { .. })
    }
    /// Why it is out.
    pub fn why_out(self) -> &'static str {
        match self {
            Scope::In { .. } => "in_scope",
            Scope::OverAge => "over_ten_years",
            Scope::OtherWeee => "other_weee_category",
            Scope::Security => "security_exclusion",
        }
    }
}

/// State at the end of 31 December N−1, for B.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Eve {
    /// Not réformé, or not here.
    Out,
    /// Réformé and still here; the day of the réforme when known.
    Retired(Option<Day>),
    /// Adopted later as réformé without a date: nobody knows.
    Unknown,
}

/// A device and what is asked of it.
pub struct Case<'a> {
    /// Device id.
    pub device: &'a str,
    /// Organisation id whose books these are.
    pub org: &'a str,
    /// What is known.
    pub facts: &'a Facts,
    /// Year and day.
    pub period: Period,
    /// What is asked.
    pub query: &'a Query,
    /// Reference tables.
    pub reference: &'a Reference,
    personal: bool,
}

impl<'a> Case<'a> {
    /// A view on the facts.
    pub fn new(
        device: &'a str,
        org: &'a str,
        facts: &'a Facts,
        query: &'a Query,
        reference: &'a Reference,
    ) -> Self {
        let personal = facts.spells.iter().any(|s| s.tenure == Tenure::Personal);
        Case {
            device,
            org,
            facts,
            period: query.period,
            query,
            reference,
            personal,
        }
    }
    /// Whether it can count at all: adopted as gone and never given back is listed and outside every indicator.
    pub fn counts(&self) -> bool {
        !self.facts.adopted_gone || self.facts.spells.iter().any(|s| s.stage.is_live())
    }
    /// State at the end of a day.
    pub fn spell(&self, day: Day) -> Option<&'a Spell> {
        self.facts
            .spells
            .iter()
            .rev()
            .find(|s| s.from <= day)
            .filter(|s| s.to.is_none_or(|to| day < to))
    }
    /// Held as personal on that day (BYOD: outside every indicator); before the books begin, as on their first day.
    pub fn personal(&self, day: Day) -> bool {
        self.personal
            && self
                .spell(day)
                .or(self.facts.spells.first())
                .is_some_and(|s| s.tenure == Tenure::Personal)
    }
    /// WEEE category: the device's, else its model's, else its category's.
    pub fn weee(&self) -> Option<i64> {
        let model = || {
            self.reference
                .models
                .get(self.facts.model.as_deref()?)
                .copied()
        };
        let category = || {
            self.reference
                .categories
                .get(self.facts.category.as_deref()?)
                .and_then(|c| c.weee_category)
        };
        self.facts.weee_category.or_else(model).or_else(category)
    }
    /// Day its age is counted from, and why that day.
    pub fn start(&self) -> Option<(Day, Basis)> {
        let f = self.facts;
        f.manufactured_on
            .map(|d| (d, Basis::Manufactured))
            .or(f.first_sold_on.map(|d| (d, Basis::FirstSold)))
            .or(f.acquired_on.map(|d| (d, Basis::Acquired)))
    }
    /// Scope of the reuse rate for a réforme of that day.
    pub fn scope(&self, retired_on: Option<Day>) -> Scope {
        if self.facts.security_excluded {
            return Scope::Security;
        }
        let weee = self.weee();
        if weee.is_some_and(|w| !self.reference.weee_scope.contains(&w)) {
            return Scope::OtherWeee;
        }
        let limit = self
            .start()
            .map(|(day, _)| day.plus_months(self.reference.age_limit_months));
        // Adopted as réformé without a date: the réforme was at the latest on the day of the adoption.
        let age_unknown = match (limit, retired_on) {
            (Some(limit), Some(retired)) if retired > limit => return Scope::OverAge,
            (Some(_), Some(_)) => false,
            (Some(limit), None) => self.facts.adopted_on.is_none_or(|day| day > limit),
            (None, _) => true,
        };
        Scope::In {
            age_unknown,
            weee_unknown: weee.is_none(),
        }
    }
    /// State for B: the end of 31 December N−1.
    pub fn eve(&self) -> Eve {
        let eve = self.period.eve;
        if self.personal(eve) {
            return Eve::Out;
        }
        match self.facts.adopted_on {
            Some(adopted) if adopted > eve => self.before_adoption(adopted, eve),
            _ => match self.spell(eve) {
                Some(s) if s.retired && !matches!(s.stage, Stage::Gone | Stage::Withdrawn) => {
                    Eve::Retired(s.retired_on)
                }
                _ => Eve::Out,
            },
        }
    }
    /// An opening balance tells of the years before it, once it is made.
    fn before_adoption(&self, adopted: Day, eve: Day) -> Eve {
        if adopted > self.period.as_of || self.facts.adopted_gone {
            return Eve::Out;
        }
        match self.facts.retirements.iter().find(|r| r.adopted) {
            Some(r) => match r.on {
                Some(day) if day <= eve => Eve::Retired(Some(day)),
                Some(_) => Eve::Out,
                None => Eve::Unknown,
            },
            None => Eve::Out,
        }
    }
    /// Hand-overs of the year that count: not given back by `as_of`, not of a personal device, not inside the tree when the tree is asked.
    pub fn exits(&self) -> impl Iterator<Item = &'a Exit> {
        let inside = |exit: &Exit| {
            self.query.tree
                && exit
                    .to_organisation
                    .as_ref()
                    .is_some_and(|to| self.query.orgs.contains(to))
        };
        self.facts.exits.iter().filter(move |exit| {
            self.period.holds(exit.on)
                && exit
                    .given_back_on
                    .is_none_or(|back| back > self.period.as_of)
                && !inside(exit)
                && !self.personal(exit.on)
        })
    }
    /// The last proof dated up to `as_of`.
    pub fn proof(&self, exit: &Exit) -> Option<Outcome> {
        let seen = exit.proofs.iter().rev();
        seen.clone()
            .filter(|(day, _)| *day <= self.period.as_of)
            .map(|(_, outcome)| *outcome)
            .next()
    }
    /// The last treatment confirmed up to `as_of`.
    pub fn treatment(&self, exit: &Exit) -> Option<Outcome> {
        exit.treatments
            .iter()
            .rev()
            .find(|(day, ..)| *day <= self.period.as_of)
            .map(|(_, outcome, _)| *outcome)
    }
    /// Whether the taker committed to re-use at the latest on the day of the hand-over.
    pub fn committed(exit: &Exit) -> bool {
        exit.commitment_on.is_some_and(|day| day <= exit.on)
    }
    /// Whether the exit counts as re-use for the law: transfers and gifts at the hand-over, sales and take-backs on commitment and proof.
    pub fn countable(&self, exit: &Exit) -> bool {
        match exit.kind {
            ExitKind::Transfer | ExitKind::Donation | ExitKind::StaffGift => true,
            ExitKind::Sale | ExitKind::TakeBack => {
                Case::committed(exit) && self.proof(exit) == Some(Outcome::Reuse)
            }
            _ => false,
        }
    }
    /// State at the end of the period, when the device belongs to the fleet F(S).
    pub fn in_fleet(&self) -> Option<&'a Spell> {
        self.spell(self.period.end).filter(|s| {
            matches!(
                s.stage,
                Stage::InStock | Stage::InUse | Stage::InRepair | Stage::Refurbishing
            ) && !s.retired
                && matches!(s.tenure, Tenure::Owned | Tenure::Leased)
                && s.presence != Presence::Stolen
        })
    }
    /// Category key, or `unknown`.
    pub fn category(&self) -> &'a str {
        self.facts.category.as_deref().unwrap_or("unknown")
    }
}
