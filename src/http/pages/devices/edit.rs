//! The description of a device: what it is, not what happens to it. The form carries the version it was opened with,
//! so that the second of two people is told.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::pick::Pick;
use super::record::custom_label;
use crate::app::choices::{self, Choice};
use crate::app::devices::{self, DeviceView};
use crate::domain::custom_field::{CustomField, FieldType};
use crate::domain::entry::EntryKind;
use crate::domain::words::{Acquisition, CodeKind, Condition, Kind, Tenure};
use crate::http::pages::form::lines;
use crate::http::pages::prelude::*;

/// Routes of this file.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(open).service(save);
}

/// What the choices of the form are made of.
#[derive(Default)]
pub struct Lists {
    /// Categories.
    pub categories: Vec<Choice>,
    /// Models.
    pub models: Vec<Choice>,
}

/// Most models offered.
const MOST: i64 = 1000;

/// The lists of the form.
///
/// # Errors
/// Those of the store.
pub fn lists(app: &App, actor: &Actor, french: bool) -> Result<Lists> {
    Ok(Lists {
        categories: choices::categories(app, french)?,
        models: choices::of(app, actor, EntryKind::Model, MOST)?,
    })
}

/// Fields that are the same for every device of a series, or of a selection.
pub const SHARED: &[(&str, As)] = &[
    ("category", As::Patch),
    ("manufacturer", As::Patch),
    ("acquisition", As::Patch),
    ("condition", As::Patch),
    ("tenure", As::Patch),
    ("acquired_on", As::Patch),
    ("manufactured_on", As::Patch),
    ("first_sold_on", As::Patch),
    ("purchase_price_cents", As::PatchCents),
    ("warranty_until", As::Patch),
];

/// Fields of one device only.
const OWN: &[(&str, As)] = &[
    ("name", As::Patch),
    ("serial", As::Patch),
    ("first_use_on", As::Patch),
    ("weight_g", As::PatchWhole),
    ("weee_category", As::PatchWhole),
    ("part_of", As::Patch),
];

/// The control of a shared field.
pub fn shared(f: &Frame, fields: &Fields, name: &str, lists: &Lists) -> Html {
    let label = f.word("field", name);
    let words = |section: &str, words: Vec<&'static str>| {
        fields
            .select(name, &label, &choices(f, section, words))
            .first(f.t("devices.choose"))
            .optional()
    };
    let control = match name {
        "category" => {
            let all: Vec<(String, String)> = lists
                .categories
                .iter()
                .map(|c| (c.key.clone(), c.name.clone()))
                .collect();
            fields
                .select(name, &label, &all)
                .first(f.t("devices.choose"))
        }
        "model" => {
            return Pick {
                name,
                label: f.t("devices.model"),
                choices: &lists.models,
                others: ("", &[]),
                first: f.t("devices.choose"),
                hint: Some(f.t("devices.model_hint")),
                optional: true,
            }
            .control(fields);
        }
        "acquisition" => words(name, Acquisition::ALL.iter().map(|w| w.as_str()).collect()),
        "condition" => words(name, Condition::ALL.iter().map(|w| w.as_str()).collect()),
        "tenure" => words(name, Tenure::ALL.iter().map(|w| w.as_str()).collect()),
        "purchase_price_cents" => fields
            .number(name, &label)
            .optional()
            .hint(f.t("devices.price_hint")),
        "manufacturer" | "name" | "serial" => fields.text(name, &label).optional(),
        _ => fields.date(name, &label).optional(),
    };
    Html(control.to_string())
}

/// The controls for a selection: what is left empty stays as it is.
pub fn many(f: &Frame, fields: &Fields, lists: &Lists) -> Vec<Html> {
    let names = SHARED.iter().map(|(name, _)| *name);
    let names = names.filter(|name| *name != "manufacturer");
    std::iter::once("model")
        .chain(names)
        .map(|name| shared(f, fields, name, lists))
        .collect()
}

