//! What a decision will write, device by device; then its writing, and its undoing.

use serde::Deserialize;
use serde_json::Value;

use super::{new, to};
use crate::app::operations::chosen::Chosen;
use crate::app::operations::decisions;
use crate::app::operations::proposals::{self, Agenda};
use crate::http::pages::chosen::{self, Line};
use crate::http::pages::prelude::*;

/// Routes of this file.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(confirm_it)
        .service(decide_it)
        .service(take_back);
}

/// What a form says of the decision itself.
const SHAPE: &[(&str, As)] = &[
    ("reference", As::Text),
    ("on", As::Text),
    ("cause", As::Text),
];

#[derive(Template)]
#[template(path = "decision_confirm.html")]
struct Confirm {
    f: Frame,
    fields: Fields,
    title: String,
    lead: String,
    button: String,
    refused_title: String,
    kept: Vec<(String, String)>,
    lines: Vec<Line>,
    refused: Vec<Line>,
    pick: bool,
}

/// What will be written, device by device; nothing is yet.
#[post("/decisions/confirm")]
async fn confirm_it(app: State, visitor: Visitor, form: Form) -> Answer {
    match agenda(&app, &visitor, &form).await {
        Ok(agenda) => {
            let f = visitor.frame("decisions");
            visitor.show(&confirm_page(f, &form, Fields::default(), &agenda))
        }
        Err(error) => back_to_form(&app, &visitor, &form, &error).await,
    }
}

async fn back_to_form(app: &State, visitor: &Visitor, form: &Form, error: &Error) -> Answer {
    let f = visitor.frame("decisions");
    let fields = Fields::refused(&f, form, error);
    visitor.again(&new::again(app, visitor, f, fields, form).await?)
}

/// The devices of the form, judged for the decision that it describes.
async fn agenda(app: &State, visitor: &Visitor, form: &Form) -> Result<Agenda> {
    let (fields, tags) = (form.object(SHAPE)?, chosen::of_form(form));
    for field in ["reference", "on"] {
        if !fields.contains_key(field) {
            return Err(Error::missing(field));
        }
    }
    if tags.is_empty() {
        return Err(Error::missing("devices").with_field("tags"));
    }
    let actor = visitor.actor.clone();
    let agenda = run(app, move |app| {
        let chosen = decisions::judge(app, &actor, &tags, &fields)?;
        wrong_day(&chosen)?;
        proposals::named(app, &actor, chosen, None)
    })
    .await?;
    one_council(&agenda)?;
    Ok(agenda)
}

/// A day that no device takes is a mistake in the day.
fn wrong_day(chosen: &[Chosen]) -> Result<()> {
    fn of_day(c: &Chosen) -> Option<&Error> {
        let refusal = c.refusal.as_ref();
        refusal.filter(|e| e.field.as_deref() == Some("on"))
    }
    match chosen.first().and_then(of_day) {
        Some(e) if chosen.iter().all(|c| of_day(c).is_some()) => {
            Err(Error::new(e.code, e.detail.clone()).with_field("on"))
        }
        _ => Ok(()),
    }
}

/// A decision is that of one council: what it retires is of one organisation.
fn one_council(agenda: &Agenda) -> Result<()> {
    let ready = agenda.groups.iter().map(|group| {
        let devices = group.devices.iter();
        let n = devices.filter(|(c, _)| c.refusal.is_none()).count();
        (group.name.as_str(), n)
    });
    let ready: Vec<String> = ready
        .filter(|(_, n)| *n > 0)
        .map(|(name, n)| format!("{name} ({n})"))
        .collect();
    if ready.len() < 2 {
        return Ok(());
    }
    Err(Error::invalid("council", ready.join(", ")))
}

