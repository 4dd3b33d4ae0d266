//! One device: what can be done, its label, its journey, its record, its ledger.

use std::collections::HashMap;

use serde_json::Value;

use super::actions::{self, Step};
use super::cells::{self, Names};
use super::journey::{Stop, journey};
use super::record;
use super::said::{self, Line};
use crate::app::choices::{self, Choice};
use crate::app::devices::{self, DeviceView, Dossier, EventView};
use crate::app::papers;
use crate::domain::attachment::Subject;
use crate::domain::words::{Kind, Presence, Stage};
use crate::http::pages::attachments::{Attached, attached};
use crate::http::pages::chosen;
use crate::http::pages::prelude::*;

/// Entries shown at first.
const SHORT: usize = 25;

#[derive(Template)]
#[template(path = "devices/show.html")]
struct Show {
    f: Frame,
    tag: String,
    thing: String,
    device: DeviceView,
    category: Option<(String, String)>,
    /// None where it says nothing: not there yet, or gone.
    presence: Option<Html>,
    /// Its réforme is proposed and not decided.
    proposed: Option<String>,
    as_of: Option<Day>,
    buttons: Vec<Step>,
    others: Vec<Step>,
    held: bool,
    label: Option<String>,
    /// The last sheet that was signed for it: address and words.
    sheet: Option<(String, String)>,
    /// The exit it left by: its page, and its paper with its words.
    exit: Option<(String, Option<(String, String)>)>,
    loop_: Vec<Stop>,
    facts: Vec<(String, Html)>,
    codes: Vec<(String, String)>,
    custom: Vec<(String, String)>,
    parts: Vec<(String, String)>,
    owners: Vec<(String, String)>,
    edits: Vec<(String, String)>,
    lines: Vec<Line>,
    entries: String,
    more: Option<String>,
    attached: Attached,
}

/// What the page is asked.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Asked {
    as_of: Option<Day>,
    all: Option<String>,
}

/// The page. A merged device leads to the one it became.
#[get("/devices/{tag}")]
pub async fn show(app: State, visitor: Visitor, tag: Path<String>, query: Query<Asked>) -> Answer {
    let f = visitor.frame("devices");
    let (actor, asked, french) = (visitor.actor.clone(), query.0, f.lang == Lang::Fr);
    let (as_of, given) = (asked.as_of, tag.clone());
    let (dossier, categories) = run(&app, move |app| {
        let dossier = devices::dossier(app, &actor, &given, as_of)?;
        Ok((dossier, choices::categories(app, french)?))
    })
    .await?;
    if crate::domain::tag::fold(&dossier.device.tag) != crate::domain::tag::fold(&tag)
        && tag.as_str() != dossier.device.id
    {
        return Ok(visitor.go(&format!("/devices/{}", url(&dossier.device.tag))));
    }
    let d = &dossier.device;
    let about = (Subject::Device, d.tag.as_str());
    let to = format!("/devices/{}", url(&d.tag));
    let files = attached(&app, &visitor, about, &to).await?;
    let files = files.personal(&f, d.holder.as_deref());
    let all = asked.all.is_some();
    visitor.show(&page(f, &dossier, &categories, as_of, (all, files)))
}

fn page(
    f: Frame,
    dossier: &Dossier,
    categories: &[Choice],
    as_of: Option<Day>,
    (all, attached): (bool, Attached),
) -> Show {
    let categories: HashMap<String, String> = categories
        .iter()
        .map(|c| (c.key.clone(), c.name.clone()))
        .collect();
    let names = Names {
        titles: &dossier.titles,
        categories: &categories,
    };
    let d = &dossier.device;
    let (buttons, others) = if as_of.is_some() {
        (Vec::new(), Vec::new())
    } else {
        actions::next(&f, d, &dossier.events)
    };
    let mut lines = said::lines(&f, dossier, &names);
    let total = lines.len();
    if !all {
        lines.truncate(SHORT);
    }
    let part = |p: &DeviceView| (p.tag.clone(), cells::thing(p, &names));
    Show {
        tag: d.tag.clone(),
        thing: cells::thing(d, &names),
        category: d.category.as_ref().map(|key| {
            let to = address("/devices", &[("category", key)]);
            (to, categories.get(key).unwrap_or(key).clone())
        }),
        presence: presence(&f, dossier),
        proposed: dossier.proposed.as_ref().map(|p| chosen::proposed(&f, p)),
        as_of,
        held: as_of.is_none() && actions::held_by_data(d),
        label: (f.may(Right::Labels) && d.stage != Stage::Withdrawn)
            .then(|| format!("/api/v1/devices/{}/label", d.tag)),
        sheet: sheet(&f, dossier),
        exit: exit(&f, dossier),
        loop_: journey(&f, d, dossier),
        facts: record::facts(&f, d, &names),
        codes: record::codes(&f, d),
        custom: record::custom(&f, dossier),
        parts: dossier.parts.iter().map(part).collect(),
        owners: record::owners(&f, dossier),
        edits: if as_of.is_none() {
            edits(&f, d)
        } else {
            Vec::new()
        },
        entries: f.tn("devices.entries", total),
        more: (!all && total > SHORT).then(|| f.tn("devices.all_entries", total)),
        device: d.clone(),
        buttons,
        others,
        lines,
        attached,
        f,
    }
}

