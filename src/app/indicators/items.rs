//! The devices behind a figure, side by side with why they are there, page by page.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ask::{Ask, Question};
use super::source::{self, Place};
use super::view::Words;
use crate::app::{Actor, App, Page, Right, cursor};
use crate::db::{Db, Scope, facts};
use crate::domain::day::Day;
use crate::domain::indicator::{
    Counts, Finish, Fold, Id, Item, Line, Place as Counted, Side, Trail,
};
use crate::domain::law::Law;
use crate::domain::words::ExitKind;
use crate::error::{Error, Result};
use crate::i18n::indicators as say;

/// A device behind a figure; for L06 a purchase line.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = IndicatorItem)]
pub struct ItemView {
    /// Tag; null for a purchase line.
    pub tag: Option<String>,
    /// Device id; null for a purchase line.
    pub device: Option<String>,
    /// Name.
    pub name: Option<String>,
    /// Category key.
    pub category: Option<String>,
    /// Manufacturer.
    pub manufacturer: Option<String>,
    /// Organisation key whose books are meant.
    pub organisation: String,
    /// Row of the breakdown, or part of the figure, that it belongs to.
    pub group: String,
    /// Whether it is counted above the line: `yes`, `later` (a paper is missing) or `no`.
    pub counts: String,
    /// Why it is on this side, for programs.
    pub why: String,
    /// Why it is on this side, in words.
    pub text: Words,
    /// Day of the fact.
    #[schema(value_type = Option<String>)]
    pub on: Option<Day>,
    /// Kind of exit.
    #[schema(value_type = Option<String>)]
    pub exit_kind: Option<ExitKind>,
    /// Days it adds, where days are summed.
    pub days: Option<i64>,
    /// What its age is counted from: manufactured, first_sold or acquired.
    pub age_basis: Option<String>,
    /// Purchase key, for L06.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purchase: Option<String>,
    /// Line key, for L06.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// Cents it adds, for L06.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount_cents: Option<i64>,
}

/// Where a page goes on: at this book, after so many of its lines.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Position {
    place: Place,
    skip: usize,
}

/// A list behind a figure.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Behind {
    /// Of which figure.
    pub id: Id,
    /// Which side of it.
    pub side: Side,
    /// One row of its breakdown, or one of its parts, by key.
    pub group: Option<String>,
}

impl Behind {
    /// One side of the figure of this id (any case) or name.
    ///
    /// # Errors
    /// `not_found` for an id that is no indicator's.
    pub fn of(id: &str, side: Side) -> Result<Behind> {
        Ok(Behind {
            id: Id::parse(id).ok_or_else(Error::not_found)?,
            side,
            group: None,
        })
    }
    fn holds(&self, group: &str) -> bool {
        self.group.as_deref().is_none_or(|wanted| wanted == group)
    }
}

/// A page of a list: what question it answers, of which list, how long and from where.
pub(super) type ListKey = (super::Key, Behind, usize, Position);

/// Pages of a moment ago: what is behind a figure is looked through again only when something has changed.
pub(super) type Lists = Mutex<HashMap<ListKey, Arc<Part>>>;

/// How many pages are remembered.
const MOST: usize = 256;

/// A page of a list behind a figure.
///
/// # Errors
/// As `all`; `invalid_parameter` for a foreign cursor.
pub fn items(
    app: &App,
    actor: &Actor,
    behind: &Behind,
    ask: &Ask,
    limit: usize,
    after: Option<&str>,
) -> Result<Page<ItemView>> {
    actor.must(Right::Read)?;
    // What is committed is numbered first, so that `known_at` says all that the figures hold.
    crate::app::ledger_care::number(app)?;
    app.store.read(|db| {
        let question = Question::of(app, db, actor, ask)?;
        let asked = serde_json::to_string(ask).map_err(Error::internal)?;
        let owner = actor.org.as_deref().unwrap_or("*");
        let bound = format!(
            "indicator|{owner}|{}|{}|{}|{asked}",
            behind.id.as_str(),
            behind.side.as_str(),
            behind.group.as_deref().unwrap_or_default()
        );
        let from: Position = match after {
            Some(text) => cursor::open(app, &bound, text)?,
            None => Position::default(),
        };
        let key = (
            super::Key::of(db, &question)?,
            behind.clone(),
            limit,
            from.clone(),
        );
        let known = app.indicators.lists.lock().get(&key).cloned();
        let part = match known {
            Some(part) => part,
            None => {
                let part = Arc::new(part(app, db, &question, behind, limit, from)?);
                let mut lists = app.indicators.lists.lock();
                if lists.len() >= MOST {
                    lists.clear();
                }
                lists.insert(key, Arc::clone(&part));
                part
            }
        };
        let (items, next) = part.as_ref();
        let next = next.as_ref().map(|p| cursor::seal(app, &bound, p));
        Ok(Page::new(items.clone(), next.transpose()?))
    })
}

/// The whole list of one snapshot, a thousand lines at a time.
///
/// # Errors
/// As [`items`], and those of `each`.
pub fn every_item(
    app: &App,
    actor: &Actor,
    behind: &Behind,
    ask: &Ask,
    each: &mut dyn FnMut(&ItemView) -> Result<()>,
) -> Result<()> {
    const SOME: usize = 1000;
    actor.must(Right::Read)?;
    app.store.read(|db| {
        let question = Question::of(app, db, actor, ask)?;
        let mut from = Some(Position::default());
        while let Some(position) = from {
            let (items, next) = part(app, db, &question, behind, SOME, position)?;
            items.iter().try_for_each(&mut *each)?;
            from = next;
        }
        Ok(())
    })
}

