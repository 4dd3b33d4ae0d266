//! Idempotency keys of events: kept for ever, in the same transaction as the event.

use serde_json::json;

use super::command::Command;
use super::session::Context;
use crate::db::{Db, event_keys, events, sha256_hex};
use crate::domain::event::{Event, canonical};
use crate::error::{Code, Error, Result};

/// What a key stands for: device, kind, on, at and fields as sent.
fn fingerprint(device: &str, command: &Command) -> String {
    let whole = json!({"device": device, "sent": command.sent});
    sha256_hex(&[canonical(&whole).as_bytes()])
}

/// The event this key has recorded before.
///
/// # Errors
/// `idempotency_key_reused` when the key stands for something else.
pub fn known(db: &mut Db, cx: &Context, device: &str, command: &Command) -> Result<Option<Event>> {
    let Some(key) = &command.key else {
        return Ok(None);
    };
    let Some(kept) = event_keys::get(db, &cx.actor.id, key)? else {
        return Ok(None);
    };
    if kept.fingerprint != fingerprint(device, command) {
        let detail = "this key has recorded another event; a new event needs a new key";
        return Err(Error::new(Code::IdempotencyKeyReused, detail).with_field("key"));
    }
    events::by_id(db, &kept.event)
}

/// Keeps the key of an event that is being recorded.
///
/// # Errors
/// `idempotency_in_progress` when another request is recording under the same key.
pub fn keep(db: &mut Db, cx: &Context, device: &str, command: &Command, event: &str) -> Result<()> {
    let Some(key) = &command.key else {
        return Ok(());
    };
    event_keys::put(db, &cx.actor.id, key, event, &fingerprint(device, command)).map_err(
        |e| match e.code {
            Code::Duplicate => Error::new(
                Code::IdempotencyInProgress,
                "another request is recording under this key; ask again",
            ),
            _ => e,
        },
    )
}