/// What a form says of the shared fields and the model.
///
/// # Errors
/// `invalid_value`, `unknown_reference`.
pub fn answers_many(app: &App, actor: &Actor, form: &Form) -> Result<Map<String, Value>> {
    let mut set = form.object(SHARED)?;
    set.extend(model(app, actor, form)?);
    Ok(set)
}

fn model(app: &App, actor: &Actor, form: &Form) -> Result<Option<(String, Value)>> {
    if form.fields.iter().all(|(name, _)| name != "model") {
        return Ok(None);
    }
    let typed = form.text("model");
    let value = if typed.is_empty() {
        Value::Null
    } else {
        Value::from(choices::meant(
            app,
            actor,
            EntryKind::Model,
            "model",
            typed,
        )?)
    };
    Ok(Some(("model".into(), value)))
}

#[derive(Template)]
#[template(path = "devices/edit.html")]
struct Edit {
    f: Frame,
    fields: Fields,
    tag: String,
    version: i64,
    now: Vec<(String, String)>,
    what: Vec<Html>,
    origin: Vec<Html>,
    extra: Vec<Html>,
}

struct Ground {
    device: DeviceView,
    lists: Lists,
    custom: HashMap<String, CustomField>,
    model: Option<String>,
}

fn ground(app: &App, actor: &Actor, tag: &str, french: bool) -> Result<Ground> {
    actor.must(Right::Event(Kind::Describe))?;
    let device = devices::get(app, actor, tag, None)?;
    let lists = lists(app, actor, french)?;
    let key = device.model.clone();
    let model = lists.models.iter().find(|c| Some(&c.key) == key.as_ref());
    let model = model.map(Choice::label).or(key);
    Ok(Ground {
        custom: devices::custom_fields(app, actor, &device.organisation)?,
        lists,
        model,
        device,
    })
}

/// The present values as the form writes them.
fn values(ground: &Ground) -> Vec<(String, String)> {
    let d = serde_json::to_value(&ground.device).unwrap_or_default();
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    let mut out: Vec<(String, String)> = SHARED
        .iter()
        .chain(OWN)
        .map(|(name, _)| {
            (
                (*name).to_owned(),
                d.get(*name).map(text).unwrap_or_default(),
            )
        })
        .collect();
    let price = ground.device.purchase_price_cents;
    let price = price.map(|c| format!("{},{:02}", c / 100, c % 100));
    out.retain(|(name, _)| name != "purchase_price_cents");
    out.push(("purchase_price_cents".into(), price.unwrap_or_default()));
    // A short list is chosen from by key, a long one typed by name.
    let model = if ground.lists.models.len() <= 60 {
        ground.device.model.clone()
    } else {
        ground.model.clone()
    };
    out.push(("model".into(), model.unwrap_or_default()));
    let codes = ground.device.codes.iter();
    let codes: Vec<String> = codes
        .map(|c| format!("{} {}", c.kind.as_str(), c.value.as_str()))
        .collect();
    out.push(("codes".into(), codes.join("\n")));
    let excluded = ground.device.security_exclusion.as_ref().filter(|s| s.yes);
    if let Some(excluded) = excluded {
        out.push(("excluded".into(), "1".into()));
        let reason = excluded.reason.as_ref().map(|r| r.as_str().to_owned());
        out.push(("excluded_reason".into(), reason.unwrap_or_default()));
    }
    for (key, value) in &ground.device.extra {
        out.push((format!("extra.{key}"), text(value)));
    }
    out
}

