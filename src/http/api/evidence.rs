//! Erasure reports of other tools.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::web::Payload;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::evidence::{self, EvidenceView};
use crate::app::{App, attachments};
use crate::db::Db;
use crate::domain::attachment::LARGEST;
use crate::domain::words::Kind;
use crate::http::prelude::*;
use crate::http::upload::receive_up_to;

/// Routes of this file.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(create);
}

/// What is said of a report.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// Its name.
    filename: Option<String>,
    /// Only tell what would be recorded.
    dry_run: bool,
}

/// Takes an erasure report, at most 16 MiB, as the body or as a part of a form: nwipe and ShredOS (PDF, log, JSON), or a
/// certificate (PDF, CSV, JSON) that names serial, method, date and result. Its disks are matched to the devices they
/// sit in; each matched one becomes a wipe of that medium. The original is attached to the wipe. 201 when something was
/// recorded; 200 for a dry run, and when there was nothing to record or it was recorded before.
#[utoipa::path(tag = "operations", operation_id = "create_wipe_evidence", params(Asked, IdempotencyKey),
    request_body(content = String, content_type = "application/octet-stream"),
    responses((status = 200, description = "Nothing was recorded", body = EvidenceView), (status = 201, description = "Recorded", body = EvidenceView), Refusals))]
#[post("/wipes/evidence")]
pub async fn create(
    app: State,
    actor: Actor,
    once: Once,
    query: Query<Asked>,
    req: HttpRequest,
    payload: Payload,
) -> Answer {
    actor.must(Right::Event(Kind::Wipe))?;
    let received = receive_up_to(LARGEST as u64, &req, payload).await?;
    let request = once.request(&actor, received.fingerprint.as_bytes());
    let name = query.0.filename.or(received.name.clone());
    let dry_run = query.0.dry_run;
    let (report, file) = run(&app, move |app| {
        let file = attachments::look(received.bytes()?, name.as_deref())?;
        Ok((evidence::read(app, &file)?, file))
    })
    .await?;
    let work = move |app: &Arc<App>, db: &mut Db| {
        let taken = evidence::take_in(app, db, &actor, (&report, &file), dry_run)?;
        let reply = match taken.wipes.first() {
            Some(first) => Reply::created(&format!("/api/v1/wipes/{first}"), &taken)?,
            None => Reply::ok(&taken)?,
        };
        Ok((reply, ()))
    };
    once.within(&app, request, work, |_, reply, ()| Ok(reply))
        .await
}
