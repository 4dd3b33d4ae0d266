//! The list of purchases: the latest first, by organisation, year, supplier, and whether what was ordered has come.

use serde::{Deserialize, Serialize};

use crate::app::entries::{Desk, View, read, views};
use crate::app::{Actor, App, Page, Right, cursor};
use crate::db::purchases::{self as rows, Which};
use crate::db::{Db, Scope, organisations};
use crate::domain::entry::{Entry, EntryKind};
use crate::domain::purchase::{Purchase, PurchaseKind};
use crate::domain::text::fold;
use crate::error::{Code, Error, Result};

/// Whether what was ordered has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Arrived {
    /// All of it.
    All,
    /// Something is awaited.
    Awaited,
}

/// Which purchases are asked for.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Asked {
    /// Words that the reference or key holds.
    pub q: Option<String>,
    /// Only of this organisation and of those below it.
    pub org: Option<String>,
    /// Ordered in this year.
    pub year: Option<i32>,
    /// From this partner.
    pub supplier: Option<String>,
    /// Whether it has come.
    pub arrived: Option<Arrived>,
    /// Where the list goes on.
    pub cursor: Option<String>,
}

/// A purchase with what came of it.
#[derive(Debug, Clone)]
pub struct Bought {
    /// The purchase.
    pub view: View,
    /// How many things its lines order, credit notes taken off; none of a contract, which orders nothing itself.
    pub ordered: Option<i64>,
    /// How many devices came in by it.
    pub received: i64,
}

/// Whether a purchase has come, as far as it orders anything.
pub fn arrived(ordered: Option<i64>, received: i64) -> Option<Arrived> {
    let ordered = ordered.filter(|n| *n > 0)?;
    Some(if received >= ordered {
        Arrived::All
    } else {
        Arrived::Awaited
    })
}

/// Rows read at once while looking for some.
const BATCH: usize = 100;

/// Where a page ended: the day of the order and the id.
type Place = (String, String);

/// The first and the last year of an order.
pub type Years = (i32, i32);

/// One page of purchases, and the years there are.
///
/// # Errors
/// `forbidden`, `invalid_parameter`.
pub fn latest(
    app: &App,
    actor: &Actor,
    asked: &Asked,
    limit: usize,
) -> Result<(Page<Bought>, Option<Years>)> {
    actor.must(Right::Read)?;
    let mut filters = asked.clone();
    filters.cursor = None;
    let bound = serde_json::to_string(&("purchases-latest", &actor.org, &filters));
    let bound = bound.map_err(Error::internal)?;
    app.store.read(|db| {
        let desk = Desk::open(db, actor, app.clock.now(), &app.catalogue_cache())?;
        let reach = desk.reach(EntryKind::Purchase);
        let scope = scope(&desk, db, &reach, asked.org.as_deref())?;
        let unknown = |_| invalid("supplier");
        let supplier = asked.supplier.as_deref();
        let supplier = supplier
            .map(|key| desk.find(db, EntryKind::Partner, key).map_err(unknown))
            .transpose()?;
        let which = Which {
            year: asked.year.filter(|year| (0..9999).contains(year)),
            supplier: supplier.map(|row| row.id),
        };
        let words = fold(asked.q.as_deref().unwrap_or_default());
        let words: Vec<&str> = words.split_whitespace().collect();
        let at = asked.cursor.as_deref();
        let mut before: Option<Place> = at.map(|c| cursor::open(app, &bound, c)).transpose()?;
        let mut found: Vec<(Entry<Purchase>, i64)> = Vec::new();
        let narrow = asked.arrived.is_some() || !words.is_empty();
        let batch = if narrow { BATCH } else { limit + 1 };
        while found.len() <= limit {
            let most = i64::try_from(batch).map_err(Error::internal)?;
            let rows = rows::latest(db, &scope, &which, before.as_ref(), most)?;
            let last = rows.len() < batch;
            let mut some = Vec::with_capacity(rows.len());
            for row in rows {
                let text = format!("{} {}", fold(&row.name), row.key);
                let entry = read::<Purchase>(row)?;
                before = Some(place(&entry));
                if words.iter().all(|word| text.contains(word)) {
                    some.push(entry);
                }
            }
            let came = came(db, &some)?;
            found.extend(some.into_iter().zip(came).filter(|(entry, came)| {
                asked.arrived.is_none() || asked.arrived == arrived(ordered(&entry.body), *came)
            }));
            if last {
                break;
            }
        }
        let more = found.len() > limit;
        found.truncate(limit);
        let next = found
            .last()
            .filter(|_| more)
            .map(|(entry, _)| cursor::seal(app, &bound, &place(entry)))
            .transpose()?;
        let counts: Vec<(Option<i64>, i64)> = found
            .iter()
            .map(|(entry, came)| (ordered(&entry.body), *came))
            .collect();
        let shown = views(db, found.into_iter().map(|(entry, _)| entry).collect())?;
        let items = shown
            .into_iter()
            .zip(counts)
            .map(|(view, (ordered, received))| Bought {
                view,
                ordered,
                received,
            });
        Ok((Page::new(items.collect(), next), rows::years(db, &reach)?))
    })
}

fn invalid(field: &str) -> Error {
    let detail = format!("`{field}` names nothing that you may see");
    Error::new(Code::InvalidParameter, detail).with_field(field)
}

fn scope(desk: &Desk, db: &mut Db, reach: &Scope, org: Option<&str>) -> Result<Scope> {
    let Some(key) = org else {
        return Ok(reach.clone());
    };
    let row = desk
        .find(db, EntryKind::Organisation, key)
        .map_err(|_| invalid("org"))?;
    let orgs = match organisations::by_id(db, &row.id)? {
        Some(node) => organisations::subtree(db, &node.path)?,
        None => vec![row.id],
    };
    Ok(reach.within(&Scope::of(orgs)))
}

fn place(entry: &Entry<Purchase>) -> Place {
    let day = entry.body.ordered_on.map(|day| day.to_string());
    (day.unwrap_or_default(), entry.id.clone())
}

/// How many things the lines of a purchase order.
fn ordered(purchase: &Purchase) -> Option<i64> {
    let orders = purchase.kind == PurchaseKind::Order && !purchase.lines.is_empty();
    orders.then(|| purchase.lines.iter().map(|line| line.quantity).sum())
}

/// How many devices came in by each of these.
fn came(db: &mut Db, purchases: &[Entry<Purchase>]) -> Result<Vec<i64>> {
    let ids: Vec<String> = purchases.iter().map(|entry| entry.id.clone()).collect();
    let came = rows::received(db, &ids)?;
    let came = ids.iter().map(|id| came.get(id).copied());
    Ok(came.map(Option::unwrap_or_default).collect())
}
