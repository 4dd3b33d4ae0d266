//! What an import found, in the words of the reader: fields, values, reasons.

use serde_json::Value;

use crate::app::imports::Report;
use crate::app::titles::{self, Titles};
use crate::domain::entry::EntryKind;
use crate::exchange::draft::{Problem, problem};
use crate::http::pages::prelude::*;
use crate::http::pages::refusal;
use crate::i18n;

/// Something that could not be taken as it is.
pub struct Trouble {
    /// Line of the file.
    pub row: u64,
    /// Column.
    pub column: String,
    /// What became of the row, with its mark; none when only a cell is meant.
    pub outcome: Option<(&'static str, &'static str)>,
    /// The device it speaks of.
    pub device: Option<Html>,
    /// In short.
    pub title: String,
    /// In a sentence.
    pub text: String,
    /// In English, where the reason is older than its translation.
    pub foreign: String,
}

/// The name of a field, a custom one's key.
pub fn field(f: &Frame, field: &str) -> String {
    match field.strip_prefix("extra.") {
        Some(own) => own.to_owned(),
        None => f.word("field", field),
    }
}

/// What a field names by key, for those whose names are not private.
fn kind(field: &str) -> Option<EntryKind> {
    match field {
        "category" => Some(EntryKind::Category),
        "model" => Some(EntryKind::Model),
        "site" => Some(EntryKind::Site),
        _ => None,
    }
}

/// The names of what cells and problems of a report hold by key.
///
/// # Errors
/// Those of the store.
pub fn names(app: &App, actor: &Actor, report: &Report) -> Result<Titles> {
    let cells = report
        .changes
        .iter()
        .flat_map(|c| [&c.before, &c.after].map(|v| (c.field.as_str(), v)));
    let problems = report.problems.iter().flat_map(|p| {
        let field = p.values.get("field").and_then(Value::as_str);
        ["here", "said"]
            .iter()
            .filter_map(move |name| Some((field?, p.values.get(*name)?)))
    });
    let mut wanted: Vec<(EntryKind, &str)> = cells
        .chain(problems)
        .filter_map(|(field, value)| Some((kind(field)?, value.as_str()?)))
        .collect();
    wanted.sort_unstable();
    wanted.dedup();
    // More than pages show; the rest goes by its key.
    wanted.truncate(500);
    titles::of(app, actor, &wanted)
}

/// A value as people read it. Days are in ISO: these stand in tables.
pub fn value(f: &Frame, names: &Titles, field: &str, value: &Value) -> String {
    match value {
        Value::Null => f.t("imports.empty").to_owned(),
        Value::String(text) if text.is_empty() => f.t("imports.empty").to_owned(),
        Value::String(text) => match kind(field) {
            Some(kind) => names.get(kind, text).to_owned(),
            None => f.word(field, text),
        },
        Value::Bool(yes) => f
            .t(if *yes { "common.yes" } else { "common.no" })
            .to_owned(),
        Value::Number(n) if field.ends_with("_cents") => n
            .as_i64()
            .map_or_else(|| n.to_string(), |cents| f.euros(&cents)),
        Value::Number(n) => n.to_string(),
        Value::Array(items) => {
            let items = items.iter().map(|item| match item {
                Value::Object(map) => code(f, map),
                other => self::value(f, names, field, other),
            });
            items.collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

/// A code: its kind and value.
fn code(f: &Frame, map: &serde_json::Map<String, Value>) -> String {
    let text = |name: &str| map.get(name).and_then(Value::as_str).unwrap_or_default();
    format!("{} {}", f.word("code_kind", text("kind")), text("value"))
}

/// A problem in the language of the page.
pub fn trouble(f: &Frame, names: &Titles, problem: &Problem) -> Trouble {
    let title = i18n::find(f.lang, "problem", &problem.code).unwrap_or_default();
    let text = sentence(f, names, problem);
    Trouble {
        row: problem.row,
        column: problem
            .column
            .as_deref()
            .map_or("–".to_owned(), |column| field(f, column)),
        outcome: match problem.outcome.as_deref() {
            Some("rejected") => Some(("bad", f.t("imports.rejected_row"))),
            Some("conflict") => Some(("warn", f.t("imports.conflict_row"))),
            _ => None,
        },
        device: problem
            .values
            .get("device")
            .and_then(Value::as_str)
            .map(|tag| f.tag(tag)),
        title: title.to_owned(),
        foreign: if text.is_empty() && title.is_empty() {
            problem.message.clone()
        } else {
            String::new()
        },
        text,
    }
}

/// The sentence of its reason, with its values; a refusal of the ledger as the pages say it.
fn sentence(f: &Frame, names: &Titles, problem: &Problem) -> String {
    let Some(reason) = problem.reason.as_deref() else {
        let Some(code) = Code::parse(&problem.code) else {
            return String::new();
        };
        let mut error = Error::new(code, problem.message.clone());
        error.field.clone_from(&problem.column);
        error.extra.clone_from(&problem.values);
        return refusal::sentence(f, &error);
    };
    let Some(template) = i18n::find(f.lang, "problem_text", reason) else {
        return String::new();
    };
    let mut values = problem.values.clone();
    for (name, value) in &mut values {
        let said = match (name.as_str(), &*value) {
            ("field" | "other", Value::String(name)) => field(f, name),
            ("device", Value::String(tag)) => f.tag_text(tag),
            ("type", Value::String(word)) => f.word("field_type", word),
            ("kinds", Value::Array(kinds)) => {
                let words = kinds.iter().filter_map(Value::as_str);
                words
                    .map(|k| f.word("do", k))
                    .collect::<Vec<_>>()
                    .join(" / ")
            }
            _ => continue,
        };
        *value = Value::from(said);
    }
    let text = problem::sentence(f.lang, template, &values);
    let named = problem.values.get("field").and_then(Value::as_str);
    let (Some(named), Some(here), Some(said)) = (
        named,
        problem.values.get("here"),
        problem.values.get("said"),
    ) else {
        return text;
    };
    let shown = |v: &Value| Arg::text(value(f, names, named, v));
    let both = [("here", shown(here)), ("said", shown(said))];
    format!("{text} {}", f.say("imports.here_said", &both))
}
