//! « Aujourd'hui »: what waits, what the law expects, the fleet by stage; and the devices behind a line of it.

use super::prelude::*;
use crate::app::today::{self, Duty, Late, Matter, Obligation, Task, Today};
use crate::domain::words::Stage;

/// Routes of this file.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(home).service(waiting);
}

/// A thing to do: class of its mark, its word, address, title, explanation.
struct Line {
    mark: &'static str,
    word: &'static str,
    to: String,
    title: String,
    about: String,
}

/// What the law expects: day, title, explanation, source, and the mark of a text that was not read.
struct Expected {
    when: String,
    title: String,
    about: String,
    to: &'static str,
    source: String,
    verified: bool,
    /// How near it is: class, words.
    stamp: (&'static str, String),
}

/// Days from which on a duty is to be prepared.
const SOON: i64 = 62;

/// A stop of the loop: classes, address, name, how many.
type Stop = (&'static str, String, String, String);

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    f: Frame,
    lead: String,
    tasks: Vec<Line>,
    duties: Vec<Expected>,
    fleet: String,
    stops: Vec<Stop>,
    entries: Vec<(String, Html, String, String)>,
    empty: bool,
}

/// The page.
#[get("/")]
async fn home(app: State, visitor: Visitor) -> Answer {
    let actor = visitor.actor.clone();
    let today = run(&app, move |app| today::today(app, &actor)).await?;
    let f = visitor.frame("home");
    let tasks: Vec<Line> = today
        .tasks
        .iter()
        .filter(|task| task.import.is_none() || f.may(Right::Imports))
        .map(|task| line(&f, task))
        .collect();
    let all: i64 = today.stages.iter().map(|(_, n)| n).sum();
    let fleet = f.say(
        "home.fleet_size",
        &[
            ("n", Arg::Count(all)),
            (
                "orgs",
                Arg::Count(i64::try_from(today.organisations).unwrap_or(0)),
            ),
        ],
    );
    let page = Home {
        lead: if tasks.is_empty() {
            f.t("home.nothing").to_owned()
        } else {
            f.tn("home.waiting", tasks.len())
        },
        duties: today.duties.iter().map(|d| expected(&f, d)).collect(),
        fleet,
        stops: stops(&f, &today),
        entries: today
            .entries
            .iter()
            .map(|e| {
                let kind = f.word("kind", e.kind.as_str());
                (f.when(&e.at), f.tag(&e.tag), kind, f.day(&e.on))
            })
            .collect(),
        empty: all == 0 && today.gone == 0,
        tasks,
        f,
    };
    visitor.show(&page)
}

fn line(f: &Frame, task: &Task) -> Line {
    let (mark, to) = match task.matter {
        Matter::Loans => ("bad", "/today/loans".to_owned()),
        Matter::Repairs => ("bad", "/today/repairs".to_owned()),
        Matter::Wipes => (
            "warn",
            "/devices?stage=retired,oriented&data=holds,cleared".to_owned(),
        ),
        Matter::Proofs => ("warn", "/today/proofs".to_owned()),
        Matter::Proposals => ("idle", "/today/proposals".to_owned()),
        Matter::Dormant => ("idle", "/indicators/F09?scope=tree#devices".to_owned()),
        Matter::Staged | Matter::Conflicts => {
            let id = task.import.as_ref().map_or("", |(id, _)| id.as_str());
            ("idle", format!("/imports/{}", url(id)))
        }
    };
    let key = task.matter.as_str();
    let file = task.import.as_ref().and_then(|(_, file)| file.clone());
    let args = [
        ("n", Arg::Count(task.n)),
        (
            "since",
            Arg::text(task.since.map_or(String::new(), |d| f.day(&d))),
        ),
        ("days", Arg::Count(today::REPAIR_DAYS)),
        (
            "file",
            Arg::text(file.unwrap_or_else(|| f.t("common.unknown").to_owned())),
        ),
    ];
    Line {
        mark,
        word: f.t(&format!("home.{key}_mark")),
        to,
        title: f.say(&format!("home.{key}"), &args),
        about: f.say(&format!("home.{key}_about"), &args),
    }
}

fn expected(f: &Frame, duty: &Duty) -> Expected {
    // A narrow column: the year may stand below.
    let day = f.day(&duty.before).replace('\u{a0}', " ");
    let (key, to, args) = match duty.what {
        Obligation::PurchaseShare { from, to } => (
            "share",
            "/indicators/L06",
            vec![("from", Arg::Count(from)), ("to", Arg::Count(to))],
        ),
        Obligation::RetiredStock { now } => (
            "stock",
            "/devices?stage=retired,oriented",
            vec![
                ("n", Arg::Count(now)),
                ("year", Arg::text(duty.before.year().to_string())),
            ],
        ),
        Obligation::AnnualReview { above: None } => ("review", "/indicators", Vec::new()),
        Obligation::AnnualReview { above: Some(n) } => {
            ("review_if", "/indicators", vec![("n", Arg::Count(n))])
        }
        Obligation::Declaration { year } => (
            "declaration",
            "/indicators/L06",
            vec![("year", Arg::text(year.to_string()))],
        ),
    };
    let review = matches!(duty.what, Obligation::AnnualReview { .. });
    Expected {
        when: if review {
            f.tx("home.early", duty.before.year().to_string())
        } else {
            day
        },
        title: f.say(&format!("home.duty_{key}"), &args),
        about: f.say(&format!("home.duty_{key}_about"), &args),
        to,
        source: duty.source.clone(),
        verified: duty.verified,
        stamp: stamp(f, duty.before.days_since(f.today)),
    }
}

/// How near a day is. A stamp is at most one a line, and says it in words.
fn stamp(f: &Frame, days: i64) -> (&'static str, String) {
    if days <= SOON {
        ("warn", f.t("home.prepare").to_owned())
    } else {
        ("idle", f.tn("home.in_months", (days + 15) / 30))
    }
}

fn stops(f: &Frame, today: &Today) -> Vec<Stop> {
    let mut out: Vec<Stop> = today
        .stages
        .iter()
        .map(|(stage, n)| {
            let class = match stage {
                Stage::Refurbishing => "back",
                Stage::InRepair => "back b2",
                _ => "",
            };
            let to = address("/devices", &[("stage", stage.as_str())]);
            (class, to, f.word("stages", stage.as_str()), f.whole(*n))
        })
        .collect();
    out.push((
        "",
        address(
            "/devices",
            &[
                ("stage", "gone"),
                ("gone_from", &format!("{}-01-01", f.today.year())),
            ],
        ),
        f.tx("home.gone_in", f.today.year().to_string()),
        f.whole(today.gone),
    ));
    out
}

#[derive(Template)]
#[template(path = "today.html")]
struct Waiting {
    f: Frame,
    title: String,
    about: &'static str,
    when: &'static str,
    partners: bool,
    rows: Vec<(Html, String, String, String, String)>,
}

/// The devices behind a line.
#[get("/today/{matter}")]
async fn waiting(app: State, visitor: Visitor, matter: Path<String>) -> Answer {
    let matter = Matter::parse(&matter).ok_or_else(Error::not_found)?;
    let actor = visitor.actor.clone();
    let found = run(&app, move |app| today::list(app, &actor, matter)).await?;
    let f = visitor.frame("home");
    let key = matter.as_str();
    let row = |late: &Late| {
        let words = if matter == Matter::Proofs {
            "exit_kind"
        } else {
            "stage"
        };
        (
            f.tag(&late.tag),
            late.name.clone().unwrap_or_default(),
            late.on.map_or("–".to_owned(), |d| d.to_string()),
            f.word(words, &late.word),
            late.partner.clone().unwrap_or_else(|| "–".to_owned()),
        )
    };
    let page = Waiting {
        title: f.t(&format!("home.{key}_title")).to_owned(),
        about: f.t(&format!("home.{key}_list")),
        when: f.t(&format!("home.{key}_when")),
        partners: matches!(matter, Matter::Repairs | Matter::Proofs),
        rows: found.iter().map(row).collect(),
        f,
    };
    visitor.show(&page)
}
