//! Devices chosen for an operation: what they are, and whether each could take part.

use std::sync::Arc;

use super::MAX_DEVICES;
use crate::app::devices::{self, Asked, DeviceView};
use crate::app::lifecycle::{Command, Context, context, would};
use crate::app::titles::{self, Titles};
use crate::app::{Actor, App, Right};
use crate::db::Db;
use crate::domain::entry::EntryKind;
use crate::domain::tag;
use crate::domain::words::CodeKind;
use crate::error::{Error, Result};

/// A device as a list of an operation shows it.
#[derive(Debug, Clone)]
pub struct Item {
    /// The device.
    pub device: DeviceView,
    /// Maker and model, else its name, else its category.
    pub what: String,
    /// Name of its category.
    pub category: String,
    /// Numbers of the inventory it was taken over from, or of the accounts.
    pub inventory: String,
    /// What it is and its category for readers of English.
    english: (String, String),
}

impl Item {
    /// The same for readers of French, or of English, who then read the English names of categories: as
    /// [`Titles::speaking`].
    #[must_use]
    pub fn speaking(&self, french: bool) -> Item {
        let mut item = self.clone();
        if !french {
            (item.what, item.category) = item.english.clone();
        }
        item
    }
}

/// A device as it was named, and what would become of it.
#[derive(Debug)]
pub struct Chosen {
    /// As typed or scanned.
    pub given: String,
    /// What it is; none when nothing here has this tag.
    pub item: Option<Item>,
    /// Why it cannot take part.
    pub refusal: Option<Error>,
}

/// Puts names to devices.
///
/// # Errors
/// Those of the store.
pub fn items(app: &App, db: &mut Db, actor: &Actor, views: Vec<DeviceView>) -> Result<Vec<Item>> {
    let wanted: Vec<(EntryKind, &str)> = views
        .iter()
        .flat_map(|v| {
            let category = v.category.as_deref().map(|c| (EntryKind::Category, c));
            let model = v.model.as_deref().map(|m| (EntryKind::Model, m));
            category.into_iter().chain(model)
        })
        .collect();
    let names = titles::of_in(app, db, actor, &wanted)?;
    Ok(views.into_iter().map(|view| item(view, &names)).collect())
}

fn item(device: DeviceView, names: &Titles) -> Item {
    let key = device.category.as_deref();
    let category = key.map_or("", |key| names.get(EntryKind::Category, key));
    let english = key.map_or("", |key| names.english(key));
    let numbers = device
        .codes
        .iter()
        .filter(|code| code.kind == CodeKind::AssetTag);
    let inventory: Vec<&str> = numbers.map(|code| code.value.as_str()).collect();
    Item {
        inventory: inventory.join(", "),
        what: what(&device, names, category),
        category: category.to_owned(),
        english: (what(&device, names, english), english.to_owned()),
        device,
    }
}

/// Maker and model, else the name, else what is left: the maker, the category.
fn what(device: &DeviceView, names: &Titles, category: &str) -> String {
    let model = device
        .model
        .as_deref()
        .map(|key| names.get(EntryKind::Model, key));
    match (device.manufacturer.as_deref(), model, &device.name) {
        (Some(maker), Some(model), _) if !model.starts_with(maker) => format!("{maker} {model}"),
        (_, Some(model), _) => model.to_owned(),
        (_, None, Some(name)) => name.clone(),
        (Some(maker), None, None) => format!("{maker}, {category}"),
        (None, None, None) => category.to_owned(),
    }
}

/// These devices in the order they were named, each judged for the events that `asked` makes for it. What is named
/// twice stands once.
///
/// # Errors
/// `invalid_value` for too many; `forbidden`.
pub fn judged(
    app: &Arc<App>,
    actor: &Actor,
    tags: &[String],
    asked: impl Fn(&Context, &DeviceView) -> Result<Vec<Command>>,
) -> Result<Vec<Chosen>> {
    actor.must(Right::Read)?;
    if tags.len() > MAX_DEVICES {
        return Err(Error::invalid(
            "devices",
            format!("`devices` names 1 to {MAX_DEVICES} devices"),
        ));
    }
    app.store.read(|db| {
        let cx = context(app, db, actor)?;
        let mut out: Vec<Chosen> = Vec::new();
        for given in tags {
            if out.iter().any(|c| tag::fold(&c.given) == tag::fold(given)) {
                continue;
            }
            let item = match found(app, db, actor, given)? {
                Some(view) => items(app, db, actor, vec![view])?.pop(),
                None => None,
            };
            let refusal = match &item {
                None => Some(Error::unknown_reference("devices", given)),
                Some(item) => asked(&cx, &item.device)
                    .and_then(|commands| would(db, &cx, &item.device.id, &commands))
                    .err(),
            };
            // Named by another code, it goes on under its tag; twice named, it stands once.
            let given = item.as_ref().map_or(given, |item| &item.device.tag).clone();
            if out.iter().any(|c| c.given == given) {
                continue;
            }
            out.push(Chosen {
                given,
                item,
                refusal,
            });
        }
        Ok(out)
    })
}

/// A device by its tag, or by any code that is its alone.
fn found(app: &App, db: &mut Db, actor: &Actor, given: &str) -> Result<Option<DeviceView>> {
    match devices::get_in(app, db, actor, given, None) {
        Ok(view) => Ok(Some(view)),
        Err(error) if error.code == crate::error::Code::NotFound => {
            let scope = actor.scope(db)?;
            match devices::meant_in(db, &scope, given)?.as_slice() {
                [id] => devices::get_in(app, db, actor, id, None).map(Some),
                _ => Ok(None),
            }
        }
        Err(error) => Err(error),
    }
}

/// Tags of the devices of a list, in its order.
///
/// # Errors
/// As the list.
pub fn filtered(app: &App, actor: &Actor, asked: &Asked) -> Result<Vec<String>> {
    actor.must(Right::Read)?;
    let most = i64::try_from(MAX_DEVICES).map_err(Error::internal)?;
    app.store.read(|db| {
        let rows = devices::rows(app, db, actor, asked, most)?;
        Ok(rows.into_iter().map(|row| row.tag).collect())
    })
}

/// What these devices are, in the order named; those that are not there any more are left out.
///
/// # Errors
/// Those of the store.
pub fn items_of(app: &App, actor: &Actor, tags: &[String]) -> Result<Vec<Item>> {
    actor.must(Right::Read)?;
    app.store.read(|db| {
        let mut views = Vec::new();
        for given in tags {
            views.extend(found(app, db, actor, given)?);
        }
        items(app, db, actor, views)
    })
}