/// What corrects the record itself.
fn edits(f: &Frame, d: &DeviceView) -> Vec<(String, String)> {
    if d.stage == Stage::Withdrawn {
        return Vec::new();
    }
    let mut out = Vec::new();
    if f.may(Right::Event(Kind::Describe)) {
        let to = format!("/devices/{}/edit", d.tag);
        out.push((to, f.t("common.edit").to_owned()));
    }
    for kind in [Kind::Merge, Kind::Withdraw] {
        if f.may(Right::Event(kind)) {
            let to = format!("/devices/{}/do/{kind}", d.tag);
            out.push((to, f.word("do", kind.as_str())));
        }
    }
    out
}

/// The sheet that was last signed for it: of the present holder, or of a former one.
fn sheet(f: &Frame, dossier: &Dossier) -> Option<(String, String)> {
    let signed = [Kind::Allocate, Kind::Loan, Kind::Return];
    let last = last(dossier, &signed).filter(|_| f.may(Right::People))?;
    let d = &dossier.device;
    let to = format!("/devices/{}/bon-de-remise.pdf?event={}", d.tag, last.id);
    let words = if d.stage == Stage::InUse {
        f.t("devices.sheet").to_owned()
    } else {
        f.tx("devices.sheet_past", f.day(&last.on))
    };
    Some((to, words))
}

/// The exit that a device left by, and its paper.
fn exit(f: &Frame, dossier: &Dossier) -> Option<(String, Option<(String, String)>)> {
    let d = &dossier.device;
    let left = last(dossier, &[Kind::HandOver]).filter(|_| d.stage == Stage::Gone)?;
    let operation = left.fields.get("exit").and_then(Value::as_str);
    let to = format!("/exits/{}", url(operation.unwrap_or(&left.id)));
    let paper = d.exit_kind.and_then(papers::title).map(|title| {
        let words = f.tx("exits.paper", f.word("papers", title));
        (format!("{to}/attestation.pdf"), words)
    });
    Some((to, paper))
}

/// The last standing event of these kinds that the reader's own books hold.
fn last<'a>(dossier: &'a Dossier, kinds: &[Kind]) -> Option<&'a EventView> {
    let mut standing = dossier.events.iter().rev();
    standing.find(|e| e.voided_by.is_none() && kinds.contains(&e.kind) && !e.actor.is_empty())
}

/// Seen or not, and when it was last looked for. Of what is not here yet, or not any more, only that it was lost.
fn presence(f: &Frame, dossier: &Dossier) -> Option<Html> {
    let d = &dossier.device;
    let elsewhere = matches!(d.stage, Stage::Ordered | Stage::Gone | Stage::Withdrawn);
    if elsewhere && d.presence == Presence::Seen {
        return None;
    }
    let word = f.word("presence", d.presence.as_str());
    let looked = [
        Kind::Audit,
        Kind::Find,
        Kind::MarkMissing,
        Kind::ReportStolen,
    ];
    let text = match last(dossier, &looked) {
        Some(e) => format!("{word} ({})", f.day(&e.on)),
        None => word,
    };
    let mark = if d.presence == Presence::Seen {
        "ok"
    } else {
        "bad"
    };
    Some(Html(format!(
        "<strong class=\"{mark} mk\">{}</strong>",
        esc(&text)
    )))
}
