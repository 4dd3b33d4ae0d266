//! What the fields of an event name: keys become ids before the event is recorded, ids become keys when it is read.

use serde_json::{Map, Value};

use super::command::Command;
use super::session::Context;
use crate::app::entries::resolve as entry_of;
use crate::app::names::Names;
use crate::app::purchases;
use crate::db::{Db, Scope, devices, organisations};
use crate::domain::described::Described;
use crate::domain::entry::EntryKind;
use crate::domain::event::{Fields, Ref};
use crate::domain::text::Line;
use crate::domain::words::Kind;
use crate::error::{Code, Error, Result};

/// Resolves everything a command names, for the books of `org`.
///
/// # Errors
/// `unknown_reference`, naming the field.
pub fn resolve(db: &mut Db, cx: &Context, org: &str, command: &mut Command) -> Result<()> {
    let f = &mut command.fields;
    for (field, kind, slot) in [
        ("site", EntryKind::Site, &mut f.site),
        ("holder", EntryKind::Person, &mut f.holder),
        ("provider", EntryKind::Partner, &mut f.provider),
        ("partner", EntryKind::Partner, &mut f.partner),
        ("exit", EntryKind::Exit, &mut f.exit),
    ] {
        entry(db, cx, org, field, kind, slot)?;
    }
    if let Some(to) = &f.to_organisation {
        let id = organisations::in_tree_of(db, org, to.as_str())?;
        let id = id.ok_or_else(|| Error::unknown_reference("to_organisation", to.as_str()))?;
        if id == org {
            return Err(Error::invalid(
                "to_organisation",
                "the device is in the books of this organisation already",
            ));
        }
        f.to_organisation = Some(line("to_organisation", &id)?);
    }
    if let Some(given) = &f.line {
        f.line = Some(line(
            "line",
            &purchases::resolve_line(db, given.as_str(), Some(org), &cx.scope)?.reference(),
        )?);
    }
    if matches!(
        command.kind,
        Kind::Merge | Kind::Absorb | Kind::Harvest | Kind::Fit
    ) {
        for (field, slot) in [("into", &mut f.into), ("from", &mut f.from)] {
            if let Some(given) = slot {
                let id = device(db, cx, given.as_str())?
                    .ok_or_else(|| Error::unknown_reference(field, given.as_str()))?;
                *slot = Some(line(field, &id)?);
            }
        }
        part(db, cx, f)?;
    }
    if let Some(set) = &mut f.set {
        described(db, cx, org, set)?;
    }
    Ok(())
}

fn line(field: &str, text: &str) -> Result<Line> {
    Line::parse(text).map_err(|e| Error::invalid(field, e))
}

/// Id of a reference row by its key, near an organisation; none when the scope may use none of that name.
///
/// # Errors
/// Those of the database.
pub fn id_of(
    db: &mut Db,
    scope: &Scope,
    kind: EntryKind,
    key: &str,
    near: Option<&str>,
) -> Result<Option<String>> {
    match entry_of(db, kind, key, near, scope) {
        Ok(row) => Ok(Some(row.id)),
        Err(error) if error.code == Code::UnknownReference => Ok(None),
        Err(error) => Err(error),
    }
}

fn entry(
    db: &mut Db,
    cx: &Context,
    org: &str,
    field: &str,
    kind: EntryKind,
    slot: &mut Option<Ref>,
) -> Result<()> {
    if let Some(given) = slot {
        let id = id_of(db, &cx.scope, kind, given.as_str(), Some(org))?;
        let id = id.ok_or_else(|| Error::unknown_reference(field, given.as_str()))?;
        *slot = Some(line(field, &id)?);
    }
    Ok(())
}

/// A device the actor sees.
fn device(db: &mut Db, cx: &Context, given: &str) -> Result<Option<String>> {
    match devices::resolve(db, given)? {
        Some(id) if devices::seen_by(db, &id, &cx.scope)? => Ok(Some(id)),
        _ => Ok(None),
    }
}

