//! Exits, wipes and repairs: batch forms that write the events of their devices.

use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::IntoParams;

use crate::app::operations::exits::{self, ExitView};
use crate::app::operations::repairs::{self, RepairView};
use crate::app::operations::wipes::{self, WipeView};
use crate::domain::words::Kind;
use crate::http::prelude::*;

/// Routes of this file.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(list_exits)
        .service(create_exit)
        .service(show_exit)
        .service(change_exit);
    cfg.service(list_wipes)
        .service(create_wipe)
        .service(show_wipe)
        .service(change_wipe);
    cfg.service(list_repairs)
        .service(create_repair)
        .service(show_repair)
        .service(change_repair);
}

/// A page of operations.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// 1 to 1000; 50 when absent.
    limit: Option<u32>,
    /// Where to go on.
    cursor: Option<String>,
}

/// A page of repairs.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct RepairPaging {
    /// Open ones alone (true), closed ones alone (false).
    open: Option<bool>,
    /// 1 to 1000; 50 when absent.
    limit: Option<u32>,
    /// Where to go on.
    cursor: Option<String>,
}

fn size(limit: Option<u32>) -> Result<i64> {
    Ok(i64::try_from(params::limit(limit)?).unwrap_or(50))
}

fn object(value: Value) -> Result<Map<String, Value>> {
    match value {
        Value::Object(map) => Ok(map),
        _ => Err(Error::new(Code::Malformed, "the body is a JSON object")),
    }
}

/// Exits, oldest first.
#[utoipa::path(tag = "operations", operation_id = "list_exits", params(Paging), responses((status = 200, description = "A page", body = Page<ExitView>), Refusals))]
#[get("/exits")]
pub async fn list_exits(app: State, actor: Actor, query: Query<Paging>) -> Answer {
    let limit = size(query.0.limit)?;
    let page = run(&app, move |app| {
        exits::list(app, &actor, limit, query.0.cursor.as_deref())
    })
    .await?;
    Ok(Reply::ok(&page)?.into_response())
}

/// Hands devices over together.
#[utoipa::path(tag = "operations", operation_id = "create_exit", params(IdempotencyKey), request_body = Object,
    responses((status = 201, description = "Made", body = ExitView), Refusals))]
#[post("/exits")]
pub async fn create_exit(app: State, actor: Actor, once: Once, mut body: BulkJson) -> Answer {
    actor.must(Right::Event(Kind::HandOver))?;
    once.run(&app, actor, &mut body, |app, db, actor, value| {
        let exit = exits::create(app, db, actor, object(value)?)?;
        Ok(Reply::created(&format!("/api/v1/exits/{}", exit.key), &exit)?.etag(exit.version))
    })
    .await
}

/// One exit.
#[utoipa::path(tag = "operations", operation_id = "get_exit", params(("key" = String, Path)), responses((status = 200, description = "The exit", body = ExitView), Refusals))]
#[get("/exits/{key}")]
pub async fn show_exit(app: State, actor: Actor, key: Path<String>) -> Answer {
    let exit = run(&app, move |app| exits::get(app, &actor, &key)).await?;
    Ok(Reply::ok(&exit)?.etag(exit.version).into_response())
}

/// Changes the papers of an exit.
#[utoipa::path(tag = "operations", operation_id = "patch_exit", params(("key" = String, Path), IfMatchHeader), request_body = Object,
    responses((status = 200, description = "The exit", body = ExitView), Refusals))]
#[patch("/exits/{key}")]
pub async fn change_exit(
    app: State,
    actor: Actor,
    key: Path<String>,
    when: IfMatch,
    mut body: Json,
) -> Answer {
    actor.must(Right::Event(Kind::HandOver))?;
    let patch = body.object()?;
    let exit = run(&app, move |app| {
        exits::patch(app, &actor, &key, when.expected(), patch)
    })
    .await?;
    Ok(Reply::ok(&exit)?.etag(exit.version).into_response())
}

/// Erasures, oldest first.
#[utoipa::path(tag = "operations", operation_id = "list_wipes", params(Paging), responses((status = 200, description = "A page", body = Page<WipeView>), Refusals))]
#[get("/wipes")]
pub async fn list_wipes(app: State, actor: Actor, query: Query<Paging>) -> Answer {
    let limit = size(query.0.limit)?;
    let page = run(&app, move |app| {
        wipes::list(app, &actor, limit, query.0.cursor.as_deref())
    })
    .await?;
    Ok(Reply::ok(&page)?.into_response())
}

