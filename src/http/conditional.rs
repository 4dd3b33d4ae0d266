//! `ETag`, `If-Match`, `If-None-Match`: nothing is overwritten that the caller has not seen.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::{Method, StatusCode, header};
use actix_web::{FromRequest, HttpRequest, HttpResponse};

use crate::app::Expected;

/// The strong entity tag of a version.
pub fn etag(version: i64) -> String {
    format!("\"v{version}\"")
}

/// The `If-Match` header. `if_match.expected()` goes to the use case, which checks it inside its transaction.
#[derive(Debug, Clone, Default)]
pub struct IfMatch(Expected);

impl IfMatch {
    /// What the caller believes the version to be; matches everything when the header was not sent.
    pub fn expected(&self) -> Expected {
        self.0.clone()
    }
}

impl FromRequest for IfMatch {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let mut versions: Option<Vec<i64>> = None;
        for value in req.headers().get_all(header::IF_MATCH) {
            let known = versions.get_or_insert_with(Vec::new);
            let text = value.to_str().unwrap_or_default();
            if text.trim() == "*" {
                return ready(Ok(IfMatch(Expected::Anything)));
            }
            known.extend(text.split(',').filter_map(version));
        }
        ready(Ok(IfMatch(match versions {
            None => Expected::Anything,
            Some(known) => Expected::OneOf(known),
        })))
    }
}

/// The version inside `"v12"`. A weak `W/"v12"` counts: proxies that compress weaken our tags.
fn version(tag: &str) -> Option<i64> {
    let tag = tag.trim();
    let tag = tag.strip_prefix("W/").unwrap_or(tag);
    tag.strip_prefix("\"v")?.strip_suffix('"')?.parse().ok()
}

/// Whether the caller already has this answer (`If-None-Match` holds its tag): then 304 without a body.
pub fn unchanged(req: &HttpRequest, answer: &HttpResponse<impl Sized>) -> bool {
    if !matches!(*req.method(), Method::GET | Method::HEAD) || answer.status() != StatusCode::OK {
        return false;
    }
    let Some(tag) = answer
        .headers()
        .get(header::ETAG)
        .and_then(|t| t.to_str().ok())
    else {
        return false;
    };
    let bare = |t: &str| t.trim().trim_start_matches("W/").to_owned();
    req.headers()
        .get_all(header::IF_NONE_MATCH)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|known| bare(known) == bare(tag) || known.trim() == "*")
}
