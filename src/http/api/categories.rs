//! Categories: what kind of thing a device is.

use serde::Serialize;
use utoipa::ToSchema;

use super::collection::collection;
use crate::domain::category::Category;

/// A category. Sixty are shipped and shared by all; made at the root they are shared, else your own.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Category)]
#[allow(dead_code, reason = "documentation of domain::category")]
pub struct Shape {
    /// Short stable name; made from the name when absent, never changed.
    key: Option<String>,
    /// Name.
    name: String,
    /// French label.
    label_fr: Option<String>,
    /// English label.
    label_en: Option<String>,
    /// WEEE category, R. 543-172 II.
    weee_category: Option<i64>,
    /// Label of the purchase declaration; null = in none.
    agec_category: Option<String>,
    /// Holds data; true when absent.
    bears_data: Option<bool>,
    /// How far the legal columns were checked: source or reading.
    law_verified: Option<String>,
    /// Default mass, grams.
    weight_g: Option<i64>,
    /// Default life, years.
    lifetime_years: Option<f64>,
    /// Impact factors, each with source, year and quality.
    factors: Option<serde_json::Value>,
    /// Read only; shipped and not changed since.
    shipped: Option<bool>,
    /// Owner (key); yours when absent, never changed.
    organisation: Option<String>,
    /// Hidden from lists.
    archived: Option<bool>,
    /// Read only.
    id: Option<String>,
    /// Read only; the ETag.
    version: Option<i64>,
    /// Read only; UTC.
    updated_at: Option<String>,
}

collection!(
    Category, Shape, "categories", "/categories", "/categories/{key}",
    list: "Categories, by name.",
    create: "A new category.",
    show: "One category.",
    change: "Changes a category; shipped ones at the root only, and then they stay as you made them. RFC 7396 merge patch; null clears. A patch that changes nothing writes nothing."
);
