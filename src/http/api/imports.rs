//! Imports: the file is the body, or a part of a form; it goes to a temporary file as it comes.

use std::io::Write;

use actix_web::web::Payload;
use actix_web::{HttpRequest, web};
use futures_util::StreamExt;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use utoipa::IntoParams;

use crate::app::imports::{self, Ask, Depth, Pace, Report};
use crate::exchange::dates::Order;
use crate::exchange::profiles::Profile;
use crate::exchange::table::LARGEST_FILE;
use crate::http::prelude::*;

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

/// Imports of your organisations, newest first, without their problems.
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

/// A file that has come.
struct Received {
    file: tempfile::NamedTempFile,
    fingerprint: String,
    name: Option<String>,
}

/// Where the pieces of a file go.
struct Sink {
    file: tempfile::NamedTempFile,
    hasher: Sha256,
    size: u64,
}

impl Sink {
    fn new() -> Result<Sink> {
        Ok(Sink {
            file: tempfile::NamedTempFile::new().map_err(Error::unavailable)?,
            hasher: Sha256::new(),
            size: 0,
        })
    }
    async fn take(mut self, piece: web::Bytes) -> Result<Sink> {
        self.size = self
            .size
            .saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        if self.size > LARGEST_FILE {
            return Err(Error::new(
                Code::TooLarge,
                format!("a file may hold {LARGEST_FILE} bytes at most"),
            ));
        }
        web::block(move || {
            self.hasher.update(&piece);
            self.file.write_all(&piece).map_err(Error::unavailable)?;
            Ok(self)
        })
        .await
        .map_err(Error::internal)?
    }
    fn end(self, name: Option<String>) -> Result<Received> {
        if self.size == 0 {
            return Err(Error::new(
                Code::Malformed,
                "send the file as the body, or as a part of a form",
            ));
        }
        let hash = self.hasher.finalize();
        Ok(Received {
            file: self.file,
            fingerprint: hash.iter().map(|b| format!("{b:02x}")).collect(),
            name,
        })
    }
}

fn broken<E: std::fmt::Display>(e: E) -> Error {
    Error::new(
        Code::Malformed,
        format!("the body breaks off before its end: {e}"),
    )
}

async fn receive(req: &HttpRequest, mut payload: Payload) -> Result<Received> {
    let media = req
        .headers()
        .get("content-type")
        .and_then(|h| h.to_str().ok())
        .unwrap_or_default()
        .to_ascii_lowercase();
    if media.starts_with("multipart/form-data") {
        return of_form(req, payload).await;
    }
    let mut sink = Sink::new()?;
    while let Some(piece) = payload.next().await {
        sink = sink.take(piece.map_err(broken)?).await?;
    }
    sink.end(None)
}

/// The first part of a form that is a file.
async fn of_form(req: &HttpRequest, payload: Payload) -> Result<Received> {
    let mut form = actix_multipart::Multipart::new(req.headers(), payload);
    let mut found = None;
    while let Some(part) = form.next().await {
        let mut part = part.map_err(broken)?;
        let disposition = part.content_disposition();
        let name = disposition
            .and_then(|d| d.get_filename())
            .map(str::to_owned);
        let called = disposition.and_then(|d| d.get_name()) == Some("file");
        let wanted = found.is_none() && (name.is_some() || called);
        let mut sink = Sink::new()?;
        while let Some(piece) = part.next().await {
            let piece = piece.map_err(broken)?;
            if wanted {
                sink = sink.take(piece).await?;
            }
        }
        if wanted {
            found = Some(sink.end(name)?);
        }
    }
    found.ok_or_else(|| Error::new(Code::Malformed, "the form has no part that is a file"))
}
