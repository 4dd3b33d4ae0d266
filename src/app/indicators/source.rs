//! Where the facts come from: the stored books, or with `known_at` a replay of what was recorded by then.

use std::sync::Arc;

use super::ask::Question;
use crate::app::{App, catalogue, entries, purchases};
use crate::db::entries::Row as EntryRow;
use crate::db::{self, Db, Scope, events, facts};
use crate::domain::catalogue::Catalogue;
use crate::domain::day::Instant;
use crate::domain::entry::{Entry, EntryKind};
use crate::domain::event::Event;
use crate::domain::facts::Facts;
use crate::domain::indicator::{Category, Line, Reference};
use crate::domain::law::Law;
use crate::domain::lifecycle::replay;
use crate::domain::site::Site;
use crate::domain::words::Kind;
use crate::error::{Error, Result};

/// How many books are read at a time.
const PAGE: i64 = 2000;
/// How many devices are replayed at a time.
const REPLAYED: i64 = 500;

/// Where a walk over the facts stands: which organisation, from which book on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Place {
    /// Organisation id; the first when empty. With `known_at` devices come first and this stays empty.
    pub org: String,
    /// Device id.
    pub device: String,
    /// Book index.
    pub book: i64,
}

/// One book on the way.
pub struct Row<'a> {
    /// Device id.
    pub device: &'a str,
    /// Organisation id.
    pub org: &'a str,
    /// What is known.
    pub facts: &'a Facts,
    /// Where the walk stands, to come back to.
    pub place: Place,
}

