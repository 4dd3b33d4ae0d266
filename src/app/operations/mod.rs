//! Operations on many devices at once: a council's decision, wipes, repairs, exits. They write the events of all
//! their devices in one transaction; the event is the truth, the operation its envelope.

pub mod chosen;
pub mod decisions;
pub mod departures;
pub mod exits;
pub mod proposals;
pub mod repairs;
pub mod wipes;

use serde_json::{Map, Value};

use crate::app::lifecycle::references::id_of;
use crate::app::lifecycle::{Command, Context};
use crate::app::{Actor, App, cursor};
use crate::db::operations::{self, Of, page};
use crate::db::{Db, Scope};
use crate::domain::day::Day;
use crate::domain::entry::EntryKind;
use crate::error::{Error, Result};

/// Most devices one operation may name.
pub const MAX_DEVICES: usize = 5_000;

/// One page of operations, oldest first: their ids, and where the next page begins.
///
/// # Errors
/// `invalid_parameter` for a cursor of another list.
pub fn listed(
    app: &App,
    db: &mut Db,
    (actor, scope): (&Actor, &Scope),
    of: Of,
    limit: i64,
    at: Option<&str>,
) -> Result<(Vec<String>, Option<String>)> {
    let name = match of {
        Of::Exits => "exits",
        Of::Wipes => "wipes",
    };
    let bound = format!("{name}|{}", actor.org.as_deref().unwrap_or("*"));
    let after: String = at
        .map(|c| cursor::open(app, &bound, c))
        .transpose()?
        .unwrap_or_default();
    let mut ids = page(db, scope, of, &after, limit + 1)?;
    let wanted = usize::try_from(limit).unwrap_or(0);
    let more = ids.len() > wanted;
    ids.truncate(wanted);
    let next = ids
        .last()
        .filter(|_| more)
        .map(|last| cursor::seal(app, &bound, last))
        .transpose()?;
    Ok((ids, next))
}

/// One page of operations, the latest first.
///
/// # Errors
/// As [`listed`].
pub fn latest(
    app: &App,
    db: &mut Db,
    (actor, scope): (&Actor, &Scope),
    of: Of,
    limit: i64,
    at: Option<&str>,
) -> Result<(Vec<String>, Option<String>)> {
    let bound = format!("{of:?}-latest|{}", actor.org.as_deref().unwrap_or("*"));
    let before = at
        .map(|c| cursor::open::<(Day, String)>(app, &bound, c))
        .transpose()?
        .map(|(day, id)| (day.0, id));
    let mut rows = operations::latest(db, scope, of, before, limit + 1)?;
    let wanted = usize::try_from(limit).unwrap_or(0);
    let more = rows.len() > wanted;
    rows.truncate(wanted);
    let next = rows
        .last()
        .filter(|_| more)
        .map(|(day, id)| cursor::seal(app, &bound, &(Day(*day), id)))
        .transpose()?;
    Ok((rows.into_iter().map(|(_, id)| id).collect(), next))
}

/// Takes a list of tags out of a body.
///
/// # Errors
/// `missing_field`, `invalid_value` on `devices`.
pub fn devices(body: &mut Map<String, Value>) -> Result<Vec<String>> {
    let list = body
        .remove("devices")
        .filter(|v| !v.is_null())
        .ok_or_else(|| Error::missing("devices"))?;
    let Value::Array(items) = list else {
        return Err(Error::invalid("devices", "`devices` is a list of tags"));
    };
    let tags: Option<Vec<String>> = items
        .into_iter()
        .map(|v| v.as_str().map(str::to_owned))
        .collect();
    let tags = tags.ok_or_else(|| Error::invalid("devices", "`devices` is a list of tags"))?;
    if tags.is_empty() || tags.len() > MAX_DEVICES {
        return Err(Error::invalid(
            "devices",
            format!("`devices` names 1 to {MAX_DEVICES} devices"),
        ));
    }
    Ok(tags)
}

/// One command from the fields of an operation.
///
/// # Errors
/// Those of reading an event.
pub fn command(
    cx: &Context,
    device: &str,
    kind: &str,
    fields: &Map<String, Value>,
) -> Result<Command> {
    let mut body = fields.clone();
    body.insert("kind".into(), Value::from(kind));
    Command::read(body, Some(device), cx.now)
}

/// Moves fields from the body of an operation to those of its events.
pub fn moved(body: &mut Map<String, Value>, names: &[&str]) -> Map<String, Value> {
    names
        .iter()
        .filter_map(|name| body.remove(*name).map(|v| ((*name).to_owned(), v)))
        .filter(|(_, v)| !v.is_null())
        .collect()
}

/// Refuses what is left of a body.
///
/// # Errors
/// `unknown_field`.
pub fn nothing_left(body: &Map<String, Value>, what: &str) -> Result<()> {
    match body.keys().next() {
        None => Ok(()),
        Some(field) => Err(Error::new(
            crate::error::Code::UnknownField,
            format!("{what} has no field `{field}`"),
        )
        .with_field(field.clone())),
    }
}

/// The id of an operation by its key or id; a lone event's id stands for itself.
///
/// # Errors
/// `not_found`.
pub fn operation_id(db: &mut Db, scope: &Scope, kind: EntryKind, key: &str) -> Result<String> {
    if let Some(id) = id_of(db, scope, kind, key, None)? {
        return Ok(id);
    }
    if uuid::Uuid::try_parse(key).is_ok() {
        Ok(key.to_owned())
    } else {
        Err(Error::not_found())
    }
}

/// Takes a patch that only repeats what is there.
///
/// # Errors
/// `unknown_field`; `invalid_value` with `why` for a field that would change.
pub fn unchanged(
    before: &impl serde::Serialize,
    patch: &Map<String, Value>,
    why: &str,
) -> Result<()> {
    let now = serde_json::to_value(before).map_err(Error::internal)?;
    for (field, value) in patch {
        match now.get(field) {
            None => {
                return Err(Error::new(
                    crate::error::Code::UnknownField,
                    format!("there is no field `{field}` here"),
                )
                .with_field(field.clone()));
            }
            Some(present) if present == value => {}
            Some(_) => return Err(Error::invalid(field, why)),
        }
    }
    Ok(())
}
