//! One figure: its sum, its years, its parts, what is missing, what is behind each side, and the rule.

use super::chart::Chart;
use super::show::{self, Line};
use super::{Asked, Choice};
use crate::app::indicators::{self, FigureView, ItemView};
use crate::app::titles;
use crate::domain::indicator::{Id, Side};
use crate::http::pages::prelude::*;

/// Devices on a page.
const SHOWN: usize = 25;

/// A breakdown row: label, above, below, value.
type Part = (String, String, String, String);
/// A tab of the sides: address, name, current.
type Tab = (String, &'static str, bool);
/// A law row: what it says, how far it was read, its first day.
type Source = (String, String, String);

/// A device behind the figure, or a purchase line.
struct Item {
    tag: Option<Html>,
    purchase: Option<(String, String)>,
    what: String,
    why: String,
    on: String,
    detail: String,
    organisation: String,
}

#[derive(Template)]
#[template(path = "indicator.html")]
struct One {
    f: Frame,
    choice: Choice,
    line: Line,
    year: String,
    back: String,
    above: Option<String>,
    below: Option<String>,
    gap: Option<(String, String)>,
    chart: Chart,
    parts: Vec<Part>,
    ratio_parts: bool,
    notes: Vec<String>,
    sources: Vec<Source>,
    sides: Vec<Tab>,
    items: Vec<Item>,
    next: Option<String>,
    begin: Option<String>,
    json: String,
}

/// The page.
#[get("/indicators/{id}")]
pub async fn of_one(app: State, visitor: Visitor, id: Path<String>, query: Query<Asked>) -> Answer {
    let (asked, actor) = (query.0, visitor.actor.clone());
    let (ask, id) = (asked.ask()?, Id::parse(&id).ok_or_else(Error::not_found)?);
    let side = side(&asked)?;
    let f = visitor.frame("indicators");
    let (years, cursor) = (asked.years(f.today), asked.cursor.clone());
    let (figure, past, page, known) = run(&app, move |app| {
        let past = indicators::over_years(app, &actor, id.as_str(), &ask, years)?;
        let figure = indicators::one(app, &actor, id.as_str(), &ask)?;
        let after = cursor.as_deref();
        let page = indicators::items(app, &actor, id.as_str(), side, &ask, SHOWN, after)?;
        Ok((figure, past, page, titles::organisations(app, &actor)?))
    })
    .await?;
    let path = format!("/indicators/{}", id.as_str());
    let here = |side: Side| asked.to(&path, &[("side", side.as_str())]);
    let items = page.items.iter().map(|i| item(&f, i, &known)).collect();
    let next = page
        .next
        .as_deref()
        .map(|c| asked.to(&path, &[("side", side.as_str()), ("cursor", c)]));
    let sides = Side::ALL
        .iter()
        .filter(|s| figure.denominator.is_some() || **s != Side::Denominator)
        .map(|s| (here(*s), name(&f, *s), *s == side))
        .collect();
    let page = One {
        line: Line::of(&f, &asked, &figure),
        year: asked.of_year(f.today).to_string(),
        back: asked.to("/indicators", &[]),
        above: figure.numerator.map(|n| show::amount(&f, &figure.id, n)),
        below: figure.denominator.map(|n| show::amount(&f, &figure.id, n)),
        gap: figure
            .gap
            .map(|g| (show::amount(&f, &figure.id, g.missing), here(Side::Gap))),
        chart: Chart::of(&f, &past, asked.of_year(f.today)),
        parts: parts(&f, &figure),
        ratio_parts: figure.parts.iter().any(|p| p.denominator.is_some()),
        notes: figure
            .remarks
            .iter()
            .map(|r| r.text.of_lang(f.lang).to_owned())
            .collect(),
        sources: figure.sources.iter().map(|s| source(&f, s)).collect(),
        sides,
        items,
        next,
        begin: asked.cursor.is_some().then(|| here(side)),
        json: asked.to(
            &format!("/api/v1/indicators/{}/items", figure.id),
            &[("side", side.as_str())],
        ),
        choice: Choice::of(&f, &asked, &path, &figure.organisation, known),
        f,
    };
    visitor.show(&page)
}

fn side(asked: &Asked) -> Result<Side> {
    let Some(text) = asked.side.as_deref() else {
        return Ok(Side::Numerator);
    };
    Side::parse(text).ok_or_else(|| {
        let detail = "`side` is numerator, denominator, excluded or gap";
        Error::new(Code::InvalidParameter, detail).with_field("side")
    })
}

fn name(f: &Frame, side: Side) -> &'static str {
    f.t(match side {
        Side::Numerator => "indicators.side_numerator",
        Side::Denominator => "indicators.side_denominator",
        Side::Excluded => "indicators.side_excluded",
        Side::Gap => "indicators.side_gap",
    })
}

fn parts(f: &Frame, figure: &FigureView) -> Vec<Part> {
    let amount = |n: i64| show::amount(f, &figure.id, n);
    let label = |part: &indicators::PartView| match f.lang {
        Lang::Fr => part.label.clone(),
        Lang::En => part.label_en.clone(),
    };
    let value = |part: &indicators::PartView| match part.value {
        Some(value) => show::with_unit(f, &figure.unit, value),
        None => "–".to_owned(),
    };
    figure
        .parts
        .iter()
        .map(|p| {
            let below = p.denominator.map_or("–".to_owned(), amount);
            (label(p), amount(p.numerator), below, value(p))
        })
        .collect()
}

fn source(f: &Frame, row: &crate::domain::indicator::Source) -> Source {
    let read = f.t(&format!("indicators.mark_{}", row.mark)).to_owned();
    let from = row.valid_from.map_or(String::new(), |d| f.day(&d));
    (row.source.clone(), read, from)
}

fn item(f: &Frame, item: &ItemView, known: &[(String, String)]) -> Item {
    let made = [item.manufacturer.as_deref(), item.name.as_deref()];
    let what: Vec<&str> = made.into_iter().flatten().collect();
    let owner = known.iter().find(|(key, _)| *key == item.organisation);
    let mut detail = Vec::new();
    if let Some(kind) = &item.exit_kind {
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
        purchase: item
            .purchase
            .as_ref()
            .map(|key| (format!("/purchases/{}", url(key)), key.clone())),
        what: match (&item.line, what.is_empty()) {
            (Some(line), _) => line.clone(),
            (None, true) => f.t("common.unknown").to_owned(),
            (None, false) => what.join(" "),
        },
        why: item.text.of_lang(f.lang).to_owned(),
        on: item.on.map_or("–".to_owned(), |d| d.to_string()),
        detail: if detail.is_empty() {
            "–".to_owned()
        } else {
            detail.join(" · ")
        },
        organisation: owner.map_or_else(|| item.organisation.clone(), |(_, name)| name.clone()),
    }
}
