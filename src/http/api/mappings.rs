//! Saved mappings of columns, for imports.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::collection::collection;
use crate::domain::mapping::Mapping;

/// A saved mapping; imports take its key as `mapping`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Mapping)]
#[allow(dead_code, reason = "documentation of domain::mapping")]
pub struct Shape {
    /// Short stable name; made from the name when absent, never changed.
    key: Option<String>,
    /// Name.
    name: String,
    /// Header of the file → name of a field (`serial`, `asset_tag`, `acquired_on`…), `extra.KEY` for a custom field, or
    /// `ignore`. A wrong name is refused with the list of the right ones. In a PATCH null takes a header out.
    columns: BTreeMap<String, String>,
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
    Mapping, Shape, "mappings", "/mappings", "/mappings/{key}",
    list: "Saved mappings, by name.",
    create: "A new saved mapping.",
    show: "One saved mapping.",
    change: "Changes a saved mapping. RFC 7396 merge patch. A patch that changes nothing writes nothing."
);
