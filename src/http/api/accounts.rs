//! Accounts: people who log in, kept by administrators.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::{App, accounts};
use crate::db::Db;
use crate::http::prelude::*;

/// Routes of this file.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(list)
        .service(create)
        .service(show)
        .service(change);
}

/// A new account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "documentation of app::accounts::New")]
pub struct NewAccount {
    /// Login name.
    name: String,
    /// viewer, technician, procurement, manager or administrator; at most your own.
    role: String,
    /// Key of the organisation it acts for, with all below; your own when absent.
    organisation: Option<String>,
    /// At least 12 characters.
    password: String,
}

/// An account as listed.
#[derive(Debug, Serialize, ToSchema)]
pub struct Account {
    /// Id.
    id: String,
    /// Login name.
    name: String,
    /// What it may do.
    role: String,
    /// Key of its organisation; null acts at the root.
    organisation: Option<String>,
    /// UTC.
    created_at: String,
    /// Whether it is locked out.
    disabled: bool,
}

/// What may be changed of an account. Absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[allow(dead_code, reason = "documentation of app::accounts::Change")]
pub struct AccountPatch {
    /// What it may do.
    role: Option<String>,
    /// Key of its organisation.
    organisation: Option<String>,
    /// True locks it out.
    disabled: Option<bool>,
    /// A new password, at least 12 characters.
    password: Option<String>,
}

/// Every account of your organisation and below, by name.
#[utoipa::path(tag = "accounts", operation_id = "list_accounts", responses((status = 200, description = "A page", body = Vec<Account>), Refusals))]
#[get("/accounts")]
pub async fn list(app: State, actor: Actor) -> Answer {
    let all = run(&app, move |app| accounts::list(app, &actor)).await?;
    Ok(Reply::ok(&Page::new(all, None))?.into_response())
}

/// A new account.
#[utoipa::path(tag = "accounts", operation_id = "create_account", params(IdempotencyKey), request_body = NewAccount,
    responses((status = 201, description = "Made", body = Account), Refusals))]
#[post("/accounts")]
pub async fn create(app: State, actor: Actor, once: Once, mut body: Json) -> Answer {
    actor.must(Right::Accounts)?;
    let request = once.request(&actor, body.value()?.to_string().as_bytes());
    let new: accounts::New = body.read()?;
    if new.password.is_none() {
        return Err(Error::missing("password"));
    }
    let (actor, ready) = run(&app, move |_| {
        let (ready, _) = accounts::prepare(&actor, new)?;
        Ok((actor, ready))
    })
    .await?;
    let work = move |app: &Arc<App>, db: &mut Db| {
        let account = accounts::add_in(db, app.clock.now(), &actor, &ready)?;
        let at = format!("/api/v1/accounts/{}", account.id);
        Ok((Reply::created(&at, &account)?, ()))
    };
    once.within(&app, request, work, |_, reply, ()| Ok(reply))
        .await
}

/// One account, by id or name.
#[utoipa::path(tag = "accounts", operation_id = "get_account", params(("id" = String, Path)), responses((status = 200, description = "The account", body = Account), Refusals))]
#[get("/accounts/{id}")]
pub async fn show(app: State, actor: Actor, id: Path<String>) -> Answer {
    let account = run(&app, move |app| accounts::get(app, &actor, &id)).await?;
    Ok(Reply::ok(&account)?.into_response())
}

/// Changes role, organisation, password or lock of an account.
#[utoipa::path(tag = "accounts", operation_id = "change_account", params(("id" = String, Path)), request_body = AccountPatch,
    responses((status = 200, description = "As it is now", body = Account), Refusals))]
#[patch("/accounts/{id}")]
pub async fn change(app: State, actor: Actor, id: Path<String>, mut body: Json) -> Answer {
    actor.must(Right::Accounts)?;
    let change = body.read()?;
    let account = run(&app, move |app| accounts::change(app, &actor, &id, change)).await?;
    Ok(Reply::ok(&account)?.into_response())
}
