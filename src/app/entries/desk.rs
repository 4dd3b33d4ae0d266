//! The desk: somebody at work on the reference tables inside one transaction.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::resolve::{handed_down, resolve};
use super::{Table, read, view};
use crate::app::catalogue::Cache;
use crate::app::{Actor, App, Expected};
use crate::db::entries::{self, Row};
use crate::db::{self, Db, Scope, organisations, savepoint};
use crate::domain::catalogue::Catalogue;
use crate::domain::day::Instant;
use crate::domain::entry::{Context, Entry, EntryKind, Record, check_key};
use crate::domain::input::{merge_patch, parse};
use crate::domain::text::Line;
use crate::error::{Code, Error, Result};

/// Who works, on whose rows, and when. Rights are asked before ([`super::create`] and its like do), not here: an
/// import or an event makes rows by its own right.
pub struct Desk {
    /// Who.
    pub actor: Actor,
    /// Organisations whose rows they may change: theirs and those below.
    pub scope: Scope,
    /// The instant of the versions they write.
    pub now: Instant,
    above: Vec<String>,
    catalogue: Cache,
}

/// A row on its way into the store.
pub struct Change<'a, T> {
    /// Its id.
    pub id: &'a str,
    /// Its key.
    pub key: &'a str,
    /// Its owner.
    pub org: Option<&'a str>,
    /// What it said before; none at its creation.
    pub before: Option<&'a T>,
}

impl Desk {
    /// Sits down.
    ///
    /// # Errors
    /// Those of the store.
    pub fn open(db: &mut Db, actor: &Actor, now: Instant, catalogue: &Cache) -> Result<Desk> {
        let above = match &actor.org {
            Some(org) => organisations::lineage(db, org)?
                .into_iter()
                .skip(1)
                .collect(),
            None => Vec::new(),
        };
        Ok(Desk {
            actor: actor.clone(),
            scope: actor.scope(db)?,
            now,
            above,
            catalogue: catalogue.clone(),
        })
    }

    /// Sits down now, in this program.
    ///
    /// # Errors
    /// Those of the store.
    pub fn of(app: &App, db: &mut Db, actor: &Actor) -> Result<Desk> {
        Desk::open(db, actor, app.clock.now(), &app.catalogue)
    }

    /// Whose rows of a kind they see.
    pub fn reach(&self, kind: EntryKind) -> Scope {
        match &self.scope {
            Scope::Orgs(orgs) if handed_down(kind) => {
                Scope::of(orgs.iter().chain(&self.above).cloned().collect())
            }
            scope => scope.clone(),
        }
    }

    /// Categories and models of now.
    ///
    /// # Errors
    /// Those of the store.
    pub fn catalogue(&self, db: &mut Db) -> Result<Arc<Catalogue>> {
        self.catalogue.get(db)
    }

    /// A row they see, by key or id.
    ///
    /// # Errors
    /// `not_found`.
    pub fn find(&self, db: &mut Db, kind: EntryKind, key: &str) -> Result<Row> {
        resolve(db, kind, key, self.actor.org.as_deref(), &self.scope).map_err(|e| match e.code {
            Code::UnknownReference => Error::not_found(),
            _ => e,
        })
    }

    /// Id of the organisation that will own a new row: the one given, else theirs, else the main one.
    ///
    /// # Errors
    /// `unknown_reference`, or `forbidden` for one above theirs.
    pub fn owner(&self, db: &mut Db, given: Option<&str>) -> Result<String> {
        let id = match (given, &self.actor.org) {
            (Some(text), _) => self.organisation(db, "organisation", text)?,
            (None, Some(own)) => own.clone(),
            (None, None) => {
                organisations::main(db)?
                    .ok_or_else(|| Error::missing("organisation"))?
                    .id
            }
        };
        Ok(id)
    }

    /// Id of an organisation whose rows they may change.
    ///
    /// # Errors
    /// `unknown_reference` naming the field, or `forbidden` for one that they see but that is above theirs.
    pub fn organisation(&self, db: &mut Db, field: &str, text: &str) -> Result<String> {
        let near = self.actor.org.as_deref();
        let row = resolve(db, EntryKind::Organisation, text, near, &self.scope)
            .map_err(|_| Error::unknown_reference(field, text))?;
        if self.scope.holds(&row.id) {
            return Ok(row.id);
        }
        Err(Error::forbidden("an actor of that organisation, or of one above it").with_field(field))
    }

