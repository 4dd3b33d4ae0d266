//! From a row to the controls of its form, and from what was typed to the patch that the use case takes.

use serde_json::{Map, Value};

use super::kinds::{Ask, Kind, Question};
use crate::app::choices;
use crate::app::{Actor, App};
use crate::domain::entry::EntryKind;
use crate::error::{Error, Result};
use crate::http::pages::fields::{Choices, Fields};
use crate::http::pages::form::{As, Form, lines};
use crate::http::pages::frame::Frame;
use crate::http::pages::html::{Html, esc};
use crate::i18n::{self, Lang};

/// Most choices of a select; with more, the name is typed.
const MOST: usize = 200;

/// The field of a row's own key: every form has a `key` already, which makes it count once.
pub const KEY: &str = "row_key";

/// The member at a path such as `label.fr`.
pub fn member<'a>(body: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    let value = match path.split_once('.') {
        Some((head, rest)) => body.get(head)?.as_object()?.get(rest),
        None => body.get(path),
    };
    value.filter(|v| !v.is_null())
}

fn put(body: &mut Map<String, Value>, path: &str, value: Value) {
    match path.split_once('.') {
        Some((head, rest)) => {
            let inner = body
                .entry(head)
                .or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(map) = inner {
                map.insert(rest.to_owned(), value);
            }
        }
        None => {
            body.insert(path.to_owned(), value);
        }
    }
}

/// A value as it stands in its control; several for boxes.
pub fn typed(lang: Lang, ask: Ask, value: Option<&Value>) -> Vec<String> {
    let texts = |list: &[Value]| -> Vec<String> {
        list.iter()
            .filter_map(|v| v.as_str().map(str::to_owned))
            .collect()
    };
    match (ask, value) {
        (_, None) => Vec::new(),
        (Ask::Lines, Some(Value::Array(list))) => vec![texts(list).join("\n")],
        (Ask::Words(..), Some(Value::Array(list))) => texts(list),
        (Ask::Tick, Some(value)) => match value.as_bool() {
            Some(true) => vec!["1".to_owned()],
            _ => Vec::new(),
        },
        (Ask::YesNo, Some(value)) => match value.as_bool() {
            Some(true) => vec!["yes".to_owned()],
            Some(false) => vec!["no".to_owned()],
            None => Vec::new(),
        },
        (_, Some(Value::String(text))) => vec![text.clone()],
        (_, Some(Value::Number(n))) => {
            let text = n.to_string();
            let text = text.strip_suffix(".0").unwrap_or(&text).to_owned();
            vec![match lang {
                Lang::Fr => text.replace('.', ","),
                Lang::En => text,
            }]
        }
        _ => Vec::new(),
    }
}

/// The values of a row, for its form.
pub fn values(lang: Lang, kind: &Kind, body: &Map<String, Value>) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for question in kind.questions {
        for value in typed(lang, question.ask, member(body, question.name)) {
            out.push((question.name.to_owned(), value));
        }
    }
    if body.get("archived") == Some(&Value::Bool(true)) {
        out.push(("archived".to_owned(), "1".to_owned()));
    }
    out
}

/// The entries that the selects of a kind offer; none for a list too long to choose from.
pub type Offered = Vec<(EntryKind, Option<Choices>)>;

/// Reads what the selects offer.
///
/// # Errors
/// Those of the store.
pub fn offered(app: &App, actor: &Actor, kind: &Kind, creating: bool) -> Result<Offered> {
    let mut wanted: Vec<EntryKind> = kind
        .questions
        .iter()
        .filter_map(|question| match question.ask {
            Ask::Entry(to) => Some(to),
            _ => None,
        })
        .collect();
    if creating && kind.owned {
        wanted.push(EntryKind::Organisation);
    }
    wanted
        .into_iter()
        .map(|to| {
            let most = i64::try_from(MOST + 1).map_err(Error::internal)?;
            let found = choices::of(app, actor, to, most)?;
            let few = (found.len() <= MOST)
                .then(|| found.iter().map(|c| (c.key.clone(), c.label())).collect());
            Ok((to, few))
        })
        .collect()
}

