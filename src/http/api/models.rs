//! Models: what the maker calls it.

use serde::Serialize;
use utoipa::ToSchema;

use super::collection::collection;
use crate::domain::model::Model;

/// A model.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Model)]
#[allow(dead_code, reason = "documentation of domain::model")]
pub struct Shape {
    /// Short stable name; made from the name when absent, never changed.
    key: Option<String>,
    /// Maker; brought to its one spelling (Dell Inc. → Dell).
    manufacturer: Option<String>,
    /// Name.
    name: String,
    /// Category (key).
    category: Option<String>,
    /// Other names by which inventories call it.
    aliases: Vec<String>,
    /// Mass, grams.
    weight_g: Option<i64>,
    /// WEEE category where it is not the category's.
    weee_category: Option<i64>,
    /// repairability, durability or eu_class.
    index_kind: Option<String>,
    /// 0 to 10, or A to G.
    index_value: Option<serde_json::Value>,
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
    Model, Shape, "models", "/models", "/models/{key}",
    list: "Models, by maker and name.",
    create: "A new model.",
    show: "One model.",
    change: "Changes a model. RFC 7396 merge patch; null clears. A patch that changes nothing writes nothing."
);
