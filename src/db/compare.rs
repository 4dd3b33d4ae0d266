//! What is stored of a device against what its replay says, row by row.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use diesel::prelude::*;

use super::Db;
use super::books::Projection;
use super::books::rows::{
    Texts, book_row, code_row, exit_rows, repair_rows, retirement_rows, spell_row, term_rows,
    wipe_rows,
};
use super::bulk::{
    StoredBook, StoredCode, StoredDevice, StoredExit, StoredRepair, StoredRetirement, StoredSpell,
    StoredTerm, StoredWipe, TermRow,
};
use super::schema::{books, codes, devices, exits, repairs, retirements, spells, terms, wipes};
use crate::error::Result;

/// Everything stored of one device.
#[derive(Default)]
pub(super) struct Stored {
    pub device: Option<StoredDevice>,
    books: Vec<StoredBook>,
    spells: Vec<StoredSpell>,
    codes: Vec<StoredCode>,
    exits: Vec<StoredExit>,
    repairs: Vec<StoredRepair>,
    wipes: Vec<StoredWipe>,
    retirements: Vec<StoredRetirement>,
}

/// Reads what is stored of the devices in (after, last], in the order of a replay.
pub(super) fn read(db: &mut Db, after: &str, last: &str) -> Result<BTreeMap<String, Stored>> {
    let mut all: BTreeMap<String, Stored> = BTreeMap::new();
    macro_rules! table {
        ($table:ident, $row:ident, $device:ident, $order:expr, |$stored:ident, $one:ident| $put:expr) => {
            let rows: Vec<$row> = $table::table
                .filter($table::$device.gt(after))
                .filter($table::$device.le(last))
                .order($order)
                .select($row::as_select())
                .load(db)?;
            for $one in rows {
                let $stored = all.entry($one.$device.clone()).or_default();
                $put;
            }
        };
    }
    table!(devices, StoredDevice, id, devices::id, |s, row| s.device =
        Some(row));
    table!(
        books,
        StoredBook,
        device,
        (books::device, books::book),
        |s, row| s.books.push(row)
    );
    table!(
        spells,
        StoredSpell,
        device,
        (spells::device, spells::book, spells::valid_from),
        |s, row| s.spells.push(row)
    );
    table!(
        codes,
        StoredCode,
        device,
        (codes::device, codes::kind, codes::fold),
        |s, row| s.codes.push(row)
    );
    table!(
        exits,
        StoredExit,
        device,
        (exits::device, exits::book, exits::event),
        |s, row| s.exits.push(row)
    );
    table!(
        repairs,
        StoredRepair,
        device,
        (repairs::device, repairs::book, repairs::id),
        |s, row| s.repairs.push(row)
    );
    table!(
        wipes,
        StoredWipe,
        device,
        (wipes::device, wipes::book, wipes::event),
        |s, row| s.wipes.push(row)
    );
    table!(
        retirements,
        StoredRetirement,
        device,
        (retirements::device, retirements::book, retirements::event),
        |s, row| s.retirements.push(row)
    );
    Ok(all)
}

/// Reads only the rows of `devices` in (after, last], for their heads.
pub(super) fn devices(db: &mut Db, after: &str, last: &str) -> Result<BTreeMap<String, Stored>> {
    let rows: Vec<StoredDevice> = devices::table
        .filter(devices::id.gt(after))
        .filter(devices::id.le(last))
        .select(StoredDevice::as_select())
        .load(db)?;
    Ok(rows
        .into_iter()
        .map(|row| {
            (
                row.id.clone(),
                Stored {
                    device: Some(row),
                    ..Stored::default()
                },
            )
        })
        .collect())
}

