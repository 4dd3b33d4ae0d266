//! Contracts: the purchases of that kind.

use super::collection::{Asked, Known, PageOf};
use super::purchases::Shape as Purchase;
use crate::app::entries::{self, Desk, ListQuery};
use crate::app::purchases;
use crate::domain::purchase;
use crate::http::prelude::*;

/// Routes of this file.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(list)
        .service(create)
        .service(show)
        .service(change);
}

/// Contracts, by reference.
#[utoipa::path(tag = "contracts", operation_id = "list_contracts", params(Asked),
    responses((status = 200, description = "A page", body = PageOf<Purchase>), Refusals))]
#[get("/contracts")]
pub async fn list(app: State, actor: Actor, query: Query<ListQuery>) -> Answer {
    let page = run(&app, move |app| purchases::contracts(app, &actor, &query.0)).await?;
    Ok(Reply::ok(&page)?.into_response())
}

/// A new contract.
#[utoipa::path(tag = "contracts", operation_id = "create_contracts", params(IdempotencyKey), request_body = Purchase,
    responses((status = 201, description = "Made", body = Purchase), Refusals))]
#[post("/contracts")]
pub async fn create(app: State, actor: Actor, once: Once, mut body: Json) -> Answer {
    actor.must(Right::Purchases)?;
    once.run(&app, actor, &mut body, |app, db, actor, value| {
        let desk = Desk::of(app, db, actor)?;
        let made = purchases::create_contract(db, &desk, entries::object(value)?)?;
        let at = format!("/api/v1/contracts/{}", made.address);
        Ok(Reply::created(&at, &made)?.etag(made.version))
    })
    .await
}

/// One contract.
#[utoipa::path(tag = "contracts", operation_id = "get_contracts", params(("key" = String, Path), Known),
    responses((status = 200, description = "As it is", body = Purchase), Refusals))]
#[get("/contracts/{key}")]
pub async fn show(app: State, actor: Actor, key: Path<String>, query: Query<Known>) -> Answer {
    let known_at = query.0.instant()?;
    let row = run(&app, move |app| {
        purchases::contract(app, &actor, &key, known_at)
    })
    .await?;
    Ok(Reply::ok(&row)?.etag(row.version).into_response())
}

/// Changes a contract. RFC 7396 merge patch; null clears. A patch that changes nothing writes nothing.
#[utoipa::path(tag = "contracts", operation_id = "change_contracts", params(("key" = String, Path), IfMatchHeader),
    request_body = Purchase, responses((status = 200, description = "As it is now", body = Purchase), Refusals))]
#[patch("/contracts/{key}")]
pub async fn change(
    app: State,
    actor: Actor,
    key: Path<String>,
    when: IfMatch,
    mut body: Json,
) -> Answer {
    actor.must(Right::Purchases)?;
    let patch = body.object()?;
    let row = run(&app, move |app| {
        purchases::contract(app, &actor, &key, None)?;
        entries::patch::<purchase::Purchase>(app, &actor, &key, patch, when.expected())
    })
    .await?;
    Ok(Reply::ok(&row)?.etag(row.version).into_response())
}
