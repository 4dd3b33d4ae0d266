//! What a row would change of a device that is known: described fields only. Stage, place and holder never move by
//! an import; where the file says otherwise, it is a conflict for people.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::references::{Named, References, category};
use super::report::Change;
use crate::app::devices::DeviceView;
use crate::domain::catalogue::Catalogue;
use crate::domain::model::maker_fold;
use crate::domain::text::fold;
use crate::domain::words::{CodeKind, Kind, Stage};
use crate::domain::{codes, tag};
use crate::exchange::draft::{Draft, Problem, Why, problem};
use crate::exchange::junk;

/// The difference between a row and a device.
#[derive(Debug, Default)]
pub struct Difference {
    /// Described fields to set; `model` holds an id, or is absent while the model is new (see `new_model`).
    pub set: Map<String, Value>,
    /// The row names a model that does not exist yet.
    pub new_model: bool,
    /// The same, for people.
    pub changes: Vec<Change>,
    /// What an import may not change.
    pub conflicts: Vec<Problem>,
}

struct Comparison<'a> {
    draft: &'a Draft,
    known: &'a DeviceView,
    out: Difference,
}

/// Compares a row with the device it means.
pub fn compare(
    draft: &Draft,
    known: &DeviceView,
    references: &References,
    catalogue: &Catalogue,
    key_of: &dyn Fn(&str) -> Option<String>,
) -> Difference {
    let mut c = Comparison {
        draft,
        known,
        out: Difference::default(),
    };
    c.text("name", draft.name.as_deref(), known.name.as_deref());
    if let Some(key) = category(catalogue, draft) {
        c.text("category", Some(&key), known.category.as_deref());
    }
    c.serial();
    c.model(references, catalogue, key_of);
    c.codes();
    c.described();
    c.extra();
    c.state();
    c.place(references, key_of);
    if matches!(known.stage, Stage::Gone | Stage::Withdrawn) {
        c.gone();
    }
    c.out
}

/// Equal up to the apostrophe that guards formulas, which reading takes off.
fn same_text(said: &str, known: &str) -> bool {
    let known = known.trim();
    said == known || known.strip_prefix('\'') == Some(said)
}

