//! Refusals as pages: a sentence in the language of the reader, what to do, the request number; or the way to sign in.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, header};
use actix_web::middleware::Next;
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse};
use askama::Template;

use super::frame::Frame;
use super::html::address;
use super::visitor::{Guest, Visitor};
use crate::error::{Code, Error};
use crate::http::log::RequestId;
use crate::i18n::{self, Arg};

/// A refusal as a sentence in the language of the page.
pub fn sentence(frame: &Frame, error: &Error) -> String {
    let code = error.code.as_str();
    let field = error.field.as_deref().unwrap_or_default();
    // The most exact text there is: of this code and field, of this code.
    let exact = format!("{code}_{}", field.replace(['.', '[', ']'], "_"));
    let found = i18n::find(frame.lang, "refusal", &exact)
        .or_else(|| i18n::find(frame.lang, "refusal", code));
    let Some(template) = found else {
        return error.detail.clone();
    };
    let mut args = vec![
        ("detail", Arg::text(error.detail.clone())),
        ("field", Arg::text(label(frame, field))),
    ];
    let stage = error.extra.get("stage").and_then(|stage| stage.as_str());
    args.push((
        "stage",
        Arg::text(stage.map(|s| frame.word("stage", s)).unwrap_or_default()),
    ));
    let next = error
        .extra
        .get("next_events")
        .and_then(|next| next.as_array());
    let next: Vec<String> = next
        .into_iter()
        .flatten()
        .filter_map(|kind| kind.as_str())
        .filter(|kind| !ASIDE.contains(kind))
        .take(MOST)
        .map(|kind| frame.word("do", kind).to_lowercase())
        .collect();
    args.push(("next", Arg::text(next.join(", "))));
    for name in ["left", "minutes"] {
        let n = error.extra.get(name).and_then(serde_json::Value::as_i64);
        args.push((name, Arg::Count(n.unwrap_or(0))));
    }
    i18n::fill(frame.lang, template, &args)
}

/// What is nearly always possible tells nobody what to do next.
const ASIDE: &[&str] = &[
    "describe",
    "move",
    "audit",
    "find",
    "mark_missing",
    "report_stolen",
    "harvest",
    "fit",
    "observe",
    "hand_over",
    "merge",
    "absorb",
    "withdraw",
    "correct",
    "report_fault",
];
/// Most next steps named.
const MOST: usize = 5;

/// The name that people know a field by.
fn label(frame: &Frame, field: &str) -> String {
    let last = field.rsplit('.').next().unwrap_or(field);
    i18n::find(frame.lang, "field", last).map_or_else(|| last.to_owned(), str::to_owned)
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    f: Frame,
    title: &'static str,
    text: String,
    request: String,
}

/// Around the pages: whoever must sign in is led there; other refusals become a page for browsers.
///
/// # Errors
/// None of its own.
pub async fn as_page<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let answer = next.call(request).await?.map_into_boxed_body();
    let Some(error) = answer
        .response()
        .error()
        .and_then(|e| e.as_error::<Error>())
    else {
        return Ok(answer);
    };
    let request = answer.request();
    let page = if error.code == Code::Unauthenticated && request.method() == Method::GET {
        Some(sign_in(request, error))
    } else if wants_html(request) {
        page(request, error).await
    } else {
        None
    };
    let Some(page) = page else {
        return Ok(answer);
    };
    if error.code == Code::Internal {
        tracing::error!(cause = ?error.cause, detail = error.detail, "fault");
    }
    let (request, _) = answer.into_parts();
    Ok(ServiceResponse::new(request, page))
}

fn wants_html(request: &HttpRequest) -> bool {
    let accept = request.headers().get(header::ACCEPT);
    accept
        .and_then(|a| a.to_str().ok())
        .is_some_and(|a| a.contains("text/html"))
}

fn sign_in(request: &HttpRequest, error: &Error) -> HttpResponse {
    let to = match error.extra.get("to").and_then(|to| to.as_str()) {
        Some(to) => to.to_owned(),
        None => {
            let back = request.uri().to_string();
            address("/login", &[("next", if back == "/" { "" } else { &back })])
        }
    };
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, to))
        .finish()
}

async fn page(request: &HttpRequest, error: &Error) -> Option<HttpResponse> {
    let mut none = actix_web::dev::Payload::None;
    let frame = match Visitor::from_request(request, &mut none).await {
        Ok(visitor) => visitor.frame(""),
        Err(_) => Guest::from_request(request, &mut none).await.ok()?.frame(),
    };
    let guest = Guest::from_request(request, &mut none).await.ok()?;
    let title = match error.code.status() {
        404 => frame.t("refusal.title_404"),
        403 | 401 => frame.t("refusal.title_403"),
        412 => frame.t("refusal.title_412"),
        500.. => frame.t("refusal.title_500"),
        _ => frame.t("refusal.title"),
    };
    let id = request
        .extensions()
        .get::<RequestId>()
        .map(|id| id.0.clone());
    let text = sentence(&frame, error);
    let status = actix_web::http::StatusCode::from_u16(error.code.status()).ok()?;
    let page = ErrorPage {
        f: frame,
        title,
        text,
        request: id.unwrap_or_default(),
    };
    guest.show_as(status, &page).ok()
}
