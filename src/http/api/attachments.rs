//! Files kept with devices and operations.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::header;
use actix_web::web::Payload;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::App;
use crate::app::attachments::{self, AttachmentView, New};
use crate::db::Db;
use crate::domain::attachment::LARGEST;
use crate::domain::day::Day;
use crate::http::extract::State as AppState;
use crate::http::prelude::*;
use crate::http::upload::receive_up_to;

/// Routes of this file.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(list)
        .service(create)
        .service(show)
        .service(content);
}

/// What is said of a file that is sent.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct Sent {
    /// What it is about: `device:TAG`, `wipe:KEY`, `exit:KEY`, `repair:KEY` or `purchase:KEY`.
    about: Option<String>,
    /// Its name.
    filename: Option<String>,
    /// Key of the one person it is about: it is erased with the person.
    person: Option<String>,
    /// Last day its bytes are kept (ISO 8601); for ever when absent.
    #[param(value_type = Option<String>)]
    retained_until: Option<Day>,
}

/// Which files.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// What they are about: `device:TAG`, `wipe:KEY`, `exit:KEY`, `repair:KEY` or `purchase:KEY`.
    about: Option<String>,
}

/// Files about one thing, oldest first.
#[utoipa::path(tag = "attachments", operation_id = "list_attachments", params(Asked), responses((status = 200, description = "The files", body = Page<AttachmentView>), Refusals))]
#[get("/attachments")]
pub async fn list(app: State, actor: Actor, query: Query<Asked>) -> Answer {
    let about = query.0.about.ok_or_else(|| {
        let detail = "say what the files are about: `about=device:TAG`";
        Error::new(Code::InvalidParameter, detail).with_field("about")
    })?;
    let page = run(&app, move |app| attachments::list(app, &actor, &about)).await?;
    Ok(Reply::ok(&page)?.into_response())
}

/// Keeps a file, at most 16 MiB, as the body or as a part of a form: PDF, PNG, JPEG, WebP (50 megapixels at most) or
/// plain text (TXT, CSV, JSON, XML, logs). What it is, is told by its content.
#[utoipa::path(tag = "attachments", operation_id = "create_attachment", params(Sent, IdempotencyKey),
    request_body(content = String, content_type = "application/octet-stream"),
    responses((status = 201, description = "Kept", body = AttachmentView), Refusals))]
#[post("/attachments")]
pub async fn create(
    app: State,
    actor: Actor,
    once: Once,
    query: Query<Sent>,
    req: HttpRequest,
    payload: Payload,
) -> Answer {
    let sent = query.0;
    attachments::may_add(&actor, sent.about.as_deref())?;
    let received = receive_up_to(LARGEST as u64, &req, payload).await?;
    let request = once.request(&actor, received.fingerprint.as_bytes());
    let new = New {
        about: sent.about,
        filename: sent.filename.or(received.name.clone()),
        person: sent.person,
        retained_until: sent.retained_until,
    };
    let name = new.filename.clone();
    let looked = run(&app, move |_| {
        attachments::look(received.bytes()?, name.as_deref())
    })
    .await?;
    let work = move |app: &Arc<App>, db: &mut Db| {
        let made = attachments::add_in(app, db, &actor, &new, &looked)?;
        let location = format!("/api/v1/attachments/{}", made.id);
        Ok((Reply::created(&location, &made)?, ()))
    };
    once.within(&app, request, work, |_, reply, ()| Ok(reply))
        .await
}

/// One file, without its bytes.
#[utoipa::path(tag = "attachments", operation_id = "get_attachment", params(("id" = String, Path)), responses((status = 200, description = "What it is", body = AttachmentView), Refusals))]
#[get("/attachments/{id}")]
pub async fn show(app: State, actor: Actor, id: Path<String>) -> Answer {
    let view = run(&app, move |app| attachments::get(app, &actor, &id)).await?;
    Ok(Reply::ok(&view)?.into_response())
}

/// The bytes of a file, always as a download; 404 when they expired or were erased.
#[utoipa::path(tag = "attachments", operation_id = "get_attachment_content", params(("id" = String, Path)),
    responses((status = 200, description = "The bytes", body = String, content_type = "application/octet-stream"), Refusals))]
#[get("/attachments/{id}/content")]
pub async fn content(app: State, actor: Actor, id: Path<String>) -> Answer {
    download(&app, actor, id.into_inner()).await
}

/// A file as a download: no browser shows it in a page of ours, whatever it says it is.
///
/// # Errors
/// `not_found`.
pub async fn download(app: &AppState, actor: Actor, id: String) -> Answer {
    let (who, which) = (actor.clone(), id.clone());
    let view = run(app, move |app| attachments::get(app, &who, &which)).await?;
    let mut answer = stream::stream(app, &view.media_type, None, move |app, out| {
        attachments::content(app, &actor, &id, out)
    })
    .await?;
    let headers = answer.headers_mut();
    let set = [
        (header::CONTENT_DISPOSITION, disposition(&view.filename)),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; sandbox".to_owned(),
        ),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    for (name, value) in set {
        let value = header::HeaderValue::from_str(&value).map_err(Error::internal)?;
        headers.insert(name, value);
    }
    Ok(answer)
}

/// The name in ASCII for old clients, and as it is for the others (RFC 6266).
fn disposition(filename: &str) -> String {
    let keep = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let ascii: String = filename
        .chars()
        .map(|c| if keep(c) { c } else { '_' })
        .collect();
    let mut exact = String::new();
    for byte in filename.bytes() {
        if keep(char::from(byte)) {
            exact.push(char::from(byte));
        } else {
            exact.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{exact}")
}
