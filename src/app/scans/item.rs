//! One scan as it is sent: its code, when, and what it means.

use serde_json::{Map, Value};

use crate::app::lifecycle::Now;
use crate::domain::day::{Day, Instant, instant, write_instant};
use crate::domain::input;
use crate::domain::scanning::Act;
use crate::domain::text::{Line, Note, Text};
use crate::error::{Code, Error, Result};

/// Fields that every event may carry beside its own.
const COMMON: &[&str] = &["note", "signatory", "signature"];

/// A scan: `{"key","code","at","act",…}` with the fields of the event that it means.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Its own key: sent again, it counts once.
    pub key: Line,
    /// As scanned.
    pub code: Text<2000>,
    /// What it means.
    pub act: Act,
    /// When it was scanned, by the clock of the device that scanned it; never after now.
    pub at: Instant,
    /// The Paris day of `at`.
    pub on: Day,
    /// Tag of the device, where somebody chose among several.
    pub device: Option<String>,
    /// The fields of its event, as sent.
    pub fields: Map<String, Value>,
}

impl Item {
    /// Reads it. A clock that goes ahead is set to now: what was scanned is not lost for it.
    ///
    /// # Errors
    /// `missing_field`, `invalid_value`, `unknown_field`.
    pub fn read(value: Value, now: Now) -> Result<Item> {
        let Value::Object(mut map) = value else {
            return Err(Error::invalid(
                "items",
                "a scan is an object {\"key\", \"code\", \"at\", \"act\", …}",
            ));
        };
        map.retain(|_, v| !v.is_null());
        let key: Line = required(&mut map, "key")?;
        let code: Text<2000> = required(&mut map, "code")?;
        let act = match text(&mut map, "act")? {
            Some(word) => Act::parse(&word).map_err(|e| Error::invalid("act", e))?,
            None => Act::Look,
        };
        let at = match text(&mut map, "at")? {
            Some(at) => instant::parse(&at).map_err(|e| Error::invalid("at", e))?,
            None => now.instant,
        };
        let at = at.min(now.instant);
        let device = text(&mut map, "device")?;
        if let Some(field) = map
            .keys()
            .find(|k| !act.fields().contains(&k.as_str()) && !COMMON.contains(&k.as_str()))
        {
            let takes = [act.fields(), COMMON].concat().join(", ");
            return Err(Error::new(
                Code::UnknownField,
                format!("a scan that means `{act}` has no field `{field}`; it takes {takes}"),
            )
            .with_field(field.clone()));
        }
        input::check_free("items", &Value::Object(map.clone()))?;
        if let Some(note) = map.get("note") {
            input::parse::<Note>(note.clone()).map_err(|e| Error::invalid("note", e.detail))?;
        }
        Ok(Item {
            key,
            code,
            act,
            at,
            on: Day::of(at),
            device,
            fields: map,
        })
    }

    /// `at` as it is written.
    pub fn at_text(&self) -> String {
        write_instant(&self.at)
    }
}

fn text(map: &mut Map<String, Value>, field: &str) -> Result<Option<String>> {
    match map.remove(field) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Error::invalid(field, format!("`{field}` is a text"))),
    }
}

fn required<const MAX: usize>(map: &mut Map<String, Value>, field: &str) -> Result<Text<MAX>> {
    let given = text(map, field)?.ok_or_else(|| Error::missing(field))?;
    Text::parse(&given).map_err(|e| Error::invalid(field, format!("`{field}` {e}")))
}
