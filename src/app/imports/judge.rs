//! What each row of a batch would do, found in a read snapshot: nothing is written here.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::compare::compare;
use super::life;
use super::references::{Named, References, category};
use super::report::Change;
use crate::app::identity::{Candidates, Match, sources};
use crate::app::lifecycle::Context;
use crate::app::{Actor, App};
use crate::db::Db;
use crate::domain::custom_field::FieldType;
use crate::domain::tag::Tag;
use crate::error::Result;
use crate::exchange::draft::{Draft, Problem, Why, problem};
use crate::exchange::numbers;

/// What a row would do.
#[derive(Debug, Clone)]
pub enum Verdict {
    /// Make devices, for these places among those the row stands for (sources; one empty for a row with codes).
    New {
        /// Sources of the devices to make.
        missing: Vec<Option<String>>,
        /// Devices the row made before.
        present: Vec<String>,
        /// Category key.
        category: String,
    },
    /// Nothing.
    Same(Vec<String>),
    /// Describe a device anew.
    Changed {
        /// Device id.
        device: String,
        /// Fields to set.
        set: Map<String, Value>,
        /// Its model has to be made first.
        new_model: bool,
        /// For people.
        changes: Vec<Change>,
    },
    /// Nothing, until a person decides.
    Conflict(Option<String>),
    /// Nothing: it cannot be read.
    Rejected,
}

/// A row, judged.
#[derive(Debug, Clone)]
pub struct Judged {
    /// What it says.
    pub draft: Draft,
    /// What could not be taken, and why.
    pub problems: Vec<Problem>,
    /// What it would do.
    pub verdict: Verdict,
}

impl Judged {
    /// The word for it in the row account.
    pub fn action(&self) -> &'static str {
        match &self.verdict {
            Verdict::New { present, .. } if present.is_empty() => "created",
            Verdict::New { .. } | Verdict::Changed { .. } => "changed",
            Verdict::Same(_) => "unchanged",
            Verdict::Conflict(_) => "conflict",
            Verdict::Rejected => "rejected",
        }
    }
}

/// Judges a batch of rows; gives the devices it looked at as well.
///
/// # Errors
/// Those of the store.
pub fn judge(
    app: &App,
    db: &mut Db,
    actor: &Actor,
    cx: &Context,
    references: &References,
    batch: Vec<(Draft, Vec<Problem>)>,
) -> Result<(Vec<Judged>, HashSet<String>)> {
    let drafts: Vec<&Draft> = batch.iter().map(|(d, _)| d).collect();
    let known = Candidates::look_up(app, db, actor, &references.org, &drafts)?;
    let mut keys = std::collections::HashMap::new();
    let mut out = Vec::with_capacity(batch.len());
    for (mut draft, mut problems) in batch {
        typed(references, &mut draft, &mut problems);
        for named in [
            references.site(&draft),
            references.person(draft.holder.as_ref()),
        ]
        .into_iter()
        .chain([references.model(&cx.catalogue, &draft)])
        {
            if let Named::Known(id) = named {
                let key = app.names.key(db, &id)?;
                keys.insert(id, key);
            }
        }
        let verdict = one(cx, references, &known, &keys, &draft, &mut problems);
        out.push(Judged {
            draft,
            problems,
            verdict,
        });
    }
    Ok((out, known.ids()))
}

