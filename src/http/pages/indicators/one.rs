//! One figure: its sum, what became of all that it counts, the devices of each side and why they are there, its years,
//! and the rule.

use super::breakdown::{self, Breakdown, Part};
use super::chart::Chart;
use super::show::{self, Line};
use super::{Asked, Choice};
use crate::app::exports;
use crate::app::indicators::{self, Behind, FigureView, ItemView};
use crate::app::titles;
use crate::domain::indicator::{Id, Side};
use crate::exchange::write::Format;
use crate::http::pages::prelude::*;
use crate::http::stream;
use crate::i18n;

/// Devices on a page.
const SHOWN: usize = 25;

/// A tab of the sides: address, name, current.
type Tab = (String, &'static str, bool);
/// A law row: what it says, how far it was read, its first day.
type Source = (String, String, String);

/// A device behind the figure, or a purchase line.
struct Item {
    tag: Option<Html>,
    mark: (&'static str, &'static str),
    purchase: Option<(String, String)>,
    what: String,
    why: String,
    on: String,
    detail: String,
    organisation: String,
}

/// A side of the line: how many, where its devices are, what they are.
type Amount = (String, String, String);

#[derive(Template)]
#[template(path = "indicator.html")]
struct One {
    f: Frame,
    choice: Choice,
    line: Line,
    year: String,
    back: String,
    csv: String,
    csv_name: String,
    json: String,
    above: Option<Amount>,
    below: Option<Amount>,
    gap: Option<(String, String)>,
    breakdown: Option<Breakdown>,
    parts: Vec<Part>,
    ratio_parts: bool,
    /// The parts are means: how many devices each is of stands above.
    means: bool,
    sides: Vec<Tab>,
    /// The group that the list is narrowed to, and the address of all of the side.
    only: Option<(String, String)>,
    marked: bool,
    /// Any line has something to add.
    detailed: bool,
    on: &'static str,
    items: Vec<Item>,
    items_csv: String,
    next: Option<String>,
    begin: Option<String>,
    chart: Chart,
    notes: Vec<String>,
    sources: Vec<Source>,
}

/// The page.
#[get("/indicators/{id}")]
pub async fn of_one(app: State, visitor: Visitor, id: Path<String>, query: Query<Asked>) -> Answer {
    let (asked, actor) = (query.0, visitor.actor.clone());
    let (ask, behind) = (asked.ask()?, behind(&id, &asked)?);
    let (id, side) = (behind.id, behind.side);
    let f = visitor.frame("indicators");
    let (years, cursor) = (asked.years(f.today), asked.cursor.clone());
    let (figure, past, page, known) = run(&app, move |app| {
        let past = indicators::over_years(app, &actor, id.as_str(), &ask, years)?;
        let figure = indicators::one(app, &actor, id.as_str(), &ask)?;
        let page = indicators::items(app, &actor, &behind, &ask, SHOWN, cursor.as_deref())?;
        Ok((figure, past, page, titles::organisations(app, &actor)?))
    })
    .await?;
    let path = format!("/indicators/{}", id.as_str());
    let to = |side: Side| asked.to(&path, &[("side", side.as_str())]);
    let group = asked.group.as_deref().unwrap_or_default();
    let list = [("side", side.as_str()), ("group", group)];
    let here = asked.to(&path, &list);
    let next = page.next.as_deref().map(|cursor| {
        let [side, group] = list;
        asked.to(&path, &[side, group, ("cursor", cursor)])
    });
    let sides = Side::ALL
        .iter()
        .filter(|s| match s {
            Side::Denominator => figure.denominator.is_some(),
            // Without a target nothing is missing.
            Side::Gap => figure.target.is_some() || side == Side::Gap,
            Side::Numerator | Side::Excluded => true,
        })
        .map(|s| (to(*s), name(&f, *s), *s == side && group.is_empty()))
        .collect();
    let csv = format!("{path}/items.csv");
    let amount = |n: i64, side: Side, section: &str| -> Amount {
        let what = f.word(section, &figure.id);
        (show::amount(&f, &figure.id, n), to(side), what)
    };
    let marked = side == id.whole() && figure.denominator.is_some() && !figure.breakdown.is_empty();
    let items: Vec<Item> = page
        .items
        .iter()
        .map(|i| item(&f, i, &known, marked))
        .collect();
    let page = One {
        line: Line::of(&f, &asked, &figure),
        year: asked.of_year(f.today).to_string(),
        back: asked.to("/indicators", &[]),
        csv: asked.to(&csv, &[("side", id.whole().as_str())]),
        csv_name: f.tn(
            if id == Id::L06 {
                "indicators.csv_lines"
            } else {
                "indicators.csv"
            },
            figure.n,
        ),
        json: asked.to(&format!("/api/v1{path}/items"), &list),
        above: figure
            .numerator
            .map(|n| amount(n, Side::Numerator, "figure_above")),
        below: figure
            .denominator
            .map(|n| amount(n, Side::Denominator, "figure_below")),
        gap: figure
            .gap
            .map(|g| (show::amount(&f, &figure.id, g.missing), to(Side::Gap))),
        breakdown: Breakdown::of(&f, &asked, &path, id, &figure),
        parts: breakdown::parts(&f, &asked, &path, id, &figure),
        means: breakdown::mean(&figure),
        ratio_parts: figure.parts.iter().any(|p| p.denominator.is_some()),
        sides,
        only: (!group.is_empty()).then(|| (group_name(&f, &figure, group), to(side))),
        marked,
        detailed: items.iter().any(|item| item.detail != "–"),
        on: f.t(match (id, side) {
            (Id::L01, Side::Denominator) | (Id::L02, Side::Numerator) => "field.retired_on",
            _ => "common.on",
        }),
        items,
        items_csv: asked.to(&csv, &list),
        next,
        begin: asked.cursor.is_some().then_some(here),
        chart: Chart::of(&f, &past, asked.of_year(f.today)),
        notes: figure
            .remarks
            .iter()
            .map(|r| r.text.of_lang(f.lang).to_owned())
            .collect(),
        sources: figure.sources.iter().map(|s| source(&f, s)).collect(),
        choice: Choice::of(&f, &asked, &path, &figure.organisation, known.clone()),
        f: f.clone(),
    };
    visitor.show(&page)
}

/// The list that is shown as a file for a French Excel, with why each device counts or does not.
#[get("/indicators/{id}/items.csv")]
pub async fn items_csv(
    app: State,
    visitor: Visitor,
    id: Path<String>,
    query: Query<Asked>,
) -> Answer {
    let (asked, actor) = (query.0, visitor.actor.clone());
    let (ask, behind) = (asked.ask()?, behind(&id, &asked)?);
    actor.must(Right::Read)?;
    let (f, format) = (visitor.frame("indicators"), Format::CsvFr);
    let name = format!("{}-{}.csv", behind.id.as_str(), asked.of_year(f.today));
    stream::stream(&app, format.media(), Some(&name), move |app, out| {
        exports::behind(app, &actor, &behind, &ask, (format, f.lang), out)
    })
    .await
}

/// The list asked for: all that is counted, unless a side is named.
fn behind(id: &str, asked: &Asked) -> Result<Behind> {
    let all = Behind::of(id, Side::Numerator)?;
    let side = match asked.side.as_deref() {
        None => all.id.whole(),
        Some(text) => Side::parse(text).ok_or_else(|| {
            let detail = "`side` is numerator, denominator, excluded or gap";
            Error::new(Code::InvalidParameter, detail).with_field("side")
        })?,
    };
    let group = asked.group.clone().filter(|group| !group.is_empty());
    Ok(Behind { side, group, ..all })
}

fn name(f: &Frame, side: Side) -> &'static str {
    f.t(match side {
        Side::Numerator => "indicators.side_numerator",
        Side::Denominator => "indicators.side_denominator",
        Side::Excluded => "indicators.side_excluded",
        Side::Gap => "indicators.side_gap",
    })
}

