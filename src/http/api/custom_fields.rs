//! Custom fields: what is noted of devices beyond their shape, in `extra`.

use serde::Serialize;
use utoipa::ToSchema;

use super::collection::collection;
use crate::domain::custom_field::CustomField;

/// A custom field; its key is the name inside `extra`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CustomField)]
#[allow(dead_code, reason = "documentation of domain::custom_field")]
pub struct Shape {
    /// Short stable name; made from the name when absent, never changed.
    key: Option<String>,
    /// Name; the label when absent.
    name: Option<String>,
    /// Labels.
    label: Option<Label>,
    /// text, number, date, boolean or choice.
    r#type: String,
    /// Values of a choice.
    choices: Vec<String>,
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

/// Labels in both languages.
#[derive(Debug, Serialize, ToSchema)]
#[allow(dead_code, reason = "documentation of domain::custom_field")]
pub struct Label {
    /// French.
    fr: Option<String>,
    /// English.
    en: Option<String>,
}

collection!(
    CustomField, Shape, "custom_fields", "/custom_fields", "/custom_fields/{key}",
    list: "Custom fields, by name.",
    create: "A new custom field.",
    show: "One custom field.",
    change: "Changes a custom field. RFC 7396 merge patch; null clears. A patch that changes nothing writes nothing."
);
