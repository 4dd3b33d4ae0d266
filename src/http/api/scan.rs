//! Scan: whatever is printed on a device leads to it.

use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::devices::{self, Scan};
use crate::http::prelude::*;

/// Routes of this file.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(by_query).service(by_path);
}

/// What was scanned.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Scanned {
    /// The code: our tag or label URL, serial, UUID, IMEI, MAC, old asset tag.
    code: String,
}

/// Looks up any code; `matches` is empty when it is unknown.
#[utoipa::path(tag = "scan", operation_id = "scan", params(Scanned), responses((status = 200, description = "What it means", body = Scan), Refusals))]
#[get("/scan")]
pub async fn by_query(app: State, actor: Actor, query: Query<Scanned>) -> Answer {
    let found = run(&app, move |app| devices::scan(app, &actor, &query.0.code)).await?;
    Ok(Reply::ok(&found)?.into_response())
}

/// The same for codes without a slash.
#[utoipa::path(tag = "scan", operation_id = "scan_path", params(("code" = String, Path)), responses((status = 200, description = "What it means", body = Scan), Refusals))]
#[get("/scan/{code}")]
pub async fn by_path(app: State, actor: Actor, code: Path<String>) -> Answer {
    let found = run(&app, move |app| devices::scan(app, &actor, &code)).await?;
    Ok(Reply::ok(&found)?.into_response())
}
