//! One decision: the devices it retired, its paper, and what comes next.

use super::{Which, cause, named, to};
use crate::app::operations::decisions;
use crate::domain::words::{Data, Kind};
use crate::http::pages::chosen::{self, Line};
use crate::http::pages::prelude::*;

/// Routes of this file.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(one);
}

#[derive(Template)]
#[template(path = "decision.html")]
struct One {
    f: Frame,
    reference: String,
    lead: String,
    pdf: String,
    csv: String,
    /// What comes next, the first thing first: address and words.
    next: Vec<(String, &'static str)>,
    lines: Vec<Line>,
    pick: bool,
}

/// One decision.
#[get("/decisions/one")]
async fn one(app: State, visitor: Visitor, query: Query<Which>) -> Answer {
    let (actor, which) = (visitor.actor.clone(), query.0);
    let asked = which.clone();
    let (decision, list) = run(&app, move |app| {
        decisions::get(app, &actor, &asked.org, asked.on, &asked.reference)
    })
    .await?;
    let f = visitor.frame("decisions");
    let paper = |name: &str| {
        let page = format!("/decisions/etat-de-reforme.{name}");
        to(&page, &which.org, which.on, &which.reference)
    };
    let line = |(item, each): &(_, _)| {
        let mut line = chosen::line(&f, item);
        // Said once above when it is the same for all.
        if decision.cause.is_none() {
            line.note = Some(f.tx("decisions.its_cause", cause(&f, Some(*each))));
        }
        line
    };
    let lead = [
        ("n", Arg::Count(decision.devices)),
        ("day", Arg::text(f.day(&which.on))),
        (
            "organisation",
            Arg::text(decision.organisation_name.clone()),
        ),
        ("cause", Arg::text(cause(&f, decision.cause).to_lowercase())),
    ];
    visitor.show(&One {
        reference: named(&f, &which.reference),
        lead: f.say("decisions.one_lead", &lead),
        pdf: paper("pdf"),
        csv: paper("csv"),
        next: next(&f, &which, &list),
        lines: list.iter().map(line).collect(),
        f,
        pick: false,
    })
}

/// First what still holds data is erased, then everything is handed over.
fn next(f: &Frame, which: &Which, list: &[Retired]) -> Vec<(String, &'static str)> {
    let live = || {
        let devices = list.iter().map(|(item, _)| &item.device);
        devices.filter(|d| d.stage.is_live())
    };
    let bare: Vec<&str> = live()
        .filter(|d| matches!(d.data, Data::Holds | Data::Cleared))
        .map(|d| d.tag.as_str())
        .collect();
    let here: Vec<&str> = live()
        .filter(|d| d.retired_on.is_some())
        .map(|d| d.tag.as_str())
        .collect();
    let mut next = Vec::new();
    if !bare.is_empty() && f.may(Right::Event(Kind::Wipe)) {
        let back = to("/decisions/one", &which.org, which.on, &which.reference);
        let at = address("/wipes/new", &[("tags", &bare.join(",")), ("back", &back)]);
        next.push((at, f.t("decisions.wipe")));
    }
    if !here.is_empty() && f.may(Right::Event(Kind::HandOver)) {
        let at = address("/exits/new", &[("tags", &here.join(","))]);
        next.push((at, f.t("decisions.hand_over")));
    }
    next
}

/// A device that a decision retired, and why.
type Retired = (
    crate::app::operations::chosen::Item,
    crate::domain::words::Cause,
);
