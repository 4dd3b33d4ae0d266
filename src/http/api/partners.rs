//! Partners: who sells, repairs, receives, collects.

use serde::Serialize;
use utoipa::ToSchema;

use super::collection::collection;
use crate::domain::partner::Partner;

/// A partner.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Partner)]
#[allow(dead_code, reason = "documentation of domain::partner")]
pub struct Shape {
    /// Short stable name; made from the name when absent, never changed.
    key: Option<String>,
    /// Name.
    name: String,
    /// supplier, repairer, beneficiary, eco_organisme, collector, carrier, public_body.
    kinds: Vec<String>,
    /// 14 digits, checked.
    siret: Option<String>,
    /// As what it may receive gifts.
    beneficiary_kind: Option<String>,
    /// Local.
    local: Option<bool>,
    /// Of the social economy.
    ess: Option<bool>,
    /// Labelled QualiRepar.
    qualirepar: Option<bool>,
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
    Partner, Shape, "partners", "/partners", "/partners/{key}",
    list: "Partners, by name.",
    create: "A new partner.",
    show: "One partner.",
    change: "Changes a partner. RFC 7396 merge patch; null clears. A patch that changes nothing writes nothing."
);
