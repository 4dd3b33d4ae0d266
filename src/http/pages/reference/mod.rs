//! Sites, partners, organisations, models, categories, custom fields, people: one mechanism over the use cases of
//! [`crate::app::entries`]. What differs between them is said in [`kinds`].

pub mod form;
pub mod kinds;
pub mod shown;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::prelude::*;
use crate::app::entries::{ListQuery, View};
use crate::domain::entry::EntryKind;
use kinds::Kind;

/// Routes of this folder.
pub fn routes(cfg: &mut web::ServiceConfig) {
    for kind in kinds::ALL.iter().copied() {
        let path = kind.path;
        let list = move |app: State, visitor: Visitor, query: Query<Listed>| {
            list(kind, app, visitor, query)
        };
        let blank = move |app: State, visitor: Visitor| blank(kind, app, visitor);
        let create =
            move |app: State, visitor: Visitor, form: Form| create(kind, app, visitor, form);
        let edit =
            move |app: State, visitor: Visitor, key: Path<String>| edit(kind, app, visitor, key);
        let change = move |app: State, visitor: Visitor, key: Path<String>, form: Form| {
            change(kind, app, visitor, key, form)
        };
        let show =
            move |app: State, visitor: Visitor, key: Path<String>| show(kind, app, visitor, key);
        cfg.route(path, web::get().to(list))
            .route(&format!("{path}/new"), web::get().to(blank))
            .route(&format!("{path}/new"), web::post().to(create))
            .route(&format!("{path}/{{key}}/edit"), web::get().to(edit))
            .route(&format!("{path}/{{key}}/edit"), web::post().to(change));
        if !kind.own_page {
            cfg.route(&format!("{path}/{{key}}"), web::get().to(show));
        }
    }
}

/// What a list may be asked.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Listed {
    q: Option<String>,
    archived: Option<String>,
    cursor: Option<String>,
}

/// A row of a list.
struct Row {
    to: String,
    name: String,
    archived: bool,
    depth: usize,
    cells: Vec<Option<Html>>,
}

#[derive(Template)]
#[template(path = "reference_list.html")]
struct ListPage {
    f: Frame,
    kind: &'static Kind,
    title: &'static str,
    lead: &'static str,
    q: String,
    archived: bool,
    heads: Vec<&'static str>,
    rows: Vec<Row>,
    count: String,
    next: Option<String>,
    first: bool,
    may_write: bool,
}

/// Rows of a page; organisations come all at once, as a tree.
const PAGE: u32 = 50;

async fn list(kind: &'static Kind, app: State, visitor: Visitor, query: Query<Listed>) -> Answer {
    let f = visitor.frame("menu");
    let asked = query.0;
    let tree = kind.entry == EntryKind::Organisation && asked.q.is_none();
    let wanted = ListQuery {
        q: asked.q.clone(),
        include: asked.archived.as_ref().map(|_| "archived".to_owned()),
        limit: Some(if tree { 1000 } else { PAGE }),
        cursor: asked.cursor.clone(),
        total: Some(true),
        ..ListQuery::default()
    };
    let actor = visitor.actor.clone();
    let (page, titles) = run(&app, move |app| {
        let page = (kind.list)(app, &actor, &wanted)?;
        let titles = shown::titles(app, &actor, kind, &page.items)?;
        Ok((page, titles))
    })
    .await?;
    let titles = titles.speaking(f.lang == Lang::Fr);
    let views = if tree {
        as_tree(page.items)
    } else {
        page.items.into_iter().map(|v| (0, v)).collect()
    };
    let rows = views
        .iter()
        .map(|(depth, view)| Row {
            to: shown::place(kind, view),
            name: shown::name(&f, kind, &view.body),
            archived: view.body.get("archived") == Some(&Value::Bool(true)),
            depth: (*depth).min(4),
            cells: kind
                .columns
                .iter()
                .map(|path| shown::cell(&f, kind, &titles, &view.body, path))
                .collect(),
        })
        .collect();
    let next = page.next.map(|cursor| {
        let query = [
            ("q", asked.q.as_deref().unwrap_or_default()),
            ("archived", asked.archived.as_deref().unwrap_or_default()),
            ("cursor", &cursor),
        ];
        address(kind.path, &query)
    });
    visitor.show(&ListPage {
        title: f.t(&format!("nav.{}", kind.name)),
        lead: f.t(&format!("{}.lead", kind.name)),
        heads: kind
            .columns
            .iter()
            .map(|path| form::label(&f, kind, path))
            .collect(),
        count: f.tn(
            &format!("{}.count", kind.name),
            page.total.unwrap_or_default(),
        ),
        q: asked.q.unwrap_or_default(),
        archived: asked.archived.is_some(),
        first: asked.cursor.is_none(),
        may_write: f.may(kind.write),
        rows,
        next,
        kind,
        f,
    })
}

