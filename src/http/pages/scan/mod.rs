//! Scan: read as many codes as one likes, then write what was chosen once. An ordinary form; the cursor is always in
//! its field, Enter reads, and a scanner gun needs nothing else.

mod judge;
mod session;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::people::named;
use super::prelude::*;
use crate::app::devices::{self, DeviceView};
use crate::app::lifecycle::{self, Command, Now};
use crate::app::{choices, titles};
use crate::domain::entry::EntryKind;
use crate::domain::tag::Tag;
use judge::Verdict;
use session::{Act, Context, MOST, Reading, Session};

/// Routes of this folder.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(open).service(read).service(set);
}

/// A code that another page hands over.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Opened {
    code: Option<String>,
}

/// A reading as shown.
struct Row {
    at: usize,
    code: String,
    device: Option<Html>,
    verdict: Verdict,
    may_mean: Vec<(String, String, String)>,
    /// Where an unknown code can be made a device.
    create: Option<String>,
    undo: bool,
}

#[derive(Template)]
#[template(path = "scan.html")]
struct ScanPage {
    f: Frame,
    fields: Fields,
    state: String,
    code: String,
    problem: Option<String>,
    done: Option<String>,
    act: String,
    to: String,
    open: bool,
    acts: Vec<(String, String)>,
    sites: Option<Vec<(String, String)>>,
    people: bool,
    rows: Vec<Row>,
    last: Option<String>,
    heading: String,
    counts: Vec<(&'static str, String)>,
    commit: Option<String>,
}

/// What a step of the session says beside its readings.
#[derive(Default)]
struct Said {
    code: String,
    problem: Option<Error>,
    done: Option<String>,
    context: Option<Error>,
}

/// The page, with a code that another page hands over.
#[get("/scan")]
async fn open(app: State, visitor: Visitor, query: Query<Opened>) -> Answer {
    let (code, actor) = (query.0.code.unwrap_or_default(), visitor.actor.clone());
    let (session, said) = run(&app, move |app| {
        let mut session = Session::default();
        let mut said = Said::default();
        if !code.is_empty() {
            said.problem = take(app, &actor, &mut session, &code).err();
        }
        Ok((session, said))
    })
    .await?;
    visitor.show(&page(&app, &visitor, session, said, None).await?)
}

/// A reading, or what a button of the list asks for.
#[post("/scan")]
async fn read(app: State, visitor: Visitor, form: Form) -> Answer {
    let f = visitor.frame("scan");
    let actor = visitor.actor.clone();
    let (session, said) = run(&app, move |app| {
        let mut session = Session::open(app, &actor, form.text("state"));
        let mut said = Said::default();
        let code = form.text("code");
        let asked = form.text("do");
        let (word, rest) = asked.split_once(':').unwrap_or((asked, ""));
        match word {
            "commit" => said.done = Some(commit(app, &f, &actor, &mut session, form.text("key"))?),
            "clear" => session.readings.clear(),
            "" if code.is_empty() => {}
            "" => match take(app, &actor, &mut session, code) {
                Ok(()) => {}
                Err(error) if error.code == Code::Internal => return Err(error),
                Err(error) => (said.problem, said.code) = (Some(error), code.to_owned()),
            },
            _ => change(&mut session, word, rest),
        }
        Ok((session, said))
    })
    .await?;
    visitor.show(&page(&app, &visitor, session, said, None).await?)
}

/// Another context for every reading.
#[post("/scan/context")]
async fn set(app: State, visitor: Visitor, form: Form) -> Answer {
    let (actor, sent) = (visitor.actor.clone(), form.clone());
    let (session, error) = run(&app, move |app| {
        let mut session = Session::open(app, &actor, sent.text("state"));
        let error = match context(app, &actor, &sent) {
            Ok(context) => {
                session.context = context;
                // Judged anew: what could not be done before may be possible now.
                for reading in &mut session.readings {
                    reading.refused.clear();
                }
                None
            }
            Err(error) if error.code == Code::Internal => return Err(error),
            Err(error) => Some(error),
        };
        Ok((session, error))
    })
    .await?;
    let refused = error.is_some();
    let said = Said {
        context: error,
        ..Said::default()
    };
    let page = page(&app, &visitor, session, said, Some(&form)).await?;
    if refused {
        visitor.again(&page)
    } else {
        visitor.show(&page)
    }
}

fn context(app: &App, actor: &Actor, form: &Form) -> Result<Context> {
    let mut context = Context {
        act: Act::of(form.text("act")),
        note: form.text("note").to_owned(),
        ..Context::default()
    };
    if context.act == Act::Allocate {
        context.service = form.text("service").to_owned();
        if form.has("holder") {
            context.holder =
                choices::meant(app, actor, EntryKind::Person, "holder", form.text("holder"))?;
        }
    }
    if context.act != Act::Look && form.has("site") {
        context.site = choices::meant(app, actor, EntryKind::Site, "site", form.text("site"))?;
    }
    let nowhere = context.site.is_empty();
    match context.act {
        Act::Move if nowhere => Err(Error::missing("site")),
        Act::Allocate if nowhere && context.service.is_empty() && context.holder.is_empty() => {
            Err(Error::missing("holder"))
        }
        _ => Ok(context),
    }
}

/// Reads a code: the device it means, the devices it may mean, the site whose label it is, or nothing known.
fn take(app: &App, actor: &Actor, session: &mut Session, code: &str) -> Result<()> {
    if session.readings.len() >= MOST {
        return Err(Error::new(Code::TooLarge, "too many readings").with_field("readings"));
    }
    let scan = devices::scan(app, actor, code)?;
    if let Some(site) = scan.site {
        session.context.site = site;
        return Ok(());
    }
    let mut reading = Reading {
        code: scan.code,
        at: app.clock.now().timestamp(),
        ..Reading::default()
    };
    match scan.matches.as_slice() {
        [] => {}
        [one] => {
            let tag = one.device.tag.clone();
            reading.again = session
                .readings
                .iter()
                .any(|r| r.tag.as_deref() == Some(&tag));
            reading.tag = Some(tag);
        }
        several => {
            reading.may_mean = several
                .iter()
                .take(20)
                .map(|m| m.device.tag.clone())
                .collect()
        }
    }
    session.readings.push(reading);
    Ok(())
}

/// What the button of a row does: taken back, kept here, one of several chosen.
fn change(session: &mut Session, word: &str, rest: &str) {
    let (at, tag) = rest.split_once(':').unwrap_or((rest, ""));
    let Some(at) = at
        .parse::<usize>()
        .ok()
        .filter(|at| *at < session.readings.len())
    else {
        return;
    };
    if word == "undo" {
        session.readings.remove(at);
        return;
    }
    let known = session
        .readings
        .iter()
        .any(|r| r.tag.as_deref() == Some(tag));
    if let Some(reading) = session.readings.get_mut(at) {
        match word {
            "keep" => reading.keep = true,
            "pick" if reading.may_mean.iter().any(|t| t == tag) => {
                reading.tag = Some(tag.to_owned());
                reading.again = known;
                reading.may_mean.clear();
            }
            _ => {}
        }
    }
}

/// Writes one event a device, each by itself under its own key, so that sending it twice writes once.
fn commit(
    app: &std::sync::Arc<App>,
    f: &Frame,
    actor: &Actor,
    session: &mut Session,
    key: &str,
) -> Result<String> {
    let devices = devices::by_tags(app, actor, &session.tags())?;
    let instant = app.clock.now();
    let now = Now {
        instant,
        today: Day::of(instant),
    };
    let context = session.context.clone();
    let (mut written, mut refused) = (0_i64, 0_i64);
    for reading in &mut session.readings {
        let Some(tag) = reading.tag.clone() else {
            continue;
        };
        if reading.written.is_some() || reading.again || !devices.contains_key(&tag) {
            continue;
        }
        let Some(body) = event(&context, reading, now, key, &tag) else {
            continue;
        };
        let done = Command::read(body, Some(&tag), now)
            .and_then(|command| lifecycle::record(app, actor, command, Expected::Anything));
        match done {
            Ok(_) => {
                reading.written = Some(context.act);
                reading.refused.clear();
                written += 1;
            }
            Err(error) if error.code == Code::Internal => return Err(error),
            Err(error) => {
                reading.refused = super::refusal::sentence(f, &error)
                    .chars()
                    .take(300)
                    .collect();
                refused += 1;
            }
        }
    }
    let mut text = f.tn("scan.written", written);
    if refused > 0 {
        text.push(' ');
        text.push_str(&f.tn("scan.not_written", refused));
    }
    Ok(text)
}

/// The event of a reading; none when looking.
fn event(
    context: &Context,
    reading: &Reading,
    now: Now,
    key: &str,
    tag: &str,
) -> Option<Map<String, Value>> {
    let kind = context.act.kind()?;
    let mut body = Map::new();
    let mut put = |name: &str, text: &str| {
        if !text.is_empty() {
            body.insert(name.to_owned(), text.into());
        }
    };
    put("kind", kind.as_str());
    put("on", &now.today.to_string());
    put("key", &format!("{key}:{tag}"));
    put("note", &context.note);
    put("holder", &context.holder);
    put("service", &context.service);
    // Seen where it is not expected, a device stays expected there unless somebody keeps it here.
    if context.act != Act::Audit || reading.keep {
        put("site", &context.site);
    }
    Some(body)
}

async fn page(
    app: &State,
    visitor: &Visitor,
    session: Session,
    said: Said,
    form: Option<&Form>,
) -> Result<ScanPage> {
    let f = visitor.frame("scan");
    let actor = visitor.actor.clone();
    let (session, devices, names, sites, state) = run(app, move |app| {
        let devices = devices::by_tags(app, &actor, &session.tags())?;
        let mut wanted: Vec<(EntryKind, &str)> = devices.values().flat_map(named).collect();
        wanted.push((EntryKind::Site, &session.context.site));
        wanted.push((EntryKind::Person, &session.context.holder));
        let names = titles::of(app, &actor, &wanted)?;
        let sites = choices::of(app, &actor, EntryKind::Site, 201)?;
        let state = session.seal(app, &actor)?;
        Ok((session, devices, names, sites, state))
    })
    .await?;
    let rows: Vec<Row> = session
        .readings
        .iter()
        .enumerate()
        .rev()
        .map(|(at, reading)| row(&f, &session.context, at, reading, &devices, &names))
        .collect();
    let (act, to) = judge::summary(&f, &session.context, &names);
    let fields = match (&said.context, form) {
        (Some(error), Some(form)) => refused(&f, form, error),
        _ => chosen(&f, &session.context, &names),
    };
    let ready = rows.iter().filter(|row| row.verdict.ready).count();
    let number =
        |class: &str| f.whole(rows.iter().filter(|row| row.verdict.class == class).count() as u64);
    Ok(ScanPage {
        problem: said.problem.map(|error| match error.code {
            Code::TooLarge => f.tn("scan.too_many", MOST as u64),
            _ => super::refusal::sentence(&f, &error),
        }),
        last: rows.first().map(|row| {
            let name = row
                .device
                .as_ref()
                .map_or(row.code.clone(), |_| shown(&session, &row.code));
            format!("{} : {}", row.verdict.word, name)
        }),
        heading: f.tn("scan.readings", rows.len() as u64),
        counts: vec![
            (f.t("scan.count_ok"), number("ok")),
            (f.t("scan.count_warn"), number("warn")),
            (f.t("scan.count_bad"), number("bad")),
            (f.t("scan.count_idle"), number("idle")),
        ],
        commit: (ready > 0).then(|| f.tn("scan.commit", ready as u64)),
        acts: acts(&f),
        sites: (sites.len() <= 200)
            .then(|| sites.iter().map(|s| (s.key.clone(), s.label())).collect()),
        people: f.may(Right::People),
        open: said.context.is_some(),
        code: said.code,
        done: said.done,
        fields,
        state,
        rows,
        act,
        to,
        f,
    })
}

/// The name of the last reading, as it is read aloud.
fn shown(session: &Session, code: &str) -> String {
    let tag = session
        .readings
        .last()
        .and_then(|reading| reading.tag.clone());
    tag.map_or_else(|| code.to_owned(), |tag| Tag::stored(tag).shown())
}

/// The acts that who looks may write.
fn acts(f: &Frame) -> Vec<(String, String)> {
    Act::ALL
        .into_iter()
        .filter(|act| act.kind().is_none_or(|kind| f.may(Right::Event(kind))))
        .map(|act| {
            let name = match act {
                Act::Look => f.t("scan.act_look").to_owned(),
                act => f.word("do", act.word()),
            };
            (act.word().to_owned(), name)
        })
        .collect()
}

fn chosen(f: &Frame, context: &Context, names: &titles::Titles) -> Fields {
    Fields::new(f)
        .set("act", context.act.word())
        .set("holder", names.get(EntryKind::Person, &context.holder))
        .set("service", &context.service)
        .set("site", &context.site)
        .set("note", &context.note)
}

/// What was typed, with the names it may mean.
fn refused(f: &Frame, form: &Form, error: &Error) -> Fields {
    let mut fields = Fields::refused(f, form, error);
    if let Some(Value::Array(several)) = error.extra.get("several") {
        let names: Vec<&str> = several.iter().filter_map(Value::as_str).collect();
        fields.refusal = Some(f.tx("scan.several_names", names.join(" ; ")));
    }
    fields
}

fn row(
    f: &Frame,
    context: &Context,
    at: usize,
    reading: &Reading,
    devices: &std::collections::HashMap<String, DeviceView>,
    names: &titles::Titles,
) -> Row {
    let device = reading.tag.as_ref().and_then(|tag| devices.get(tag));
    let verdict = judge::of(f, context, reading, device, names);
    let may_mean = reading
        .may_mean
        .iter()
        .filter_map(|tag| devices.get(tag))
        .map(|device| {
            (
                device.tag.clone(),
                Tag::stored(&device.tag).shown(),
                super::people::what(device, names),
            )
        })
        .collect();
    let lost = reading.tag.is_none() && reading.may_mean.is_empty();
    Row {
        at,
        device: reading.tag.as_ref().map(|tag| f.tag(tag)),
        create: (lost && f.may(Right::Devices)).then(|| match Tag::parse_random(&reading.code) {
            Some(tag) => address("/devices/new", &[("tag", tag.as_str())]),
            None => address("/devices/new", &[("serial", &reading.code)]),
        }),
        undo: reading.written.is_none(),
        code: reading.code.clone(),
        verdict,
        may_mean,
    }
}
