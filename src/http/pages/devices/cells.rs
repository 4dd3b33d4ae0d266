//! The columns of the list: which there are, how each is headed and filled.

use std::collections::HashMap;

use super::place::Place;
use crate::app::devices::DeviceView;
use crate::app::titles::Titles;
use crate::domain::day::Day;
use crate::domain::entry::EntryKind;
use crate::domain::words::{Presence, Stage};
use crate::http::pages::frame::Frame;
use crate::http::pages::html::{Html, esc};

/// A column: its name, its class, the order it can be sorted by, whether it is shown unless said otherwise.
struct Column(&'static str, &'static str, &'static str, bool);

/// Every column after tag and stage. `off` hides it on narrow screens: the device's page repeats it.
const COLUMNS: &[Column] = &[
    Column("model", "full", "", true),
    Column("name", "off", "name", false),
    Column("category", "off", "", false),
    Column("serial", "off", "", false),
    Column("data", "off", "", true),
    Column("holder", "off", "", true),
    Column("service", "off", "", false),
    Column("site", "", "", true),
    Column("organisation", "off", "", false),
    Column("acquired_on", "off", "acquired_on", true),
    Column("age", "n", "", true),
    Column("warranty_until", "off", "", false),
    Column("purchase_price_cents", "off", "", false),
    Column("retired_on", "off", "", false),
    Column("exit_kind", "off", "", false),
    Column("updated_at", "off", "updated_at", false),
];

/// A head cell.
pub struct Head {
    /// Its words.
    pub label: String,
    /// Class.
    pub class: &'static str,
    /// Address that sorts by it.
    pub sort: Option<String>,
    /// How it is sorted now, for `aria-sort`.
    pub sorted: &'static str,
}

/// A body cell.
pub struct Cell {
    /// Class.
    pub class: &'static str,
    /// What it says.
    pub html: Html,
}

/// A row.
pub struct Row {
    /// Tag as stored.
    pub tag: String,
    /// Tag as shown.
    pub shown: String,
    /// Stage badge, with what is wrong beside it.
    pub stage: Html,
    /// The other cells.
    pub cells: Vec<Cell>,
}

/// The names a row needs.
pub struct Names<'a> {
    /// Of sites, people, models, organisations.
    pub titles: &'a Titles,
    /// Of categories, in the language of the page.
    pub categories: &'a HashMap<String, String>,
}

fn shown(place: &Place) -> Vec<&'static Column> {
    let chosen: Vec<&str> = place.all("cols").flat_map(|c| c.split(',')).collect();
    let wanted = |c: &&Column| {
        if chosen.is_empty() {
            c.3
        } else {
            chosen.contains(&c.0)
        }
    };
    COLUMNS.iter().filter(wanted).collect()
}

fn class(column: &Column, shown: &[&Column]) -> &'static str {
    // What somebody asked for beyond the usual ones still has its place on a wide screen only.
    if column.0 == "name" && !shown.iter().any(|c| c.0 == "model") {
        "full"
    } else {
        column.1
    }
}

/// Every column with its name and whether it is shown, for the form that chooses.
pub fn choices(f: &Frame, place: &Place) -> Vec<(&'static str, String, bool)> {
    let shown = shown(place);
    COLUMNS
        .iter()
        .map(|c| (c.0, label(f, c.0), shown.iter().any(|s| s.0 == c.0)))
        .collect()
}

fn label(f: &Frame, column: &str) -> String {
    match column {
        "model" => f.t("devices.model").to_owned(),
        "data" | "age" | "updated_at" => f.t(&format!("devices.{column}")).to_owned(),
        _ => f.word("field", column),
    }
}

/// The head of the table.
pub fn heads(f: &Frame, place: &Place) -> Vec<Head> {
    let now = place.asked.sort.as_deref().unwrap_or("tag");
    let head = |label: String, class: &'static str, by: &str| {
        let (sorted, to) = match now.strip_prefix('-') {
            Some(name) if name == by => ("descending", by.to_owned()),
            None if now == by => ("ascending", format!("-{by}")),
            _ => ("", by.to_owned()),
        };
        Head {
            label,
            class,
            sort: (!by.is_empty()).then(|| place.with("sort", &to)),
            sorted: if by.is_empty() { "" } else { sorted },
        }
    };
    let mut heads = vec![
        head(f.word("field", "tag"), "", "tag"),
        head(f.t("devices.stage").to_owned(), "", ""),
    ];
    let columns = shown(place);
    heads.extend(
        columns
            .iter()
            .map(|c| head(label(f, c.0), class(c, &columns), c.2)),
    );
    heads
}

/// The rows of the table.
pub fn rows(f: &Frame, place: &Place, devices: &[DeviceView], names: &Names<'_>) -> Vec<Row> {
    let columns = shown(place);
    devices
        .iter()
        .map(|d| Row {
            tag: d.tag.clone(),
            shown: f.tag_text(&d.tag),
            stage: stage(f, d),
            cells: columns
                .iter()
                .map(|c| Cell {
                    class: class(c, &columns),
                    html: cell(f, c.0, d, names),
                })
                .collect(),
        })
        .collect()
}

