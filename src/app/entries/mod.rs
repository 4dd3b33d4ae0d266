//! Reference tables: one way to create, change, read and list the rows of every kind.
//!
//! What differs between the kinds is said by [`Table`]; the rules of single kinds live beside
//! ([`super::organisations`], [`super::people`], [`super::purchases`], [`super::models`]).

mod desk;
mod list;
mod resolve;
mod view;

use super::lifecycle::reproject::{self, Changed};
use serde_json::{Map, Value};

pub use desk::{Change, Desk};
pub use list::{ListQuery, list, list_where};
pub use resolve::{handed_down, resolve};
pub use view::View;

use super::{Actor, App, Expected, Right};
use crate::db::entries::Row;
use crate::db::{Db, Lane};
use crate::domain::category::Category;
use crate::domain::custom_field::CustomField;
use crate::domain::day::Instant;
use crate::domain::entry::{Entry, EntryKind, Record};
use crate::domain::mapping::Mapping;
use crate::domain::model::Model;
use crate::domain::partner::Partner;
use crate::domain::site::Site;
use crate::domain::text::slug;
use crate::error::{Code, Error, Result};
use crate::exchange::profiles::given_meaning;

/// Rows as clients read them, in their order.
///
/// # Errors
/// Those of the store.
pub(super) fn views<T: Record>(db: &mut Db, rows: Vec<Entry<T>>) -> Result<Vec<View>> {
    view::many(db, rows)
}

/// A reference table: who may do what with its rows, and what it asks of them beyond their fields.
pub trait Table: Record {
    /// Needed to see rows.
    const READ: Right = Right::Read;
    /// Needed to create and change rows.
    const WRITE: Right;
    /// The key is made at random and says nothing; a given one is refused.
    const RANDOM_KEY: bool = false;

    /// What a key is made from when none is given.
    fn key_from(&self) -> String {
        slug(&self.name())
    }
    /// Owner of a new row.
    ///
    /// # Errors
    /// `unknown_reference` or `forbidden` for an organisation that is not the actor's.
    fn owner(desk: &Desk, db: &mut Db, _id: &str, given: Option<&str>) -> Result<Option<String>> {
        desk.owner(db, given).map(Some)
    }
    /// Rules that need the store; runs when the references are resolved and the defaults filled.
    ///
    /// # Errors
    /// Those of the rules.
    fn settle(&mut self, _desk: &Desk, _db: &mut Db, _change: &Change<'_, Self>) -> Result<()> {
        Ok(())
    }
    /// What is kept beside the row; runs in the same transaction, after the row.
    ///
    /// # Errors
    /// `duplicate` takes the next key when the key was made by us.
    fn written(_db: &mut Db, _before: Option<&Entry<Self>>, _after: &Entry<Self>) -> Result<()> {
        Ok(())
    }
}

impl Table for Site {
    const WRITE: Right = Right::Reference;

    fn settle(&mut self, _: &Desk, db: &mut Db, change: &Change<'_, Self>) -> Result<()> {
        // Up from the new parent: meeting the site itself would close a ring.
        let mut above = self.parent.clone();
        for _ in 0..64 {
            let Some(id) = above else { return Ok(()) };
            if id.as_str() == change.id {
                break;
            }
            above = match crate::db::entries::by_id(db, id.as_str())? {
                Some(row) => read::<Site>(row)?.body.parent,
                None => None,
            };
        }
        Err(Error::invalid(
            "parent",
            "a site cannot be part of itself, nor of a site that is part of it",
        ))
    }
}
impl Table for Partner {
    const WRITE: Right = Right::Partners;
}
impl Table for Category {
    const WRITE: Right = Right::Reference;

    fn written(db: &mut Db, before: Option<&Entry<Self>>, after: &Entry<Self>) -> Result<()> {
        match before {
            Some(before) if before.body.bears_data != after.body.bears_data => {
                reproject::after(db, Changed::Category(&after.key))
            }
            _ => Ok(()),
        }
    }

    /// Made at the root, a category is everybody's.
    fn owner(desk: &Desk, db: &mut Db, _: &str, given: Option<&str>) -> Result<Option<String>> {
        match (given, &desk.actor.org) {
            (None, None) => Ok(None),
            (given, _) => desk.owner(db, given).map(Some),
        }
    }
    /// Keys of categories are unique in the installation: devices and figures are written down by them.
    fn settle(&mut self, _: &Desk, db: &mut Db, change: &Change<'_, Self>) -> Result<()> {
        if change.before.is_some() {
            // What a user has changed is no longer replaced when the shipped data change.
            self.shipped = false;
            return Ok(());
        }
        let taken = crate::db::entries::by_key(
            db,
            EntryKind::Category,
            change.key,
            &crate::db::Scope::All,
        )?;
        if taken.is_empty() {
            Ok(())
        } else {
            Err(desk::taken(change.key))
        }
    }
}
impl Table for Model {
    const WRITE: Right = Right::Reference;

