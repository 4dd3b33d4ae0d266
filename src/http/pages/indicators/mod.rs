//! The indicators: the figures of a year, one figure down to its devices, both as CSV.

mod breakdown;
mod chart;
mod one;
mod show;

use serde::Deserialize;

use super::prelude::*;
use crate::app::indicators::{self, Ask, FigureView};
use crate::app::titles;
use show::{Line, Verdict};

/// Routes of this file.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(of_a_year)
        .service(as_csv)
        .service(one::of_one)
        .service(one::items_csv);
}

/// The first year that can be asked for.
const FIRST: i32 = 1951;
/// How many years stand side by side.
const YEARS: i32 = 6;

/// What may be asked of these pages.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Asked {
    year: Option<i32>,
    as_of: Option<Day>,
    org: Option<String>,
    scope: Option<String>,
    side: Option<String>,
    group: Option<String>,
    cursor: Option<String>,
}

impl Asked {
    fn ask(&self) -> Result<Ask> {
        let tree = match self.scope.as_deref() {
            None | Some("own") => false,
            Some("tree") => true,
            Some(_) => {
                let detail = "`scope` is own or tree";
                return Err(Error::new(Code::InvalidParameter, detail).with_field("scope"));
            }
        };
        Ok(Ask {
            year: self.year,
            as_of: self.as_of,
            known_at: None,
            org: self.org.clone(),
            scope: tree,
        })
    }
    /// The year asked for, else that of the day asked for, else this one.
    fn of_year(&self, today: Day) -> i32 {
        self.year.unwrap_or(self.as_of.unwrap_or(today).year())
    }
    /// An address with what was asked, and these parameters in place of their own.
    fn to(&self, path: &str, change: &[(&str, &str)]) -> String {
        let (year, day) = (
            self.year.map(|y| y.to_string()).unwrap_or_default(),
            self.as_of.map(|d| d.to_string()).unwrap_or_default(),
        );
        let said = [
            ("year", year.as_str()),
            ("as_of", day.as_str()),
            ("org", self.org.as_deref().unwrap_or_default()),
            ("scope", self.scope.as_deref().unwrap_or_default()),
        ];
        let kept = said
            .into_iter()
            .filter(|(name, _)| !change.iter().any(|(n, _)| n == name));
        let all: Vec<(&str, &str)> = kept.chain(change.iter().copied()).collect();
        address(path, &all)
    }
    /// The years that stand side by side with this one.
    fn years(&self, today: Day) -> std::ops::RangeInclusive<i32> {
        let (year, now) = (self.of_year(today), today.year());
        let last = if (now - YEARS + 1..=now).contains(&year) {
            now
        } else {
            year
        };
        last.saturating_sub(YEARS - 1).max(FIRST)..=last
    }
}

/// A tab of the years: address, year, current, still running.
type Tab = (String, String, bool, bool);

/// What both pages ask about: years, organisation, scope, day.
pub(super) struct Choice {
    tabs: Vec<Tab>,
    action: String,
    year: String,
    organisations: Vec<(String, String)>,
    name: String,
    fields: Fields,
    open: bool,
    tree: bool,
    as_of: Option<Day>,
}

impl Choice {
    fn of(f: &Frame, asked: &Asked, path: &str, key: &str, known: Vec<(String, String)>) -> Choice {
        let (now, year) = (f.today.year(), asked.of_year(f.today));
        let tab = |y: i32| {
            let text = y.to_string();
            let to = asked.to(path, &[("year", &text)]);
            (to, text, y == year, y == now)
        };
        let name = known.iter().find(|(k, _)| k == key);
        let day = asked.as_of.map(|d| d.to_string()).unwrap_or_default();
        Choice {
            // The latest first: on a phone it is the one in sight.
            tabs: asked.years(f.today).rev().map(tab).collect(),
            action: path.to_owned(),
            year: year.to_string(),
            name: name.map_or_else(|| key.to_owned(), |(_, name)| name.clone()),
            fields: Fields::new(f)
                .set("org", key)
                .set("scope", asked.scope.as_deref().unwrap_or("own"))
                .set("as_of", day),
            organisations: known,
            open: asked.as_of.is_some(),
            tree: asked.scope.as_deref() == Some("tree"),
            as_of: asked.as_of,
        }
    }
}

