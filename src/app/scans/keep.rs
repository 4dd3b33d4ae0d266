//! What is kept back, and how it reads.

use serde::Serialize;
use serde_json::{Map, Value};

use super::{Item, Taken};
use crate::app::lifecycle::Context;
use crate::app::{Actor, App, Page, cursor, lifecycle};
use crate::db::readings::{self, Row};
use crate::db::{self, Db, device_rows, organisations};
use crate::domain::day::Instant;
use crate::domain::entry::EntryKind;
use crate::domain::scanning::Kept;
use crate::error::{Code, Error, Result};

/// A reading that waits to be settled, or was.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = Reading)]
pub struct ReadingView {
    /// Its id, for its address.
    pub key: String,
    /// As scanned.
    pub code: String,
    /// When it was scanned; UTC.
    #[serde(with = "crate::domain::day::instant")]
    #[schema(value_type = String)]
    pub at: Instant,
    /// What it meant.
    pub act: String,
    /// `unknown`, `several`, `refused` or `conflict`.
    pub why: String,
    /// Code of the refusal.
    pub problem: Option<String>,
    /// The refusal in words.
    pub detail: Option<String>,
    /// Tag of the device it means.
    pub device: Option<String>,
    /// Fields of its event, as sent.
    #[schema(value_type = Object)]
    pub fields: Map<String, Value>,
    /// `open` or `settled`.
    pub state: &'static str,
    /// `linked`, `written` or `dismissed`.
    pub settled: Option<String>,
    /// What somebody wrote to it.
    pub remark: Option<String>,
    /// Account or token that scanned it.
    pub by: String,
    /// When it was kept; UTC.
    #[serde(with = "crate::domain::day::instant")]
    #[schema(value_type = String)]
    pub recorded_at: Instant,
}

/// Keeps a scan back.
///
/// # Errors
/// Those of the store.
pub(super) fn back(
    db: &mut Db,
    cx: &Context,
    item: &Item,
    why: Kept,
    device: Option<&str>,
    error: Option<&Error>,
) -> Result<Taken> {
    let owner = match device {
        Some(id) => device_rows::of_devices(db, &cx.scope, &[id.to_owned()])?
            .pop()
            .map(|row| row.org),
        None => None,
    };
    let org = match (owner, &cx.actor.org) {
        (Some(owner), _) => owner,
        (None, Some(own)) => own.clone(),
        (None, None) => {
            organisations::main(db)?
                .ok_or_else(|| Error::missing("organisation"))?
                .id
        }
    };
    let holder = match item.fields.get("holder").and_then(Value::as_str) {
        Some(key) => {
            lifecycle::references::id_of(db, &cx.scope, EntryKind::Person, key, Some(&org))?
        }
        None => None,
    };
    let row = Row {
        id: db::new_id(),
        actor: cx.actor.id.clone(),
        key: item.key.as_str().to_owned(),
        org,
        code: item.code.as_str().to_owned(),
        at: item.at.naive_utc(),
        act: item.act.as_str().to_owned(),
        why: why.as_str().to_owned(),
        problem: error.map(|e| e.code.as_str().to_owned()),
        detail: error.map(|e| e.detail.clone()),
        device: device.map(str::to_owned),
        holder,
        fields: Value::Object(item.fields.clone()).to_string(),
        settled: None,
        remark: None,
        recorded_at: cx.now.instant.naive_utc(),
    };
    readings::insert(db, &row)?;
    Ok(Taken::Kept(Box::new(row), false))
}

/// How a reading reads.
///
/// # Errors
/// Those of the store.
pub fn view(db: &mut Db, scope: &db::Scope, row: Row) -> Result<ReadingView> {
    let device = match &row.device {
        Some(id) => device_rows::of_devices(db, scope, std::slice::from_ref(id))?
            .pop()
            .map(|row| row.tag),
        None => None,
    };
    let fields = match serde_json::from_str(&row.fields).map_err(Error::internal)? {
        Value::Object(map) => map,
        _ => Map::new(),
    };
    Ok(ReadingView {
        state: if row.settled.is_none() {
            "open"
        } else {
            "settled"
        },
        key: row.id,
        code: row.code,
        at: row.at.and_utc(),
        act: row.act,
        why: row.why,
        problem: row.problem,
        detail: row.detail,
        device,
        fields,
        settled: row.settled,
        remark: row.remark,
        by: row.actor,
        recorded_at: row.recorded_at.and_utc(),
    })
}

/// Readings, the last one first: those that wait, or all of them.
///
/// # Errors
/// `forbidden`, `invalid_parameter`.
pub fn list(
    app: &App,
    actor: &Actor,
    all: bool,
    limit: Option<u32>,
    after: Option<&str>,
) -> Result<Page<ReadingView>> {
    let limit = match limit.unwrap_or(50) {
        n @ 1..=1000 => n as usize,
        _ => {
            let detail = "`limit` goes from 1 to 1000";
            return Err(Error::new(Code::InvalidParameter, detail).with_field("limit"));
        }
    };
    let bound = format!(
        "readings|{}|{all}",
        actor.org.as_deref().unwrap_or_default()
    );
    let before: Option<String> = after
        .map(|after| cursor::open(app, &bound, after))
        .transpose()?;
    app.store.read(|db| {
        let scope = super::scope(db, actor)?;
        let most = i64::try_from(limit).unwrap_or(50) + 1;
        let mut rows = readings::list(db, &scope, all, before.as_deref(), most)?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = match rows.last() {
            Some(last) if more => Some(cursor::seal(app, &bound, &last.id)?),
            _ => None,
        };
        let items = rows
            .into_iter()
            .map(|row| view(db, &scope, row))
            .collect::<Result<_>>()?;
        Ok(Page::new(items, next))
    })
}

/// One reading.
///
/// # Errors
/// `forbidden`, `not_found`.
pub fn one(app: &App, actor: &Actor, key: &str) -> Result<ReadingView> {
    app.store.read(|db| {
        let scope = super::scope(db, actor)?;
        let row = readings::by_id(db, &scope, key)?.ok_or_else(Error::not_found)?;
        view(db, &scope, row)
    })
}

/// How many wait for the actor, counted to 1,000.
///
/// # Errors
/// Those of the store.
pub fn waiting(app: &App, actor: &Actor) -> Result<usize> {
    app.store.read(|db| {
        let scope = super::scope(db, actor)?;
        readings::waiting(db, &scope, 1_000)
    })
}
