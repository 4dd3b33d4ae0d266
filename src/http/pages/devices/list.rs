//! The list: what is there in words, filters, stages, rows, and the ways on.

use std::collections::HashMap;

use super::bulk;
use super::cells::{self, Head, Names, Row};
use super::place::{EVERY, Place, TRACKED};
use crate::app::choices::{self, Choice};
use crate::app::devices::{self, Asked, ByStage, DeviceView};
use crate::app::exports;
use crate::app::titles::{self, Titles};
use crate::app::views::{self as kept, View};
use crate::domain::entry::EntryKind;
use crate::domain::words::{Data, Presence, Stage};
use crate::exchange::write::Format;
use crate::http::pages::prelude::*;
use crate::http::stream;

/// Rows of a page.
const ROWS: i64 = 25;
/// Filters in sight beside the search; the others stand behind « Plus de filtres ».
const VISIBLE: usize = 4;
/// Most sites offered by the filter.
const SITES: i64 = 300;

/// A tab over the list.
struct Tab {
    to: String,
    name: String,
    n: String,
    current: bool,
}

/// A select of the filter bar.
struct Select {
    name: &'static str,
    label: String,
    first: String,
    choices: Vec<(String, String)>,
    value: String,
}

#[derive(Template)]
#[template(path = "devices/list.html")]
struct List {
    f: Frame,
    lead: String,
    narrowed: bool,
    q: String,
    selects: Vec<Select>,
    more: Vec<Select>,
    more_open: bool,
    hidden: Html,
    tabs: Vec<Tab>,
    active: Vec<(String, String)>,
    as_of: Option<Day>,
    as_of_hidden: Html,
    heads: Vec<Head>,
    rows: Vec<Row>,
    caption: String,
    next: Option<String>,
    first: Option<String>,
    hundred: Option<String>,
    found: String,
    kept_hidden: Html,
    actions: Vec<(String, String)>,
    columns: Vec<(&'static str, String, bool)>,
    columns_hidden: Html,
    views: Vec<View>,
    query: String,
    csv: String,
    labels: Option<String>,
    may_add: bool,
}

/// What the page needs from the use cases, in one go.
struct Found {
    page: Page<DeviceView>,
    stages: ByStage,
    all: ByStage,
    titles: Titles,
    categories: Vec<Choice>,
    sites: Vec<Choice>,
    organisations: Vec<Choice>,
    views: Vec<View>,
}

fn find(app: &App, actor: &Actor, asked: &Asked, french: bool) -> Result<Found> {
    let page = devices::list(app, actor, asked)?;
    let stages = devices::stages(app, actor, asked)?;
    let everything = Asked {
        as_of: asked.as_of,
        ..Asked::default()
    };
    let mut wanted = cells::wanted(&page.items);
    // What a filter names has its name too.
    let named = [
        (EntryKind::Site, &asked.site),
        (EntryKind::Model, &asked.model),
        (EntryKind::Person, &asked.holder),
    ];
    for (kind, keys) in &named {
        wanted.extend(keys.iter().map(|key| (*kind, key.as_str())));
    }
    Ok(Found {
        stages,
        all: devices::stages(app, actor, &everything)?,
        titles: titles::of(app, actor, &wanted)?,
        categories: choices::categories(app, french)?,
        sites: choices::of(app, actor, EntryKind::Site, SITES)?,
        organisations: choices::of(app, actor, EntryKind::Organisation, SITES)?,
        views: kept::list(app, actor, "devices")?,
        page,
    })
}

/// The page. A word that is the code of one device leads to that device.
#[get("/devices")]
pub async fn list(app: State, visitor: Visitor) -> Answer {
    let mut place = Place::of(&visitor.guest.request)?;
    if place.only_words()
        && let Some(to) = straight(&app, &visitor, place.get("q")).await?
    {
        return Ok(visitor.go(&to));
    }
    let f = visitor.frame("devices");
    place.asked.limit = Some(place.asked.limit.unwrap_or(ROWS).clamp(1, 100));
    let (actor, asked, french) = (
        visitor.actor.clone(),
        place.asked.clone(),
        f.lang == Lang::Fr,
    );
    let found = run(&app, move |app| find(app, &actor, &asked, french)).await?;
    visitor.show(&page(f, &place, found))
}

/// The device that a code leads to, when there is exactly one.
async fn straight(app: &State, visitor: &Visitor, code: &str) -> Result<Option<String>> {
    let (actor, code) = (visitor.actor.clone(), code.to_owned());
    if code.chars().count() > 200 {
        return Ok(None);
    }
    let scan = run(app, move |app| devices::scan(app, &actor, &code)).await?;
    Ok(match scan.matches.as_slice() {
        [one] if one.confidence == "exact" => Some(format!("/devices/{}", url(&one.device.tag))),
        _ => None,
    })
}

fn page(f: Frame, place: &Place, found: Found) -> List {
    let n = |counts: &ByStage| counts.iter().map(|(_, n)| n).sum::<i64>();
    let (asked, matching) = (&place.asked, n(&found.stages));
    let of = |counts: &ByStage, stages: &[Stage]| -> i64 {
        let mine = counts.iter().filter(|(s, _)| stages.contains(s));
        mine.map(|(_, n)| n).sum()
    };
    let here = if asked.stage.is_empty() {
        matching
    } else {
        of(&found.stages, &asked.stage)
    };
    let all = if place.tracked() {
        of(&found.all, TRACKED)
    } else {
        n(&found.all)
    };
    let mut selects = selects(&f, place, &found);
    let more = selects.split_off(selects.len().min(VISIBLE));
    let categories: HashMap<String, String> = found
        .categories
        .iter()
        .map(|c| (c.key.clone(), c.name.clone()))
        .collect();
    let names = Names {
        titles: &found.titles,
        categories: &categories,
    };
    let bulk = bulk::offered(&f);
    let limit = asked.limit.unwrap_or(ROWS);
    List {
        lead: lead(&f, place, &found.all, here, all),
        narrowed: place.narrowed(),
        q: place.get("q").to_owned(),
        selects,
        more_open: more.iter().any(|s| !s.value.is_empty()),
        more,
        hidden: place.hidden(&[
            "q",
            "category",
            "org",
            "site",
            "data",
            "presence",
            "acquired_to",
        ]),
        tabs: tabs(
            &f,
            place,
            &found.stages,
            of(&found.stages, TRACKED),
            matching,
        ),
        active: active(&f, place, &names),
        as_of: asked.as_of,
        as_of_hidden: place.hidden(&["as_of"]),
        heads: cells::heads(&f, place),
        rows: cells::rows(&f, place, &found.page.items, &names),
        caption: caption(&f, place, here),
        next: found.page.next.map(|cursor| {
            let to = place.here();
            let sign = if to.contains('?') { '&' } else { '?' };
            format!("{to}{sign}cursor={}", url(&cursor))
        }),
        first: asked.cursor.as_ref().map(|_| place.here()),
        hundred: (limit < 100 && here > limit).then(|| place.with("limit", "100")),
        found: f.whole(here),
        kept_hidden: place.hidden(&[]),
        actions: if asked.as_of.is_some() {
            Vec::new()
        } else {
            bulk
        },
        columns: cells::choices(&f, place),
        columns_hidden: place.hidden(&["cols"]),
        views: found.views,
        query: place.query(),
        csv: place.to("/devices.csv"),
        labels: f.may(Right::Labels).then(|| place.handed("/labels")),
        may_add: devices::may_create(f.actor.as_ref().unwrap_or(&NOBODY)).is_ok(),
        f,
    }
}

/// Whoever is not signed in may nothing.
static NOBODY: Actor = Actor {
    id: String::new(),
    name: String::new(),
    role: crate::domain::words::Role::Viewer,
    org: None,
};

/// What is there, in words.
fn lead(f: &Frame, place: &Place, all: &ByStage, here: i64, total: i64) -> String {
    let at = |stage: Stage| all.iter().find(|(s, _)| *s == stage).map_or(0, |(_, n)| *n);
    if place.narrowed() && (here != total || place.asked.as_of.is_none()) {
        return f.say(
            "devices.lead_some",
            &[("n", Arg::Count(here)), ("all", Arg::Count(total))],
        );
    }
    let mut text = f.say(
        "devices.lead",
        &[
            ("n", Arg::Count(total)),
            ("use", Arg::Count(at(Stage::InUse))),
            ("stock", Arg::Count(at(Stage::InStock))),
            ("repair", Arg::Count(at(Stage::InRepair))),
        ],
    );
    if let Some(day) = &place.asked.as_of {
        text = format!("{} {text}", f.tx("devices.lead_then", f.day(day)));
    }
    text
}

fn caption(f: &Frame, place: &Place, n: i64) -> String {
    let sort = place.asked.sort.as_deref().unwrap_or("tag");
    let key = format!("devices.order_{}", sort.replace('-', "down_"));
    f.say(
        "devices.caption",
        &[("n", Arg::Count(n)), ("order", Arg::text(f.t(&key)))],
    )
}

/// Stages in the order a clerk looks for them.
const TABS: &[Stage] = &[
    Stage::InUse,
    Stage::InStock,
    Stage::InRepair,
    Stage::Refurbishing,
    Stage::Retired,
    Stage::Oriented,
    Stage::Gone,
    Stage::Ordered,
    Stage::Withdrawn,
];

fn tabs(f: &Frame, place: &Place, stages: &ByStage, tracked: i64, all: i64) -> Vec<Tab> {
    let asked = &place.asked.stage;
    let mut tabs = vec![Tab {
        to: place.to_tracked(),
        name: f.t("devices.tracked").to_owned(),
        n: f.whole(tracked),
        current: place.tracked(),
    }];
    for stage in TABS {
        let n = stages
            .iter()
            .find(|(s, _)| s == stage)
            .map_or(0, |(_, n)| *n);
        let current = asked.contains(stage) && !place.tracked();
        if n > 0 || current {
            tabs.push(Tab {
                to: place.with("stage", stage.as_str()),
                name: f.word("stages", stage.as_str()),
                n: f.whole(n),
                current,
            });
        }
    }
    tabs.push(Tab {
        to: place.with("stage", EVERY),
        name: f.t("devices.all").to_owned(),
        n: f.whole(all),
        current: asked.is_empty(),
    });
    tabs
}

fn selects(f: &Frame, place: &Place, found: &Found) -> Vec<Select> {
    let select = |name: &'static str, choices: Vec<(String, String)>| {
        let value = place.get(name).to_owned();
        let mut choices = choices;
        // A filter that came by a link and is no choice stays as it is.
        if !value.is_empty() && choices.iter().all(|(v, _)| *v != value) {
            choices.push((value.clone(), value.clone()));
        }
        Select {
            name,
            label: f.t(&format!("devices.by_{name}")).to_owned(),
            first: f.t(&format!("devices.any_{name}")).to_owned(),
            choices,
            value,
        }
    };
    let of = |choices: &[Choice]| {
        let pair = |c: &Choice| (c.key.clone(), c.label());
        choices.iter().map(pair).collect::<Vec<_>>()
    };
    let data = Data::ALL.iter().map(|d| d.as_str());
    let presence = Presence::ALL.iter().map(|p| p.as_str());
    let mut out = vec![select("category", of(&found.categories))];
    if found.organisations.len() > 1 {
        out.push(select("org", of(&found.organisations)));
    }
    out.push(select("data", choices(f, "data", data)));
    out.push(select("acquired_to", ages(f)));
    out.push(select("site", of(&found.sites)));
    out.push(select("presence", choices(f, "presence", presence)));
    out
}

