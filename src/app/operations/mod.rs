//! Operations on many devices at once: a council's decision, wipes, repairs, exits. They write the events of all
//! their devices in one transaction; the event is the truth, the operation its envelope.

pub mod decisions;
pub mod exits;
pub mod repairs;
pub mod wipes;

use serde_json::{Map, Value};

use crate::app::lifecycle::{Command, Context};
use crate::error::{Error, Result};

/// Most devices one operation may name.
pub const MAX_DEVICES: usize = 5_000;

/// Takes a list of tags out of a body.
///
/// # Errors
/// `missing_field`, `invalid_value` on `devices`.
pub fn devices(body: &mut Map<String, Value>) -> Result<Vec<String>> {
    let list = body.remove("devices").filter(|v| !v.is_null()).ok_or_else(|| Error::missing("devices"))?;
    let Value::Array(items) = list else { return Err(Error::invalid("devices", "`devices` is a list of tags")) };
    let tags: Option<Vec<String>> = items.into_iter().map(|v| v.as_str().map(str::to_owned)).collect();
    let tags = tags.ok_or_else(|| Error::invalid("devices", "`devices` is a list of tags"))?;
    if tags.is_empty() || tags.len() > MAX_DEVICES {
        return Err(Error::invalid("devices", format!("`devices` names 1 to {MAX_DEVICES} devices")));
    }
    Ok(tags)
}

/// One command from the fields of an operation.
///
/// # Errors
/// Those of reading an event.
pub fn command(cx: &Context, device: &str, kind: &str, fields: &Map<String, Value>) -> Result<Command> {
    let mut body = fields.clone();
    body.insert("kind".into(), Value::from(kind));
    Command::read(body, Some(device), cx.now)
}

/// Moves fields from the body of an operation to those of its events.
pub fn moved(body: &mut Map<String, Value>, names: &[&str]) -> Map<String, Value> {
    names.iter().filter_map(|name| body.remove(*name).map(|v| ((*name).to_owned(), v))).filter(|(_, v)| !v.is_null()).collect()
}

/// Refuses what is left of a body.
///
/// # Errors
/// `unknown_field`.
pub fn nothing_left(body: &Map<String, Value>, what: &str) -> Result<()> {
    match body.keys().next() {
        None => Ok(()),
        Some(field) => {
            Err(Error::new(crate::error::Code::UnknownField, format!("{what} has no field `{field}`")).with_field(field.clone()))
        }
    }
}
