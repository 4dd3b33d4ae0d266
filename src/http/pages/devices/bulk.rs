//! One thing done to many devices: the ones ticked, or the whole filtered list. A page says what will be written and
//! to how many before anything is; it is all or none, and can be undone as one.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::cells::{self, Names};
use super::edit;
use super::place::Place;
use super::questions::{self, Lists};
use crate::app::choices::{self, Choice};
use crate::app::devices::{self, DeviceView, Which};
use crate::app::titles::{self, Titles};
use crate::domain::lifecycle::table;
use crate::domain::words::{Kind, Stage};
use crate::http::pages::prelude::*;

/// Routes of this file.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(ask).service(tell).service(strike);
}

/// What can be done to many at once.
const KINDS: &[Kind] = &[
    Kind::Allocate,
    Kind::Deallocate,
    Kind::Return,
    Kind::Move,
    Kind::Audit,
    Kind::Receive,
    Kind::Prepare,
    Kind::Refurbish,
    Kind::Ready,
    Kind::Wipe,
    Kind::MarkMissing,
    Kind::Find,
    Kind::ProposeRetirement,
    Kind::Retire,
    Kind::Orient,
    Kind::CancelOrientation,
    Kind::Describe,
];

/// Devices named on the page; the others are counted.
const NAMED: usize = 50;

/// The actions that the reader may take, with their names.
pub fn offered(f: &Frame) -> Vec<(String, String)> {
    KINDS
        .iter()
        .filter(|kind| f.may(Right::Event(**kind)))
        .map(|kind| (kind.to_string(), f.word("do", kind.as_str())))
        .collect()
}

/// A device that stays out, and why.
struct Refused {
    tag: String,
    thing: String,
    why: String,
}

#[derive(Template)]
#[template(path = "devices/bulk.html")]
struct Bulk {
    f: Frame,
    fields: Fields,
    title: String,
    about: String,
    kind: &'static str,
    lead: String,
    button: String,
    tags: String,
    back: String,
    query: String,
    controls: Vec<Html>,
    dated: bool,
    law: Option<(&'static str, &'static str)>,
    ready: Vec<(String, String)>,
    ready_more: Option<String>,
    refused: Vec<Refused>,
    refused_more: Option<String>,
}

/// Everything the page needs.
struct Ground {
    devices: Vec<DeviceView>,
    lists: Lists,
    titles: Titles,
    categories: Vec<Choice>,
    described: edit::Lists,
}

fn ground(app: &App, actor: &Actor, which: &Which, kind: Kind, french: bool) -> Result<Ground> {
    actor.must(Right::Event(kind))?;
    let devices = devices::chosen(app, actor, which)?;
    let titles = titles::of(app, actor, &cells::wanted(&devices))?.speaking(french);
    Ok(Ground {
        lists: questions::lists(app, actor, kind, None)?,
        categories: choices::categories(app, french)?,
        described: if kind == Kind::Describe {
            edit::lists(app, actor, french)?
        } else {
            edit::Lists::default()
        },
        titles,
        devices,
    })
}

fn kind_of(word: &str) -> Result<Kind> {
    let kind = Kind::parse(word).ok().filter(|kind| KINDS.contains(kind));
    kind.ok_or_else(|| Error::new(Code::InvalidParameter, "choose what to do").with_field("do"))
}

/// Whether the stage of a device lets this happen; the use case decides, this only spares it what is plain.
fn open(d: &DeviceView, kind: Kind) -> bool {
    if table::of(kind).step {
        d.next_events.contains(&kind)
    } else {
        d.stage != Stage::Withdrawn
    }
}

/// A refusal of one device, told beside the others.
struct Told<'a> {
    tag: &'a str,
    why: String,
}

fn page(
    f: Frame,
    kind: Kind,
    ground: &Ground,
    fields: Fields,
    query: &str,
    told: Option<&Told<'_>>,
) -> Result<Bulk> {
    let categories: HashMap<String, String> = ground
        .categories
        .iter()
        .map(|c| (c.key.clone(), c.name.clone()))
        .collect();
    let names = Names {
        titles: &ground.titles,
        categories: &categories,
    };
    let (mut ready, mut refused) = (Vec::new(), Vec::new());
    for d in &ground.devices {
        let thing = cells::thing(d, &names);
        match told.filter(|told| told.tag == d.tag) {
            Some(told) => refused.push(Refused {
                tag: d.tag.clone(),
                thing,
                why: told.why.clone(),
            }),
            None if open(d, kind) => ready.push((d.tag.clone(), thing)),
            None => refused.push(Refused {
                tag: d.tag.clone(),
                thing,
                why: f.tx("devices.bulk_stage", f.word("stage", d.stage.as_str())),
            }),
        }
    }
    let (n, out) = (ready.len(), refused.len());
    let tags: Vec<&str> = ready.iter().map(|(tag, _)| tag.as_str()).collect();
    let tags = tags.join(" ");
    let beyond = |n: usize| (n > NAMED).then(|| f.tn("devices.bulk_more", n - NAMED));
    let (ready_more, refused_more) = (beyond(n), beyond(out));
    ready.truncate(NAMED);
    refused.truncate(NAMED);
    let word = f.word("do", kind.as_str());
    let back = Place::read(query)?.here();
    Ok(Bulk {
        lead: if n == 0 {
            f.t("devices.bulk_nothing").to_owned()
        } else {
            f.tn("devices.bulk_lead", n)
        },
        button: f.say(
            "devices.bulk_button",
            &[
                ("what", Arg::text(word.clone())),
                ("n", Arg::Count(i64::try_from(n).unwrap_or(0))),
            ],
        ),
        about: f.word("about", kind.as_str()),
        controls: if kind == Kind::Describe {
            edit::many(&f, &fields, &ground.described)
        } else {
            questions::controls(&f, &fields, kind, &ground.lists)
        },
        dated: kind != Kind::Describe,
        law: questions::law(&f, kind),
        title: word,
        kind: kind.as_str(),
        query: query.to_owned(),
        back,
        tags,
        ready,
        ready_more,
        refused,
        refused_more,
        fields,
        f,
    })
}

