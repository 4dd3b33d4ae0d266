//! From a judged row to a device ready to be written: one `adopt`, one `describe`, replayed outside the write lock.

use serde_json::{Map, Value, json};

use super::references::{Named, References};
use crate::app::lifecycle::{Command, Context, Place, Session, new_device};
use crate::db::books::NewDevice;
use crate::db::{Db, devices, new_id};
use crate::domain::event::Fields;
use crate::domain::lifecycle::fields;
use crate::domain::tag::Tag;
use crate::domain::words::{Kind, Stage};
use crate::error::Result;
use crate::exchange::draft::{Draft, Problem, Why};

/// A new device from a row.
///
/// # Errors
/// The refusal of its events, in words for the row.
pub fn device(
    db: &mut Db,
    cx: &Context,
    references: &References,
    draft: &Draft,
    category: &str,
    part_of: Option<&str>,
    problems: &mut Vec<Problem>,
) -> Result<NewDevice> {
    let tag = match &draft.tag {
        Some(given) => Tag::parse_given(given)
            .map_err(|e| crate::error::Error::invalid("tag", e))?
            .into_string(),
        None => Tag::random(rand::random()).into_string(),
    };
    let id = new_id();
    let adopt = adopt(cx, references, draft, &id, problems)?;
    let set = described(cx, references, draft, category, part_of);
    fields::read_set(&set)?;
    let describe = Command {
        device: id.clone(),
        kind: Kind::Describe,
        on: cx.now.today,
        at: None,
        fields: Fields {
            set: Some(set),
            ..Fields::default()
        },
        private: Map::new(),
        key: None,
        sent: Value::Null,
    };
    let mut session = Session::new(devices::Device {
        id,
        tag,
        created_at: cx.now.instant.naive_utc(),
    });
    let place = Place {
        org: references.org.clone(),
        book: 0,
    };
    session.push(cx, 0, place.clone(), &adopt);
    session.push(cx, 1, place, &describe);
    session.judge(db, cx)?;
    new_device(cx, session)
}

fn adopt(
    cx: &Context,
    references: &References,
    draft: &Draft,
    id: &str,
    problems: &mut Vec<Problem>,
) -> Result<Command> {
    let stage = draft.opening();
    let mut map = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            map.insert(name.to_owned(), value);
        }
    };
    put("kind", Some(json!("adopt")));
    put("on", Some(json!(cx.now.today.to_string())));
    put("stage", Some(json!(stage.as_str())));
    put("data", draft.data.map(|d| json!(d.as_str())));
    put("presence", draft.presence.map(|p| json!(p.as_str())));
    put("service", draft.service.as_ref().map(|s| json!(s)));
    put("note", draft.note.as_ref().map(|n| json!(n)));
    let past = |day: crate::domain::day::Day| (day <= cx.now.today).then(|| json!(day.to_string()));
    put("retired_on", draft.retired_on.and_then(past));
    if matches!(stage, Stage::Gone | Stage::Oriented) {
        put("exit_kind", draft.exit_kind.map(|k| json!(k.as_str())));
    }
    if stage == Stage::Gone {
        put("gone_on", draft.gone_on.and_then(past));
    }
    if let Named::Known(site) = references.site(draft) {
        put("site", Some(json!(site)));
    }
    match references.person(draft.holder.as_ref()) {
        Named::Known(person) => put("holder", Some(json!(person))),
        Named::Nothing => {}
        Named::New | Named::Unclear => {
            let column = Some("holder".to_owned());
            problems.push(Problem::new(
                draft.line,
                column,
                Why::HolderUnknown,
                Map::new(),
            ));
        }
    }
    Command::read(map, Some(id), cx.now)
}

/// The described fields of a new device.
fn described(
    cx: &Context,
    references: &References,
    draft: &Draft,
    category: &str,
    part_of: Option<&str>,
) -> Map<String, Value> {
    let mut set = draft.set.clone();
    set.insert("category".into(), json!(category));
    if let Some(name) = &draft.name {
        set.insert("name".into(), json!(name));
    }
    if let Some(serial) = &draft.serial {
        set.insert("serial".into(), json!(serial));
    }
    match references.model(&cx.catalogue, draft) {
        Named::Known(model) => {
            set.insert("model".into(), json!(model));
        }
        _ => {
            if let Some(maker) = &draft.manufacturer {
                let maker = crate::domain::model::manufacturer(maker);
                set.insert("manufacturer".into(), json!(maker));
            }
        }
    }
    if !draft.codes.is_empty() {
        let codes: Vec<Value> = draft
            .codes
            .iter()
            .map(|(kind, value)| json!({"kind": kind.as_str(), "value": value}))
            .collect();
        set.insert("codes".into(), Value::Array(codes));
    }
    if !draft.extra.is_empty() {
        set.insert("extra".into(), Value::Object(draft.extra.clone()));
    }
    if let Some(whole) = part_of {
        set.insert("part_of".into(), json!(whole));
    }
    set
}
