//! Repairs: the open ones by age, the closed ones, one with its end, a new one from a device.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::attachments::{Attached, attached};
use super::paging::pager;
use super::prelude::*;
use crate::app::choices::{self, Choice};
use crate::app::operations::chosen::{Item, items_of};
use crate::app::operations::repairs::{self, RepairView};
use crate::app::titles::{self, Titles};
use crate::domain::attachment::Subject;
use crate::domain::entry::EntryKind;
use crate::domain::partner::PartnerKind;
use crate::domain::words::{Kind, Outcome, Stage};

/// Routes of this file.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(index)
        .service(open_new)
        .service(record)
        .service(one)
        .service(send)
        .service(close);
}

const PAGE: i64 = 25;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Asked {
    closed: Option<String>,
    cursor: Option<String>,
}

/// Key and label of what can be chosen.
type Pairs = Vec<(String, String)>;

/// A repair on the list.
struct Row {
    tag: Html,
    to: String,
    opened: String,
    fault: String,
    provider: String,
    days: String,
    outcome: String,
    cost: String,
}

#[derive(Template)]
#[template(path = "repairs.html")]
struct List {
    f: Frame,
    may: bool,
    closed: bool,
    rows: Vec<Row>,
    first: Option<String>,
    next: Option<String>,
}

/// Names of the partners of repairs.
fn providers(app: &App, actor: &Actor, repairs: &[RepairView]) -> Result<Titles> {
    let keys = repairs.iter().filter_map(|r| r.provider.as_deref());
    let wanted: Vec<_> = keys.map(|key| (EntryKind::Partner, key)).collect();
    titles::of(app, actor, &wanted)
}

/// The open ones, the oldest first; the closed ones, the latest first.
#[get("/repairs")]
async fn index(app: State, visitor: Visitor, query: Query<Asked>) -> Answer {
    let (actor, at, closed) = (
        visitor.actor.clone(),
        query.0.cursor.clone(),
        query.0.closed.is_some(),
    );
    let (page, names) = run(&app, move |app| {
        let page = if closed {
            repairs::closed(app, &actor, PAGE, at.as_deref())?
        } else {
            repairs::list(app, &actor, Some(true), PAGE, at.as_deref())?
        };
        let names = providers(app, &actor, &page.items)?;
        Ok((page, names))
    })
    .await?;
    let f = visitor.frame("repairs");
    let unknown = f.t("common.unknown");
    let rows = page.items.iter().map(|r| Row {
        tag: f.tag(&r.device),
        to: format!("/repairs/{}", url(&r.key)),
        opened: f.day(&r.opened_on),
        fault: r.fault.clone().unwrap_or_else(|| unknown.to_owned()),
        provider: provider(&f, r, &names),
        days: f.tn(
            "repairs.n_days",
            r.closed_on.unwrap_or(f.today).days_since(r.opened_on),
        ),
        outcome: match &r.outcome {
            Some(outcome) => f.word("outcome", outcome),
            None => f.t("repairs.under_way").to_owned(),
        },
        cost: match &r.cost_cents {
            Some(cents) => f.euros(cents),
            None => unknown.to_owned(),
        },
    });
    let rows = rows.collect();
    let path = if closed {
        "/repairs?closed=1"
    } else {
        "/repairs"
    };
    let [first, next] = pager(path, query.0.cursor.as_deref(), page.next.as_deref());
    visitor.show(&List {
        may: f.may(Right::Event(Kind::ReportFault)),
        f,
        closed,
        rows,
        first,
        next,
    })
}