fn page(f: Frame, ground: &Ground, fields: Fields, now: Vec<(String, String)>) -> Edit {
    let shared = |name: &str| shared(&f, &fields, name, &ground.lists);
    let d = &ground.device;
    let label = |name: &str| f.word("field", name);
    let number = |name: &str| Html(fields.number(name, &label(name)).optional().to_string());
    let mut what: Vec<Html> = ["category", "model", "manufacturer", "name", "serial"]
        .iter()
        .map(|name| shared(name))
        .collect();
    what.push(Html(
        fields
            .area("codes", &label("codes"))
            .optional()
            .hint(f.t("devices.codes_hint"))
            .to_string(),
    ));
    what.push(number("weight_g"));
    what.push(Html(
        fields
            .number("weee_category", &label("weee_category"))
            .optional()
            .hint(f.t("devices.weee_hint"))
            .to_string(),
    ));
    what.push(Html(
        fields
            .text("part_of", &label("part_of"))
            .optional()
            .hint(f.t("devices.part_of_hint"))
            .to_string(),
    ));
    let mut origin: Vec<Html> = SHARED
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| !matches!(*name, "category" | "manufacturer"))
        .map(shared)
        .collect();
    origin.push(Html(
        fields
            .date("first_use_on", &label("first_use_on"))
            .optional()
            .to_string(),
    ));
    origin.push(Html(
        fields
            .tick("excluded", f.t("devices.excluded"))
            .hint(f.t("devices.excluded_hint"))
            .to_string(),
    ));
    origin.push(Html(
        fields
            .text("excluded_reason", f.t("devices.excluded_reason"))
            .optional()
            .to_string(),
    ));
    Edit {
        extra: extra(&f, &fields, ground),
        tag: d.tag.clone(),
        version: d.version,
        now,
        what,
        origin,
        fields,
        f,
    }
}

fn extra(f: &Frame, fields: &Fields, ground: &Ground) -> Vec<Html> {
    let mut keys: Vec<&String> = ground
        .custom
        .keys()
        .chain(ground.device.extra.keys())
        .collect();
    keys.sort();
    keys.dedup();
    keys.into_iter()
        .map(|key| {
            let field = ground.custom.get(key);
            let (name, label) = (format!("extra.{key}"), custom_label(f.lang, field, key));
            let control = match field.map(|field| (field.kind, field)) {
                Some((FieldType::Date, _)) => fields.date(&name, &label),
                Some((FieldType::Number, _)) => fields.number(&name, &label),
                Some((FieldType::Boolean, _)) => {
                    let yes = [("true", "common.yes"), ("false", "common.no")];
                    let yes: Vec<_> = yes.map(|(v, k)| (v.to_owned(), f.t(k).to_owned())).to_vec();
                    fields.select(&name, &label, &yes).first("–")
                }
                Some((FieldType::Choice, field)) => {
                    let pair = |c: &crate::domain::text::Line| {
                        (c.as_str().to_owned(), c.as_str().to_owned())
                    };
                    let all: Vec<_> = field.choices.iter().map(pair).collect();
                    fields.select(&name, &label, &all).first("–")
                }
                _ => fields.text(&name, &label),
            };
            Html(control.optional().to_string())
        })
        .collect()
}

/// The merge patch of a form: only what differs from the present is kept by the use case.
fn patch(app: &App, actor: &Actor, ground: &Ground, form: &Form) -> Result<Map<String, Value>> {
    let mut patch = answers_many(app, actor, form)?;
    patch.extend(form.object(OWN)?);
    // A device always has a category and a tenure.
    for field in ["category", "tenure"] {
        if patch.get(field).is_some_and(Value::is_null) {
            patch.remove(field);
        }
    }
    patch.insert("codes".into(), codes(form.text("codes"))?);
    let before = ground.device.security_exclusion.as_ref();
    let reason = form.text("excluded_reason");
    let excluded = if form.has("excluded") {
        let mut excluded = json!({"yes": true});
        if !reason.is_empty()
            && let Some(map) = excluded.as_object_mut()
        {
            map.insert("reason".into(), Value::from(reason));
        }
        Some(excluded)
    } else {
        before.filter(|s| s.yes).map(|_| Value::Null)
    };
    if let Some(excluded) = excluded {
        patch.insert("security_exclusion".into(), excluded);
    }
    let mut extra = Map::new();
    for (name, text) in &form.fields {
        let Some(key) = name.strip_prefix("extra.") else {
            continue;
        };
        let value = match (text.as_str(), ground.custom.get(key).map(|c| c.kind)) {
            ("", _) => Value::Null,
            (text, Some(FieldType::Number)) => text
                .replace(',', ".")
                .parse::<f64>()
                .ok()
                .and_then(serde_json::Number::from_f64)
                .map(
                    |n| match n.as_f64().filter(|x| x.fract() == 0.0 && x.abs() < 9e15) {
                        Some(_) => text.parse::<i64>().map_or(Value::Number(n), Value::from),
                        None => Value::Number(n),
                    },
                )
                .ok_or_else(|| Error::invalid(name, "this is a number"))?,
            ("true", Some(FieldType::Boolean)) => Value::Bool(true),
            ("false", Some(FieldType::Boolean)) => Value::Bool(false),
            // What an import left as it is stays as it is unless its words change.
            (text, None) => match ground.device.extra.get(key) {
                Some(present) if *present.to_string() == *text => present.clone(),
                _ => Value::from(text),
            },
            (text, _) => Value::from(text),
        };
        extra.insert(key.to_owned(), value);
    }
    if !extra.is_empty() {
        patch.insert("extra".into(), Value::Object(extra));
    }
    Ok(patch)
}

