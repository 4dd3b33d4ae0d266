//! Described fields: what `describe` events say of a device. One value for every `as_of`, the one recorded last.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::day::Day;
use super::text::Line;
use super::words::{Acquisition, CodeKind, Condition};

/// A code by which the device can be found beside its tag.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceCode {
    /// What kind of code.
    pub kind: CodeKind,
    /// As written on the thing.
    pub value: Line,
}

/// A reason to keep a device out of the reuse rate (classified or specially protected information), and to show why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecurityExclusion {
    /// Excluded.
    pub yes: bool,
    /// Why, without the content that is protected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Line>,
}

/// The described fields of a device. `tenure` and `part_of` are dated and live in the spells, not here.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Described {
    /// What people call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Line>,
    /// Category key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<Line>,
    /// Manufacturer, when the model does not say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manufacturer: Option<Line>,
    /// Model id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<Line>,
    /// Serial number, spelling kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<Line>,
    /// Other codes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<DeviceCode>,
    /// How it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acquisition: Option<Acquisition>,
    /// Condition at acquisition.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
    /// Day of acquisition.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acquired_on: Option<Day>,
    /// Day of manufacture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manufactured_on: Option<Day>,
    /// Day first sold, also by a former owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_sold_on: Option<Day>,
    /// Day first used, when no allocation says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_use_on: Option<Day>,
    /// Purchase price in cents without tax.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purchase_price_cents: Option<i64>,
    /// ISO 4217; EUR when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<Line>,
    /// Last day of the warranty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warranty_until: Option<Day>,
    /// Mass in grams.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight_g: Option<i64>,
    /// WEEE category (R. 543-172 II), overriding model and category.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weee_category: Option<i64>,
    /// Bears data, overriding the category.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bears_data: Option<bool>,
    /// Excluded from the reuse rate for security.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub security_exclusion: Option<SecurityExclusion>,
    /// Purchase line id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<Line>,
    /// Custom fields.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Value>,
}
