//! REST, `/api/v1`: a file per thing, each with its `routes` added in [`routes`] below.
//!
//! A handler parses, calls one use case of `app`, renders. Its signature says who may come in: [`Actor`] (a good
//! token) or [`Public`]. Its doc comment is the OpenAPI text. Copy this:
//!
//! ```text
//! use crate::http::prelude::*;
//!
//! pub fn routes(cfg: &mut ServiceConfig) { cfg.service(list).service(create).service(change); }
//!
//! /// Sites, page by page.
//! #[utoipa::path(tag = "sites", params(Asked), responses((status = 200, body = Page<Site>), Refusals))]
//! #[get("/sites")]
//! pub async fn list(app: State, actor: Actor, query: Query<Asked>) -> Answer {
//!     let page = run(&app, move |app| sites::list(app, &actor, query.0)).await?;
//!     Ok(Reply::ok(&page)?.into_response())
//! }
//!
//! /// A new site.
//! #[utoipa::path(tag = "sites", params(IdempotencyKey), request_body = NewSite, responses((status = 201, body = Site), Refusals))]
//! #[post("/sites")]
//! pub async fn create(app: State, actor: Actor, once: Once, mut body: Json) -> Answer {
//!     actor.must(Right::Reference)?;                     // the right first: before the body, before a replay
//!     once.run(&app, actor, &mut body, |app, db, actor, value| {
//!         let site = sites::create(app, db, actor, input::parse(value)?)?;
//!         Ok(Reply::created(&format!("/api/v1/sites/{}", site.key), &site)?.etag(site.version))
//!     }).await
//! }
//!
//! /// Changes a site.
//! #[utoipa::path(tag = "sites", params(IfMatchHeader), request_body = SitePatch, responses((status = 200, body = Site), Refusals))]
//! #[patch("/sites/{key}")]
//! pub async fn change(app: State, actor: Actor, key: Path<String>, when: IfMatch, mut body: Json) -> Answer {
//!     actor.must(Right::Reference)?;
//!     let patch = body.object()?;
//!     let site = run(&app, move |app| sites::patch(app, &actor, &key, when.expected(), patch)).await?;
//!     Ok(Reply::ok(&site)?.etag(site.version).into_response())
//! }
//! ```
//!
//! - `#[utoipa::path]` stands above the short `#[get]` (it does not see `#[actix_web::get]`).
//! - `Json` (1 MiB) or `BulkJson` (16 MiB) refuse when read, not before: so 403 comes before 400.
//! - `Query<T>`: `#[serde(deny_unknown_fields, default)]`; lists are `Vec`, comma-separated; `extra.KEY` fills a map
//!   `extra`. `params::limit` checks `limit`. Cursors: `app::cursor::{seal, open}`.
//! - Every POST takes `Once`. `once.run` does key, change and answer in one transaction, so the use case is one that
//!   takes `db`; `once.around` is for what is no transaction (imports, labels); a route that keeps its own keys (events)
//!   reads `once.key()`.
//! - Anything that writes much: `stream::stream`.
//! - A new route needs its row in `tests/it/tenancy.rs`.

pub mod accounts;
pub mod attachments;
pub mod audit;
pub mod categories;
pub mod changes;
pub mod collection;
pub mod contracts;
pub mod custom_fields;
pub mod devices;
pub mod erase;
pub mod evidence;
pub mod exports;
pub mod imports;
pub mod indicators;
pub mod labels;
pub mod mappings;
pub mod me;
pub mod models;
pub mod operations;
pub mod organisations;
pub mod partners;
pub mod people;
pub mod purchases;
pub mod scan;
pub mod scans;
pub mod sites;
pub mod tokens;

use utoipa_actix_web::service_config::ServiceConfig;

/// Every route below `/api/v1`: a statement each, so that branches that add one merge. The router tries them in this
/// order: what is asked most comes first.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.configure(scan::routes);
    cfg.configure(scans::routes);
    cfg.configure(devices::routes);
    cfg.configure(accounts::routes);
    cfg.configure(attachments::routes);
    cfg.configure(audit::routes);
    cfg.configure(categories::routes);
    cfg.configure(changes::routes);
    cfg.configure(contracts::routes);
    cfg.configure(custom_fields::routes);
    cfg.configure(erase::routes);
    cfg.configure(labels::routes);
    cfg.configure(evidence::routes);
    cfg.configure(exports::routes);
    cfg.configure(imports::routes);
    cfg.configure(indicators::routes);
    cfg.configure(mappings::routes);
    cfg.configure(me::routes);
    cfg.configure(models::routes);
    cfg.configure(operations::routes);
    cfg.configure(organisations::routes);
    cfg.configure(partners::routes);
    cfg.configure(people::routes);
    cfg.configure(purchases::routes);
    cfg.configure(sites::routes);
    cfg.configure(tokens::routes);
}
