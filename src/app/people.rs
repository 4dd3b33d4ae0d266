//! People: seen by few, known by keys that say nothing, erased on request.

use std::io::Write as _;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::entries::{Desk, Table, read};
use super::{Actor, App, Right, audit};
use crate::db::entries::{self, Row};
use crate::db::events::{self, Erasure};
use crate::db::{Db, Lane, attachments, idempotency, readings};
use crate::domain::entry::{Entry, EntryKind};
use crate::domain::person::Person;
use crate::domain::text::Note;
use crate::error::{Error, Result};

impl Table for Person {
    const READ: Right = Right::People;
    const WRITE: Right = Right::People;
    const RANDOM_KEY: bool = true;
}

/// Why a person is erased.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Erase {
    /// Kept in the list of erasures; names nobody.
    pub reason: Note,
}

/// What an erasure did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Erased {
    /// Key of the person, which stays.
    pub key: String,
    /// Always true.
    pub erased: bool,
    /// Events whose notes, reasons and signatures were deleted.
    pub events: usize,
}

/// Deletes name, service and foreign id of a person from every version, the notes, reasons and signatures of every
/// event that names the person as holder, and the files that are about the person. The ledger still verifies and every figure stays: it knows a key, no name.
/// May be repeated for what was written since.
///
/// # Errors
/// `forbidden`, `not_found`.
pub fn erase(app: &App, actor: &Actor, key: &str, why: Erase) -> Result<Erased> {
    let (actor, now, cache) = (actor.clone(), app.clock.now(), app.catalogue.clone());
    let key = key.to_owned();
    let (erased, list) = app.store.write(Lane::Interactive, move |db| {
        let desk = Desk::open(db, &actor, now, &cache)?;
        erase_in(db, &desk, &key, &why)
    })?;
    keep_list(app, &list);
    Ok(erased)
}

/// The same inside a transaction; what it gives beside goes to [`keep_list`] once the transaction stands.
///
/// # Errors
/// As [`erase`].
pub fn erase_in(
    db: &mut Db,
    desk: &Desk,
    key: &str,
    why: &Erase,
) -> Result<(Erased, Vec<Erasure>)> {
    desk.actor.must(Right::Erase)?;
    let row = desk.find(db, EntryKind::Person, key)?;
    let list = wipe(db, desk, &row.id, why.reason.as_str())?;
    let detail = json!({"reason": why.reason, "events": list.len().saturating_sub(1)});
    audit::note(
        db,
        desk.now,
        &desk.actor,
        "person.erase",
        Some(&row.id),
        &detail,
    )?;
    let erased = Erased {
        key: row.key,
        erased: true,
        events: list.iter().filter(|e| e.event.is_some()).count(),
    };
    Ok((erased, list))
}

/// Adds erasures to the list beside a SQLite database.
pub fn keep_list(app: &App, list: &[Erasure]) {
    if let Some(file) = app.store.file()
        && let Err(error) = append(file, list)
    {
        // The person is erased all the same; a backup older than this would bring the name back without a word.
        tracing::error!(%error, "the list of erasures beside the database could not be written");
    }
}

/// Does it, and gives the new lines of the list of erasures.
fn wipe(db: &mut Db, desk: &Desk, id: &str, reason: &str) -> Result<Vec<Erasure>> {
    let before: Entry<Person> = read(entries::lock(db, id)?)?;
    let known: std::collections::HashSet<String> = of_person(db, id)?.map(|e| e.id).collect();
    let named = events::naming_holder(db, id)?;
    events::erase(db, id, &named, desk.now, reason)?;
    attachments::erase_of(db, id, desk.now.naive_utc())?;
    if !before.body.erased {
        let payload = serde_json::to_string(&Person::erased()).map_err(Error::internal)?;
        entries::update(
            db,
            &Row {
                id: before.id.clone(),
                kind: EntryKind::Person.as_str().to_owned(),
                key: before.key.clone(),
                org: before.org.clone(),
                name: String::new(),
                archived: true,
                version: before.version + 1,
                recorded_at: desk.now.naive_utc(),
                payload: payload.clone(),
            },
        )?;
        entries::erase_versions(db, id, &payload)?;
    }
    readings::erase(db, id)?;
    // Answers kept for a replay may still say the name.
    idempotency::forget(db, id)?;
    idempotency::forget(db, &before.key)?;
    Ok(of_person(db, id)?
        .filter(|e| !known.contains(&e.id))
        .collect())
}

fn of_person(db: &mut Db, id: &str) -> Result<impl Iterator<Item = Erasure> + use<>> {
    let id = id.to_owned();
    Ok(events::all_erasures(db)?
        .into_iter()
        .filter(move |e| e.person.as_deref() == Some(id.as_str())))
}

/// Every erasure there was, oldest first: what a restore needs so as not to bring a name back.
///
/// # Errors
/// `forbidden`.
pub fn erasures(app: &App, actor: &Actor) -> Result<Vec<Erasure>> {
    actor.must(Right::Erase)?;
    if actor.org.is_some() {
        return Err(Error::forbidden("an actor at the root"));
    }
    app.store.read(events::all_erasures)
}

/// Adds lines to `DATABASE.erasures.ndjson`, which is kept when the database is replaced by a backup.
fn append(database: &Path, list: &[Erasure]) -> std::io::Result<()> {
    let mut name = database.as_os_str().to_owned();
    name.push(".erasures.ndjson");
    let mut file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(name)?;
    let mut lines = String::new();
    for erasure in list {
        lines.push_str(&serde_json::to_string(erasure)?);
        lines.push('\n');
    }
    file.write_all(lines.as_bytes())?;
    file.sync_all()
}
