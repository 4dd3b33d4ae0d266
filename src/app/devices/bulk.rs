//! One event on many devices: the ones picked, or a whole filtered list; all or none, and undone as one.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::list::{Asked, rows, views};
use super::view::DeviceView;
use crate::app::lifecycle::{Command, MAX_BATCH, Now, Recorded};
use crate::app::lifecycle::{context, record_in};
use crate::app::{Actor, App, Expected, Right};
use crate::db::{Lane, device_rows, event_keys, events};
use crate::domain::day::Day;
use crate::domain::tag;
use crate::domain::words::Kind;
use crate::error::{Error, Result};

/// Which devices.
#[derive(Debug, Clone)]
pub enum Which {
    /// These tags.
    Tags(Vec<String>),
    /// All of this list; page and cursor are not looked at.
    List(Box<Asked>),
}

/// The devices that are meant, as the actor sees them; those of a list in its order, those picked by tag.
///
/// # Errors
/// `invalid_value` for more than a batch holds; those of the list.
pub fn chosen(app: &App, actor: &Actor, which: &Which) -> Result<Vec<DeviceView>> {
    actor.must(Right::Read)?;
    let most = i64::try_from(MAX_BATCH).map_err(Error::internal)?;
    app.store.read(|db| {
        let found = match which {
            Which::List(asked) => rows(app, db, actor, asked, most + 1)?,
            Which::Tags(tags) => {
                let folds: HashSet<String> = tags.iter().map(|t| tag::fold(t)).collect();
                let folds: Vec<String> = folds.into_iter().take(MAX_BATCH + 1).collect();
                let scope = actor.scope(db)?;
                let mut found = device_rows::by_tags(db, &scope, &folds)?;
                found.sort_by(|a, b| a.tag.cmp(&b.tag));
                found
            }
        };
        if found.len() > MAX_BATCH {
            let detail = format!("at most {MAX_BATCH} devices at once: narrow the list");
            return Err(Error::invalid("devices", detail));
        }
        views(app, db, actor, found, None)
    })
}

/// Records the same event on each of these devices: all or none. `key` makes it happen once, however often it is sent.
///
/// # Errors
/// The refusal of the first device that refuses, with `item` and its `device`.
pub fn record_all(
    app: &Arc<App>,
    actor: &Actor,
    tags: &[String],
    event: &Map<String, Value>,
    key: &str,
) -> Result<Vec<Recorded>> {
    let now = now(app);
    let named = |tag: &str, error: Error| error.with("device", tag);
    let commands = tags
        .iter()
        .map(|tag| {
            let mut body = event.clone();
            if !key.is_empty() {
                body.insert("key".into(), Value::from(part(key, tag)));
            }
            Command::read(body, Some(tag), now)
        })
        .collect::<Result<Vec<_>>>()?;
    if commands.len() > MAX_BATCH {
        let detail = format!("at most {MAX_BATCH} devices at once");
        return Err(Error::invalid("devices", detail));
    }
    together(app, actor, commands).map_err(|error| {
        let item = error.extra.get("item").and_then(Value::as_u64);
        let at = item.and_then(|item| tags.get(usize::try_from(item).ok()?));
        match at {
            Some(tag) => named(tag, error),
            None => error,
        }
    })
}

fn together(app: &Arc<App>, actor: &Actor, commands: Vec<Command>) -> Result<Vec<Recorded>> {
    let (app2, actor) = (app.clone(), actor.clone());
    app.store.write(Lane::Interactive, move |db| {
        let cx = context(&app2, db, &actor)?;
        record_in(db, &cx, &commands, &Expected::Anything)
    })
}

/// Key of one device's event among those of a form.
fn part(key: &str, tag: &str) -> String {
    format!("{key}:{tag}")
}

fn now(app: &App) -> Now {
    let instant = app.clock.now();
    Now {
        instant,
        today: Day::of(instant),
    }
}

/// Voids what [`record_all`] recorded under a key, all or none. Gives how many events.
///
/// # Errors
/// `not_found` when the actor recorded nothing under it; the refusal of the first event that cannot be voided.
pub fn undo(app: &Arc<App>, actor: &Actor, key: &str) -> Result<usize> {
    let start = part(key, "");
    let recorded = app.store.read(|db| {
        let ids = event_keys::beginning(db, &actor.id, &start)?;
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            found.extend(events::by_id(db, &id)?);
        }
        Ok(found)
    })?;
    if recorded.is_empty() {
        return Err(Error::not_found());
    }
    let now = now(app);
    let commands = recorded
        .iter()
        .map(|event| {
            let body = json!({
                "kind": Kind::Correct.as_str(),
                "event": event.id,
                // Sent twice, it happens once.
                "key": format!("undo:{}", event.id),
            });
            match body {
                Value::Object(map) => Command::read(map, Some(&event.device), now),
                _ => Err(Error::not_found()),
            }
        })
        .collect::<Result<Vec<_>>>()?;
    let n = commands.len();
    together(app, actor, commands)?;
    Ok(n)
}
