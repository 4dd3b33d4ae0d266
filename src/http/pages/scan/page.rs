//! The page: context, readings, what can be written.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::context;
use super::judge::{self, Verdict};
use super::session::{MOST, Reading, Session};
use crate::app::devices::{self, DeviceView};
use crate::app::{scans, titles};
use crate::domain::entry::EntryKind;
use crate::domain::tag::Tag;
use crate::http::pages::assets;
use crate::http::pages::people::{named, what};
use crate::http::pages::prelude::*;
use crate::http::pages::refusal;
use crate::i18n;

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

/// The page.
#[derive(Template)]
#[template(path = "scan.html")]
pub struct ScanPage {
    f: Frame,
    fields: Fields,
    controls: Vec<Html>,
    state: String,
    code: String,
    problem: Option<String>,
    done: Option<String>,
    act: String,
    to: String,
    open: bool,
    acts: Vec<(String, String)>,
    rows: Vec<Row>,
    last: Option<String>,
    heading: String,
    counts: Vec<(&'static str, String)>,
    commit: Option<String>,
    waiting: Option<String>,
    photo: Option<&'static str>,
    /// What the script needs, as JSON.
    script: String,
}

/// What a step of the session says beside its readings.
#[derive(Default)]
pub struct Said {
    /// What stands in the field.
    pub code: String,
    /// The code that another page hands over: the script reads it by itself.
    pub opened: String,
    /// Why a code was not taken.
    pub problem: Option<Error>,
    /// What was just written.
    pub done: Option<String>,
    /// Why a context was not taken.
    pub context: Option<Error>,
    /// A photo held no code.
    pub photo: bool,
}

/// Makes the page; `form` is a context that was refused.
///
/// # Errors
/// Those of the store.
pub async fn page(
    app: &State,
    visitor: &Visitor,
    session: Session,
    said: Said,
    form: Option<&Form>,
) -> Result<ScanPage> {
    let f = visitor.frame("scan");
    let actor = visitor.actor.clone();
    // A refused context shows the controls of the act that was asked for.
    let act = form
        .and_then(|form| crate::domain::scanning::Act::parse(form.text("act")).ok())
        .unwrap_or(session.context.act);
    let (session, devices, names, lists, state, waiting) = run(app, move |app| {
        let devices = devices::by_tags(app, &actor, &session.tags())?;
        let mut wanted: Vec<(EntryKind, &str)> = devices.values().flat_map(named).collect();
        wanted.extend(context::named(&session.context));
        let names = titles::of(app, &actor, &wanted)?;
        let lists = context::lists(app, &actor, act)?;
        let state = session.seal(app, &actor)?;
        let waiting = match actor.may(Right::Scan) {
            true => scans::waiting(app, &actor)?,
            false => 0,
        };
        Ok((session, devices, names, lists, state, waiting))
    })
    .await?;
    let rows: Vec<Row> = session
        .readings
        .iter()
        .enumerate()
        .rev()
        .map(|(at, reading)| row(&f, &session, at, reading, &devices, &names))
        .collect();
    let (word, to) = context::summary(&f, &session.context, &names);
    let fields = match (&said.context, form) {
        (Some(error), Some(form)) => refused(&f, form, error),
        _ => context::chosen(&f, &session.context, &names, &lists),
    };
    let script = json!({
        "who": visitor.actor.id, "csrf": f.csrf, "lang": f.code(), "words": i18n::table(f.lang).get("scan"),
        "context": context::described(&f, &session.context, &names), "code": said.opened,
        "camera": assets::camera(), "decoder": assets::decoder(),
    });
    let back = rows.iter().filter(|row| row.verdict.back).count();
    let ready = rows.iter().filter(|row| row.verdict.ready).count();
    let number =
        |class: &str| f.whole(rows.iter().filter(|row| row.verdict.class == class).count() as u64);
    Ok(ScanPage {
        problem: said.problem.map(|error| match error.code {
            Code::TooLarge => f.tn("scan.too_many", MOST as u64),
            _ => refusal::sentence(&f, &error),
        }),
        last: rows.first().map(|row| {
            let name = row
                .device
                .as_ref()
                .map_or(row.code.clone(), |_| shown(&session, &row.code));
            match f.lang {
                Lang::Fr => format!("{}\u{a0}: {name}", row.verdict.word),
                Lang::En => format!("{}: {name}", row.verdict.word),
            }
        }),
        heading: f.tn("scan.readings", rows.len() as u64),
        counts: vec![
            (f.t("scan.count_ok"), number("ok")),
            (f.t("scan.count_warn"), number("warn")),
            (f.t("scan.count_bad"), number("bad")),
            (f.t("scan.count_idle"), number("idle")),
        ],
        commit: match (ready, back) {
            (0, 0) => None,
            (0, back) => Some(f.tn("scan.keep_back", back as u64)),
            (ready, _) => Some(f.tn("scan.commit", ready as u64)),
        },
        photo: said.photo.then(|| f.t("scan.photo_none")),
        script: script.to_string(),
        controls: context::controls(&f, &fields, act, &lists),
        acts: context::acts(&f),
        open: said.context.is_some(),
        waiting: (waiting > 0).then(|| f.tn("scan.waiting", waiting as u64)),
        code: said.code,
        done: said.done,
        fields,
        state,
        rows,
        act: word,
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

/// What was typed, with the names it may mean.
pub fn refused(f: &Frame, form: &Form, error: &Error) -> Fields {
    let mut fields = Fields::refused(f, form, error);
    if let Some(Value::Array(several)) = error.extra.get("several") {
        let names: Vec<&str> = several.iter().filter_map(Value::as_str).collect();
        fields.refusal = Some(f.tx("scan.several_names", names.join(" ; ")));
    }
    fields
}

fn row(
    f: &Frame,
    session: &Session,
    at: usize,
    reading: &Reading,
    devices: &HashMap<String, DeviceView>,
    names: &titles::Titles,
) -> Row {
    let device = reading.tag.as_ref().and_then(|tag| devices.get(tag));
    let verdict = judge::of(f, &session.context, reading, device, names);
    let may_mean = reading
        .may_mean
        .iter()
        .filter_map(|tag| devices.get(tag))
        .map(|device| {
            (
                device.tag.clone(),
                Tag::stored(&device.tag).shown(),
                what(device, names),
            )
        })
        .collect();
    let lost = reading.tag.is_none() && reading.may_mean.is_empty();
    Row {
        at,
        device: reading.tag.as_ref().map(|tag| f.tag(tag)),
        create: (lost && f.may(Right::Devices)).then(|| create(&reading.code)),
        undo: reading.written.is_none(),
        code: reading.code.clone(),
        verdict,
        may_mean,
    }
}

/// The form of a new device that carries a code: its tag, when it is one of ours that no device has, else its serial.
pub fn create(code: &str) -> String {
    match Tag::parse_random(code).or_else(|| crate::domain::tag::parse_url(code)) {
        Some(tag) => address("/devices/new", &[("tag", tag.as_str())]),
        None => address("/devices/new", &[("serial", code)]),
    }
}
