//! A new purchase, or an old one changed: its lines as blocks of fields.

use serde_json::{Map, Value};

use super::{lines, title};
use crate::app::entries::{self, ListQuery, View};
use crate::domain::category::{AgecCategory, Category};
use crate::domain::partner::Partner;
use crate::domain::purchase::{Purchase, PurchaseKind};
use crate::domain::words::{Condition, Tenure};
use crate::http::pages::prelude::*;

/// Routes of this file.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(open_new)
        .service(record)
        .service(open_old)
        .service(change);
}

/// Most lines that the form takes; longer purchases come by the API.
const MOST: usize = 60;

/// The fields of a line, and how they are read.
const LINE: &[(&str, As)] = &[
    ("key", As::Text),
    ("label", As::Text),
    ("category", As::Text),
    ("quantity", As::Whole),
    ("amount_cents", As::Cents),
    ("expense_on", As::Text),
    ("condition", As::Text),
    ("tenure", As::Text),
    ("agec_category", As::Text),
    ("reuse_cents", As::Cents),
    ("recycled_cents", As::Cents),
    ("exempt_reason", As::Text),
    ("credit_note_of", As::Text),
];

/// The fields of one line.
struct Block {
    n: usize,
    title: String,
    first: bool,
}

impl Block {
    /// Name of a field of this line.
    fn name(&self, field: &str) -> String {
        name(self.n, field)
    }
}

fn name(n: usize, field: &str) -> String {
    format!("lines[{n}].{field}")
}

#[derive(Template)]
#[template(path = "purchase_edit.html")]
struct Edit {
    f: Frame,
    fields: Fields,
    title: String,
    action: String,
    new: bool,
    kinds: Vec<(String, String)>,
    partners: Vec<(String, String)>,
    categories: Vec<(String, String)>,
    conditions: Vec<(String, String)>,
    tenures: Vec<(String, String)>,
    agec: Vec<(String, String)>,
    blocks: Vec<Block>,
}

/// The rows of a table by name, to choose from.
pub(super) fn named<T: entries::Table>(app: &App, actor: &Actor) -> Result<Vec<(String, String)>> {
    let all = ListQuery {
        limit: Some(1000),
        ..ListQuery::default()
    };
    let named = |view: View| {
        let name = view.body.get("name").and_then(Value::as_str);
        (view.address.clone(), name.unwrap_or_default().to_owned())
    };
    let page = entries::list::<T>(app, actor, &all)?;
    Ok(page.items.into_iter().map(named).collect())
}

/// The form; `of` is the purchase that is changed.
async fn page(
    app: &State,
    visitor: &Visitor,
    of: Option<(&str, String)>,
    (f, fields): (Frame, Fields),
    count: usize,
) -> Result<Edit> {
    let actor = visitor.actor.clone();
    let (partners, categories) = run(app, move |app| {
        Ok((
            named::<Partner>(app, &actor)?,
            named::<Category>(app, &actor)?,
        ))
    })
    .await?;
    let block = |n: usize| Block {
        n,
        title: f.tn("purchases.line_n", n + 1),
        first: n == 0,
    };
    let agec = AgecCategory::all().map(|c| (c.as_str().to_owned(), c.as_str().to_owned()));
    Ok(Edit {
        title: match &of {
            Some((_, title)) => title.clone(),
            None => f.t("purchases.new").to_owned(),
        },
        action: match &of {
            Some((key, _)) => format!("/purchases/{}/edit", url(key)),
            None => "/purchases".to_owned(),
        },
        new: of.is_none(),
        kinds: choices(
            &f,
            "purchase_kind",
            PurchaseKind::ALL.iter().map(|k| k.as_str()),
        ),
        conditions: choices(&f, "condition", Condition::ALL.iter().map(|c| c.as_str())),
        tenures: choices(&f, "tenure", Tenure::ALL.iter().map(|t| t.as_str())),
        agec: agec.collect(),
        blocks: (0..count.clamp(1, MOST)).map(block).collect(),
        partners,
        categories,
        f,
        fields,
    })
}

