//! Labels of devices the actor sees, and blank ones to stick first and claim later.
//!
//! A label shows the owner's name and the model: never a person's name, nor the device's own (people name machines
//! after their users).

use std::collections::{HashMap, HashSet};

use super::devices::{self, Asked};
use super::{Actor, App, Right};
use crate::db::device_rows::{self, Row};
use crate::db::{Db, Scope, entries};
use crate::domain::tag::{self, Tag};
use crate::error::{Code, Error, Result};
use crate::labels::{self, Format, Label, Layout, Print};

/// Most labels of one call.
pub const MOST: usize = 5000;

/// Which labels.
#[derive(Debug, Clone)]
pub enum Which {
    /// These devices, by tag, in this order, as often as they are named.
    Tags(Vec<String>),
    /// The devices of this list, in its order; page and cursor are not looked at.
    Filter(Box<Asked>),
    /// So many new random tags, no two alike and none in use. Printed only: the tag is taken by the device that
    /// claims it.
    Blank(usize),
}

/// The label of one device, by its tag or id.
///
/// # Errors
/// `forbidden`; `not_found` when the device is absent or not the actor's; those of [`labels::draw`].
pub fn label(
    app: &App,
    actor: &Actor,
    tag: &str,
    print: &Print,
    format: Format,
) -> Result<Vec<u8>> {
    actor.must(Right::Labels)?;
    let labels = app.store.read(|db| {
        let scope = actor.scope(db)?;
        let row = find(db, &scope, tag)?.ok_or_else(Error::not_found)?;
        of_rows(app, db, vec![row])
    })?;
    labels::draw(&labels, print, format)
}

/// Labels of many devices.
///
/// # Errors
/// `forbidden`; `unknown_reference` when a tag names nothing the actor sees; `invalid_value` for none or more than
/// [`MOST`]; those of the list and of [`labels::draw`].
pub fn sheet(
    app: &App,
    actor: &Actor,
    which: &Which,
    print: &Print,
    format: Format,
) -> Result<Vec<u8>> {
    let labels = chosen(app, actor, which)?;
    labels::draw(&labels, print, format)
}

/// What these labels say, before they are drawn.
///
/// # Errors
/// As [`sheet`].
pub fn chosen(app: &App, actor: &Actor, which: &Which) -> Result<Vec<Label>> {
    actor.must(Right::Labels)?;
    app.store.read(|db| match which {
        Which::Tags(tags) => {
            bounded(tags.len())?;
            let scope = actor.scope(db)?;
            let rows = by_tags(db, &scope, tags)?;
            of_rows(app, db, rows)
        }
        Which::Filter(asked) => {
            let most = i64::try_from(MOST).map_err(Error::internal)?;
            let rows = devices::rows(app, db, actor, asked, most + 1)?;
            bounded(rows.len())?;
            of_rows(app, db, rows)
        }
        Which::Blank(count) => {
            bounded(*count)?;
            let tags = fresh(db, *count)?;
            Ok(tags.into_iter().map(|tag| blank(app, tag)).collect())
        }
    })
}

/// Reads a layout as a value of the field or parameter `layout`.
///
/// # Errors
/// `invalid_value`.
pub fn layout(name: &str) -> Result<Layout> {
    Layout::parse(name).map_err(|sentence| Error::invalid("layout", sentence))
}

fn bounded(count: usize) -> Result<()> {
    if count > MOST {
        return Err(Error::invalid(
            "tags",
            format!("at most {MOST} labels are printed at once"),
        ));
    }
    Ok(())
}