fn one(
    cx: &Context,
    references: &References,
    known: &Candidates,
    keys: &std::collections::HashMap<String, String>,
    draft: &Draft,
    problems: &mut Vec<Problem>,
) -> Verdict {
    let mut tell = |column: Option<&str>, why: Why, values: Map<String, Value>| {
        let column = column.map(str::to_owned);
        problems.push(Problem::new(draft.line, column, why, values));
    };
    if let Some(tag) = &draft.tag
        && Tag::parse_given(tag).is_err()
    {
        let values = problem::values([("shown", problem::shown(tag))]);
        tell(Some("tag"), Why::TagForm, values);
        return Verdict::Rejected;
    }
    if draft.quantity > 1 {
        return several(cx, known, draft, problems);
    }
    match known.meant(draft, &references.org, &cx.scope) {
        Match::Taken => {
            tell(Some("tag"), Why::TagTaken, Map::new());
            Verdict::Rejected
        }
        Match::Contradiction(why, values, device) => {
            tell(None, why, values);
            Verdict::Conflict(device)
        }
        Match::Nobody => {
            let missing = match sources(draft).into_iter().next() {
                Some(source) => vec![Some(source)],
                None => vec![None],
            };
            problems.extend(life::of_new(draft));
            Verdict::New {
                missing,
                present: Vec::new(),
                category: category_or_other(cx, draft, problems),
            }
        }
        // What a merged record said was decided by whoever merged it: a file from before does not say it again.
        Match::Merged(id) => Verdict::Same(vec![id]),
        Match::One(id) => {
            let Some(view) = known.views.get(&id) else {
                tell(None, Why::OtherBooks, Map::new());
                return Verdict::Conflict(Some(id));
            };
            let key_of = |id: &str| keys.get(id).cloned();
            let difference = compare(draft, view, references, &cx.catalogue, &key_of);
            if !difference.conflicts.is_empty() {
                problems.extend(difference.conflicts);
                return Verdict::Conflict(Some(id));
            }
            if difference.set.is_empty() && !difference.new_model {
                return Verdict::Same(vec![id]);
            }
            problems.extend(life::of_known(draft, view, &difference.set));
            Verdict::Changed {
                device: id,
                set: difference.set,
                new_model: difference.new_model,
                changes: difference.changes,
            }
        }
    }
}

/// A row that stands for several devices makes those that are missing; the others are left as they are.
fn several(
    cx: &Context,
    known: &Candidates,
    draft: &Draft,
    problems: &mut Vec<Problem>,
) -> Verdict {
    let (mut missing, mut present) = (Vec::new(), Vec::new());
    for source in sources(draft) {
        match known.by_source(&source) {
            Some(id) => present.push(id.clone()),
            None => missing.push(Some(source)),
        }
    }
    if missing.is_empty() {
        return Verdict::Same(present);
    }
    problems.extend(life::of_new(draft));
    Verdict::New {
        missing,
        present,
        category: category_or_other(cx, draft, problems),
    }
}

/// An unknown category never rejects a row.
fn category_or_other(cx: &Context, draft: &Draft, problems: &mut Vec<Problem>) -> String {
    if let Some(key) = category(&cx.catalogue, draft) {
        return key;
    }
    let (why, values) = match draft.categories.first() {
        Some(word) => {
            let values = problem::values([("shown", problem::shown(word))]);
            (Why::CategoryUnknown, values)
        }
        None => (Why::CategoryNone, Map::new()),
    };
    let column = Some("category".to_owned());
    problems.push(Problem::new(draft.line, column, why, values));
    crate::domain::catalogue::OTHER.to_owned()
}

/// Brings custom fields to the types an organisation has given them.
fn typed(references: &References, draft: &mut Draft, problems: &mut Vec<Problem>) {
    if references.fields.is_empty() {
        return;
    }
    let line = draft.line;
    draft.extra.retain(|key, value| {
        let Some(field) = references.fields.get(key) else {
            return true;
        };
        let Some(text) = value.as_str() else {
            return true;
        };
        let typed = match field.kind {
            FieldType::Text | FieldType::Choice => Some(value.clone()),
            FieldType::Boolean => numbers::boolean(text).map(Value::from),
            FieldType::Number => {
                let point = text.trim().replace(',', ".");
                serde_json::from_str::<Value>(&point)
                    .ok()
                    .filter(Value::is_number)
            }
            FieldType::Date => crate::exchange::dates::parse(text, None)
                .ok()
                .flatten()
                .map(|day| Value::from(day.to_string())),
        };
        let fits = typed.filter(|v| field.check(key, v).is_ok());
        match fits {
            Some(typed) => {
                *value = typed;
                true
            }
            None => {
                let column = format!("extra.{key}");
                let kind = Value::from(field.kind.as_str());
                let values = problem::values([("field", column.as_str().into()), ("type", kind)]);
                problems.push(Problem::new(line, Some(column), Why::FieldType, values));
                false
            }
        }
    });
}
