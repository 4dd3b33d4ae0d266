//! What happens to a device: one form for every event, made from the stage table; and voiding what was wrong.

use serde_json::Value;

use super::actions;
use super::questions::{self, Lists};
use crate::app::devices::{self, DeviceView};
use crate::app::lifecycle::{self, Command, Now};
use crate::domain::words::Kind;
use crate::http::pages::prelude::*;

/// Routes of this file.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(ask).service(tell).service(correct);
}

#[derive(Template)]
#[template(path = "devices/event.html")]
struct Question {
    f: Frame,
    fields: Fields,
    device: DeviceView,
    kind: &'static str,
    title: String,
    about: String,
    controls: Vec<Html>,
    dated: bool,
    noted: bool,
    law: Option<(&'static str, &'static str)>,
    held: bool,
    voids: Option<(String, String)>,
}

/// Everything the form needs.
struct Ground {
    device: DeviceView,
    lists: Lists,
    voids: Option<(Kind, i64, Day)>,
}

fn ground(app: &App, actor: &Actor, tag: &str, kind: Kind, event: &str) -> Result<Ground> {
    actor.must(Right::Event(kind))?;
    let device = devices::get(app, actor, tag, None)?;
    let voids = if kind == Kind::Correct {
        let events = devices::events(app, actor, tag)?;
        let meant = events.into_iter().find(|e| e.id == event);
        let meant = meant.ok_or_else(Error::not_found)?;
        Some((meant.kind, meant.n, meant.on))
    } else {
        None
    };
    Ok(Ground {
        lists: questions::lists(app, actor, kind)?,
        device,
        voids,
    })
}

/// A kind that has a form; the others are written by programs or have a page of their own.
fn kind_of(word: &str) -> Result<Kind> {
    let kind = Kind::parse(word).map_err(|_| Error::not_found())?;
    match kind {
        Kind::Adopt | Kind::Order | Kind::Describe | Kind::Observe | Kind::Absorb => {
            Err(Error::not_found())
        }
        kind => Ok(kind),
    }
}

fn page(f: Frame, kind: Kind, ground: Ground, fields: Fields) -> Question {
    let voids = ground.voids.map(|(kind, n, on)| {
        let what = f.word("kind", kind.as_str());
        let line = [
            ("x", Arg::text(n.to_string())),
            ("on", Arg::text(f.day(&on))),
        ];
        (what, f.say("devices.entry", &line))
    });
    Question {
        controls: questions::controls(&f, &fields, kind, &ground.lists),
        kind: kind.as_str(),
        title: f.word("do", kind.as_str()),
        about: f.word("about", kind.as_str()),
        dated: !kind.is_correction(),
        // A correction says its reason, and so do those that must give one.
        noted: !matches!(kind, Kind::Correct | Kind::Withdraw | Kind::Merge),
        law: questions::law(&f, kind),
        held: kind == Kind::HandOver && actions::held_by_data(&ground.device),
        voids,
        device: ground.device,
        fields,
        f,
    }
}

/// What the form opens with: today, the kind of exit that was chosen, where it is.
fn opening(f: &Frame, device: &DeviceView, kind: Kind, event: &str) -> Fields {
    let mut fields = Fields::new(f)
        .set("on", f.today.to_string())
        .set("event", event);
    if kind == Kind::HandOver
        && let Some(exit) = device.exit_kind
    {
        fields = fields.set("exit_kind", exit.as_str());
    }
    fields
}

/// The event to void, named in the address.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Voided {
    event: String,
}

/// The form.
#[get("/devices/{tag}/do/{kind}")]
async fn ask(
    app: State,
    visitor: Visitor,
    path: Path<(String, String)>,
    query: Query<Voided>,
) -> Answer {
    let (tag, kind) = path.into_inner();
    let kind = kind_of(&kind)?;
    let (actor, event) = (visitor.actor.clone(), query.0.event);
    let named = event.clone();
    let ground = run(&app, move |app| ground(app, &actor, &tag, kind, &named)).await?;
    let f = visitor.frame("devices");
    let fields = opening(&f, &ground.device, kind, &event);
    visitor.show(&page(f, kind, ground, fields))
}

/// Records it.
#[post("/devices/{tag}/do/{kind}")]
async fn tell(app: State, visitor: Visitor, path: Path<(String, String)>, form: Form) -> Answer {
    let (tag, kind) = path.into_inner();
    let kind = kind_of(&kind)?;
    let (actor, sent, of) = (visitor.actor.clone(), form.clone(), tag.clone());
    let done = run(&app, move |app| {
        let mut body = questions::answers(app, &actor, kind, &sent)?;
        body.insert("key".into(), Value::from(sent.text("key")));
        let command = Command::read(body, Some(&of), now(app))?;
        lifecycle::record(app, &actor, command, Expected::Anything)
    })
    .await;
    let f = visitor.frame("devices");
    let to = format!("/devices/{}", url(&tag));
    match done {
        Ok(recorded) if matches!(kind, Kind::Correct | Kind::Merge | Kind::Withdraw) => {
            let _ = recorded;
            visitor.done(&to, f.word("said", kind.as_str()))
        }
        Ok(recorded) => {
            let args = [
                ("what", Arg::text(f.word("kind", kind.as_str()))),
                ("on", Arg::text(f.day(&recorded.event.on))),
            ];
            let undo = format!("{to}/correct?event={}", recorded.event.id);
            visitor.done_with_undo(&to, f.say("devices.done", &args), &undo)
        }
        Err(error) if error.code == Code::Internal || error.code == Code::NotFound => Err(error),
        Err(error) => {
            let (actor, event) = (visitor.actor.clone(), form.text("event").to_owned());
            let ground = run(&app, move |app| ground(app, &actor, &tag, kind, &event)).await?;
            let f = f.keyed(&form, &error);
            let fields = questions::refused(&f, &form, &error);
            visitor.again(&page(f, kind, ground, fields))
        }
    }
}

fn now(app: &App) -> Now {
    let instant = app.clock.now();
    Now {
        instant,
        today: Day::of(instant),
    }
}

/// « Annuler »: voids an event that was just written.
#[post("/devices/{tag}/correct")]
async fn correct(
    app: State,
    visitor: Visitor,
    tag: Path<String>,
    query: Query<Voided>,
    _form: Form,
) -> Answer {
    let to = format!("/devices/{}", url(&tag));
    let (actor, event) = (visitor.actor.clone(), query.0.event);
    let done = run(&app, move |app| {
        let body = serde_json::json!({
            "kind": "correct",
            "event": event,
            // Sent twice, it happens once.
            "key": format!("undo:{event}"),
        });
        let Value::Object(body) = body else {
            return Err(Error::not_found());
        };
        let command = Command::read(body, Some(&tag), now(app))?;
        lifecycle::record(app, &actor, command, Expected::Anything)
    })
    .await;
    match done {
        Ok(_) => visitor.done(&to, visitor.frame("").t("devices.undone")),
        Err(error) => visitor.refused(&to, &error),
    }
}
