//! The shape of an answer, as the contract has it.

use std::collections::HashMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::ask::Question;
use crate::app::{App, entries};
use crate::db::{self, Db};
use crate::domain::day::{Instant, write_instant};
use crate::domain::entry::Entry;
use crate::domain::indicator::{Figure, Gap, Hundredths, Id, Part, Row, Source, Status};
use crate::domain::organisation::{Organisation, OrganisationKind};
use crate::error::Result;
use crate::i18n::{Lang, indicators as say};

/// The same words in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Words {
    /// French.
    pub fr: String,
    /// English.
    pub en: String,
}

impl Words {
    /// Says it twice.
    pub fn of(say: impl Fn(Lang) -> String) -> Words {
        Words {
            fr: say(Lang::Fr),
            en: say(Lang::En),
        }
    }
    /// In one of them.
    pub fn of_lang(&self, lang: Lang) -> &str {
        match lang {
            Lang::Fr => &self.fr,
            Lang::En => &self.en,
        }
    }
}

/// A breakdown row.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = IndicatorPart)]
pub struct PartView {
    /// Category key, exit kind, `mean` …
    pub key: String,
    /// In French.
    pub label: String,
    /// In English.
    pub label_en: String,
    /// Base units.
    pub numerator: i64,
    /// Base units; null for counts.
    pub denominator: Option<i64>,
    /// Null when there is nothing to divide by.
    #[schema(value_type = Option<f64>)]
    pub value: Option<Hundredths>,
    /// How many devices or rows it rests on.
    pub n: i64,
}

/// A row of what became of all that is counted.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = IndicatorRow)]
pub struct RowView {
    /// Which: the `group` of its devices.
    pub key: String,
    /// In words.
    pub label: Words,
    /// How many.
    pub n: i64,
    /// Per cent of the whole; null beside it.
    #[schema(value_type = Option<f64>)]
    pub share: Option<Hundredths>,
    /// Whether it is counted above the line: `yes`, `later` (a paper is missing) or `no`.
    pub counts: String,
    /// It is part of the denominator; else it is counted above the line only.
    pub within: bool,
}

/// A remark, for programs.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Remark {
    /// Which.
    pub key: String,
    /// How many.
    pub n: i64,
    /// In words.
    pub text: Words,
}

/// One indicator of one year. A value is the exact quotient to two decimals, half to even, never clamped.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Indicator)]
pub struct FigureView {
    /// `L01` …
    pub id: String,
    /// `reen16_rate` …
    pub name: String,
    /// Title.
    pub title: Words,
    /// Civil year.
    pub year: i32,
    /// Only what is dated up to this day counts.
    #[schema(value_type = String)]
    pub as_of: crate::domain::day::Day,
    /// Only what was recorded up to this instant counts: the one asked, else that of the last thing recorded.
    pub known_at: Option<String>,
    /// Organisation key.
    pub organisation: String,
    /// `own` (the legal figure) or `tree` (not legal).
    pub scope: String,
    /// Base units: devices, cents, days.
    pub numerator: Option<i64>,
    /// Base units; null for counts.
    pub denominator: Option<i64>,
    /// Null when it cannot be computed; `reason` says why.
    #[schema(value_type = Option<f64>)]
    pub value: Option<Hundredths>,
    /// percent, count, years or days.
    pub unit: String,
    /// In the unit of the value; null when there is none or it is unknown.
    pub target: Option<i64>,
    /// higher, lower or null.
    pub better: Option<String>,
    /// met, not_met, no_target, not_computable or not_applicable.
    pub status: String,
    /// Why there is no value or no verdict.
    pub reason: Option<String>,
    /// The year is not over on `as_of`.
    pub provisional: bool,
    /// How many devices or rows it rests on.
    pub n: i64,
    /// What is missing to the target, at the present denominator.
    #[schema(value_type = Option<Object>)]
    pub gap: Option<Gap>,
    /// The figure in one sentence.
    pub sentence: Words,
    /// Its sum and what is missing alone, where verdict and day are said beside it.
    #[serde(skip)]
    pub sum: Words,
    /// Breakdown.
    pub parts: Vec<PartView>,
    /// What became of all that is counted; what is `within` adds up to the denominator, for a count to the figure.
    pub breakdown: Vec<RowView>,
    /// Remarks, in French.
    pub notes: Vec<String>,
    /// The same remarks, for programs and in both languages.
    pub remarks: Vec<Remark>,
    /// Law rows behind it.
    #[schema(value_type = Vec<Object>)]
    pub sources: Vec<Source>,
}

