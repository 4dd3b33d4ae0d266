//! *Bon de remise*: what somebody takes, borrows, gives back, or holds.

use serde_json::Value;

use super::{Words, designation, shown};
use crate::app::devices::{self, Asked, EventView};
use crate::app::operations::chosen::{Item, items};
use crate::app::titles::{self, Titles};
use crate::app::{Actor, App, Right, entries};
use crate::domain::entry::EntryKind;
use crate::domain::person::Person;
use crate::domain::words::Kind;
use crate::error::{Error, Result};
use crate::i18n::{Arg, Lang};
use crate::labels::paper::{Block, Paper, Table, draw};

/// The kinds that hand a device to somebody or take it back.
const KINDS: &[Kind] = &[Kind::Allocate, Kind::Loan, Kind::Return, Kind::Deallocate];

/// The sheet of one hand-over of a device: of the event named, else of its last one.
///
/// # Errors
/// `forbidden` to those who may not see people; `not_found` when the device was never handed to anybody.
pub fn of_event(
    app: &App,
    actor: &Actor,
    lang: Lang,
    tag: &str,
    event: Option<&str>,
) -> Result<Vec<u8>> {
    actor.must(Right::People)?;
    let timeline = devices::events(app, actor, tag)?;
    let stands = |e: &&EventView| KINDS.contains(&e.kind) && e.voided_by.is_none();
    let found = match event {
        Some(id) => timeline.iter().filter(stands).find(|e| e.id == id),
        None => timeline.iter().rfind(stands),
    };
    let event = found.ok_or_else(Error::not_found)?;
    // A return need not repeat who had the device: it is the last hand-over before it that says so.
    let taken = match event.kind {
        Kind::Return | Kind::Deallocate => timeline
            .iter()
            .filter(stands)
            .rfind(|e| (e.on, e.n) < (event.on, event.n) && e.fields.contains_key("holder"))
            .unwrap_or(event),
        _ => event,
    };
    let w = Words(lang);
    let (item, names, organisation) = app.store.read(|db| {
        let view = devices::get_in(app, db, actor, tag, None)?;
        let owner = view.organisation.clone();
        let item = items(app, db, actor, vec![view])?
            .pop()
            .ok_or_else(Error::not_found)?;
        let mut wanted = vec![(EntryKind::Organisation, owner.as_str())];
        for (field, kind) in [("holder", EntryKind::Person), ("site", EntryKind::Site)] {
            wanted.extend(text(taken, field).map(|key| (kind, key)));
            wanted.extend(text(event, field).map(|key| (kind, key)));
        }
        let names = titles::of_in(app, db, actor, &wanted)?;
        let organisation = names.get(EntryKind::Organisation, &owner).to_owned();
        Ok((item, names, organisation))
    })?;
    let kind = event.kind.as_str();
    let mut paper = w.paper(app, actor, &organisation, w.t(&format!("title_{kind}")));
    let mut facts = vec![(w.t("on"), w.day(event.on))];
    facts.extend(who(w, taken, &names));
    if let Some(site) = text(event, "site").or(text(taken, "site")) {
        let site = names.get(EntryKind::Site, site).to_owned();
        facts.push((w.t("site"), site));
    }
    if event.kind == Kind::Loan {
        let due = text(event, "due_on").and_then(|d| crate::domain::day::Day::parse(d).ok());
        facts.push((w.t("due_on"), w.day_or(due)));
    }
    paper.blocks.push(Block::Facts(facts));
    finish(w, &mut paper, &[item], kind);
    draw(&paper)
}

/// The sheet of all that a person holds today: to sign at arrival, to tick off at departure.
///
/// # Errors
/// `forbidden`, `not_found`.
pub fn held(app: &App, actor: &Actor, lang: Lang, key: &str) -> Result<Vec<u8>> {
    let person = entries::get::<Person>(app, actor, key, None)?;
    let said = |field: &str| person.body.get(field).and_then(Value::as_str);
    let asked = Asked {
        holder: vec![person.id.clone()],
        limit: Some(1000),
        ..Asked::default()
    };
    let page = devices::list(app, actor, &asked)?;
    let organisation = said("organisation").unwrap_or_default().to_owned();
    let (items, organisation) = app.store.read(|db| {
        let wanted = [(EntryKind::Organisation, organisation.as_str())];
        let names = titles::of_in(app, db, actor, &wanted)?;
        let name = names.get(EntryKind::Organisation, &organisation).to_owned();
        Ok((items(app, db, actor, page.items)?, name))
    })?;
    let w = Words(lang);
    let mut paper = w.paper(app, actor, &organisation, w.t("title_held"));
    let mut facts = vec![
        (
            w.t("on"),
            w.day(crate::domain::day::Day::of(app.clock.now())),
        ),
        (w.t("holder"), w.or(said("name"))),
    ];
    facts.extend(said("service").map(|service| (w.t("service"), service.to_owned())));
    paper.blocks.push(Block::Facts(facts));
    finish(w, &mut paper, &items, "held");
    draw(&paper)
}

fn text<'a>(event: &'a EventView, field: &str) -> Option<&'a str> {
    event.fields.get(field).and_then(Value::as_str)
}

/// To whom: person, service.
fn who(w: Words, event: &EventView, names: &Titles) -> Vec<(String, String)> {
    let holder = text(event, "holder").map(|key| names.get(EntryKind::Person, key).to_owned());
    let service = text(event, "service").map(str::to_owned);
    let mut out = Vec::new();
    out.extend(holder.map(|holder| (w.t("holder"), holder)));
    out.extend(service.map(|service| (w.t("service"), service)));
    out
}

/// The devices, the undertaking, the boxes to sign.
fn finish(w: Words, paper: &mut Paper, items: &[Item], kind: &str) {
    let row = |item: &Item| {
        vec![
            shown(&item.device.tag),
            designation(item),
            w.or(item.device.serial.as_deref()),
            item.inventory.clone(),
            String::new(),
        ]
    };
    let columns = [
        ("tag", 1.3),
        ("designation", 2.9),
        ("serial", 1.7),
        ("inventory", 1.2),
        ("with", 1.6),
    ];
    paper.blocks.push(Block::Table(Table {
        columns: columns
            .iter()
            .map(|(key, share)| (w.t(key), *share, false))
            .collect(),
        rows: items.iter().map(row).collect(),
        total: Vec::new(),
    }));
    let n = i64::try_from(items.len()).unwrap_or(i64::MAX);
    paper
        .blocks
        .push(Block::Text(w.say("count", &[("n", Arg::Count(n))])));
    let back = matches!(kind, "return" | "deallocate");
    paper.blocks.push(Block::Text(w.t(if back {
        "text_back"
    } else {
        "text_taken"
    })));
    let (first, second) = if back {
        ("sign_holder_back", "sign_house_back")
    } else {
        ("sign_house", "sign_holder")
    };
    paper
        .blocks
        .push(Block::Sign(vec![w.t(first), w.t(second)]));
    paper.blocks.push(Block::Small(w.t("privacy")));
}
