//! The list of purchases, the latest first, with its filters.

use serde_json::Value;

use super::{day, lines, names, sum, title};
use crate::app::choices;
use crate::app::purchases::list::{self, Arrived, Asked, Bought};
use crate::app::titles::Titles;
use crate::domain::entry::EntryKind;
use crate::domain::partner::PartnerKind;
use crate::http::pages::paging::pager;
use crate::http::pages::prelude::*;

/// Routes of this file.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(index);
}

const PAGE: usize = 25;
/// Most partners and organisations to choose from.
const MOST: i64 = 400;

/// A purchase on the list.
struct Row {
    to: String,
    title: String,
    kind: String,
    supplier: String,
    organisation: String,
    on: String,
    n: String,
    amount: String,
    arrived: Html,
}

/// A select of the filters: name, what it asks, its choices, what is chosen.
struct Choose {
    name: &'static str,
    first: &'static str,
    choices: Vec<(String, String)>,
    value: String,
}

#[derive(Template)]
#[template(path = "purchases.html")]
struct List {
    f: Frame,
    may: bool,
    q: String,
    selects: Vec<Choose>,
    narrowed: bool,
    /// The list is of several organisations.
    many: bool,
    rows: Vec<Row>,
    first: Option<String>,
    next: Option<String>,
}

/// The list.
#[get("/purchases")]
async fn index(app: State, visitor: Visitor, query: Query<Asked>) -> Answer {
    let (actor, asked) = (visitor.actor.clone(), query.0.clone());
    let (page, years, names, suppliers, organisations) = run(&app, move |app| {
        let (page, years) = list::latest(app, &actor, &asked, PAGE)?;
        let views: Vec<_> = page.items.iter().map(|b| b.view.clone()).collect();
        let names = names(app, &actor, &views)?;
        let (suppliers, _) = choices::partners(app, &actor, &[PartnerKind::Supplier], MOST)?;
        let organisations = choices::of(app, &actor, EntryKind::Organisation, MOST)?;
        Ok((page, years, names, suppliers, organisations))
    })
    .await?;
    let f = visitor.frame("purchases");
    let asked = query.0;
    let pairs = |choices: Vec<choices::Choice>| -> Vec<(String, String)> {
        let pair = |c: choices::Choice| (c.key.clone(), c.label());
        choices.into_iter().map(pair).collect()
    };
    let (from, to) = years.unwrap_or((f.today.year(), f.today.year()));
    let years = (from..=to).rev().take(30);
    let years = years.map(|year| (year.to_string(), year.to_string()));
    let many = organisations.len() > 1;
    let mut selects = vec![
        Choose {
            name: "year",
            first: f.t("purchases.any_year"),
            choices: years.collect(),
            value: asked.year.map(|year| year.to_string()).unwrap_or_default(),
        },
        Choose {
            name: "supplier",
            first: f.t("purchases.any_supplier"),
            choices: pairs(suppliers),
            value: asked.supplier.clone().unwrap_or_default(),
        },
        Choose {
            name: "arrived",
            first: f.t("purchases.any_arrived"),
            choices: ["awaited", "all"]
                .map(|word| {
                    (
                        word.to_owned(),
                        f.t(&format!("purchases.is_{word}")).to_owned(),
                    )
                })
                .to_vec(),
            value: asked.arrived.map_or("", word).to_owned(),
        },
    ];
    if many {
        selects.insert(
            0,
            Choose {
                name: "org",
                first: f.t("common.all_organisations"),
                choices: pairs(organisations),
                value: asked.org.clone().unwrap_or_default(),
            },
        );
    }
    let q = asked.q.clone().unwrap_or_default();
    let mut kept = vec![("q", q.as_str())];
    kept.extend(selects.iter().map(|s| (s.name, s.value.as_str())));
    let path = address("/purchases", &kept);
    let [first, next] = pager(&path, asked.cursor.as_deref(), page.next.as_deref());
    let rows = page.items.iter().map(|bought| row(&f, bought, &names));
    visitor.show(&List {
        may: f.may(Right::Purchases),
        narrowed: kept.iter().any(|(_, value)| !value.is_empty()),
        rows: rows.collect(),
        many,
        first,
        next,
        q,
        selects,
        f,
    })
}

const fn word(arrived: Arrived) -> &'static str {
    match arrived {
        Arrived::All => "all",
        Arrived::Awaited => "awaited",
    }
}

fn row(f: &Frame, bought: &Bought, names: &Titles) -> Row {
    let view = &bought.view;
    let of = |field: &str| view.body.get(field).and_then(Value::as_str);
    let unknown = f.t("common.unknown");
    let named = |kind, field: &str| of(field).map_or(unknown, |k| names.get(kind, k)).to_owned();
    let (cents, without) = sum(view);
    Row {
        to: format!("/purchases/{}", url(&view.address)),
        title: title(f, view),
        kind: f.word("purchase_kind", of("kind").unwrap_or("order")),
        supplier: named(EntryKind::Partner, "supplier"),
        organisation: named(EntryKind::Organisation, "organisation"),
        on: day(f, view.body.get("ordered_on")),
        n: f.whole(lines(view).len()),
        amount: if without > 0 && cents == 0 {
            unknown.to_owned()
        } else {
            f.euros(&cents)
        },
        arrived: arrived(f, bought),
    }
}

/// Whether it has come, and how much of it.
fn arrived(f: &Frame, bought: &Bought) -> Html {
    let ordered = bought.ordered.unwrap_or(0);
    let args = [
        ("n", Arg::Count(bought.received)),
        ("of", Arg::Count(ordered)),
    ];
    let mark =
        |class: &str, text: &str| Html(format!("<span class=\"{class} mk\">{}</span>", esc(text)));
    match list::arrived(bought.ordered, bought.received) {
        Some(Arrived::All) => mark("ok", f.t("purchases.is_all")),
        Some(Arrived::Awaited) if bought.received == 0 => mark("idle", f.t("purchases.is_awaited")),
        Some(Arrived::Awaited) => mark("warn", &f.say("purchases.came", &args)),
        None => Html(format!(
            "<span class=\"soft\">{}</span>",
            f.t("purchases.orders_nothing")
        )),
    }
}