/// The page that asks and says what will be written.
#[get("/devices/bulk")]
async fn ask(app: State, visitor: Visitor) -> Answer {
    let place = Place::of(&visitor.guest.request)?;
    let f = visitor.frame("devices");
    let Ok(kind) = kind_of(place.get("do")) else {
        let error = Error::invalid("do", "choose what to do");
        return visitor.refused(&place.here(), &error);
    };
    let which = if place.get("what") == "all" {
        Which::List(Box::new(place.asked.clone()))
    } else {
        Which::Tags(place.all("tag").map(str::to_owned).collect())
    };
    let (actor, french) = (visitor.actor.clone(), f.lang == Lang::Fr);
    let found = run(&app, move |app| ground(app, &actor, &which, kind, french)).await;
    let found = match found {
        Ok(found) => found,
        Err(error) if error.field.as_deref() == Some("devices") => {
            return visitor.refused(&place.here(), &error);
        }
        Err(error) => return Err(error),
    };
    let fields = Fields::new(&f).set("on", f.today.to_string());
    visitor.show(&page(f, kind, &found, fields, &place.query(), None)?)
}

/// Writes it: all or none.
#[post("/devices/bulk")]
async fn tell(app: State, visitor: Visitor, form: Form) -> Answer {
    let kind = kind_of(form.text("do"))?;
    let tags: Vec<String> = form
        .text("tags")
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    let (actor, sent, on) = (visitor.actor.clone(), form.clone(), tags.clone());
    let done = run(&app, move |app| {
        let body = if kind == Kind::Describe {
            described(app, &actor, &sent)?
        } else {
            questions::answers(app, &actor, kind, &sent)?
        };
        devices::record_all(app, &actor, &on, &body, sent.text("key"))
    })
    .await;
    let f = visitor.frame("devices");
    let query = form.text("query").to_owned();
    match done {
        Ok(recorded) => {
            let args = [
                ("what", Arg::text(f.word("kind", kind.as_str()))),
                ("n", Arg::Count(i64::try_from(recorded.len()).unwrap_or(0))),
            ];
            let void = address("/devices/bulk/undo", &[("of", form.text("key"))]);
            let to = Place::read(&query)?.here();
            visitor.done_with_undo(&to, f.say("devices.bulk_done", &args), &void)
        }
        Err(error) if error.code == Code::Internal => Err(error),
        Err(error) => {
            let (actor, french) = (visitor.actor.clone(), f.lang == Lang::Fr);
            let which = Which::Tags(tags);
            let found = run(&app, move |app| ground(app, &actor, &which, kind, french)).await?;
            let mut fields = questions::refused(&f, &form, &error);
            let told = error.extra.get("device").and_then(Value::as_str);
            let why = fields.refusal.clone().unwrap_or_default();
            if let Some(tag) = told {
                let args = [
                    ("x", Arg::text(f.tag_text(tag))),
                    ("why", Arg::text(why.clone())),
                ];
                fields.refusal = Some(f.say("devices.bulk_refused", &args));
            }
            let told = told.map(|tag| Told { tag, why });
            visitor.again(&page(f, kind, &found, fields, &query, told.as_ref())?)
        }
    }
}

/// A description for many: only what was filled is set.
fn described(app: &App, actor: &Actor, form: &Form) -> Result<Map<String, Value>> {
    let mut set = edit::answers_many(app, actor, form)?;
    set.retain(|_, value| !value.is_null());
    if set.is_empty() {
        return Err(Error::missing("category"));
    }
    let mut body = Map::new();
    body.insert("kind".into(), Value::from(Kind::Describe.as_str()));
    body.insert("set".into(), Value::Object(set));
    Ok(body)
}

/// Which form is undone.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Of {
    of: String,
}

/// Voids what one form wrote, all or none.
#[post("/devices/bulk/undo")]
async fn strike(app: State, visitor: Visitor, query: Query<Of>, _form: Form) -> Answer {
    let actor = visitor.actor.clone();
    let done = run(&app, move |app| devices::undo(app, &actor, &query.0.of)).await;
    match done {
        Ok(n) => visitor.done("/devices", visitor.frame("").tn("devices.bulk_undone", n)),
        Err(error) => visitor.refused("/devices", &error),
    }
}
