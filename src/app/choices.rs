//! What a form offers to choose from: sites, people, partners, models, organisations, by name; and what somebody
//! meant who typed a name.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::Value;

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
    part(db, &rows, &mut all)?;
    Ok(all)
}

/// Makes every label unlike every other: to those that read alike is added what separates them, their organisation,
/// then what other systems call them, then their key. Picking one always means one.
fn part(db: &mut Db, rows: &[Row], all: &mut [Choice]) -> Result<()> {
    let rows: Vec<&Row> = rows.iter().filter(|row| !row.name.is_empty()).collect();
    let mut owners: HashMap<String, Option<String>> = HashMap::new();
    for how in [Apart::Owner, Apart::Elsewhere, Apart::Key] {
        let mut more: BTreeMap<usize, String> = BTreeMap::new();
        for (label, group) in alike(all) {
            let mut said: Vec<(usize, Option<String>)> = Vec::new();
            for at in group {
                let (Some(row), Some(choice)) = (rows.get(at), all.get(at)) else {
                    continue;
                };
                let text = match how {
                    Apart::Owner => owner(db, row, &mut owners)?,
                    Apart::Elsewhere => elsewhere(row),
                    Apart::Key => Some(choice.key.clone()),
                };
                said.push((at, text));
            }
            // What all of them share separates none of them.
            if said
                .windows(2)
                .all(|two| matches!(two, [a, b] if a.1 == b.1))
            {
                continue;
            }
            for (at, text) in said {
                // The one that only bears the name has a label of its own already.
                let same = all.get(at).is_some_and(|c| fold(&c.label()) == label);
                if let (true, Some(text)) = (same, text) {
                    more.insert(at, text);
                }
            }
        }
        for (at, text) in more {
            if let Some(choice) = all.get_mut(at) {
                choice.about = Some(match choice.about.take() {
                    Some(about) => format!("{about} · {text}"),
                    None => text,
                });
            }
        }
    }
    Ok(())
}

/// What may separate two things that read alike.
#[derive(Clone, Copy)]
enum Apart {
    Owner,
    Elsewhere,
    Key,
}

/// Choices whose label is that of another, or the bare name of another: a name alone would not say which.
fn alike(all: &[Choice]) -> HashMap<String, Vec<usize>> {
    let mut by_text: HashMap<String, Vec<usize>> = HashMap::new();
    let mut labels: HashSet<String> = HashSet::new();
    for (at, choice) in all.iter().enumerate() {
        let (label, name) = (fold(&choice.label()), fold(&choice.name));
        if label != name {
            by_text.entry(name).or_default().push(at);
        }
        by_text.entry(label.clone()).or_default().push(at);
        labels.insert(label);
    }
    by_text.retain(|text, at| at.len() > 1 && labels.contains(text));
    by_text
}

fn owner(
    db: &mut Db,
    row: &Row,
    known: &mut HashMap<String, Option<String>>,
) -> Result<Option<String>> {
    let Some(org) = &row.org else {
        return Ok(None);
    };
    if let Some(name) = known.get(org) {
        return Ok(name.clone());
    }
    let name = entries::by_id(db, org)?.map(|row| row.name);
    known.insert(org.clone(), name.clone());
    Ok(name)
}

fn elsewhere(row: &Row) -> Option<String> {
    let body: Value = serde_json::from_str(&row.payload).unwrap_or_default();
    let id = body.get("external_id").and_then(Value::as_str);
    id.map(str::to_owned)
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
            let labels: Vec<String> = several.iter().take(8).map(|c| c.label()).collect();
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
