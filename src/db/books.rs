//! The projections of a device: what its replay says, stored for reading.
//!
//! [`Projection`] is plain: the use case fills it from the replay and calls [`project`] (one device, under its lock,
//! writing only what differs) or [`insert_new`] (many new devices with their chains, in few statements).
//! Spells, exits and repairs are taken out of [`Facts`].

mod reads;
pub(super) mod rows;

pub use reads::{facts, openings};

use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::Db;
use super::bulk::{self, CodeRow, DeviceRow, StoredBook, TermRow};
use super::events::{Batch, Head, Private};
use super::schema::{books, codes, exits, repairs, retirements, spells, terms, wipes};
use super::sql::{Bind, Sql};
use crate::domain::day::{Day, Instant};
use crate::domain::event::Event;
use crate::domain::facts::{Facts, Spell};
use crate::domain::words::{Cause, CodeKind, Data, ExitKind, Presence, Stage, Tenure, WipeMethod};
use crate::error::{Error, Result};
use rows::{
    Texts, book_row, code_row, exit_rows, repair_rows, retirement_rows, shown_terms, spell_row,
    term_rows, wipe_rows, words,
};

/// What the replay of a device says, ready to be stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Projection {
    /// Device id.
    pub device: String,
    /// Tag as shown.
    pub tag: String,
    /// Organisation of the present owner.
    pub org: String,
    /// Device that took its place.
    pub merged_into: Option<String>,
    /// Created in error.
    pub withdrawn: bool,
    /// When it last changed.
    pub updated_at: Instant,
    /// Intervals of ownership, by `book`.
    pub books: Vec<Book>,
    /// Codes by which it is found; none when withdrawn.
    pub codes: Vec<Code>,
}

/// One interval of ownership.
#[derive(Debug, Clone, PartialEq)]
pub struct Book {
    /// Which, from 0.
    pub book: i64,
    /// Whose.
    pub org: String,
    /// The present owner's.
    pub current: bool,
    /// The last of that organisation: what its readers see. False for all when merged into another device.
    pub shown: bool,
    /// Name.
    pub name: Option<String>,
    /// Category key.
    pub category: Option<String>,
    /// Manufacturer.
    pub manufacturer: Option<String>,
    /// Model id.
    pub model: Option<String>,
    /// Serial number.
    pub serial: Option<String>,
    /// Stage.
    pub stage: Stage,
    /// Media.
    pub data: Data,
    /// Presence.
    pub presence: Presence,
    /// Day of the réforme.
    pub retired_on: Option<Day>,
    /// Site id.
    pub site: Option<String>,
    /// Person id.
    pub holder: Option<String>,
    /// Service.
    pub service: Option<String>,
    /// By what right it is held.
    pub tenure: Tenure,
    /// Device id of the whole.
    pub part_of: Option<String>,
    /// Day of acquisition.
    pub acquired_on: Option<Day>,
    /// How it left.
    pub exit_kind: Option<ExitKind>,
    /// When it left.
    pub gone_on: Option<Day>,
    /// First event of the interval.
    pub from_n: i64,
    /// Last event of the interval, when closed.
    pub to_n: Option<i64>,
    /// The rest of what a reader is shown, as JSON; the store does not look into it.
    pub state: String,
    /// What the indicators read.
    pub facts: Facts,
    /// Folded words by which `q` finds it in this organisation.
    pub terms: BTreeSet<String>,
    /// Erasures, by event.
    pub wipes: Vec<Wipe>,
    /// Réformes that stand, by event.
    pub retired: Vec<Retired>,
    /// Partner id of each repair that was sent out, by repair id.
    pub providers: BTreeMap<String, String>,
}

/// A code of a device.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Code {
    /// Organisation in which it is unique, when it is.
    pub org: String,
    /// Kind.
    pub kind: CodeKind,
    /// As written on the thing.
    pub value: String,
    /// As compared.
    pub fold: String,
    /// What must be unique among the live devices of the organisation (`uuid:…`, `serial:manufacturer:…`).
    pub unique_key: Option<String>,
}

