//! Purchase: an order or a contract with its lines. Only lines with a day of expense are spend (L06).

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::category::AgecCategory;
use super::day::Day;
use super::entry::{Context, EntryKind, Record, Slot, check_key, within};
use super::text::{Line, Note};
use super::words::{Condition, Tenure, words};
use crate::error::{Error, Result};

words! {
    /// What the purchase is.
    PurchaseKind { Order = "order", Contract = "contract" }
}

/// Largest amount of a line, in cents: keeps every sum far from the end of the integers.
const MAX_CENTS: i64 = 10_000_000_000_000;

/// One line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PurchaseLine {
    /// Key within the purchase; made from the purchase's when absent.
    #[serde(default)]
    pub key: Option<Line>,
    /// What is bought, in words.
    #[serde(default)]
    pub label: Option<Line>,
    /// Category key.
    #[serde(default)]
    pub category: Option<Line>,
    /// Model id.
    #[serde(default)]
    pub model: Option<Line>,
    /// How many.
    #[serde(default = "one")]
    pub quantity: i64,
    /// Amount of the whole line in cents without tax; negative on a credit note; absent = not known yet.
    #[serde(default)]
    pub amount_cents: Option<i64>,
    /// Part of it from re-use; the amount when the condition is refurbished or second_hand, else 0, unless given.
    #[serde(default)]
    pub reuse_cents: Option<i64>,
    /// Part of it with recycled matter; 0 unless given.
    #[serde(default)]
    pub recycled_cents: Option<i64>,
    /// Day of the expense: the year of L06.
    #[serde(default)]
    pub expense_on: Option<Day>,
    /// Label of the declaration; the category's unless given.
    #[serde(default)]
    pub agec_category: Option<AgecCategory>,
    /// New, refurbished, second-hand.
    #[serde(default = "unknown")]
    pub condition: Condition,
    /// Owned, leased…
    #[serde(default = "owned")]
    pub tenure: Tenure,
    /// Key of the line that a credit note takes back.
    #[serde(default)]
    pub credit_note_of: Option<Line>,
    /// Why the duty does not apply (AGEC art. 58 II).
    #[serde(default)]
    pub exempt_reason: Option<Note>,
}

fn one() -> i64 {
    1
}
fn unknown() -> Condition {
    Condition::Unknown
}
fn owned() -> Tenure {
    Tenure::Owned
}
fn order() -> PurchaseKind {
    PurchaseKind::Order
}

/// One purchase. Its owner is the organisation that buys.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Purchase {
    /// Order or contract.
    #[serde(default = "order")]
    pub kind: PurchaseKind,
    /// Partner who sells.
    #[serde(default)]
    pub supplier: Option<Line>,
    /// Day of the order, or of the signature.
    #[serde(default)]
    pub ordered_on: Option<Day>,
    /// Number of the order, market or invoice.
    #[serde(default)]
    pub reference: Option<Line>,
    /// Contract under which it is ordered.
    #[serde(default)]
    pub contract: Option<Line>,
    /// Lines.
    #[serde(default)]
    pub lines: Vec<PurchaseLine>,
}

impl Record for Purchase {
    const KIND: EntryKind = EntryKind::Purchase;

    fn name(&self) -> String {
        match (&self.reference, self.ordered_on) {
            (Some(reference), _) => reference.as_str().to_owned(),
            (None, Some(day)) => format!("{} {day}", self.kind),
            (None, None) => self.kind.to_string(),
        }
    }
    fn slots(&mut self) -> Vec<Slot<'_>> {
        let mut slots: Vec<Slot<'_>> = Slot::of("supplier", EntryKind::Partner, &mut self.supplier)
            .into_iter()
            .chain(Slot::of(
                "contract",
                EntryKind::Purchase,
                &mut self.contract,
            ))
            .collect();
        for (i, line) in self.lines.iter_mut().enumerate() {
            slots.extend(Slot::of(
                &format!("lines[{i}].category"),
                EntryKind::Category,
                &mut line.category,
            ));
            slots.extend(Slot::of(
                &format!("lines[{i}].model"),
                EntryKind::Model,
                &mut line.model,
            ));
        }
        slots
    }
    fn complete(&mut self, context: &Context<'_>) -> Result<()> {
        if self.lines.len() > 1000 {
            return Err(Error::invalid(
                "lines",
                "a purchase has at most 1000 lines; split it",
            ));
        }
        if self.lines.is_empty()
            && self.reference.is_none()
            && self.supplier.is_none()
            && self.ordered_on.is_none()
        {
            // A purchase that says nothing is a mistake of the sender.
            return Err(Error::missing("reference"));
        }
        self.name_lines(context.key)?;
        for (i, line) in self.lines.iter_mut().enumerate() {
            line.complete(context).map_err(|e| {
                let field = e.field.clone().unwrap_or_default();
                e.with_field(format!("lines[{i}].{field}"))
            })?;
        }
        Ok(())
    }
}

