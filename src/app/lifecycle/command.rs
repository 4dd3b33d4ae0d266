//! A command: one event as somebody asks for it, before it is known whether it can happen.

use chrono::Datelike;
use serde_json::{Map, Value};

use crate::domain::day::{Day, Instant, instant};
use crate::domain::event::{Event, Fields, PRIVATE};
use crate::domain::lifecycle::fields;
use crate::domain::text::{Line, Note};
use crate::domain::words::Kind;
use crate::error::{Code, Error, Result};

/// One event, read and checked on its own.
#[derive(Debug, Clone)]
pub struct Command {
    /// Tag or id of the device, as given.
    pub device: String,
    /// What happens.
    pub kind: Kind,
    /// The day it is true.
    pub on: Day,
    /// The instant, for scans.
    pub at: Option<Instant>,
    /// Its own fields; references still as given.
    pub fields: Fields,
    /// What is personal: kept outside the chain.
    pub private: Map<String, Value>,
    /// Idempotency key of this event.
    pub key: Option<String>,
    /// What the key stands for: kind, on, at and fields as sent.
    pub sent: Value,
}

/// When a command is read: the day and the instant that "today" and "now" mean.
#[derive(Debug, Clone, Copy)]
pub struct Now {
    /// The instant of recording.
    pub instant: Instant,
    /// Its Paris day.
    pub today: Day,
}

impl Command {
    /// Reads `{"kind","on",…}`. `device` comes from the path, or from the body when absent.
    ///
    /// # Errors
    /// `missing_field`, `unknown_field`, `invalid_value`, `future_date`, each naming the field.
    pub fn read(mut body: Map<String, Value>, device: Option<&str>, now: Now) -> Result<Command> {
        let text = |value: Option<Value>, field: &str| -> Result<Option<String>> {
            match value {
                None | Some(Value::Null) => Ok(None),
                Some(Value::String(text)) => Ok(Some(text)),
                Some(_) => Err(Error::invalid(field, format!("`{field}` is a text"))),
            }
        };
        let device = match device {
            Some(device) => device.to_owned(),
            None => {
                text(body.remove("device"), "device")?.ok_or_else(|| Error::missing("device"))?
            }
        };
        let kind = text(body.remove("kind"), "kind")?.ok_or_else(|| Error::missing("kind"))?;
        let kind = Kind::parse(&kind).map_err(|e| Error::invalid("kind", e))?;
        let key = text(body.remove("key"), "key")?;
        if let Some(key) = &key {
            Line::parse(key).map_err(|e| Error::invalid("key", format!("`key` {e}")))?;
        }
        let on = text(body.remove("on"), "on")?;
        let at = text(body.remove("at"), "at")?;
        let sent =
            serde_json::json!({"kind": kind.as_str(), "on": on, "at": at, "fields": body.clone()});
        let at = at
            .map(|at| instant::parse(&at).map_err(|e| Error::invalid("at", e)))
            .transpose()?;
        let on = Self::day(kind, on, at, now)?;
        if let Some(note) = body.get("note").filter(|n| !n.is_null()) {
            crate::domain::input::parse::<Note>(note.clone())
                .map_err(|e| Error::invalid("note", e.detail))?;
        }
        let note = body.remove("note").filter(|n| !n.is_null());
        let fields = fields::read(kind, body)?;
        let mut command = Command {
            device,
            kind,
            on,
            at,
            fields,
            private: Map::new(),
            key,
            sent,
        };
        command.set_personal_apart(note);
        Ok(command)
    }

    fn day(kind: Kind, on: Option<String>, at: Option<Instant>, now: Now) -> Result<Day> {
        if kind.is_correction() {
            return Ok(now.today); // a correction of knowledge is dated by its recording
        }
        let on = match on {
            // A day no calendar here goes to is still a day that has not come.
            Some(on)
                if chrono::NaiveDate::parse_from_str(&on, "%Y-%m-%d")
                    .is_ok_and(|d| d.year() > 2200) =>
            {
                return Err(Error::new(
                    Code::FutureDate,
                    format!("{on} lies after today ({})", now.today),
                )
                .with_field("on"));
            }
            Some(on) => Day::parse(&on).map_err(|e| Error::invalid("on", e))?,
            None if kind == Kind::Describe => now.today,
            None => return Err(Error::missing("on")),
        };
        if on > now.today {
            let detail = format!(
                "{on} lies after today ({}); record it when it has happened",
                now.today
            );
            return Err(Error::new(Code::FutureDate, detail).with_field("on"));
        }
        if let Some(at) = at {
            if Day::of(at) != on {
                return Err(Error::invalid(
                    "at",
                    format!("`at` falls on {} in Paris, `on` says {on}", Day::of(at)),
                ));
            }
            if at > now.instant + chrono::Duration::minutes(5) {
                return Err(
                    Error::new(Code::FutureDate, "`at` lies in the future").with_field("at")
                );
            }
        }
        Ok(on)
    }

    /// Moves what is personal out of the fields that go into the chain.
    fn set_personal_apart(&mut self, note: Option<Value>) {
        let f = &mut self.fields;
        let taken = [
            ("note", note),
            (
                "fault",
                f.fault.take().map(|t| Value::from(t.into_string())),
            ),
            (
                "reason",
                f.reason.take().map(|t| Value::from(t.into_string())),
            ),
            (
                "signatory",
                f.signatory.take().map(|t| Value::from(t.into_string())),
            ),
            (
                "signature",
                f.signature.take().map(|t| Value::from(t.into_string())),
            ),
            (
                "override_reason",
                f.override_
                    .take()
                    .map(|o| Value::from(o.wipe.into_string())),
            ),
        ];
        if taken
            .iter()
            .any(|(k, v)| *k == "override_reason" && v.is_some())
        {
            f.overridden = Some(true);
        }
        debug_assert!(taken.iter().all(|(k, _)| PRIVATE.contains(k)));
        self.private = taken
            .into_iter()
            .filter_map(|(k, v)| v.map(|v| (k.to_owned(), v)))
            .collect();
    }

    /// Place in the order of its day.
    pub fn place(&self, now: Now) -> Instant {
        Event::place(self.on, self.at, now.instant)
    }
}