/// Called for each book; false stops the walk.
pub type Each<'a> = &'a mut dyn FnMut(Row<'_>) -> Result<bool>;

/// Reference tables as known then.
pub struct Tables {
    /// As the fold reads them.
    pub reference: Reference,
    /// As the replay reads them.
    pub catalogue: Arc<Catalogue>,
}

/// Reads the reference tables.
///
/// # Errors
/// Those of the store.
pub fn tables(app: &App, db: &mut Db, question: &Question, law: &Law) -> Result<Tables> {
    let catalogue = match question.known_at {
        None => app.catalogue(db)?,
        Some(instant) => Arc::new(catalogue::catalogue_at(db, instant)?),
    };
    let mut reference = Reference::of(law, question.query.period.year);
    for (key, c) in catalogue.categories() {
        let category = Category {
            weee_category: c.weee_category,
        };
        reference.categories.insert(key.to_owned(), category);
    }
    reference.models = catalogue
        .models()
        .filter_map(|(id, m)| Some((id.to_owned(), m.weee_category?)))
        .collect();
    for row in holding(db, EntryKind::Site, "\"pool\":true", question.known_at)? {
        let site: Entry<Site> = entries::read(row)?;
        if site.body.pool {
            reference.pool_sites.insert(site.id);
        }
    }
    for row in holding(db, EntryKind::Exit, "\"convention\":{", question.known_at)? {
        reference.conventions.extend(convention(row)?);
    }
    Ok(Tables {
        reference,
        catalogue,
    })
}

/// Rows of every organisation whose JSON holds a text: sites and papers are looked up by the ids the facts give.
fn holding(
    db: &mut Db,
    kind: EntryKind,
    text: &str,
    known_at: Option<Instant>,
) -> Result<Vec<EntryRow>> {
    match known_at {
        None => db::entries::holding(db, kind, &Scope::All, text),
        Some(instant) => Ok(db::entries::all_at(db, kind, &Scope::All, instant)?
            .into_iter()
            .filter(|row| row.payload.contains(text))
            .collect()),
    }
}

/// Id of the operation → convention, one per organisation and number.
fn convention(row: EntryRow) -> Result<Option<(String, String)>> {
    let papers: serde_json::Value = serde_json::from_str(&row.payload).map_err(Error::internal)?;
    let number = papers
        .pointer("/convention/number")
        .and_then(|n| n.as_str());
    Ok(number.map(|number| {
        let org = row.org.unwrap_or_default();
        (row.id, format!("{org}/{number}"))
    }))
}

/// Lines of expense of the year.
///
/// # Errors
/// Those of the store.
pub fn lines(db: &mut Db, question: &Question) -> Result<Vec<Line>> {
    let scope = Scope::of(question.orgs.clone());
    let year = question.query.period.year;
    let lines = purchases::lines_for(db, &scope, year, question.known_at)?;
    Ok(lines
        .into_iter()
        .map(|line| Line {
            purchase: line.purchase_key,
            line: line.line,
            org: line.organisation,
            agec_category: line.agec_category.map(|c| c.as_str().to_owned()),
            amount_cents: line.amount_cents,
            reuse_cents: line.reuse_cents,
            expense_on: line.expense_on,
            tenure: line.tenure,
            exempt: line.exempt,
        })
        .collect())
}

/// Walks over the books of the question from a place on.
///
/// # Errors
/// Those of the store and of `each`.
pub fn walk(
    db: &mut Db,
    question: &Question,
    tables: &Tables,
    from: Place,
    each: Each<'_>,
) -> Result<()> {
    match question.known_at {
        None => stored(db, question, from, each),
        Some(instant) => replayed(db, question, tables, instant, from, each),
    }
}

fn stored(db: &mut Db, question: &Question, from: Place, each: Each<'_>) -> Result<()> {
    let merged = facts::merged(db)?;
    for org in question.orgs.iter().filter(|org| **org >= from.org) {
        let (mut device, mut book) = if *org == from.org {
            (from.device.clone(), from.book)
        } else {
            (String::new(), 0)
        };
        loop {
            let rows = facts::page(db, org, &device, book, PAGE)?;
            let full = i64::try_from(rows.len()).unwrap_or(PAGE) >= PAGE;
            if let Some(last) = rows.last() {
                (device, book) = (last.device.clone(), last.book + 1);
            }
            for row in rows.iter().filter(|row| !merged.contains(&row.device)) {
                let facts: Facts = serde_json::from_str(&row.facts).map_err(Error::internal)?;
                let place = Place {
                    org: org.clone(),
                    device: row.device.clone(),
                    book: row.book,
                };
                let row = Row {
                    device: &row.device,
                    org,
                    facts: &facts,
                    place,
                };
                if !each(row)? {
                    return Ok(());
                }
            }
            if !full {
                break;
            }
        }
    }
    Ok(())
}

fn replayed(
    db: &mut Db,
    question: &Question,
    tables: &Tables,
    known_at: Instant,
    from: Place,
    each: Each<'_>,
) -> Result<()> {
    let bears = |category: Option<&str>| tables.catalogue.bears_data(category);
    // Pages begin after a device; the one to come back to is read first.
    let mut devices = vec![from.device.clone()];
    devices.retain(|id| !id.is_empty());
    let mut after = from.device.clone();
    loop {
        let more = events::devices_after(db, &after, REPLAYED)?;
        let full = i64::try_from(more.len()).unwrap_or(REPLAYED) >= REPLAYED;
        if let Some(last) = more.last() {
            after.clone_from(last);
        }
        devices.extend(more);
        let chains = events::of_devices_until(db, &devices, known_at)?;
        for (device, chain) in &chains {
            let foreign = absorbed(db, chain, known_at)?;
            let history = replay(chain, &foreign, &bears).map_err(|illegal| {
                Error::internal(format!("{device} does not replay: {}", illegal.detail))
            })?;
            if history.withdrawn || history.merged_into.is_some() {
                continue;
            }
            for book in &history.books {
                let place = Place {
                    org: String::new(),
                    device: device.clone(),
                    book: book.index,
                };
                let before = *device == from.device && book.index < from.book;
                if before || !question.query.orgs.contains(&book.org) {
                    continue;
                }
                let row = Row {
                    device,
                    org: &book.org,
                    facts: &book.facts,
                    place,
                };
                if !each(row)? {
                    return Ok(());
                }
            }
        }
        if !full {
            return Ok(());
        }
        devices.clear();
    }
}

/// Events of the devices that these events absorb, as known then.
fn absorbed(db: &mut Db, chain: &[Event], known_at: Instant) -> Result<Vec<Event>> {
    let mut foreign = Vec::new();
    for loser in chain
        .iter()
        .filter(|e| e.kind == Kind::Absorb)
        .filter_map(|e| e.fields.from.as_ref())
    {
        foreign.extend(events::of_device_until(db, loser.as_str(), known_at)?);
    }
    Ok(foreign)
}
