//! Around every request: its id, its log line (route template, never the query), metrics, limits, security headers.

use std::net::IpAddr;
use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, web};
use tracing::Instrument;

use super::{Shared, conditional, limits, problem};
use crate::error::{Code, Error};

/// What every answer says to browsers: nothing from elsewhere, in no frame, no guessing, no address passed on.
const SECURITY: [(HeaderName, &str); 4] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (header::X_FRAME_OPTIONS, "DENY"),
];

/// The id of a request: in its log lines, in `X-Request-Id` of its answer, and in the body of a fault.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// The address of the client, trusted proxies looked through.
#[derive(Debug, Clone, Copy)]
pub struct Client(pub Option<IpAddr>);

/// The middleware.
pub async fn observe<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> std::result::Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let started = Instant::now();
    let id = uuid::Uuid::now_v7().simple().to_string();
    let method = request.method().to_string();
    let shared = request.app_data::<web::Data<Shared>>().cloned();
    let client = client_of(&request, shared.as_ref().map(|s| &***s));
    request.extensions_mut().insert(RequestId(id.clone()));
    request.extensions_mut().insert(Client(client));
    let span =
        tracing::info_span!("request", id = %id, method = %method, route = tracing::field::Empty);

    // A HEAD is a GET whose body stays here; the connection remembers what was asked and cuts the body.
    if request.method() == Method::HEAD {
        request.head_mut().method = Method::GET;
    }
    let refused = refuse(&request, shared.as_ref().map(|s| &***s), client, started);
    let answer = match refused {
        Some(error) => request.error_response(error).map_into_boxed_body(),
        None => next
            .call(request)
            .instrument(span.clone())
            .await?
            .map_into_boxed_body(),
    };

    let route = answer
        .request()
        .match_pattern()
        .unwrap_or_else(|| "none".into());
    span.record("route", route.as_str());
    let mut answer = span.in_scope(|| problem::finish(answer, &id));
    if conditional::unchanged(answer.request(), answer.response()) {
        answer = not_modified(answer);
    }
    let status = answer.status().as_u16();
    let took = started.elapsed();
    if let Some(shared) = &shared {
        shared.metrics.count(&route, &method, status, took);
    }
    span.in_scope(|| {
        tracing::info!(status, ms = took.as_secs_f64() * 1000.0, "answered");
    });
    finish_headers(answer.headers_mut(), &id);
    Ok(answer)
}

/// Refusals that need no handler: a flood, a path that cannot be a name of ours.
fn refuse(
    request: &ServiceRequest,
    shared: Option<&Shared>,
    client: Option<IpAddr>,
    now: Instant,
) -> Option<Error> {
    if let Some(shared) = shared
        && let Err(error) = shared.limits.take(client, now)
    {
        return Some(error);
    }
    // NUL and other control characters are in no tag and no key, and PostgreSQL cannot even be asked for them.
    let path = request.path().as_bytes();
    let control = path.windows(3).any(|w| match w {
        [b'%', high, low] => {
            matches!((high, low), (b'0' | b'1', b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') | (b'7', b'f' | b'F'))
        }
        _ => false,
    });
    let bare = path.iter().any(u8::is_ascii_control);
    if control || bare {
        return Some(Error::not_found());
    }
    if path.len() > 2000 || request.query_string().len() > 8000 {
        return Some(Error::new(Code::Malformed, "the address is too long"));
    }
    None
}

fn client_of(request: &ServiceRequest, shared: Option<&Shared>) -> Option<IpAddr> {
    let peer = request.peer_addr().map(|a| a.ip());
    let forwarded: Vec<&str> = request
        .headers()
        .get_all("x-forwarded-for")
        .filter_map(|value| value.to_str().ok())
        .collect();
    limits::client(
        peer,
        &forwarded,
        shared.map_or(&[], |s| s.trusted.as_slice()),
    )
}

fn not_modified(answer: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let tag = answer.headers().get(header::ETAG).cloned();
    let (request, _) = answer.into_parts();
    let mut short = actix_web::HttpResponse::NotModified();
    if let Some(tag) = tag {
        short.insert_header((header::ETAG, tag));
    }
    ServiceResponse::new(request, short.finish())
}

fn finish_headers(headers: &mut HeaderMap, id: &str) {
    for (name, value) in SECURITY {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, no-cache"),
        );
    }
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
}
