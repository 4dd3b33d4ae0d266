//! Kept lists: saved under a name, opened by a link, forgotten.

use super::place::Place;
use crate::app::views;
use crate::http::pages::prelude::*;

/// Routes of this file.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(keep).service(forget);
}

/// Keeps the list that is open.
#[post("/devices/views")]
async fn keep(app: State, visitor: Visitor, form: Form) -> Answer {
    let query = form.text("query").to_owned();
    // Only what the list itself reads is kept.
    let here = Place::read(&query)?.here();
    let (actor, name) = (visitor.actor.clone(), form.text("name").to_owned());
    let kept = name.clone();
    let done = run(&app, move |app| {
        views::keep(app, &actor, "devices", &kept, &query)
    })
    .await;
    match done {
        Ok(()) => visitor.done(&here, visitor.frame("").tx("devices.view_kept", name)),
        Err(error) => visitor.refused(&here, &error),
    }
}

/// Forgets one.
#[post("/devices/views/{id}/forget")]
async fn forget(app: State, visitor: Visitor, id: Path<String>, form: Form) -> Answer {
    let here = Place::read(form.text("query"))?.here();
    let actor = visitor.actor.clone();
    run(&app, move |app| views::forget(app, &actor, &id)).await?;
    visitor.done(&here, visitor.frame("").t("devices.view_forgotten"))
}