    /// Creates a row from the fields of its shape, `key`, `organisation` and `archived`.
    ///
    /// # Errors
    /// Those of the fields, references and rules; `duplicate` for a key that is taken.
    pub fn create<T: Table>(&self, db: &mut Db, mut body: Map<String, Value>) -> Result<Entry<T>> {
        drop_nulls(&mut body);
        let key = text(&mut body, "key")?;
        let owner = text(&mut body, "organisation")?;
        let archived = flag(&mut body, "archived")?.unwrap_or(false);
        if let Some(name) = T::INTERNAL.iter().find(|name| body.contains_key(**name)) {
            return Err(Error::new(
                Code::UnknownField,
                format!("`{name}` is written by the program only"),
            )
            .with_field(*name));
        }
        let mut record: T = parse(Value::Object(body))?;
        let id = db::new_id();
        let org = T::owner(self, db, &id, owner.as_deref())?;
        self.fill(db, org.as_deref(), &mut record, None)?;
        let entry = Entry {
            id,
            kind: T::KIND,
            key: String::new(),
            org,
            archived,
            version: 1,
            recorded_at: self.now,
            body: record,
        };
        self.name_and_insert(db, entry, key)
    }

    /// Puts a new row in under the key given, or under the first free one made from its name.
    fn name_and_insert<T: Table>(
        &self,
        db: &mut Db,
        mut entry: Entry<T>,
        given: Option<String>,
    ) -> Result<Entry<T>> {
        let made = match &given {
            Some(_) if T::RANDOM_KEY => {
                return Err(Error::invalid(
                    "key",
                    "a key that tells nothing is made here; keep a foreign id in `external_id`",
                ));
            }
            Some(key) => {
                check_key(key)?;
                key.clone()
            }
            None if T::RANDOM_KEY => random_key(),
            None => match entry.body.key_from() {
                key if key.is_empty() => format!("{}-1", T::KIND),
                key => key,
            },
        };
        let record = entry.body.clone();
        for n in 1..10_000 {
            entry.key = match n {
                1 => made.clone(),
                _ if T::RANDOM_KEY => random_key(),
                n => format!("{made}-{n}"),
            };
            entry.body = record.clone();
            match savepoint(db, |db| self.insert(db, &mut entry)) {
                Err(e) if e.code == Code::Duplicate && given.is_none() => {}
                Err(e) if e.code == Code::Duplicate => return Err(taken(&entry.key)),
                Err(e) => return Err(e),
                Ok(()) => return Ok(entry),
            }
        }
        Err(taken(&made))
    }

    fn insert<T: Table>(&self, db: &mut Db, entry: &mut Entry<T>) -> Result<()> {
        let context = self.catalogue(db)?;
        entry.body.complete(&Context {
            key: &entry.key,
            catalogue: &context,
        })?;
        let change = Change {
            id: &entry.id,
            key: &entry.key,
            org: entry.org.as_deref(),
            before: None,
        };
        entry.body.settle(self, db, &change)?;
        entries::insert(db, &row(entry)?)?;
        T::written(db, None, entry)
    }

    /// Changes a row by a merge patch.
    ///
    /// # Errors
    /// `forbidden` for a row of an organisation above theirs, `stale`, and those of the fields, references and rules.
    pub fn patch<T: Table>(
        &self,
        db: &mut Db,
        found: &Row,
        mut patch: Map<String, Value>,
        expected: &Expected,
    ) -> Result<Entry<T>> {
        self.may_change(found.org.as_deref())?;
        let before: Entry<T> = read(entries::lock(db, &found.id)?)?;
        expected.check(before.version)?;
        view::take_fixed(self, db, &before, &mut patch)?;
        let archived = match patch.remove("archived") {
            None => before.archived,
            Some(Value::Bool(flag)) => flag,
            Some(Value::Null) => false,
            Some(_) => return Err(Error::invalid("archived", "`archived` is true or false")),
        };
        let mut body = match serde_json::to_value(&before.body).map_err(Error::internal)? {
            Value::Object(map) => map,
            _ => Map::new(),
        };
        merge_patch(&mut body, &patch);
        drop_nulls(&mut body);
        let mut after = Entry {
            body: parse::<T>(Value::Object(body))?,
            archived,
            ..before.clone()
        };
        self.fill(
            db,
            before.org.as_deref(),
            &mut after.body,
            Some(&before.body),
        )?;
        if after == before {
            return Ok(before);
        }
        self.replace(db, &before, after)
    }

