//! Model: what the maker calls it; spellings of makers brought to one.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::entry::{Context, EntryKind, Record, Slot, within};
use super::text::{Line, fold};
use super::words::words;
use crate::error::{Error, Result};

words! {
    /// Which index the maker shows (AGEC art. 16, EU energy label).
    IndexKind { Repairability = "repairability", Durability = "durability", EuClass = "eu_class" }
}

/// A mark out of ten, or a class from A to G.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum IndexValue {
    /// 0 to 10.
    Mark(f64),
    /// A to G.
    Class(Line),
}

/// One model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// Maker, in its one spelling.
    #[serde(default)]
    pub manufacturer: Option<Line>,
    /// Name.
    pub name: Line,
    /// Category key.
    #[serde(default)]
    pub category: Option<Line>,
    /// Other names by which inventories call it.
    #[serde(default)]
    pub aliases: Vec<Line>,
    /// Mass in grams.
    #[serde(default)]
    pub weight_g: Option<i64>,
    /// WEEE category, where it differs from the category's.
    #[serde(default)]
    pub weee_category: Option<i64>,
    /// Which index.
    #[serde(default)]
    pub index_kind: Option<IndexKind>,
    /// Its value.
    #[serde(default)]
    pub index_value: Option<IndexValue>,
}

impl Record for Model {
    const KIND: EntryKind = EntryKind::Model;

    fn name(&self) -> String {
        match &self.manufacturer {
            Some(maker) => format!("{maker} {}", self.name),
            None => self.name.as_str().to_owned(),
        }
    }
    fn slots(&mut self) -> Vec<Slot<'_>> {
        Slot::of("category", EntryKind::Category, &mut self.category)
            .into_iter()
            .collect()
    }
    fn complete(&mut self, _: &Context<'_>) -> Result<()> {
        within("weight_g", self.weight_g, 0..=10_000_000)?;
        within("weee_category", self.weee_category, 1..=8)?;
        if let Some(maker) = &self.manufacturer {
            self.manufacturer = Line::parse(&manufacturer(maker.as_str())).ok();
        }
        let mut seen = std::collections::HashSet::from([fold(self.name.as_str())]);
        self.aliases.retain(|a| seen.insert(fold(a.as_str())));
        check_index(self.index_kind, self.index_value.as_ref())
    }
}

fn check_index(kind: Option<IndexKind>, value: Option<&IndexValue>) -> Result<()> {
    match (kind, value) {
        (None, None) | (Some(_), None) => Ok(()),
        (Some(IndexKind::EuClass), Some(IndexValue::Class(class)))
            if matches!(class.as_str(), "A" | "B" | "C" | "D" | "E" | "F" | "G") =>
        {
            Ok(())
        }
        (Some(IndexKind::Repairability | IndexKind::Durability), Some(IndexValue::Mark(mark)))
            if (0.0..=10.0).contains(mark) =>
        {
            Ok(())
        }
        _ => Err(Error::invalid(
            "index_value",
            "`index_value` is a mark from 0 to 10 (repairability, durability) or a class from A to G (eu_class), and needs `index_kind`",
        )),
    }
}

/// Folded words of a maker's name, the legal form at its end cut: `DELL Inc.` and `Dell` are the same.
pub fn maker_fold(text: &str) -> String {
    const FORMS: &[&str] = &[
        "inc",
        "incorporated",
        "corp",
        "corporation",
        "co",
        "company",
        "ltd",
        "limited",
        "llc",
        "gmbh",
        "ag",
        "sa",
        "sas",
        "bv",
        "nv",
        "plc",
        "kk",
    ];
    let folded: String = fold(text)
        .replace("b.v", "bv")
        .replace("n.v", "nv")
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    let mut words: Vec<&str> = folded.split_whitespace().collect();
    while words.len() > 1 && words.last().is_some_and(|w| FORMS.contains(w)) {
        words.pop();
    }
    words.join(" ")
}

static MAKERS: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    let mut map = HashMap::new();
    for (name, alias) in
        super::catalogue::rows::<(String, String)>(include_str!("../data/manufacturers.csv"))
    {
        map.insert(maker_fold(&alias), name.clone());
        map.insert(maker_fold(&name), name);
    }
    map
});

/// The one spelling of a maker's name: `Dell Inc.`, `DELL` and `Dell Computer Corporation` are `Dell`. A maker that is
/// not in the list keeps its spelling, white space made single.
pub fn manufacturer(text: &str) -> String {
    match MAKERS.get(&maker_fold(text)) {
        Some(name) => name.clone(),
        None => text.split_whitespace().collect::<Vec<_>>().join(" "),
    }
}

/// What two spellings of one model have in common: maker and name folded, the maker's name cut from the name's head
/// (`Dell` + `Dell Latitude 5420` = `Dell` + `latitude 5420`).
pub fn model_fold(maker: Option<&str>, name: &str) -> String {
    let squash = |text: &str| {
        fold(text)
            .split(|c: char| !c.is_alphanumeric() && c != '+')
            .filter(|w| !w.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    };
    let maker = maker
        .map(|m| maker_fold(&manufacturer(m)))
        .unwrap_or_default();
    let mut name = squash(name);
    if !maker.is_empty()
        && let Some(rest) = name.strip_prefix(&maker).and_then(|r| r.strip_prefix(' '))
    {
        name = rest.to_owned();
    }
    format!("{maker}|{name}")
}