/// The rows of these tags, in their order: the tags that stand for themselves in few statements, the others (ids,
/// devices merged into another) one by one.
fn by_tags(db: &mut Db, scope: &Scope, tags: &[String]) -> Result<Vec<Row>> {
    let folds: HashSet<String> = tags.iter().map(|t| tag::fold(t)).collect();
    let folds: Vec<String> = folds.into_iter().collect();
    let known: HashMap<String, Row> = device_rows::by_tags(db, scope, &folds)?
        .into_iter()
        .map(|row| (tag::fold(&row.tag), row))
        .collect();
    let mut rows = Vec::with_capacity(tags.len());
    for given in tags {
        let row = match known.get(&tag::fold(given)).filter(|row| live(row)) {
            Some(row) => row.clone(),
            None => {
                find(db, scope, given)?.ok_or_else(|| Error::unknown_reference("tags", given))?
            }
        };
        rows.push(row);
    }
    Ok(rows)
}

/// The row of a tag or id; of the winner when the device was merged.
fn find(db: &mut Db, scope: &Scope, tag_or_id: &str) -> Result<Option<Row>> {
    let direct = device_rows::by_tag(db, scope, &tag::fold(tag_or_id))?;
    if let Some(row) = direct.filter(live) {
        return Ok(Some(row));
    }
    let Some(id) = crate::db::devices::resolve(db, tag_or_id)? else {
        return Ok(None);
    };
    Ok(device_rows::of_devices(db, scope, &[id])?.pop())
}

/// Whether the device was neither merged into another nor withdrawn.
fn live(row: &Row) -> bool {
    !row.state.contains("\"withdrawn\"")
}

/// The labels of rows.
fn of_rows(app: &App, db: &mut Db, rows: Vec<Row>) -> Result<Vec<Label>> {
    let catalogue = app.catalogue(db)?;
    let orgs: HashSet<String> = rows.iter().map(|row| row.org.clone()).collect();
    let owners = entries::names(db, &orgs.into_iter().collect::<Vec<_>>())?;
    let mut labels = Vec::with_capacity(rows.len());
    for row in rows {
        let state: devices::view::State =
            serde_json::from_str(&row.state).map_err(Error::internal)?;
        let described = state.described;
        let model = described
            .model
            .as_ref()
            .and_then(|id| catalogue.model(id.as_str()));
        let maker = model
            .and_then(|m| m.manufacturer.as_deref())
            .or(described.manufacturer.as_ref().map(|m| m.as_str()));
        let thing: Vec<&str> = maker
            .into_iter()
            .chain(model.map(|m| m.name.as_str()))
            .collect();
        let mut lines = Vec::new();
        lines.extend(owners.get(&row.org).map(|(_, name)| name.clone()));
        if !thing.is_empty() {
            lines.push(thing.join(" "));
        }
        let mut label = blank(app, Tag::stored(row.tag));
        label.lines = lines;
        labels.push(label);
    }
    Ok(labels)
}

/// A label that says nothing but its tag.
fn blank(app: &App, tag: Tag) -> Label {
    Label {
        url: tag.url(&app.public_url),
        tag,
        lines: Vec::new(),
    }
}

/// Random tags, no two alike, none in use in the installation.
fn fresh(db: &mut Db, count: usize) -> Result<Vec<Tag>> {
    let mut tags: Vec<Tag> = Vec::with_capacity(count);
    let mut known: HashSet<String> = HashSet::new();
    // A clash is rarer than one in a million: a second round is luck, a tenth a broken source of chance.
    for _ in 0..10 {
        let mut some: Vec<Tag> = Vec::new();
        while tags.len() + some.len() < count {
            let tag = Tag::random(rand::random());
            if known.insert(tag.as_str().to_owned()) {
                some.push(tag);
            }
        }
        let folds: Vec<String> = some.iter().map(Tag::folded).collect();
        let taken = device_rows::by_tags(db, &Scope::All, &folds)?;
        some.retain(|tag| !taken.iter().any(|row| tag::fold(&row.tag) == tag.folded()));
        tags.extend(some);
        if tags.len() >= count {
            return Ok(tags);
        }
    }
    Err(Error::new(
        Code::Unavailable,
        "no free tags were found; try again",
    ))
}
