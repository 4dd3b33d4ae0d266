//! The audit log, for administrators.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::app::audit;
use crate::http::prelude::*;

/// Routes of this file.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(list);
}

/// What may be asked of the log.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// 1 to 1000; 50 when absent.
    limit: Option<u32>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// A line of the log.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditLine {
    /// Id.
    id: String,
    /// UTC.
    at: String,
    /// Id of the account or token.
    actor: String,
    /// What was done, as `thing.verb`.
    action: String,
    /// To what.
    subject: Option<String>,
    /// Particulars.
    detail: serde_json::Value,
}

/// Exports, overrides, changes of rights and settings, newest first.
#[utoipa::path(tag = "audit", operation_id = "list_audit", params(Asked), responses((status = 200, description = "A page", body = Vec<AuditLine>), Refusals))]
#[get("/audit")]
pub async fn list(app: State, actor: Actor, query: Query<Asked>) -> Answer {
    actor.must(Right::Audit)?;
    let asked = query.0;
    let limit = params::limit(asked.limit)?;
    let page = run(&app, move |app| {
        audit::list(app, &actor, asked.cursor.as_deref(), limit)
    })
    .await?;
    Ok(Reply::ok(&page)?.into_response())
}
