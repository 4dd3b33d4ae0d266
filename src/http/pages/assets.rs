//! Style sheet and scripts: compiled in, addressed by what they hold, so that browsers keep them for a year; the
//! worker that opens the scan page without a network, and what makes it installable.

use std::sync::LazyLock;

use serde_json::json;
use sha2::{Digest, Sha256};

use super::prelude::*;
use crate::http::extract::Public;

const MARK: &str = include_str!("assets/mark.svg");
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// A file of the pages.
struct Asset {
    at: String,
    media: &'static str,
    content: &'static str,
}

macro_rules! asset {
    ($name:ident, $file:literal, $ext:literal, $media:expr) => {
        static $name: LazyLock<Asset> = LazyLock::new(|| {
            let content = include_str!(concat!("assets/", $file));
            Asset {
                at: at(content, $ext),
                media: $media,
                content,
            }
        });
    };
}

asset!(CSS, "reparc.css", "css", "text/css; charset=utf-8");
asset!(JS, "reparc.js", "js", SCRIPT);
asset!(SCAN, "scan.js", "js", SCRIPT);
asset!(CAMERA, "camera.js", "js", SCRIPT);
// jsQR 1.4.0, Apache-2.0, as published: loaded only where the browser has no detector of its own.
asset!(DECODER, "vendor/jsQR.js", "js", SCRIPT);

fn at(content: &str, ext: &str) -> String {
    let hash = crate::app::tokens::hex(&Sha256::digest(content.as_bytes()));
    format!("/assets/{}.{ext}", hash.get(..12).unwrap_or_default())
}

/// Address of the style sheet.
pub fn css() -> &'static str {
    &CSS.at
}
/// Address of the script of every page.
pub fn js() -> &'static str {
    &JS.at
}
/// Address of the script of the scan page.
pub fn scan() -> &'static str {
    &SCAN.at
}
/// Address of the module that reads from the camera.
pub fn camera() -> &'static str {
    &CAMERA.at
}
/// Address of the decoder for browsers that have none.
pub fn decoder() -> &'static str {
    &DECODER.at
}

/// Routes of this file.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(asset)
        .service(favicon)
        .service(worker)
        .service(manifest);
}

#[get("/assets/{name}")]
async fn asset(_: Public, request: HttpRequest) -> Answer {
    [&CSS, &JS, &SCAN, &CAMERA, &DECODER]
        .into_iter()
        .find(|asset| asset.at == request.path())
        .map(|asset| kept(asset.media, asset.content))
        .ok_or_else(Error::not_found)
}

#[get("/favicon.ico")]
async fn favicon(_: Public) -> Answer {
    Ok(kept("image/svg+xml", MARK))
}

/// The worker of the scan page: it changes with what it keeps.
#[get("/sw.js")]
async fn worker(_: Public) -> Answer {
    let first = json!([css(), js(), scan(), "/favicon.ico"]);
    let later = json!([camera(), decoder()]);
    let text = include_str!("assets/sw.js");
    let version = at(&format!("{text}{first}{later}"), "sw");
    let text = text
        .replace("{{version}}", version.trim_start_matches("/assets/"))
        .replace("{{first}}", &first.to_string())
        .replace("{{later}}", &later.to_string());
    Ok(HttpResponse::Ok()
        .content_type(SCRIPT)
        .insert_header(("cache-control", "no-cache"))
        .insert_header((
            "content-security-policy",
            "default-src 'none'; script-src 'self'; connect-src 'self'",
        ))
        .body(text))
}

/// What a phone needs to keep the scan page as an application.
#[get("/manifest.webmanifest")]
async fn manifest(_: Public) -> Answer {
    let text = json!({
        "id": "/scan", "name": "Reparc", "short_name": "Reparc", "start_url": "/scan", "scope": "/", "display": "standalone",
        "background_color": "#f2f5f1", "theme_color": "#f2f5f1",
        "icons": [{"src": "/favicon.ico", "type": "image/svg+xml", "sizes": "any", "purpose": "any"}],
    });
    Ok(HttpResponse::Ok()
        .content_type("application/manifest+json")
        .insert_header(("cache-control", "no-cache"))
        .body(text.to_string()))
}

fn kept(media: &'static str, body: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(media)
        .insert_header(("cache-control", "public, max-age=31536000, immutable"))
        .body(body)
}
