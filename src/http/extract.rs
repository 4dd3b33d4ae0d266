//! What handlers take in their signature: who ([`Actor`], [`Public`]), body ([`Json`]), query ([`Query`]).

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{Shared, cookie, params};
use crate::app::{Actor, App, sessions, tokens};
use crate::domain::input;
use crate::error::{Code, Error, Result};

/// The program, shared by every handler.
pub type State = web::Data<Arc<App>>;

/// Largest body of a single thing, bytes.
pub const MAX_BODY: usize = 1024 * 1024;
/// Largest body of a batch, bytes.
pub const MAX_BULK: usize = 16 * 1024 * 1024;

/// Runs a use case on the threads that may wait. Everything that touches the store goes through here.
///
/// # Errors
/// Those of the use case; `internal` when it died.
pub async fn run<T, F>(app: &State, work: F) -> Result<T>
where
    T: Send + 'static,
    F: FnOnce(&Arc<App>) -> Result<T> + Send + 'static,
{
    let app = Arc::clone(app);
    let span = tracing::Span::current();
    web::block(move || span.in_scope(|| work(&app)))
        .await
        .map_err(Error::internal)?
}

/// A route that asks nobody who they are. A handler without [`Actor`] says so in its signature.
#[derive(Debug, Clone, Copy)]
pub struct Public;

impl FromRequest for Public {
    type Error = Error;
    type Future = Ready<Result<Self>>;
    fn from_request(_: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Public))
    }
}

/// The guard: a request without a good token, or the cookie of a session, never reaches the handler.
impl FromRequest for Actor {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;
    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let app = req.app_data::<State>().cloned();
        let by_cookie = cookie_of(req);
        let secret = bearer(req);
        let surplus = surplus(req);
        Box::pin(async move {
            let app = app.ok_or_else(|| Error::internal("the server has no state"))?;
            if let Some(cookie) = by_cookie? {
                let session = run(&app, move |app| sessions::authenticate(app, &cookie)).await?;
                if session.must_change {
                    return Err(Error::forbidden(
                        "a password of your own first; open /account",
                    ));
                }
                return surplus.map_or(Ok(session.actor), Err);
            }
            let secret = secret?;
            let actor = match tokens::known(&app, &secret) {
                Some(known) => known,
                None => run(&app, move |app| tokens::authenticate(app, &secret)).await?,
            };
            surplus.map_or(Ok(actor), Err)
        })
    }
}

/// The session cookie, where no `Authorization` is sent. What writes also carries the token of the session's pages in
/// `X-CSRF-Token`: a cookie alone is sent by browsers whoever asks them to.
fn cookie_of(req: &HttpRequest) -> Result<Option<String>> {
    if req.headers().contains_key(header::AUTHORIZATION) {
        return Ok(None);
    }
    let Some(secret) = cookie::session(req) else {
        return Ok(None);
    };
    if !req.method().is_safe() {
        let given = req.headers().get(cookie::CSRF_HEADER);
        let given = given
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        cookie::check_csrf(&secret, given)?;
    }
    Ok(Some(secret))
}

/// The token of `Authorization: Bearer TOKEN`.
fn bearer(req: &HttpRequest) -> Result<String> {
    let refused = || {
        Error::new(
            Code::Unauthenticated,
            "send `Authorization: Bearer TOKEN`; `reparc token create` makes one",
        )
    };
    let header = req
        .headers()
        .get(header::AUTHORIZATION)
        .ok_or_else(refused)?;
    let text = header.to_str().map_err(|_| refused())?;
    match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
            Ok(token.trim().to_owned())
        }
        _ => Err(refused()),
    }
}

/// A parameter on a route that takes none: refused here, since its handler has no [`Query`] to refuse it.
fn surplus(req: &HttpRequest) -> Option<Error> {
    if req.query_string().is_empty() {
        return None;
    }
    let shared = req.app_data::<web::Data<Shared>>()?;
    let operation = (req.method().as_str().to_owned(), req.match_pattern()?);
    if !shared.bare.contains(&operation) {
        return None;
    }
    match params::pairs(req.query_string()) {
        Ok(pairs) => pairs.first().map(|(name, _)| params::unknown(name)),
        Err(error) => Some(error),
    }
}

/// A JSON body of at most `LIMIT` bytes. It is read before the handler runs, but refused only when the handler
/// asks for it: so the right comes first (403), then the body (400, 413, 415, 422).
#[derive(Debug)]
pub struct Json<const LIMIT: usize = MAX_BODY>(std::result::Result<Value, Option<Error>>);

/// A JSON body of a batch.
pub type BulkJson = Json<MAX_BULK>;