/// « 5 ans et plus » as the day before which it was acquired.
fn ages(f: &Frame) -> Vec<(String, String)> {
    [3, 5, 8, 10]
        .iter()
        .filter_map(|years| {
            let day = f
                .today
                .0
                .checked_sub_months(chrono::Months::new(years * 12))?;
            Some((Day(day).to_string(), f.tn("devices.age_over", *years)))
        })
        .collect()
}

/// What narrows the list: its name, and the address without it.
fn active(f: &Frame, place: &Place, names: &Names<'_>) -> Vec<(String, String)> {
    let asked = &place.asked;
    let mut out = Vec::new();
    let mut each = |parameter: &str, values: Vec<(String, String)>| {
        for (value, name) in values {
            out.push((name, place.without(parameter, &value)));
        }
    };
    let words = |section: &str, values: Vec<&'static str>| {
        let pair = |v: &str| (v.to_owned(), f.word(section, v));
        values.into_iter().map(pair).collect::<Vec<_>>()
    };
    let titled = |kind: EntryKind, keys: &[String]| {
        let pair = |k: &String| (k.clone(), names.titles.get(kind, k).to_owned());
        keys.iter().map(pair).collect::<Vec<_>>()
    };
    if let Some(q) = &asked.q {
        each("q", vec![(q.clone(), f.tx("devices.words", q))]);
    }
    // A tab says it of the whole of them.
    if !place.tracked() {
        each(
            "stage",
            words("stage", asked.stage.iter().map(|s| s.as_str()).collect()),
        );
    }
    each(
        "data",
        words("data", asked.data.iter().map(|d| d.as_str()).collect()),
    );
    each(
        "presence",
        words(
            "presence",
            asked.presence.iter().map(|p| p.as_str()).collect(),
        ),
    );
    each(
        "exit_kind",
        words(
            "exit_kind",
            asked.exit_kind.iter().map(|k| k.as_str()).collect(),
        ),
    );
    let category = |k: &String| (k.clone(), names.categories.get(k).unwrap_or(k).clone());
    each("category", asked.category.iter().map(category).collect());
    each("model", titled(EntryKind::Model, &asked.model));
    each("site", titled(EntryKind::Site, &asked.site));
    each("holder", titled(EntryKind::Person, &asked.holder));
    if let Some(org) = &asked.org {
        let name = names.titles.get(EntryKind::Organisation, org).to_owned();
        out.push((name, place.with("org", "")));
    }
    for (parameter, day) in [
        ("acquired_from", asked.acquired_from),
        ("acquired_to", asked.acquired_to),
        ("retired_from", asked.retired_from),
        ("retired_to", asked.retired_to),
        ("gone_from", asked.gone_from),
        ("gone_to", asked.gone_to),
        ("as_of", asked.as_of),
    ] {
        if let Some(day) = day {
            let name = f.tx(&format!("devices.{parameter}"), f.day(&day));
            out.push((name, place.with(parameter, "")));
        }
    }
    for (key, value) in &asked.extra {
        out.push((
            format!("{key} : {value}"),
            place.with(&format!("extra.{key}"), ""),
        ));
    }
    out
}

/// The filtered list as a file for a French Excel.
#[get("/devices.csv")]
pub async fn csv(app: State, visitor: Visitor) -> Answer {
    let place = Place::of(&visitor.guest.request)?;
    let (actor, asked) = (visitor.actor.clone(), place.asked);
    actor.must(Right::Read)?;
    let format = Format::CsvFr;
    stream::stream(
        &app,
        format.media(),
        Some("devices.csv"),
        move |app, out| exports::list(app, &actor, &asked, format, out),
    )
    .await
}
