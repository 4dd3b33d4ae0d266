//! Models: found by any of their spellings, made when an import meets a new one.

use serde_json::{Map, Value};

use super::entries::Desk;
use crate::db::{Db, Scope, entries, organisations};
use crate::domain::catalogue::Catalogue;
use crate::domain::entry::{Entry, EntryKind};
use crate::domain::model::{Model, manufacturer as spelling, model_fold};
use crate::domain::text::slug;
use crate::error::Result;

/// Models as one organisation uses them, kept in memory for the length of an import.
pub struct ModelIndex {
    catalogue: Catalogue,
    /// The organisation and those above it, nearest first.
    lineage: Vec<String>,
}

impl ModelIndex {
    /// The models that an organisation (id) may use: its own and those of the ones above it.
    ///
    /// # Errors
    /// Those of the store.
    pub fn open(desk: &Desk, db: &mut Db, org: &str) -> Result<ModelIndex> {
        Ok(ModelIndex {
            catalogue: desk.catalogue(db)?.as_ref().clone(),
            lineage: organisations::lineage(db, org)?,
        })
    }

    /// Id of the model of this maker and name (or alias), the nearest owner's first.
    pub fn find(&self, manufacturer: Option<&str>, name: &str) -> Option<&str> {
        let rank = |id: &String| match &self.catalogue.model(id)?.org {
            Some(org) => self.lineage.iter().position(|above| above == org),
            None => Some(self.lineage.len()),
        };
        self.catalogue
            .find_models(manufacturer, name)
            .iter()
            .filter_map(|id| rank(id).map(|r| (r, id.as_str())))
            .min()
            .map(|(_, id)| id)
    }

    /// As [`ModelIndex::find`]; makes the model when there is none. `category` is a key.
    ///
    /// # Errors
    /// `invalid_value` for a name that no model can have.
    pub fn find_or_create(
        &mut self,
        desk: &Desk,
        db: &mut Db,
        manufacturer: Option<&str>,
        name: &str,
        category: Option<&str>,
    ) -> Result<String> {
        if let Some(id) = self.find(manufacturer, name) {
            return Ok(id.to_owned());
        }
        let org = self.lineage.first().cloned();
        let made = match newcomer(db, org.as_deref(), manufacturer, name)? {
            Some(made) => made,
            None => {
                let body = [
                    ("manufacturer", manufacturer),
                    ("name", Some(name)),
                    ("category", category),
                    ("organisation", org.as_deref()),
                ]
                .into_iter()
                .map(|(field, value)| (field.to_owned(), Value::from(value)))
                .collect::<Map<_, _>>();
                desk.create::<Model>(db, body)?
            }
        };
        self.catalogue
            .add_model(made.id.clone(), made.key, made.org, &made.body);
        Ok(made.id)
    }
}

/// What the key of a model is made from: the one spelling of its maker, and its name.
pub(super) fn key_from(manufacturer: Option<&str>, name: &str) -> String {
    slug(&match manufacturer {
        Some(maker) => format!("{} {name}", spelling(maker)),
        None => name.to_owned(),
    })
}

/// A model that somebody else made since the index was read.
fn newcomer(
    db: &mut Db,
    org: Option<&str>,
    manufacturer: Option<&str>,
    name: &str,
) -> Result<Option<Entry<Model>>> {
    let wanted = model_fold(manufacturer, name);
    let key = key_from(manufacturer, name);
    let scope = Scope::of(org.map(str::to_owned).into_iter().collect());
    for row in entries::by_key(db, EntryKind::Model, &key, &scope)? {
        let entry: Entry<Model> = super::entries::read(row)?;
        let maker = entry.body.manufacturer.as_ref().map(|m| m.as_str());
        if model_fold(maker, entry.body.name.as_str()) == wanted {
            return Ok(Some(entry));
        }
    }
    Ok(None)
}