/// Records the erasure of devices together.
#[utoipa::path(tag = "operations", operation_id = "create_wipe", params(IdempotencyKey), request_body = Object,
    responses((status = 201, description = "Made", body = WipeView), Refusals))]
#[post("/wipes")]
pub async fn create_wipe(app: State, actor: Actor, once: Once, mut body: BulkJson) -> Answer {
    actor.must(Right::Event(Kind::Wipe))?;
    once.run(&app, actor, &mut body, |app, db, actor, value| {
        let wipe = wipes::create(app, db, actor, object(value)?)?;
        Reply::created(&format!("/api/v1/wipes/{}", wipe.key), &wipe)
    })
    .await
}

/// One erasure.
#[utoipa::path(tag = "operations", operation_id = "get_wipe", params(("key" = String, Path)), responses((status = 200, description = "The erasure", body = WipeView), Refusals))]
#[get("/wipes/{key}")]
pub async fn show_wipe(app: State, actor: Actor, key: Path<String>) -> Answer {
    let wipe = run(&app, move |app| wipes::get(app, &actor, &key)).await?;
    Ok(Reply::ok(&wipe)?.into_response())
}

/// Refused unless it repeats what is there: an erasure is a fact; `correct` its event.
#[utoipa::path(tag = "operations", operation_id = "patch_wipe", params(("key" = String, Path)), request_body = Object,
    responses((status = 200, description = "The erasure", body = WipeView), Refusals))]
#[patch("/wipes/{key}")]
pub async fn change_wipe(app: State, actor: Actor, key: Path<String>, mut body: Json) -> Answer {
    actor.must(Right::Event(Kind::Wipe))?;
    let patch = body.object()?;
    let wipe = run(&app, move |app| wipes::patch(app, &actor, &key, &patch)).await?;
    Ok(Reply::ok(&wipe)?.into_response())
}

/// Repairs, in order of opening.
#[utoipa::path(tag = "operations", operation_id = "list_repairs", params(RepairPaging), responses((status = 200, description = "A page", body = Page<RepairView>), Refusals))]
#[get("/repairs")]
pub async fn list_repairs(app: State, actor: Actor, query: Query<RepairPaging>) -> Answer {
    let limit = size(query.0.limit)?;
    let page = run(&app, move |app| {
        repairs::list(app, &actor, query.0.open, limit, query.0.cursor.as_deref())
    })
    .await?;
    Ok(Reply::ok(&page)?.into_response())
}

/// Tells a repair: its fault, its sending, its end, as far as they are known.
#[utoipa::path(tag = "operations", operation_id = "create_repair", params(IdempotencyKey), request_body = Object,
    responses((status = 201, description = "Made", body = RepairView), Refusals))]
#[post("/repairs")]
pub async fn create_repair(app: State, actor: Actor, once: Once, mut body: Json) -> Answer {
    actor.must(Right::Event(Kind::ReportFault))?;
    once.run(&app, actor, &mut body, |app, db, actor, value| {
        let repair = repairs::create(app, db, actor, object(value)?)?;
        Reply::created(&format!("/api/v1/repairs/{}", repair.key), &repair)
    })
    .await
}

/// One repair.
#[utoipa::path(tag = "operations", operation_id = "get_repair", params(("key" = String, Path)), responses((status = 200, description = "The repair", body = RepairView), Refusals))]
#[get("/repairs/{key}")]
pub async fn show_repair(app: State, actor: Actor, key: Path<String>) -> Answer {
    let repair = run(&app, move |app| repairs::get(app, &actor, &key)).await?;
    Ok(Reply::ok(&repair)?.into_response())
}

/// Goes on with a repair: `sent_on`, `closed_on` and their particulars become events.
#[utoipa::path(tag = "operations", operation_id = "patch_repair", params(("key" = String, Path)), request_body = Object,
    responses((status = 200, description = "The repair", body = RepairView), Refusals))]
#[patch("/repairs/{key}")]
pub async fn change_repair(app: State, actor: Actor, key: Path<String>, mut body: Json) -> Answer {
    actor.must(Right::Event(Kind::CloseRepair))?;
    let patch = body.object()?;
    let repair = run(&app, move |app| repairs::patch(app, &actor, &key, patch)).await?;
    Ok(Reply::ok(&repair)?.into_response())
}
