//! Purchases: credit notes name a line that exists; lines can be referred to; lines of a year for L06.

pub mod list;

use serde_json::{Map, Value};

use super::entries::{Change, Desk, ListQuery, Table, View, list_where, read, resolve};
use super::{Actor, App, Page, Right};
use crate::db::{Db, Scope, entries};
use crate::domain::category::AgecCategory;
use crate::domain::day::{Day, Instant};
use crate::domain::entry::{Entry, EntryKind};
use crate::domain::purchase::{Purchase, PurchaseKind, PurchaseLine};
use crate::domain::words::{Condition, Tenure};
use crate::error::{Error, Result};

impl Table for Purchase {
    const WRITE: Right = Right::Purchases;

    fn settle(&mut self, _: &Desk, db: &mut Db, change: &Change<'_, Self>) -> Result<()> {
        for (i, line) in self.lines.iter().enumerate() {
            let Some(credited) = &line.credit_note_of else {
                continue;
            };
            let own = self.line(credited.as_str());
            let scope = Scope::of(change.org.map(str::to_owned).into_iter().collect());
            if own.is_some_and(|own| own != line)
                || find_line(db, credited.as_str(), change.org, &scope)?
                    .is_some_and(|found| found.purchase.id != change.id)
            {
                continue;
            }
            return Err(Error::unknown_reference(
                &format!("lines[{i}].credit_note_of"),
                credited.as_str(),
            ));
        }
        Ok(())
    }
}

/// Contracts: the purchases of that kind, page by page.
///
/// # Errors
/// As [`super::entries::list`].
pub fn contracts(app: &App, actor: &Actor, query: &ListQuery) -> Result<Page<View>> {
    list_where::<Purchase>(app, actor, query, "contract", |entry| {
        entry.body.kind == PurchaseKind::Contract
    })
}

/// One contract.
///
/// # Errors
/// `not_found`, also for a purchase that is an order.
pub fn contract(app: &App, actor: &Actor, key: &str, known_at: Option<Instant>) -> Result<View> {
    let view = super::entries::get::<Purchase>(app, actor, key, known_at)?;
    match view.body.get("kind").and_then(Value::as_str) {
        Some("contract") => Ok(view),
        _ => Err(Error::not_found()),
    }
}

/// A new contract.
///
/// # Errors
/// As [`super::entries::create`]; `invalid_value` for another kind.
pub fn create_contract(db: &mut Db, desk: &Desk, mut body: Map<String, Value>) -> Result<View> {
    let kind = body
        .entry("kind")
        .or_insert_with(|| PurchaseKind::Contract.as_str().into());
    if kind.as_str() != Some(PurchaseKind::Contract.as_str()) {
        return Err(Error::invalid("kind", "a contract has the kind contract"));
    }
    super::entries::create::<Purchase>(db, desk, body)
}

/// A line, with the purchase it is of.
pub struct FoundLine {
    /// Purchase.
    pub purchase: Entry<Purchase>,
    /// Key of the line.
    pub key: String,
}

impl FoundLine {
    /// How events and devices write the line down: `PURCHASE_ID/LINE_KEY`.
    pub fn reference(&self) -> String {
        format!("{}/{}", self.purchase.id, self.key)
    }
    /// The line itself.
    pub fn line(&self) -> Option<&PurchaseLine> {
        self.purchase.body.line(&self.key)
    }
}

/// The purchase line that a reference means: `LINE_KEY`, `PURCHASE_KEY/LINE_KEY` or `PURCHASE_ID/LINE_KEY`.
///
/// # Errors
/// `unknown_reference` on `line`.
pub fn resolve_line(
    db: &mut Db,
    reference: &str,
    near: Option<&str>,
    scope: &Scope,
) -> Result<FoundLine> {
    find_line(db, reference, near, scope)?
        .ok_or_else(|| Error::unknown_reference("line", reference))
}

