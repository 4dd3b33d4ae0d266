//! The indicators as use cases: the figures of a year, one figure, the devices behind it.
//!
//! `db` gives the facts, `domain::indicator` computes, `i18n` says it; here they meet, for somebody, in one snapshot.

mod ask;
mod csv;
mod items;
mod source;
mod view;

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

pub use ask::Ask;
pub use csv::csv;
pub use items::{Behind, ItemView, every_item, items};
pub use view::{FigureView, PartView, Remark, RowView, Words};

use super::{Actor, App, Page, Right};
use crate::db::facts::{self, Stamp};
use crate::db::{Db, outbox};
use crate::domain::day::{Day, Instant};
use crate::domain::indicator::{Figure, Fold, Id, Line, Reference, Trail};
use crate::domain::law::Law;
use crate::error::{Error, Result};
use ask::Question;
use source::Place;

/// How many answers are remembered.
const MOST: usize = 512;

/// What an answer depends on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    org: String,
    tree: bool,
    year: i32,
    as_of: Day,
    known_at: Option<Instant>,
    stamp: Stamp,
}

/// Figures and the instant of the snapshot they were read in.
#[derive(Debug)]
struct Answer {
    figures: Vec<Figure>,
    known_at: Option<Instant>,
}

/// Answers of a moment ago; any change in the ledger or the reference tables makes them old.
#[derive(Debug, Default)]
pub struct Cache {
    figures: Mutex<HashMap<Key, Arc<Answer>>>,
    lists: items::Lists,
}

impl Key {
    fn of(db: &mut Db, question: &Question) -> Result<Key> {
        Ok(Key {
            org: question.org.clone(),
            tree: question.query.tree,
            year: question.query.period.year,
            as_of: question.query.period.as_of,
            known_at: question.known_at,
            stamp: facts::stamp(db)?,
        })
    }
}

/// Every figure of a year.
///
/// # Errors
/// `forbidden`, `invalid_parameter` for an organisation that is not the actor's, and those of the store.
pub fn all(app: &App, actor: &Actor, ask: &Ask) -> Result<Page<FigureView>> {
    actor.must(Right::Read)?;
    // What is committed is numbered first, so that `known_at` says all that the figures hold.
    crate::app::ledger_care::number(app)?;
    app.store.read(|db| {
        let question = Question::of(app, db, actor, ask)?;
        let answer = answer(app, db, &question)?;
        let reader = view::Reader::of(app, db, &question, answer.known_at)?;
        let items = answer.figures.iter().map(|f| reader.view(f)).collect();
        Ok(Page::new(items, None))
    })
}

/// One figure, by id (any case) or name.
///
/// # Errors
/// As [`all`]; `not_found` for an id that is no indicator's.
pub fn one(app: &App, actor: &Actor, id: &str, ask: &Ask) -> Result<FigureView> {
    actor.must(Right::Read)?;
    let id = Id::parse(id).ok_or_else(Error::not_found)?;
    // What is committed is numbered first, so that `known_at` says all that the figures hold.
    crate::app::ledger_care::number(app)?;
    app.store.read(|db| {
        let question = Question::of(app, db, actor, ask)?;
        let answer = answer(app, db, &question)?;
        let reader = view::Reader::of(app, db, &question, answer.known_at)?;
        let figure = answer.figures.iter().find(|f| f.id == id);
        figure
            .map(|f| reader.view(f))
            .ok_or_else(|| Error::internal("a figure is missing"))
    })
}

/// One figure over several years, in the order of the years. What is not remembered is computed in one walk over the
/// facts, every figure of those years with it.
///
/// # Errors
/// As [`one`].
pub fn over_years(
    app: &App,
    actor: &Actor,
    id: &str,
    ask: &Ask,
    years: std::ops::RangeInclusive<i32>,
) -> Result<Vec<FigureView>> {
    actor.must(Right::Read)?;
    let id = Id::parse(id).ok_or_else(Error::not_found)?;
    crate::app::ledger_care::number(app)?;
    app.store.read(|db| {
        let mut questions = Vec::new();
        for year in years {
            let ask = Ask {
                year: Some(year),
                ..ask.clone()
            };
            questions.push(Question::of(app, db, actor, &ask)?);
        }
        let answers = answers(app, db, &questions)?;
        let mut out = Vec::with_capacity(questions.len());
        for (question, answer) in questions.iter().zip(&answers) {
            let reader = view::Reader::of(app, db, question, answer.known_at)?;
            let figure = answer.figures.iter().find(|f| f.id == id);
            out.extend(figure.map(|f| reader.view(f)));
        }
        Ok(out)
    })
}

