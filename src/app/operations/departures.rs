//! The devices of an exit, each with what is known of its leaving; proofs and treatments told for many at once.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::chosen::{Item, items};
use super::command;
use crate::app::lifecycle::{context, record_in};
use crate::app::{Actor, App, Expected, Right, devices};
use crate::db::operations::{Of, parts};
use crate::db::{self, Lane, books};
use crate::domain::entry::EntryKind;
use crate::domain::facts::Exit;
use crate::domain::words::Kind;
use crate::error::{Error, Result};

/// A device that left.
#[derive(Debug, Clone)]
pub struct Departure {
    /// The device.
    pub item: Item,
    /// Its leaving.
    pub exit: Exit,
    /// Whose it was: name of the organisation.
    pub from: String,
}

/// The devices of an exit, by tag.
///
/// # Errors
/// `not_found`.
pub fn of(app: &App, actor: &Actor, key: &str) -> Result<Vec<Departure>> {
    actor.must(Right::Read)?;
    app.store.read(|db| {
        let scope = actor.scope(db)?;
        let id = super::operation_id(db, &scope, EntryKind::Exit, key)?;
        let mut out = Vec::new();
        for part in parts(db, &scope, Of::Exits, &[id])? {
            let facts = books::facts(db, &part.device, part.book)?;
            let exit = facts.exits.into_iter().find(|x| x.event == part.event);
            let view = devices::get_in(app, db, actor, &part.device, None)?;
            let item = items(app, db, actor, vec![view])?.pop();
            let opened = books::openings(db, &part.device)?;
            let book = usize::try_from(part.book).unwrap_or(usize::MAX);
            let org: Vec<String> = opened
                .into_iter()
                .nth(book)
                .into_iter()
                .map(|b| b.0)
                .collect();
            let from = db::entries::names(db, &org)?.into_values().next();
            let from = from.map(|(_, name)| name).unwrap_or_default();
            let left = item.zip(exit);
            out.extend(left.map(|(item, exit)| Departure { item, exit, from }));
        }
        Ok(out)
    })
}

/// Tells the same of many devices that left: `prove` or `confirm_treatment` with these fields.
///
/// # Errors
/// The refusal of the first device, with `item`; nothing is written then.
pub fn tell(
    app: &Arc<App>,
    actor: &Actor,
    kind: Kind,
    tags: &[String],
    fields: &Map<String, Value>,
) -> Result<usize> {
    actor.must(Right::Event(kind))?;
    if tags.is_empty() {
        return Err(Error::missing("devices"));
    }
    let (app2, actor, tags, fields) = (app.clone(), actor.clone(), tags.to_vec(), fields.clone());
    app.store.write(Lane::Interactive, move |db| {
        let cx = context(&app2, db, &actor)?;
        let commands = tags
            .iter()
            .map(|tag| command(&cx, tag, kind.as_str(), &fields))
            .collect::<Result<Vec<_>>>()?;
        Ok(record_in(db, &cx, &commands, &Expected::Anything)?.len())
    })
}
