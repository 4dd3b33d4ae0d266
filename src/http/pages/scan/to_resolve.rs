//! « À résoudre »: what was scanned and could not be written, each with what can be done about it.

use super::context;
use super::page::create;
use crate::app::devices;
use crate::app::scans::{self, ReadingView, Settle};
use crate::domain::scanning::Act;
use crate::domain::text::{Line, Note};
use crate::http::pages::paging::{Paging, pager};
use crate::http::pages::prelude::*;
use crate::http::pages::refusal;

/// Routes of this file.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(index).service(settle);
}

/// Readings of a page.
const PAGE: u32 = 25;

struct Row {
    key: String,
    code: String,
    tag: Option<Html>,
    device: String,
    at: String,
    act: String,
    why: String,
    detail: String,
    create: Option<String>,
    /// It means nothing known: the code may be given to a device.
    unknown: bool,
}

#[derive(Template)]
#[template(path = "to_resolve.html")]
struct List {
    f: Frame,
    heading: String,
    rows: Vec<Row>,
    first: Option<String>,
    next: Option<String>,
    refusal: Option<String>,
}

/// The list, the last one first.
#[get("/to-resolve")]
async fn index(app: State, visitor: Visitor, query: Query<Paging>) -> Answer {
    visitor.show(&page(&app, &visitor, query.0.cursor, None).await?)
}

async fn page(
    app: &State,
    visitor: &Visitor,
    cursor: Option<String>,
    refusal: Option<String>,
) -> Result<List> {
    let (actor, after) = (visitor.actor.clone(), cursor.clone());
    let (page, waiting) = run(app, move |app| {
        let page = scans::list(app, &actor, false, Some(PAGE), after.as_deref())?;
        Ok((page, scans::waiting(app, &actor)?))
    })
    .await?;
    let f = visitor.frame("scan");
    let [first, next] = pager("/to-resolve", cursor.as_deref(), page.next.as_deref());
    Ok(List {
        heading: match waiting {
            0 => String::new(),
            n => f.tn("scan.waiting", n as u64),
        },
        rows: page.items.into_iter().map(|one| row(&f, one)).collect(),
        first,
        next,
        refusal,
        f,
    })
}

fn row(f: &Frame, reading: ReadingView) -> Row {
    let unknown = reading.device.is_none();
    let code = reading.problem.as_deref().and_then(Code::parse);
    let detail = match code {
        Some(code) => {
            let error = Error::new(code, reading.detail.clone().unwrap_or_default());
            refusal::sentence(f, &error)
        }
        None => f.t(&format!("scan.{}_about", reading.why)).to_owned(),
    };
    let act = Act::parse(&reading.act).unwrap_or(Act::Look);
    Row {
        tag: reading.device.as_deref().map(|tag| f.tag(tag)),
        device: reading.device.unwrap_or_default(),
        at: f.when(&reading.at),
        act: context::name(f, act),
        why: f.t(&format!("scan.why_{}", reading.why)).to_owned(),
        detail,
        create: (unknown && reading.why == "unknown" && f.may(Right::Devices))
            .then(|| create(&reading.code)),
        unknown,
        key: reading.key,
        code: reading.code,
    }
}

/// Settles one: its event is written for a device, or it is put away.
#[post("/to-resolve/{key}")]
async fn settle(app: State, visitor: Visitor, key: Path<String>, form: Form) -> Answer {
    let f = visitor.frame("scan");
    let sent = form.clone();
    let done = once_in(&app, &visitor, &form, move |app, db, actor| {
        let dismiss = sent.text("do") == "dismiss";
        let device = match (dismiss, sent.text("device")) {
            (true, _) => None,
            (false, "") => return Err(Error::missing("device")),
            (false, typed) => Some(one(db, actor, typed)?),
        };
        let remark = Some(sent.text("remark")).filter(|text| !text.is_empty());
        let how = Settle {
            device,
            link: sent.has("link"),
            dismiss,
            remark: remark
                .map(Note::parse)
                .transpose()
                .map_err(|why| Error::invalid("remark", why))?,
        };
        scans::settle(app, db, actor, &key, &how)?;
        Ok("/to-resolve".to_owned())
    })
    .await;
    let said = match form.text("do") {
        "dismiss" => "scan.put_away",
        _ => "scan.settled",
    };
    match done {
        Ok(to) => visitor.done(&to, f.t(said)),
        Err(error)
            if matches!(
                error.code,
                Code::Internal | Code::Forbidden | Code::NotFound
            ) =>
        {
            Err(error)
        }
        Err(error) => {
            let refusal = refusal::sentence(&f, &error);
            visitor.again(&page(&app, &visitor, None, Some(refusal)).await?)
        }
    }
}

/// The tag of the one device that a typed code means.
fn one(db: &mut crate::db::Db, actor: &Actor, typed: &str) -> Result<Line> {
    let scope = actor.scope(db)?;
    match devices::meant_in(db, &scope, typed)?.as_slice() {
        [id] => Line::parse(id).map_err(Error::internal),
        _ => Err(Error::unknown_reference("device", typed)),
    }
}