/// What a group is called.
fn group_name(f: &Frame, figure: &FigureView, group: &str) -> String {
    let row = figure.breakdown.iter().find(|r| r.key == group);
    let part = figure.parts.iter().find(|p| p.key == group);
    match (row, part) {
        (Some(row), _) => row.label.of_lang(f.lang).to_owned(),
        (None, Some(part)) => breakdown::label(f, part).to_owned(),
        (None, None) => i18n::indicators::row(f.lang, group),
    }
}

fn source(f: &Frame, row: &crate::domain::indicator::Source) -> Source {
    let read = f.t(&format!("indicators.mark_{}", row.mark)).to_owned();
    let from = row.valid_from.map_or(String::new(), |d| f.day(&d));
    (row.source.clone(), read, from)
}

/// `told`: what became of it is said instead of why it is on its side.
fn item(f: &Frame, item: &ItemView, known: &[(String, String)], told: bool) -> Item {
    let made = [item.manufacturer.as_deref(), item.name.as_deref()];
    let what: Vec<&str> = made.into_iter().flatten().collect();
    let owner = known.iter().find(|(key, _)| *key == item.organisation);
    let mut detail = Vec::new();
    if let Some(kind) = item
        .exit_kind
        .as_ref()
        .filter(|_| !told || item.counts == "later")
    {
        detail.push(f.word("exit_kind", kind.as_str()));
    }
    if let Some(days) = item.days {
        detail.push(f.tn("indicators.days", days));
    }
    if let Some(cents) = item.amount_cents {
        detail.push(f.euros(&cents));
    }
    Item {
        tag: item.tag.as_deref().map(|tag| f.tag(tag)),
        mark: breakdown::mark(f, &item.counts, "item"),
        purchase: item
            .purchase
            .as_ref()
            .map(|key| (format!("/purchases/{}", url(key)), key.clone())),
        what: match (&item.line, what.is_empty()) {
            (Some(line), _) => line.clone(),
            (None, true) => f.t("common.unknown").to_owned(),
            (None, false) => what.join(" "),
        },
        why: if told {
            i18n::indicators::why(f.lang, &item.group)
        } else {
            item.text.of_lang(f.lang).to_owned()
        },
        on: item.on.map_or("–".to_owned(), |d| d.to_string()),
        detail: if detail.is_empty() {
            "–".to_owned()
        } else {
            detail.join(" · ")
        },
        organisation: owner.map_or_else(|| item.organisation.clone(), |(_, name)| name.clone()),
    }
}
