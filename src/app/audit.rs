//! Who did what that others must be able to check: exports, overrides, rights, settings.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Actor, App, Page, Right};
use crate::db::{self, Db};
use crate::domain::day::{self, Day, Instant};
use crate::error::{Error, Result};

/// A line of the log.
#[derive(Debug, Clone, Serialize)]
pub struct Line {
    /// Id, in the order of writing.
    pub id: String,
    /// When.
    #[serde(with = "day::instant")]
    pub at: Instant,
    /// Id of the account or token.
    pub actor: String,
    /// What was done, as `thing.verb`.
    pub action: String,
    /// To what.
    pub subject: Option<String>,
    /// Particulars.
    pub detail: Value,
}

/// Writes a line, in the transaction of what it tells. `action` is `thing.verb`; `detail` an object without
/// personal data.
///
/// # Errors
/// Those of the store.
pub fn note(
    db: &mut Db,
    now: Instant,
    actor: &Actor,
    action: &str,
    subject: Option<&str>,
    detail: &Value,
) -> Result<()> {
    db::audit::insert(
        db,
        &db::audit::Row {
            id: db::new_id(),
            at: now.naive_utc(),
            actor: actor.id.clone(),
            org: actor.org.clone(),
            action: action.to_owned(),
            subject: subject.map(str::to_owned),
            detail: detail.to_string(),
        },
    )
}

/// What may be asked of the log.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Asked {
    /// Only this action, as `thing.verb`, or all of a `thing`.
    pub action: Option<String>,
    /// Only of this account or token (id).
    pub actor: Option<String>,
    /// Only from this day on.
    pub from: Option<Day>,
    /// Only up to this day.
    pub to: Option<Day>,
}

/// The log of the actor's scope, newest first.
///
/// # Errors
/// `forbidden`.
pub fn list(app: &App, actor: &Actor, cursor: Option<&str>, limit: usize) -> Result<Page<Line>> {
    list_where(app, actor, &Asked::default(), cursor, limit)
}

/// The lines of the log that were asked for, newest first.
///
/// # Errors
/// `forbidden`.
pub fn list_where(
    app: &App,
    actor: &Actor,
    asked: &Asked,
    cursor: Option<&str>,
    limit: usize,
) -> Result<Page<Line>> {
    actor.must(Right::Audit)?;
    let filters = serde_json::to_string(asked).map_err(Error::internal)?;
    let bound = format!("audit {} {filters}", actor.org.as_deref().unwrap_or("-"));
    let before: Option<String> = cursor
        .map(|cursor| super::cursor::open(app, &bound, cursor))
        .transpose()?;
    let wanted = i64::try_from(limit).map_err(Error::internal)? + 1;
    let mut rows = app.store.read(|db| {
        let scope = actor.scope(db)?;
        let filter = db::audit::Filter {
            action: asked.action.clone(),
            actor: asked.actor.clone(),
            from: asked.from.map(|day| day.start().naive_utc()),
            to: asked.to.map(|day| day.next().start().naive_utc()),
        };
        db::audit::list(db, &scope, &filter, before.as_deref(), wanted)
    })?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows
        .last()
        .filter(|_| more)
        .map(|row| super::cursor::seal(app, &bound, &row.id))
        .transpose()?;
    let lines = rows.into_iter().map(|row| {
        Ok(Line {
            id: row.id,
            at: row.at.and_utc(),
            actor: row.actor,
            action: row.action,
            subject: row.subject,
            detail: serde_json::from_str(&row.detail).map_err(Error::internal)?,
        })
    });
    Ok(Page::new(lines.collect::<Result<_>>()?, next))
}