/// A `wipe` event.
#[derive(Debug, Clone, PartialEq)]
pub struct Wipe {
    /// Event id.
    pub event: String,
    /// Wipe operation.
    pub wipe: Option<String>,
    /// Day.
    pub on: Day,
    /// One medium; all when absent.
    pub medium: Option<String>,
    /// Method.
    pub method: WipeMethod,
    /// Technique.
    pub technique: Option<String>,
    /// Tool.
    pub tool: Option<String>,
    /// Verified.
    pub verified: bool,
    /// Where the proof is.
    pub evidence: Option<String>,
}

/// A `retire` event, or a proposal that waits.
#[derive(Debug, Clone, PartialEq)]
pub struct Retired {
    /// Event id.
    pub event: String,
    /// Day.
    pub on: Day,
    /// Reference of the decision.
    pub reference: Option<String>,
    /// Cause.
    pub cause: Cause,
    /// Proposed, not decided.
    pub proposed: bool,
}

/// A device that does not exist yet, with its first events (numbered from 1, ids and hashes of private parts set).
#[derive(Debug, Clone, PartialEq)]
pub struct NewDevice {
    /// Tag as compared; unique in the installation.
    pub tag_fold: String,
    /// When it was made.
    pub created_at: Instant,
    /// Its first events with what is personal of each.
    pub events: Vec<(Event, Option<Private>)>,
    /// What they amount to.
    pub projection: Projection,
}

/// Inserts new devices with their chains and projections, in few statements. Ask for some hundreds at a time.
///
/// # Errors
/// `duplicate` when a tag or a unique code is taken (nothing tells which of them: insert one by one to know).
pub fn insert_new<D: Borrow<NewDevice>>(db: &mut Db, new: &[D]) -> Result<()> {
    let new: Vec<&NewDevice> = new.iter().map(Borrow::borrow).collect();
    let mut batch = Batch::new();
    let mut heads = Vec::with_capacity(new.len());
    for device in &new {
        let mut head = Head::new();
        for (event, private) in &device.events {
            batch.push(&mut head, event, private.as_ref())?;
        }
        heads.push(head);
    }
    let rows: Vec<_> = new
        .iter()
        .zip(&heads)
        .map(|(device, head)| {
            let p = &device.projection;
            DeviceRow {
                id: &p.device,
                tag: &p.tag,
                tag_fold: &device.tag_fold,
                org: &p.org,
                version: head.version,
                head_n: head.n,
                head_hash: &head.hash,
                merged_into: p.merged_into.as_deref(),
                withdrawn: p.withdrawn,
                created_at: device.created_at.naive_utc(),
                updated_at: p.updated_at.naive_utc(),
            }
        })
        .collect();
    bulk::insert_devices(db, &rows)?;
    batch.insert(db)?;
    let texts: Vec<_> = new
        .iter()
        .flat_map(|d| d.projection.books.iter().map(Texts::of))
        .collect::<Result<_>>()?;
    let all = || {
        new.iter()
            .flat_map(|d| d.projection.books.iter().map(move |b| (&d.projection, b)))
    };
    let rows: Vec<_> = all()
        .zip(&texts)
        .map(|((p, b), t)| book_row(p, b, t))
        .collect();
    bulk::insert_books(db, &rows)?;
    let rows: Vec<_> = all()
        .flat_map(|(p, b)| b.facts.spells.iter().map(move |s| spell_row(p, b, s)))
        .collect();
    bulk::insert_spells(db, &rows)?;
    let rows: Vec<_> = new
        .iter()
        .flat_map(|d| {
            d.projection
                .codes
                .iter()
                .map(|c| code_row(&d.projection, c))
        })
        .collect();
    bulk::insert_codes(db, &rows)?;
    let mut rows: Vec<_> = all().flat_map(|(p, b)| term_rows(p, b)).collect();
    // In the order of the table, so that the words many devices share land side by side.
    rows.sort_unstable_by_key(|row| (row.term, row.device));
    bulk::insert_terms(db, &rows)?;
    for (p, b) in all() {
        bulk::insert_exits(db, &exit_rows(p, b))?;
        bulk::insert_repairs(db, &repair_rows(p, b))?;
        bulk::insert_wipes(db, &wipe_rows(p, b))?;
        bulk::insert_retirements(db, &retirement_rows(p, b))?;
    }
    Ok(())
}

/// Takes the rows of an interval out of a table.
macro_rules! clear {
    ($db:expr, $table:ident, $device:expr, $book:expr) => {
        diesel::delete(
            $table::table
                .filter($table::device.eq($device))
                .filter($table::book.eq($book)),
        )
        .execute($db)?
    };
}