impl<const LIMIT: usize> Json<LIMIT> {
    /// The body as a value.
    ///
    /// # Errors
    /// `malformed`, `too_large`, `unsupported_media`, or `invalid_value` for a NUL in a text.
    pub fn value(&mut self) -> Result<Value> {
        match &mut self.0 {
            Ok(value) => Ok(value.clone()),
            Err(error) => Err(error
                .take()
                .unwrap_or_else(|| Error::new(Code::Malformed, "the body cannot be read"))),
        }
    }
    /// The body as an object: what a merge patch takes.
    ///
    /// # Errors
    /// As [`Json::value`]; `malformed` for anything but an object.
    pub fn object(&mut self) -> Result<Map<String, Value>> {
        match self.value()? {
            Value::Object(map) => Ok(map),
            _ => Err(Error::new(
                Code::Malformed,
                "the body must be a JSON object",
            )),
        }
    }
    /// The body as a type whose fields check themselves.
    ///
    /// # Errors
    /// As [`Json::object`], and those of `domain::input::parse`.
    pub fn read<T: DeserializeOwned>(&mut self) -> Result<T> {
        input::parse(Value::Object(self.object()?))
    }
}

impl<const LIMIT: usize> FromRequest for Json<LIMIT> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;
    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let media = media_type(req);
        let payload = payload.take();
        Box::pin(async move {
            let body = collect(payload, LIMIT).await;
            Ok(Json(
                body.and_then(|body| parse(&media, &body)).map_err(Some),
            ))
        })
    }
}

/// The media type without its parameters, lower case; empty when none is given.
fn media_type(req: &HttpRequest) -> String {
    let header = req.headers().get(header::CONTENT_TYPE);
    let text = header.and_then(|h| h.to_str().ok()).unwrap_or_default();
    text.split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}

/// Reads a body of at most `limit` bytes. What is too much is read and dropped for a while, so that the client
/// hears the refusal rather than a broken connection.
///
/// # Errors
/// `too_large`, or `malformed` when the body breaks off.
pub async fn collect(mut payload: Payload, limit: usize) -> Result<Vec<u8>> {
    const PATIENCE: usize = 64 * 1024 * 1024;
    let mut body = Vec::new();
    let mut read = 0_usize;
    loop {
        // A client that falls silent must not hold its place for ever.
        let next = actix_web::rt::time::timeout(SILENCE, payload.next()).await;
        let Some(chunk) = next.map_err(broken_off)? else {
            break;
        };
        let chunk = chunk.map_err(broken_off)?;
        read = read.saturating_add(chunk.len());
        if read <= limit {
            body.extend_from_slice(&chunk);
        } else if read > limit.saturating_add(PATIENCE) {
            break;
        } else {
            body = Vec::new();
        }
    }
    if read > limit {
        return Err(Error::new(
            Code::TooLarge,
            format!("the body may hold {limit} bytes at most"),
        ));
    }
    Ok(body)
}

/// Longest silence in the middle of a body.
const SILENCE: std::time::Duration = std::time::Duration::from_secs(30);

fn broken_off(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::new(Code::Malformed, "the body breaks off before its end").because(cause)
}

fn parse(media: &str, body: &[u8]) -> Result<Value> {
    if body.is_empty() {
        return Err(Error::new(Code::Malformed, "a JSON body is needed"));
    }
    if media != "application/json" && media != "application/merge-patch+json" {
        return Err(Error::new(
            Code::UnsupportedMedia,
            "send the body with `Content-Type: application/json`",
        ));
    }
    let value: Value = serde_json::from_slice(body)
        .map_err(|e| Error::new(Code::Malformed, format!("the body is no JSON: {e}")))?;
    match nul(&value, "") {
        Some(field) => Err(Error::invalid(
            &field,
            format!("`{field}` must not hold NUL"),
        )),
        None => Ok(value),
    }
}

/// The first field whose name or text holds NUL, which PostgreSQL cannot store.
fn nul(value: &Value, path: &str) -> Option<String> {
    let here = |key: &str| match path {
        "" => key.replace('\0', "\u{fffd}"),
        path => format!("{path}.{}", key.replace('\0', "\u{fffd}")),
    };
    match value {
        Value::String(text) => text.contains('\0').then(|| path.to_owned()),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .find_map(|(i, item)| nul(item, &format!("{path}[{i}]"))),
        Value::Object(map) => map.iter().find_map(|(key, item)| {
            if key.contains('\0') {
                Some(here(key))
            } else {
                nul(item, &here(key))
            }
        }),
        _ => None,
    }
}

/// The query as a type: unknown names are refused, lists are comma-separated, `extra.KEY` goes to the map `extra`.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Error;
    type Future = Ready<Result<Self>>;
    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(
            params::pairs(req.query_string())
                .and_then(params::read)
                .map(Query),
        )
    }
}

/// The query as pairs, in order: for routes whose parameters are an open list.
#[derive(Debug)]
pub struct Pairs(pub Vec<(String, String)>);

impl FromRequest for Pairs {
    type Error = Error;
    type Future = Ready<Result<Self>>;
    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(params::pairs(req.query_string()).map(Pairs))
    }
}
