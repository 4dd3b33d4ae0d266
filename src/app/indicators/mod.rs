//! The indicators as use cases: the figures of a year, one figure, the devices behind it.
//!
//! `db` gives the facts, `domain::indicator` computes, `i18n` says it; here they meet, for somebody, in one snapshot.

mod ask;
mod items;
mod source;
mod view;

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

pub use ask::Ask;
pub use items::{ItemView, items};
pub use view::{FigureView, PartView, Remark, Words};

use super::{Actor, App, Page, Right};
use crate::db::facts::{self, Stamp};
use crate::db::{Db, outbox};
use crate::domain::day::{Day, Instant};
use crate::domain::indicator::{Figure, Fold, Id, Line, Trail};
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
pub struct Cache(Mutex<HashMap<Key, Arc<Answer>>>);

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

fn answer(app: &App, db: &mut Db, question: &Question) -> Result<Arc<Answer>> {
    let key = Key {
        org: question.org.clone(),
        tree: question.query.tree,
        year: question.query.period.year,
        as_of: question.query.period.as_of,
        known_at: question.known_at,
        stamp: facts::stamp(db)?,
    };
    if let Some(known) = app.indicators.0.lock().get(&key) {
        return Ok(Arc::clone(known));
    }
    let answer = Arc::new(compute(app, db, question)?);
    let mut cache = app.indicators.0.lock();
    if cache.len() >= MOST {
        cache.clear();
    }
    cache.insert(key, Arc::clone(&answer));
    Ok(answer)
}

fn compute(app: &App, db: &mut Db, question: &Question) -> Result<Answer> {
    let law = Law::shipped();
    let query = &question.query;
    let known_at = match question.known_at {
        Some(asked) => Some(asked),
        None => outbox::last_numbered(db)?,
    };
    let mut fold = Fold::default();
    let mut lines: Vec<Line> = Vec::new();
    if query.period.begun() {
        let tables = source::tables(app, db, question, &law)?;
        let mut trail = Trail::off();
        source::walk(db, question, &tables, Place::default(), &mut |row| {
            fold.visit(
                row.device,
                row.org,
                row.facts,
                query,
                &tables.reference,
                &mut trail,
            );
            Ok(true)
        })?;
        lines = source::lines(db, question)?;
    }
    Ok(Answer {
        figures: fold.finish(query, &law, &lines),
        known_at,
    })
}
