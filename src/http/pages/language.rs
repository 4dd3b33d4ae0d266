//! The language of a page: chosen (cookie, account), else the browser's, else French.

use actix_web::HttpRequest;
use actix_web::http::header;
use serde::Deserialize;

use super::prelude::*;
use crate::app::sessions;
use crate::http::cookie;

/// Name of the cookie that remembers the choice.
const COOKIE: &str = "lang";
/// It is remembered for a year.
const SECONDS: i64 = 365 * 86_400;

/// Routes of this file.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(switch);
}

/// The language for this request; `account` is what the account remembers.
pub fn of(request: &HttpRequest, account: Option<&str>) -> Lang {
    let chosen = request.cookie(COOKIE);
    let chosen = chosen.as_ref().and_then(|c| Lang::parse(c.value()));
    chosen
        .or_else(|| account.and_then(Lang::parse))
        .or_else(|| accepted(request))
        .unwrap_or(Lang::Fr)
}

/// The first of ours in `Accept-Language`, by its weights.
fn accepted(request: &HttpRequest) -> Option<Lang> {
    let text = request
        .headers()
        .get(header::ACCEPT_LANGUAGE)?
        .to_str()
        .ok()?;
    let mut best: Option<(f32, Lang)> = None;
    for item in text.split(',') {
        let (tag, weight) = item.split_once(';').unwrap_or((item, "q=1"));
        let weight: f32 = weight
            .trim()
            .strip_prefix("q=")
            .and_then(|q| q.parse().ok())
            .unwrap_or(0.0);
        let primary = tag.trim().split('-').next().unwrap_or_default();
        if let Some(lang) = Lang::parse(primary)
            && weight > best.map_or(0.0, |(most, _)| most)
        {
            best = Some((weight, lang));
        }
    }
    best.map(|(_, lang)| lang)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Switch {
    to: String,
    #[serde(default)]
    back: String,
}

/// Switches the language and comes back to the page.
#[get("/language")]
async fn switch(app: State, guest: Guest, query: Query<Switch>) -> Answer {
    let lang = Lang::parse(&query.0.to).unwrap_or(Lang::Fr);
    if let Some(secret) = cookie::session(&guest.request) {
        let known = run(&app, move |app| {
            let session = sessions::authenticate(app, &secret)?;
            sessions::choose_language(app, &session, lang.code())
        });
        // Without a session the cookie alone remembers it.
        let _ = known.await;
    }
    let chosen = cookie::small(&guest.request, COOKIE, lang.code().to_owned(), SECONDS);
    Ok(guest.go_with(local(&query.0.back), chosen))
}

/// An address on this site, or the first page.
pub fn local(address: &str) -> &str {
    let ours = address.starts_with('/')
        && !address.starts_with("//")
        && !address.contains('\\')
        && !address.bytes().any(|b| b.is_ascii_control());
    if ours { address } else { "/" }
}
