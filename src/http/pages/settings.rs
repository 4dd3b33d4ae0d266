//! The settings: what this server runs with, read only; how the ledger stands; how to look at it and back it up.

use super::prelude::*;
use crate::app::ledger_care;
use crate::db::Engine;
use crate::http::Shared;

/// Routes of this file.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(settings);
}

#[derive(Template)]
#[template(path = "settings.html")]
struct Settings {
    f: Frame,
    version: &'static str,
    engine: &'static str,
    lines: Vec<(String, String)>,
    last: String,
    checkpoint: Option<(String, String, String)>,
}

/// The page.
#[get("/settings")]
async fn settings(app: State, visitor: Visitor, shared: web::Data<Shared>) -> Answer {
    let actor = visitor.actor.clone();
    let standing = run(&app, move |app| ledger_care::standing(app, &actor)).await?;
    let f = visitor.frame("menu");
    let page = Settings {
        version: env!("CARGO_PKG_VERSION"),
        engine: match standing.engine {
            Engine::Sqlite => "SQLite",
            Engine::Postgres => "PostgreSQL",
        },
        lines: shared
            .settings
            .iter()
            .map(|(name, value)| {
                let value = if value.is_empty() { "–" } else { value };
                (name.clone(), value.to_owned())
            })
            .collect(),
        last: match standing.last {
            Some(at) => f.when(&at),
            None => f.t("settings.no_entry").to_owned(),
        },
        checkpoint: standing
            .checkpoint
            .map(|c| (f.when(&c.date.and_utc()), f.whole(c.events), c.root)),
        f,
    };
    visitor.show(&page)
}
