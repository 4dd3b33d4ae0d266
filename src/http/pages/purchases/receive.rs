//! Reception against a line: serial numbers one a line, or a number of devices without one.

use serde::Deserialize;
use serde_json::Value;

use super::edit::named;
use super::{lines, said, title};
use crate::app::entries;
use crate::app::reception::{self, Arrival};
use crate::domain::category::Category;
use crate::domain::purchase::Purchase;
use crate::domain::site::Site;
use crate::domain::words::Kind;
use crate::http::pages::form::lines as lines_of;
use crate::http::pages::prelude::*;

/// Routes of this file.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(open).service(record);
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Asked {
    line: String,
}

#[derive(Template)]
#[template(path = "purchase_receive.html")]
struct Receive {
    f: Frame,
    fields: Fields,
    title: String,
    what: String,
    purchase: String,
    action: String,
    needs_category: bool,
    categories: Vec<(String, String)>,
    sites: Vec<(String, String)>,
}

async fn page(
    app: &State,
    visitor: &Visitor,
    (key, line): (&str, &str),
    (f, fields): (Frame, Fields),
) -> Result<Receive> {
    let (actor, key2) = (visitor.actor.clone(), key.to_owned());
    let (view, categories, sites) = run(app, move |app| {
        actor.must(Right::Event(Kind::Receive))?;
        let view = entries::get::<Purchase>(app, &actor, &key2, None)?;
        let categories = named::<Category>(app, &actor)?;
        Ok((view, categories, named::<Site>(app, &actor)?))
    })
    .await?;
    let found = lines(&view).iter().find(|l| said(l, "key") == Some(line));
    let found = found.ok_or_else(Error::not_found)?;
    let category = said(found, "category");
    let name = categories
        .iter()
        .find(|(key, _)| Some(key.as_str()) == category)
        .map(|(_, name)| name.clone());
    let label = said(found, "label").map(str::to_owned).or(name);
    let quantity = found.get("quantity").and_then(Value::as_i64).unwrap_or(1);
    Ok(Receive {
        what: f.say(
            "purchases.receive_lead",
            &[
                ("n", Arg::Count(quantity)),
                ("label", Arg::text(label.unwrap_or_default())),
            ],
        ),
        title: title(&f, &view),
        purchase: format!("/purchases/{}", url(&view.address)),
        action: format!(
            "/purchases/{}/receive?line={}",
            url(&view.address),
            url(line)
        ),
        needs_category: category.is_none(),
        categories,
        sites,
        f,
        fields,
    })
}

/// The form.
#[get("/purchases/{key}/receive")]
async fn open(app: State, visitor: Visitor, key: Path<String>, query: Query<Asked>) -> Answer {
    let f = visitor.frame("purchases");
    let fields = Fields::new(&f).set("on", f.today.to_string());
    visitor.show(&page(&app, &visitor, (&key, &query.0.line), (f, fields)).await?)
}

/// Makes the devices.
#[post("/purchases/{key}/receive")]
async fn record(
    app: State,
    visitor: Visitor,
    key: Path<String>,
    query: Query<Asked>,
    form: Form,
) -> Answer {
    let text = |name: &str| form.has(name).then(|| form.text(name).to_owned());
    let arrival = Arrival {
        line: format!("{}/{}", key.as_str(), query.0.line),
        on: form.text("on").to_owned(),
        serials: lines_of(form.text("serials")),
        without: form.text("without").parse().unwrap_or(0),
        site: text("site"),
        category: text("category"),
        warranty_until: text("warranty_until"),
    };
    let n = arrival.serials.len() + arrival.without;
    let done = once(&app, &visitor, &form, move |app, actor| {
        let tags = reception::receive(app, actor, arrival)?;
        // Straight to their labels: a device without its tag cannot be found again.
        Ok(match tags.as_slice() {
            [only] => format!("/devices/{}", url(only)),
            _ if tags.len() <= 200 => address("/labels", &[("tags", &tags.join(","))]),
            _ => "/devices?stage=in_stock&sort=-updated_at".to_owned(),
        })
    })
    .await;
    let f = visitor.frame("purchases");
    match done {
        Ok(to) => visitor.done(&to, f.tn("purchases.received", n)),
        Err(error) => {
            let fields = Fields::refused(&f, &form, &error);
            let again = page(&app, &visitor, (&key, &query.0.line), (f, fields)).await?;
            visitor.again(&again)
        }
    }
}
