//! Organisations: the tree of those whose devices they are.

use serde::Serialize;
use utoipa::ToSchema;

use super::collection::collection;
use crate::domain::organisation::Organisation;

/// An organisation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Organisation)]
#[allow(dead_code, reason = "documentation of domain::organisation")]
pub struct Shape {
    /// Short stable name; made from the name when absent, never changed.
    key: Option<String>,
    /// Name.
    name: String,
    /// Organisation above (key); yours when absent.
    parent: Option<String>,
    /// commune, epci, department, region, public_body, association or company.
    kind: Option<String>,
    /// 14 digits, checked.
    siret: Option<String>,
    /// Inhabitants.
    population: Option<i64>,
    /// Year of that census.
    population_year: Option<i64>,
    /// Bound by public purchasing; follows from the kind when absent.
    public_buyer: Option<bool>,
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
    Organisation, Shape, "organisations", "/organisations", "/organisations/{key}",
    list: "Organisations that you see: yours, those below and those above.",
    create: "A new organisation, below yours unless `parent` says otherwise.",
    show: "One organisation.",
    change: "Changes an organisation; `parent` moves it with all below it. RFC 7396 merge patch; null clears. A patch that changes nothing writes nothing."
);
