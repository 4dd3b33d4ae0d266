//! Making what rows name and nothing has yet: sites, people, models, custom fields. Each lot is one transaction, which
//! also notes in the import's report what it made: an import that dies loses nothing of its account.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value, json};

use super::judge::{Judged, Verdict};
use super::references::{Named, References};
use super::report::{Entries, Report};
use crate::app::entries::Desk;
use crate::app::{Actor, App};
use crate::db::{Db, Lane, imports};
use crate::domain::catalogue::Catalogue;
use crate::domain::custom_field::CustomField;
use crate::domain::entry::{Entry, EntryKind, check_key};
use crate::domain::model::{Model, model_fold};
use crate::domain::person::Person;
use crate::domain::site::Site;
use crate::domain::text::fold;
use crate::error::{Code, Error, Result};
use crate::exchange::draft::{Draft, Holder};

/// What was met already: kind and what tells it from others.
pub type Seen = HashSet<(EntryKind, String)>;

/// Rows whose sites, people and models have to exist, with their categories.
pub fn needed(judged: &[Judged]) -> Vec<(&Draft, Option<&str>)> {
    judged
        .iter()
        .filter_map(|row| match &row.verdict {
            Verdict::New { category, .. } => Some((&row.draft, Some(category.as_str()))),
            Verdict::Changed {
                new_model: true, ..
            } => Some((&row.draft, None)),
            _ => None,
        })
        .collect()
}

/// Custom fields that rows have and nobody has defined (a dry run defines none).
pub fn new_columns(references: &References, judged: &[Judged]) -> Vec<String> {
    let mut columns: Vec<String> = judged
        .iter()
        .filter(|row| !row.draft.own && matches!(row.action(), "created" | "changed"))
        .flat_map(|row| row.draft.extra.keys())
        .filter(|key| !references.fields.contains_key(*key) && check_key(key).is_ok())
        .cloned()
        .collect();
    columns.sort();
    columns.dedup();
    columns
}

/// What a batch would make, each once however many batches name it.
pub fn foreseen(
    references: &References,
    catalogue: &Catalogue,
    judged: &[Judged],
    seen: &mut Seen,
) -> Entries {
    let mut entries = Entries::default();
    for key in new_columns(references, judged) {
        if seen.insert((EntryKind::CustomField, key.clone())) {
            entries.add(EntryKind::CustomField, Some(&key), Some(&key));
        }
    }
    let wanted = references.wanted(catalogue, &needed(judged), seen);
    for (path, _) in &wanted.sites {
        let (mut above, mut place) = (None, String::new());
        for name in path {
            place = format!("{place}\u{2}{}", fold(name));
            // Below a place that is not there yet nothing is.
            let known = above.as_ref().is_none_or(|a: &Option<String>| a.is_some());
            let at = (above.flatten(), fold(name));
            let id = references.sites.get(&at).filter(|_| known).cloned();
            if id.is_none() && seen.insert((EntryKind::Site, place.clone())) {
                entries.add(EntryKind::Site, None, Some(name));
            }
            above = Some(id);
        }
    }
    for _ in &wanted.people {
        entries.add(EntryKind::Person, None, None);
    }
    for (_, name, _, _) in &wanted.models {
        entries.add(EntryKind::Model, None, Some(name));
    }
    entries
}

/// Adds to the account of what an import made, in the transaction that made it.
fn note(db: &mut Db, import: &str, entries: Entries, now: chrono::NaiveDateTime) -> Result<()> {
    // Taken first, so that two workers of one import do not lose each other's.
    imports::hold(db, import, "staged", &[], now)?;
    let mut report: Report =
        serde_json::from_str(&imports::report(db, import)?).map_err(Error::internal)?;
    report.entries.extend(entries);
    imports::set_report(db, import, &json!(report).to_string())
}

impl References {
    /// Makes what these rows name and nothing has yet, in one transaction, and remembers it. False when there was
    /// nothing to make.
    ///
    /// # Errors
    /// Those of the store.
    pub fn make(
        &mut self,
        app: &App,
        actor: &Actor,
        import: &str,
        catalogue: &Catalogue,
        drafts: &[(&Draft, Option<&str>)],
    ) -> Result<bool> {
        let wanted = self.wanted(catalogue, drafts, &mut Seen::new());
        if wanted.is_empty() {
            return Ok(false);
        }
        let (org, sites, import) = (self.org.clone(), self.sites.clone(), import.to_owned());
        let (actor, now, cache) = (actor.clone(), app.clock.now(), app.catalogue.clone());
        let made = app.store.write(Lane::Imports, move |db| {
            let desk = Desk::open(db, &actor, now, &cache)?;
            let made = wanted.make(db, &desk, &org, sites.clone())?;
            note(db, &import, made.entries(), now.naive_utc())?;
            Ok(made)
        })?;
        for site in &made.sites {
            self.add_site(site);
        }
        for person in &made.people {
            self.add_person(person);
        }
        Ok(true)
    }

