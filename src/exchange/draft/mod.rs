//! What one row says of one device, or of several alike.

mod cells;
mod described;
mod forms;
mod placed;
pub mod problem;
mod reader;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use forms::{join_codes, keys_of, mac_form, split_codes};
pub use problem::{Problem, Why};
pub use reader::Reader;

use crate::domain::day::Day;
use crate::domain::words::{CodeKind, Data, ExitKind, Presence, Stage};

/// Most devices one row may stand for.
pub const MOST_ALIKE: i64 = 1000;

/// Who holds the device, as the row names them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Person key or id (our own export).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Login, staff number, else mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// What a row says. Nothing = it does not say.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Draft {
    /// Line of the file.
    pub line: u64,
    /// Our tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// Organisation key (our own export).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
    /// Name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The name is one on the network and names one machine.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub host: bool,
    /// Category words, best column first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    /// Manufacturer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manufacturer: Option<String>,
    /// Model: a name, in our own export a key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Serial, spelling kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// Other codes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<(CodeKind, String)>,
    /// Other described fields, as `describe` takes them.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub set: Map<String, Value>,
    /// Custom fields.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Value>,
    /// Stage the row states.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<Stage>,
    /// State of the media the row states.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Data>,
    /// Presence the row states.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub presence: Option<Presence>,
    /// Day of the réforme.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retired_on: Option<Day>,
    /// How it left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_kind: Option<ExitKind>,
    /// Day it left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gone_on: Option<Day>,
    /// Holder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holder: Option<Holder>,
    /// Path of sites, outermost first; in our own export one key.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub site: Vec<String>,
    /// Service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Tag of the device it is part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part_of: Option<String>,
    /// Free text; personal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// How many devices the row stands for.
    pub quantity: u32,
    /// What finds the device again when nothing on it does: see [`Reader`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// References are keys of ours.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub own: bool,
}

impl Draft {
    /// The stage a new device opens with.
    pub fn opening(&self) -> Stage {
        self.stage.unwrap_or(if self.holder.is_some() {
            Stage::InUse
        } else {
            Stage::InStock
        })
    }
    /// Takes over what a later row of the same machine says; what that row leaves open stays.
    pub fn overlay(&mut self, later: Draft) {
        macro_rules! take { ($($field:ident),*) => { $(if later.$field.is_some() { self.$field = later.$field; })* } }
        take!(
            tag,
            organisation,
            name,
            manufacturer,
            model,
            serial,
            stage,
            data,
            presence,
            retired_on,
            exit_kind,
            gone_on,
            holder,
            service,
            part_of,
            note,
            source
        );
        self.line = later.line;
        self.host |= later.host;
        if !later.categories.is_empty() {
            self.categories = later.categories;
        }
        if !later.site.is_empty() {
            self.site = later.site;
        }
        for code in later.codes {
            if !self.codes.contains(&code) {
                self.codes.push(code);
            }
        }
        self.set.extend(later.set);
        self.extra.extend(later.extra);
    }
}

/// A row read: what it says, unless it was rejected, and what was wrong.
#[derive(Debug, Clone, Default)]
pub struct Row {
    /// None = rejected; the problems say why.
    pub draft: Option<Draft>,
    /// What could not be taken.
    pub problems: Vec<Problem>,
}
