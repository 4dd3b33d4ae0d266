//! What a scan means: chosen once, in a form that asks what the chosen act needs.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::session::Context;
use crate::app::choices::{self, Choice};
use crate::app::titles::Titles;
use crate::domain::entry::EntryKind;
use crate::domain::lifecycle::table;
use crate::domain::scanning::Act;
use crate::domain::words::{Cause, WipeMethod};
use crate::http::pages::devices::pick::Pick;
use crate::http::pages::prelude::*;

/// Most rows of a list to choose from.
const MOST: i64 = 400;

/// What there is to choose from.
#[derive(Default)]
pub struct Lists {
    sites: Vec<Choice>,
    people: Vec<Choice>,
    partners: Vec<Choice>,
}

/// The lists that an act needs.
///
/// # Errors
/// Those of the store.
pub fn lists(app: &App, actor: &Actor, act: Act) -> Result<Lists> {
    let of = |field: &str, kind: EntryKind| {
        if asked(act).any(|asked| asked == field) {
            choices::of(app, actor, kind, MOST)
        } else {
            Ok(Vec::new())
        }
    };
    Ok(Lists {
        sites: of("site", EntryKind::Site)?,
        people: of("holder", EntryKind::Person)?,
        partners: of("provider", EntryKind::Partner)?,
    })
}

/// What the form asks for an act. The source of what was seen is the program's to say.
fn asked(act: Act) -> impl Iterator<Item = &'static str> {
    let own = act.fields().iter().copied();
    let note = (act != Act::Look).then_some("note");
    own.filter(|field| *field != "source").chain(note)
}

/// The form read: what an act takes of it, names resolved.
///
/// # Errors
/// `missing_field` for what the act needs, `unknown_reference` for a name that means nothing, or several things.
pub fn read(app: &App, actor: &Actor, form: &Form) -> Result<Context> {
    let act = Act::parse(form.text("act")).unwrap_or(Act::Look);
    let mut fields = BTreeMap::new();
    for field in asked(act).filter(|field| form.has(field)) {
        let text = form.text(field);
        let kind = match field {
            "site" => Some(EntryKind::Site),
            "holder" => Some(EntryKind::Person),
            "provider" => Some(EntryKind::Partner),
            _ => None,
        };
        let value = match kind {
            Some(kind) => choices::meant(app, actor, kind, field, text)?,
            None => text.to_owned(),
        };
        fields.insert(field.to_owned(), value);
    }
    needed(act, &fields)?;
    Ok(Context { act, fields })
}

/// Asks for what the event of an act cannot do without.
fn needed(act: Act, fields: &BTreeMap<String, String>) -> Result<()> {
    let Some(kind) = act.kind(&[]) else {
        return Ok(());
    };
    let row = table::of(kind);
    if let Some(absent) = row.required.iter().find(|f| !fields.contains_key(**f)) {
        return Err(Error::missing(absent));
    }
    match row.one_of.first() {
        Some(first) if !row.one_of.iter().any(|f| fields.contains_key(*f)) => {
            Err(Error::missing(first))
        }
        _ => Ok(()),
    }
}

/// The act that a form or a session means, as far as who looks may write it.
pub fn acts(f: &Frame) -> Vec<(String, String)> {
    Act::ALL
        .iter()
        .filter(|act| act.kind(&[]).is_none_or(|kind| f.may(Right::Event(kind))))
        .map(|act| (act.as_str().to_owned(), name(f, *act)))
        .collect()
}

/// What people call an act.
pub fn name(f: &Frame, act: Act) -> String {
    match act {
        Act::Look => f.t("scan.act_look").to_owned(),
        act => f.word("do", act.as_str()),
    }
}

/// The controls of an act.
pub fn controls(f: &Frame, fields: &Fields, act: Act, lists: &Lists) -> Vec<Html> {
    asked(act)
        .map(|field| control(f, fields, act, field, lists))
        .collect()
}

fn control(f: &Frame, fields: &Fields, act: Act, field: &str, lists: &Lists) -> Html {
    let row = act.kind(&[]).map(table::of);
    let optional = row.is_none_or(|row| !row.required.contains(&field));
    let label = match field {
        "note" => f.t("common.note").to_owned(),
        field => f.word("field", field),
    };
    let hint = match field {
        "site" => Some(f.t("scan.site_hint")),
        "holder" => Some(f.t("scan.holder_hint")),
        "note" => Some(f.t("common.note_hint")),
        _ => None,
    };
    let words = |section: &str, words: Vec<&str>| {
        let control = fields.select(
            field,
            &label,
            &super::super::fields::choices(f, section, words),
        );
        Html(control.first(f.t("devices.choose")).to_string())
    };
    let pick = |choices: &[Choice]| {
        Pick {
            name: field,
            label: &label,
            choices,
            others: ("", &[]),
            first: if field == "site" {
                f.t("scan.no_site")
            } else {
                f.t("devices.choose")
            },
            hint,
            optional,
        }
        .control(fields)
    };
    match field {
        "site" => pick(&lists.sites),
        "holder" => pick(&lists.people),
        "provider" => pick(&lists.partners),
        "method" => words(
            "method",
            WipeMethod::ALL.iter().map(|w| w.as_str()).collect(),
        ),
        "cause" => words("cause", Cause::ALL.iter().map(|w| w.as_str()).collect()),
        "verified" => Html(fields.tick(field, &label).to_string()),
        "due_on" => Html(fields.date(field, &label).optional().to_string()),
        _ => {
            let control = fields.text(field, &label).optional();
            Html(match hint {
                Some(hint) => control.hint(hint).to_string(),
                None => control.to_string(),
            })
        }
    }
}

