//! The catalogue of now: shipped categories put into the store, categories and models read back as one snapshot.

use std::sync::Arc;

use parking_lot::Mutex;

use super::App;
use crate::db::entries::{self, Row};
use crate::db::stamp::{self, Stamp};
use crate::db::{self, Db, Lane, Scope, Store};
use crate::domain::catalogue::{Catalogue, shipped};
use crate::domain::category::Category;
use crate::domain::day::{Instant, micros};
use crate::domain::entry::{Entry, EntryKind};
use crate::domain::model::Model;
use crate::error::{Code, Error, Result};

/// The last snapshot read, kept until a category or model changes (here or in another process).
#[derive(Clone, Default)]
pub struct Cache(Arc<Mutex<Option<Snapshot>>>);

type Snapshot = (Stamp, Arc<Catalogue>);

impl Cache {
    /// Categories and models as this transaction sees them.
    ///
    /// # Errors
    /// Those of the store.
    pub fn get(&self, db: &mut Db) -> Result<Arc<Catalogue>> {
        let stamp = stamp::of_catalogue(db)?;
        if let Some((known, catalogue)) = self.0.lock().as_ref()
            && *known == stamp
        {
            return Ok(Arc::clone(catalogue));
        }
        let catalogue = Arc::new(read(
            entries::all(db, EntryKind::Category, &Scope::All)?,
            entries::all(db, EntryKind::Model, &Scope::All)?,
        )?);
        *self.0.lock() = Some((stamp, Arc::clone(&catalogue)));
        Ok(catalogue)
    }
}

impl App {
    /// Categories and models as this transaction sees them.
    ///
    /// # Errors
    /// Those of the store.
    pub fn catalogue(&self, db: &mut Db) -> Result<Arc<Catalogue>> {
        self.catalogue.get(db)
    }

    /// A handle on the snapshot for work inside a write, which cannot borrow the program.
    pub fn catalogue_cache(&self) -> Cache {
        self.catalogue.clone()
    }
}

/// Categories and models as known at an instant. The shipped categories are known from ever: they are the law's and
/// the sources', not something that somebody here learned on the day of the installation.
///
/// # Errors
/// Those of the store.
pub fn catalogue_at(db: &mut Db, known_at: Instant) -> Result<Catalogue> {
    let categories = entries::all_at(db, EntryKind::Category, &Scope::All, known_at)?;
    let models = entries::all_at(db, EntryKind::Model, &Scope::All, known_at)?;
    let mut rows: Vec<(String, Category)> = shipped().to_vec();
    rows.extend(categories_of(categories)?);
    Ok(Catalogue::new(rows, models_of(models)?))
}

/// Categories and models as this transaction sees them, its own changes included.
///
/// # Errors
/// Those of the store.
pub fn now(db: &mut Db) -> Result<Catalogue> {
    read(
        entries::all(db, EntryKind::Category, &Scope::All)?,
        entries::all(db, EntryKind::Model, &Scope::All)?,
    )
}

fn read(categories: Vec<Row>, models: Vec<Row>) -> Result<Catalogue> {
    Ok(Catalogue::new(
        categories_of(categories)?,
        models_of(models)?,
    ))
}

fn categories_of(rows: Vec<Row>) -> Result<Vec<(String, Category)>> {
    rows.into_iter()
        .map(|row| Ok((row.key.clone(), super::entries::read::<Category>(row)?.body)))
        .collect()
}

type NamedModel = (String, String, Option<String>, Model);

fn models_of(rows: Vec<Row>) -> Result<Vec<NamedModel>> {
    rows.into_iter()
        .map(|row| {
            let entry: Entry<Model> = super::entries::read(row)?;
            Ok((entry.id, entry.key, entry.org, entry.body))
        })
        .collect()
}

/// Puts the shipped categories into the store: adds what is missing, replaces what the program brings anew, keeps what
/// a user has changed. Safe to run at every start, and by several instances at once.
///
/// # Errors
/// Those of the store.
pub fn ship(store: &Store) -> Result<()> {
    if store.read(outdated)?.is_empty() {
        return Ok(());
    }
    match store.write(Lane::Interactive, bring) {
        // Another instance did it in the meantime.
        Err(e) if e.code == Code::Duplicate && store.read(outdated)?.is_empty() => Ok(()),
        other => other,
    }
}

/// A shipped category that the store lacks, or has in an older wording.
struct Due {
    present: Option<Row>,
    key: &'static str,
    name: String,
    payload: String,
}

fn outdated(db: &mut Db) -> Result<Vec<Due>> {
    let present = entries::all(db, EntryKind::Category, &Scope::Orgs(Vec::new()))?;
    let mut due = Vec::new();
    for (key, category) in shipped() {
        let payload = serde_json::to_string(category).map_err(Error::internal)?;
        let row = present.iter().find(|row| row.key == *key);
        let current = match row {
            Some(row) => {
                row.payload == payload
                    || !super::entries::read::<Category>(row.clone())?.body.shipped
            }
            None => false,
        };
        if !current {
            due.push(Due {
                present: row.cloned(),
                key,
                name: category.name.as_str().to_owned(),
                payload,
            });
        }
    }
    Ok(due)
}

fn bring(db: &mut Db) -> Result<()> {
    let now = micros(chrono::Utc::now()).naive_utc();
    for due in outdated(db)? {
        match due.present {
            Some(row) => entries::update(
                db,
                &Row {
                    name: due.name,
                    payload: due.payload,
                    version: row.version + 1,
                    recorded_at: now,
                    ..row
                },
            )?,
            None => entries::insert(
                db,
                &Row {
                    id: db::new_id(),
                    kind: EntryKind::Category.as_str().to_owned(),
                    key: due.key.to_owned(),
                    org: None,
                    name: due.name,
                    archived: false,
                    version: 1,
                    recorded_at: now,
                    payload: due.payload,
                },
            )?,
        }
    }
    Ok(())
}
