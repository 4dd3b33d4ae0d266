//! One person: what they hold, what they give back when they leave, the erasure of their name. Lists and forms are
//! those of every reference table.

use super::prelude::*;
use super::reference::{self, kinds, shown};
use crate::app::devices::{self, Asked, DeviceView};
use crate::app::lifecycle::{self, Command, Now};
use crate::app::{people, titles};
use crate::domain::entry::EntryKind;
use crate::domain::text::Note;
use crate::domain::words::{Kind, Stage};
use serde_json::{Map, Value};

/// Routes of this file.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(show)
        .service(give_back)
        .service(ask_erasure)
        .service(erase);
}

/// Most devices that the page lists and gives back at once.
const MOST: i64 = 200;

/// A device that the person holds.
struct Held {
    tag: String,
    stage: Stage,
    what: String,
    place: String,
    /// What the button that brings it back to stock sends: event and tag; none where it cannot, or the reader may not.
    back: Option<String>,
}

#[derive(Template)]
#[template(path = "person.html")]
struct PersonPage {
    f: Frame,
    fields: Fields,
    name: String,
    to: String,
    erased: bool,
    ours: bool,
    facts: Vec<(&'static str, Html)>,
    lead: String,
    held: Vec<Held>,
    /// What the button for all of them says, where there are several.
    all: Option<String>,
}

/// The page.
#[get("/people/{key}")]
async fn show(app: State, visitor: Visitor, key: Path<String>) -> Answer {
    let fields = Fields::new(&visitor.frame("menu"));
    visitor.show(&page(&app, &visitor, key.into_inner(), fields).await?)
}

async fn page(app: &State, visitor: &Visitor, key: String, fields: Fields) -> Result<PersonPage> {
    let f = visitor.frame("menu");
    let (view, names) = reference::one(&kinds::PEOPLE, app, visitor, key).await?;
    let erased = view.body.get("erased") == Some(&Value::Bool(true));
    let (actor, holder) = (visitor.actor.clone(), view.id.clone());
    let (devices, ways, places) = run(app, move |app| {
        let devices = held(app, &actor, &holder)?;
        let ways = devices
            .iter()
            .map(|device| way_back(app, &actor, device))
            .collect::<Result<Vec<_>>>()?;
        let wanted: Vec<(EntryKind, &str)> = devices.iter().flat_map(named).collect();
        let places = titles::of(app, &actor, &wanted)?;
        Ok((devices, ways, places))
    })
    .await?;
    let places = places.speaking(f.lang == Lang::Fr);
    let held: Vec<Held> = devices
        .iter()
        .zip(ways)
        .map(|(device, way)| Held {
            tag: device.tag.clone(),
            stage: device.stage,
            what: what(device, &places),
            place: place(&f, device, &places),
            back: way
                .filter(|kind| f.may(Right::Event(*kind)))
                .map(|kind| format!("{kind}:{}", device.tag)),
        })
        .collect();
    let returnable = held.iter().filter(|held| held.back.is_some()).count();
    let archived = view.body.get("archived") == Some(&Value::Bool(true));
    Ok(PersonPage {
        lead: match (erased, archived, held.len()) {
            (true, ..) => f.t("people.erased_about").to_owned(),
            (_, true, 0) => f.t("reference.archived").to_owned(),
            (_, _, 0) => f.t("people.holds_nothing").to_owned(),
            (_, _, n) => f.tn("people.holds", count(n)),
        },
        all: (returnable > 1).then(|| f.tn("people.return_all", count(returnable))),
        fields,
        name: shown::name(&f, &kinds::PEOPLE, &view.body),
        to: shown::place(&kinds::PEOPLE, &view),
        erased,
        ours: view.ours,
        facts: shown::facts(&f, &kinds::PEOPLE, &names, &view.body),
        held,
        f,
    })
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// What a person holds now; what has left no longer counts.
fn held(app: &App, actor: &Actor, holder: &str) -> Result<Vec<DeviceView>> {
    let asked = Asked {
        holder: vec![holder.to_owned()],
        stage: Stage::LIVE.to_vec(),
        limit: Some(MOST),
        ..Asked::default()
    };
    Ok(devices::list(app, actor, &asked)?.items)
}

/// Names that the line of a device needs.
pub fn named(device: &DeviceView) -> Vec<(EntryKind, &str)> {
    let mut out = Vec::new();
    out.extend(device.model.as_deref().map(|key| (EntryKind::Model, key)));
    out.extend(
        device
            .category
            .as_deref()
            .map(|key| (EntryKind::Category, key)),
    );
    out.extend(device.site.as_deref().map(|key| (EntryKind::Site, key)));
    out
}

/// What a device is, as people say it: its model, else maker and category.
pub fn what(device: &DeviceView, names: &titles::Titles) -> String {
    if let Some(model) = device.model.as_deref() {
        return names.get(EntryKind::Model, model).to_owned();
    }
    let category = device
        .category
        .as_deref()
        .map(|key| names.get(EntryKind::Category, key));
    let parts: Vec<&str> = category
        .into_iter()
        .chain(device.manufacturer.as_deref())
        .collect();
    match (parts.is_empty(), &device.name) {
        (true, Some(name)) => name.clone(),
        _ => parts.join(" "),
    }
}

/// Where it is, or that nobody has said.
pub fn place(f: &Frame, device: &DeviceView, names: &titles::Titles) -> String {
    match (device.site.as_deref(), device.service.as_deref()) {
        (Some(site), _) => names.get(EntryKind::Site, site).to_owned(),
        (None, Some(service)) => service.to_owned(),
        (None, None) => f.t("common.unknown").to_owned(),
    }
}

/// How a device comes back to stock: a loan is returned, an allocation ends; neither where the stage does not allow it.
fn way_back(app: &App, actor: &Actor, device: &DeviceView) -> Result<Option<Kind>> {
    if !device.next_events.contains(&Kind::Deallocate) {
        return Ok(None);
    }
    let events = devices::events(app, actor, &device.tag)?;
    let last = events
        .iter()
        .rev()
        .find(|e| e.voided_by.is_none() && matches!(e.kind, Kind::Allocate | Kind::Loan));
    Ok(Some(match last.map(|event| event.kind) {
        Some(Kind::Loan) => Kind::Return,
        _ => Kind::Deallocate,
    }))
}

/// Brings one device, or all, back to stock.
#[post("/people/{key}/return")]
async fn give_back(app: State, visitor: Visitor, key: Path<String>, form: Form) -> Answer {
    let key = key.into_inner();
    let to = format!("/people/{}", url(&key));
    let actor = visitor.actor.clone();
    let sent = form.clone();
    let done = run(&app, move |app| {
        let instant = app.clock.now();
        let now = Now {
            instant,
            today: Day::of(instant),
        };
        let mut commands = Vec::new();
        for back in sent.all("back") {
            let (kind, tag) = back.split_once(':').ok_or_else(|| Error::missing("kind"))?;
            if !matches!(kind, "deallocate" | "return") {
                return Err(Error::invalid(
                    "kind",
                    "a device comes back by deallocate or return",
                ));
            }
            let mut body = Map::new();
            body.insert("kind".into(), kind.into());
            body.insert("on".into(), now.today.to_string().into());
            body.insert("key".into(), format!("{}:{tag}", sent.text("key")).into());
            commands.push(Command::read(body, Some(tag), now)?);
        }
        if commands.is_empty() {
            return Err(Error::missing("devices"));
        }
        lifecycle::record_all(app, &actor, commands)
    })
    .await;
    let f = visitor.frame("menu");
    match done {
        Ok(recorded) => visitor.done(&to, f.tn("people.returned", count(recorded.len()))),
        Err(error) if error.code == Code::Internal => Err(error),
        Err(error) => visitor.refused(&to, &error),
    }
}

#[derive(Template)]
#[template(path = "person_erase.html")]
struct ErasePage {
    f: Frame,
    fields: Fields,
    name: String,
    to: String,
    /// What they still hold, where they do.
    holds: Option<String>,
}

async fn erase_page(
    app: &State,
    visitor: &Visitor,
    key: String,
    fields: Fields,
) -> Result<ErasePage> {
    visitor.actor.must(Right::Erase)?;
    let page = page(app, visitor, key, Fields::default()).await?;
    Ok(ErasePage {
        name: page.name,
        to: page.to,
        holds: match page.held.len() {
            0 => None,
            n => Some(page.f.tn("people.erase_holds", count(n))),
        },
        fields,
        f: page.f,
    })
}

/// What an erasure does, before it is done.
#[get("/people/{key}/erase")]
async fn ask_erasure(app: State, visitor: Visitor, key: Path<String>) -> Answer {
    let fields = Fields::new(&visitor.frame("menu"));
    visitor.show(&erase_page(&app, &visitor, key.into_inner(), fields).await?)
}

/// Does it.
#[post("/people/{key}/erase")]
async fn erase(app: State, visitor: Visitor, key: Path<String>, form: Form) -> Answer {
    let key = key.into_inner();
    let (sent, person) = (form.clone(), key.clone());
    let done = once(&app, &visitor, &form, move |app, actor| {
        let reason = match sent.text("reason") {
            "" => return Err(Error::missing("reason")),
            text => Note::parse(text).map_err(|e| Error::invalid("reason", e))?,
        };
        let erased = people::erase(app, actor, &person, people::Erase { reason })?;
        Ok(format!("/people/{}", url(&erased.key)))
    })
    .await;
    let f = visitor.frame("menu");
    match done {
        Ok(to) => visitor.done(&to, f.t("people.erase_done")),
        Err(error) if error.field.as_deref() == Some("reason") => {
            let fields = Fields::refused(&f, &form, &error);
            visitor.again(&erase_page(&app, &visitor, key, fields).await?)
        }
        Err(error) => Err(error),
    }
}
