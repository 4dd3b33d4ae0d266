//! « Aujourd'hui »: what waits for somebody, what the law expects next, the fleet by stage, the last entries. Only what
//! the ledger really knows; remembered until something changes.

mod duty;
mod list;

use std::collections::HashMap;
use std::sync::Arc;

use chrono::TimeDelta;
use parking_lot::Mutex;

pub use duty::{Duty, Obligation};
pub use list::{Late, list};

use super::{Actor, App, Right, indicators};
use crate::db::facts::{self, Stamp};
use crate::db::{Db, today as rows};
use crate::domain::day::{Day, Instant};
use crate::domain::words::{Kind, Stage};
use crate::error::{Error, Result};

/// Days after which an open repair is late.
pub const REPAIR_DAYS: i64 = 15;
/// Days for which an import that met conflicts is told.
const IMPORT_DAYS: i64 = 30;
/// Last entries shown.
const ENTRIES: usize = 5;
/// How many answers are remembered.
const MOST: usize = 64;

/// Something that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Matter {
    /// Loans past their day of return.
    Loans,
    /// Repairs open for too long.
    Repairs,
    /// Out of use, media not purged.
    Wipes,
    /// Sales and take-backs without proof of re-use.
    Proofs,
    /// Réformes proposed, nothing decided.
    Proposals,
    /// An import looked at and not committed.
    Staged,
    /// An import that met conflicts.
    Conflicts,
    /// Asleep in stock.
    Dormant,
}

impl Matter {
    /// As written in addresses and keys.
    pub const fn as_str(self) -> &'static str {
        match self {
            Matter::Loans => "loans",
            Matter::Repairs => "repairs",
            Matter::Wipes => "wipes",
            Matter::Proofs => "proofs",
            Matter::Proposals => "proposals",
            Matter::Staged => "staged",
            Matter::Conflicts => "conflicts",
            Matter::Dormant => "dormant",
        }
    }
    /// Those that have a list of their own.
    pub fn parse(text: &str) -> Option<Matter> {
        [
            Matter::Loans,
            Matter::Repairs,
            Matter::Proofs,
            Matter::Proposals,
        ]
        .into_iter()
        .find(|m| m.as_str() == text)
    }
}

/// How much of it waits, and since when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// What.
    pub matter: Matter,
    /// How many devices; of imports, how many rows.
    pub n: i64,
    /// The oldest.
    pub since: Option<Day>,
    /// Import id and file, of an import.
    pub import: Option<(String, Option<String>)>,
}

/// An entry of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Tag.
    pub tag: String,
    /// What.
    pub kind: Kind,
    /// Day of the fact.
    pub on: Day,
    /// When it was written.
    pub at: Instant,
}

/// The first page.
#[derive(Debug, Clone)]
pub struct Today {
    /// What waits, most urgent first.
    pub tasks: Vec<Task>,
    /// What the law expects next, by date.
    pub duties: Vec<Duty>,
    /// Devices by stage, in the order of the loop; what is gone left out.
    pub stages: Vec<(Stage, i64)>,
    /// How many left since 1 January.
    pub gone: i64,
    /// How many organisations are counted.
    pub organisations: usize,
    /// Last entries.
    pub entries: Vec<Written>,
}

type Key = (Option<String>, Day, Stamp);

/// Pages made a moment ago; any change in the ledger or the reference tables makes them old.
#[derive(Debug, Default)]
pub struct Cache(Mutex<HashMap<Key, Arc<Today>>>);

