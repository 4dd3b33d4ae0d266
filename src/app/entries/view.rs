//! A row as clients read it: the fields of its shape, references as keys, and what every row has.

use std::collections::BTreeSet;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::Desk;
use crate::db::Db;
use crate::db::entries;
use crate::domain::day::write_instant;
use crate::domain::entry::{Entry, EntryKind, Record};
use crate::domain::text::Line;
use crate::error::{Error, Result};

/// A row as clients read it.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// Id.
    pub id: String,
    /// What stands in its address: the key, or the id where the key alone would lead to another row.
    pub address: String,
    /// For the `ETag`.
    pub version: i64,
    /// Whether the reader may change it, as far as its owner goes; true in lists, which do not ask.
    pub ours: bool,
    /// Its members.
    pub body: Map<String, Value>,
}

impl Serialize for View {
    fn serialize<S: Serializer>(&self, s: S) -> std::result::Result<S::Ok, S::Error> {
        self.body.serialize(s)
    }
}

/// Members that no patch changes, each with what changes it.
const FIXED: &[(&str, &str)] = &[
    ("id", "it never changes"),
    ("key", "keys never change; other programs rely on them"),
    (
        "organisation",
        "a row stays with its owner; create it anew for another one",
    ),
    ("version", "the program counts it"),
    ("updated_at", "the program writes it"),
];

/// Takes the members out of a patch that no patch changes.
///
/// # Errors
/// `invalid_value` for one that differs from the present value.
pub(super) fn take_fixed<T: Record>(
    desk: &Desk,
    db: &mut Db,
    entry: &Entry<T>,
    patch: &mut Map<String, Value>,
) -> Result<()> {
    let internal = T::INTERNAL
        .iter()
        .map(|name| (*name, "the program writes it"));
    let fixed: Vec<(&str, &str)> = FIXED
        .iter()
        .copied()
        .chain(internal)
        .filter(|(name, _)| patch.contains_key(*name))
        .collect();
    if fixed.is_empty() {
        return Ok(());
    }
    let present = one(desk, db, entry.clone())?;
    for (name, why) in fixed {
        // The organisation may also be told by its id.
        let by_id = name == "organisation"
            && patch.get(name).and_then(Value::as_str) == entry.org.as_deref();
        let same = patch.get(name) == present.body.get(name);
        if T::KIND == EntryKind::Organisation && name == "organisation" {
            continue;
        }
        patch.remove(name);
        if !same && !by_id {
            return Err(Error::invalid(
                name,
                format!("`{name}` cannot be changed: {why}"),
            ));
        }
    }
    Ok(())
}

/// One row as clients read it.
pub(super) fn one<T: Record>(desk: &Desk, db: &mut Db, entry: Entry<T>) -> Result<View> {
    let same_key = entries::by_key(db, T::KIND, &entry.key, &desk.reach(T::KIND))?;
    let ours = desk.may_change(entry.org.as_deref()).is_ok();
    let mut views = many(db, vec![entry])?;
    let mut view = views.pop().ok_or_else(Error::not_found)?;
    view.ours = ours;
    if same_key.len() > 1 && desk.find(db, T::KIND, &view.address)?.id != view.id {
        view.address.clone_from(&view.id);
    }
    Ok(view)
}

/// Rows as clients read them; the keys of all their references are looked up at once.
pub(super) fn many<T: Record>(db: &mut Db, mut rows: Vec<Entry<T>>) -> Result<Vec<View>> {
    let mut ids = BTreeSet::new();
    for row in &mut rows {
        ids.extend(row.org.clone());
        for slot in row.body.slots() {
            if !slot.to.by_key() {
                ids.insert(slot.value.as_str().to_owned());
            }
        }
    }
    let ids: Vec<String> = ids.into_iter().collect();
    let keys = entries::keys(db, &ids)?;
    rows.into_iter()
        .map(|mut row| {
            for slot in row.body.slots() {
                if let Some(key) = keys.get(slot.value.as_str()) {
                    *slot.value = Line::parse(key).map_err(Error::internal)?;
                }
            }
            let Value::Object(mut body) =
                serde_json::to_value(&row.body).map_err(Error::internal)?
            else {
                return Err(Error::internal("a row is no object"));
            };
            if T::KIND != EntryKind::Organisation {
                let owner = row.org.as_ref().and_then(|org| keys.get(org));
                body.insert("organisation".into(), owner.cloned().into());
            }
            body.insert("id".into(), row.id.clone().into());
            body.insert("key".into(), row.key.clone().into());
            body.insert("archived".into(), row.archived.into());
            body.insert("version".into(), row.version.into());
            body.insert("updated_at".into(), write_instant(&row.recorded_at).into());
            Ok(View {
                id: row.id,
                address: row.key,
                version: row.version,
                ours: true,
                body,
            })
        })
        .collect()
}
