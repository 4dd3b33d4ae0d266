//! The indicators: pure functions that fold what is known of each device into the figures of a year.
//!
//! Owns the rules of ledger §8; reads no database, no clock. One pass over the facts gives every figure,
//! in whole numbers, the same on both engines. Words are added above, in `crate::i18n`.

mod answer;
mod case;
mod catalogue;
mod erasure;
mod exits;
mod fate;
mod figure;
mod life;
mod purchasing;
mod repair;
mod reuse;
mod stock;
mod trail;

use std::collections::{HashMap, HashSet};

pub use answer::{Figure, Gap, Note, Part, Source, Status};
pub use catalogue::{Better, Id, Unit};
pub use fate::{Counts, Row};
pub use figure::Hundredths;
pub use purchasing::{Line, Place};
pub use trail::{Item, Side, Trail};

use super::facts::Facts;
use super::law::Law;
use super::period::Period;

/// What is asked.
#[derive(Debug, Clone)]
pub struct Query {
    /// Year and day.
    pub period: Period,
    /// The subtree is summed, hand-overs inside it left out; else the organisation itself, which is the legal figure.
    pub tree: bool,
    /// Organisation ids whose books are read.
    pub orgs: HashSet<String>,
}

/// What the fold needs of a category.
#[derive(Debug, Clone, Default)]
pub struct Category {
    /// WEEE category.
    pub weee_category: Option<i64>,
}

/// Reference tables as the fold reads them.
#[derive(Debug, Clone)]
pub struct Reference {
    /// By category key.
    pub categories: HashMap<String, Category>,
    /// WEEE category by model id, where the model says one.
    pub models: HashMap<String, i64>,
    /// Ids of the sites flagged as a pool.
    pub pool_sites: HashSet<String>,
    /// Convention by id of exit operation.
    pub conventions: HashMap<String, String>,
    /// WEEE categories in the scope of the reuse rate.
    pub weee_scope: HashSet<i64>,
    /// Calendar months up to which a device is in that scope.
    pub age_limit_months: u32,
    /// Days in stock beyond which a device is dormant.
    pub dormant_days: i64,
}

impl Reference {
    /// The same tables with the limits of another year.
    pub fn in_year(&self, law: &Law, year: i32) -> Reference {
        let limits = Reference::of(law, year);
        Reference {
            weee_scope: limits.weee_scope,
            age_limit_months: limits.age_limit_months,
            dormant_days: limits.dormant_days,
            ..self.clone()
        }
    }
    /// Empty tables with the limits of the law rows of that year.
    pub fn of(law: &Law, year: i32) -> Reference {
        let years = law.number("reen16_age_limit_years", "", year).unwrap_or(10);
        let scope = law.row("deee_scope", "", year).map(|row| row.value.clone());
        Reference {
            categories: HashMap::new(),
            models: HashMap::new(),
            pool_sites: HashSet::new(),
            conventions: HashMap::new(),
            weee_scope: scope
                .unwrap_or_default()
                .split_whitespace()
                .filter_map(|n| n.parse().ok())
                .collect(),
            age_limit_months: u32::try_from(years).unwrap_or(10).saturating_mul(12),
            dormant_days: law.number("dormant_days", "", year).unwrap_or(180),
        }
    }
}

/// What a family needs to close its sums.
pub struct Finish<'a> {
    query: &'a Query,
    law: &'a Law,
    agec_category: String,
}

impl<'a> Finish<'a> {
    /// Closes figures of this question.
    pub fn new(query: &'a Query, law: &'a Law) -> Self {
        let agec_category = law
            .row("agec58_category", "it", query.period.year)
            .map(|row| row.value.clone())
            .unwrap_or_default();
        Finish {
            query,
            law,
            agec_category,
        }
    }
    fn count(&self, id: Id, n: i64) -> Figure {
        Figure::count(id, self.query.period, self.law, n)
    }
    fn ratio(&self, id: Id, numerator: i64, denominator: i64) -> Figure {
        Figure::ratio(id, self.query.period, self.law, numerator, denominator)
    }
}

/// The fold as a running state: [`Fold::visit`] per device and book, [`Fold::finish`] once.
#[derive(Debug, Default)]
pub struct Fold {
    reuse: reuse::Reuse,
    purchasing: purchasing::Purchasing,
    life: life::Life,
    repairs: repair::Repairs,
    erasure: erasure::Erasure,
    exits: exits::Exits,
    stock: stock::Stock,
}

impl Fold {
    /// Reads one device in one organisation's books, in any order.
    pub fn visit(
        &mut self,
        device: &str,
        org: &str,
        facts: &Facts,
        query: &Query,
        reference: &Reference,
        trail: &mut Trail,
    ) {
        if !query.period.begun() || !query.orgs.contains(org) {
            return;
        }
        let case = case::Case::new(device, org, facts, query, reference);
        if !case.counts() {
            return;
        }
        self.reuse.visit(&case, trail);
        self.purchasing.visit(&case, trail);
        self.life.visit(&case, trail);
        self.repairs.visit(&case, trail);
        self.erasure.visit(&case, trail);
        self.exits.visit(&case, trail);
        self.stock.visit(&case, trail);
    }

    /// Every figure of the catalogue, in its order.
    pub fn finish(self, query: &Query, law: &Law, lines: &[Line]) -> Vec<Figure> {
        if !query.period.begun() {
            return Id::ALL
                .iter()
                .map(|id| Figure::not_begun(*id, query.period, law))
                .collect();
        }
        let end = Finish::new(query, law);
        let mut figures = self.reuse.finish(&end);
        figures.extend(self.purchasing.finish(&end, lines));
        figures.extend(self.life.finish(&end));
        figures.extend(self.repairs.finish(&end));
        figures.extend(self.erasure.finish(&end));
        figures.extend(self.exits.finish(&end));
        figures.extend(self.stock.finish(&end));
        figures.sort_by_key(|f| f.id);
        if query.tree {
            for figure in &mut figures {
                figure.note("not_legal_tree", 1);
            }
        }
        figures
    }
}

/// Folds everything at once: the figures of one question over these facts.
pub fn fold<'a>(
    facts: impl Iterator<Item = (&'a str, &'a str, &'a Facts)>,
    reference: &Reference,
    lines: &[Line],
    law: &Law,
    query: &Query,
    trail: &mut Trail,
) -> Vec<Figure> {
    let mut fold = Fold::default();
    for (device, org, facts) in facts {
        fold.visit(device, org, facts, query, reference, trail);
    }
    fold.finish(query, law, lines)
}
