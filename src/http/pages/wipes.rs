//! Erasures: the list, one, and a new one over one or many devices.

use serde_json::Value;

use super::attachments::{Attached, attached};
use super::chosen::{self, Line, Opened, local};
use super::paging::{Paging, pager};
use super::prelude::*;
use crate::app::operations::chosen::{items_of, judged};
use crate::app::operations::{command, wipes};
use crate::domain::attachment::Subject;
use crate::domain::words::{Kind, WipeMethod};

/// Routes of this file.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(index)
        .service(open_new)
        .service(record)
        .service(one);
}

const PAGE: i64 = 25;

#[derive(Template)]
#[template(path = "wipes.html")]
struct List {
    f: Frame,
    may: bool,
    rows: Vec<(String, String, String, Html, String, bool, String)>,
    first: Option<String>,
    next: Option<String>,
}

/// The first tags of a list of devices, and how many more there are.
pub(super) fn few(f: &Frame, tags: &[String]) -> (Html, String) {
    let shown: Vec<String> = tags.iter().take(3).map(|t| f.tag(t).0).collect();
    let more = tags.len().saturating_sub(3);
    let more = if more > 0 {
        format!(" {}", f.tn("operations.and_more", more))
    } else {
        String::new()
    };
    (Html(shown.join(" ")), more)
}

/// The list, the latest first.
#[get("/wipes")]
async fn index(app: State, visitor: Visitor, query: Query<Paging>) -> Answer {
    let (actor, at) = (visitor.actor.clone(), query.0.cursor.clone());
    let page = run(&app, move |app| {
        wipes::latest(app, &actor, PAGE, at.as_deref())
    })
    .await?;
    let f = visitor.frame("menu");
    let rows = page.items.iter().map(|w| {
        let (tags, more) = few(&f, &w.devices);
        (
            format!("/wipes/{}", url(&w.key)),
            f.day(&w.on),
            f.word("method", w.method.as_str()),
            tags,
            more,
            w.verified,
            w.evidence.as_deref().map(proof).unwrap_or_default(),
        )
    });
    let rows = rows.collect();
    let [first, next] = pager("/wipes", query.0.cursor.as_deref(), page.next.as_deref());
    visitor.show(&List {
        may: f.may(Right::Event(Kind::Wipe)),
        f,
        rows,
        first,
        next,
    })
}

#[derive(Template)]
#[template(path = "wipe_new.html")]
struct New {
    f: Frame,
    fields: Fields,
    methods: Vec<(String, String)>,
    lines: Vec<Line>,
    back: String,
    pick: bool,
}

/// The form, for the devices named or found by a filter.
#[get("/wipes/new")]
async fn open_new(app: State, visitor: Visitor, request: HttpRequest) -> Answer {
    visitor.actor.must(Right::Event(Kind::Wipe))?;
    let opened = Opened::of(&request, &["back"])?;
    let back = local(opened.own("back")).unwrap_or_default().to_owned();
    let actor = visitor.actor.clone();
    let tags = run(&app, move |app| {
        Ok(opened.meant(app, &actor)?.unwrap_or_default())
    })
    .await?;
    let f = visitor.frame("menu");
    let fields = Fields::new(&f)
        .set("on", f.today.to_string())
        .set("method", WipeMethod::Purge.as_str());
    let page = form_page(&app, &visitor, f, fields, tags, back).await?;
    visitor.show(&page)
}

async fn form_page(
    app: &State,
    visitor: &Visitor,
    f: Frame,
    fields: Fields,
    tags: Vec<String>,
    back: String,
) -> Result<New> {
    let (actor, today) = (visitor.actor.clone(), f.today);
    let judged = run(app, move |app| {
        judged(app, &actor, &tags, |cx, device| {
            let probe = serde_json::json!({"on": today.to_string(), "method": "purge"});
            let probe = probe.as_object().cloned().unwrap_or_default();
            Ok(vec![command(cx, &device.id, "wipe", &probe)?])
        })
    })
    .await?;
    let words = WipeMethod::ALL.iter().map(|m| m.as_str());
    Ok(New {
        methods: choices(&f, "method", words),
        lines: chosen::lines(&f, &judged, ""),
        f,
        fields,
        back,
        pick: true,
    })
}