/// « uuid 4c4c-… », one a line; a line without a kind is an inventory number.
fn codes(text: &str) -> Result<Value> {
    let mut out = Vec::new();
    for line in lines(text) {
        let (kind, value) = match line.split_once(char::is_whitespace) {
            Some((kind, value)) if CodeKind::parse(kind).is_ok() => (kind, value.trim()),
            _ => (CodeKind::AssetTag.as_str(), line.as_str()),
        };
        out.push(json!({"kind": kind, "value": value}));
    }
    Ok(Value::Array(out))
}

/// The form.
#[get("/devices/{tag}/edit")]
async fn open(app: State, visitor: Visitor, tag: Path<String>) -> Answer {
    let f = visitor.frame("devices");
    let (actor, french) = (visitor.actor.clone(), f.lang == Lang::Fr);
    let ground = run(&app, move |app| ground(app, &actor, &tag, french)).await?;
    let fields = Fields::with(&f, values(&ground));
    visitor.show(&page(f, &ground, fields, Vec::new()))
}

/// Writes what differs as one `describe` event.
#[post("/devices/{tag}/edit")]
async fn save(app: State, visitor: Visitor, tag: Path<String>, form: Form) -> Answer {
    let f = visitor.frame("devices");
    let (actor, french) = (visitor.actor.clone(), f.lang == Lang::Fr);
    let (given, sent) = (tag.clone(), form.clone());
    let (ground, done) = run(&app, move |app| {
        let ground = ground(app, &actor, &given, french)?;
        let version = sent.text("version").parse().unwrap_or_default();
        let done = patch(app, &actor, &ground, &sent).and_then(|patch| {
            devices::patch(app, &actor, &given, Expected::OneOf(vec![version]), patch)
        });
        Ok((ground, done))
    })
    .await?;
    let to = format!("/devices/{}", url(&ground.device.tag));
    match done {
        Ok(after) if after.version == ground.device.version => {
            visitor.done(&to, f.t("common.unchanged"))
        }
        Ok(_) => visitor.done(&to, f.t("common.changed")),
        Err(error) if error.code == Code::Internal => Err(error),
        Err(error) => {
            let fields = super::questions::refused(&f, &form, &error);
            let now = if error.code == Code::Stale {
                differing(&f, &ground, &form)
            } else {
                Vec::new()
            };
            visitor.again(&page(f, &ground, fields, now))
        }
    }
}

/// What somebody else wrote meanwhile, or the form would change: field and present value.
fn differing(f: &Frame, ground: &Ground, form: &Form) -> Vec<(String, String)> {
    values(ground)
        .into_iter()
        .filter(|(name, value)| form.text(name) != value)
        .map(|(name, value)| {
            let label = match name.strip_prefix("extra.") {
                Some(key) => custom_label(f.lang, ground.custom.get(key), key),
                None => f.word("field", &name),
            };
            (label, value)
        })
        .collect()
}