fn part(
    app: &App,
    db: &mut Db,
    question: &Question,
    behind: &Behind,
    limit: usize,
    from: Position,
) -> Result<Part> {
    if !question.query.period.begun() {
        Ok((Vec::new(), None))
    } else if behind.id == Id::L06 {
        spend(db, question, behind, limit, from.skip)
    } else {
        devices(app, db, question, behind, limit, from)
    }
}

pub(super) type Part = (Vec<ItemView>, Option<Position>);

fn devices(
    app: &App,
    db: &mut Db,
    question: &Question,
    behind: &Behind,
    limit: usize,
    from: Position,
) -> Result<Part> {
    let tables = source::tables(app, db, question, &Law::shipped())?;
    let mut found: Vec<Item> = Vec::new();
    let mut next = None;
    let mut skip = from.skip;
    let mut fold = Fold::default();
    source::walk(db, question, &tables, from.place, &mut |row| {
        let mut trail = Trail::of(behind.id, behind.side);
        let (query, reference) = (&question.query, &tables.reference);
        fold.visit(row.device, row.org, row.facts, query, reference, &mut trail);
        trail.items.retain(|item| behind.holds(&item.group));
        let room = limit - found.len();
        let skipped = std::mem::take(&mut skip);
        let of_row = trail.items.len().saturating_sub(skipped);
        if of_row > room {
            next = Some(Position {
                place: row.place,
                skip: skipped + room,
            });
        }
        found.extend(trail.items.into_iter().skip(skipped).take(room));
        Ok(next.is_none())
    })?;
    Ok((faced(db, question, found)?, next))
}

/// Adds what a list shows of each device.
fn faced(db: &mut Db, question: &Question, found: Vec<Item>) -> Result<Vec<ItemView>> {
    let ids: Vec<String> = found.iter().map(|item| item.device.clone()).collect();
    let mut faces = facts::faces(db, &ids, &Scope::of(question.orgs.clone()))?;
    let mut keys = HashMap::new();
    let mut out = Vec::with_capacity(found.len());
    for item in found {
        let of = (item.device.clone(), item.org.clone());
        // Known then, and out of these books since: the tag never changes.
        let face = match faces.remove(&of) {
            Some(face) => {
                faces.insert(of, face.clone());
                face
            }
            None => facts::Face {
                tag: facts::tag(db, &item.device)?,
                ..facts::Face::default()
            },
        };
        out.push(ItemView {
            tag: Some(face.tag),
            name: face.name,
            category: face.category,
            manufacturer: face.manufacturer,
            organisation: organisation(db, &mut keys, &item.org)?,
            group: item.group,
            counts: item.counts.as_str().to_owned(),
            why: item.why.to_owned(),
            text: Words::of(|lang| say::why(lang, item.why)),
            on: item.on,
            exit_kind: item.exit_kind,
            days: item.amount,
            age_basis: item.basis.map(str::to_owned),
            device: Some(item.device),
            purchase: None,
            line: None,
            amount_cents: None,
        });
    }
    Ok(out)
}

fn organisation(db: &mut Db, keys: &mut HashMap<String, String>, id: &str) -> Result<String> {
    if let Some(key) = keys.get(id) {
        return Ok(key.clone());
    }
    let key = crate::db::organisations::by_id(db, id)?.map_or_else(|| id.to_owned(), |n| n.key);
    keys.insert(id.to_owned(), key.clone());
    Ok(key)
}

/// L06: lines, not devices.
fn spend(
    db: &mut Db,
    question: &Question,
    behind: &Behind,
    limit: usize,
    skip: usize,
) -> Result<Part> {
    let law = Law::shipped();
    let end = Finish::new(&question.query, &law);
    let lines = source::lines(db, question)?;
    let shown: Vec<(&Line, &'static str, i64)> = lines
        .iter()
        .filter_map(|line| match (line.place(&end), behind.side) {
            (Counted::Counted, Side::Numerator) if line.reuse_cents != 0 => {
                Some((line, "counted", line.reuse_cents))
            }
            (Counted::Counted, Side::Denominator) => Some((line, "counted", line.amount_cents)),
            (Counted::Out(why), Side::Excluded) => Some((line, why, line.amount_cents)),
            _ => None,
        })
        .filter(|(_, why, _)| behind.holds(why))
        .collect();
    let mut keys = HashMap::new();
    let mut out = Vec::new();
    for (line, why, cents) in shown.iter().skip(skip).take(limit) {
        out.push(ItemView {
            tag: None,
            device: None,
            name: None,
            category: None,
            manufacturer: None,
            organisation: organisation(db, &mut keys, &line.org)?,
            group: (*why).to_owned(),
            counts: if line.reuse_cents != 0 && *why == "counted" {
                Counts::Yes
            } else {
                Counts::No
            }
            .as_str()
            .to_owned(),
            why: (*why).to_owned(),
            text: Words::of(|lang| say::why(lang, why)),
            on: Some(line.expense_on),
            exit_kind: None,
            days: None,
            age_basis: None,
            purchase: Some(line.purchase.clone()),
            line: Some(line.line.clone()),
            amount_cents: Some(*cents),
        });
    }
    let next = (shown.len() > skip + limit).then(|| Position {
        place: Place::default(),
        skip: skip + limit,
    });
    Ok((out, next))
}
