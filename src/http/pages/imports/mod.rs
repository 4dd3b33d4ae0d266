//! Imports: a file is tried first; its report is read; then it is written, or given up. What is written can be undone.

mod reading;
mod report;
mod words;

use actix_web::web::Payload;
use serde::Deserialize;

use super::prelude::*;
use crate::app::entries::{self, ListQuery};
use crate::app::imports::{self, Ask, Depth, Pace, Report};
use crate::app::titles;
use crate::domain::mapping::Mapping;
use crate::exchange::dates::Order;
use crate::exchange::profiles::Profile;
use crate::http::{cookie, upload};

/// Routes of this file.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(list)
        .service(send)
        .service(report::one)
        .service(report::write)
        .service(report::confirm)
        .service(report::take_back);
}

/// Imports on a page.
const SHOWN: usize = 25;
/// The tools that are read, `auto` first.
const PROFILES: [&str; 5] = ["snipe-it", "glpi", "ralph", "numecoeval", "ereuse"];

/// What a tool is called.
fn tool(f: &Frame, profile: &str) -> String {
    match profile {
        "csv" => f.t("imports.profile_csv"),
        "snipe-it" => "Snipe-IT",
        "glpi" => "GLPI",
        "ralph" => "Ralph",
        "numecoeval" => "NumEcoEval",
        "ereuse" => "eReuse",
        other => other,
    }
    .to_owned()
}

/// What may be asked of the list.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Asked {
    cursor: Option<String>,
}

/// A line of the history: address, file, when, organisation, state, and rows read, created, changed, rejected or in
/// conflict.
type Line = (String, String, String, String, &'static str, [String; 4]);

#[derive(Template)]
#[template(path = "imports.html")]
struct Imports {
    f: Frame,
    fields: Fields,
    profiles: Vec<(String, String)>,
    mappings: Vec<(String, String)>,
    orders: Vec<(String, String)>,
    organisations: Vec<(String, String)>,
    lines: Vec<Line>,
    next: Option<String>,
    begin: bool,
}

async fn page(
    app: &State,
    visitor: &Visitor,
    cursor: Option<String>,
    refused: Option<(&Form, &Error)>,
) -> Result<Imports> {
    let actor = visitor.actor.clone();
    let begin = cursor.is_some();
    let (found, known, mappings) = run(app, move |app| {
        let found = imports::list(app, &actor, cursor.as_deref(), SHOWN)?;
        let query = ListQuery {
            limit: Some(1000),
            ..ListQuery::default()
        };
        let mappings = entries::list::<Mapping>(app, &actor, &query)?.items;
        Ok((found, titles::organisations(app, &actor)?, mappings))
    })
    .await?;
    let f = visitor.frame("menu");
    let text = |view: &entries::View, name: &str| {
        let value = view.body.get(name).and_then(serde_json::Value::as_str);
        value.unwrap_or_default().to_owned()
    };
    let fields = match refused {
        None => Fields::new(&f).set("profile", "auto"),
        Some((form, error)) => Fields::refused(&f, form, error),
    };
    let named = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        let named = pairs
            .iter()
            .map(|(v, key)| ((*v).to_owned(), f.t(key).to_owned()));
        named.collect()
    };
    let mut profiles = named(&[
        ("auto", "imports.profile_auto"),
        ("csv", "imports.profile_csv"),
    ]);
    profiles.extend(PROFILES.iter().map(|p| ((*p).to_owned(), tool(&f, p))));
    Ok(Imports {
        profiles,
        mappings: mappings
            .iter()
            .map(|m| (text(m, "key"), text(m, "name")))
            .collect(),
        orders: named(&[
            ("", "imports.order_auto"),
            ("dmy", "imports.order_dmy"),
            ("mdy", "imports.order_mdy"),
        ]),
        lines: found.items.iter().map(|r| line(&f, r, &known)).collect(),
        next: found.next.map(|c| address("/imports", &[("cursor", &c)])),
        organisations: known,
        begin,
        fields,
        f,
    })
}

fn line(f: &Frame, report: &Report, known: &[(String, String)]) -> Line {
    (
        format!("/imports/{}", report.id.as_deref().unwrap_or_default()),
        report::name(f, report),
        report::when(f, report),
        super::accounts::place(f, Some(&report.organisation), known),
        report::state(f, &report.state),
        [
            report.rows,
            report.created,
            report.changed,
            report.rejected + report.conflicts,
        ]
        .map(|n| f.whole(n)),
    )
}

/// The form and the history.
#[get("/imports")]
async fn list(app: State, visitor: Visitor, query: Query<Asked>) -> Answer {
    visitor.actor.must(Right::Imports)?;
    visitor.show(&page(&app, &visitor, query.0.cursor, None).await?)
}

/// Tries a file: nothing is written, the report is kept. A form sent twice leads to the same report.
#[post("/imports")]
async fn send(app: State, visitor: Visitor, request: HttpRequest, payload: Payload) -> Answer {
    cookie::same_origin(&request)?;
    visitor.actor.must(Right::Imports)?;
    if !upload::is_form(&request) {
        return Err(Error::new(
            Code::UnsupportedMedia,
            "send a form with a file",
        ));
    }
    // The token comes before the file: what is forged is refused before it is read.
    let check = |fields: &upload::Fields| {
        let given = fields.iter().find(|(name, _)| name == "csrf");
        let secret = cookie::session(&request).unwrap_or_default();
        cookie::check_csrf(&secret, given.map_or("", |(_, value)| value))
    };
    let (fields, file) = upload::form(&request, payload, check).await?;
    check(&fields)?;
    let form = Form { fields };
    match tried(&app, &visitor, &form, file).await {
        Ok(id) => Ok(visitor.go(&format!("/imports/{}", url(&id)))),
        Err(error) if error.code == Code::Forbidden => Err(error),
        Err(error) => visitor.again(&page(&app, &visitor, None, Some((&form, &error))).await?),
    }
}

async fn tried(
    app: &State,
    visitor: &Visitor,
    form: &Form,
    file: Option<upload::Received>,
) -> Result<String> {
    let file = file.ok_or_else(|| Error::missing("file"))?;
    let wrong = |name: &'static str| move |why: String| Error::invalid(name, why);
    let text = |name: &str| Some(form.text(name).to_owned()).filter(|text| !text.is_empty());
    let profile = text("profile").unwrap_or_else(|| "auto".into());
    let name = file.name.as_deref().unwrap_or_default();
    let ask = Ask {
        profile: Profile::parse(&profile).map_err(wrong("profile"))?,
        org: text("organisation"),
        map: text("mapping"),
        order: text("date_order")
            .map(|order| Order::parse(&order))
            .transpose()
            .map_err(wrong("date_order"))?,
        filename: Some(name.chars().filter(|c| !c.is_control()).take(200).collect())
            .filter(|name: &String| !name.is_empty()),
        // The form's key is the id of its import: sent twice, it is the same one.
        id: text("key").filter(|key| uuid::Uuid::parse_str(key).is_ok()),
    };
    let actor = visitor.actor.clone();
    let report = run(app, move |app| {
        let path = file.file.path();
        imports::import(app, &actor, path, &ask, Depth::Stage, Pace::Served)
    })
    .await?;
    report
        .id
        .ok_or_else(|| Error::internal("an import without an id"))
}