/// Writes the head and the projection of a device under its lock: only what differs from what is stored.
///
/// # Errors
/// `duplicate` when a unique code is taken in its organisation.
pub fn project(db: &mut Db, head: &Head, p: &Projection) -> Result<()> {
    let mut sql = Sql::update(
        "devices",
        vec![
            ("org", Bind::Text(p.org.clone())),
            ("head_n", Bind::Int(head.n)),
            ("head_hash", Bind::Text(head.hash.clone())),
            ("merged_into", Bind::MaybeText(p.merged_into.clone())),
            ("withdrawn", Bind::Bool(p.withdrawn)),
            ("updated_at", Bind::Time(p.updated_at.naive_utc())),
        ],
    );
    sql.push(" WHERE id = ").bind(Bind::Text(p.device.clone()));
    sql.execute(db)?;
    project_codes(db, p)?;
    let stored: Vec<StoredBook> = books::table
        .filter(books::device.eq(&p.device))
        .select(StoredBook::as_select())
        .load(db)?;
    let wiped: Vec<i64> = wipes::table
        .filter(wipes::device.eq(&p.device))
        .select(wipes::book)
        .load(db)?;
    let retired: Vec<i64> = retirements::table
        .filter(retirements::device.eq(&p.device))
        .select(retirements::book)
        .load(db)?;
    let mut old: BTreeMap<i64, Old> = BTreeMap::new();
    for row in stored {
        let facts = serde_json::from_str(&row.facts).map_err(Error::internal)?;
        let terms = words(&row.terms).map(str::to_owned).collect();
        old.insert(
            row.book,
            Old {
                facts,
                terms,
                wiped: wiped.contains(&row.book),
                retired: retired.contains(&row.book),
                row,
            },
        );
    }
    for (book, stored) in &old {
        if !p.books.iter().any(|b| b.book == *book) {
            remove_book(db, &p.device, *book, stored)?;
        }
    }
    for book in &p.books {
        match old.get(&book.book) {
            Some(stored) => change_book(db, p, book, stored)?,
            None => insert_book(db, p, book)?,
        }
    }
    Ok(())
}

/// What is stored of an interval, as far as the difference needs it.
struct Old {
    row: StoredBook,
    facts: Facts,
    terms: BTreeSet<String>,
    wiped: bool,
    retired: bool,
}

fn insert_book(db: &mut Db, p: &Projection, b: &Book) -> Result<()> {
    bulk::insert_books(db, &[book_row(p, b, &Texts::of(b)?)])?;
    let rows: Vec<_> = b.facts.spells.iter().map(|s| spell_row(p, b, s)).collect();
    bulk::insert_spells(db, &rows)?;
    bulk::insert_terms(db, &term_rows(p, b).collect::<Vec<_>>())?;
    bulk::insert_exits(db, &exit_rows(p, b))?;
    bulk::insert_repairs(db, &repair_rows(p, b))?;
    bulk::insert_wipes(db, &wipe_rows(p, b))?;
    bulk::insert_retirements(db, &retirement_rows(p, b))
}

fn change_book(db: &mut Db, p: &Projection, b: &Book, old: &Old) -> Result<()> {
    // Every index of a column that is set is written anew, changed or not: only what differs is set.
    let set = book_row(p, b, &Texts::of(b)?).changed(&old.row.lend());
    if !set.is_empty() {
        let mut sql = Sql::update("books", set);
        sql.push(" WHERE device = ")
            .bind(Bind::Text(p.device.clone()))
            .push(" AND book = ")
            .bind(Bind::Int(b.book));
        sql.execute(db)?;
    }
    change_spells(db, p, b, &old.facts.spells)?;
    change_terms(
        db,
        &p.device,
        (&old.row.org, &old.terms),
        (&b.org, shown_terms(b)),
    )?;
    if old.facts.exits != b.facts.exits {
        clear!(db, exits, &p.device, b.book);
        bulk::insert_exits(db, &exit_rows(p, b))?;
    }
    if old.facts.repairs != b.facts.repairs || !b.providers.is_empty() {
        clear!(db, repairs, &p.device, b.book);
        bulk::insert_repairs(db, &repair_rows(p, b))?;
    }
    if old.wiped || !b.wipes.is_empty() {
        clear!(db, wipes, &p.device, b.book);
        bulk::insert_wipes(db, &wipe_rows(p, b))?;
    }
    if old.retired || !b.retired.is_empty() {
        clear!(db, retirements, &p.device, b.book);
        bulk::insert_retirements(db, &retirement_rows(p, b))?;
    }
    Ok(())
}