fn find_line(
    db: &mut Db,
    reference: &str,
    near: Option<&str>,
    scope: &Scope,
) -> Result<Option<FoundLine>> {
    if let Some((purchase, key)) = reference.split_once('/') {
        let Ok(row) = resolve(db, EntryKind::Purchase, purchase, near, scope) else {
            return Ok(None);
        };
        let purchase: Entry<Purchase> = read(row)?;
        let found = purchase.body.line(key).is_some();
        return Ok(found.then(|| FoundLine {
            purchase,
            key: key.to_owned(),
        }));
    }
    if crate::domain::entry::check_key(reference).is_err() {
        return Ok(None);
    }
    // The text narrows the search; the parsed purchase decides. Own purchases come before those of others in scope.
    let text = format!("\"key\":\"{reference}\"");
    let mut rows = entries::holding(db, EntryKind::Purchase, scope, &text)?;
    rows.sort_by_key(|row| row.org.as_deref() != near);
    for row in rows {
        let purchase: Entry<Purchase> = read(row)?;
        if purchase.body.line(reference).is_some() {
            return Ok(Some(FoundLine {
                purchase,
                key: reference.to_owned(),
            }));
        }
    }
    Ok(None)
}

/// A line of expense, as the indicators count it.
#[derive(Debug, Clone, PartialEq)]
pub struct LineFact {
    /// Id of the purchase.
    pub purchase: String,
    /// Key of the purchase.
    pub purchase_key: String,
    /// Key of the line.
    pub line: String,
    /// Organisation that spends (id).
    pub organisation: String,
    /// Day of the expense.
    pub expense_on: Day,
    /// Label of the declaration; none = in no category of it.
    pub agec_category: Option<AgecCategory>,
    /// Category key.
    pub category: Option<String>,
    /// Amount in cents without tax; negative for a credit note.
    pub amount_cents: i64,
    /// Part from re-use, in cents.
    pub reuse_cents: i64,
    /// Part with recycled matter, in cents.
    pub recycled_cents: i64,
    /// Condition.
    pub condition: Condition,
    /// Owned, leased…
    pub tenure: Tenure,
    /// How many.
    pub quantity: i64,
    /// The duty is said not to apply.
    pub exempt: bool,
}

/// Lines of expense of a civil year in a scope, as known now or at an instant. Lines without an amount are no expense
/// yet and are left out.
///
/// # Errors
/// Those of the store.
pub fn lines_for(
    db: &mut Db,
    scope: &Scope,
    year: i32,
    known_at: Option<Instant>,
) -> Result<Vec<LineFact>> {
    let text = format!("\"expense_on\":\"{year:04}-");
    let rows = match known_at {
        None => entries::holding(db, EntryKind::Purchase, scope, &text)?,
        Some(instant) => entries::all_at(db, EntryKind::Purchase, scope, instant)?
            .into_iter()
            .filter(|row| row.payload.contains(&text))
            .collect(),
    };
    let mut facts = Vec::new();
    for row in rows {
        let purchase: Entry<Purchase> = read(row)?;
        for line in &purchase.body.lines {
            facts.extend(fact(&purchase, line).filter(|f| f.expense_on.year() == year));
        }
    }
    Ok(facts)
}

fn fact(purchase: &Entry<Purchase>, line: &PurchaseLine) -> Option<LineFact> {
    Some(LineFact {
        purchase: purchase.id.clone(),
        purchase_key: purchase.key.clone(),
        line: line.key.as_ref()?.as_str().to_owned(),
        organisation: purchase.org.clone()?,
        expense_on: line.expense_on?,
        agec_category: line.agec_category,
        category: line.category.as_ref().map(|c| c.as_str().to_owned()),
        amount_cents: line.amount_cents?,
        reuse_cents: line.reuse_cents.unwrap_or(0),
        recycled_cents: line.recycled_cents.unwrap_or(0),
        condition: line.condition,
        tenure: line.tenure,
        quantity: line.quantity,
        exempt: line.exempt_reason.is_some(),
    })
}
