//! For whoever keeps the program running: alive, ready, metrics. Public, and without a word about the data.

use actix_web::{HttpResponse, web};

use super::Shared;
use super::extract::{Public, State, run};
use crate::error::Result;

/// `GET /healthz`: the process answers.
pub async fn healthz(_: Public) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body("ok\n")
}

/// `GET /readyz`: the store answers too (its migrations were done before the server began to listen).
pub async fn readyz(_: Public, app: State) -> Result<HttpResponse> {
    run(&app, |app| app.ready()).await?;
    Ok(HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body("ready\n"))
}

/// `GET /metrics`: the text format of Prometheus.
pub async fn metrics(_: Public, app: State, shared: web::Data<Shared>) -> Result<HttpResponse> {
    let up = run(&app, |app| Ok(app.ready().is_ok())).await?;
    let mut gauges = vec![
        ("reparc_store_up", f64::from(u8::from(up))),
        ("reparc_start_time_seconds", shared.started),
    ];
    gauges.extend(app.store.gauges());
    let text = shared.metrics.render(&gauges);
    Ok(HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .body(text))
}