/// A hint of the kind's own, where it has one.
fn hint(f: &Frame, kind: &Kind, name: &str) -> Option<&'static str> {
    i18n::find(
        f.lang,
        kind.name,
        &format!("hint_{}", name.replace('.', "_")),
    )
}

/// The name of a field: the kind's own word for it, else the common one.
pub fn label(f: &Frame, kind: &Kind, name: &str) -> &'static str {
    let key = name.replace('.', "_");
    i18n::find(f.lang, kind.name, &format!("label_{key}"))
        .unwrap_or_else(|| f.t(&format!("field.{key}")))
}

/// The controls of a form.
pub fn controls(
    f: &Frame,
    kind: &Kind,
    fields: &Fields,
    offered: &Offered,
    creating: bool,
) -> Vec<Html> {
    let mut out: Vec<Html> = kind
        .questions
        .iter()
        .map(|question| control(f, kind, fields, offered, question))
        .collect();
    if creating && kind.owned {
        let few = offered
            .iter()
            .rev()
            .find(|(to, _)| *to == EntryKind::Organisation)
            .and_then(|(_, few)| few.clone());
        if let Some(few) = few.filter(|few| few.len() > 1) {
            let control = fields
                .select("organisation", f.t("field.organisation"), &few)
                .first(f.t("reference.own_organisation"));
            out.push(Html(control.to_string()));
        }
    }
    if creating && kind.keyed {
        let control = fields
            .text(KEY, f.t("field.key"))
            .hint(hint(f, kind, "key").unwrap_or_else(|| f.t("reference.hint_key")))
            .optional();
        out.push(Html(control.to_string()));
    }
    if !creating {
        let control = fields
            .tick("archived", f.t("common.archive"))
            .hint(f.t("reference.hint_archived"));
        out.push(Html(control.to_string()));
    }
    out
}

fn control(
    f: &Frame,
    kind: &Kind,
    fields: &Fields,
    offered: &Offered,
    question: &Question,
) -> Html {
    let (name, label) = (question.name, label(f, kind, question.name));
    let mut control = match question.ask {
        Ask::Line | Ask::Mark => fields.text(name, label),
        Ask::Area | Ask::Lines => fields.area(name, label),
        Ask::Whole | Ask::Decimal => fields.number(name, label),
        Ask::Tick => fields.tick(name, label),
        Ask::YesNo => {
            let choices = [
                ("yes".to_owned(), f.t("common.yes").to_owned()),
                ("no".to_owned(), f.t("common.no").to_owned()),
            ];
            fields
                .select(name, label, &choices)
                .first(f.t("common.unknown"))
        }
        Ask::Word(section, words) => {
            let choices = super::super::fields::choices(f, section, words());
            let select = fields.select(name, label, &choices);
            if question.required {
                select
            } else {
                select.first(f.t("common.unknown"))
            }
        }
        Ask::Words(section, words) => return boxes(f, kind, fields, name, section, &words()),
        Ask::Entry(to) => match offered.iter().find(|(kind, _)| *kind == to) {
            Some((_, Some(few))) => fields
                .select(name, label, &with_present(few, fields.value(name)))
                .first(f.t("common.none")),
            _ => fields.text(name, label),
        },
    };
    if let Some(hint) = hint(f, kind, name) {
        control = control.hint(hint);
    }
    if question.required {
        control = control.required();
    } else if !matches!(
        question.ask,
        Ask::Tick | Ask::YesNo | Ask::Word(..) | Ask::Entry(_)
    ) {
        control = control.optional();
    }
    Html(control.to_string())
}