/// A blank line: one owned thing whose condition is not said.
fn blank(fields: Fields, n: usize) -> Fields {
    fields
        .set(&name(n, "quantity"), "1")
        .set(&name(n, "condition"), "unknown")
        .set(&name(n, "tenure"), "owned")
}

/// The form of a new purchase.
#[get("/purchases/new")]
async fn open_new(app: State, visitor: Visitor) -> Answer {
    visitor.actor.must(Right::Purchases)?;
    let f = visitor.frame("purchases");
    let fields = blank(Fields::new(&f), 0)
        .set("ordered_on", f.today.to_string())
        .set("kind", PurchaseKind::Order.as_str());
    visitor.show(&page(&app, &visitor, None, (f, fields), 1).await?)
}

/// What the form says, lines left blank apart. The position in the form of each line kept.
fn read(form: &Form) -> Result<(Map<String, Value>, Vec<usize>)> {
    let mut body = form.object(&[
        ("reference", As::Patch),
        ("kind", As::Text),
        ("supplier", As::Patch),
        ("ordered_on", As::Patch),
    ])?;
    let (mut list, mut kept) = (Vec::new(), Vec::new());
    for n in 0..count(form) {
        let said = |field: &str| form.has(&name(n, field));
        if !["key", "label", "category", "amount_cents"]
            .iter()
            .any(|field| said(field))
        {
            continue;
        }
        let names: Vec<(String, As)> = LINE.iter().map(|(f, how)| (name(n, f), *how)).collect();
        let shape: Vec<(&str, As)> = names.iter().map(|(f, how)| (f.as_str(), *how)).collect();
        let line = form.object(&shape)?;
        let line: Map<String, Value> = line
            .into_iter()
            .map(|(field, value)| {
                let field = field.rsplit('.').next().unwrap_or_default();
                (field.to_owned(), value)
            })
            .collect();
        list.push(Value::Object(line));
        kept.push(n);
    }
    body.insert("lines".into(), Value::Array(list));
    Ok((body, kept))
}

fn count(form: &Form) -> usize {
    form.text("count").parse().unwrap_or(1).min(MOST)
}

/// A refusal of the line `i` that was sent is of the line of the form that it came from.
fn placed(error: Error, kept: &[usize]) -> Error {
    let field = error.field.clone().unwrap_or_default();
    let moved = field.strip_prefix("lines[").and_then(|rest| {
        let (i, field) = rest.split_once("].")?;
        let n = kept.get(i.parse::<usize>().ok()?)?;
        Some(name(*n, field))
    });
    match moved {
        Some(field) => error.with_field(field),
        None => error,
    }
}

/// The same form with one more line.
async fn longer(app: &State, visitor: &Visitor, form: &Form, of: Option<(&str, String)>) -> Answer {
    let f = visitor.frame("purchases");
    let n = count(form);
    let fields = blank(Fields::with(&f, form.fields.clone()), n);
    visitor.show(&page(app, visitor, of, (f, fields), n + 1).await?)
}

/// Makes it.
#[post("/purchases")]
async fn record(app: State, visitor: Visitor, form: Form) -> Answer {
    if form.has("more") {
        return longer(&app, &visitor, &form, None).await;
    }
    let done = match read(&form) {
        Err(error) => Err(error),
        Ok((mut body, kept)) => {
            body.retain(|_, value| !value.is_null());
            once_in(&app, &visitor, &form, move |app, db, actor| {
                let desk = entries::Desk::of(app, db, actor)?;
                let view = entries::create::<Purchase>(db, &desk, body.clone())?;
                Ok(format!("/purchases/{}", url(&view.address)))
            })
            .await
            .map_err(|e| placed(e, &kept))
        }
    };
    let f = visitor.frame("purchases");
    match done {
        Ok(to) => visitor.done(&to, f.t("common.changed")),
        Err(error) => {
            let fields = Fields::refused(&f, &form, &error);
            let again = page(&app, &visitor, None, (f, fields), count(&form)).await?;
            visitor.again(&again)
        }
    }
}

