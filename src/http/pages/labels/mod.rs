//! Labels: which devices, on which sheet, from which place on; what comes out of the printer is drawn by
//! [`crate::app::labels`].

mod asked;
mod preview;

use super::prelude::*;
use crate::app::labels::{self, Which};
use crate::http::cookie;
use crate::labels::{Format, Print};
use asked::{Asked, Source, Under};
use preview::Cell;

/// Routes of this folder.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(open).service(again).service(file);
}

/// Sheets and rolls that are offered by name, first the one that is used most.
const LAYOUTS: &[&str] = &[
    "L7159",
    "L7160",
    "L7651",
    "L4731",
    "5160",
    "roll:50x25",
    "roll:62x29",
];
/// Name of the cookie that remembers the layout of the last sheet, and for how long.
const COOKIE: &str = "labels";
const SECONDS: i64 = 365 * 86_400;

/// A layout that may be chosen.
struct Offer {
    name: &'static str,
    title: String,
    about: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "labels.html")]
struct LabelsPage {
    f: Frame,
    fields: Fields,
    title: String,
    lead: String,
    source: &'static str,
    filter: String,
    listed: String,
    offers: Vec<Offer>,
    custom: bool,
    /// The hint of the field for the first place, where the sheet is not drawn.
    start_hint: Option<String>,
    under: Vec<(String, String)>,
    columns: usize,
    first: Option<Html>,
    cells: Vec<Cell>,
}

/// The page; another page may hand over tags, or the filters of its list.
#[get("/labels")]
async fn open(app: State, visitor: Visitor) -> Answer {
    let pairs = crate::http::params::pairs(visitor.guest.request.query_string())?;
    let last = visitor.guest.request.cookie(COOKIE);
    let asked = Asked::after(last.as_ref().map_or("", |c| c.value()), pairs);
    let fields = fields(&visitor.frame("devices"), &asked);
    show(&app, &visitor, asked, fields, None).await
}

/// The preview anew.
#[post("/labels")]
async fn again(app: State, visitor: Visitor, form: Form) -> Answer {
    let asked = Asked::of(form.fields);
    let fields = fields(&visitor.frame("devices"), &asked);
    show(&app, &visitor, asked, fields, None).await
}

/// The file.
#[post("/labels/print")]
async fn file(app: State, visitor: Visitor, form: Form) -> Answer {
    let (actor, sent) = (visitor.actor.clone(), Asked::of(form.fields.clone()));
    let format = Format::parse(form.text("format")).unwrap_or(Format::Pdf);
    let asked = sent.clone();
    let done = run(&app, move |app| {
        let (which, print) = (asked.which()?, asked.print()?);
        labels::sheet(app, &actor, &which, &print, format)
    })
    .await;
    match done {
        Ok(body) => Ok(HttpResponse::Ok()
            .content_type(format.media_type())
            .insert_header((
                "content-disposition",
                format!("attachment; filename=\"etiquettes.{}\"", format.as_str()),
            ))
            .insert_header(("cache-control", "private, no-store"))
            .cookie(cookie::small(
                &visitor.guest.request,
                COOKIE,
                sent.remembered(),
                SECONDS,
            ))
            .body(body)),
        Err(error) if error.code == Code::Internal => Err(error),
        Err(error) => {
            let fields = Fields::refused(&visitor.frame("devices"), &form, &error);
            show(&app, &visitor, sent, fields, Some(error)).await
        }
    }
}

fn fields(f: &Frame, asked: &Asked) -> Fields {
    Fields::new(f)
        .set("tags", asked.tags.join("\n"))
        .set("blank", asked.blank.clone())
        .set("custom", asked.custom.clone())
        .set("outline", if asked.outline { "1" } else { "" })
        .set("start", asked.start.to_string())
        .set("right", asked.right.clone())
        .set("down", asked.down.clone())
        .set("under", asked.under.word())
}