    fn wanted(
        &self,
        catalogue: &Catalogue,
        drafts: &[(&Draft, Option<&str>)],
        seen: &mut Seen,
    ) -> Wanted {
        let mut wanted = Wanted::default();
        for (draft, category) in drafts {
            if self.site(draft) == Named::New
                && seen.insert((EntryKind::Site, draft.site.join("\u{1}")))
            {
                wanted.sites.push((draft.site.clone(), draft.own));
            }
            if self.person(draft.holder.as_ref()) == Named::New
                && let Some(holder) = &draft.holder
            {
                let named = holder.external_id.as_ref().or(holder.name.as_ref());
                let who = named.map(|n| fold(n)).unwrap_or_default();
                if seen.insert((EntryKind::Person, who)) {
                    wanted.people.push((holder.clone(), draft.service.clone()));
                }
            }
            if self.model(catalogue, draft) == Named::New
                && let Some(name) = &draft.model
            {
                let key = model_fold(draft.manufacturer.as_deref(), name);
                if seen.insert((EntryKind::Model, key)) {
                    wanted.models.push((
                        draft.manufacturer.clone(),
                        name.clone(),
                        category.map(str::to_owned),
                        draft.own,
                    ));
                }
            }
        }
        wanted
    }

    /// Makes the custom fields that unknown columns land in: key and name.
    ///
    /// # Errors
    /// Those of the store.
    pub fn make_fields(
        &mut self,
        app: &App,
        actor: &Actor,
        import: &str,
        columns: &[(String, String)],
    ) -> Result<()> {
        let missing: Vec<(String, String)> = columns
            .iter()
            .filter(|(key, _)| !self.fields.contains_key(key) && check_key(key).is_ok())
            .cloned()
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        let (org, import) = (self.org.clone(), import.to_owned());
        let (actor, now, cache) = (actor.clone(), app.clock.now(), app.catalogue.clone());
        let made = app.store.write(Lane::Imports, move |db| {
            let desk = Desk::open(db, &actor, now, &cache)?;
            let mut made = Vec::new();
            let mut entries = Entries::default();
            for (key, header) in &missing {
                let body = object([
                    ("key", Some(key.as_str())),
                    ("name", Some(header.as_str())),
                    ("type", Some("text")),
                    ("organisation", Some(org.as_str())),
                ]);
                // Another import may have made it a moment ago.
                match crate::db::savepoint(db, |db| desk.create::<CustomField>(db, body)) {
                    Ok(field) => {
                        entries.add(EntryKind::CustomField, Some(&field.key), Some(header));
                        made.push(field);
                    }
                    Err(e) if e.code == Code::Duplicate => {}
                    Err(e) => return Err(e),
                }
            }
            if entries.total() > 0 {
                note(db, &import, entries, now.naive_utc())?;
            }
            Ok(made)
        })?;
        for field in made {
            self.fields.insert(field.key.clone(), field.body);
        }
        Ok(())
    }
}

/// What has to be made.
#[derive(Default)]
struct Wanted {
    sites: Vec<(Vec<String>, bool)>,
    people: Vec<(Holder, Option<String>)>,
    models: Vec<(Option<String>, String, Option<String>, bool)>,
}

#[derive(Default)]
struct Made {
    sites: Vec<Entry<Site>>,
    people: Vec<Entry<Person>>,
    models: Vec<Entry<Model>>,
}

impl Made {
    fn entries(&self) -> Entries {
        let mut entries = Entries::default();
        for site in &self.sites {
            let name = site.body.name.as_str();
            entries.add(EntryKind::Site, Some(&site.key), Some(name));
        }
        for person in &self.people {
            entries.add(EntryKind::Person, Some(&person.key), None);
        }
        for model in &self.models {
            let name = model.body.name.as_str();
            entries.add(EntryKind::Model, Some(&model.key), Some(name));
        }
        entries
    }
}

impl Wanted {
    fn is_empty(&self) -> bool {
        self.sites.is_empty() && self.people.is_empty() && self.models.is_empty()
    }

    fn make(
        &self,
        db: &mut Db,
        desk: &Desk,
        org: &str,
        mut known: HashMap<(Option<String>, String), String>,
    ) -> Result<Made> {
        let mut made = Made::default();
        for (path, own) in &self.sites {
            let mut above: Option<String> = None;
            for name in path {
                let place = (above.clone(), fold(name));
                let id = match known.get(&place) {
                    Some(id) => id.clone(),
                    None => {
                        let key = own
                            .then_some(name.as_str())
                            .filter(|k| check_key(k).is_ok());
                        let body = object([
                            ("key", key),
                            ("name", Some(name)),
                            ("parent", above.as_deref()),
                            ("organisation", Some(org)),
                        ]);
                        let site = desk.create::<Site>(db, body)?;
                        known.insert(place, site.id.clone());
                        made.sites.push(site.clone());
                        site.id
                    }
                };
                above = Some(id);
            }
        }
        for (holder, service) in &self.people {
            let name = holder.name.as_deref().or(holder.external_id.as_deref());
            let body = object([
                ("name", name),
                ("external_id", holder.external_id.as_deref()),
                ("service", service.as_deref()),
                ("organisation", Some(org)),
            ]);
            made.people.push(desk.create::<Person>(db, body)?);
        }
        for (maker, name, category, own) in &self.models {
            let key = own
                .then_some(name.as_str())
                .filter(|k| check_key(k).is_ok());
            let body = object([
                ("key", key),
                ("manufacturer", maker.as_deref()),
                ("name", Some(name)),
                ("category", category.as_deref()),
                ("organisation", Some(org)),
            ]);
            made.models.push(desk.create::<Model>(db, body)?);
        }
        Ok(made)
    }
}

fn object<const N: usize>(fields: [(&str, Option<&str>); N]) -> Map<String, Value> {
    fields
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), Value::from(value?))))
        .collect()
}
