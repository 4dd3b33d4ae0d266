//! The server: assembles routes, middleware and sockets. Handlers are in [`api`] and [`pages`].
//!
//! A request goes through: response compression, then [`log::observe`] (id, limits, metrics, problem bodies,
//! security headers), then its handler, whose signature holds the guard.

pub mod api;
pub mod conditional;
pub mod cookie;
pub mod extract;
pub mod health;
pub mod idempotency;
pub mod limits;
pub mod log;
pub mod metrics;
pub mod openapi;
pub mod pages;
pub mod params;
pub mod prelude;
pub mod problem;
pub mod reference_page;
pub mod reply;
mod serve;
pub mod stream;
pub mod tls;
pub mod upload;

use std::collections::HashSet;
use std::sync::Arc;

use actix_web::dev::ResourceDef;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::Value;
use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig as Routes;

pub use serve::{Options, Ready, serve};

use crate::app::App;
use crate::error::{Error, Result};
use crate::settings::Cidr;

/// What the workers share beside the program itself.
pub struct Shared {
    /// Counters.
    pub metrics: metrics::Metrics,
    /// Requests by address.
    pub limits: limits::Limits,
    /// Proxies that are believed.
    pub trusted: Vec<Cidr>,
    /// A sample fleet: a banner says so.
    pub demo: bool,
    /// The settings in force, by name, secrets hidden.
    pub settings: Vec<(String, String)>,
    /// The OpenAPI document.
    pub document: Value,
    /// Start of this instance, seconds since 1970.
    pub started: f64,
    /// Address templates with the methods they take: tells 405 from 404.
    addresses: Vec<(ResourceDef, String)>,
    /// Operations (method, template) that take no parameter in the query.
    bare: HashSet<(String, String)>,
}

impl Shared {
    /// What is shared by a server that lets `rate` requests a second through per address (0: all).
    ///
    /// # Errors
    /// `internal` when the document cannot be written.
    pub fn new(rate: u32, trusted: Vec<Cidr>, demo: bool) -> Result<Shared> {
        let document = serde_json::to_value(openapi::document()).map_err(Error::internal)?;
        Ok(Shared {
            metrics: metrics::Metrics::default(),
            limits: limits::Limits::new(rate),
            trusted,
            demo,
            settings: Vec::new(),
            addresses: addresses(&document),
            bare: bare(&document),
            document,
            started: std::time::SystemTime::now()
                .duration_since(std::time::UNIX_EPOCH)
                .map_or(0.0, |d| d.as_secs_f64()),
        })
    }
}

/// Every route of the program, on any application of the framework (the server's, or a test's).
pub fn configure(app: Arc<App>, shared: web::Data<Shared>) -> impl FnOnce(&mut web::ServiceConfig) {
    move |cfg| {
        cfg.app_data(web::Data::new(app)).app_data(shared);
        Routes::new(cfg).map(|cfg| {
            cfg.route("/healthz", web::get().to(health::healthz))
                .route("/readyz", web::get().to(health::readyz))
                .route("/metrics", web::get().to(health::metrics))
                .route("/api", web::get().to(reference_page::page))
                .route("/api/reference.css", web::get().to(reference_page::css))
                .route("/api/v1/openapi.json", web::get().to(reference_page::json))
        });
        Routes::new(cfg).service(scope::scope("/api/v1").configure(api::routes));
        cfg.configure(pages::routes);
        cfg.default_service(web::to(nowhere));
    }
}

/// No route took the request: the address is unknown (404), or does not take this method (405).
async fn nowhere(request: HttpRequest, shared: web::Data<Shared>) -> Result<HttpResponse> {
    let allowed = shared
        .addresses
        .iter()
        .filter(|(address, _)| address.is_match(request.path()))
        .max_by_key(|(address, _)| !address.pattern().unwrap_or_default().contains('{'));
    Err(match allowed {
        Some((_, allow)) => problem::method_not_allowed(Some(allow)),
        None => Error::not_found(),
    })
}

fn bare(document: &Value) -> HashSet<(String, String)> {
    let in_query = |p: &Value| p.get("in").and_then(Value::as_str) == Some("query");
    let paths = document.get("paths").and_then(Value::as_object);
    paths
        .into_iter()
        .flatten()
        .flat_map(|(path, item)| {
            let operations = item.as_object().into_iter().flatten();
            operations.filter_map(move |(method, operation)| {
                let parameters = operation.get("parameters").and_then(Value::as_array);
                let takes = parameters.is_some_and(|list| list.iter().any(in_query));
                (!takes).then(|| (method.to_uppercase(), path.clone()))
            })
        })
        .collect()
}

fn addresses(document: &Value) -> Vec<(ResourceDef, String)> {
    const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];
    let paths = document.get("paths").and_then(Value::as_object);
    let documented = paths.into_iter().flatten().map(|(path, item)| {
        let methods = METHODS.iter().filter(|m| item.get(**m).is_some());
        let names: Vec<String> = methods.map(|m| m.to_uppercase()).collect();
        (ResourceDef::new(path.as_str()), names.join(", "))
    });
    let fixed = [
        "/healthz",
        "/readyz",
        "/metrics",
        "/api",
        "/api/reference.css",
        "/api/v1/openapi.json",
    ];
    let fixed = fixed
        .iter()
        .map(|path| (ResourceDef::new(*path), "GET".to_owned()));
    documented.chain(fixed).collect()
}
