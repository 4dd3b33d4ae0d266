//! What happens to a device: one form for every event, made from the stage table; and voiding what was wrong.

use serde_json::Value;

use super::actions;
use super::questions::{self, Lists};
use crate::app::devices::{self, DeviceView};
use crate::app::lifecycle::{self, Command, Now};
use crate::app::titles;
use crate::domain::entry::EntryKind;
use crate::domain::words::{Data, Kind};
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
    /// It goes to somebody else with the data of whoever had it.
    theirs: bool,
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
        lists: questions::lists(app, actor, kind, device.exit_kind)?,
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
        theirs: matches!(kind, Kind::Allocate | Kind::Loan)
            && ground.device.data == Data::Holds
            && ground.device.first_use_on.is_some(),
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
        let recorded = lifecycle::record(app, &actor, command, Expected::Anything)?;
        // It is written: a device that left our sight with it is no refusal.
        let whom = whom(app, &actor, &of, &recorded.event.id).unwrap_or_default();
        Ok((recorded, whom))
    })
    .await;
    let f = visitor.frame("devices");
    let to = format!("/devices/{}", url(&tag));
    match done {
        Ok(_) if matches!(kind, Kind::Correct | Kind::Merge | Kind::Withdraw) => {
            visitor.done(&to, f.word("said", kind.as_str()))
        }
        Ok((recorded, whom)) => {
            let proved = recorded.event.fields.verified == Some(true);
            let sentence = if kind == Kind::Wipe && !proved {
                "devices.wiped_unproved"
            } else if whom.is_empty() {
                "devices.done"
            } else {
                "devices.done_to"
            };
            let args = [
                ("what", Arg::text(f.word("kind", kind.as_str()))),
                ("whom", Arg::text(whom)),
                ("on", Arg::text(f.day(&recorded.event.on))),
            ];
            let signed = matches!(
                kind,
                Kind::Allocate | Kind::Loan | Kind::Return | Kind::Deallocate
            ) && f.may(Right::People);
            let paper = signed.then(|| {
                let at = format!("{to}/bon-de-remise.pdf?event={}", recorded.event.id);
                (at, f.t("devices.sheet").to_owned())
            });
            let undo = format!("{to}/correct?event={}", recorded.event.id);
            visitor.done_with_paper(&to, f.say(sentence, &args), &undo, paper)
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

/// Whom and where an event names: person, service, site.
fn whom(app: &App, actor: &Actor, tag: &str, event: &str) -> Result<String> {
    let events = devices::events(app, actor, tag)?;
    let Some(event) = events.iter().find(|e| e.id == event) else {
        return Ok(String::new());
    };
    let said = |field: &str| event.fields.get(field).and_then(Value::as_str);
    let kinds = [
        ("holder", Some(EntryKind::Person)),
        ("service", None),
        ("site", Some(EntryKind::Site)),
    ];
    let wanted: Vec<(EntryKind, &str)> = kinds
        .iter()
        .filter_map(|(field, kind)| Some(((*kind)?, said(field)?)))
        .collect();
    let names = titles::of(app, actor, &wanted)?;
    let shown = kinds.iter().filter_map(|(field, kind)| {
        let said = said(field)?;
        let name = kind.map_or(said, |kind| names.get(kind, said));
        // The word travels in a cookie.
        Some(name.chars().take(80).collect::<String>())
    });
    Ok(shown.collect::<Vec<_>>().join(", "))
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
