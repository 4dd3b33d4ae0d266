//! One device: what can be done, its label, its journey, its record, its ledger.

use std::collections::HashMap;

use serde_json::Value;

use super::actions::{self, Step};
use super::cells::{self, Names};
use super::said::{self, Line};
use crate::app::choices::{self, Choice};
use crate::app::devices::{self, DeviceView, Dossier};
use crate::domain::attachment::Subject;
use crate::domain::entry::EntryKind;
use crate::domain::facts::Spell;
use crate::domain::words::{Kind, Presence, Stage, Tenure};
use crate::http::pages::attachments::{Attached, attached};
use crate::http::pages::prelude::*;
use crate::i18n;

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
    presence: Html,
    as_of: Option<Day>,
    buttons: Vec<Step>,
    others: Vec<Step>,
    held: bool,
    label: Option<String>,
    sheet: Option<String>,
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

/// A stop on the journey.
struct Stop {
    class: &'static str,
    current: bool,
    name: String,
    about: String,
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
    let last = dossier.events.iter().rev().find(|e| {
        e.voided_by.is_none() && matches!(e.kind, Kind::Allocate | Kind::Loan | Kind::Return)
    });
    let part = |p: &DeviceView| (p.tag.clone(), cells::thing(p, &names));
    Show {
        tag: d.tag.clone(),
        thing: cells::thing(d, &names),
        category: d.category.as_ref().map(|key| {
            let to = address("/devices", &[("category", key)]);
            (to, categories.get(key).unwrap_or(key).clone())
        }),
        presence: presence(&f, dossier),
        as_of,
        held: as_of.is_none() && actions::held_by_data(d),
        label: (f.may(Right::Labels) && d.stage != Stage::Withdrawn)
            .then(|| format!("/api/v1/devices/{}/label", d.tag)),
        sheet: last
            .filter(|_| f.may(Right::People))
            .map(|e| format!("/devices/{}/bon-de-remise.pdf?event={}", d.tag, e.id)),
        loop_: journey(&f, d, dossier),
        facts: facts(&f, d, &names),
        codes: codes(&f, d),
        custom: custom(&f, dossier),
        parts: dossier.parts.iter().map(part).collect(),
        owners: owners(&f, dossier),
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

/// Seen or not, and when it was last looked for.
fn presence(f: &Frame, dossier: &Dossier) -> Html {
    let d = &dossier.device;
    let word = f.word("presence", d.presence.as_str());
    let last = dossier.events.iter().rev().find(|e| {
        e.voided_by.is_none()
            && matches!(
                e.kind,
                Kind::Audit | Kind::Find | Kind::MarkMissing | Kind::ReportStolen
            )
    });
    let text = match last {
        Some(e) => format!("{word} ({})", f.day(&e.on)),
        None => word,
    };
    let mark = if d.presence == Presence::Seen {
        "ok"
    } else {
        "bad"
    };
    Html(format!(
        "<strong class=\"{mark} mk\">{}</strong>",
        esc(&text)
    ))
}

/// The stops of the drawing, in its order.
const STOPS: &[(Stage, &str)] = &[
    (Stage::Ordered, ""),
    (Stage::InStock, ""),
    (Stage::Refurbishing, "back"),
    (Stage::InRepair, "back b2"),
    (Stage::InUse, ""),
    (Stage::Retired, ""),
    (Stage::Oriented, ""),
    (Stage::Gone, ""),
];

/// Day of the last standing event of a kind: what began and ended on one day has no spell of its own.
fn last_day(dossier: &Dossier, kind: Kind) -> Option<Day> {
    let mut standing = dossier.events.iter().rev();
    let event = standing.find(|e| e.kind == kind && e.voided_by.is_none());
    event.map(|e| e.on)
}

fn journey(f: &Frame, d: &DeviceView, dossier: &Dossier) -> Vec<Stop> {
    let spells: &[Spell] = &dossier.spells;
    STOPS
        .iter()
        .map(|(stage, class)| {
            // Spells of one stage in a row (moved, cleared…) are one stay.
            let mut stays: Vec<(Day, Option<Day>)> = Vec::new();
            let mut before = None;
            for spell in spells {
                if spell.stage == *stage {
                    match stays.last_mut() {
                        Some(stay) if before == Some(*stage) => stay.1 = spell.to,
                        _ => stays.push((spell.from, spell.to)),
                    }
                }
                before = Some(spell.stage);
            }
            let passed = match stage {
                Stage::Retired => d.retired_on,
                Stage::Oriented if d.stage == Stage::Gone => last_day(dossier, Kind::Orient),
                _ => None,
            };
            if let Some(day) = passed
                && stays.is_empty()
            {
                stays.push((day, Some(day)));
            }
            let current = d.stage == *stage;
            Stop {
                class: match (stays.is_empty() || current, *class) {
                    (false, "") => "been",
                    (false, "back") => "been back",
                    (false, _) => "been back b2",
                    (true, class) => class,
                },
                current,
                name: f.word("stage", stage.as_str()),
                about: stop(f, *stage, &stays),
            }
        })
        .collect()
}

fn stop(f: &Frame, stage: Stage, stays: &[(Day, Option<Day>)]) -> String {
    let days: i64 = stays
        .iter()
        .map(|(from, to)| to.unwrap_or(f.today).days_since(*from))
        .sum();
    match (stage, stays) {
        (Stage::Refurbishing | Stage::InRepair, []) => f.t("devices.never").to_owned(),
        (Stage::Refurbishing | Stage::InRepair, many) => f.tn("devices.times", many.len()),
        (_, []) => "\u{a0}".to_owned(),
        (Stage::InUse, _) if days >= 730 => f.tn("devices.lasted_years", days / 365),
        (Stage::InUse, _) if days >= 60 => f.tn("devices.lasted_months", days / 30),
        (Stage::InUse, _) => f.tn("devices.lasted_days", days),
        (_, [.., (from, _)]) => f.day(from),
    }
}

/// The record: facts with the names people know.
fn facts(f: &Frame, d: &DeviceView, names: &Names<'_>) -> Vec<(String, Html)> {
    let unknown = || {
        Html(format!(
            "<span class=\"soft\">{}</span>",
            f.t("common.unknown")
        ))
    };
    let text = |t: Option<String>| t.map_or_else(unknown, |t| Html(esc(&t)));
    let day = |day: Option<Day>| text(day.map(|day| f.day(&day)));
    let word = |section: &str, word: Option<&str>| text(word.map(|w| f.word(section, w)));
    let titled = |kind: EntryKind, key: &Option<String>| {
        key.as_deref()
            .map(|key| names.titles.get(kind, key).to_owned())
    };
    let linked = |parameter: &str, key: &str, name: &str| {
        let to = address("/devices", &[(parameter, key)]);
        Html(format!("<a href=\"{}\">{}</a>", esc(&to), esc(name)))
    };
    let mut out: Vec<(&str, Html)> = Vec::new();
    if d.name.is_some() {
        out.push(("name", text(d.name.clone())));
    }
    let category = d
        .category
        .as_ref()
        .map(|key| names.categories.get(key).unwrap_or(key).clone());
    out.push(("category", text(category)));
    out.push((
        "organisation",
        text(titled(
            EntryKind::Organisation,
            &Some(d.organisation.clone()),
        )),
    ));
    out.push((
        "site",
        match &d.site {
            Some(key) => linked("site", key, names.titles.get(EntryKind::Site, key)),
            None => unknown(),
        },
    ));
    if f.may(Right::People) {
        out.push((
            "holder",
            match &d.holder {
                Some(key) => linked("holder", key, names.titles.get(EntryKind::Person, key)),
                None => Html(f.t("common.none").to_owned()),
            },
        ));
    }
    if d.service.is_some() {
        out.push(("service", text(d.service.clone())));
    }
    out.push(("acquired_on", acquired(f, d)));
    if d.purchase_price_cents.is_some() {
        out.push((
            "purchase_price_cents",
            text(d.purchase_price_cents.map(|cents| f.euros(&cents))),
        ));
    }
    if d.acquisition.is_some() {
        out.push((
            "acquisition",
            word("acquisition", d.acquisition.map(|w| w.as_str())),
        ));
    }
    if d.tenure != Tenure::Owned {
        out.push(("tenure", word("tenure", Some(d.tenure.as_str()))));
    }
    if let Some(until) = d.warranty_until {
        let key = if until < f.today {
            "devices.warranty_over"
        } else {
            "devices.warranty"
        };
        out.push(("warranty_until", text(Some(f.tx(key, f.day(&until))))));
    }
    out.push(("age", text(cells::age(f, d))));
    for (field, value) in [
        ("manufactured_on", d.manufactured_on),
        ("first_sold_on", d.first_sold_on),
        ("first_use_on", d.first_use_on),
        ("retired_on", d.retired_on),
        ("gone_on", d.gone_on),
    ] {
        if value.is_some() {
            out.push((field, day(value)));
        }
    }
    if d.exit_kind.is_some() {
        out.push((
            "exit_kind",
            word("exit_kind", d.exit_kind.map(|w| w.as_str())),
        ));
    }
    if let Some(grams) = d.weight_g {
        out.push(("weight_g", text(Some(f.whole(grams)))));
    }
    if let Some(n) = d.weee_category {
        out.push(("weee_category", text(Some(n.to_string()))));
    }
    if let Some(whole) = &d.part_of {
        out.push(("part_of", f.tag(whole)));
    }
    if let Some(excluded) = d.security_exclusion.as_ref().filter(|s| s.yes) {
        let why = excluded.reason.as_ref().map(|r| r.as_str().to_owned());
        let why = why.unwrap_or_else(|| f.t("common.yes").to_owned());
        out.push(("security_exclusion", text(Some(why))));
    }
    out.into_iter()
        .map(|(field, value)| (f.word("field", field), value))
        .collect()
}

fn acquired(f: &Frame, d: &DeviceView) -> Html {
    let parts: Vec<String> = d
        .acquired_on
        .map(|day| f.day(&day))
        .into_iter()
        .chain(
            d.condition
                .map(|c| f.word("condition", c.as_str()).to_lowercase()),
        )
        .collect();
    Html(if parts.is_empty() {
        format!("<span class=\"soft\">{}</span>", f.t("common.unknown"))
    } else {
        esc(&parts.join(", "))
    })
}

fn codes(f: &Frame, d: &DeviceView) -> Vec<(String, String)> {
    let mut out = vec![(f.word("field", "tag"), f.tag_text(&d.tag))];
    if let Some(serial) = &d.serial {
        out.push((f.word("code_kind", "serial"), serial.clone()));
    }
    out.extend(d.codes.iter().map(|code| {
        let kind = f.word("code_kind", code.kind.as_str());
        (kind, code.value.as_str().to_owned())
    }));
    out
}

/// Custom fields by the labels of their definitions; what an import left without one by its own name.
fn custom(f: &Frame, dossier: &Dossier) -> Vec<(String, String)> {
    let shown = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Bool(yes) => f
            .t(if *yes { "common.yes" } else { "common.no" })
            .to_owned(),
        other => other.to_string(),
    };
    let mut out: Vec<(String, String)> = dossier
        .device
        .extra
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(key, value)| {
            (
                custom_label(f.lang, dossier.custom.get(key), key),
                shown(value),
            )
        })
        .collect();
    out.sort();
    out
}

/// What a custom field is called in a language.
pub fn custom_label(
    lang: Lang,
    field: Option<&crate::domain::custom_field::CustomField>,
    key: &str,
) -> String {
    let label = field.and_then(|field| {
        let own = match lang {
            Lang::Fr => field.label.fr.as_ref(),
            Lang::En => field.label.en.as_ref(),
        };
        own.or(field.name.as_ref())
    });
    label.map_or_else(|| key.to_owned(), |l| l.as_str().to_owned())
}

/// Whose it was, when it was more than one's.
fn owners(f: &Frame, dossier: &Dossier) -> Vec<(String, String)> {
    if dossier.owners.len() < 2 {
        return Vec::new();
    }
    dossier
        .owners
        .iter()
        .map(|owner| {
            let name = owner.name.clone();
            let name = name.unwrap_or_else(|| f.t("devices.other_owner").to_owned());
            let from = f.day(&owner.from);
            let span = match owner.to {
                None => f.tx("devices.owned_since", from),
                Some(to) => i18n::fill(
                    f.lang,
                    f.t("devices.owned"),
                    &[("from", Arg::text(from)), ("to", Arg::text(f.day(&to)))],
                ),
            };
            (name, span)
        })
        .collect()
}