fn confirm_page(f: Frame, form: &Form, fields: Fields, agenda: &Agenda) -> Confirm {
    let devices = agenda.groups.iter().flat_map(|group| &group.devices);
    let lines = devices.map(|(chosen, proposal)| {
        let mut line = chosen::judged(&f, chosen, "/decisions");
        line.note = proposal.map(|proposal| chosen::proposed(&f, &proposal));
        line
    });
    let (lines, refused): (Vec<Line>, Vec<Line>) = lines.partition(|l| l.refusal.is_none());
    let council = agenda.groups.iter().find(|group| {
        let mut devices = group.devices.iter();
        devices.any(|(chosen, _)| chosen.refusal.is_none())
    });
    let mut kept: Vec<(String, String)> = ["reference", "on", "cause", "council"]
        .iter()
        .map(|name| ((*name).to_owned(), form.text(name).to_owned()))
        .collect();
    kept.extend(lines.iter().map(|l| ("device".to_owned(), l.given.clone())));
    let day = Day::parse(form.text("on"));
    let cause = if form.has("cause") {
        f.word("cause", form.text("cause"))
    } else {
        f.t("decisions.cause_proposed").to_owned()
    };
    Confirm {
        title: f.tn("decisions.confirm_title", lines.len()),
        lead: f.say(
            "decisions.confirm_lead",
            &[
                ("reference", Arg::text(form.text("reference"))),
                ("day", Arg::text(day.map(|d| f.day(&d)).unwrap_or_default())),
                ("x", Arg::text(council.map_or("", |group| &group.name))),
                ("cause", Arg::text(cause.to_lowercase())),
            ],
        ),
        button: f.tn("decisions.button", lines.len()),
        refused_title: f.tn("decisions.refused", refused.len()),
        f,
        fields,
        kept,
        lines,
        refused,
        pick: false,
    }
}

/// Retires them, as one.
#[post("/decisions")]
async fn decide_it(app: State, visitor: Visitor, form: Form) -> Answer {
    let mut body = form.object(SHAPE)?;
    body.insert("devices".into(), Value::from(chosen::of_form(&form)));
    let done = once_in(&app, &visitor, &form, move |app, db, actor| {
        let recorded = decisions::decide(app, db, actor, body.clone(), true)?;
        if decisions::councils(&recorded) > 1 {
            return Err(Error::invalid(
                "council",
                "the devices are of several organisations",
            ));
        }
        let first = recorded.first().ok_or_else(Error::not_found)?;
        let event = &first.event;
        let device = crate::app::devices::get_in(app, db, actor, &event.device, None)?;
        let reference = event.fields.reference.as_ref().map_or("", |r| r.as_str());
        let page = to("/decisions/one", &device.organisation, event.on, reference);
        Ok(format!("{page}\n{}\n{}", event.id, recorded.len()))
    })
    .await;
    match done {
        Ok(done) => said(&visitor, &form, &done),
        Err(error) => match agenda(&app, &visitor, &form).await {
            Ok(agenda) => {
                let f = visitor.frame("decisions");
                let shown = Fields::refused(&f, &form, &error);
                visitor.again(&confirm_page(f, &form, shown, &agenda))
            }
            Err(_) => back_to_form(&app, &visitor, &form, &error).await,
        },
    }
}

/// Leads to the decision that was taken: its address, one of its events and how many, a line each.
fn said(visitor: &Visitor, form: &Form, done: &str) -> Answer {
    let mut parts = done.split('\n');
    let (page, event) = (
        parts.next().unwrap_or("/decisions"),
        parts.next().unwrap_or_default(),
    );
    let n: i64 = parts.next().and_then(|n| n.parse().ok()).unwrap_or(0);
    let text = visitor.frame("decisions").say(
        "decisions.done",
        &[
            ("n", Arg::Count(n)),
            ("reference", Arg::text(form.text("reference"))),
        ],
    );
    let undo = address("/decisions/undo", &[("event", event)]);
    visitor.done_with_undo(page, text, &undo)
}

/// One of the events of what is taken back.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Undo {
    event: String,
}

/// Takes back what was just decided.
#[post("/decisions/undo")]
async fn take_back(app: State, visitor: Visitor, query: Query<Undo>, form: Form) -> Answer {
    let _ = form;
    let (actor, event) = (visitor.actor.clone(), query.0.event);
    let f = visitor.frame("decisions");
    match run(&app, move |app| decisions::undo(app, &actor, &event)).await {
        Ok(n) => visitor.done("/decisions", f.tn("decisions.undone", n)),
        Err(error) => visitor.refused("/decisions", &error),
    }
}
