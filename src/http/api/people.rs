//! People: who holds devices. Seen by technicians, managers and administrators.

use serde::Serialize;
use utoipa::ToSchema;

use super::collection::collection;
use crate::domain::person::Person;

/// A person. The key is made at random; a given one is refused.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Person)]
#[allow(dead_code, reason = "documentation of domain::person")]
pub struct Shape {
    /// Read only: `p` and eight random characters.
    key: Option<String>,
    /// Name; null once erased.
    name: Option<String>,
    /// Service.
    service: Option<String>,
    /// Key in another system.
    external_id: Option<String>,
    /// Read only; the name was deleted.
    erased: Option<bool>,
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
    Person, Shape, "people", "/people", "/people/{key}",
    list: "People, by name.",
    create: "A new person.",
    show: "One person.",
    change: "Changes a person. RFC 7396 merge patch; null clears. A patch that changes nothing writes nothing."
);
