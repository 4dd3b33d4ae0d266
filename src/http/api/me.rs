//! Who am I: the smallest route, and the first thing an integrator tries.

use serde::Serialize;
use utoipa::ToSchema;

use crate::http::prelude::*;

/// Routes of this file.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(show);
}

/// Who the token acts as.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    /// Id of the token or account.
    id: String,
    /// Its name.
    name: String,
    /// viewer, technician, procurement, manager or administrator.
    role: String,
    /// Key of its organisation; null acts at the root.
    organisation: Option<String>,
}

/// Who the token acts as: name, role, organisation.
#[utoipa::path(tag = "me", operation_id = "me", responses((status = 200, body = Me), Refusals))]
#[get("/me")]
pub async fn show(app: State, actor: Actor) -> Answer {
    let me = run(&app, move |app| {
        Ok(Me {
            organisation: actor.organisation(app)?,
            id: actor.id,
            name: actor.name,
            role: actor.role.to_string(),
        })
    })
    .await?;
    Ok(Reply::ok(&me)?.into_response())
}
