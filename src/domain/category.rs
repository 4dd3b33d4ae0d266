//! Category: what kind of thing a device is, and what follows from it in law and for the impact figures.

use std::sync::LazyLock;

use serde::{Deserialize, Deserializer, Serialize, de};

use super::entry::{Context, EntryKind, Record, within};
use super::text::{Line, Note};
use crate::error::{Error, Result};

/// One of the 17 product labels of the official declaration of re-used purchases (AGEC art. 58).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct AgecCategory(&'static str);

static LABELS: LazyLock<Vec<String>> = LazyLock::new(|| {
    super::catalogue::rows::<(String,)>(include_str!("../data/agec_categories.csv"))
        .map(|(label,)| label)
        .collect()
});

impl AgecCategory {
    /// Every label, the one of IT equipment first.
    pub fn all() -> impl Iterator<Item = AgecCategory> {
        LABELS.iter().map(|l| AgecCategory(l.as_str()))
    }
    /// Reads a label exactly as the schema writes it.
    ///
    /// # Errors
    /// A sentence that lists the labels.
    pub fn parse(text: &str) -> std::result::Result<Self, String> {
        Self::all().find(|c| c.0 == text).ok_or_else(|| {
            let labels: Vec<_> = Self::all().map(|c| c.0).collect();
            format!(
                "is no label of the declaration schema; one of: {}",
                labels.join(" · ")
            )
        })
    }
    /// The label.
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

impl<'de> Deserialize<'de> for AgecCategory {
    fn deserialize<D: Deserializer<'de>>(d: D) -> std::result::Result<Self, D::Error> {
        Self::parse(&String::deserialize(d)?).map_err(de::Error::custom)
    }
}

/// Impact factors of a category: kilograms of CO2 equivalent per device (GWP100), kWh a year.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Factors {
    /// Manufacture; holds the other phases too where they are absent.
    pub gwp_manufacture_kg: Option<f64>,
    /// Transport; absent = counted in the manufacture, not zero.
    pub gwp_transport_kg: Option<f64>,
    /// End of life; absent = counted in the manufacture, not zero.
    pub gwp_eol_kg: Option<f64>,
    /// The three together.
    pub embodied_total_kg: Option<f64>,
    /// Low bound of the total.
    pub low_kg: Option<f64>,
    /// High bound of the total.
    pub high_kg: Option<f64>,
    /// Energy in use.
    pub energy_kwh_year: Option<f64>,
    /// B, C or D, see NOTICE.
    pub quality: Option<Line>,
    /// How far the figure was checked.
    pub verified: Option<Line>,
    /// Where it comes from.
    pub source: Option<Note>,
    /// Year of the source.
    pub year: Option<i64>,
    /// What others say.
    pub notes: Option<Note>,
}

/// One category.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    /// Name; French for the shipped ones.
    pub name: Line,
    /// French label.
    #[serde(default)]
    pub label_fr: Option<Line>,
    /// English label.
    #[serde(default)]
    pub label_en: Option<Line>,
    /// WEEE category (R. 543-172 II of the environment code), 1 to 8.
    #[serde(default)]
    pub weee_category: Option<i64>,
    /// Label of the purchase declaration; absent = in none.
    #[serde(default)]
    pub agec_category: Option<AgecCategory>,
    /// Holds data. True unless said: what might hold data is erased before it leaves.
    #[serde(default = "yes")]
    pub bears_data: bool,
    /// How far the legal columns were checked: `source` or `reading`.
    #[serde(default)]
    pub law_verified: Option<Line>,
    /// Default mass in grams.
    #[serde(default)]
    pub weight_g: Option<i64>,
    /// Default life in years.
    #[serde(default)]
    pub lifetime_years: Option<f64>,
    /// Impact factors.
    #[serde(default)]
    pub factors: Option<Factors>,
    /// Shipped with the program and not changed by anybody since.
    #[serde(default)]
    pub shipped: bool,
}

fn yes() -> bool {
    true
}

impl Record for Category {
    const KIND: EntryKind = EntryKind::Category;
    const INTERNAL: &'static [&'static str] = &["shipped"];

    fn name(&self) -> String {
        self.name.as_str().to_owned()
    }
    fn complete(&mut self, _: &Context<'_>) -> Result<()> {
        within("weee_category", self.weee_category, 1..=8)?;
        within("weight_g", self.weight_g, 0..=10_000_000)?;
        match self.lifetime_years {
            Some(years) if !(years > 0.0 && years <= 100.0) => Err(Error::invalid(
                "lifetime_years",
                "`lifetime_years` must be more than 0 and at most 100",
            )),
            _ => Ok(()),
        }
    }
}

/// A row of `data/categories.csv`.
#[derive(Deserialize)]
pub(super) struct Row {
    pub(super) key: String,
    label_fr: Line,
    label_en: Line,
    weee_category: Option<i64>,
    agec_category: Option<AgecCategory>,
    bears_data: String,
    law_verified: Option<Line>,
    weight_g: Option<i64>,
    lifetime_years: Option<f64>,
    gwp_manufacture_kg: Option<f64>,
    gwp_transport_kg: Option<f64>,
    gwp_eol_kg: Option<f64>,
    embodied_total_kg: Option<f64>,
    low_kg: Option<f64>,
    high_kg: Option<f64>,
    energy_kwh_year: Option<f64>,
    quality: Option<Line>,
    verified: Option<Line>,
    source: Option<Note>,
    year: Option<i64>,
    notes: Option<Note>,
}

impl From<Row> for Category {
    fn from(row: Row) -> Category {
        Category {
            name: row.label_fr.clone(),
            label_fr: Some(row.label_fr),
            label_en: Some(row.label_en),
            weee_category: row.weee_category,
            agec_category: row.agec_category,
            bears_data: row.bears_data == "yes",
            law_verified: row.law_verified,
            weight_g: row.weight_g,
            lifetime_years: row.lifetime_years,
            factors: Some(Factors {
                gwp_manufacture_kg: row.gwp_manufacture_kg,
                gwp_transport_kg: row.gwp_transport_kg,
                gwp_eol_kg: row.gwp_eol_kg,
                embodied_total_kg: row.embodied_total_kg,
                low_kg: row.low_kg,
                high_kg: row.high_kg,
                energy_kwh_year: row.energy_kwh_year,
                quality: row.quality,
                verified: row.verified,
                source: row.source,
                year: row.year,
                notes: row.notes,
            }),
            shipped: true,
        }
    }
}
