//! Days, money, mass, custom fields, quantity.

use serde_json::Value;

use super::cells::Cells;
use super::problem::shown;
use super::{Draft, MOST_ALIKE, Why};
use crate::domain::day::Day;
use crate::domain::words::{Acquisition, CodeKind, Condition, Tenure};
use crate::exchange::numbers;
use crate::exchange::profiles::{Field, Meaning};

impl Cells<'_, '_> {
    pub(super) fn described(&mut self, draft: &mut Draft) {
        for (field, name) in [
            (Field::AcquiredOn, "acquired_on"),
            (Field::ManufacturedOn, "manufactured_on"),
            (Field::FirstSoldOn, "first_sold_on"),
            (Field::FirstUseOn, "first_use_on"),
            (Field::WarrantyUntil, "warranty_until"),
        ] {
            if let Some(day) = self.day(field) {
                draft.set.insert(name.into(), Value::from(day.to_string()));
            }
        }
        self.money(draft);
        self.warranty(draft);
        if let Some(word) = self.word(Field::Acquisition, Acquisition::parse) {
            draft.set.insert("acquisition".into(), word.as_str().into());
        }
        if let Some(word) = self.word(Field::Condition, Condition::parse) {
            draft.set.insert("condition".into(), word.as_str().into());
        }
        if let Some(word) = self.word(Field::Tenure, Tenure::parse) {
            draft.set.insert("tenure".into(), word.as_str().into());
        }
        if let Some(yes) = self
            .raw(Field::BearsData)
            .and_then(|t| numbers::boolean(&t))
        {
            draft.set.insert("bears_data".into(), yes.into());
        }
        if let Some(n) = self
            .raw(Field::WeeeCategory)
            .and_then(|t| numbers::whole(&t, self.reader.plan.comma))
        {
            draft.set.insert("weee_category".into(), n.into());
        }
        if let Some(text) = self.raw(Field::SecurityExclusion) {
            match serde_json::from_str::<Value>(&text) {
                Ok(value) if value.is_object() => {
                    draft.set.insert("security_exclusion".into(), value);
                }
                _ => self.problem(Some(Field::SecurityExclusion), Why::SecurityExclusion, []),
            }
        }
    }

    pub(super) fn number(
        &mut self,
        field: Field,
        read: impl Fn(&str, bool) -> Option<i64>,
    ) -> Option<i64> {
        let text = self.raw(field)?;
        let number = read(&text, self.reader.plan.comma);
        if number.is_none() {
            self.problem(Some(field), Why::InvalidNumber, [("shown", shown(&text))]);
        }
        number
    }
    pub(super) fn money(&mut self, draft: &mut Draft) {
        let price = self
            .number(Field::PriceCents, numbers::whole)
            .or_else(|| self.number(Field::Price, numbers::cents))
            .filter(|p| *p >= 0);
        if let Some(price) = price {
            draft
                .set
                .insert("purchase_price_cents".into(), price.into());
        }
        if let Some(text) = self.raw(Field::Currency) {
            let code = text.trim().to_uppercase();
            if code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase()) {
                draft.set.insert("currency".into(), code.into());
            } else if text.trim() != "€" {
                self.problem(Some(Field::Currency), Why::Currency, []);
            }
        }
        let weight = self
            .number(Field::WeightG, |t, comma| numbers::grams(t, false, comma))
            .or_else(|| self.number(Field::WeightKg, |t, comma| numbers::grams(t, true, comma)));
        if let Some(grams) = weight {
            draft.set.insert("weight_g".into(), grams.into());
        }
    }
    /// Months of warranty from the day of purchase, as Snipe-IT and GLPI count: the same day of the month.
    pub(super) fn warranty(&mut self, draft: &mut Draft) {
        if draft.set.contains_key("warranty_until") {
            return;
        }
        let Some(text) = self.raw(Field::WarrantyMonths) else {
            return;
        };
        let months = text
            .split_whitespace()
            .next()
            .and_then(|n| n.parse::<u32>().ok())
            .filter(|n| *n <= 600);
        let acquired = draft
            .set
            .get("acquired_on")
            .and_then(Value::as_str)
            .and_then(|d| Day::parse(d).ok());
        match (months, acquired) {
            (Some(0), _) => {}
            (Some(months), Some(day)) => {
                let until = day.plus_months(months).to_string();
                draft.set.insert("warranty_until".into(), until.into());
            }
            (Some(months), None) => {
                draft.extra.insert("warranty_months".into(), months.into());
            }
            (None, _) => self.problem(Some(Field::WarrantyMonths), Why::WarrantyMonths, []),
        }
    }

    pub(super) fn extra(&mut self, draft: &mut Draft) {
        for (index, column) in self.reader.plan.columns.iter().enumerate() {
            let Meaning::Extra(key) = &column.meaning else {
                continue;
            };
            let Some(text) = self.at(index) else { continue };
            let controlled = text
                .chars()
                .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'));
            if controlled || text.chars().count() > 4000 {
                self.rejected = true;
                self.problem_at(Some(index), Why::ExtraText, []);
                continue;
            }
            draft.extra.insert(key.clone(), Value::from(text));
        }
    }

    pub(super) fn count(&mut self, draft: &mut Draft) {
        let Some(text) = self.raw(Field::Quantity) else {
            return;
        };
        let n = numbers::whole(&text, self.reader.plan.comma);
        match n {
            Some(n) if (1..=MOST_ALIKE).contains(&n) => {
                draft.quantity = u32::try_from(n).unwrap_or(1);
            }
            _ => {
                let values = [("shown", shown(&text)), ("most", MOST_ALIKE.into())];
                self.reject(Field::Quantity, Why::Quantity, values);
            }
        }
        let named = draft.tag.is_some()
            || draft.serial.is_some()
            || draft
                .codes
                .iter()
                .any(|(k, _)| matches!(k, CodeKind::Uuid | CodeKind::Imei | CodeKind::AssetTag));
        if draft.quantity > 1 && named {
            self.reject(Field::Quantity, Why::QuantityNamed, []);
        }
    }
}
