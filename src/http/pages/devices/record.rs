//! The record of a device: its facts, codes, custom fields and owners, with the names people know.

use serde_json::Value;

use super::cells::{self, Names};
use crate::app::devices::{DeviceView, Dossier};
use crate::domain::entry::EntryKind;
use crate::domain::words::Tenure;
use crate::http::pages::prelude::*;
use crate::i18n;

/// Facts with the names people know.
pub fn facts(f: &Frame, d: &DeviceView, names: &Names<'_>) -> Vec<(String, Html)> {
    let unknown = || {
        Html(format!(
            "<span class=\"soft\">{}</span>",
            f.t("common.unknown")
        ))
    };
    let text = |t: Option<String>| t.map_or_else(unknown, |t| Html(esc(&t)));
    let day = |day: Option<Day>| text(day.map(|day| f.day(&day)));
    let word = |section: &str, word: Option<&str>| text(word.map(|w| f.word(section, w)));
    let titled = |kind: EntryKind, key: &Option<String>| {
        key.as_deref()
            .map(|key| names.titles.get(kind, key).to_owned())
    };
    let linked = |parameter: &str, key: &str, name: &str| {
        let to = address("/devices", &[(parameter, key)]);
        Html(format!("<a href=\"{}\">{}</a>", esc(&to), esc(name)))
    };
    let mut out: Vec<(&str, Html)> = Vec::new();
    if d.name.is_some() {
        out.push(("name", text(d.name.clone())));
    }
    let category = d
        .category
        .as_ref()
        .map(|key| names.categories.get(key).unwrap_or(key).clone());
    out.push(("category", text(category)));
    out.push((
        "organisation",
        text(titled(
            EntryKind::Organisation,
            &Some(d.organisation.clone()),
        )),
    ));
    out.push((
        "site",
        match &d.site {
            Some(key) => linked("site", key, names.titles.get(EntryKind::Site, key)),
            None => unknown(),
        },
    ));
    if f.may(Right::People) {
        out.push((
            "holder",
            match &d.holder {
                Some(key) => linked("holder", key, names.titles.get(EntryKind::Person, key)),
                None => Html(f.t("common.none").to_owned()),
            },
        ));
    }
    if d.service.is_some() {
        out.push(("service", text(d.service.clone())));
    }
    out.push(("acquired_on", acquired(f, d)));
    if d.purchase_price_cents.is_some() {
        out.push((
            "purchase_price_cents",
            text(d.purchase_price_cents.map(|cents| f.euros(&cents))),
        ));
    }
    if d.acquisition.is_some() {
        out.push((
            "acquisition",
            word("acquisition", d.acquisition.map(|w| w.as_str())),
        ));
    }
    if d.tenure != Tenure::Owned {
        out.push(("tenure", word("tenure", Some(d.tenure.as_str()))));
    }
    if let Some(until) = d.warranty_until {
        let key = if until < f.today {
            "devices.warranty_over"
        } else {
            "devices.warranty"
        };
        out.push(("warranty_until", text(Some(f.tx(key, f.day(&until))))));
    }
    out.push(("age", text(cells::age(f, d))));
    for (field, value) in [
        ("manufactured_on", d.manufactured_on),
        ("first_sold_on", d.first_sold_on),
        ("first_use_on", d.first_use_on),
        ("retired_on", d.retired_on),
        ("gone_on", d.gone_on),
    ] {
        if value.is_some() {
            out.push((field, day(value)));
        }
    }
    if d.exit_kind.is_some() {
        out.push((
            "exit_kind",
            word("exit_kind", d.exit_kind.map(|w| w.as_str())),
        ));
    }
    if let Some(grams) = d.weight_g {
        out.push(("weight_g", text(Some(f.whole(grams)))));
    }
    if let Some(n) = d.weee_category {
        out.push(("weee_category", text(Some(n.to_string()))));
    }
    if let Some(whole) = &d.part_of {
        out.push(("part_of", f.tag(whole)));
    }
    if let Some(excluded) = d.security_exclusion.as_ref().filter(|s| s.yes) {
        let why = excluded.reason.as_ref().map(|r| r.as_str().to_owned());
        let why = why.unwrap_or_else(|| f.t("common.yes").to_owned());
        out.push(("security_exclusion", text(Some(why))));
    }
    out.into_iter()
        .map(|(field, value)| (f.word("field", field), value))
        .collect()
}

fn acquired(f: &Frame, d: &DeviceView) -> Html {
    let parts: Vec<String> = d
        .acquired_on
        .map(|day| f.day(&day))
        .into_iter()
        .chain(
            d.condition
                .map(|c| f.word("condition", c.as_str()).to_lowercase()),
        )
        .collect();
    Html(if parts.is_empty() {
        format!("<span class=\"soft\">{}</span>", f.t("common.unknown"))
    } else {
        esc(&parts.join(", "))
    })
}

/// What it is known by elsewhere.
pub fn codes(f: &Frame, d: &DeviceView) -> Vec<(String, String)> {
    let mut out = vec![(f.word("field", "tag"), f.tag_text(&d.tag))];
    if let Some(serial) = &d.serial {
        out.push((f.word("code_kind", "serial"), serial.clone()));
    }
    out.extend(d.codes.iter().map(|code| {
        let kind = f.word("code_kind", code.kind.as_str());
        (kind, code.value.as_str().to_owned())
    }));
    out
}

/// Custom fields by the labels of their definitions; what an import left without one by its own name.
pub fn custom(f: &Frame, dossier: &Dossier) -> Vec<(String, String)> {
    let shown = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Bool(yes) => f
            .t(if *yes { "common.yes" } else { "common.no" })
            .to_owned(),
        other => other.to_string(),
    };
    let mut out: Vec<(String, String)> = dossier
        .device
        .extra
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(key, value)| {
            (
                custom_label(f.lang, dossier.custom.get(key), key),
                shown(value),
            )
        })
        .collect();
    out.sort();
    out
}

/// What a custom field is called in a language.
pub fn custom_label(
    lang: Lang,
    field: Option<&crate::domain::custom_field::CustomField>,
    key: &str,
) -> String {
    let label = field.and_then(|field| {
        let own = match lang {
            Lang::Fr => field.label.fr.as_ref(),
            Lang::En => field.label.en.as_ref(),
        };
        own.or(field.name.as_ref())
    });
    label.map_or_else(|| key.to_owned(), |l| l.as_str().to_owned())
}

/// Whose it was, when it was more than one's.
pub fn owners(f: &Frame, dossier: &Dossier) -> Vec<(String, String)> {
    if dossier.owners.len() < 2 {
        return Vec::new();
    }
    dossier
        .owners
        .iter()
        .map(|owner| {
            let name = owner.name.clone();
            let name = name.unwrap_or_else(|| f.t("devices.other_owner").to_owned());
            let from = f.day(&owner.from);
            let span = match owner.to {
                None => f.tx("devices.owned_since", from),
                Some(to) => i18n::fill(
                    f.lang,
                    f.t("devices.owned"),
                    &[("from", Arg::text(from)), ("to", Arg::text(f.day(&to)))],
                ),
            };
            (name, span)
        })
        .collect()
}
