//! What a row would change of a device that is known: described fields only. Stage, place and holder never move by
//! an import; where the file says otherwise, it is a conflict for people.

use serde_json::{Map, Value, json};

use super::references::{Named, References, category};
use super::report::Change;
use crate::app::devices::DeviceView;
use crate::domain::catalogue::Catalogue;
use crate::domain::codes;
use crate::domain::day::Day;
use crate::domain::model::maker_fold;
use crate::domain::text::fold;
use crate::domain::words::CodeKind;
use crate::exchange::draft::{Draft, Problem};
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
            self.known
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
                (Some(known), Value::String(said)) => {
                    *known == **said || known.to_string().as_str() == said.as_str()
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

    fn conflict(&mut self, field: &str, by: &str) {
        self.out.conflicts.push(Problem {
            row: self.draft.line,
            column: Some(field.to_owned()),
            code: "conflict".into(),
            message: format!(
                "`{field}` of {} is otherwise here, and an import moves nothing: record `{by}` if the file is right; nothing was written for this row",
                self.known.tag
            ),
        });
    }
    fn state(&mut self) {
        let d = self.draft;
        if d.stage.is_some_and(|s| s != self.known.stage) {
            self.conflict("stage", "the event of the stage table");
        }
        if d.data.is_some_and(|s| s != self.known.data) {
            self.conflict("data", "wipe");
        }
        if d.presence.is_some_and(|s| s != self.known.presence) {
            self.conflict("presence", "find, mark_missing or report_stolen");
        }
        let day = |said: Option<Day>, known: Option<Day>| said.is_some_and(|s| known != Some(s));
        if day(d.retired_on, self.known.retired_on) {
            self.conflict("retired_on", "retire");
        }
        if day(d.gone_on, self.known.gone_on) {
            self.conflict("gone_on", "hand_over");
        }
        if d.exit_kind.is_some_and(|k| self.known.exit_kind != Some(k)) {
            self.conflict("exit_kind", "orient or hand_over");
        }
    }
    fn place(&mut self, references: &References, key_of: &dyn Fn(&str) -> Option<String>) {
        let key = |named: Named| match named {
            Named::Nothing | Named::Unclear => None,
            Named::Known(id) => Some(key_of(&id)),
            Named::New => Some(None),
        };
        if key(references.site(self.draft)).is_some_and(|k| k.is_none() || k != self.known.site) {
            self.conflict("site", "move");
        }
        let holder = references.person(self.draft.holder.as_ref());
        if key(holder).is_some_and(|k| k.is_none() || k != self.known.holder) {
            self.conflict("holder", "allocate");
        }
        if let Some(said) = &self.draft.service {
            let known = self.known.service.as_deref().unwrap_or_default();
            if fold(said) != fold(known) && !same_text(said, known) {
                self.conflict("service", "allocate");
            }
        }
    }
}
