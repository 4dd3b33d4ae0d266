//! What people call the things that a device or a list names by key: sites, people, models, categories, partners,
//! organisations. One query a kind, for everything on a page.

use std::collections::HashMap;

use super::entries::{self as desk, Desk, ListQuery};
use super::{Actor, App, Right};
use crate::db::{self, Db, entries};
use crate::domain::entry::EntryKind;
use crate::domain::organisation::Organisation;
use crate::error::Result;

/// Names by kind and key.
#[derive(Debug, Clone, Default)]
pub struct Titles(HashMap<(EntryKind, String), String>);

impl Titles {
    /// The name of this key; the key itself when the reader may not know it.
    pub fn get<'a>(&'a self, kind: EntryKind, key: &'a str) -> &'a str {
        // A borrowed pair cannot be looked up in a map of owned ones.
        self.0
            .get(&(kind, key.to_owned()))
            .map_or(key, String::as_str)
    }
}

/// The names of these keys, as far as the actor may see them.
///
/// # Errors
/// Those of the store.
pub fn of(app: &App, actor: &Actor, wanted: &[(EntryKind, &str)]) -> Result<Titles> {
    app.store.read(|db| of_in(app, db, actor, wanted))
}

/// [`of`] inside a read that is under way.
///
/// # Errors
/// Those of the store.
pub fn of_in(
    app: &App,
    db: &mut Db,
    actor: &Actor,
    wanted: &[(EntryKind, &str)],
) -> Result<Titles> {
    let mut by_kind: HashMap<EntryKind, Vec<&str>> = HashMap::new();
    for (kind, key) in wanted {
        by_kind.entry(*kind).or_default().push(key);
    }
    let desk = Desk::open(db, actor, app.clock.now(), &app.catalogue_cache())?;
    let mut found = Titles::default();
    for (kind, mut keys) in by_kind {
        if kind == EntryKind::Person && !actor.may(Right::People) {
            continue;
        }
        keys.sort_unstable();
        keys.dedup();
        for (key, name) in entries::titles(db, kind, &keys, &desk.reach(kind))? {
            found.0.insert((kind, key), name);
        }
    }
    Ok(found)
}

/// The name of the actor's organisation; of the main one at the root.
///
/// # Errors
/// Those of the store.
pub fn organisation(app: &App, actor: &Actor) -> Result<String> {
    app.store.read(|db| {
        let id = match &actor.org {
            Some(id) => Some(id.clone()),
            None => db::organisations::main(db)?.map(|node| node.id),
        };
        let Some(id) = id else {
            return Ok(String::new());
        };
        Ok(entries::by_id(db, &id)?
            .map(|row| row.name)
            .unwrap_or_default())
    })
}

/// Key and name of every organisation the actor may see, by name: for what asks which one.
///
/// # Errors
/// `forbidden`, and those of the store.
pub fn organisations(app: &App, actor: &Actor) -> Result<Vec<(String, String)>> {
    let query = ListQuery {
        limit: Some(1000),
        ..ListQuery::default()
    };
    let page = desk::list::<Organisation>(app, actor, &query)?;
    let text = |body: &serde_json::Map<String, serde_json::Value>, name: &str| {
        let value = body.get(name).and_then(serde_json::Value::as_str);
        value.unwrap_or_default().to_owned()
    };
    Ok(page
        .items
        .iter()
        .map(|view| (text(&view.body, "key"), text(&view.body, "name")))
        .collect())
}
