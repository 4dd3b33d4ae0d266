//! A report of another tool is dropped here: what was matched, what was not, and why.

use actix_web::web::Payload;

use super::attachments::received;
use super::prelude::*;
use crate::app::attachments::look;
use crate::app::evidence::{self, Became, DiskView, EvidenceView};
use crate::domain::words::Kind;
use crate::http::upload::Received;

/// Routes of this file.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(open).service(send);
}

/// A disk of a report, as the page shows it.
struct Row {
    serial: String,
    model: String,
    how: String,
    mark: &'static str,
    said: String,
    devices: Html,
    wipe: Option<String>,
}

#[derive(Template)]
#[template(path = "wipe_evidence.html")]
struct Drop {
    f: Frame,
    fields: Fields,
    told: Option<Told>,
}

/// What became of a report.
struct Told {
    file: String,
    sha256: String,
    format: String,
    mark: &'static str,
    lead: String,
    clear: bool,
    rows: Vec<Row>,
}

/// The form.
#[get("/wipes/evidence")]
async fn open(visitor: Visitor) -> Answer {
    visitor.actor.must(Right::Event(Kind::Wipe))?;
    let f = visitor.frame("menu");
    visitor.show(&Drop {
        fields: Fields::new(&f),
        f,
        told: None,
    })
}

/// Takes a report and shows what became of it. The same file changes nothing twice: no address to lead to.
#[post("/wipes/evidence")]
async fn send(app: State, visitor: Visitor, request: HttpRequest, payload: Payload) -> Answer {
    visitor.actor.must(Right::Event(Kind::Wipe))?;
    let (form, file) = received(&request, payload).await?;
    let dry_run = form.has("dry_run");
    let taken = match file {
        None => Err(Error::missing("file")),
        Some(file) => take(&app, &visitor, file, dry_run).await,
    };
    let f = visitor.frame("menu");
    match taken {
        Ok(view) => {
            let told = Some(tell(&f, &view));
            visitor.show(&Drop {
                fields: Fields::new(&f),
                f,
                told,
            })
        }
        Err(error) if error.code == Code::Forbidden => Err(error),
        Err(error) => {
            let fields = Fields::refused(&f, &form, &error);
            visitor.again(&Drop {
                f,
                fields,
                told: None,
            })
        }
    }
}

async fn take(
    app: &State,
    visitor: &Visitor,
    file: Received,
    dry_run: bool,
) -> Result<EvidenceView> {
    let actor = visitor.actor.clone();
    run(app, move |app| {
        let file = look(file.bytes()?, file.name.as_deref())?;
        let report = evidence::read(app, &file)?;
        evidence::take(app, &actor, report, file, dry_run)
    })
    .await
}

fn tell(f: &Frame, view: &EvidenceView) -> Told {
    let count = |became: Became| view.disks.iter().filter(|d| d.result == became).count();
    let matched = count(Became::Matched);
    let left = view.disks.len() - matched - count(Became::Already);
    let key = match (view.already, view.dry_run) {
        (true, _) => "evidence.already_all",
        (false, true) => "evidence.would",
        (false, false) => "evidence.done",
    };
    let n = |n: usize| Arg::Count(i64::try_from(n).unwrap_or(0));
    Told {
        file: view.file.clone(),
        sha256: view.sha256.clone(),
        format: f.word("evidence_format", view.format.as_str()),
        mark: if left == 0 { "ok" } else { "warn" },
        lead: f.say(key, &[("n", n(matched)), ("left", n(left))]),
        clear: view.disks.iter().any(|d| {
            d.result == Became::Matched && d.method == Some(crate::domain::words::WipeMethod::Clear)
        }),
        rows: view.disks.iter().map(|disk| row(f, disk)).collect(),
    }
}

fn row(f: &Frame, disk: &DiskView) -> Row {
    let unknown = || f.t("common.unknown").to_owned();
    let mut how = vec![match disk.method {
        Some(method) => f.word("method", method.as_str()),
        None => unknown(),
    }];
    how.extend(disk.technique.clone());
    how.push(f.word("evidence_ended", disk.ended.as_str()));
    how.push(
        f.t(if disk.verified {
            "evidence.verified"
        } else {
            "evidence.not_verified"
        })
        .to_owned(),
    );
    how.extend(disk.on.as_ref().map(|on| f.day(on)));
    let why = disk.why.map(|why| f.word("evidence_why", why.as_str()));
    let said = why.or(disk.detail.clone());
    let became = f.word("evidence_result", disk.result.as_str());
    let tags: Vec<String> = disk
        .device
        .iter()
        .chain(&disk.candidates)
        .map(|tag| f.tag(tag).0)
        .collect();
    Row {
        serial: if disk.serial.is_empty() {
            unknown()
        } else {
            disk.serial.clone()
        },
        model: disk.model.clone().unwrap_or_else(unknown),
        how: how.join(", "),
        mark: match disk.result {
            Became::Matched => "ok",
            Became::Already => "idle",
            Became::Unmatched | Became::Doubtful => "warn",
            Became::Unusable | Became::Refused => "bad",
        },
        said: match said {
            Some(said) => format!("{became} ({said})"),
            None => became,
        },
        devices: Html(tags.join(" ")),
        wipe: disk
            .wipe
            .as_deref()
            .map(|key| format!("/wipes/{}", url(key))),
    }
}
