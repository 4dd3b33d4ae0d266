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
pub struct Titles {
    names: HashMap<(EntryKind, String), String>,
    /// Categories are named in English too, by key.
    english: HashMap<String, String>,
}

impl Titles {
    /// The name of this key; the key itself when the reader may not know it.
    pub fn get<'a>(&'a self, kind: EntryKind, key: &'a str) -> &'a str {
        // A borrowed pair cannot be looked up in a map of owned ones.
        self.names
            .get(&(kind, key.to_owned()))
            .map_or(key, String::as_str)
    }
    /// The English name of a category; its other one where it has none.
    pub fn english<'a>(&'a self, category: &'a str) -> &'a str {
        match self.english.get(category) {
            Some(name) => name,
            None => self.get(EntryKind::Category, category),
        }
    }
    /// The same for readers of French, or of English, who then read the English names of categories.
    #[must_use]
    pub fn speaking(mut self, french: bool) -> Titles {
        if !french {
            let english = std::mem::take(&mut self.english);
            let names = english.into_iter();
            self.names
                .extend(names.map(|(key, name)| ((EntryKind::Category, key), name)));
        }
        self
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
        if kind == EntryKind::Category {
            let catalogue = app.catalogue(db)?;
            let english = |key: &&str| {
                let name = catalogue.category(key)?.label_en.as_ref()?;
                Some(((*key).to_owned(), name.as_str().to_owned()))
            };
            found.english.extend(keys.iter().filter_map(english));
        }
        for (key, name) in entries::titles(db, kind, &keys, &desk.reach(kind))? {
            found.names.insert((kind, key), name);
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
