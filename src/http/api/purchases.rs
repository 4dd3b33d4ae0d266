//! Purchases: orders and contracts with their lines.

use serde::Serialize;
use utoipa::ToSchema;

use super::collection::collection;
use crate::domain::purchase::Purchase;

/// A purchase.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Purchase)]
#[allow(dead_code, reason = "documentation of domain::purchase")]
pub struct Shape {
    /// Short stable name; made from the name when absent, never changed.
    key: Option<String>,
    /// order or contract; order when absent.
    kind: Option<String>,
    /// Partner (key).
    supplier: Option<String>,
    /// Day of the order.
    ordered_on: Option<String>,
    /// Number of the order, market or invoice.
    reference: Option<String>,
    /// Contract under which it is ordered (key).
    contract: Option<String>,
    /// Lines; a patch gives all of them.
    lines: Vec<PurchaseLine>,
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

/// A line of a purchase.
#[derive(Debug, Serialize, ToSchema)]
#[allow(dead_code, reason = "documentation of domain::purchase")]
pub struct PurchaseLine {
    /// Key within the purchase; made from the purchase's when absent.
    key: Option<String>,
    /// What is bought, in words.
    label: Option<String>,
    /// Category (key); the model's when absent.
    category: Option<String>,
    /// Model (key).
    model: Option<String>,
    /// How many; 1 when absent.
    quantity: Option<i64>,
    /// Amount of the whole line in cents without tax; negative on a credit note.
    amount_cents: Option<i64>,
    /// Part from re-use; the amount when the condition is refurbished or second_hand, else 0, unless given.
    reuse_cents: Option<i64>,
    /// Part with recycled matter; 0 when absent.
    recycled_cents: Option<i64>,
    /// Day of the expense: the year of L06.
    expense_on: Option<String>,
    /// Label of the declaration; the category's when absent.
    agec_category: Option<String>,
    /// new, refurbished, second_hand or unknown.
    condition: Option<String>,
    /// owned, leased, lent_to_us or personal.
    tenure: Option<String>,
    /// Key of the line that this credit note takes back.
    credit_note_of: Option<String>,
    /// Why the duty does not apply.
    exempt_reason: Option<String>,
}

collection!(
    Purchase, Shape, "purchases", "/purchases", "/purchases/{key}",
    list: "Purchases, by reference.",
    create: "A new purchase with its lines.",
    show: "One purchase.",
    change: "Changes a purchase. RFC 7396 merge patch; null clears. A patch that changes nothing writes nothing."
);