fn provider(f: &Frame, repair: &RepairView, names: &Titles) -> String {
    match repair.provider.as_deref() {
        Some(key) => names.get(EntryKind::Partner, key).to_owned(),
        None => f.t("repairs.workshop").to_owned(),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct From {
    device: Option<String>,
}

#[derive(Template)]
#[template(path = "repair_new.html")]
struct New {
    f: Frame,
    fields: Fields,
    device: String,
    tag: Html,
    what: String,
    partners: Pairs,
    others: Pairs,
}

async fn new_page(
    app: &State,
    visitor: &Visitor,
    device: &str,
    (f, fields): (Frame, Fields),
) -> Result<New> {
    let (actor, device) = (visitor.actor.clone(), device.to_owned());
    let (item, (partners, others)) = run(app, move |app| {
        let item = items_of(app, &actor, &[device])?.pop();
        Ok((item, repairers(app, &actor)?))
    })
    .await?;
    let tag = item.as_ref().map(|i| i.device.tag.clone());
    Ok(New {
        tag: tag.as_deref().map(|t| f.tag(t)).unwrap_or_default(),
        device: tag.unwrap_or_default(),
        what: item
            .map(|i| i.speaking(f.lang == Lang::Fr).what)
            .unwrap_or_default(),
        f,
        fields,
        partners,
        others,
    })
}

/// Most partners to choose from.
const MOST: i64 = 1000;

/// Partners to choose from: those who repair, and the others.
fn repairers(app: &App, actor: &Actor) -> Result<(Pairs, Pairs)> {
    let pairs = |choices: Vec<Choice>| {
        let pair = |choice: Choice| (choice.key.clone(), choice.label());
        choices.into_iter().map(pair).collect()
    };
    let (first, others) = choices::partners(app, actor, &[PartnerKind::Repairer], MOST)?;
    Ok((pairs(first), pairs(others)))
}

/// The form, from the page of a device.
#[get("/repairs/new")]
async fn open_new(app: State, visitor: Visitor, query: Query<From>) -> Answer {
    visitor.actor.must(Right::Event(Kind::ReportFault))?;
    let f = visitor.frame("repairs");
    let device = query.0.device.unwrap_or_default();
    let fields = Fields::new(&f)
        .set("opened_on", f.today.to_string())
        .set("device", device.clone());
    let page = new_page(&app, &visitor, &device, (f, fields)).await?;
    visitor.show(&page)
}

/// Opens it.
#[post("/repairs")]
async fn record(app: State, visitor: Visitor, form: Form) -> Answer {
    let mut body = form.object(&[
        ("device", As::Text),
        ("fault", As::Text),
        ("opened_on", As::Text),
        ("sent_on", As::Text),
    ])?;
    if form.has("sent_on") && form.has("provider") {
        body.insert("provider".into(), form.text("provider").into());
    }
    let done = once_in(&app, &visitor, &form, move |app, db, actor| {
        let repair = repairs::create(app, db, actor, body.clone())?;
        Ok(format!("/repairs/{}", url(&repair.key)))
    })
    .await;
    let f = visitor.frame("repairs");
    match done {
        Ok(to) => visitor.done(&to, f.t("repairs.opened")),
        Err(error) => {
            let fields = Fields::refused(&f, &form, &error);
            let page = new_page(&app, &visitor, form.text("device"), (f, fields)).await?;
            visitor.again(&page)
        }
    }
}

#[derive(Template)]
#[template(path = "repair.html")]
struct One {
    f: Frame,
    fields: Fields,
    key: String,
    device: String,
    device_key: String,
    tag: Html,
    what: String,
    lead: String,
    facts: Vec<(&'static str, String)>,
    closed: bool,
    sent: bool,
    over: bool,
    may: bool,
    outcomes: Vec<(String, String)>,
    after: Vec<(String, String)>,
    partners: Pairs,
    others: Pairs,
    attached: Attached,
}

async fn page(
    app: &State,
    visitor: &Visitor,
    key: &str,
    refused: Option<(&Form, &Error)>,
) -> Result<One> {
    let (actor, key) = (visitor.actor.clone(), key.to_owned());
    let (repair, item, (partners, others), names) = run(app, move |app| {
        let repair = repairs::get(app, &actor, &key)?;
        let item = items_of(app, &actor, std::slice::from_ref(&repair.device))?.pop();
        let names = providers(app, &actor, std::slice::from_ref(&repair))?;
        let item = item.ok_or_else(Error::not_found)?;
        Ok((repair, item, repairers(app, &actor)?, names))
    })
    .await?;
    let to = format!("/repairs/{}", url(&repair.key));
    let attached = attached(app, visitor, (Subject::Repair, &repair.key), &to).await?;
    let f = visitor.frame("repairs");
    let fields = match refused {
        Some((form, error)) => Fields::refused(&f, form, error),
        None => Fields::new(&f)
            .set("closed_on", f.today.to_string())
            .set("sent_on", f.today.to_string()),
    };
    let outcomes = [Outcome::Fixed, Outcome::Repairable, Outcome::EndOfLife];
    let after = [Stage::InStock, Stage::InUse];
    Ok(One {
        facts: facts(&f, &repair, &item, &names),
        lead: lead(&f, &repair),
        tag: f.tag(&repair.device),
        device: f.tag_text(&repair.device),
        device_key: url(&repair.device),
        what: item.speaking(f.lang == Lang::Fr).what,
        closed: repair.closed_on.is_some(),
        sent: repair.sent_on.is_some(),
        over: repair.outcome.as_deref() == Some(Outcome::EndOfLife.as_str())
            && item.device.next_events.contains(&Kind::Retire)
            && f.may(Right::Event(Kind::Retire)),
        may: f.may(Right::Event(Kind::CloseRepair)),
        outcomes: choices(&f, "outcome", outcomes.iter().map(|o| o.as_str())),
        after: choices(&f, "stage", after.iter().map(|s| s.as_str())),
        key: url(&repair.key),
        attached,
        partners,
        others,
        fields,
        f,
    })
}

fn lead(f: &Frame, repair: &RepairView) -> String {
    let days = repair
        .closed_on
        .unwrap_or(f.today)
        .days_since(repair.opened_on);
    let days = f.tn("repairs.n_days", days);
    match &repair.outcome {
        Some(outcome) => f.say(
            "repairs.lead_is_closed",
            &[
                ("outcome", Arg::text(f.word("outcome", outcome))),
                ("days", Arg::text(days)),
            ],
        ),
        None => f.tx("repairs.lead_is_open", days),
    }
}

fn facts(
    f: &Frame,
    repair: &RepairView,
    item: &Item,
    names: &Titles,
) -> Vec<(&'static str, String)> {
    let unknown = f.t("common.unknown");
    let or = |text: Option<String>| text.unwrap_or_else(|| unknown.to_owned());
    let warranty = match &item.device.warranty_until {
        None => unknown.to_owned(),
        Some(until) if *until >= repair.opened_on => f.tx("repairs.under_warranty", f.day(until)),
        Some(until) => f.tx("repairs.warranty_over", f.day(until)),
    };
    let mut facts = vec![
        (f.t("repairs.fault"), or(repair.fault.clone())),
        (f.t("repairs.warranty"), warranty),
        (f.t("repairs.opened_on"), f.day(&repair.opened_on)),
        (f.t("repairs.sent_on"), f.day_or(&repair.sent_on)),
        (f.t("repairs.provider"), provider(f, repair, names)),
    ];
    if repair.closed_on.is_some() {
        let point = match f.lang {
            Lang::Fr => ",",
            Lang::En => ".",
        };
        let hours = repair.hours.map(|h| h.to_string().replace('.', point));
        let parts = (!repair.parts.is_empty()).then(|| repair.parts.join(", "));
        facts.push((f.t("repairs.closed_on"), f.day_or(&repair.closed_on)));
        facts.push((
            f.t("repairs.cost"),
            or(repair.cost_cents.map(|c| f.euros(&c))),
        ));
        facts.push((f.t("repairs.hours"), or(hours)));
        facts.push((
            f.t("repairs.parts"),
            parts.unwrap_or_else(|| f.t("common.none").to_owned()),
        ));
        if let Some(barrier) = &repair.barrier {
            facts.push((f.t("repairs.barrier"), barrier.clone()));
        }
    }
    facts
}

/// One repair.
#[get("/repairs/{key}")]
async fn one(app: State, visitor: Visitor, key: Path<String>) -> Answer {
    visitor.show(&page(&app, &visitor, &key, None).await?)
}

/// Sends it out.
#[post("/repairs/{key}/send")]
async fn send(app: State, visitor: Visitor, key: Path<String>, form: Form) -> Answer {
    let body = form.object(&[("sent_on", As::Text), ("provider", As::Text)]);
    go_on(&app, &visitor, &key, &form, body, "repairs.was_sent").await
}

/// Closes it.
#[post("/repairs/{key}/close")]
async fn close(app: State, visitor: Visitor, key: Path<String>, form: Form) -> Answer {
    let body = form
        .object(&[
            ("closed_on", As::Text),
            ("outcome", As::Text),
            ("cost_cents", As::Cents),
            ("parts", As::Lines),
            ("barrier", As::Text),
            ("to", As::Text),
        ])
        .and_then(|mut body| {
            if form.has("hours") {
                let hours: f64 = form
                    .text("hours")
                    .replace(',', ".")
                    .parse()
                    .map_err(|_| Error::invalid("hours", "`hours` is a number, such as 1,5"))?;
                body.insert("hours".into(), Value::from(hours));
            }
            Ok(body)
        });
    go_on(&app, &visitor, &key, &form, body, "repairs.was_closed").await
}

async fn go_on(
    app: &State,
    visitor: &Visitor,
    key: &str,
    form: &Form,
    body: Result<Map<String, Value>>,
    done: &str,
) -> Answer {
    let (key2, to) = (key.to_owned(), format!("/repairs/{}", url(key)));
    let told = match body {
        Err(error) => Err(error),
        Ok(body) => {
            once(app, visitor, form, move |app, actor| {
                repairs::patch(app, actor, &key2, body)?;
                Ok(to)
            })
            .await
        }
    };
    match told {
        Ok(to) => visitor.done(&to, visitor.frame("").t(done)),
        Err(error) => visitor.again(&page(app, visitor, key, Some((form, &error))).await?),
    }
}
