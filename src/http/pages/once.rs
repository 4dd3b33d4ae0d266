//! A form counts once: its hidden key is an idempotency key, so that a double click, a reload or the back button does
//! nothing twice and leads to the same page.
//!
//! The back button may ask for the form anew: browsers drop a page they kept as soon as something is sent to its
//! address. So the address of a form that makes something new holds the key ([`address`]): coming back to it, from
//! wherever, brings the same key. Sent with other values, the key is refused and the form shown again with a new one:
//! whoever means a second one is told of the first and sends it once more.

use std::sync::Arc;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, header};
use actix_web::middleware::Next;
use actix_web::{HttpRequest, HttpResponse};

use super::form::Form;
use super::visitor::Visitor;
use crate::app::idempotency::{self, Kept, Turn};
use crate::app::{Actor, App};
use crate::db::Db;
use crate::error::Result;
use crate::http::extract::{State, run};
use crate::http::params;

/// The parameter of an address that holds the key of its form.
pub const PARAM: &str = "once";
/// How long an address gives its key. Older, it is a bookmark, and who opens it means something new.
const SECONDS: u64 = 12 * 3600;

/// The key that the address of a form holds.
pub fn key_of(request: &HttpRequest) -> Option<String> {
    let pairs = params::pairs(request.query_string()).ok()?;
    let (_, key) = pairs.into_iter().find(|(name, _)| name == PARAM)?;
    let age = seconds(&crate::app::new_key())?.checked_sub(seconds(&key)?)?;
    (age < SECONDS).then_some(key)
}

/// When a key was made.
fn seconds(key: &str) -> Option<u64> {
    let made = uuid::Uuid::try_parse(key).ok()?.get_timestamp()?;
    Some(made.to_unix().0)
}

/// Whether a form at this path makes something new.
fn makes(path: &str) -> bool {
    path.ends_with("/new") || path.contains("/do/")
}

/// Around the pages: a form that makes something new gets an address with a key in it.
///
/// # Errors
/// None of its own.
pub async fn address<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> std::result::Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let asks = request.method() == Method::GET && makes(request.path());
    if !asks || key_of(request.request()).is_some() {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    let query = request.query_string().split('&');
    let mut query: Vec<&str> = query
        .filter(|part| !part.is_empty() && part.split('=').next() != Some(PARAM))
        .collect();
    let key = format!("{PARAM}={}", crate::app::new_key());
    query.push(&key);
    let to = format!("{}?{}", request.uri().path(), query.join("&"));
    let there = HttpResponse::SeeOther()
        .insert_header((header::LOCATION, to))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .finish();
    Ok(request.into_response(there))
}

/// Runs `work`, which gives the address to go to, once per key of the form. Events need none of this: give their
/// command the form's key.
///
/// # Errors
/// Those of `work`.
pub async fn once<F>(app: &State, visitor: &Visitor, form: &Form, work: F) -> Result<String>
where
    F: FnOnce(&Arc<App>, &Actor) -> Result<String> + Send + 'static,
{
    let (actor, key) = (visitor.actor.clone(), form.text("key").to_owned());
    let path = visitor.guest.request.path().to_owned();
    let content = form.content();
    run(app, move |app| {
        if key.is_empty() || key.len() > 255 {
            return work(app, &actor);
        }
        let request = idempotency::request(&actor, &key, &[b"page", path.as_bytes(), &content]);
        let turn = match idempotency::reserve(app, &request)? {
            Turn::Replay(kept) => return Ok(String::from_utf8_lossy(&kept.body()?).into_owned()),
            Turn::Run(turn) => turn,
        };
        let done = work(app, &actor);
        match &done {
            Ok(to) => idempotency::keep(
                app,
                &request,
                &turn,
                &Kept::new(200, Vec::new(), to.as_bytes()),
            )?,
            Err(_) => idempotency::free(app, &request, &turn)?,
        }
        done
    })
    .await
}

/// The same in one transaction with the key and the address: `work` may run more than once and has no effects outside
/// the store.
///
/// # Errors
/// Those of `work`.
pub async fn once_in<F>(app: &State, visitor: &Visitor, form: &Form, mut work: F) -> Result<String>
where
    F: FnMut(&Arc<App>, &mut Db, &Actor) -> Result<String> + Send + 'static,
{
    let (actor, key) = (visitor.actor.clone(), form.text("key").to_owned());
    let path = visitor.guest.request.path().to_owned();
    let content = form.content();
    run(app, move |app| {
        let request = (!key.is_empty() && key.len() <= 255)
            .then(|| idempotency::request(&actor, &key, &[b"page", path.as_bytes(), &content]));
        let app2 = Arc::clone(app);
        let (kept, _) = idempotency::within(&app.store, request, app.clock.now(), move |db| {
            let to = work(&app2, db, &actor)?;
            Ok((Kept::new(200, Vec::new(), to.as_bytes()), ()))
        })?;
        Ok(String::from_utf8_lossy(&kept.body()?).into_owned())
    })
    .await
}