async fn show(
    app: &State,
    visitor: &Visitor,
    asked: Asked,
    fields: Fields,
    refused: Option<Error>,
) -> Answer {
    visitor.actor.must(Right::Labels)?;
    let f = visitor.frame("devices");
    let (print, wrong) = match asked.print() {
        Ok(print) => (print, None),
        Err(error) => (Print::on(labels::layout("L7159")?), Some(error)),
    };
    let refused = refused.or(wrong);
    let (actor, sent) = (visitor.actor.clone(), asked.clone());
    let chosen = run(app, move |app| {
        let which = sent.which()?;
        // New tags are drawn when they are printed: those of a preview would be others.
        match which {
            Which::Blank(count) => Ok((count, Vec::new())),
            Which::Tags(tags) if tags.is_empty() => Ok((0, Vec::new())),
            which => labels::chosen(app, &actor, &which).map(|labels| (labels.len(), labels)),
        }
    })
    .await;
    let (count, chosen, error) = match (chosen, refused) {
        (Ok((count, chosen)), refused) => (count, chosen, refused),
        (Err(error), _) if error.code == Code::Internal => return Err(error),
        (Err(error), _) => (0, Vec::new(), Some(error)),
    };
    let places = print.layout.places();
    // What cannot be drawn is told with the form, as printing would.
    let (first, error) = match preview::first(&f, &print, &chosen) {
        Ok(first) => (first, error),
        Err(small) => (None, error.or(Some(small))),
    };
    let fields = match &error {
        Some(error) if fields.refusal.is_none() => {
            let form = Form {
                fields: asked.pairs(),
            };
            Fields::refused(&f, &form, error)
        }
        _ => fields,
    };
    let page = LabelsPage {
        title: match count {
            0 => f.t("nav.labels").to_owned(),
            n => f.tn("labels.title", n as u64),
        },
        lead: lead(&f, &print, count),
        cells: preview::cells(&f, &print, count, &chosen),
        first,
        source: asked.source.word(),
        listed: address("/devices", &[])
            + &if asked.filter.is_empty() {
                String::new()
            } else {
                format!("?{}", asked.filter)
            },
        filter: asked.filter.clone(),
        offers: offers(&f, &asked)?,
        custom: asked.layout == "custom",
        start_hint: (places > 1 && !preview::drawn(&print.layout))
            .then(|| f.tn("labels.start_hint", places as u64)),
        under: Under::ALL
            .map(|under| {
                let key = format!("labels.under_{}", under.word());
                (under.word().to_owned(), f.t(&key).to_owned())
            })
            .to_vec(),
        columns: print.layout.columns,
        fields,
        f,
    };
    if error.is_some() {
        visitor.again(&page)
    } else {
        visitor.show(&page)
    }
}

/// How many sheets they take.
fn lead(f: &Frame, print: &Print, count: usize) -> String {
    let (places, start) = (print.layout.places().max(1), print.start);
    match (count, places) {
        (0, _) => f.t("labels.lead").to_owned(),
        (_, 1) => f.t("labels.on_roll").to_owned(),
        (n, places) => f.tn("labels.on_sheets", (n + start - 1).div_ceil(places) as u64),
    }
}

fn offers(f: &Frame, asked: &Asked) -> Result<Vec<Offer>> {
    LAYOUTS
        .iter()
        .map(|name| {
            let layout = labels::layout(name)?;
            let mm = |n: f64| {
                let text = format!("{n:.1}");
                let text = text.strip_suffix(".0").unwrap_or(&text).to_owned();
                if f.lang == Lang::Fr {
                    text.replace('.', ",")
                } else {
                    text
                }
            };
            let size = format!("{} × {} mm", mm(layout.width), mm(layout.height));
            let one = layout.places() == 1;
            Ok(Offer {
                name,
                title: if one {
                    f.t("labels.roll").to_owned()
                } else {
                    (*name).to_owned()
                },
                about: match (one, *name) {
                    (true, _) => size,
                    (false, "5160") => format!(
                        "{} · {size} · US Letter",
                        f.tn("labels.per_sheet", layout.places() as u64)
                    ),
                    (false, _) => format!(
                        "{} · {size}",
                        f.tn("labels.per_sheet", layout.places() as u64)
                    ),
                },
                chosen: asked.layout == *name,
            })
        })
        .collect()
}

impl Source {
    /// As the form says it.
    fn word(self) -> &'static str {
        match self {
            Source::Tags => "tags",
            Source::Filter => "filter",
            Source::Blank => "blank",
        }
    }
}
