//! Tokens: made, listed, revoked by administrators.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::{App, tokens};
use crate::db::Db;
use crate::http::prelude::*;

/// Routes of this file.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(list)
        .service(create)
        .service(show)
        .service(revoke);
}

/// A new token.
#[derive(Debug, Deserialize, ToSchema)]
#[allow(dead_code, reason = "documentation of app::tokens::New")]
pub struct NewToken {
    /// For whom or what it is.
    name: String,
    /// viewer, technician, procurement, manager or administrator; at most your own.
    role: String,
    /// Key of the organisation it acts for, with all below; your own when absent.
    organisation: Option<String>,
    /// Days until it expires; never when absent.
    days: Option<u32>,
}

/// A token as listed.
#[derive(Debug, Serialize, ToSchema)]
pub struct Token {
    /// Id.
    id: String,
    /// For whom or what it is.
    name: String,
    /// What it may do.
    role: String,
    /// Key of its organisation; null acts at the root.
    organisation: Option<String>,
    /// UTC.
    created_at: String,
    /// UTC; null never expires.
    expires_at: Option<String>,
    /// UTC.
    revoked_at: Option<String>,
    /// UTC, to the hour.
    last_used_at: Option<String>,
    /// The token itself: in the answer to its creation only.
    token: Option<String>,
}

/// What may be asked of a token.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenPatch {
    /// True revokes it, for ever.
    revoked: bool,
}

/// Every token of your organisation and below, newest first.
#[utoipa::path(tag = "tokens", operation_id = "list_tokens", responses((status = 200, description = "A page", body = Vec<Token>), Refusals))]
#[get("/tokens")]
pub async fn list(app: State, actor: Actor) -> Answer {
    let all = run(&app, move |app| tokens::list(app, &actor)).await?;
    Ok(Reply::ok(&Page::new(all, None))?.into_response())
}

/// A new token: shown once, in this answer. A replay by Idempotency-Key gives `token: null`, since only its hash is kept.
#[utoipa::path(tag = "tokens", operation_id = "create_token", params(IdempotencyKey), request_body = NewToken,
    responses((status = 201, description = "Made", body = Token), Refusals))]
#[post("/tokens")]
pub async fn create(app: State, actor: Actor, once: Once, mut body: Json) -> Answer {
    actor.must(Right::Tokens)?;
    let value = body.value()?;
    let request = once.request(&actor, value.to_string().as_bytes());
    let new = body.read()?;
    let work = move |app: &Arc<App>, db: &mut Db| {
        let made = tokens::issue_in(db, app.clock.now(), &actor, &new)?;
        let at = format!("/api/v1/tokens/{}", made.token.id);
        let told = Reply::created(&at, &made)?;
        let kept = tokens::Issued {
            secret: None,
            ..made
        };
        Ok((Reply::created(&at, &kept)?, told))
    };
    once.within(&app, request, work, |_, _, told| Ok(told))
        .await
}

/// One token.
#[utoipa::path(tag = "tokens", operation_id = "get_token", params(("id" = String, Path)), responses((status = 200, description = "The token", body = Token), Refusals))]
#[get("/tokens/{id}")]
pub async fn show(app: State, actor: Actor, id: Path<String>) -> Answer {
    let token = run(&app, move |app| tokens::get(app, &actor, &id)).await?;
    Ok(Reply::ok(&token)?.into_response())
}

/// Revokes a token: within five seconds no instance takes it any more.
#[utoipa::path(tag = "tokens", operation_id = "revoke_token", params(("id" = String, Path)), request_body = TokenPatch,
    responses((status = 200, description = "As it is now", body = Token), Refusals))]
#[patch("/tokens/{id}")]
pub async fn revoke(app: State, actor: Actor, id: Path<String>, mut body: Json) -> Answer {
    actor.must(Right::Tokens)?;
    let patch: TokenPatch = body.read()?;
    let token = run(&app, move |app| {
        let token = tokens::get(app, &actor, &id)?;
        if token.revoked_at.is_some() == patch.revoked {
            return Ok(token);
        }
        if !patch.revoked {
            return Err(Error::invalid(
                "revoked",
                "a revoked token stays so; make a new one",
            ));
        }
        tokens::revoke(app, &actor, &token.id)?;
        tokens::get(app, &actor, &token.id)
    })
    .await?;
    Ok(Reply::ok(&token)?.into_response())
}
