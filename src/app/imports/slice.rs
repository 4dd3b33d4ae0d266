//! A slice of rows, decided and built, on its way into the store: the write transaction looks once more whether somebody
//! was faster, inserts, and says what became of each row.

use std::borrow::Borrow;
use std::collections::{BTreeMap, HashSet};

use serde_json::{Map, Value};

use super::report::Change;
use super::walk::Detail;
use crate::app::Expected;
use crate::app::identity::Candidates;
use crate::app::lifecycle::{Command, Context, record_in};
use crate::db::books::{self, NewDevice};
use crate::db::imports::{self, Row};
use crate::db::{Db, savepoint};
use crate::domain::event::Fields;
use crate::domain::words::Kind;
use crate::error::{Code, Error, Result};
use crate::exchange::draft::{Draft, Problem, Why};

/// A slice ready to be written.
pub struct Slice {
    /// What its rows were judged by.
    pub cx: Context,
    /// Its rows.
    pub rows: Vec<Ready>,
    /// Devices that were looked at when its rows were judged.
    pub known: HashSet<String>,
}

/// A row ready to be written.
#[derive(Clone)]
pub struct Ready {
    /// What it says.
    pub draft: Draft,
    /// What could not be taken.
    pub problems: Vec<Problem>,
    /// The word for it in the row account.
    pub action: &'static str,
    /// What it does.
    pub work: Work,
}

/// What a row does.
#[derive(Clone)]
pub enum Work {
    /// Nothing, of this device.
    Nothing(Option<String>),
    /// Makes devices.
    Create {
        /// They, ready to be written.
        devices: Vec<NewDevice>,
        /// What finds each of them again.
        sources: Vec<(String, String)>,
        /// The row made others before.
        more: bool,
    },
    /// Describes a device anew.
    Describe {
        /// Its id.
        device: String,
        /// Fields to set.
        set: Map<String, Value>,
        /// The same, for people.
        changes: Vec<Change>,
    },
}

/// Writes a slice.
///
/// # Errors
/// Those of the store.
pub fn write(db: &mut Db, slice: &Slice, import: &str, org: &str) -> Result<()> {
    let (cx, ready) = (&slice.cx, &slice.rows);
    let line = |row: &Ready| i64::try_from(row.draft.line).unwrap_or(i64::MAX);
    let lines: Vec<i64> = ready.iter().map(line).collect();
    let ours: HashSet<i64> =
        imports::hold(db, import, "staged", &lines, cx.now.instant.naive_utc())?
            .into_iter()
            .collect();
    let mut rows: Vec<&Ready> = ready.iter().filter(|r| ours.contains(&line(r))).collect();
    // Somebody may have made one of these devices since it was looked up: such rows are judged anew.
    let new: Vec<&Draft> = rows
        .iter()
        .filter(|r| matches!(&r.work, Work::Create { more: false, .. }))
        .map(|r| &r.draft)
        .collect();
    let mut since = Candidates::anybody(db, org, &new)?;
    since.forget(&slice.known);
    rows.retain(|r| {
        !matches!(&r.work, Work::Create { more: false, .. }) || !since.touches(&r.draft)
    });
    let all: Vec<&NewDevice> = rows.iter().flat_map(|r| devices_of(r)).collect();
    let at_once = all.is_empty() || insert(db, &all)?.is_none();
    // Two rows may have one source: the later one's device counts.
    let mut made = BTreeMap::new();
    let mut outcomes = Vec::with_capacity(rows.len());
    for row in rows {
        let mut outcome = settled(row);
        let clash = match &row.work {
            Work::Create { devices, .. } if !at_once => insert(db, devices)?,
            Work::Describe { device, set, .. } => describe(db, cx, device, set)?,
            _ => None,
        };
        match clash {
            None => {
                if let Work::Create { sources, .. } = &row.work {
                    made.extend(sources.iter().cloned());
                }
            }
            Some(error) => {
                let mut problems = row.problems.clone();
                problems.push(taken(&row.draft, &error));
                let detail = Detail {
                    problems,
                    ..Detail::default()
                };
                outcome = Row {
                    action: "conflict".into(),
                    device: None,
                    detail: detail.text()?,
                    ..outcome
                };
            }
        }
        outcomes.push(outcome);
    }
    let made: Vec<(String, String)> = made.into_iter().collect();
    imports::put_sources(db, org, &made)?;
    imports::settle(db, import, &outcomes)
}

/// What the store refuses of a row: a code or tag that is taken, or what the ledger says.
fn taken(draft: &Draft, error: &Error) -> Problem {
    match error.code {
        Code::Duplicate => Problem::new(draft.line, None, Why::CodeTaken, Map::new()),
        _ => Problem::refused(draft.line, error),
    }
}

fn devices_of(row: &Ready) -> &[NewDevice] {
    match &row.work {
        Work::Create { devices, .. } => devices,
        _ => &[],
    }
}

/// What is kept of a row that was written.
fn settled(row: &Ready) -> Row {
    let mut detail = Detail {
        problems: row.problems.clone(),
        ..Detail::default()
    };
    let device = match &row.work {
        Work::Nothing(device) => device.clone(),
        Work::Describe {
            device, changes, ..
        } => {
            detail.changes.clone_from(changes);
            Some(device.clone())
        }
        Work::Create { devices, more, .. } => {
            let ids = || devices.iter().map(|d| d.projection.device.clone());
            if devices.len() > 1 || *more {
                detail.made = ids().collect();
            }
            ids().next()
        }
    };
    Row {
        line: i64::try_from(row.draft.line).unwrap_or(i64::MAX),
        action: row.action.to_owned(),
        device,
        detail: detail.text().unwrap_or_default(),
    }
}

/// Inserts devices; gives the clash when one of their codes or tags is taken.
fn insert<D: Borrow<NewDevice>>(db: &mut Db, new: &[D]) -> Result<Option<Error>> {
    match savepoint(db, |db| books::insert_new(db, new)) {
        Ok(()) => Ok(None),
        Err(error) if error.code == Code::Duplicate => Ok(Some(error)),
        Err(error) => Err(error),
    }
}

fn describe(
    db: &mut Db,
    cx: &Context,
    device: &str,
    set: &Map<String, Value>,
) -> Result<Option<Error>> {
    let command = Command {
        device: device.to_owned(),
        kind: Kind::Describe,
        on: cx.now.today,
        at: None,
        fields: Fields {
            set: Some(set.clone()),
            ..Fields::default()
        },
        private: Map::new(),
        key: None,
        sent: Value::Null,
    };
    let done = savepoint(db, |db| {
        crate::domain::lifecycle::fields::read_set(set)?;
        record_in(db, cx, &[command], &Expected::Anything)
    });
    match done {
        Ok(_) => Ok(None),
        Err(error) if error.code.status() < 500 => Ok(Some(error)),
        Err(error) => Err(error),
    }
}
