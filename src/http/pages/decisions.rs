//! Decisions of réforme: the list, a new one from a list of devices, and what one has retired.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::chosen::{self, Line, Opened};
use super::prelude::*;
use crate::app::operations::chosen::{PROPOSED, Proposed, proposed};
use crate::app::operations::decisions;
use crate::domain::words::{Cause, Kind, Stage};

/// Routes of this file.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(index)
        .service(open_new)
        .service(edit_new)
        .service(confirm_it)
        .service(decide_it)
        .service(take_back)
        .service(one);
}

/// Devices or decisions on a page.
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

/// Where a list goes on.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Paging {
    pub cursor: Option<String>,
}

/// The way back to the first page, and on to the next.
pub(super) fn pager(path: &str, at: Option<&str>, next: Option<&str>) -> [Option<String>; 2] {
    [
        at.map(|_| path.to_owned()),
        next.map(|cursor| {
            let sign = if path.contains('?') { '&' } else { '?' };
            format!("{path}{sign}cursor={}", url(cursor))
        }),
    ]
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

#[derive(Template)]
#[template(path = "decision_new.html")]
struct New {
    f: Frame,
    fields: Fields,
    causes: Vec<(String, String)>,
    lines: Vec<Line>,
    /// What is said of devices that nobody named.
    proposed: Option<String>,
    pick: bool,
}

/// The form: the devices named or found by a filter, else those whose réforme is proposed.
#[get("/decisions/new")]
async fn open_new(app: State, visitor: Visitor, request: HttpRequest) -> Answer {
    visitor.actor.must(Right::Event(Kind::Retire))?;
    let opened = Opened::of(&request, &[])?;
    let f = visitor.frame("decisions");
    let (actor, today) = (visitor.actor.clone(), f.today);
    let (chosen, proposed) = run(&app, move |app| match opened.meant(app, &actor)? {
        Some(tags) => {
            let chosen = decisions::judge(app, &actor, &tags, &on(&today.to_string()))?;
            Ok((chosen, None))
        }
        None => {
            let Proposed { chosen, more } = proposed(app, &actor)?;
            let some = !chosen.is_empty();
            Ok((chosen, some.then_some(more)))
        }
    })
    .await?;
    let fields = Fields::new(&f)
        .set("on", f.today.to_string())
        .set("cause", Cause::Obsolete.as_str());
    let mut lines = chosen::lines(&f, &chosen, &f.address);
    if proposed.is_some() {
        // What somebody uses again since it was proposed is for the reader to tick.
        for (line, chosen) in lines.iter_mut().zip(&chosen) {
            let stage = chosen.item.as_ref().map(|item| item.device.stage);
            line.ticked &= stage != Some(Stage::InUse);
        }
    }
    visitor.show(&New {
        causes: choices(&f, "cause", Cause::ALL.iter().map(|c| c.as_str())),
        proposed: proposed.map(|more| match more {
            true => f.tx("decisions.proposed_first", PROPOSED.to_string()),
            false => f.t("decisions.proposed").to_owned(),
        }),
        f,
        fields,
        lines,
        pick: true,
    })
}

fn on(day: &str) -> Map<String, Value> {
    Map::from_iter([("on".to_owned(), Value::from(day))])
}

/// What a form says of the decision itself.
const SHAPE: &[(&str, As)] = &[
    ("reference", As::Text),
    ("on", As::Text),
    ("cause", As::Text),
];

/// The form again, with what was typed and ticked.
#[post("/decisions/new")]
async fn edit_new(app: State, visitor: Visitor, form: Form) -> Answer {
    let f = visitor.frame("decisions");
    let fields = Fields::with(&f, form.fields.clone());
    let page = form_page(&app, &visitor, f, fields, &form).await?;
    visitor.show(&page)
}

async fn form_page(
    app: &State,
    visitor: &Visitor,
    f: Frame,
    fields: Fields,
    form: &Form,
) -> Result<New> {
    let (actor, tags, today) = (visitor.actor.clone(), chosen::of_form(form), f.today);
    let chosen = run(app, move |app| {
        decisions::judge(app, &actor, &tags, &on(&today.to_string()))
    })
    .await?;
    Ok(New {
        causes: choices(&f, "cause", Cause::ALL.iter().map(|c| c.as_str())),
        proposed: None,
        lines: chosen::lines(&f, &chosen, "/decisions/new"),
        fields: fields.set("tags", ""),
        f,
        pick: true,
    })
}

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
    let f = visitor.frame("decisions");
    let asked = form.object(SHAPE).and_then(|fields| {
        if !fields.contains_key("reference") {
            return Err(Error::missing("reference"));
        }
        if !fields.contains_key("on") {
            return Err(Error::missing("on"));
        }
        if chosen::of_form(&form).is_empty() {
            return Err(Error::missing("devices").with_field("tags"));
        }
        Ok(fields)
    });
    let judged = match asked {
        Err(error) => Err(error),
        Ok(fields) => {
            let (actor, tags) = (visitor.actor.clone(), chosen::of_form(&form));
            let judged = run(&app, move |app| {
                decisions::judge(app, &actor, &tags, &fields)
            })
            .await;
            // A day that no device takes is a mistake in the day.
            judged.and_then(|chosen| {
                let day = |c: &&crate::app::operations::chosen::Chosen| {
                    c.refusal
                        .as_ref()
                        .is_some_and(|e| e.field.as_deref() == Some("on"))
                };
                match chosen.iter().find(day) {
                    Some(c) if chosen.iter().all(|c| day(&c)) => {
                        let first = c.refusal.as_ref();
                        Err(first.map_or_else(Error::not_found, |e| {
                            Error::new(e.code, e.detail.clone()).with_field("on")
                        }))
                    }
                    _ => Ok(chosen),
                }
            })
        }
    };
    let chosen = match judged {
        Ok(chosen) => chosen,
        Err(error) => {
            let fields = Fields::refused(&f, &form, &error);
            let page = form_page(&app, &visitor, f, fields, &form).await?;
            return visitor.again(&page);
        }
    };
    let page = confirm_page(
        f,
        &form,
        Fields::default(),
        chosen::lines(&visitor.frame("decisions"), &chosen, "/decisions"),
    );
    visitor.show(&page)
}