/// A part is a device of ours, or words. A storage part fitted brings data back.
fn part(db: &mut Db, cx: &Context, f: &mut Fields) -> Result<()> {
    let Some(given) = f.part.clone() else {
        return Ok(());
    };
    let known = device(db, cx, given.as_str())?;
    if f.storage.is_none() {
        let stores = match &known {
            Some(id) => {
                let category = devices::category_of(db, id)?;
                cx.catalogue.bears_data(category.as_deref())
            }
            None => names_storage(given.as_str()),
        };
        f.storage = stores.then_some(true);
    }
    if let Some(id) = known {
        // A storage part that is a device of its own says which medium it is.
        if f.storage == Some(true) && f.medium.is_none() {
            let serial = devices::serial_of(db, &id)?;
            f.medium = serial.and_then(|serial| Line::parse(&serial).ok());
        }
        f.part = Some(line("part", &id)?);
    }
    Ok(())
}

fn names_storage(part: &str) -> bool {
    let folded = crate::domain::text::fold(part);
    let words: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).collect();
    ["ssd", "hdd", "nvme", "disk", "disque", "emmc", "m2"]
        .iter()
        .any(|w| words.contains(w))
}

/// Model, category, whole and purchase line in the fields of a description.
///
/// # Errors
/// `unknown_reference`, naming the field.
pub fn described(db: &mut Db, cx: &Context, org: &str, set: &mut Map<String, Value>) -> Result<()> {
    if let Some(Value::String(category)) = set.get("category")
        && cx.catalogue.category(category).is_none()
    {
        return Err(Error::unknown_reference("category", category));
    }
    if let Some(Value::String(model)) = set.get("model").cloned() {
        let id = id_of(db, &cx.scope, EntryKind::Model, &model, Some(org))?;
        set.insert(
            "model".into(),
            Value::from(id.ok_or_else(|| Error::unknown_reference("model", &model))?),
        );
    }
    if let Some(Value::String(whole)) = set.get("part_of").cloned() {
        let id =
            device(db, cx, &whole)?.ok_or_else(|| Error::unknown_reference("part_of", &whole))?;
        set.insert("part_of".into(), Value::from(id));
    }
    if let Some(Value::String(given)) = set.get("line").cloned() {
        set.insert(
            "line".into(),
            Value::from(purchases::resolve_line(db, &given, Some(org), &cx.scope)?.reference()),
        );
    }
    Ok(())
}

/// The own fields of an event as they are read: keys for ids.
pub fn shown(db: &mut Db, names: &Names, fields: &Fields) -> Result<Map<String, Value>> {
    let Ok(Value::Object(mut map)) = serde_json::to_value(fields) else {
        return Ok(Map::new());
    };
    for field in [
        "site",
        "holder",
        "provider",
        "partner",
        "exit",
        "to_organisation",
    ] {
        if let Some(Value::String(id)) = map.get(field) {
            let key = names.key(db, id)?;
            map.insert(field.into(), Value::from(key));
        }
    }
    for field in ["into", "from", "part"] {
        if let Some(Value::String(id)) = map.get(field) {
            let tag = names.tag(db, id)?;
            map.insert(field.into(), Value::from(tag));
        }
    }
    if let Some(Value::Object(set)) = map.get_mut("set") {
        if let Some(Value::String(id)) = set.get("model") {
            let key = names.key(db, id)?;
            set.insert("model".into(), Value::from(key));
        }
        if let Some(Value::String(id)) = set.get("part_of") {
            let tag = names.tag(db, id)?;
            set.insert("part_of".into(), Value::from(tag));
        }
    }
    Ok(map)
}

/// Manufacturer of a device: its model's, else its own.
pub fn maker(cx: &crate::domain::catalogue::Catalogue, described: &Described) -> Option<String> {
    let model = described.model.as_ref().and_then(|m| cx.model(m.as_str()));
    model.and_then(|m| m.manufacturer.clone()).or_else(|| {
        described
            .manufacturer
            .as_ref()
            .map(|m| m.as_str().to_owned())
    })
}