fn remove_book(db: &mut Db, device: &str, book: i64, old: &Old) -> Result<()> {
    diesel::delete(books::table.find((device, book))).execute(db)?;
    clear!(db, spells, device, book);
    clear!(db, exits, device, book);
    clear!(db, repairs, device, book);
    clear!(db, wipes, device, book);
    clear!(db, retirements, device, book);
    change_terms(db, device, (&old.row.org, &old.terms), (&old.row.org, None))
}

fn change_spells(db: &mut Db, p: &Projection, b: &Book, old: &[Spell]) -> Result<()> {
    let gone: Vec<_> = old
        .iter()
        .map(|s| s.from)
        .filter(|from| !b.facts.spells.iter().any(|s| s.from == *from))
        .map(|d| d.0)
        .collect();
    if !gone.is_empty() {
        diesel::delete(
            spells::table
                .filter(spells::device.eq(&p.device))
                .filter(spells::book.eq(b.book))
                .filter(spells::valid_from.eq_any(gone)),
        )
        .execute(db)?;
    }
    let mut new = Vec::new();
    for spell in &b.facts.spells {
        match old.iter().find(|s| s.from == spell.from) {
            Some(same) if spell_row(p, b, same) == spell_row(p, b, spell) => {}
            Some(other) => {
                let set = spell_row(p, b, spell).changed(&spell_row(p, b, other));
                let mut sql = Sql::update("spells", set);
                sql.push(" WHERE device = ")
                    .bind(Bind::Text(p.device.clone()))
                    .push(" AND book = ")
                    .bind(Bind::Int(b.book))
                    .push(" AND valid_from = ")
                    .bind(Bind::Day(spell.from.0));
                sql.execute(db)?;
            }
            None => new.push(spell_row(p, b, spell)),
        }
    }
    bulk::insert_spells(db, &new)
}

fn change_terms(
    db: &mut Db,
    device: &str,
    (old_org, old): (&str, &BTreeSet<String>),
    (org, new): (&str, Option<&BTreeSet<String>>),
) -> Result<()> {
    let none = BTreeSet::new();
    let new = new.unwrap_or(&none);
    let gone: Vec<&String> = if old_org == org {
        old.difference(new).collect()
    } else {
        old.iter().collect()
    };
    if !gone.is_empty() {
        diesel::delete(
            terms::table
                .filter(terms::term.eq_any(gone))
                .filter(terms::device.eq(device))
                .filter(terms::org.eq(old_org)),
        )
        .execute(db)?;
    }
    let added: Vec<_> = new
        .iter()
        .filter(|term| old_org != org || !old.contains(*term))
        .map(|term| TermRow { term, device, org })
        .collect();
    bulk::insert_terms(db, &added)
}

fn project_codes(db: &mut Db, p: &Projection) -> Result<()> {
    type Stored = (String, String, String, String, Option<String>);
    let stored: Vec<Stored> = codes::table
        .filter(codes::device.eq(&p.device))
        .select((
            codes::org,
            codes::kind,
            codes::value,
            codes::fold,
            codes::unique_key,
        ))
        .load(db)?;
    let rows: Vec<_> = p.codes.iter().map(|c| code_row(p, c)).collect();
    let same = |s: &Stored, r: &CodeRow<'_>| {
        s.0 == r.org
            && s.1 == r.kind
            && s.2 == r.value
            && s.3 == r.fold
            && s.4.as_deref() == r.unique_key
    };
    for gone in stored.iter().filter(|s| !rows.iter().any(|r| same(s, r))) {
        diesel::delete(codes::table.find((&p.device, &gone.1, &gone.3))).execute(db)?;
    }
    let added: Vec<_> = rows
        .into_iter()
        .filter(|r| !stored.iter().any(|s| same(s, r)))
        .collect();
    bulk::insert_codes(db, &added)
}
