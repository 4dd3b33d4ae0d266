//! Catalogue: a cheap snapshot of categories and models, and the words by which inventories name them.
//!
//! The replay, the imports and the indicators read it; the rows themselves are entries ([`super::category`],
//! [`super::model`]).

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use serde::de::DeserializeOwned;

use super::category::{Category, Row};
use super::model::{Model, model_fold};
use super::text::fold;

/// Category of what nothing else names.
pub const OTHER: &str = "other_it";

/// Reads a CSV file that is compiled in; a test reads all of them, so a row that cannot be read never ships.
pub(super) fn rows<T: DeserializeOwned + 'static>(text: &'static str) -> impl Iterator<Item = T> {
    csv::Reader::from_reader(text.as_bytes())
        .into_deserialize()
        .filter_map(Result::ok)
}

/// The shipped categories, by key, in the order of the file.
pub fn shipped() -> &'static [(String, Category)] {
    static SHIPPED: LazyLock<Vec<(String, Category)>> = LazyLock::new(|| {
        rows::<Row>(include_str!("../data/categories.csv"))
            .map(|row| (row.key.clone(), Category::from(row)))
            .collect()
    });
    &SHIPPED
}

/// What is known of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelFacts {
    /// Short key.
    pub key: String,
    /// Owner (organisation id).
    pub org: Option<String>,
    /// Maker, in its one spelling.
    pub manufacturer: Option<String>,
    /// Name.
    pub name: String,
    /// Category key.
    pub category: Option<String>,
    /// WEEE category, where the model says it.
    pub weee_category: Option<i64>,
    /// Mass in grams, where the model says it.
    pub weight_g: Option<i64>,
}

/// Categories and models at one moment. Cloning is not needed: share it in an `Arc`.
#[derive(Debug, Clone)]
pub struct Catalogue {
    categories: BTreeMap<String, Category>,
    models: HashMap<String, ModelFacts>,
    /// Key → model ids, of several owners.
    keys: HashMap<String, Vec<String>>,
    /// Folded maker and name, or alias → model ids.
    spellings: HashMap<String, Vec<String>>,
    /// Names of the user's own categories, folded → key.
    names: HashMap<String, String>,
}

impl Default for Catalogue {
    fn default() -> Self {
        Catalogue::new(shipped().iter().cloned(), [])
    }
}

impl Catalogue {
    /// From the categories (key, row) and the models (id, key, owner, row).
    pub fn new(
        categories: impl IntoIterator<Item = (String, Category)>,
        models: impl IntoIterator<Item = (String, String, Option<String>, Model)>,
    ) -> Catalogue {
        let mut catalogue = Catalogue {
            categories: BTreeMap::new(),
            models: HashMap::new(),
            keys: HashMap::new(),
            spellings: HashMap::new(),
            names: HashMap::new(),
        };
        for (key, category) in categories {
            for name in [
                Some(&category.name),
                category.label_fr.as_ref(),
                category.label_en.as_ref(),
            ]
            .into_iter()
            .flatten()
            {
                catalogue
                    .names
                    .entry(phrase(name.as_str()))
                    .or_insert_with(|| key.clone());
            }
            catalogue.names.insert(phrase(&key), key.clone());
            catalogue.categories.insert(key, category);
        }
        for (id, key, org, model) in models {
            catalogue.add_model(id, key, org, &model);
        }
        catalogue
    }

    /// Adds a model (an import does, to the copy it works with).
    pub fn add_model(&mut self, id: String, key: String, org: Option<String>, model: &Model) {
        let maker = model.manufacturer.as_ref().map(|m| m.as_str());
        for name in std::iter::once(&model.name).chain(&model.aliases) {
            self.spellings
                .entry(model_fold(maker, name.as_str()))
                .or_default()
                .push(id.clone());
        }
        self.keys.entry(key.clone()).or_default().push(id.clone());
        self.models.insert(
            id,
            ModelFacts {
                key,
                org,
                manufacturer: maker.map(str::to_owned),
                name: model.name.as_str().to_owned(),
                category: model.category.as_ref().map(|c| c.as_str().to_owned()),
                weee_category: model.weee_category,
                weight_g: model.weight_g,
            },
        );
    }