impl Purchase {
    /// Gives a key to each line without one (`KEY-1`, `KEY-2`…) and refuses two alike.
    fn name_lines(&mut self, key: &str) -> Result<()> {
        let mut seen = HashSet::new();
        for (i, line) in self.lines.iter().enumerate() {
            let Some(given) = &line.key else { continue };
            let field = format!("lines[{i}].key");
            check_key(given.as_str()).map_err(|e| e.with_field(field.as_str()))?;
            if !seen.insert(given.as_str().to_owned()) {
                return Err(Error::invalid(
                    &field,
                    format!("two lines have the key “{given}”"),
                ));
            }
        }
        let mut n = 0;
        for line in self.lines.iter_mut().filter(|l| l.key.is_none()) {
            let free = loop {
                n += 1;
                let candidate = format!("{key}-{n}");
                if seen.insert(candidate.clone()) {
                    break candidate;
                }
            };
            line.key = Line::parse(&free).ok();
        }
        Ok(())
    }

    /// The line of this key.
    pub fn line(&self, key: &str) -> Option<&PurchaseLine> {
        self.lines
            .iter()
            .find(|l| l.key.as_ref().is_some_and(|k| k.as_str() == key))
    }
}

impl PurchaseLine {
    fn complete(&mut self, context: &Context<'_>) -> Result<()> {
        within("quantity", Some(self.quantity), -1_000_000..=1_000_000)?;
        within("amount_cents", self.amount_cents, -MAX_CENTS..=MAX_CENTS)?;
        self.check_credit()?;
        if self.category.is_none() {
            self.category = self
                .model
                .as_ref()
                .and_then(|m| context.catalogue.model(m.as_str()))
                .and_then(|m| m.category.as_deref())
                .and_then(|c| Line::parse(c).ok());
        }
        if self.agec_category.is_none() {
            self.agec_category = self
                .category
                .as_ref()
                .and_then(|c| context.catalogue.category(c.as_str()))
                .and_then(|c| c.agec_category);
        }
        if let Some(amount) = self.amount_cents {
            let reused = matches!(
                self.condition,
                Condition::Refurbished | Condition::SecondHand
            );
            self.reuse_cents
                .get_or_insert(if reused { amount } else { 0 });
            self.recycled_cents.get_or_insert(0);
        }
        self.check_part("reuse_cents", self.reuse_cents)?;
        self.check_part("recycled_cents", self.recycled_cents)
    }

    /// A credit note is a line with a negative amount that names the line it takes back: both or none.
    fn check_credit(&self) -> Result<()> {
        match (self.amount_cents, &self.credit_note_of) {
            (Some(amount), None) if amount < 0 => Err(Error::invalid(
                "credit_note_of",
                "a negative amount is a credit note: name the line it takes back in `credit_note_of`",
            )),
            (amount, Some(_)) if amount.is_none_or(|a| a >= 0) => Err(Error::invalid(
                "amount_cents",
                "a line with `credit_note_of` has a negative amount",
            )),
            _ => Ok(()),
        }
    }

    /// A part of the amount lies between 0 and the amount, whichever its sign (the official schema does not check it).
    fn check_part(&self, field: &str, part: Option<i64>) -> Result<()> {
        let (Some(part), Some(amount)) = (part, self.amount_cents) else {
            return match part {
                Some(_) => Err(Error::invalid(
                    field,
                    format!("`{field}` is part of `amount_cents`, which is missing"),
                )),
                None => Ok(()),
            };
        };
        if (amount >= 0 && (0..=amount).contains(&part))
            || (amount < 0 && (amount..=0).contains(&part))
        {
            return Ok(());
        }
        Err(Error::invalid(
            field,
            format!("`{field}` must lie between 0 and `amount_cents`"),
        ))
    }
}
