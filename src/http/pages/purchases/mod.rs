//! Purchases: orders and contracts with their lines, and the reception of what arrives.

mod edit;
mod list;
mod receive;

use serde_json::Value;

use super::attachments::{Attached, attached};
use super::prelude::*;
use crate::app::entries::{self, View};
use crate::app::titles::{self, Titles};
use crate::domain::attachment::Subject;
use crate::domain::entry::EntryKind;
use crate::domain::purchase::Purchase;
use crate::domain::words::Kind;

/// Routes of this family.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.configure(list::routes)
        .configure(edit::routes)
        .configure(receive::routes)
        .service(one);
}

/// A text member of a row.
fn said<'a>(value: &'a Value, field: &str) -> Option<&'a str> {
    value.get(field).and_then(Value::as_str)
}

/// The lines of a purchase.
fn lines(view: &View) -> &[Value] {
    let lines = view.body.get("lines").and_then(Value::as_array);
    lines.map_or(&[], Vec::as_slice)
}

/// A day member of a row.
fn day(f: &Frame, value: Option<&Value>) -> String {
    let day = value
        .and_then(Value::as_str)
        .and_then(|t| Day::parse(t).ok());
    f.day_or(&day)
}

fn names(app: &App, actor: &Actor, views: &[View]) -> Result<Titles> {
    let mut wanted = Vec::new();
    for view in views {
        let of = |field: &str| view.body.get(field).and_then(Value::as_str);
        wanted.extend(of("supplier").map(|k| (EntryKind::Partner, k)));
        wanted.extend(of("organisation").map(|k| (EntryKind::Organisation, k)));
        wanted.extend(of("contract").map(|k| (EntryKind::Purchase, k)));
        for line in lines(view) {
            wanted.extend(said(line, "category").map(|k| (EntryKind::Category, k)));
            wanted.extend(said(line, "model").map(|k| (EntryKind::Model, k)));
        }
    }
    titles::of(app, actor, &wanted)
}

/// What people call a purchase.
fn title(f: &Frame, view: &View) -> String {
    let reference = view.body.get("reference").and_then(Value::as_str);
    reference.map_or_else(
        || format!("{} {}", f.t("purchases.no_reference"), view.address),
        str::to_owned,
    )
}

/// Cents of all lines that have an amount, and how many have none.
fn sum(view: &View) -> (i64, usize) {
    let amount = |line: &Value| line.get("amount_cents").and_then(Value::as_i64);
    let known: Vec<i64> = lines(view).iter().filter_map(amount).collect();
    (known.iter().sum(), lines(view).len() - known.len())
}

/// A line, as the page shows it.
struct Line {
    receive: String,
    label: String,
    about: String,
    quantity: String,
    condition: String,
    agec: String,
    amount: String,
    reuse: String,
    expense: String,
}

#[derive(Template)]
#[template(path = "purchase.html")]
struct One {
    f: Frame,
    title: String,
    lead: String,
    edit: String,
    facts: Vec<(&'static str, String)>,
    lines: Vec<Line>,
    total: String,
    may: bool,
    may_receive: bool,
    attached: Attached,
}

/// One purchase.
#[get("/purchases/{key}")]
async fn one(app: State, visitor: Visitor, key: Path<String>) -> Answer {
    let actor = visitor.actor.clone();
    let (view, names) = run(&app, move |app| {
        let view = entries::get::<Purchase>(app, &actor, &key, None)?;
        let names = names(app, &actor, std::slice::from_ref(&view))?;
        Ok((view, names))
    })
    .await?;
    let to = format!("/purchases/{}", url(&view.address));
    let about = (Subject::Purchase, view.address.as_str());
    let attached = attached(&app, &visitor, about, &to).await?;
    let f = visitor.frame("purchases");
    let names = names.speaking(f.lang == Lang::Fr);
    let of = |field: &str| view.body.get(field).and_then(Value::as_str);
    let unknown = f.t("common.unknown").to_owned();
    let named = |kind, field: &str| {
        of(field).map_or_else(|| unknown.clone(), |k| names.get(kind, k).to_owned())
    };
    let kind = f.word("purchase_kind", of("kind").unwrap_or("order"));
    let supplier = named(EntryKind::Partner, "supplier");
    let mut facts = vec![
        (f.t("field.kind"), kind.clone()),
        (f.t("purchases.supplier"), supplier.clone()),
        (
            f.t("purchases.ordered_on"),
            day(&f, view.body.get("ordered_on")),
        ),
        (
            f.t("field.organisation"),
            named(EntryKind::Organisation, "organisation"),
        ),
    ];
    if of("contract").is_some() {
        facts.push((
            f.t("purchases.contract"),
            named(EntryKind::Purchase, "contract"),
        ));
    }
    let (cents, _) = sum(&view);
    visitor.show(&One {
        title: title(&f, &view),
        lead: format!("{kind} · {supplier}"),
        edit: format!("/purchases/{}/edit", url(&view.address)),
        facts,
        lines: lines(&view)
            .iter()
            .map(|line| shown(&f, &view, line, &names))
            .collect(),
        total: f.euros(&cents),
        may: f.may(Right::Purchases),
        may_receive: f.may(Right::Event(Kind::Receive)),
        attached,
        f,
    })
}

fn shown(f: &Frame, view: &View, line: &Value, names: &Titles) -> Line {
    let cents = |field: &str| match line.get(field).and_then(Value::as_i64) {
        Some(cents) => f.euros(&cents),
        None => f.t("common.unknown").to_owned(),
    };
    let category = said(line, "category").map(|k| names.get(EntryKind::Category, k).to_owned());
    let model = said(line, "model").map(|k| names.get(EntryKind::Model, k).to_owned());
    let what: Vec<String> = model.into_iter().chain(category).collect();
    let label = said(line, "label").map(str::to_owned);
    let condition = said(line, "condition").unwrap_or("unknown");
    Line {
        receive: format!(
            "/purchases/{}/receive?line={}",
            url(&view.address),
            url(said(line, "key").unwrap_or_default())
        ),
        about: if label.is_some() {
            what.join(" · ")
        } else {
            String::new()
        },
        label: label.unwrap_or_else(|| what.join(" · ")),
        quantity: f.whole(line.get("quantity").and_then(Value::as_i64).unwrap_or(1)),
        condition: f.word("condition", condition),
        agec: match said(line, "agec_category") {
            Some(label) => label.to_owned(),
            None => f.t("purchases.no_agec").to_owned(),
        },
        amount: cents("amount_cents"),
        reuse: cents("reuse_cents"),
        expense: day(f, line.get("expense_on")),
    }
}