/// The choices, with the present one where it is archived and so no longer offered.
fn with_present(few: &[(String, String)], present: &str) -> Choices {
    let mut out = few.to_vec();
    if !present.is_empty() && !few.iter().any(|(key, _)| key == present) {
        out.push((present.to_owned(), present.to_owned()));
    }
    out
}

fn boxes(
    f: &Frame,
    kind: &Kind,
    fields: &Fields,
    name: &str,
    section: &str,
    words: &[&str],
) -> Html {
    let mut out = format!("<fieldset><legend>{}</legend>", esc(label(f, kind, name)));
    for word in words {
        let ticked = if fields.is(name, word) {
            " checked"
        } else {
            ""
        };
        out.push_str(&format!(
            "<label class=\"opt\"><input type=\"checkbox\" name=\"{}\" value=\"{}\"{ticked}>{}</label>",
            esc(name),
            esc(word),
            esc(&f.word(section, word))
        ));
    }
    if let Some(hint) = hint(f, kind, name) {
        out.push_str(&format!("<p class=\"hint\">{}</p>", esc(hint)));
    }
    out.push_str("</fieldset>");
    Html(out)
}

/// What was typed, as the object or patch that the use case takes. `present` is the row that is changed.
///
/// # Errors
/// `invalid_value` for a number that is none, `unknown_reference` for a name that nothing has.
pub fn body(
    app: &App,
    actor: &Actor,
    kind: &Kind,
    form: &Form,
    present: Option<&Map<String, Value>>,
) -> Result<Map<String, Value>> {
    let mut out = Map::new();
    for question in kind.questions {
        let name = question.name;
        let text = form.text(name);
        if let Ask::Entry(_) = question.ask
            && !text.is_empty()
            && present
                .and_then(|row| member(row, name))
                .and_then(Value::as_str)
                == Some(text)
        {
            continue; // as it was; it may be archived, and so no choice any more
        }
        put(&mut out, name, value(app, actor, question, form)?);
    }
    if present.is_some() {
        out.insert("archived".into(), form.has("archived").into());
        return Ok(out);
    }
    for (field, name) in [("organisation", "organisation"), (KEY, "key")] {
        if form.has(field) {
            out.insert(name.to_owned(), form.text(field).into());
        }
    }
    Ok(out)
}

fn value(app: &App, actor: &Actor, question: &Question, form: &Form) -> Result<Value> {
    let (name, text) = (question.name, form.text(question.name));
    let or_null = |value: Value| if text.is_empty() { Value::Null } else { value };
    Ok(match question.ask {
        Ask::Line | Ask::Area => or_null(text.into()),
        Ask::Word("weee", _) => text.parse::<i64>().map_or(Value::Null, Value::from),
        Ask::Word(..) => or_null(text.into()),
        Ask::Lines => lines(text).into(),
        Ask::Words(..) => form.all(name).map(Value::from).collect::<Vec<_>>().into(),
        Ask::Tick => Value::Bool(!text.is_empty()),
        Ask::YesNo => match text {
            "yes" => true.into(),
            "no" => false.into(),
            _ => Value::Null,
        },
        Ask::Whole => form
            .object(&[(name, As::PatchWhole)])?
            .remove(name)
            .unwrap_or(Value::Null),
        Ask::Decimal => match text {
            "" => Value::Null,
            text => decimal(text).ok_or_else(|| {
                Error::invalid(name, format!("`{name}` is a number, such as 4,5"))
            })?,
        },
        Ask::Mark => match text {
            "" => Value::Null,
            text => decimal(text).unwrap_or_else(|| text.to_ascii_uppercase().into()),
        },
        Ask::Entry(_) if text.is_empty() => Value::Null,
        Ask::Entry(to) => choices::meant(app, actor, to, name, text)?.into(),
    })
}

fn decimal(text: &str) -> Option<Value> {
    let number: f64 = text.replace(',', ".").parse().ok()?;
    serde_json::Number::from_f64(number).map(Value::Number)
}
