//! The session cookie, and what keeps other sites from using it: a token derived from it, and the origin of the request.

use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::http::header;
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// Name over plain HTTP (loopback, a first try).
const PLAIN: &str = "reparc";
/// Name over TLS: browsers then hold it to this host, this path and TLS.
const SECURE: &str = "__Host-reparc";
/// The header by which scripts send the token.
pub const CSRF_HEADER: &str = "x-csrf-token";

/// Whether the browser came over TLS, to us or to the proxy before us.
pub fn secure(req: &HttpRequest) -> bool {
    req.connection_info().scheme() == "https"
}

/// The secret of the session cookie.
pub fn session(req: &HttpRequest) -> Option<String> {
    let name = if secure(req) { SECURE } else { PLAIN };
    req.cookie(name).map(|cookie| cookie.value().to_owned())
}

/// The cookie of a session that begins.
pub fn begin(req: &HttpRequest, secret: &str) -> Cookie<'static> {
    made(req, secret.to_owned())
        .max_age(Duration::days(7))
        .finish()
}

/// The cookie of a session that has ended.
pub fn end(req: &HttpRequest) -> Cookie<'static> {
    made(req, String::new()).max_age(Duration::ZERO).finish()
}

fn made(req: &HttpRequest, value: String) -> actix_web::cookie::CookieBuilder<'static> {
    let secure = secure(req);
    Cookie::build(if secure { SECURE } else { PLAIN }, value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(secure)
}

/// A small cookie that holds no secret: the language, a word about what was just done.
pub fn small(
    req: &HttpRequest,
    name: &'static str,
    value: String,
    seconds: i64,
) -> Cookie<'static> {
    Cookie::build(name, value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(secure(req))
        .max_age(Duration::seconds(seconds))
        .finish()
}

/// The token that forms carry: known to our pages only, and to this session only.
pub fn csrf(secret: &str) -> String {
    crate::app::tokens::hex(&Sha256::digest(format!("csrf\n{secret}").as_bytes()))
        .chars()
        .take(32)
        .collect()
}

/// Whether `given` is the token of this session.
///
/// # Errors
/// `forbidden`.
pub fn check_csrf(secret: &str, given: &str) -> Result<()> {
    let right = csrf(secret);
    if bool::from(subtle::ConstantTimeEq::ct_eq(
        right.as_bytes(),
        given.as_bytes(),
    )) {
        return Ok(());
    }
    Err(Error::forbidden(
        "the token of a page of this session; open the page again and repeat",
    ))
}

/// Refuses what another site makes a browser send.
///
/// # Errors
/// `forbidden`.
pub fn same_origin(req: &HttpRequest) -> Result<()> {
    let text = |name| {
        req.headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let foreign = || Error::forbidden("a form of this site");
    if let Some(site) = text(header::HeaderName::from_static("sec-fetch-site"))
        && !matches!(site, "same-origin" | "none")
    {
        return Err(foreign());
    }
    match text(header::ORIGIN) {
        None => Ok(()),
        Some(origin) => {
            let host = origin.split_once("://").map_or("", |(_, host)| host);
            if host == req.connection_info().host() {
                Ok(())
            } else {
                Err(foreign())
            }
        }
    }
}
