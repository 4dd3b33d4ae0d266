//! The ledger of a device as people read it: what happened, to what, by whom; voided entries stay readable.

use serde_json::{Map, Value};

use super::cells::Names;
use crate::app::Right;
use crate::app::devices::{Dossier, EventView};
use crate::domain::day::Day;
use crate::domain::entry::EntryKind;
use crate::domain::words::Kind;
use crate::http::pages::frame::Frame;
use crate::http::pages::html::proof;
use crate::i18n::{Arg, Lang};

/// One entry.
pub struct Line {
    /// Its day.
    pub on: String,
    /// Its number.
    pub n: i64,
    /// What happened.
    pub title: String,
    /// The entry that voids it, in words.
    pub voided: Option<String>,
    /// Its fields in words.
    pub detail: String,
    /// Its note.
    pub note: Option<String>,
    /// Who recorded it.
    pub who: String,
    /// Address of the form that voids it.
    pub strike: Option<String>,
    /// Address of its hand-over sheet.
    pub sheet: Option<String>,
}

/// Fields that name other rows by ids only programs know.
const UNSAID: &[&str] = &[
    "repair",
    "exit",
    "wipe",
    "line",
    "event",
    "kept",
    "hardware",
    "signature",
];

/// The entries, newest first.
pub fn lines(f: &Frame, dossier: &Dossier, names: &Names<'_>) -> Vec<Line> {
    let say = |e: &EventView| line(f, dossier, names, e);
    dossier.events.iter().rev().map(say).collect()
}

fn number(dossier: &Dossier, id: &str) -> Option<i64> {
    dossier.events.iter().find(|e| e.id == id).map(|e| e.n)
}

fn line(f: &Frame, dossier: &Dossier, names: &Names<'_>, e: &EventView) -> Line {
    let text = |field: &str| e.fields.get(field).and_then(Value::as_str);
    let target = text("event").and_then(|id| number(dossier, id));
    let title = match (e.kind, target) {
        (Kind::Correct, Some(n)) => f.say("devices.correction", &[("x", Arg::text(n.to_string()))]),
        (kind, _) => f.word("kind", kind.as_str()),
    };
    let voided = e.voided_by.as_deref().map(|by| match number(dossier, by) {
        Some(n) => f.say("devices.voided", &[("x", Arg::text(n.to_string()))]),
        None => f.t("devices.voided_by").to_owned(),
    });
    let tag = &dossier.device.tag;
    let mine = f.actor.as_ref().is_some_and(|actor| actor.id == e.actor);
    // The opening entry stands or falls with the device; an entry of another owner is theirs.
    let may = e.n > 1
        && e.voided_by.is_none()
        && !e.actor.is_empty()
        && f.may(Right::Event(Kind::Correct))
        && (mine || f.may(Right::CorrectAny));
    let handed = matches!(
        e.kind,
        Kind::Allocate | Kind::Loan | Kind::Return | Kind::Deallocate
    ) && e.voided_by.is_none()
        && f.may(Right::People)
        && !e.actor.is_empty();
    Line {
        on: f.day(&e.on),
        n: e.n,
        title,
        voided,
        detail: match detail(f, names, &e.fields) {
            text if e.kind == Kind::Wipe && !e.fields.contains_key("verified") => {
                format!("{text} · {}", f.t("devices.unverified"))
            }
            text => text,
        },
        note: e.note.clone(),
        who: dossier.actors.get(&e.actor).cloned().unwrap_or_default(),
        strike: may.then(|| format!("/devices/{tag}/do/correct?event={}", e.id)),
        sheet: handed.then(|| format!("/devices/{tag}/bon-de-remise.pdf?event={}", e.id)),
    }
}

/// The fields of an event in words, one after the other.
fn detail(f: &Frame, names: &Names<'_>, fields: &Map<String, Value>) -> String {
    let mut parts = Vec::new();
    for (field, value) in fields {
        if UNSAID.contains(&field.as_str()) {
            continue;
        }
        if let (true, Value::Object(set)) = (matches!(&**field, "set" | "extra"), value) {
            let inner = detail(f, names, set);
            if !inner.is_empty() {
                parts.push(inner);
            }
            continue;
        }
        if let Some(value) = said(f, names, field, value) {
            parts.push(f.say(
                "devices.field",
                &[
                    ("field", Arg::text(f.word("field", field))),
                    ("x", Arg::text(value)),
                ],
            ));
        }
    }
    parts.join(" · ")
}

/// A value in words; none for what says nothing.
fn said(f: &Frame, names: &Names<'_>, field: &str, value: &Value) -> Option<String> {
    let titled = |kind: EntryKind, key: &str| names.titles.get(kind, key).to_owned();
    Some(match (field, value) {
        (_, Value::Null) => f.t("devices.cleared").to_owned(),
        (_, Value::Bool(true)) => f.t("common.yes").to_owned(),
        (_, Value::Bool(false)) => f.t("common.no").to_owned(),
        (field, Value::Number(n)) if field.ends_with("_cents") => f.euros(&n.as_i64()?),
        (_, Value::Number(n)) if f.lang == Lang::Fr => n.to_string().replace('.', ","),
        (_, Value::Number(n)) => n.to_string(),
        ("site", Value::String(key)) => titled(EntryKind::Site, key),
        ("holder", Value::String(key)) => titled(EntryKind::Person, key),
        ("partner" | "provider", Value::String(key)) => titled(EntryKind::Partner, key),
        ("to_organisation", Value::String(key)) => titled(EntryKind::Organisation, key),
        ("model", Value::String(key)) => titled(EntryKind::Model, key),
        ("category", Value::String(key)) => names.categories.get(key).unwrap_or(key).clone(),
        ("into" | "from" | "part_of", Value::String(tag)) => f.tag_text(tag),
        ("exit_kind" | "destination", Value::String(w)) => f.word("exit_kind", w),
        ("cause" | "retire_cause", Value::String(w)) => f.word("cause", w),
        ("functional", Value::String(w)) => f.word("known", w),
        (
            "outcome" | "method" | "acquisition" | "condition" | "tenure" | "stage" | "data"
            | "presence",
            Value::String(w),
        ) => f.word(field, w),
        ("to", Value::String(w)) => f.word("stage", w),
        ("evidence", Value::String(text)) => proof(text),
        (_, Value::String(text)) => match Day::parse(text) {
            Ok(day) => f.day(&day),
            Err(_) => text.clone(),
        },
        ("codes", Value::Array(codes)) => {
            let code = |c: &Value| {
                let kind = c.get("kind").and_then(Value::as_str)?;
                let value = c.get("value").and_then(Value::as_str)?;
                Some(format!("{} {value}", f.word("code_kind", kind)))
            };
            codes.iter().filter_map(code).collect::<Vec<_>>().join(", ")
        }
        (_, Value::Array(items)) => {
            let texts: Vec<String> = items
                .iter()
                .map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned))
                .collect();
            texts.join(", ")
        }
        (_, Value::Object(map)) => {
            let texts: Vec<String> = map
                .iter()
                .filter_map(|(name, value)| said(f, names, name, value))
                .collect();
            texts.join(", ")
        }
    })
}
