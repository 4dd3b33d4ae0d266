//! Imports: the file is the body, or a part of a form; it goes to a temporary file as it comes.

use actix_web::HttpRequest;
use actix_web::web::Payload;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::imports::{self, Ask, Depth, Pace, Report};
use crate::exchange::dates::Order;
use crate::exchange::profiles::Profile;
use crate::http::prelude::*;
use crate::http::upload::receive;

/// Routes of this file.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(list)
        .service(create)
        .service(show)
        .service(commit)
        .service(undo);
}

/// How a file is read.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// `auto` (default), `csv`, `snipe-it`, `glpi`, `ralph`, `numecoeval`, `ereuse`.
    profile: Option<String>,
    /// True tells what would happen and keeps the rows, so that `…/commit` can do it.
    dry_run: bool,
    /// Key of the organisation that owns the devices; the token's own when absent.
    org: Option<String>,
    /// Name of the file, for the list of imports.
    filename: Option<String>,
    /// Key of a saved mapping (see `/mappings`); `map` is the same.
    #[serde(alias = "map")]
    mapping: Option<String>,
    /// Which comes first in 03/04/2024, where nothing in the file tells: `dmy` or `mdy`.
    date_order: Option<String>,
}

/// Imports, page by page.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// 1 to 1000; 50 when absent.
    limit: Option<u32>,
    /// Where to go on.
    cursor: Option<String>,
}

fn wrong(name: &'static str) -> impl Fn(String) -> Error {
    move |why| Error::new(Code::InvalidParameter, format!("`{name}`: {why}")).with_field(name)
}

impl Asked {
    fn ask(&self, of_part: Option<String>) -> Result<Ask> {
        let profile = self.profile.as_deref().unwrap_or("auto");
        let filename = self.filename.clone().or(of_part);
        Ok(Ask {
            profile: Profile::parse(profile).map_err(wrong("profile"))?,
            org: self.org.clone(),
            map: self.mapping.clone(),
            order: self
                .date_order
                .as_deref()
                .map(Order::parse)
                .transpose()
                .map_err(wrong("date_order"))?,
            filename: filename.map(|n| n.chars().filter(|c| !c.is_control()).take(200).collect()),
            id: None,
        })
    }
}

/// Imports of your organisations, newest first, with their counts only.
#[utoipa::path(tag = "imports", operation_id = "list_imports", params(Paging), responses((status = 200, description = "A page", body = Page<Report>), Refusals))]
#[get("/imports")]
pub async fn list(app: State, actor: Actor, query: Query<Paging>) -> Answer {
    let limit = params::limit(query.0.limit)?;
    let page = run(&app, move |app| {
        imports::list(app, &actor, query.0.cursor.as_deref(), limit)
    })
    .await?;
    Ok(Reply::ok(&page)?.into_response())
}

/// Imports a file: CSV of any tool, at most 512 MiB, as the body or as a part of a form. 200 for a dry run, which can
/// be committed; 201 when it was done.
#[utoipa::path(tag = "imports", operation_id = "create_import", params(Asked, IdempotencyKey),
    request_body(content = String, content_type = "text/csv"),
    responses((status = 200, description = "What it would do", body = Report), (status = 201, description = "Done", body = Report), Refusals))]
#[post("/imports")]
pub async fn create(
    app: State,
    actor: Actor,
    once: Once,
    query: Query<Asked>,
    req: HttpRequest,
    payload: Payload,
) -> Answer {
    actor.must(Right::Imports)?;
    // What can be refused without the file is refused before it is read.
    query.0.ask(None)?;
    let received = receive(&req, payload).await?;
    let mut ask = query.0.ask(received.name)?;
    let dry = query.0.dry_run;
    let request = once.request(&actor, received.fingerprint.as_bytes());
    let file = received.file;
    let app2 = app.clone();
    once.around(&app, request, move |_, run| {
        ask.id = Some(run.id.clone());
        let depth = if dry { Depth::Stage } else { Depth::Commit };
        let report = imports::import(&app2, &actor, file.path(), &ask, depth, Pace::Served)?;
        if dry {
            return Reply::ok(&report);
        }
        let id = report.id.clone().unwrap_or_default();
        Reply::created(&format!("/api/v1/imports/{id}"), &report)
    })
    .await
}

/// One import.
#[utoipa::path(tag = "imports", operation_id = "get_import", params(("id" = String, Path)), responses((status = 200, description = "The report", body = Report), Refusals))]
#[get("/imports/{id}")]
pub async fn show(app: State, actor: Actor, id: Path<String>) -> Answer {
    let report = run(&app, move |app| imports::get(app, &actor, &id)).await?;
    Ok(Reply::ok(&report)?.into_response())
}

/// Commits what a dry run has kept.
#[utoipa::path(tag = "imports", operation_id = "commit_import", params(("id" = String, Path), IdempotencyKey), responses((status = 200, description = "Done", body = Report), Refusals))]
#[post("/imports/{id}/commit")]
pub async fn commit(app: State, actor: Actor, once: Once, id: Path<String>) -> Answer {
    actor.must(Right::Imports)?;
    let request = once.request(&actor, b"");
    let app2 = app.clone();
    once.around(&app, request, move |_, run| {
        Reply::ok(&imports::commit(&app2, &actor, &id, run.again)?)
    })
    .await
}

/// Takes an import back: devices it made and nobody touched since are withdrawn, what it changed is corrected.
#[utoipa::path(tag = "imports", operation_id = "undo_import", params(("id" = String, Path), IdempotencyKey), responses((status = 200, description = "Taken back", body = Report), Refusals))]
#[post("/imports/{id}/undo")]
pub async fn undo(app: State, actor: Actor, once: Once, id: Path<String>) -> Answer {
    actor.must(Right::Imports)?;
    let request = once.request(&actor, b"");
    let app2 = app.clone();
    once.around(&app, request, move |_, run| {
        Reply::ok(&imports::undo(&app2, &actor, &id, run.again)?)
    })
    .await
}