/// Names of the tables in which the two differ. `updated_at` is not the ledger's and is not compared.
pub(super) fn differences(p: &Projection, stored: &Stored) -> Result<Vec<&'static str>> {
    let mut found = Vec::new();
    let mut judge = |table: &'static str, same: bool| {
        if !same {
            found.push(table);
        }
    };
    let device = stored.device.as_ref().is_some_and(|d| {
        (&d.tag, &d.org, &d.merged_into, d.withdrawn)
            == (&p.tag, &p.org, &p.merged_into, p.withdrawn)
    });
    judge("devices", device);
    let texts: Vec<_> = p.books.iter().map(Texts::of).collect::<Result<_>>()?;
    let same_books = p.books.len() == stored.books.len()
        && p.books
            .iter()
            .zip(&texts)
            .zip(&stored.books)
            .all(|((b, t), s)| {
                let mut lent = s.lend();
                lent.updated_at = p.updated_at.naive_utc();
                lent == book_row(p, b, t)
            });
    judge("books", same_books);
    macro_rules! rows {
        ($name:literal, $stored:ident, $key:expr, $rows:expr) => {
            let mut rows: Vec<_> = $rows;
            rows.sort_by(|a, b| {
                let key = $key;
                key(a).cmp(&key(b))
            });
            judge(
                $name,
                rows.len() == stored.$stored.len()
                    && rows
                        .iter()
                        .zip(&stored.$stored)
                        .all(|(r, s)| *r == s.lend()),
            );
        };
    }
    rows!(
        "spells",
        spells,
        |r: &super::bulk::SpellRow<'_>| (r.book, r.valid_from),
        p.books
            .iter()
            .flat_map(|b| b.facts.spells.iter().map(move |s| spell_row(p, b, s)))
            .collect()
    );
    rows!(
        "codes",
        codes,
        |r: &super::bulk::CodeRow<'_>| (r.kind.to_owned(), r.fold.to_owned()),
        p.codes.iter().map(|c| code_row(p, c)).collect()
    );
    rows!(
        "exits",
        exits,
        |r: &super::bulk::ExitRow<'_>| (r.book, r.event.to_owned()),
        p.books.iter().flat_map(|b| exit_rows(p, b)).collect()
    );
    rows!(
        "repairs",
        repairs,
        |r: &super::bulk::RepairRow<'_>| (r.book, r.id.to_owned()),
        p.books.iter().flat_map(|b| repair_rows(p, b)).collect()
    );
    rows!(
        "wipes",
        wipes,
        |r: &super::bulk::WipeRow<'_>| (r.book, r.event.to_owned()),
        p.books.iter().flat_map(|b| wipe_rows(p, b)).collect()
    );
    rows!(
        "retirements",
        retirements,
        |r: &super::bulk::RetirementRow<'_>| (r.book, r.event.to_owned()),
        p.books.iter().flat_map(|b| retirement_rows(p, b)).collect()
    );
    Ok(found)
}

/// A sum over rows of `terms` in any order: their table cannot be read by device, so the whole is compared with the
/// whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct TermSum(u64, u64);

impl TermSum {
    fn add(&mut self, row: &TermRow<'_>) {
        let mut hasher = DefaultHasher::new();
        (row.term, row.device, row.org).hash(&mut hasher);
        self.0 += 1;
        self.1 = self.1.wrapping_add(hasher.finish());
    }
    /// Adds the words of a replay.
    pub fn add_all(&mut self, p: &Projection) {
        p.books
            .iter()
            .flat_map(|b| term_rows(p, b))
            .for_each(|row| self.add(&row));
    }
    /// The sum of what is stored.
    pub fn stored(db: &mut Db) -> Result<TermSum> {
        let mut sum = TermSum::default();
        let mut after: Option<(String, String)> = None;
        loop {
            let mut query = terms::table.into_boxed::<super::MultiBackend>();
            if let Some((term, device)) = &after {
                query = query.filter(terms::term.ge(term.clone())).filter(
                    terms::term
                        .gt(term.clone())
                        .or(terms::device.gt(device.clone())),
                );
            }
            let mut rows: Vec<StoredTerm> = query
                .order((terms::term, terms::device, terms::org))
                .limit(20_000)
                .select(StoredTerm::as_select())
                .load(db)?;
            if rows.len() == 20_000 {
                // Whole devices only: the next part begins after the last of this one.
                let cut = rows.last().map(|l| (l.term.clone(), l.device.clone()));
                rows.retain(|r| cut.as_ref() != Some(&(r.term.clone(), r.device.clone())));
                after = rows.last().map(|l| (l.term.clone(), l.device.clone()));
                rows.iter().for_each(|r| sum.add(&r.lend()));
            } else {
                rows.iter().for_each(|r| sum.add(&r.lend()));
                return Ok(sum);
            }
        }
    }
}