/// What it takes to say a figure.
pub struct Reader<'a> {
    question: &'a Question,
    known_at: Option<Instant>,
    bound: bool,
    categories: HashMap<String, Words>,
}

impl<'a> Reader<'a> {
    /// Reads the names of categories, and what the organisation is.
    ///
    /// # Errors
    /// Those of the store.
    pub fn of(
        app: &App,
        db: &mut Db,
        question: &'a Question,
        known_at: Option<Instant>,
    ) -> Result<Reader<'a>> {
        let catalogue = app.catalogue(db)?;
        let categories = catalogue
            .categories()
            .map(|(key, c)| {
                let label = |text: &Option<crate::domain::text::Line>| {
                    text.as_ref().unwrap_or(&c.name).as_str().to_owned()
                };
                let words = Words {
                    fr: label(&c.label_fr),
                    en: label(&c.label_en),
                };
                (key.to_owned(), words)
            })
            .collect();
        let kind = match db::entries::by_id(db, &question.org)? {
            Some(row) => {
                let entry: Entry<Organisation> = entries::read(row)?;
                entry.body.kind
            }
            None => None,
        };
        // REEN 16 and AGEC 58 bind public persons (law.md §0); an unknown kind is taken to be bound.
        let bound = !matches!(
            kind,
            Some(OrganisationKind::Association | OrganisationKind::Company)
        );
        Ok(Reader {
            question,
            known_at,
            bound,
            categories,
        })
    }

    /// The figure as answered.
    pub fn view(&self, figure: &Figure) -> FigureView {
        let mut figure = figure.clone();
        let duty = matches!(figure.id, Id::L01 | Id::L03 | Id::L05 | Id::L06);
        if !self.bound && duty && matches!(figure.status, Status::Met | Status::NotMet) {
            figure.status = Status::NotApplicable;
            figure.reason = Some("not_bound");
            figure.gap = None;
        }
        let (id, tree) = (figure.id, self.question.query.tree);
        // A day to come cannot make a year that is still running final.
        let seen = figure.period.as_of.min(self.question.today);
        let provisional = seen < figure.period.last_day();
        let text = |note| Words::of(|lang| say::note(lang, note));
        FigureView {
            id: id.as_str().to_owned(),
            name: id.name().to_owned(),
            title: Words::of(|lang| say::title(lang, id)),
            year: figure.period.year,
            as_of: figure.period.as_of,
            known_at: self.known_at.as_ref().map(write_instant),
            organisation: self.question.org_key.clone(),
            scope: if tree { "tree" } else { "own" }.to_owned(),
            numerator: figure.numerator,
            denominator: figure.denominator,
            value: figure.value,
            unit: id.unit().as_str().to_owned(),
            target: figure.target,
            better: id.better().map(|b| b.as_str().to_owned()),
            status: figure.status.as_str().to_owned(),
            reason: figure.reason.map(str::to_owned),
            provisional,
            n: figure.n,
            gap: figure.gap,
            sentence: Words::of(|lang| say::sentence(lang, &figure, tree, provisional)),
            sum: Words::of(|lang| say::sum(lang, &figure, provisional)),
            parts: figure.parts.iter().map(|p| self.part(p)).collect(),
            breakdown: figure.breakdown.iter().map(|r| row(&figure, r)).collect(),
            notes: figure.notes.iter().map(|n| text(n).fr).collect(),
            remarks: figure
                .notes
                .iter()
                .map(|n| Remark {
                    key: n.key.to_owned(),
                    n: n.n,
                    text: text(n),
                })
                .collect(),
            sources: figure.sources.clone(),
        }
    }

    fn part(&self, part: &Part) -> PartView {
        let name = |key: &str| self.categories.get(key);
        PartView {
            key: part.key.clone(),
            label: say::label(Lang::Fr, part, |key| name(key).map(|w| w.fr.clone())),
            label_en: say::label(Lang::En, part, |key| name(key).map(|w| w.en.clone())),
            numerator: part.numerator,
            denominator: part.denominator,
            value: part.value,
            n: part.n,
        }
    }
}

fn row(figure: &Figure, row: &Row) -> RowView {
    let whole = figure.denominator.or(figure.numerator).unwrap_or_default();
    let share = row.within.then(|| Hundredths::percent(row.n, whole));
    RowView {
        key: row.key.to_owned(),
        label: Words::of(|lang| say::row(lang, row.key)),
        n: row.n,
        share: share.flatten(),
        counts: row.counts.as_str().to_owned(),
        within: row.within,
    }
}
