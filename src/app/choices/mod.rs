//! What a form offers to choose from: sites, people, partners, models, organisations, by name; and what somebody
//! meant who typed a name.

mod apart;
mod partners;

use std::collections::HashMap;

use serde_json::Value;

pub use partners::partners;

use super::entries::Desk;
use super::{Actor, App, Right};
use crate::db::Db;
use crate::db::entries::{self, Row};
use crate::domain::entry::EntryKind;
use crate::domain::text::fold;
use crate::error::{Error, Result};

/// One thing to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What is sent: the key, or the id where two rows have the same key.
    pub key: String,
    /// What people read.
    pub name: String,
    /// What tells it from others of the same name: service, site above, maker.
    pub about: Option<String>,
}

impl Choice {
    /// The name with what tells it apart.
    pub fn label(&self) -> String {
        match &self.about {
            Some(about) => format!("{} · {about}", self.name),
            None => self.name.clone(),
        }
    }
}

/// Rows read while looking for a name.
const MOST: i64 = 20_000;

/// The first rows of a kind by name, archived ones left out; none of people for those who may not see them.
///
/// # Errors
/// Those of the store.
pub fn of(app: &App, actor: &Actor, kind: EntryKind, most: i64) -> Result<Vec<Choice>> {
    app.store.read(|db| of_in(app, db, actor, kind, most))
}

/// [`of`] inside a read that is under way.
///
/// # Errors
/// Those of the store.
pub fn of_in(
    app: &App,
    db: &mut Db,
    actor: &Actor,
    kind: EntryKind,
    most: i64,
) -> Result<Vec<Choice>> {
    if kind == EntryKind::Person && !actor.may(Right::People) {
        return Ok(Vec::new());
    }
    let desk = Desk::open(db, actor, app.clock.now(), &app.catalogue_cache())?;
    let rows = entries::page(db, kind, &desk.reach(kind), false, None, most)?;
    let mut all = choices(kind, &rows);
    apart::tell(db, &rows, &mut all)?;
    Ok(all)
}

fn choices(kind: EntryKind, rows: &[Row]) -> Vec<Choice> {
    let mut keys: HashMap<&str, usize> = HashMap::new();
    for row in rows {
        *keys.entry(&row.key).or_default() += 1;
    }
    let names: HashMap<&str, &str> = rows.iter().map(|r| (r.id.as_str(), &*r.name)).collect();
    let choice = |row: &Row| {
        let body: Value = serde_json::from_str(&row.payload).unwrap_or_default();
        let said = |field: &str| body.get(field).and_then(Value::as_str);
        let about = match kind {
            EntryKind::Person => said("service"),
            EntryKind::Site => said("parent").and_then(|id| names.get(id).copied()),
            EntryKind::Model => said("manufacturer"),
            _ => None,
        };
        let lone = keys.get(row.key.as_str()) == Some(&1);
        Choice {
            key: if lone {
                row.key.clone()
            } else {
                row.id.clone()
            },
            name: row.name.clone(),
            about: about.map(str::to_owned),
        }
    };
    rows.iter()
        .filter(|row| !row.name.is_empty())
        .map(choice)
        .collect()
}

/// What somebody meant: a choice from the list (its label), a key, or words of a name that only one row has.
///
/// # Errors
/// `unknown_reference` naming the field when nothing or more than one thing is meant; with `several`, their labels.
pub fn meant(
    app: &App,
    actor: &Actor,
    kind: EntryKind,
    field: &str,
    typed: &str,
) -> Result<String> {
    let all = of(app, actor, kind, MOST)?;
    if let Some(choice) = all.iter().find(|c| c.key == typed) {
        return Ok(choice.key.clone());
    }
    let folded = fold(typed);
    let same = |c: &&Choice| fold(&c.label()) == folded || fold(&c.name) == folded;
    let mut found: Vec<&Choice> = all.iter().filter(same).collect();
    if found.len() != 1 {
        let words: Vec<&str> = folded.split_whitespace().filter(|w| *w != "·").collect();
        let holds = |c: &&Choice| {
            let text = fold(&c.label());
            !words.is_empty() && words.iter().all(|word| text.contains(word))
        };
        let near: Vec<&Choice> = all.iter().filter(holds).collect();
        // Two of the very same name stay two, whatever else comes near.
        if found.is_empty() {
            found = near;
        }
    }
    match found.as_slice() {
        [one] => Ok(one.key.clone()),
        [] => Err(Error::unknown_reference(field, typed)),
        several => {
            let labels: Vec<String> = several.iter().take(24).map(|c| c.label()).collect();
            let mut error = Error::unknown_reference(field, typed);
            error.detail = format!("“{typed}” may mean: {}", labels.join(", "));
            Err(error.with("several", labels))
        }
    }
}

/// Every category by name, in French or English.
///
/// # Errors
/// Those of the store.
pub fn categories(app: &App, french: bool) -> Result<Vec<Choice>> {
    let catalogue = app.store.read(|db| app.catalogue(db))?;
    let mut all: Vec<Choice> = catalogue
        .categories()
        .map(|(key, category)| {
            let label = if french {
                &category.label_fr
            } else {
                &category.label_en
            };
            Choice {
                key: key.to_owned(),
                name: label.as_ref().unwrap_or(&category.name).as_str().to_owned(),
                about: None,
            }
        })
        .collect();
    all.sort_by_cached_key(|c| fold(&c.name));
    Ok(all)
}