/// How many devices sleep in stock today (F09), by the rule of the figure over the devices in stock alone.
///
/// # Errors
/// Those of the store.
pub fn dormant(app: &App, db: &mut Db, orgs: &[String], today: Day) -> Result<i64> {
    let law = Law::shipped();
    let question = Question::of_day(orgs, today);
    let tables = source::tables(app, db, &question, &law)?;
    let (mut fold, mut trail) = (Fold::default(), Trail::off());
    for row in crate::db::today::stocked(db, orgs)? {
        let facts = serde_json::from_str(&row.facts).map_err(Error::internal)?;
        let (query, reference) = (&question.query, &tables.reference);
        fold.visit(&row.device, &row.org, &facts, query, reference, &mut trail);
    }
    let figures = fold.finish(&question.query, &law, &[]);
    let dormant = figures.iter().find(|f| f.id == Id::F09);
    Ok(dormant.and_then(|f| f.numerator).unwrap_or(0))
}

fn answer(app: &App, db: &mut Db, question: &Question) -> Result<Arc<Answer>> {
    let answers = answers(app, db, std::slice::from_ref(question))?;
    let first = answers.into_iter().next();
    first.ok_or_else(|| Error::internal("an answer is missing"))
}

/// Answers to questions that differ in their year only, in their order.
fn answers(app: &App, db: &mut Db, questions: &[Question]) -> Result<Vec<Arc<Answer>>> {
    let mut keys = Vec::with_capacity(questions.len());
    for question in questions {
        keys.push(Key::of(db, question)?);
    }
    let mut found: Vec<Option<Arc<Answer>>> = {
        let cache = app.indicators.figures.lock();
        keys.iter().map(|key| cache.get(key).cloned()).collect()
    };
    let missing: Vec<&Question> = questions
        .iter()
        .zip(&found)
        .filter(|(_, found)| found.is_none())
        .map(|(question, _)| question)
        .collect();
    let computed = compute(app, db, &missing)?;
    let mut cache = app.indicators.figures.lock();
    if cache.len() + computed.len() > MOST {
        cache.clear();
    }
    let gaps = found.iter_mut().zip(keys).filter(|(gap, _)| gap.is_none());
    for ((gap, key), answer) in gaps.zip(computed) {
        let answer = Arc::new(answer);
        cache.insert(key, Arc::clone(&answer));
        *gap = Some(answer);
    }
    Ok(found.into_iter().flatten().collect())
}

/// The answers to questions that differ in their year only: the facts are walked over once.
fn compute(app: &App, db: &mut Db, questions: &[&Question]) -> Result<Vec<Answer>> {
    let Some(first) = questions.first() else {
        return Ok(Vec::new());
    };
    let law = Law::shipped();
    let known_at = match first.known_at {
        Some(asked) => Some(asked),
        None => outbox::last_numbered(db)?,
    };
    let mut folds: Vec<Fold> = questions.iter().map(|_| Fold::default()).collect();
    if questions.iter().any(|q| q.query.period.begun()) {
        let tables = source::tables(app, db, first, &law)?;
        let references: Vec<Reference> = questions
            .iter()
            .map(|q| tables.reference.in_year(&law, q.query.period.year))
            .collect();
        let mut trail = Trail::off();
        source::walk(db, first, &tables, Place::default(), &mut |row| {
            for ((fold, question), reference) in folds.iter_mut().zip(questions).zip(&references) {
                let query = &question.query;
                fold.visit(row.device, row.org, row.facts, query, reference, &mut trail);
            }
            Ok(true)
        })?;
    }
    let mut answers = Vec::with_capacity(questions.len());
    for (fold, question) in folds.into_iter().zip(questions) {
        let lines: Vec<Line> = if question.query.period.begun() {
            source::lines(db, question)?
        } else {
            Vec::new()
        };
        answers.push(Answer {
            figures: fold.finish(&question.query, &law, &lines),
            known_at,
        });
    }
    Ok(answers)
}
