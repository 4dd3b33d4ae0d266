//! A row as people read it: names in place of keys, words in place of codes.

use serde_json::{Map, Value};

use super::form::{label, member};
use super::kinds::{Ask, Kind};
use crate::app::entries::View;
use crate::app::titles::{self, Titles};
use crate::app::{Actor, App};
use crate::domain::entry::EntryKind;
use crate::error::Result;
use crate::http::pages::frame::Frame;
use crate::http::pages::html::{Html, esc, url};
use crate::i18n::Lang;

/// The name of a row.
pub fn name(f: &Frame, kind: &Kind, body: &Map<String, Value>) -> String {
    let text = |path: &str| member(body, path).and_then(Value::as_str);
    let own = match f.lang {
        Lang::Fr => text("label_fr").or_else(|| text("label.fr")),
        Lang::En => text("label_en").or_else(|| text("label.en")),
    };
    let name = own.or_else(|| text("name")).or_else(|| text("label.fr"));
    match (kind.entry, name, text("manufacturer")) {
        (EntryKind::Model, Some(name), Some(maker)) => format!("{maker} {name}"),
        (EntryKind::Person, None, _) => f.t("people.erased").to_owned(),
        (_, Some(name), _) => name.to_owned(),
        _ => text("key").unwrap_or_default().to_owned(),
    }
}

/// The address of a row. A row whose key is that of the page that adds one goes by its id.
pub fn place(kind: &Kind, view: &View) -> String {
    let key = match view.address.as_str() {
        "new" => &view.id,
        key => key,
    };
    format!("{}/{}", kind.path, url(key))
}

/// The names of everything that these rows name.
///
/// # Errors
/// Those of the store.
pub fn titles(app: &App, actor: &Actor, kind: &Kind, views: &[View]) -> Result<Titles> {
    let mut wanted: Vec<(EntryKind, &str)> = Vec::new();
    for view in views {
        let mut want = |to: EntryKind, path: &str| {
            if let Some(key) = member(&view.body, path).and_then(Value::as_str) {
                wanted.push((to, key));
            }
        };
        want(EntryKind::Organisation, "organisation");
        for question in kind.questions {
            if let Ask::Entry(to) = question.ask {
                want(to, question.name);
            }
        }
    }
    titles::of(app, actor, &wanted)
}

/// One field of a row; none when it says nothing.
pub fn cell(
    f: &Frame,
    kind: &Kind,
    titles: &Titles,
    body: &Map<String, Value>,
    path: &str,
) -> Option<Html> {
    let value = member(body, path)?;
    let text = value.as_str().map(str::to_owned);
    let ask = kind
        .questions
        .iter()
        .find(|q| q.name == path)
        .map(|q| q.ask);
    let words = |section: &str, list: &[Value]| -> String {
        let words: Vec<String> = list
            .iter()
            .filter_map(|v| v.as_str().map(|word| f.word(section, word)))
            .collect();
        words.join(", ")
    };
    let shown = match (ask, value) {
        (None, _) if path == "organisation" => {
            esc(titles.get(EntryKind::Organisation, text.as_deref()?))
        }
        (None, _) if path == "key" => {
            format!("<span class=\"mono\">{}</span>", esc(text.as_deref()?))
        }
        (Some(Ask::Entry(to)), _) => entry(to, titles, text.as_deref()?),
        (Some(Ask::Word("weee", _)), Value::Number(n)) => esc(&f.word("weee", n.to_string())),
        (Some(Ask::Word(section, _)), _) => esc(&f.word(section, text?)),
        (Some(Ask::Words(section, _)), Value::Array(list)) => esc(&words(section, list)),
        (Some(Ask::Lines), Value::Array(list)) => esc(&words("", list)),
        (_, Value::Bool(yes)) => esc(f.t(if *yes { "common.yes" } else { "common.no" })),
        (Some(Ask::Whole), Value::Number(n)) => match n.as_i64() {
            // A year is no quantity.
            Some(n) if path.ends_with("_year") => n.to_string(),
            Some(n) => esc(&f.whole(n)),
            None => esc(&n.to_string()),
        },
        (Some(ask), _) => {
            let text = super::form::typed(f.lang, ask, Some(value)).join(", ");
            match path {
                "siret" => esc(&siret(&text)),
                _ => esc(&text),
            }
        }
        _ => return None,
    };
    (!shown.is_empty()).then_some(Html(shown))
}

/// A link to an entry that has a page.
fn entry(to: EntryKind, titles: &Titles, key: &str) -> String {
    let name = esc(titles.get(to, key));
    match super::kinds::ALL.iter().find(|kind| kind.entry == to) {
        Some(kind) => format!("<a href=\"{}/{}\">{name}</a>", kind.path, url(key)),
        None => name,
    }
}

/// A SIRET in the groups that people read it in: 3, 3, 3, 5.
fn siret(digits: &str) -> String {
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default().to_owned();
    let parts = [part(0, 3), part(3, 6), part(6, 9), part(9, digits.len())];
    parts.join("\u{202f}").trim().to_owned()
}

/// Every field that a row has something to say in: name and text. What follows: its owner.
pub fn facts(
    f: &Frame,
    kind: &Kind,
    titles: &Titles,
    body: &Map<String, Value>,
) -> Vec<(&'static str, Html)> {
    let asked = kind
        .questions
        .iter()
        .map(|q| q.name)
        .filter(|n| *n != "name");
    let common = ["organisation", "key"];
    asked
        .chain(common)
        .filter_map(|path| Some((label(f, kind, path), cell(f, kind, titles, body, path)?)))
        .collect()
}