    fn written(db: &mut Db, before: Option<&Entry<Self>>, after: &Entry<Self>) -> Result<()> {
        match before {
            Some(b)
                if (&b.body.name, &b.body.manufacturer)
                    != (&after.body.name, &after.body.manufacturer) =>
            {
                reproject::after(db, Changed::Model(&after.id))
            }
            _ => Ok(()),
        }
    }

    /// By the one spelling of the maker, however it was typed.
    fn key_from(&self) -> String {
        super::models::key_from(
            self.manufacturer.as_ref().map(|m| m.as_str()),
            self.name.as_str(),
        )
    }
}
impl Table for CustomField {
    const WRITE: Right = Right::Reference;
}
impl Table for Mapping {
    const WRITE: Right = Right::Reference;

    /// Refused when it is written down, not when the first file comes.
    fn settle(&mut self, _: &Desk, _: &mut Db, _: &Change<'_, Self>) -> Result<()> {
        for (header, field) in &self.columns {
            given_meaning(header.as_str(), field.as_str())
                .map_err(|why| Error::invalid(&format!("columns.{header}"), why))?;
        }
        Ok(())
    }
}

/// The typed row of a stored one.
///
/// # Errors
/// `internal` when what is stored cannot be read.
pub fn read<T: Record>(row: Row) -> Result<Entry<T>> {
    Ok(Entry {
        body: serde_json::from_str(&row.payload).map_err(Error::internal)?,
        kind: T::KIND,
        id: row.id,
        key: row.key,
        org: row.org,
        archived: row.archived,
        version: row.version,
        recorded_at: row.recorded_at.and_utc(),
    })
}

/// Creates a row, inside a transaction, from what a client sent: the fields of the shape, `key`, `organisation`, `archived`.
///
/// # Errors
/// `forbidden`, and those of the fields, references and rules; `duplicate` for a key that is taken.
pub fn create<T: Table>(db: &mut Db, desk: &Desk, body: Map<String, Value>) -> Result<View> {
    desk.actor.must(T::WRITE)?;
    let entry = desk.create::<T>(db, body)?;
    view::one(desk, db, entry)
}

/// [`create`] in a transaction of its own.
///
/// # Errors
/// As [`create`].
pub fn create_one<T: Table>(app: &App, actor: &Actor, body: Map<String, Value>) -> Result<View> {
    let (actor, now, cache) = (actor.clone(), app.clock.now(), app.catalogue.clone());
    app.store.write(Lane::Interactive, move |db| {
        let desk = Desk::open(db, &actor, now, &cache)?;
        create::<T>(db, &desk, body.clone())
    })
}

/// Changes a row by an RFC 7396 merge patch. A patch that changes nothing writes nothing and keeps the version.
///
/// # Errors
/// `forbidden`, `not_found`, `stale`, and those of the fields, references and rules.
pub fn patch<T: Table>(
    app: &App,
    actor: &Actor,
    key: &str,
    patch: Map<String, Value>,
    expected: Expected,
) -> Result<View> {
    actor.must(T::WRITE)?;
    let (actor, now, cache) = (actor.clone(), app.clock.now(), app.catalogue.clone());
    let key = key.to_owned();
    app.store.write(Lane::Interactive, move |db| {
        let desk = Desk::open(db, &actor, now, &cache)?;
        let row = desk.find(db, T::KIND, &key)?;
        let entry = desk.patch::<T>(db, &row, patch.clone(), &expected)?;
        view::one(&desk, db, entry)
    })
}

/// One row, by key or id, as known now or at an instant.
///
/// # Errors
/// `forbidden`, `not_found`.
pub fn get<T: Table>(
    app: &App,
    actor: &Actor,
    key: &str,
    known_at: Option<Instant>,
) -> Result<View> {
    actor.must(T::READ)?;
    app.store.read(|db| {
        let desk = Desk::open(db, actor, app.clock.now(), &app.catalogue)?;
        let mut row = desk.find(db, T::KIND, key)?;
        if let Some(instant) = known_at {
            row = crate::db::entries::at(db, &row.id, instant)?.ok_or_else(Error::not_found)?;
        }
        view::one(&desk, db, read::<T>(row)?)
    })
}

/// The object a client sent, or the refusal.
///
/// # Errors
/// `malformed`.
pub fn object(body: Value) -> Result<Map<String, Value>> {
    match body {
        Value::Object(map) => Ok(map),
        _ => Err(Error::new(
            Code::Malformed,
            "the body must be a JSON object",
        )),
    }
}