    /// A category by its key.
    pub fn category(&self, key: &str) -> Option<&Category> {
        self.categories.get(key)
    }
    /// Every category, by key.
    pub fn categories(&self) -> impl Iterator<Item = (&str, &Category)> {
        self.categories.iter().map(|(k, c)| (k.as_str(), c))
    }
    /// Every model, by id.
    pub fn models(&self) -> impl Iterator<Item = (&str, &ModelFacts)> {
        self.models.iter().map(|(id, m)| (id.as_str(), m))
    }
    /// A model by its id.
    pub fn model(&self, id: &str) -> Option<&ModelFacts> {
        self.models.get(id)
    }
    /// Id of the model of this key that the nearest of these organisations owns (shared ones last).
    pub fn model_by_key(&self, key: &str, lineage: &[String]) -> Option<String> {
        let called = self.keys.get(key).map_or(&[][..], Vec::as_slice);
        called
            .iter()
            .filter_map(|id| match &self.models.get(id)?.org {
                Some(org) => Some((lineage.iter().position(|above| above == org)?, id)),
                None => Some((lineage.len(), id)),
            })
            .min()
            .map(|(_, id)| id.clone())
    }
    /// Ids of the models known by this maker and name, or an alias; of several owners when they share a spelling.
    pub fn find_models(&self, maker: Option<&str>, name: &str) -> &[String] {
        self.spellings
            .get(&model_fold(maker, name))
            .map_or(&[], Vec::as_slice)
    }

    /// Whether a device of this category holds data; yes when the category is unknown.
    pub fn bears_data(&self, category: Option<&str>) -> bool {
        category
            .and_then(|c| self.category(c))
            .is_none_or(|c| c.bears_data)
    }
    /// WEEE category: the model's, else the category's; none when unknown. (The device's own comes before both.)
    pub fn weee_category(&self, category: Option<&str>, model: Option<&str>) -> Option<i64> {
        model
            .and_then(|m| self.model(m))
            .and_then(|m| m.weee_category)
            .or_else(|| category.and_then(|c| self.category(c))?.weee_category)
    }
    /// Mass in grams: the model's, else the category's. (The device's own comes before both.)
    pub fn weight_g(&self, category: Option<&str>, model: Option<&str>) -> Option<i64> {
        model
            .and_then(|m| self.model(m))
            .and_then(|m| m.weight_g)
            .or_else(|| category.and_then(|c| self.category(c))?.weight_g)
    }
    /// Default life in years.
    pub fn lifetime_years(&self, category: Option<&str>) -> Option<f64> {
        category.and_then(|c| self.category(c))?.lifetime_years
    }

    /// The category that an inventory's word for it names: key, label or synonym in French, English or Spanish,
    /// whatever the case, accents, plural; else the longest phrase of the text that is one ("HP laptop 15").
    /// Words for things that are no devices (bag, cable, licence) name none.
    pub fn match_category(&self, text: &str) -> Option<String> {
        let whole = phrase(text);
        if whole.is_empty() {
            return None;
        }
        if let Some(key) = self.names.get(&whole) {
            return Some(key.clone());
        }
        match synonym(&whole) {
            Some(Some(key)) => return self.known(key),
            Some(None) => return None,
            None => {}
        }
        let words: Vec<&str> = whole.split(' ').collect();
        let mut found = None;
        for size in (1..=words.len().min(LONGEST)).rev() {
            for window in words.windows(size) {
                match synonym(&window.join(" ")) {
                    Some(None) => return None,
                    Some(Some(key)) if found.is_none() => found = Some(key),
                    _ => {}
                }
            }
        }
        found.and_then(|key| self.known(key))
    }

    fn known(&self, key: &str) -> Option<String> {
        self.categories.contains_key(key).then(|| key.to_owned())
    }
}

/// Longest synonym, in words.
const LONGEST: usize = 5;

/// What a phrase names: a category, a thing that is no device, nothing known.
#[allow(clippy::option_option, reason = "three answers, read in one place")]
fn synonym(phrase: &str) -> Option<Option<&'static str>> {
    static SYNONYMS: LazyLock<HashMap<String, Option<String>>> = LazyLock::new(|| {
        rows::<(String, String)>(include_str!("../data/category_synonyms.csv"))
            .map(|(key, word)| (self::phrase(&word), (key != "-").then_some(key)))
            .collect()
    });
    SYNONYMS.get(phrase).map(|key| key.as_deref())
}

/// Folded words of a text, singular, `CamelCase` split: `CoreSwitches` and `core switch` are the same.
fn phrase(text: &str) -> String {
    let mut spaced = String::with_capacity(text.len() + 8);
    let mut lower_before = false;
    for c in text.chars() {
        if c.is_uppercase() && lower_before {
            spaced.push(' ');
        }
        lower_before = c.is_lowercase();
        spaced.push(c);
    }
    fold(&spaced)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .map(singular)
        .collect::<Vec<_>>()
        .join(" ")
}

/// Cuts the plural of French, English and Spanish; only has to treat both sides of a comparison alike.
fn singular(word: &str) -> &str {
    if word.len() <= 3 {
        return word;
    }
    ["ches", "shes", "xes", "aux"]
        .iter()
        .find_map(|e| {
            word.strip_suffix(e)
                .map(|_| word.strip_suffix("es").unwrap_or(word))
        })
        .or_else(|| word.strip_suffix('s'))
        .unwrap_or(word)
}