/// The first page of the actor's organisations.
///
/// # Errors
/// `forbidden`, and those of the store.
pub fn today(app: &App, actor: &Actor) -> Result<Arc<Today>> {
    actor.must(Right::Read)?;
    app.store.read(|db| {
        let day = app.clock.today();
        let key = (actor.org.clone(), day, facts::stamp(db)?);
        let known = app.today.0.lock().get(&key).cloned();
        let page = match known {
            Some(page) => page,
            None => {
                let page = Arc::new(look(app, db, actor, day)?);
                let mut cache = app.today.0.lock();
                if cache.len() >= MOST {
                    cache.clear();
                }
                cache.insert(key, Arc::clone(&page));
                page
            }
        };
        // Imports are not in the ledger: they are asked for each time.
        let scope = actor.scope(db)?;
        let orgs = rows::orgs(db, &scope)?;
        let mut page = page.as_ref().clone();
        let imports = imports(app, db, &orgs)?;
        let before_dormant = page.tasks.iter().position(|t| t.matter == Matter::Dormant);
        let at = before_dormant.unwrap_or(page.tasks.len());
        page.tasks.splice(at..at, imports);
        Ok(Arc::new(page))
    })
}

fn look(app: &App, db: &mut Db, actor: &Actor, day: Day) -> Result<Today> {
    let scope = actor.scope(db)?;
    let orgs = rows::orgs(db, &scope)?;
    let found = rows::stages(db, &orgs)?;
    let count = |stage: Stage| {
        let found = found.iter().find(|w| w.word == stage.as_str());
        found.map_or(0, |w| w.n)
    };
    let stages: Vec<(Stage, i64)> = LOOP.iter().map(|s| (*s, count(*s))).collect();
    let written = rows::written(db, &scope, ENTRIES)?;
    Ok(Today {
        tasks: tasks(app, db, &orgs, day)?,
        duties: duty::duties(
            db,
            actor,
            day,
            count(Stage::Retired) + count(Stage::Oriented),
        )?,
        gone: rows::gone(db, &orgs, Day::first_of(day.year()).0)?,
        organisations: orgs.len(),
        entries: written
            .into_iter()
            .map(|(event, tag)| Written {
                tag,
                kind: event.kind,
                on: event.on,
                at: event.recorded_at,
            })
            .collect(),
        stages,
    })
}

/// The stops of the loop, in the order of the drawing.
const LOOP: [Stage; 7] = [
    Stage::Ordered,
    Stage::InStock,
    Stage::Refurbishing,
    Stage::InRepair,
    Stage::InUse,
    Stage::Retired,
    Stage::Oriented,
];

fn tasks(app: &App, db: &mut Db, orgs: &[String], day: Day) -> Result<Vec<Task>> {
    let of = |matter, n, since| Task {
        matter,
        n,
        since,
        import: None,
    };
    let listed = |matter, late: Vec<Late>| {
        let since = late.iter().filter_map(|l| l.on).min();
        of(matter, i64::try_from(late.len()).unwrap_or(i64::MAX), since)
    };
    let repairs = rows::repairs(db, orgs, late_before(day).0)?;
    let proofs = rows::unproved(db, orgs)?;
    let all = [
        listed(Matter::Loans, list::loans(db, orgs, day)?),
        of(Matter::Repairs, repairs.n, repairs.since.map(Day)),
        of(Matter::Wipes, rows::unwiped(db, orgs)?, None),
        of(Matter::Proofs, proofs.n, proofs.since.map(Day)),
        listed(Matter::Proposals, list::proposals(db, orgs)?),
        of(
            Matter::Dormant,
            indicators::dormant(app, db, orgs, day)?,
            None,
        ),
    ];
    Ok(all.into_iter().filter(|task| task.n > 0).collect())
}

/// A repair opened before this day is late.
fn late_before(day: Day) -> Day {
    Day(day.0 - TimeDelta::days(REPAIR_DAYS))
}

fn imports(app: &App, db: &mut Db, orgs: &[String]) -> Result<Vec<Task>> {
    let since = app
        .clock
        .now()
        .naive_utc()
        .checked_sub_signed(TimeDelta::days(IMPORT_DAYS))
        .ok_or_else(|| Error::internal("no such day"))?;
    let found = rows::imports(db, orgs, since)?;
    Ok(found
        .into_iter()
        .map(|batch| Task {
            matter: if batch.staged {
                Matter::Staged
            } else {
                Matter::Conflicts
            },
            n: batch.conflicts,
            since: None,
            import: Some((batch.id, batch.filename)),
        })
        .collect())
}
