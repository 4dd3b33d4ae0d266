//! The style sheet and the script: compiled in, addressed by what they hold, so that browsers keep them for a year.

use std::sync::LazyLock;

use sha2::{Digest, Sha256};

use super::prelude::*;
use crate::http::extract::Public;

const CSS: &str = include_str!("assets/reparc.css");
const JS: &str = include_str!("assets/reparc.js");
const MARK: &str = include_str!("assets/mark.svg");

static CSS_AT: LazyLock<String> = LazyLock::new(|| at(CSS, "css"));
static JS_AT: LazyLock<String> = LazyLock::new(|| at(JS, "js"));

fn at(content: &str, ext: &str) -> String {
    let hash = crate::app::tokens::hex(&Sha256::digest(content.as_bytes()));
    format!("/assets/{}.{ext}", hash.get(..12).unwrap_or_default())
}

/// Address of the style sheet.
pub fn css() -> &'static str {
    &CSS_AT
}

/// Address of the script.
pub fn js() -> &'static str {
    &JS_AT
}

/// Routes of this file.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(asset).service(favicon);
}

#[get("/assets/{name}")]
async fn asset(_: Public, request: HttpRequest) -> Answer {
    match request.path() {
        path if path == css() => Ok(kept("text/css; charset=utf-8", CSS)),
        path if path == js() => Ok(kept("text/javascript; charset=utf-8", JS)),
        _ => Err(Error::not_found()),
    }
}

#[get("/favicon.ico")]
async fn favicon(_: Public) -> Answer {
    Ok(kept("image/svg+xml", MARK))
}

fn kept(media: &'static str, body: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(media)
        .insert_header(("cache-control", "public, max-age=31536000, immutable"))
        .body(body)
}