/// The stage, and the presence when it is not as it should be.
pub fn stage(f: &Frame, d: &DeviceView) -> Html {
    let badge = f.stage(&d.stage).0;
    Html(match d.presence {
        Presence::Seen => badge,
        missing => format!(
            "{badge} <span class=\"bad mk\">{}</span>",
            esc(&f.word("presence", missing.as_str()))
        ),
    })
}

/// Maker and model; else the category; the device always has something to be called by.
pub fn thing(d: &DeviceView, names: &Names<'_>) -> String {
    let model = d
        .model
        .as_deref()
        .map(|key| names.titles.get(EntryKind::Model, key));
    match (&d.manufacturer, model) {
        (Some(maker), Some(model)) if !model.starts_with(maker.as_str()) => {
            format!("{maker} {model}")
        }
        (_, Some(model)) => model.to_owned(),
        (maker, None) => {
            let category = d.category.as_deref().unwrap_or_default();
            let category = names
                .categories
                .get(category)
                .map_or(category, |n| n.as_str());
            match maker {
                Some(maker) => format!("{category} {maker}"),
                None => category.to_owned(),
            }
        }
    }
}

/// Years since it was made, else first sold, else acquired.
pub fn age(f: &Frame, d: &DeviceView) -> Option<String> {
    let since = d.manufactured_on.or(d.first_sold_on).or(d.acquired_on)?;
    let until = d.gone_on.unwrap_or(f.today);
    f.years(since, until)
}

fn dash() -> String {
    "<span class=\"soft\">–</span>".to_owned()
}

fn cell(f: &Frame, column: &str, d: &DeviceView, names: &Names<'_>) -> Html {
    let text = |text: Option<&str>| text.map_or_else(dash, esc);
    let day =
        |day: Option<Day>| day.map_or_else(dash, |day| format!("<span class=\"nw\">{day}</span>"));
    let named = |kind: EntryKind, key: &Option<String>| {
        text(key.as_deref().map(|key| names.titles.get(kind, key)))
    };
    Html(match column {
        "model" => esc(&thing(d, names)),
        "name" => text(d.name.as_deref()),
        "category" => text(
            d.category
                .as_deref()
                .map(|key| names.categories.get(key).map_or(key, |n| n.as_str())),
        ),
        "serial" => d
            .serial
            .as_deref()
            .map_or_else(dash, |s| format!("<span class=\"mono\">{}</span>", esc(s))),
        "data" if matches!(d.stage, Stage::Retired | Stage::Oriented) => f.data(&d.data).0,
        "data" => esc(&f.word("data", d.data.as_str())),
        "holder" => match (&d.holder, &d.service) {
            (Some(_), _) => named(EntryKind::Person, &d.holder),
            (None, service) => text(service.as_deref()),
        },
        "service" => text(d.service.as_deref()),
        "site" => format!("<span class=\"soft\">{}</span>", place_of(f, d, names)),
        "organisation" => esc(names.titles.get(EntryKind::Organisation, &d.organisation)),
        "acquired_on" => d.acquired_on.map_or_else(dash, |day| {
            let day = day.to_string();
            format!("<span class=\"nw\">{}</span>", day.get(..7).unwrap_or(&day))
        }),
        "age" => text(age(f, d).as_deref()),
        "warranty_until" => day(d.warranty_until),
        "purchase_price_cents" => text(
            d.purchase_price_cents
                .map(|cents| f.euros(&cents))
                .as_deref(),
        ),
        "retired_on" => day(d.retired_on),
        "exit_kind" => text(
            d.exit_kind
                .map(|k| f.word("exit_kind", k.as_str()))
                .as_deref(),
        ),
        "updated_at" => esc(&f.when(&d.updated_at)),
        _ => dash(),
    })
}

/// Where it is: its site; of one that left, how and when.
fn place_of(f: &Frame, d: &DeviceView, names: &Names<'_>) -> String {
    if d.stage == Stage::Gone {
        let how = d.exit_kind.map(|k| f.word("exit_kind", k.as_str()));
        let when = d.gone_on.map(|day| f.day(&day));
        let parts: Vec<String> = how.into_iter().chain(when).collect();
        return esc(&parts.join(", "));
    }
    d.site.as_deref().map_or_else(
        || "–".to_owned(),
        |key| esc(names.titles.get(EntryKind::Site, key)),
    )
}

/// What titles the cells of these devices need.
pub fn wanted(devices: &[DeviceView]) -> Vec<(EntryKind, &str)> {
    let mut out: Vec<(EntryKind, &str)> = Vec::new();
    for d in devices {
        out.push((EntryKind::Organisation, &d.organisation));
        out.extend(d.model.iter().map(|k| (EntryKind::Model, &**k)));
        out.extend(d.site.iter().map(|k| (EntryKind::Site, &**k)));
        out.extend(d.holder.iter().map(|k| (EntryKind::Person, &**k)));
    }
    out
}