/// The values of a context as its form shows them.
pub fn chosen(f: &Frame, context: &Context, names: &Titles, lists: &Lists) -> Fields {
    let mut fields = Fields::new(f).set("act", context.act.as_str());
    for (name, value) in &context.fields {
        // A list too long to choose from is typed: it shows the name, not the key.
        let long = |list: &[Choice]| list.len() > crate::http::pages::devices::pick::SHORT;
        let shown = match name.as_str() {
            "holder" if long(&lists.people) => names.get(EntryKind::Person, value),
            "site" if long(&lists.sites) => names.get(EntryKind::Site, value),
            "provider" if long(&lists.partners) => names.get(EntryKind::Partner, value),
            _ => value.as_str(),
        };
        fields = fields.set(name, shown);
    }
    fields
}

/// The sentence over the form: what is done with every reading, and to whom.
pub fn summary(f: &Frame, context: &Context, names: &Titles) -> (String, String) {
    let word = |section: &str, field: &str| match context.get(field) {
        "" => String::new(),
        word => f.word(section, word),
    };
    let to: Vec<String> = [
        names
            .get(EntryKind::Person, context.get("holder"))
            .to_owned(),
        context.get("service").to_owned(),
        names.get(EntryKind::Site, context.get("site")).to_owned(),
        names
            .get(EntryKind::Partner, context.get("provider"))
            .to_owned(),
        word("method", "method"),
        word("cause", "cause"),
    ]
    .into_iter()
    .filter(|text| !text.is_empty())
    .collect();
    let to = if to.is_empty() {
        String::new()
    } else {
        format!("→ {}", to.join(" · "))
    };
    (name(f, context.act), to)
}

/// The rows whose names the summary and the form need.
pub fn named(context: &Context) -> Vec<(EntryKind, &str)> {
    vec![
        (EntryKind::Site, context.get("site")),
        (EntryKind::Person, context.get("holder")),
        (EntryKind::Partner, context.get("provider")),
    ]
}

/// Whether the page's script asks, which puts the answer in its place by itself.
pub fn json_wanted(request: &HttpRequest) -> bool {
    let accept = request.headers().get("accept");
    accept
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("application/json"))
}

/// A context for the script: what it means in words, the form's controls, why it was refused.
///
/// # Errors
/// Those of the store.
pub async fn told(app: &State, visitor: &Visitor, form: &Form) -> Answer {
    let f = visitor.frame("scan");
    let (actor, form) = (visitor.actor.clone(), form.clone());
    let act = Act::parse(form.text("act")).unwrap_or(Act::Look);
    let answer = run(app, move |app| {
        let lists = lists(app, &actor, act)?;
        // Another act was chosen: its fields are shown, nothing is asked of them yet.
        if form.has("preview") {
            let fields = Fields::with(&f, form.fields.clone());
            let controls = html(&f, &fields, act, &lists);
            return Ok(match read(app, &actor, &form) {
                Ok(context) => {
                    let names = crate::app::titles::of(app, &actor, &named(&context))?;
                    json!({"context": described(&f, &context, &names), "controls": controls})
                }
                Err(_) => json!({"controls": controls}),
            });
        }
        let read = match read(app, &actor, &form) {
            Err(error) if error.code == Code::Internal => return Err(error),
            read => read,
        };
        Ok(match read {
            Ok(context) => {
                let names = crate::app::titles::of(app, &actor, &named(&context))?;
                let fields = chosen(&f, &context, &names, &lists);
                json!({"context": described(&f, &context, &names), "controls": html(&f, &fields, act, &lists)})
            }
            Err(error) => {
                let fields = super::page::refused(&f, &form, &error);
                json!({"refusal": fields.refusal, "controls": html(&f, &fields, act, &lists)})
            }
        })
    })
    .await?;
    super::look::json(&answer)
}

fn html(f: &Frame, fields: &Fields, act: Act, lists: &Lists) -> String {
    let all = controls(f, fields, act, lists);
    all.iter().map(|control| control.0.as_str()).collect()
}

/// A context as the script keeps it.
pub fn described(f: &Frame, context: &Context, names: &Titles) -> Value {
    let (word, to) = summary(f, context, names);
    json!({"act": context.act, "fields": context.event(), "word": word, "to": to})
}
