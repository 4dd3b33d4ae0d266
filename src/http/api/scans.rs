//! Scans with a meaning, and those that wait to be settled.

use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use super::collection::PageOf;
use crate::app::devices;
use crate::app::scans::{self, MOST, ReadingView, Settle, Taken};
use crate::db::Db;
use crate::http::prelude::*;

/// Routes of this file.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(take)
        .service(list)
        .service(show)
        .service(settle);
}

/// Scans in their order.
#[derive(Debug, ToSchema)]
#[schema(as = Scans)]
#[allow(dead_code, reason = "documentation of app::scans::take")]
pub struct Scans {
    /// Up to 500.
    items: Vec<OneScan>,
}

/// One scan. Sent again under its key it counts once, whatever became of it.
#[derive(Debug, ToSchema)]
#[schema(as = NewScan)]
#[allow(dead_code, reason = "documentation of app::scans::Item")]
pub struct OneScan {
    /// Its own key, for ever.
    key: String,
    /// As scanned: whatever is printed on the thing.
    code: String,
    /// `look` (default), `audit`, `move`, `allocate`, `loan`, `deallocate`, `send_to_repair`, `propose_retirement`, `wipe`.
    act: Option<String>,
    /// When it was scanned (RFC 3339); now when absent, and when it lies ahead.
    at: Option<String>,
    /// Tag of the device, where the code may mean several.
    device: Option<String>,
    /// Key of the site (audit, move, allocate, loan, deallocate).
    site: Option<String>,
    /// Key of the person (allocate, loan).
    holder: Option<String>,
    /// Service (allocate, loan).
    service: Option<String>,
    /// Day of return (loan).
    due_on: Option<String>,
    /// Partner (send_to_repair).
    provider: Option<String>,
    /// Cause (propose_retirement).
    cause: Option<String>,
    /// Method (wipe): clear, purge or destroy.
    method: Option<String>,
    /// Whether the wipe was verified.
    verified: Option<bool>,
    /// Note.
    note: Option<String>,
}

/// Takes scans: each is written once as the event that it means, at the instant of the scan, or kept to be settled:
/// nothing that was scanned is dropped. Each item answers 201 (written), 200 (written or seen before, or looked at), 202 (kept; see `reading`)
/// or the status of its `problem`.
#[utoipa::path(tag = "scan", operation_id = "take_scans", params(IdempotencyKey), request_body = Scans,
    responses((status = 207, description = "Each by itself", body = Object), Refusals))]
#[post("/scans")]
pub async fn take(app: State, actor: Actor, once: Once, mut body: BulkJson) -> Answer {
    actor.must(Right::Scan)?;
    once.run(&app, actor, &mut body, |app, db, actor, value| {
        let items = items(value)?;
        let taken = scans::take(app, db, actor, items)?;
        let items = taken
            .into_iter()
            .map(|one| told(app, db, actor, one))
            .collect::<Result<Vec<_>>>()?;
        Reply::json(207, &json!({ "items": items }))
    })
    .await
}

fn items(value: Value) -> Result<Vec<Value>> {
    let Value::Object(mut body) = value else {
        return Err(Error::new(Code::Malformed, "the body is a JSON object"));
    };
    let items = match body.remove("items") {
        Some(Value::Array(items)) => items,
        Some(_) => return Err(Error::invalid("items", "`items` is a list of scans")),
        None => return Err(Error::missing("items")),
    };
    if let Some(field) = body.keys().next() {
        let detail = format!("scans have no field `{field}`; they take items");
        return Err(Error::new(Code::UnknownField, detail).with_field(field.clone()));
    }
    if items.len() > MOST {
        let detail = format!("at most {MOST} scans at once");
        return Err(Error::invalid("items", detail));
    }
    Ok(items)
}

fn told(app: &crate::app::App, db: &mut Db, actor: &Actor, taken: Taken) -> Result<Value> {
    Ok(match taken {
        Taken::Written(recorded) => {
            let event = devices::recorded_view(app, db, actor, &recorded)?;
            let device = devices::get_in(app, db, actor, &recorded.event.device, None)?;
            let status = if recorded.replayed { 200 } else { 201 };
            json!({"status": status, "device": device.tag, "event": event})
        }
        Taken::Seen(id) => {
            let device = devices::get_in(app, db, actor, &id, None)?;
            json!({"status": 200, "device": device.tag})
        }
        Taken::Kept(row, _) => {
            let scope = actor.scope(db)?;
            json!({"status": 202, "reading": scans::view(db, &scope, *row)?})
        }
        Taken::Unreadable(error) => {
            json!({"status": error.code.status(), "problem": crate::http::problem::document(&error, None)})
        }
    })
}

/// What may be asked of the list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// `open` (default) or `all`.
    state: Option<String>,
    /// 1 to 1000, 50 when absent.
    limit: Option<u32>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Scans that could not be written and wait to be settled, the last one first.
#[utoipa::path(tag = "scan", operation_id = "list_readings", params(Asked),
    responses((status = 200, description = "A page", body = PageOf<ReadingView>), Refusals))]
#[get("/readings")]
pub async fn list(app: State, actor: Actor, query: Query<Asked>) -> Answer {
    actor.must(Right::Scan)?;
    let all = match query.0.state.as_deref() {
        None | Some("open") => false,
        Some("all") => true,
        Some(_) => {
            let detail = "`state` takes open or all";
            return Err(Error::new(Code::InvalidParameter, detail).with_field("state"));
        }
    };
    let page = run(&app, move |app| {
        scans::list(app, &actor, all, query.0.limit, query.0.cursor.as_deref())
    })
    .await?;
    Ok(Reply::ok(&page)?.into_response())
}

/// One of them.
#[utoipa::path(tag = "scan", operation_id = "get_reading", params(("key" = String, Path)),
    responses((status = 200, description = "As it is", body = ReadingView), Refusals))]
#[get("/readings/{key}")]
pub async fn show(app: State, actor: Actor, key: Path<String>) -> Answer {
    let reading = run(&app, move |app| scans::one(app, &actor, &key)).await?;
    Ok(Reply::ok(&reading)?.into_response())
}

/// Settles one: its event is written for the device that it means (which gets the code too, with `link`), or there is
/// nothing to write (`dismiss`).
#[utoipa::path(tag = "scan", operation_id = "settle_reading", params(("key" = String, Path), IdempotencyKey), request_body = Settle,
    responses((status = 200, description = "As it is now", body = ReadingView), Refusals))]
#[post("/readings/{key}/settle")]
pub async fn settle(
    app: State,
    actor: Actor,
    key: Path<String>,
    once: Once,
    mut body: Json,
) -> Answer {
    actor.must(Right::Scan)?;
    once.run(&app, actor, &mut body, move |app, db, actor, value| {
        let how: Settle = input::parse(value)?;
        Reply::ok(&scans::settle(app, db, actor, &key, &how)?)
    })
    .await
}
