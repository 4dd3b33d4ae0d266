//! What the form of an exit says, as the use case takes it.

use serde_json::{Map, Value, json};

use crate::domain::entry::EntryKind;
use crate::domain::words::ExitKind;
use crate::http::pages::prelude::*;

/// The way out that the form names.
///
/// # Errors
/// `invalid_value`.
pub fn kind_of(form: &Form) -> Result<ExitKind> {
    ExitKind::parse(form.text("kind")).map_err(|e| Error::invalid("kind", e))
}

/// The exit as the use case takes it, without its devices.
///
/// # Errors
/// `missing_field`, `invalid_value`.
pub fn body_of(form: &Form) -> Result<Map<String, Value>> {
    let mut body = form.object(&[
        ("kind", As::Text),
        ("partner", As::Text),
        ("to_organisation", As::Text),
        ("on", As::Text),
        ("undertaking_on", As::Text),
        ("unit_value_cents", As::Cents),
        ("value_basis", As::Text),
    ])?;
    if form.has("convention_number") {
        let mut convention = serde_json::Map::new();
        convention.insert("number".into(), form.text("convention_number").into());
        if form.has("convention_on") {
            convention.insert("on".into(), form.text("convention_on").into());
        }
        body.insert("convention".into(), convention.into());
    } else if form.has("convention_on") {
        return Err(Error::missing("number").with_field("convention_number"));
    }
    if form.has("commitment_on") {
        let mut commitment = serde_json::Map::new();
        commitment.insert("on".into(), form.text("commitment_on").into());
        if form.has("commitment_reference") {
            commitment.insert("reference".into(), form.text("commitment_reference").into());
        }
        body.insert("commitment".into(), commitment.into());
    } else if form.has("commitment_reference") {
        return Err(Error::missing("on").with_field("commitment_on"));
    }
    if form.has("override") {
        body.insert("override".into(), json!({"wipe": form.text("override")}));
    }
    if !body.contains_key("on") {
        return Err(Error::missing("on"));
    }
    if !body.contains_key("to_organisation")
        && !body.contains_key("partner")
        && ExitKind::parse(form.text("kind")).is_ok_and(ExitKind::needs_taker)
    {
        return Err(Error::missing("partner"));
    }
    Ok(body)
}

/// What each hand-over says of it.
pub fn of_each(body: &Map<String, Value>) -> Map<String, Value> {
    let mut fields = body.clone();
    for paper in ["convention", "undertaking_on"] {
        fields.remove(paper);
    }
    if let Some(kind) = fields.remove("kind") {
        fields.insert("exit_kind".into(), kind);
    }
    fields
}

/// The fields of the form that are its own.
pub const KEPT: &[&str] = &[
    "kind",
    "partner",
    "to_organisation",
    "on",
    "undertaking_on",
    "unit_value_cents",
    "value_basis",
    "convention_number",
    "convention_on",
    "commitment_on",
    "commitment_reference",
    "override",
];

/// Whoever takes the devices, as the body names them.
pub fn taken_by(body: &Map<String, Value>) -> Vec<(EntryKind, &str)> {
    [
        ("partner", EntryKind::Partner),
        ("to_organisation", EntryKind::Organisation),
    ]
    .into_iter()
    .filter_map(|(field, kind)| Some((kind, body.get(field)?.as_str()?)))
    .collect()
}