#[derive(Template)]
#[template(path = "indicators.html")]
struct Year {
    f: Frame,
    choice: Choice,
    year: String,
    running: bool,
    lead: String,
    waiting: Vec<(String, &'static str)>,
    csv: String,
    head: Option<Line>,
    chart: chart::Chart,
    groups: Vec<(&'static str, Vec<Line>)>,
}

/// The figures of a year.
#[get("/indicators")]
async fn of_a_year(app: State, visitor: Visitor, query: Query<Asked>) -> Answer {
    let (asked, actor) = (query.0, visitor.actor.clone());
    let ask = asked.ask()?;
    let f = visitor.frame("indicators");
    let years = asked.years(f.today);
    let (figures, past, known) = run(&app, move |app| {
        // The years first: the one asked for is among them, and the facts are walked over once.
        let past = indicators::over_years(app, &actor, "L01", &ask, years)?;
        let figures = indicators::all(app, &actor, &ask)?.items;
        Ok((figures, past, titles::organisations(app, &actor)?))
    })
    .await?;
    let key = figures.first().map(|v| v.organisation.clone());
    let choice = Choice::of(
        &f,
        &asked,
        "/indicators",
        key.as_deref().unwrap_or_default(),
        known,
    );
    let lines: Vec<Line> = figures.iter().map(|v| Line::of(&f, &asked, v)).collect();
    let of = |status: &str| figures.iter().filter(|v| v.status == status).count();
    let (met, open) = (of("met"), of("not_met"));
    let waiting = lines.iter().filter(|l| l.verdict == Verdict::NotMet);
    let page = Year {
        year: asked.of_year(f.today).to_string(),
        running: asked.of_year(f.today) == f.today.year(),
        lead: lead(&f, met, met + open),
        waiting: waiting.map(|l| (l.to.clone(), l.short(&f))).collect(),
        csv: asked.to("/indicators.csv", &[]),
        head: lines.iter().find(|l| l.id == "L01").cloned(),
        chart: chart::Chart::of(&f, &past, asked.of_year(f.today)),
        groups: groups(lines),
        choice,
        f,
    };
    visitor.show(&page)
}

fn lead(f: &Frame, met: usize, judged: usize) -> String {
    if judged == 0 {
        return f.t("indicators.none_judged").to_owned();
    }
    let count = |n: usize| Arg::Count(i64::try_from(n).unwrap_or(i64::MAX));
    f.say(
        "indicators.met_of",
        &[("met", count(met)), ("n", count(judged))],
    )
}

/// By where they come from: the law, the guide, the field.
fn groups(lines: Vec<Line>) -> Vec<(&'static str, Vec<Line>)> {
    let mut groups = vec![
        ("indicators.of_law", Vec::new()),
        ("indicators.of_guide", Vec::new()),
        ("indicators.of_field", Vec::new()),
    ];
    for line in lines {
        let place = match line.id.as_bytes().first() {
            Some(b'L') => 0,
            Some(b'G') => 1,
            _ => 2,
        };
        if let Some((_, group)) = groups.get_mut(place) {
            group.push(line);
        }
    }
    groups
}

/// The same as CSV, with every part: what `reparc indicators --format csv` prints.
#[get("/indicators.csv")]
async fn as_csv(app: State, visitor: Visitor, query: Query<Asked>) -> Answer {
    let (asked, actor) = (query.0, visitor.actor.clone());
    let ask = asked.ask()?;
    let f = visitor.frame("indicators");
    let (year, lang) = (asked.of_year(f.today), f.lang);
    let text = run(&app, move |app| {
        let figures: Vec<FigureView> = indicators::all(app, &actor, &ask)?.items;
        indicators::csv(&figures, lang)
    })
    .await?;
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((
            "content-disposition",
            format!("attachment; filename=\"indicators-{year}.csv\""),
        ))
        .body(text))
}
