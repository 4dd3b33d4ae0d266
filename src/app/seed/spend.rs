//! The purchases that pay for the sample: one order per organisation and quarter, its lines the sum of what came in.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::chance::{Chance, later};
use super::opening::{Cast, How, Opening};
use super::world::MODELS;
use crate::app::entries::Desk;
use crate::app::{Actor, App};
use crate::db::Lane;
use crate::domain::day::Day;
use crate::domain::purchase::Purchase;
use crate::domain::words::Condition;
use crate::error::Result;

/// Whose order: organisation, year, quarter from 0.
type Order = (usize, i32, u32);
/// Which line of it: model, refurbished, leased.
type Item = (usize, bool, bool);

/// Where each device is paid: reference of the line (`PURCHASE_ID/LINE_KEY`).
#[derive(Debug, Default)]
pub struct Paid(HashMap<(Order, Item), String>);

impl Paid {
    /// The line that pays for a device.
    pub fn line_of(&self, opening: &Opening) -> Option<&str> {
        let (year, quarter) = opening.quarter()?;
        let order = (opening.home, year, quarter);
        self.0.get(&(order, item(opening))).map(String::as_str)
    }
}

fn item(opening: &Opening) -> Item {
    (
        opening.model,
        opening.condition == Condition::Refurbished,
        opening.how == How::Leased,
    )
}

/// Adds up what comes in and writes the orders.
///
/// # Errors
/// Those of the store.
pub fn spend(app: &App, cast: &Cast, numbers: std::ops::Range<u64>) -> Result<Paid> {
    let mut orders: BTreeMap<Order, BTreeMap<Item, (i64, i64)>> = BTreeMap::new();
    let first = numbers.start;
    for i in numbers {
        let (opening, _) = Opening::of(cast, i);
        let Some((year, quarter)) = opening.quarter() else {
            continue;
        };
        let line = orders
            .entry((opening.home, year, quarter))
            .or_default()
            .entry(item(&opening))
            .or_default();
        line.0 += 1;
        line.1 += opening.price_cents;
    }
    let mut paid = Paid::default();
    let bodies: Vec<_> = orders
        .into_iter()
        .map(|(order, lines)| {
            let body = body(cast, order, &lines, first);
            (order, lines.into_keys().collect::<Vec<_>>(), body)
        })
        .collect();
    for some in bodies.chunks(20) {
        let (now, cache) = (app.clock.now(), app.catalogue_cache());
        let some: Arc<[_]> = some.into();
        let made = app.store.write(Lane::Imports, move |db| {
            let desk = Desk::open(db, &Actor::operator(), now, &cache)?;
            let mut made = Vec::new();
            for (order, items, body) in some.iter() {
                let entry = desk.create::<Purchase>(db, body.clone())?;
                for (item, line) in items.iter().zip(&entry.body.lines) {
                    let key = line.key.as_ref().map(|k| k.as_str()).unwrap_or_default();
                    made.push(((*order, *item), format!("{}/{key}", entry.id)));
                }
            }
            Ok(made)
        })?;
        paid.0.extend(made);
    }
    Ok(paid)
}

/// One order. Lines come in the order of their items; credit notes after all of them.
fn body(
    cast: &Cast,
    (home, year, quarter): Order,
    items: &BTreeMap<Item, (i64, i64)>,
    first: u64,
) -> Map<String, Value> {
    let stream = u64::try_from(home).unwrap_or(0) << 32
        | u64::from(year.unsigned_abs()) << 8
        | u64::from(quarter);
    let mut chance = Chance::new(cast.seed ^ 0x5045_4E44 ^ first, stream);
    let opens = Day::ymd(year, 1 + 3 * quarter, 1);
    let ordered_on = later(opens, -chance.between(3, 40)).min(cast.today);
    let whose = cast.homes.get(home);
    // Several seedings of one database each bring their own orders.
    let again = if first == 0 {
        String::new()
    } else {
        format!("-{first}")
    };
    let key = format!(
        "bc-{}-{year}-t{}{again}",
        whose.map_or("", |h| h.key.as_str()),
        quarter + 1
    );
    let mut lines = Vec::new();
    let mut credits = Vec::new();
    for ((at, refurbished, leased), (quantity, amount)) in items {
        let Some(model) = MODELS.get(*at) else {
            continue;
        };
        // Paid within the quarter or a little later; a few invoices nobody can find.
        let paid = later(opens, chance.between(20, 110));
        let missing = chance.happens(15) || paid > cast.today;
        let expense_on = (!missing).then(|| paid.to_string());
        let line_key = format!("{key}-{}", lines.len() + 1);
        lines.push(json!({
            "key": line_key, "label": format!("{} {}", model.1, model.2), "model": cast.models.get(*at),
            "category": model.3, "quantity": quantity, "amount_cents": amount, "expense_on": expense_on,
            "condition": if *refurbished { "refurbished" } else { "new" },
            "tenure": if *leased { "leased" } else { "owned" },
        }));
        if chance.happens(20) && *quantity > 1 {
            credits.push(json!({
                "label": "Avoir : casse au transport", "model": cast.models.get(*at), "category": model.3,
                "quantity": -1, "amount_cents": -(amount / quantity), "expense_on": expense_on,
                "condition": if *refurbished { "refurbished" } else { "new" }, "credit_note_of": line_key,
                "tenure": if *leased { "leased" } else { "owned" },
            }));
        }
    }
    lines.extend(credits);
    let partners = &cast.partners;
    let supplier = if chance.happens(200) {
        Some(&partners.refurbisher)
    } else {
        chance.one(&partners.suppliers)
    };
    let body = json!({
        "key": key, "kind": "order", "organisation": whose.map(|h| h.org.as_str()), "supplier": supplier,
        "ordered_on": ordered_on.to_string(), "reference": key.to_uppercase(), "lines": lines,
    });
    match body {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
