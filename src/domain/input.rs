//! Reading what programs send: JSON into types, each refusal with its code and field.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::error::{Code, Error, Result};

/// Longest text inside a free JSON value (extra fields, hardware facts), in characters.
const MAX_TEXT: usize = 4000;
/// Deepest nesting of a free JSON value.
const MAX_DEPTH: usize = 8;

/// Reads a JSON value into a type whose fields check themselves.
///
/// # Errors
/// `unknown_field`, `missing_field` or `invalid_value`, naming the field.
pub fn parse<T: DeserializeOwned>(value: Value) -> Result<T> {
    serde_path_to_error::deserialize(value).map_err(|e| {
        let path = e.path().to_string();
        let message = e.inner().to_string();
        let quoted = || message.split('`').nth(1).unwrap_or_default().to_owned();
        let parent = if path == "." { "" } else { path.as_str() };
        if message.starts_with("unknown field") {
            // The path of an unknown field already ends with its name.
            let field = if parent.is_empty() {
                quoted()
            } else {
                parent.to_owned()
            };
            Error::new(
                Code::UnknownField,
                format!("there is no field `{field}` here"),
            )
            .with_field(field)
        } else if message.starts_with("missing field") {
            let name = quoted();
            let field = if parent.is_empty() {
                name
            } else {
                format!("{parent}.{name}")
            };
            Error::missing(&field)
        } else if parent.is_empty() {
            Error::new(Code::InvalidValue, message)
        } else {
            Error::invalid(parent, format!("`{parent}`: {message}"))
        }
    })
}

/// Checks free JSON (extra fields, hardware facts): depth, length, no control characters in texts or keys.
///
/// # Errors
/// `invalid_value` naming `field`.
pub fn check_free(field: &str, value: &Value) -> Result<()> {
    fn walk(field: &str, value: &Value, depth: usize) -> Result<()> {
        if depth > MAX_DEPTH {
            return Err(Error::invalid(
                field,
                format!("`{field}` is nested deeper than {MAX_DEPTH} levels"),
            ));
        }
        match value {
            Value::String(text) => check_text(field, text),
            Value::Array(items) => items.iter().try_for_each(|v| walk(field, v, depth + 1)),
            Value::Object(map) => map.iter().try_for_each(|(k, v)| {
                check_text(field, k)?;
                walk(field, v, depth + 1)
            }),
            _ => Ok(()),
        }
    }
    walk(field, value, 0)
}

fn check_text(field: &str, text: &str) -> Result<()> {
    if text.chars().count() > MAX_TEXT {
        return Err(Error::invalid(
            field,
            format!("`{field}` holds a text of more than {MAX_TEXT} characters"),
        ));
    }
    if text
        .chars()
        .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
    {
        return Err(Error::invalid(
            field,
            format!("`{field}` must not hold control characters"),
        ));
    }
    Ok(())
}

/// An RFC 7396 merge patch applied to an object.
pub fn merge_patch(target: &mut Map<String, Value>, patch: &Map<String, Value>) {
    for (key, value) in patch {
        match value {
            Value::Null => {
                target.remove(key);
            }
            Value::Object(inner) => {
                let entry = target
                    .entry(key.clone())
                    .or_insert_with(|| Value::Object(Map::new()));
                if !entry.is_object() {
                    *entry = Value::Object(Map::new());
                }
                if let Value::Object(map) = entry {
                    merge_patch(map, inner);
                }
            }
            other => {
                target.insert(key.clone(), other.clone());
            }
        }
    }
}