/// Rows below what they are part of, each with its depth. What stands above the reader's own is not there to hang
/// things on: such rows are roots.
fn as_tree(views: Vec<View>) -> Vec<(usize, View)> {
    let key = |view: &View| {
        view.body
            .get("key")
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let above = |view: &View| {
        form::member(&view.body, "parent")
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let known: std::collections::HashSet<String> = views.iter().filter_map(key).collect();
    let (roots, mut rest): (Vec<View>, Vec<View>) = views
        .into_iter()
        .partition(|view| above(view).is_none_or(|parent| !known.contains(&parent)));
    let mut out = Vec::new();
    let mut waiting: Vec<(usize, View)> = roots.into_iter().rev().map(|view| (0, view)).collect();
    while let Some((depth, view)) = waiting.pop() {
        let own = key(&view);
        let (below, others): (Vec<View>, Vec<View>) = rest
            .into_iter()
            .partition(|v| above(v).is_some() && above(v) == own);
        rest = others;
        waiting.extend(below.into_iter().rev().map(|view| (depth + 1, view)));
        out.push((depth, view));
    }
    out.extend(rest.into_iter().map(|view| (0, view)));
    out
}

#[derive(Template)]
#[template(path = "reference_page.html")]
struct ShowPage {
    f: Frame,
    kind: &'static Kind,
    list: &'static str,
    name: String,
    to: String,
    archived: bool,
    ours: bool,
    theirs: bool,
    facts: Vec<(&'static str, Html)>,
    devices: Option<String>,
    about: Option<&'static str>,
    factors: Vec<(&'static str, String)>,
}

async fn show(kind: &'static Kind, app: State, visitor: Visitor, key: Path<String>) -> Answer {
    let f = visitor.frame("menu");
    let (view, titles) = one(kind, &app, &visitor, key.into_inner()).await?;
    let key = view.address.clone();
    visitor.show(&ShowPage {
        list: f.t(&format!("nav.{}", kind.name)),
        name: shown::name(&f, kind, &view.body),
        to: shown::place(kind, &view),
        archived: view.body.get("archived") == Some(&Value::Bool(true)),
        ours: view.ours && f.may(kind.write),
        theirs: !view.ours && f.may(kind.write),
        facts: shown::facts(&f, kind, &titles, &view.body),
        devices: kind
            .devices
            .map(|parameter| address("/devices", &[(parameter, &key)])),
        about: crate::i18n::find(f.lang, kind.name, "about"),
        factors: factors(&f, &view.body),
        kind,
        f,
    })
}

/// One row with the names of what it names.
///
/// # Errors
/// `forbidden`, `not_found`.
pub async fn one(
    kind: &'static Kind,
    app: &State,
    visitor: &Visitor,
    key: String,
) -> Result<(View, crate::app::titles::Titles)> {
    let (actor, french) = (visitor.actor.clone(), visitor.guest.lang == Lang::Fr);
    run(app, move |app| {
        let view = (kind.get)(app, &actor, &key, None)?;
        let titles = shown::titles(app, &actor, kind, std::slice::from_ref(&view))?;
        Ok((view, titles.speaking(french)))
    })
    .await
}

/// Impact factors of a category, which come with their source and are not changed here.
fn factors(f: &Frame, body: &Map<String, Value>) -> Vec<(&'static str, String)> {
    const SHOWN: &[&str] = &[
        "embodied_total_kg",
        "low_kg",
        "high_kg",
        "energy_kwh_year",
        "quality",
        "source",
        "year",
    ];
    let Some(Value::Object(map)) = body.get("factors") else {
        return Vec::new();
    };
    SHOWN
        .iter()
        .filter_map(|name| {
            let text = form::typed(f.lang, kinds::Ask::Decimal, form::member(map, name)).pop()?;
            Some((f.t(&format!("categories.factor_{name}")), text))
        })
        .collect()
}

/// A field that two people filled differently: its name, what stands there now, what was typed.
struct Clash {
    label: &'static str,
    now: String,
    typed: String,
}

#[derive(Template)]
#[template(path = "reference_form.html")]
struct FormPage {
    f: Frame,
    kind: &'static Kind,
    list: &'static str,
    title: String,
    back: String,
    action: String,
    button: &'static str,
    version: Option<i64>,
    note: Html,
    clashes: Vec<Clash>,
    controls: Vec<Html>,
}

async fn blank(kind: &'static Kind, app: State, visitor: Visitor) -> Answer {
    visitor.actor.must(kind.write)?;
    let f = visitor.frame("menu");
    let start = match kind.entry {
        // What might hold data is erased before it leaves: true unless somebody says no.
        EntryKind::Category => vec![("bears_data".to_owned(), "1".to_owned())],
        _ => Vec::new(),
    };
    let fields = Fields::with(&f, start);
    let page = new_page(kind, &app, &visitor, f, &fields).await?;
    visitor.show(&page)
}

async fn new_page(
    kind: &'static Kind,
    app: &State,
    visitor: &Visitor,
    f: Frame,
    fields: &Fields,
) -> Result<FormPage> {
    let actor = visitor.actor.clone();
    let offered = run(app, move |app| form::offered(app, &actor, kind, true)).await?;
    Ok(FormPage {
        list: f.t(&format!("nav.{}", kind.name)),
        title: f.t(&format!("{}.new", kind.name)).to_owned(),
        back: kind.path.to_owned(),
        action: format!("{}/new", kind.path),
        button: f.t("common.add"),
        version: None,
        note: fields.note(),
        clashes: Vec::new(),
        controls: form::controls(&f, kind, fields, &offered, true),
        kind,
        f,
    })
}

async fn create(kind: &'static Kind, app: State, visitor: Visitor, form: Form) -> Answer {
    let sent = form.clone();
    let done = once(&app, &visitor, &form, move |app, actor| {
        let body = form::body(app, actor, kind, &sent, None)?;
        let view = (kind.create)(app, actor, body)?;
        Ok(shown::place(kind, &view))
    })
    .await;
    let f = visitor.frame("menu");
    match done {
        Ok(to) => {
            let name = ["name", "label.fr", form::KEY]
                .into_iter()
                .map(|n| form.text(n))
                .find(|t| !t.is_empty());
            visitor.done(&to, f.tx("common.created", name.unwrap_or_default()))
        }
        Err(mut error) if shows(&error) => {
            if error.field.as_deref() == Some("key") {
                error.field = Some(form::KEY.to_owned());
            }
            let fields = Fields::refused(&f, &form, &error);
            let page = new_page(kind, &app, &visitor, f, &fields).await?;
            visitor.again(&page)
        }
        Err(error) => Err(error),
    }
}

/// Refusals that the form can say; others are pages of their own.
fn shows(error: &Error) -> bool {
    !matches!(
        error.code,
        Code::Internal | Code::Unavailable | Code::NotFound | Code::Unauthenticated
    )
}

async fn edit(kind: &'static Kind, app: State, visitor: Visitor, key: Path<String>) -> Answer {
    visitor.actor.must(kind.write)?;
    let (view, _) = one(kind, &app, &visitor, key.into_inner()).await?;
    let f = visitor.frame("menu");
    let fields = Fields::with(&f, form::values(f.lang, kind, &view.body));
    let page = edit_page(kind, &app, &visitor, f, &fields, &view, view.version).await?;
    visitor.show(&page)
}

async fn edit_page(
    kind: &'static Kind,
    app: &State,
    visitor: &Visitor,
    f: Frame,
    fields: &Fields,
    view: &View,
    version: i64,
) -> Result<FormPage> {
    let actor = visitor.actor.clone();
    let offered = run(app, move |app| form::offered(app, &actor, kind, false)).await?;
    let to = shown::place(kind, view);
    Ok(FormPage {
        list: f.t(&format!("nav.{}", kind.name)),
        title: shown::name(&f, kind, &view.body),
        action: format!("{to}/edit"),
        back: to,
        button: f.t("common.save"),
        version: Some(version),
        note: fields.note(),
        clashes: Vec::new(),
        controls: form::controls(&f, kind, fields, &offered, false),
        kind,
        f,
    })
}

async fn change(
    kind: &'static Kind,
    app: State,
    visitor: Visitor,
    key: Path<String>,
    form: Form,
) -> Answer {
    let key = key.into_inner();
    let (sent, address) = (form.clone(), key.clone());
    let done = once(&app, &visitor, &form, move |app, actor| {
        let present = (kind.get)(app, actor, &address, None)?;
        let body = form::body(app, actor, kind, &sent, Some(&present.body))?;
        let opened: Vec<i64> = sent.text("version").parse().into_iter().collect();
        let view = (kind.patch)(app, actor, &address, body, Expected::OneOf(opened))?;
        Ok(shown::place(kind, &view))
    })
    .await;
    let f = visitor.frame("menu");
    let error = match done {
        Ok(to) => return visitor.done(&to, f.t("common.changed")),
        Err(error) if shows(&error) => error,
        Err(error) => return Err(error),
    };
    let (view, _) = one(kind, &app, &visitor, key).await?;
    let fields = Fields::refused(&f, &form, &error);
    // Told what the other one wrote, the second editor saves on purpose.
    let stale = error.code == Code::Stale;
    let opened = form.text("version").parse().unwrap_or(view.version);
    let version = if stale { view.version } else { opened };
    let mut page = edit_page(kind, &app, &visitor, f, &fields, &view, version).await?;
    if stale {
        page.clashes = clashes(&page.f, kind, &form, &view);
    }
    visitor.again(&page)
}

fn clashes(f: &Frame, kind: &'static Kind, form: &Form, view: &View) -> Vec<Clash> {
    kind.questions
        .iter()
        .filter_map(|question| {
            let now = form::typed(
                f.lang,
                question.ask,
                form::member(&view.body, question.name),
            )
            .join(", ");
            let typed = form.all(question.name).collect::<Vec<_>>().join(", ");
            (now != typed).then(|| Clash {
                label: form::label(f, kind, question.name),
                now: or_empty(f, now),
                typed: or_empty(f, typed),
            })
        })
        .collect()
}

fn or_empty(f: &Frame, text: String) -> String {
    if text.is_empty() {
        f.t("common.unknown").to_owned()
    } else {
        text
    }
}