async fn load(app: &State, visitor: &Visitor, key: &str) -> Result<View> {
    let (actor, key) = (visitor.actor.clone(), key.to_owned());
    run(app, move |app| {
        actor.must(Right::Purchases)?;
        entries::get::<Purchase>(app, &actor, &key, None)
    })
    .await
}

/// The form of a purchase that is there.
#[get("/purchases/{key}/edit")]
async fn open_old(app: State, visitor: Visitor, key: Path<String>) -> Answer {
    let view = load(&app, &visitor, &key).await?;
    let f = visitor.frame("purchases");
    let mut values = vec![("version".to_owned(), view.version.to_string())];
    let text = |value: &Value, cents: bool| match value {
        Value::String(text) => text.clone(),
        Value::Number(n) if cents => n.as_i64().map(amount).unwrap_or_default(),
        Value::Number(n) => n.to_string(),
        _ => String::new(),
    };
    for field in ["reference", "supplier", "ordered_on"] {
        if let Some(value) = view.body.get(field) {
            values.push((field.to_owned(), text(value, false)));
        }
    }
    for (n, line) in lines(&view).iter().enumerate() {
        for (field, how) in LINE {
            if let Some(value) = line.get(*field) {
                values.push((name(n, field), text(value, *how == As::Cents)));
            }
        }
    }
    let fields = Fields::with(&f, values);
    let (n, title) = (lines(&view).len(), title(&f, &view));
    let fields = if n == 0 { blank(fields, 0) } else { fields };
    let page = page(&app, &visitor, Some((&view.address, title)), (f, fields), n).await?;
    visitor.show(&page)
}

/// Cents as they are typed: 812,50.
fn amount(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}{},{:02}", cents / 100, cents % 100)
}

/// What the form does not show of a line stays as it was.
fn completed(mut body: Map<String, Value>, before: &View) -> Map<String, Value> {
    if let Some(Value::Array(sent)) = body.get_mut("lines") {
        for line in sent.iter_mut() {
            let old = lines(before)
                .iter()
                .find(|old| old.get("key").is_some() && old.get("key") == line.get("key"));
            if let (Some(model), Value::Object(line)) = (old.and_then(|o| o.get("model")), line) {
                line.insert("model".to_owned(), model.clone());
            }
        }
    }
    body
}

/// Changes it, unless somebody else did since the form was opened.
#[post("/purchases/{key}/edit")]
async fn change(app: State, visitor: Visitor, key: Path<String>, form: Form) -> Answer {
    let view = load(&app, &visitor, &key).await?;
    let f = visitor.frame("purchases");
    let of = (view.address.clone(), title(&f, &view));
    if form.has("more") {
        return longer(&app, &visitor, &form, Some((&of.0, of.1.clone()))).await;
    }
    let version: i64 = form.text("version").parse().unwrap_or(-1);
    let done = match read(&form) {
        Err(error) => Err(error),
        Ok((body, kept)) => {
            let body = completed(body, &view);
            let key = view.id.clone();
            once(&app, &visitor, &form, move |app, actor| {
                let expected = Expected::OneOf(vec![version]);
                let view = entries::patch::<Purchase>(app, actor, &key, body, expected)?;
                Ok(format!("/purchases/{}", url(&view.address)))
            })
            .await
            .map_err(|e| placed(e, &kept))
        }
    };
    match done {
        Ok(to) => visitor.done(&to, f.t("common.changed")),
        Err(error) => {
            let fields = Fields::refused(&f, &form, &error);
            let of = Some((of.0.as_str(), of.1.clone()));
            let again = page(&app, &visitor, of, (f, fields), count(&form)).await?;
            visitor.again(&again)
        }
    }
}