fn confirm_page(f: Frame, form: &Form, fields: Fields, lines: Vec<Line>) -> Confirm {
    let (lines, refused): (Vec<Line>, Vec<Line>) =
        lines.into_iter().partition(|l| l.refusal.is_none());
    let mut kept: Vec<(String, String)> = ["reference", "on", "cause"]
        .iter()
        .map(|name| ((*name).to_owned(), form.text(name).to_owned()))
        .collect();
    kept.extend(lines.iter().map(|l| ("device".to_owned(), l.given.clone())));
    let day = Day::parse(form.text("on"))
        .map(|d| f.day(&d))
        .unwrap_or_default();
    Confirm {
        title: f.tn("decisions.confirm_title", lines.len()),
        lead: f.say(
            "decisions.confirm_lead",
            &[
                ("reference", Arg::text(form.text("reference"))),
                ("day", Arg::text(day)),
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
    let f = visitor.frame("decisions");
    let tags = chosen::of_form(&form);
    let (mut body, org_tags) = (form.object(SHAPE)?, tags.clone());
    body.insert("devices".into(), Value::from(tags));
    let done = once_in(&app, &visitor, &form, move |app, db, actor| {
        let recorded = decisions::decide(app, db, actor, body.clone())?;
        let first = recorded.first().ok_or_else(Error::not_found)?;
        let event = &first.event;
        let device = crate::app::devices::get_in(app, db, actor, &event.device, None)?;
        let reference = event.fields.reference.as_ref().map_or("", |r| r.as_str());
        // One list can be of several organisations: each has its own decision then.
        let single = recorded.iter().all(|r| r.event.org == event.org);
        let page = if single {
            to("/decisions/one", &device.organisation, event.on, reference)
        } else {
            "/decisions".to_owned()
        };
        Ok(format!("{page}\n{}\n{}", event.id, recorded.len()))
    })
    .await;
    match done {
        Ok(done) => {
            let mut parts = done.split('\n');
            let (page, event) = (
                parts.next().unwrap_or("/decisions"),
                parts.next().unwrap_or_default(),
            );
            let n: i64 = parts.next().and_then(|n| n.parse().ok()).unwrap_or(0);
            let text = f.say(
                "decisions.done",
                &[
                    ("n", Arg::Count(n)),
                    ("reference", Arg::text(form.text("reference"))),
                ],
            );
            let undo = address("/decisions/undo", &[("event", event)]);
            visitor.done_with_undo(page, text, &undo)
        }
        Err(error) => {
            let actor = visitor.actor.clone();
            let fields = form.object(SHAPE)?;
            let judged = run(&app, move |app| {
                decisions::judge(app, &actor, &org_tags, &fields)
            })
            .await;
            let shown = Fields::refused(&f, &form, &error);
            match judged {
                Ok(chosen) => {
                    let lines = chosen::lines(&f, &chosen, "/decisions");
                    visitor.again(&confirm_page(f, &form, shown, lines))
                }
                Err(_) => {
                    let page = form_page(&app, &visitor, f, shown, &form).await?;
                    visitor.again(&page)
                }
            }
        }
    }
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

#[derive(Template)]
#[template(path = "decision.html")]
struct One {
    f: Frame,
    reference: String,
    lead: String,
    pdf: String,
    csv: String,
    may_exit: bool,
    exit: String,
    wipe: String,
    lines: Vec<Line>,
    pick: bool,
}

/// One decision.
#[get("/decisions/one")]
async fn one(app: State, visitor: Visitor, query: Query<Which>) -> Answer {
    let (actor, which) = (visitor.actor.clone(), query.0);
    let which2 = which.clone();
    let (decision, list) = run(&app, move |app| {
        decisions::get(app, &actor, &which2.org, which2.on, &which2.reference)
    })
    .await?;
    let f = visitor.frame("decisions");
    let here: Vec<&str> = list
        .iter()
        .filter(|(item, _)| item.device.stage.is_live() && item.device.retired_on.is_some())
        .map(|(item, _)| item.device.tag.as_str())
        .collect();
    let bare: Vec<&str> = list
        .iter()
        .filter(|(item, _)| item.device.stage.is_live() && waits(item.device.data))
        .map(|(item, _)| item.device.tag.as_str())
        .collect();
    let back = to("/decisions/one", &which.org, which.on, &which.reference);
    visitor.show(&One {
        reference: named(&f, &which.reference),
        lead: f.say(
            "decisions.one_lead",
            &[
                ("n", Arg::Count(decision.devices)),
                ("day", Arg::text(f.day(&which.on))),
                (
                    "organisation",
                    Arg::text(decision.organisation_name.clone()),
                ),
                ("cause", Arg::text(cause(&f, decision.cause).to_lowercase())),
            ],
        ),
        pdf: to(
            "/decisions/etat-de-reforme.pdf",
            &which.org,
            which.on,
            &which.reference,
        ),
        csv: to(
            "/decisions/etat-de-reforme.csv",
            &which.org,
            which.on,
            &which.reference,
        ),
        may_exit: f.may(Right::Event(Kind::HandOver)) && !here.is_empty(),
        exit: address("/exits/new", &[("tags", &here.join(","))]),
        wipe: address("/wipes/new", &[("tags", &bare.join(",")), ("back", &back)]),
        lines: list
            .iter()
            .map(|(item, _)| chosen::line(&f, item))
            .collect(),
        f,
        pick: false,
    })
}

/// Whether the media wait for an erasure.
fn waits(data: crate::domain::words::Data) -> bool {
    use crate::domain::words::Data;
    matches!(data, Data::Holds | Data::Cleared)
}
