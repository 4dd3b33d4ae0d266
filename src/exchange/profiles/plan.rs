//! How one table is read: header line, what each column says, order of its dates, which rows are one machine.
//!
//! Made in one pass over the whole file that keeps a few numbers per column and a few bytes per row.

use std::collections::{BTreeMap, HashSet};

use super::Profile;
use super::columns::{Column, Decided, Meaning, find_header, meanings, names};
use super::recognise::recognise;
use super::refuse;
use super::vocabulary::{Field, header_form};
use crate::error::Result;
use crate::exchange::dates::{Evidence, Order};
use crate::exchange::groups::Groups;
use crate::exchange::numbers;
use crate::exchange::table::{Record, Table};

/// What the caller chose.
#[derive(Debug, Default)]
pub struct Choice<'a> {
    /// Profile; None finds it out.
    pub profile: Option<Profile>,
    /// A saved mapping: header → field name, `extra.KEY` or `ignore`.
    pub mapping: Option<&'a BTreeMap<String, String>>,
    /// Order of ambiguous dates.
    pub order: Option<Order>,
}

/// How a table is read.
#[derive(Debug)]
pub struct Plan {
    /// The tool that wrote it.
    pub profile: Profile,
    /// It is our own export of devices: tags are ours, references are keys.
    pub own: bool,
    /// Line of the header.
    pub header_line: u64,
    /// Its columns, in order.
    pub columns: Vec<Column>,
    /// Decimals are written with a comma.
    pub comma: bool,
    /// Rows that are not blank, header excluded.
    pub rows: u64,
    /// Which rows are one machine.
    pub groups: Groups,
}

impl Plan {
    /// Finds out how to read the table.
    ///
    /// # Errors
    /// `not_an_inventory` with what it seems to be; `invalid_value` for a mapping that names no field.
    pub fn make(table: &Table, choice: &Choice<'_>) -> Result<Plan> {
        let header = find_header(table.head(), choice.mapping)
            .ok_or_else(|| refuse::no_header(table.head().first()))?;
        let names = names(header);
        let forms: HashSet<String> = names.iter().map(|n| header_form(n)).collect();
        let own = ["tag", "stage", "data", "presence", "category"]
            .iter()
            .all(|h| names.iter().any(|n| n == h));
        let profile = choice.profile.unwrap_or_else(|| recognise(&forms));
        let columns = meanings(&names, &forms, own, choice.mapping)?;
        let fields: HashSet<Field> = columns
            .iter()
            .filter_map(|c| match c.meaning {
                Meaning::Field(field, _) => Some(field),
                _ => None,
            })
            .collect();
        let shown = names
            .iter()
            .take(8)
            .map(|n| n.chars().take(30).collect())
            .collect::<Vec<String>>()
            .join(", ");
        refuse::by_headers(&forms, &fields, &shown)?;
        let french = table.separator() == ';' || forms.iter().any(|f| FRENCH.contains(&f.as_str()));
        let mut plan = Plan {
            profile,
            own,
            header_line: header.line,
            columns,
            comma: french,
            rows: 0,
            groups: Groups::default(),
        };
        plan.scan(table, choice.order, french)?;
        Ok(plan)
    }

    /// The one pass over the rows.
    fn scan(&mut self, table: &Table, order: Option<Order>, french: bool) -> Result<()> {
        let dates: Vec<usize> = self.columns_of(&DATES);
        let quantity = self.columns_of(&[Field::Quantity]).first().copied();
        let mut evidence = vec![Evidence::default(); self.columns.len()];
        let mut all_counted = quantity.is_some();
        let mut records = table.records()?;
        let mut record = Record::default();
        while records.read(&mut record)? {
            if record.line <= self.header_line {
                continue;
            }
            self.rows += 1;
            for &i in &dates {
                if let (Some(cell), Some(evidence)) = (record.cells.get(i), evidence.get_mut(i)) {
                    evidence.take(cell);
                }
            }
            if let Some(cell) = quantity.and_then(|q| record.cells.get(q)) {
                all_counted &= numbers::whole(cell, self.comma).is_some_and(|n| n > 1);
            }
            let keys = super::super::draft::keys_of(self, &record);
            self.groups.add(record.line, &keys);
        }
        self.groups.close();
        if self.rows == 0 {
            return Err(crate::exchange::table::refused(
                "the file has a header line and no row",
            ));
        }
        let has = |field| !self.columns_of(&[field]).is_empty();
        if all_counted && has(Field::Serial) && !has(Field::AssetTag) && !has(Field::Hostname) {
            return Err(refuse::counted_parts());
        }
        let mut together = Evidence::default();
        evidence.iter().for_each(|e| together.add(*e));
        let asked = order.map(|o| (o, Decided::Asked));
        let of_file = || together.decide().map(|o| (o, Decided::File));
        let fallback = asked.or_else(of_file).or(match self.profile {
            _ if self.own => None,
            Profile::SnipeIt => Some((Order::Mdy, Decided::Tool)),
            _ if french => Some((Order::Dmy, Decided::Language)),
            _ => None,
        });
        for (column, evidence) in self.columns.iter_mut().zip(&evidence) {
            let decided = evidence.decide().map(|o| (o, Decided::Column)).or(fallback);
            column.order = decided.map(|(order, _)| order);
            column.decided = decided.map(|(_, by)| by);
            column.dates = *evidence;
        }
        Ok(())
    }

    /// Indexes of the columns that say one of these fields, best header first.
    pub fn columns_of(&self, fields: &[Field]) -> Vec<usize> {
        let mut found: Vec<(usize, usize)> = self
            .columns
            .iter()
            .enumerate()
            .filter_map(|(i, c)| match c.meaning {
                Meaning::Field(field, rank) if fields.contains(&field) => Some((rank, i)),
                _ => None,
            })
            .collect();
        found.sort_unstable();
        found.into_iter().map(|(_, i)| i).collect()
    }
}

/// Fields that hold days.
pub const DATES: [Field; 7] = [
    Field::AcquiredOn,
    Field::WarrantyUntil,
    Field::ManufacturedOn,
    Field::FirstUseOn,
    Field::RetiredOn,
    Field::FirstSoldOn,
    Field::GoneOn,
];

/// Headers that say the file is French or Spanish, and its dates day first.
const FRENCH: &[&str] = &[
    "nom",
    "numero de serie",
    "no de serie",
    "fabricant",
    "marque",
    "modele",
    "lieu",
    "statut",
    "date d achat",
    "date achat",
    "garantie",
    "emplacement",
    "utilisateur",
    "commentaire",
    "numero de serie",
    "modelo",
    "fabricante",
    "fecha de compra",
];

/// Custom fields a table makes: key and the header it came from.
pub fn custom_fields(plan: &Plan) -> impl Iterator<Item = (&str, &str)> {
    plan.columns.iter().filter_map(|c| match &c.meaning {
        Meaning::Extra(key) => Some((key.as_str(), c.header.as_str())),
        _ => None,
    })
}
