//! Decisions of réforme: the list; a new one from a list of devices ([`new`], [`confirm`]); what one has retired
//! ([`one`]).

mod confirm;
mod new;
mod one;

use serde::Deserialize;

use super::paging::{Paging, pager};
use super::prelude::*;
use crate::app::operations::decisions;
use crate::domain::words::{Cause, Kind};

/// Routes of this family.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(index)
        .configure(new::routes)
        .configure(confirm::routes)
        .configure(one::routes);
}

/// Decisions on a page.
const PAGE: i64 = 25;

/// A decision, by what makes it one.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Which {
    /// Organisation key.
    pub org: String,
    /// Day.
    pub on: Day,
    /// Reference; empty when none was given.
    #[serde(default)]
    pub reference: String,
}

fn to(page: &str, org: &str, on: Day, reference: &str) -> String {
    let on = on.to_string();
    address(page, &[("org", org), ("on", &on), ("reference", reference)])
}

#[derive(Template)]
#[template(path = "decisions.html")]
struct List {
    f: Frame,
    may: bool,
    rows: Vec<(String, String, String, String, String, String)>,
    first: Option<String>,
    next: Option<String>,
}

/// The list.
#[get("/decisions")]
async fn index(app: State, visitor: Visitor, query: Query<Paging>) -> Answer {
    let (actor, at) = (visitor.actor.clone(), query.0.cursor.clone());
    let page = run(&app, move |app| {
        decisions::list(app, &actor, PAGE, at.as_deref())
    })
    .await?;
    let f = visitor.frame("decisions");
    let rows = page.items.iter().map(|d| {
        (
            to("/decisions/one", &d.organisation, d.on, &d.reference),
            f.day(&d.on),
            named(&f, &d.reference),
            d.organisation_name.clone(),
            cause(&f, d.cause),
            f.tn("operations.n_devices", d.devices),
        )
    });
    let rows = rows.collect();
    let [first, next] = pager(
        "/decisions",
        query.0.cursor.as_deref(),
        page.next.as_deref(),
    );
    visitor.show(&List {
        may: f.may(Right::Event(Kind::Retire)),
        f,
        rows,
        first,
        next,
    })
}

fn named(f: &Frame, reference: &str) -> String {
    if reference.is_empty() {
        f.t("decisions.no_reference").to_owned()
    } else {
        reference.to_owned()
    }
}

fn cause(f: &Frame, cause: Option<Cause>) -> String {
    match cause {
        Some(cause) => f.word("cause", cause.as_str()),
        None => f.t("decisions.several").to_owned(),
    }
}