    fn replace<T: Table>(
        &self,
        db: &mut Db,
        before: &Entry<T>,
        mut after: Entry<T>,
    ) -> Result<Entry<T>> {
        let context = self.catalogue(db)?;
        after.body.complete(&Context {
            key: &after.key,
            catalogue: &context,
        })?;
        if after == *before {
            return Ok(after);
        }
        let change = Change {
            id: &before.id,
            key: &before.key,
            org: before.org.as_deref(),
            before: Some(&before.body),
        };
        after.body.settle(self, db, &change)?;
        after.version += 1;
        after.recorded_at = self.now;
        entries::update(db, &row(&after)?)?;
        T::written(db, Some(before), &after)?;
        Ok(after)
    }

    /// Rows may be changed by actors of their owner or of an organisation above it; shared ones at the root.
    pub(super) fn may_change(&self, owner: Option<&str>) -> Result<()> {
        match owner {
            Some(org) if self.scope.holds(org) => Ok(()),
            None if self.actor.org.is_none() => Ok(()),
            Some(_) => Err(Error::forbidden(
                "an actor of the organisation that owns it, or of one above",
            )),
            None => Err(Error::forbidden(
                "an actor at the root: every organisation shares this",
            )),
        }
    }

    /// Resolves the references of a record; those it already had stay as they are.
    fn fill<T: Record>(
        &self,
        db: &mut Db,
        owner: Option<&str>,
        record: &mut T,
        before: Option<&T>,
    ) -> Result<()> {
        let mut old = before.cloned();
        let kept: HashSet<Line> = old
            .as_mut()
            .map(|b| b.slots().into_iter().map(|s| s.value.clone()).collect())
            .unwrap_or_default();
        for slot in record.slots() {
            if kept.contains(slot.value) {
                continue;
            }
            // The tree itself is seen from where the actor stands, everything else from where the row belongs.
            let near = match T::KIND {
                EntryKind::Organisation => self.actor.org.as_deref(),
                _ => owner,
            };
            let row = resolve(db, slot.to, slot.value.as_str(), near, &self.scope)
                .map_err(|e| e.with_field(slot.field.as_str()))?;
            let name = if slot.to.by_key() { row.key } else { row.id };
            *slot.value = Line::parse(&name).map_err(Error::internal)?;
        }
        Ok(())
    }
}

/// The stored form of a row.
fn row<T: Record>(entry: &Entry<T>) -> Result<Row> {
    Ok(Row {
        id: entry.id.clone(),
        kind: T::KIND.as_str().to_owned(),
        key: entry.key.clone(),
        org: entry.org.clone(),
        name: entry.body.name(),
        archived: entry.archived,
        version: entry.version,
        recorded_at: entry.recorded_at.naive_utc(),
        payload: serde_json::to_string(&entry.body).map_err(Error::internal)?,
    })
}

/// 409: the key is taken.
pub(super) fn taken(key: &str) -> Error {
    Error::new(
        Code::Duplicate,
        format!("the key “{key}” is taken; choose another, or leave it out and one is made"),
    )
    .with_field("key")
}

/// `p` and eight random characters.
fn random_key() -> String {
    use rand::RngExt;
    const SIGNS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let mut rng = rand::rng();
    let mut key = String::from("p");
    for _ in 0..8 {
        let at = rng.random_range(0..SIGNS.len());
        key.push(SIGNS.get(at).copied().map_or('x', char::from));
    }
    key
}

/// Null means "none": the same as leaving the field out, also inside lists.
fn drop_nulls(map: &mut Map<String, Value>) {
    fn inside(value: &mut Value) {
        match value {
            Value::Object(map) => drop_nulls(map),
            Value::Array(items) => items.iter_mut().for_each(inside),
            _ => {}
        }
    }
    map.retain(|_, value| !value.is_null());
    map.values_mut().for_each(inside);
}

fn text(body: &mut Map<String, Value>, field: &str) -> Result<Option<String>> {
    match body.remove(field) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Error::invalid(field, format!("`{field}` must be a text"))),
    }
}

fn flag(body: &mut Map<String, Value>, field: &str) -> Result<Option<bool>> {
    match body.remove(field) {
        None => Ok(None),
        Some(Value::Bool(flag)) => Ok(Some(flag)),
        Some(_) => Err(Error::invalid(field, format!("`{field}` is true or false"))),
    }
}
