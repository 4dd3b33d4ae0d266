//! The devices behind a line of the first page.

use serde::Deserialize;

use super::{Matter, late_before};
use crate::app::{Actor, App, Right};
use crate::db::today::{self as rows, Waiting};
use crate::db::{Db, entries};
use crate::domain::day::Day;
use crate::domain::words::Stage;
use crate::error::{Error, Result};

/// Most devices of a list; the oldest come first.
const MOST: i64 = 500;

/// A device that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Late {
    /// Tag.
    pub tag: String,
    /// Name.
    pub name: Option<String>,
    /// Stage, or kind of exit.
    pub word: String,
    /// The day it was due, or waits since.
    pub on: Option<Day>,
    /// Name of the partner.
    pub partner: Option<String>,
}

/// What the projection says of it.
#[derive(Deserialize)]
struct Marks {
    due_on: Option<Day>,
    proposed_on: Option<Day>,
}

/// The devices behind a line, the oldest first; of proofs, the latest first.
///
/// # Errors
/// `forbidden`, and those of the store.
pub fn list(app: &App, actor: &Actor, matter: Matter) -> Result<Vec<Late>> {
    actor.must(Right::Read)?;
    let day = app.clock.today();
    app.store.read(|db| {
        let scope = actor.scope(db)?;
        let orgs = rows::orgs(db, &scope)?;
        let (found, late) = match matter {
            Matter::Loans => (Vec::new(), loans(db, &orgs, day)?),
            Matter::Proposals => (Vec::new(), proposals(db, &orgs)?),
            Matter::Repairs => (
                rows::repairs_list(db, &orgs, late_before(day).0, MOST)?,
                Vec::new(),
            ),
            Matter::Proofs => (rows::unproved_list(db, &orgs, MOST)?, Vec::new()),
            _ => return Err(Error::not_found()),
        };
        let mut out = late;
        for row in found {
            let partner = match &row.partner {
                Some(id) => entries::by_id(db, id)?.map(|entry| entry.name),
                None => None,
            };
            let on = row.on.map(Day);
            out.push(Late {
                partner,
                ..of(row, on)
            });
        }
        Ok(out)
    })
}

fn of(row: Waiting, on: Option<Day>) -> Late {
    Late {
        tag: row.tag,
        name: row.name,
        word: row.stage,
        on,
        partner: None,
    }
}

/// Loans past their day of return.
pub(super) fn loans(db: &mut Db, orgs: &[String], day: Day) -> Result<Vec<Late>> {
    let mut out = Vec::new();
    for row in rows::lent(db, orgs)? {
        let marks: Marks = serde_json::from_str(&row.state).map_err(Error::internal)?;
        if marks.due_on.is_some_and(|due| due < day) {
            out.push(of(row, marks.due_on));
        }
    }
    out.sort_by(|a, b| (a.on, &a.tag).cmp(&(b.on, &b.tag)));
    Ok(out)
}

/// Réformes proposed that nobody has decided.
pub(super) fn proposals(db: &mut Db, orgs: &[String]) -> Result<Vec<Late>> {
    let mut out = Vec::new();
    for row in rows::proposed(db, orgs)? {
        let marks: Marks = serde_json::from_str(&row.state).map_err(Error::internal)?;
        if marks.proposed_on.is_some() && Stage::parse(&row.stage).is_ok() {
            out.push(of(row, marks.proposed_on));
        }
    }
    out.sort_by(|a, b| (a.on, &a.tag).cmp(&(b.on, &b.tag)));
    Ok(out)
}