const SHAPE: &[(&str, As)] = &[
    ("on", As::Text),
    ("method", As::Text),
    ("tool", As::Text),
    ("technique", As::Text),
    ("medium", As::Text),
    ("evidence", As::Text),
    ("note", As::Text),
    ("verified", As::PatchFlag),
];

/// Records it, and goes back to where it was asked for.
#[post("/wipes")]
async fn record(app: State, visitor: Visitor, form: Form) -> Answer {
    let tags = chosen::of_form(&form);
    let (n, named, ticked) = (tags.len(), tags.clone(), form.has("verified"));
    let mut body = form.object(SHAPE)?;
    if !tags.is_empty() {
        body.insert("devices".into(), Value::from(tags));
    }
    let back = local(form.text("back")).map(str::to_owned);
    let done = once_in(&app, &visitor, &form, move |app, db, actor| {
        let wipe = wipes::create(app, db, actor, body.clone())?;
        Ok(back
            .clone()
            .unwrap_or_else(|| format!("/wipes/{}", url(&wipe.key))))
    })
    .await;
    let f = visitor.frame("menu");
    match done {
        Ok(to) => {
            let key = if ticked {
                "wipes.done"
            } else {
                "wipes.done_unverified"
            };
            visitor.done(&to, f.tn(key, n))
        }
        Err(error) => {
            let mut fields = Fields::refused(&f, &form, &error);
            if error.field.as_deref() == Some("devices") {
                fields = Fields::refused(&f, &form, &error.with_field("tags"));
            }
            let back = local(form.text("back")).unwrap_or_default().to_owned();
            let fields = fields.set("tags", "");
            let page = form_page(&app, &visitor, f, fields, named, back).await?;
            visitor.again(&page)
        }
    }
}

#[derive(Template)]
#[template(path = "wipe.html")]
struct One {
    f: Frame,
    on: String,
    verified: bool,
    certificate: String,
    facts: Vec<(&'static str, String)>,
    lines: Vec<Line>,
    pick: bool,
    attached: Attached,
}

/// The media that were erased: their serials, or all of them.
fn media(f: &Frame, wipe: &wipes::WipeView) -> String {
    let named: Vec<&str> = wipe
        .media
        .iter()
        .filter_map(|m| m.medium.as_deref())
        .collect();
    if named.is_empty() {
        f.t("wipes.all_media").to_owned()
    } else {
        named.join(", ")
    }
}

/// One erasure.
#[get("/wipes/{key}")]
async fn one(app: State, visitor: Visitor, key: Path<String>) -> Answer {
    let actor = visitor.actor.clone();
    let (wipe, list) = run(&app, move |app| {
        let wipe = wipes::get(app, &actor, &key)?;
        let list = items_of(app, &actor, &wipe.devices)?;
        Ok((wipe, list))
    })
    .await?;
    let to = format!("/wipes/{}", url(&wipe.key));
    let attached = attached(&app, &visitor, (Subject::Wipe, &wipe.key), &to).await?;
    let f = visitor.frame("menu");
    let or = |text: &Option<String>| {
        text.clone()
            .unwrap_or_else(|| f.t("common.unknown").to_owned())
    };
    let facts = vec![
        (f.t("field.method"), f.word("method", wipe.method.as_str())),
        (f.t("wipes.tool"), or(&wipe.tool)),
        (f.t("wipes.technique"), or(&wipe.technique)),
        (f.t("wipes.medium"), media(&f, &wipe)),
        (
            f.t("wipes.evidence"),
            or(&wipe.evidence.as_deref().map(proof)),
        ),
    ];
    visitor.show(&One {
        on: f.day(&wipe.on),
        verified: wipe.verified,
        certificate: format!("{to}/certificate.pdf"),
        facts,
        lines: list.iter().map(|item| chosen::line(&f, item)).collect(),
        f,
        pick: false,
        attached,
    })
}
