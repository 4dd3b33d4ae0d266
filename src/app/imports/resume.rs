//! Imports that were cut off, brought to their end.

use std::sync::Arc;

use super::super::{Actor, App};
use super::{Pace, finish, take_back};
use crate::db::Lane;
use crate::db::imports;
use crate::domain::words::Role;
use crate::error::Result;

/// Forgets the rows of an import that was never committed.
pub(super) fn forget(app: &App, id: &str) -> Result<()> {
    loop {
        let (import, at) = (id.to_owned(), app.clock.now().naive_utc());
        let more = app.store.write(Lane::Imports, move |db| {
            imports::hold(db, &import, "staged", &[], at)?;
            imports::forget_rows(db, &import, 2000)
        })?;
        if !more {
            break;
        }
    }
    let (import, at) = (id.to_owned(), app.clock.now().naive_utc());
    app.store.write(Lane::Imports, move |db| {
        for state in ["staging", "staged"] {
            imports::advance(db, &import, state, "undone", at)?;
        }
        Ok(())
    })
}

/// Minutes after which a staging that does not move belongs to a process that died.
const DEAD_AFTER: i64 = 2;

/// Brings imports that were cut off to their end: what was being committed or undone goes on, what was only being
/// staged is forgotten. Called when the program starts; sharing the work with a process that is alive does no harm.
///
/// # Errors
/// Those of the store.
pub fn resume(app: &Arc<App>) -> Result<usize> {
    let waiting = app.store.read(imports::unfinished)?;
    let mut done = 0;
    for import in waiting {
        let actor = Actor {
            id: import.actor.clone(),
            name: import.actor.clone(),
            role: Role::Manager,
            org: Some(import.org.clone()),
        };
        let age = app.clock.now().naive_utc() - import.updated_at;
        match import.state.as_str() {
            "committing" => {
                finish(app, &actor, &import.id, Pace::Alone)?;
            }
            "undoing" => {
                take_back(app, &actor, &import.id)?;
            }
            _ if age.num_minutes() >= DEAD_AFTER => forget(app, &import.id)?,
            _ => continue,
        }
        done += 1;
    }
    Ok(done)
}
