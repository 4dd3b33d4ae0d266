//! What rows name beside the device: sites, people, models, categories. Found again; what is not there is made by
//! [`super::making`] before the devices.

use std::collections::HashMap;

use crate::app::custom_fields;
use crate::app::entries::{Desk, read};
use crate::db::{Db, Scope, entries, organisations};
use crate::domain::catalogue::Catalogue;
use crate::domain::custom_field::CustomField;
use crate::domain::entry::{Entry, EntryKind};
use crate::domain::person::Person;
use crate::domain::site::Site;
use crate::domain::text::fold;
use crate::error::{Code, Error, Result};
use crate::exchange::draft::{Draft, Holder};
use crate::exchange::profiles::vocabulary::spaced;

/// Sites, people and custom fields of one organisation (id), kept for the length of an import.
pub struct References {
    /// Organisation id.
    pub org: String,
    lineage: Vec<String>,
    /// By the place above (id) and folded name.
    pub(super) sites: HashMap<(Option<String>, String), String>,
    site_keys: HashMap<String, String>,
    logins: HashMap<String, String>,
    names: HashMap<String, Vec<String>>,
    person_keys: HashMap<String, String>,
    /// Custom fields that hold here.
    pub fields: HashMap<String, CustomField>,
}

/// What a row's words lead to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// Nothing is said.
    Nothing,
    /// This row (id).
    Known(String),
    /// To be made.
    New,
    /// Several, or a key of ours that leads nowhere.
    Unclear,
}

impl References {
    /// Reads what an organisation may use: sites of those above it too, people of its own.
    ///
    /// # Errors
    /// Those of the store.
    pub fn open(db: &mut Db, org: &str) -> Result<References> {
        let lineage = organisations::lineage(db, org)?;
        let mut references = References {
            org: org.to_owned(),
            sites: HashMap::new(),
            site_keys: HashMap::new(),
            logins: HashMap::new(),
            names: HashMap::new(),
            person_keys: HashMap::new(),
            fields: custom_fields::definitions(db, org)?,
            lineage: lineage.clone(),
        };
        // The nearest last, so that it wins.
        let mut sites = entries::all(db, EntryKind::Site, &Scope::of(lineage.clone()))?;
        sites.sort_by_key(|row| {
            let place = |org: &String| lineage.iter().position(|above| above == org);
            std::cmp::Reverse(row.org.as_ref().and_then(place).unwrap_or(usize::MAX))
        });
        for row in sites {
            references.add_site(&read::<Site>(row)?);
        }
        for row in entries::all(db, EntryKind::Person, &Scope::of(vec![org.to_owned()]))? {
            references.add_person(&read::<Person>(row)?);
        }
        Ok(references)
    }

    pub(super) fn add_site(&mut self, site: &Entry<Site>) {
        let parent = site.body.parent.as_ref().map(|p| p.as_str().to_owned());
        let place = (parent, fold(site.body.name.as_str()));
        self.sites.insert(place, site.id.clone());
        self.site_keys.insert(site.key.clone(), site.id.clone());
    }
    pub(super) fn add_person(&mut self, person: &Entry<Person>) {
        if let Some(login) = &person.body.external_id {
            self.logins.insert(fold(login.as_str()), person.id.clone());
        }
        if let Some(name) = &person.body.name {
            let same = self.names.entry(fold(name.as_str())).or_default();
            same.push(person.id.clone());
        }
        self.person_keys
            .insert(person.key.clone(), person.id.clone());
    }

