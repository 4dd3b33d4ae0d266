//! What the page's script asks for: what a code means, and the list by which it goes on without a network. The words
//! are made here; the script only puts them in their place.

use actix_web::HttpResponse;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::app::devices::{self, Asked, DeviceView};
use crate::app::titles::{self, Titles};
use crate::domain::codes;
use crate::domain::entry::EntryKind;
use crate::domain::tag::{self, Tag};
use crate::domain::words::{Kind, Presence, Stage};
use crate::http::pages::people::{named, place, what};
use crate::http::pages::prelude::*;

/// Most devices of the list for work without a network.
const MOST: usize = 5_000;

/// Routes of this file.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(look).service(expected);
}

/// A device as the script shows it.
#[derive(Debug, Serialize)]
struct Thing {
    tag: String,
    shown: String,
    what: String,
    place: String,
    site: Option<String>,
    stage: String,
    gone: bool,
    presence: Presence,
    next: Vec<Kind>,
    /// By what it was found; empty in the list.
    by: String,
    /// Its codes as they are compared, its tag among them.
    codes: Vec<String>,
}

fn thing(f: &Frame, device: &DeviceView, names: &Titles, by: &str) -> Thing {
    let serial = device.serial.as_deref();
    let mut folds: Vec<String> = serial
        .into_iter()
        .chain(device.codes.iter().map(|c| c.value.as_str()))
        .map(plain)
        .collect();
    folds.push(tag::fold(&device.tag));
    folds.sort();
    folds.dedup();
    Thing {
        shown: Tag::stored(&device.tag).shown(),
        what: what(device, names),
        place: place(f, device, names),
        site: device.site.clone(),
        stage: f.word("stage", device.stage.as_str()),
        gone: device.stage == Stage::Gone,
        presence: device.presence,
        next: device.next_events.clone(),
        by: by.to_owned(),
        codes: folds,
        tag: device.tag.clone(),
    }
}

/// A code without what people vary: the script compares by the same rule.
fn plain(code: &str) -> String {
    codes::fold(crate::domain::words::CodeKind::Uuid, code).to_uppercase()
}

/// What was scanned.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Scanned {
    code: String,
}

/// What a code means, in words.
#[derive(Debug, Serialize)]
struct Found {
    found: Vec<Thing>,
    /// Key and name, when it is a site's label.
    site: Option<(String, String)>,
    /// Where an unknown code can be made a device.
    create: Option<String>,
}

#[get("/scan/look")]
async fn look(app: State, visitor: Visitor, query: Query<Scanned>) -> Answer {
    let f = visitor.frame("scan");
    let (actor, code) = (visitor.actor.clone(), query.0.code);
    let found = run(&app, move |app| {
        let scan = devices::scan(app, &actor, &code)?;
        let mut wanted: Vec<(EntryKind, &str)> = Vec::new();
        for one in &scan.matches {
            wanted.extend(named(&one.device));
        }
        wanted.extend(scan.site.as_deref().map(|key| (EntryKind::Site, key)));
        let names = titles::of(app, &actor, &wanted)?;
        let things = scan.matches.iter().take(20);
        let lost = scan.matches.is_empty() && scan.site.is_none() && f.may(Right::Devices);
        Ok(Found {
            found: things
                .map(|one| thing(&f, &one.device, &names, &one.by))
                .collect(),
            create: lost.then(|| super::page::create(&scan.code)),
            site: scan.site.as_ref().map(|key| {
                let name = names.get(EntryKind::Site, key).to_owned();
                (key.clone(), name)
            }),
        })
    })
    .await?;
    json(&found)
}

/// Whose devices.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Where {
    site: String,
}

/// The devices that may be met at a place, or everywhere.
#[derive(Debug, Serialize)]
struct Expected {
    at: String,
    items: Vec<Thing>,
    more: bool,
}

#[get("/scan/expected")]
async fn expected(app: State, visitor: Visitor, query: Query<Where>) -> Answer {
    let f = visitor.frame("scan");
    let (actor, site) = (visitor.actor.clone(), query.0.site);
    let list = run(&app, move |app| {
        let mut asked = Asked {
            stage: Stage::LIVE.to_vec(),
            site: (!site.is_empty()).then_some(site).into_iter().collect(),
            limit: Some(1000),
            ..Asked::default()
        };
        let mut all: Vec<DeviceView> = Vec::new();
        loop {
            let page = devices::list(app, &actor, &asked)?;
            all.extend(page.items);
            asked.cursor = page.next;
            if asked.cursor.is_none() || all.len() >= MOST {
                break;
            }
        }
        let more = asked.cursor.is_some();
        let wanted: Vec<(EntryKind, &str)> = all.iter().flat_map(named).collect();
        let names = titles::of(app, &actor, &wanted)?;
        Ok(Expected {
            at: f.when(&app.clock.now()),
            items: all.iter().map(|d| thing(&f, d, &names, "")).collect(),
            more,
        })
    })
    .await?;
    json(&list)
}

/// An answer for the script, kept by nobody.
pub fn json<T: Serialize>(value: &T) -> Answer {
    let value: Value = serde_json::to_value(value).map_err(Error::internal)?;
    Ok(HttpResponse::Ok()
        .insert_header(("cache-control", "no-store"))
        .json(value))
}
