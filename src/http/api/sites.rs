//! Sites: where devices are.

use serde::Serialize;
use utoipa::ToSchema;

use super::collection::collection;
use crate::domain::site::Site;

/// A site.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Site)]
#[allow(dead_code, reason = "documentation of domain::site")]
pub struct Shape {
    /// Short stable name; made from the name when absent, never changed.
    key: Option<String>,
    /// Name.
    name: String,
    /// Site it is part of (key).
    parent: Option<String>,
    /// Postal address.
    address: Option<String>,
    /// Id in the Base adresse nationale.
    ban_id: Option<String>,
    /// Electricity zone.
    zone: Option<String>,
    /// A pool of spares: what waits there is not dormant.
    pool: Option<bool>,
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
    Site, Shape, "sites", "/sites", "/sites/{key}",
    list: "Sites, by name.",
    create: "A new site.",
    show: "One site.",
    change: "Changes a site. RFC 7396 merge patch; null clears. A patch that changes nothing writes nothing."
);
