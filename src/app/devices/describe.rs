//! PATCH of a device: an RFC 7396 merge patch becomes one `describe` event, or nothing when nothing changes.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::create::refused;
use super::{DeviceView, get_in};
use crate::app::lifecycle::{self, Command, context, record_in};
use crate::app::{Actor, App, Expected, Right};
use crate::db::{Db, Lane};
use crate::domain::event::Fields;
use crate::domain::input::merge_patch;
use crate::domain::lifecycle::fields;
use crate::domain::words::Kind;
use crate::error::{Code, Error, Result};

/// Applies a merge patch.
///
/// # Errors
/// `invalid_value` for a field that an event sets (unless it repeats the present value), `unknown_field`, `stale`.
pub fn patch(
    app: &Arc<App>,
    actor: &Actor,
    tag: &str,
    expected: Expected,
    patch: Map<String, Value>,
) -> Result<DeviceView> {
    actor.must(Right::Event(Kind::Describe))?;
    let (app2, actor, tag) = (app.clone(), actor.clone(), tag.to_owned());
    app.store.write(Lane::Interactive, move |db| {
        let before = get_in(&app2, db, &actor, &tag, None)?;
        expected.check(before.version)?;
        let set = changes(&before, &patch)?;
        if set.is_empty() {
            return Ok(before);
        }
        describe(&app2, db, &actor, &before.id, &expected, set)?;
        get_in(&app2, db, &actor, &before.id, None)
    })
}

fn describe(
    app: &App,
    db: &mut Db,
    actor: &Actor,
    id: &str,
    expected: &Expected,
    set: Map<String, Value>,
) -> Result<()> {
    let cx = context(app, db, actor)?;
    let command = Command {
        device: id.to_owned(),
        kind: Kind::Describe,
        on: cx.now.today,
        at: None,
        fields: Fields {
            set: Some(set),
            ..Fields::default()
        },
        private: Map::new(),
        key: None,
        sent: Value::Null,
    };
    record_in(db, &cx, &[command], expected)
        .map(|_| ())
        .map_err(lifecycle::without_item)
}

/// What of a patch changes the device.
///
/// # Errors
/// As [`patch`].
pub fn changes(before: &DeviceView, patch: &Map<String, Value>) -> Result<Map<String, Value>> {
    let now = serde_json::to_value(before).map_err(Error::internal)?;
    let mut set = Map::new();
    for (field, value) in patch {
        let Some(present) = now.get(field) else {
            if field == "line" {
                set.insert(field.clone(), value.clone());
                continue;
            }
            let detail = format!("a device has no field `{field}`; custom fields go into `extra`");
            return Err(Error::new(Code::UnknownField, detail).with_field(field.clone()));
        };
        if same(field, present, value) {
            continue;
        }
        if let Some(error) = refused(field) {
            return Err(error);
        }
        set.insert(field.clone(), value.clone());
    }
    if !set.is_empty() {
        fields::read_set(&set)?;
    }
    Ok(set)
}

/// The patch says what is there already. `extra` is merged; null and an empty list say the same.
fn same(field: &str, present: &Value, value: &Value) -> bool {
    match (field, present, value) {
        ("extra", Value::Object(present), Value::Object(patch)) => {
            let mut merged = present.clone();
            merge_patch(&mut merged, patch);
            merged == *present
        }
        ("codes", Value::Array(present), Value::Null) => present.is_empty(),
        ("currency", Value::String(present), Value::Null) => present == "EUR",
        ("security_exclusion", Value::Object(present), Value::Object(value)) => {
            let neutral = |m: &Map<String, Value>| {
                m.iter()
                    .filter(|(_, v)| !v.is_null())
                    .map(|(k, v)| (k.clone(), v.clone()))
                    .collect::<Map<_, _>>()
            };
            neutral(present) == neutral(value)
        }
        _ => present == value,
    }
}