    /// The site of a path, or of a key of ours.
    pub fn site(&self, draft: &Draft) -> Named {
        if draft.site.is_empty() {
            return Named::Nothing;
        }
        if draft.own {
            let key = draft.site.first().map(String::as_str).unwrap_or_default();
            return match self.site_keys.get(key) {
                Some(id) => Named::Known(id.clone()),
                None => Named::New,
            };
        }
        let mut above = None;
        for name in &draft.site {
            match self.sites.get(&(above, fold(name))) {
                Some(id) => above = Some(id.clone()),
                None => return self.lone_site(draft),
            }
        }
        above.map_or(Named::Nothing, Named::Known)
    }
    /// A single word may also be the key of a site, or the name of the only site so called.
    fn lone_site(&self, draft: &Draft) -> Named {
        let [name] = draft.site.as_slice() else {
            return Named::New;
        };
        if let Some(id) = self.site_keys.get(name) {
            return Named::Known(id.clone());
        }
        let wanted = fold(name);
        let mut same = self
            .sites
            .iter()
            .filter(|((_, name), _)| *name == wanted)
            .map(|(_, id)| id);
        match (same.next(), same.next()) {
            (Some(id), None) => Named::Known(id.clone()),
            _ => Named::New,
        }
    }

    /// The person a row names: by login, staff number or address first, then by name.
    pub fn person(&self, holder: Option<&Holder>) -> Named {
        let Some(holder) = holder else {
            return Named::Nothing;
        };
        if let Some(key) = &holder.key {
            return match self.person_keys.get(key) {
                Some(id) => Named::Known(id.clone()),
                None => Named::Unclear,
            };
        }
        if let Some(login) = &holder.external_id {
            return match self.logins.get(&fold(login)) {
                Some(id) => Named::Known(id.clone()),
                None => Named::New,
            };
        }
        let Some(name) = &holder.name else {
            return Named::Nothing;
        };
        if let Some(id) = self.logins.get(&fold(name)) {
            return Named::Known(id.clone());
        }
        match self.names.get(&fold(name)).map(Vec::as_slice) {
            Some([one]) => Named::Known(one.clone()),
            Some([]) | None => Named::New,
            Some(_) => Named::Unclear,
        }
    }

    /// The model of a row: by key in our own export, else by maker and name.
    pub fn model(&self, catalogue: &Catalogue, draft: &Draft) -> Named {
        let Some(name) = &draft.model else {
            return Named::Nothing;
        };
        if draft.own
            && let Some(id) = catalogue.model_by_key(name, &self.lineage)
        {
            return Named::Known(id);
        }
        match find_model(
            catalogue,
            &self.lineage,
            draft.manufacturer.as_deref(),
            name,
        ) {
            Some(id) => Named::Known(id),
            None => Named::New,
        }
    }
}

/// Id of the model of this maker and name, the nearest owner's first.
fn find_model(
    catalogue: &Catalogue,
    lineage: &[String],
    maker: Option<&str>,
    name: &str,
) -> Option<String> {
    let rank = |id: &String| match &catalogue.model(id)?.org {
        Some(org) => lineage.iter().position(|above| above == org),
        None => Some(lineage.len()),
    };
    catalogue
        .find_models(maker, name)
        .iter()
        .filter_map(|id| rank(id).map(|r| (r, id)))
        .min()
        .map(|(_, id)| id.clone())
}

/// The category the words of a row name: the first column that is understood.
pub fn category(catalogue: &Catalogue, draft: &Draft) -> Option<String> {
    draft.categories.iter().find_map(|word| {
        if draft.own {
            return catalogue.category(word).map(|_| word.clone());
        }
        // A path says the most in its last part.
        let last = word.rsplit('>').next().unwrap_or(word);
        catalogue.match_category(&spaced(last))
    })
}

/// Refuses an organisation that is not the actor's to import into.
///
/// # Errors
/// `unknown_reference`, `forbidden`.
pub fn organisation(desk: &Desk, db: &mut Db, given: Option<&str>) -> Result<(String, String)> {
    let id = desk.owner(db, given).map_err(|e| {
        if e.code == Code::UnknownReference {
            e.with_field("org")
        } else {
            e
        }
    })?;
    let node = organisations::by_id(db, &id)?.ok_or_else(Error::not_found)?;
    Ok((id, node.key))
}