impl Comparison<'_> {
    fn set(&mut self, field: &str, before: Value, after: Value) {
        self.out.changes.push(Change {
            row: self.draft.line,
            device: self.known.tag.clone(),
            field: field.to_owned(),
            before,
            after,
            kept: false,
        });
    }
    fn text(&mut self, field: &str, said: Option<&str>, known: Option<&str>) {
        let Some(said) = said else { return };
        if known.is_some_and(|k| same_text(said, k)) {
            return;
        }
        self.set(field, json!(known), json!(said));
        self.out.set.insert(field.to_owned(), json!(said));
    }
    fn serial(&mut self) {
        let Some(said) = &self.draft.serial else {
            return;
        };
        let known = self.known.serial.as_deref();
        if known.is_some_and(|k| junk::normal(k) == junk::normal(said)) {
            return;
        }
        self.set("serial", json!(known), json!(said));
        self.out.set.insert("serial".into(), json!(said));
    }
    fn model(
        &mut self,
        references: &References,
        catalogue: &Catalogue,
        key_of: &dyn Fn(&str) -> Option<String>,
    ) {
        match references.model(catalogue, self.draft) {
            Named::Known(id) => {
                let key = key_of(&id);
                if key.is_some() && key == self.known.model {
                    return;
                }
                self.set("model", json!(self.known.model), json!(self.draft.model));
                self.out.set.insert("model".into(), json!(id));
            }
            Named::New => {
                self.set("model", json!(self.known.model), json!(self.draft.model));
                self.out.new_model = true;
            }
            Named::Nothing | Named::Unclear => {
                let Some(said) = &self.draft.manufacturer else {
                    return;
                };
                let known = self.known.manufacturer.as_deref();
                if self.known.model.is_none()
                    && known.is_none_or(|k| {
                        maker_fold(k) != maker_fold(&crate::domain::model::manufacturer(said))
                    })
                {
                    let said = crate::domain::model::manufacturer(said);
                    if known != Some(said.as_str()) {
                        self.set("manufacturer", json!(known), json!(said));
                        self.out.set.insert("manufacturer".into(), json!(said));
                    }
                }
            }
        }
    }
    /// Codes are added, never taken away.
    fn codes(&mut self) {
        let known = |kind: CodeKind, value: &str| {
            let fold = codes::fold(kind, value);
            // Its own tag is no code beside it.
            let own = kind == CodeKind::AssetTag && tag::fold(value) == tag::fold(&self.known.tag);
            own || self
                .known
                .codes
                .iter()
                .any(|c| c.kind == kind && codes::fold(kind, c.value.as_str()) == fold)
        };
        let new: Vec<_> = self
            .draft
            .codes
            .iter()
            .filter(|(kind, value)| !known(*kind, value))
            .collect();
        if new.is_empty() {
            return;
        }
        let before = json!(self.known.codes);
        let mut all = self
            .known
            .codes
            .iter()
            .map(|c| json!(c))
            .collect::<Vec<_>>();
        all.extend(
            new.iter()
                .map(|(kind, value)| json!({"kind": kind.as_str(), "value": value})),
        );
        self.set("codes", before, json!(all));
        self.out.set.insert("codes".into(), json!(all));
    }
    fn described(&mut self) {
        let Ok(Value::Object(known)) = serde_json::to_value(self.known) else {
            return;
        };
        for (field, said) in &self.draft.set {
            let before = known.get(field).unwrap_or(&Value::Null);
            if before == said {
                continue;
            }
            self.set(field, before.clone(), said.clone());
            self.out.set.insert(field.clone(), said.clone());
        }
        if let Some(whole) = &self.draft.part_of {
            let same =
                self.known.part_of.as_deref().is_some_and(|k| {
                    crate::domain::tag::fold(k) == crate::domain::tag::fold(whole)
                });
            if !same {
                self.set("part_of", json!(self.known.part_of), json!(whole));
                self.out.set.insert("part_of".into(), json!(whole));
            }
        }
    }
    fn extra(&mut self) {
        let mut patch = Map::new();
        for (key, said) in &self.draft.extra {
            let known = self.known.extra.get(key);
            let same = match (known, said) {
                (Some(Value::String(known)), Value::String(said)) => same_text(said, known),
                // A number or truth value is compared as it is written.
                (Some(known), Value::String(said)) => {
                    let written = known.to_string();
                    written == *said
                }
                (Some(known), said) => known == said,
                (None, _) => false,
            };
            if !same {
                let before = known.cloned().unwrap_or(Value::Null);
                self.set(&format!("extra.{key}"), before, said.clone());
                patch.insert(key.clone(), said.clone());
            }
        }
        if !patch.is_empty() {
            self.out.set.insert("extra".into(), Value::Object(patch));
        }
    }

    fn conflict(&mut self, field: &str, why: Why, values: Map<String, Value>) {
        let mut all = problem::values([
            ("field", field.into()),
            ("device", self.known.tag.as_str().into()),
        ]);
        all.extend(values);
        let column = Some(field.to_owned());
        let problem = Problem::new(self.draft.line, column, why, all);
        self.out.conflicts.push(problem);
    }
    /// The file says another state than the ledger; `by` are the events that would bring the device there.
    fn moved<T: Serialize + PartialEq>(
        &mut self,
        field: &str,
        said: Option<T>,
        known: Option<T>,
        by: &[Kind],
    ) {
        let Some(said) = said.filter(|said| known.as_ref() != Some(said)) else {
            return;
        };
        let why = if by.is_empty() {
            Why::MovesStage
        } else {
            Why::Moves
        };
        let values = [
            ("kinds", json!(by)),
            ("here", json!(known)),
            ("said", json!(said)),
        ];
        self.conflict(field, why, problem::values(values));
    }
    fn state(&mut self) {
        let (d, known) = (self.draft, self.known);
        self.moved("stage", d.stage, Some(known.stage), &[]);
        self.moved("data", d.data, Some(known.data), &[Kind::Wipe]);
        let seen = [Kind::Find, Kind::MarkMissing, Kind::ReportStolen];
        self.moved("presence", d.presence, Some(known.presence), &seen);
        self.moved(
            "retired_on",
            d.retired_on,
            known.retired_on,
            &[Kind::Retire],
        );
        self.moved("gone_on", d.gone_on, known.gone_on, &[Kind::HandOver]);
        let exits = [Kind::Orient, Kind::HandOver];
        self.moved("exit_kind", d.exit_kind, known.exit_kind, &exits);
    }
    /// Whatever differs on a device that has left is for people: it is no longer ours to describe.
    fn gone(&mut self) {
        self.out.set.clear();
        self.out.new_model = false;
        let scalar = |v: &Value| !v.is_array() && !v.is_object();
        let mut cells = Vec::new();
        for change in std::mem::take(&mut self.out.changes) {
            let mut values = Map::new();
            if scalar(&change.before) && scalar(&change.after) {
                values.insert("here".into(), change.before);
                values.insert("said".into(), change.after);
            }
            cells.push((change.field, values));
        }
        for problem in std::mem::take(&mut self.out.conflicts) {
            let mut values = problem.values;
            values.remove("kinds");
            cells.push((problem.column.unwrap_or_default(), values));
        }
        for (field, mut values) in cells {
            let why = match (self.known.stage, self.known.gone_on) {
                (Stage::Withdrawn, _) => Why::NoMore,
                (_, Some(on)) => {
                    values.insert("on".into(), json!(on));
                    Why::Gone
                }
                (_, None) => Why::GoneUndated,
            };
            self.conflict(&field, why, values);
        }
    }
    fn place(&mut self, references: &References, key_of: &dyn Fn(&str) -> Option<String>) {
        let by = |kind: Kind| problem::values([("kinds", json!([kind]))]);
        let key = |named: Named| match named {
            Named::Nothing | Named::Unclear => None,
            Named::Known(id) => Some(key_of(&id)),
            Named::New => Some(None),
        };
        if key(references.site(self.draft)).is_some_and(|k| k.is_none() || k != self.known.site) {
            self.conflict("site", Why::Moves, by(Kind::Move));
        }
        let holder = references.person(self.draft.holder.as_ref());
        if key(holder).is_some_and(|k| k.is_none() || k != self.known.holder) {
            self.conflict("holder", Why::Moves, by(Kind::Allocate));
        }
        if let Some(said) = &self.draft.service {
            let known = self.known.service.as_deref().unwrap_or_default();
            if fold(said) != fold(known) && !same_text(said, known) {
                self.conflict("service", Why::Moves, by(Kind::Allocate));
            }
        }
    }
}
