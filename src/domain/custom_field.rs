//! Custom field: what an organisation notes of its devices beyond the shape; kept in `extra` of the device.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::day::Day;
use super::entry::{Context, EntryKind, Record};
use super::text::Line;
use super::words::words;
use crate::error::{Error, Result};

words! {
    /// What a custom field holds.
    FieldType { Text = "text", Number = "number", Date = "date", Boolean = "boolean", Choice = "choice" }
}

/// Labels in both languages.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Labels {
    /// French.
    pub fr: Option<Line>,
    /// English.
    pub en: Option<Line>,
}

/// One definition; its key is the name inside `extra`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomField {
    /// Name; the label where one is missing.
    #[serde(default)]
    pub name: Option<Line>,
    /// Labels.
    #[serde(default)]
    pub label: Labels,
    /// Type of the value.
    #[serde(rename = "type")]
    pub kind: FieldType,
    /// Values of a choice.
    #[serde(default)]
    pub choices: Vec<Line>,
}

impl CustomField {
    /// Whether a value of `extra` fits this field.
    ///
    /// # Errors
    /// `invalid_value` naming `extra.KEY`.
    pub fn check(&self, key: &str, value: &Value) -> Result<()> {
        let fits = match (self.kind, value) {
            (_, Value::Null)
            | (FieldType::Text, Value::String(_))
            | (FieldType::Number, Value::Number(_))
            | (FieldType::Boolean, Value::Bool(_)) => true,
            (FieldType::Date, Value::String(text)) => Day::parse(text).is_ok(),
            (FieldType::Choice, Value::String(text)) => {
                self.choices.iter().any(|c| c.as_str() == text)
            }
            _ => false,
        };
        if fits {
            return Ok(());
        }
        let what = match self.kind {
            FieldType::Text => "a text".to_owned(),
            FieldType::Number => "a number".to_owned(),
            FieldType::Date => "a day written YYYY-MM-DD".to_owned(),
            FieldType::Boolean => "true or false".to_owned(),
            FieldType::Choice => format!(
                "one of: {}",
                self.choices
                    .iter()
                    .map(Line::as_str)
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
        };
        Err(Error::invalid(
            &format!("extra.{key}"),
            format!("`extra.{key}` must be {what}"),
        ))
    }
}

impl Record for CustomField {
    const KIND: EntryKind = EntryKind::CustomField;

    fn name(&self) -> String {
        self.name
            .as_ref()
            .or(self.label.fr.as_ref())
            .or(self.label.en.as_ref())
            .map(|l| l.as_str().to_owned())
            .unwrap_or_default()
    }
    fn complete(&mut self, context: &Context<'_>) -> Result<()> {
        if self.name().is_empty() {
            // Named by its key when nothing else is said.
            self.name = Line::parse(context.key).ok();
        }
        if (self.kind == FieldType::Choice) == self.choices.is_empty() {
            return Err(Error::invalid(
                "choices",
                "`choices` belong to the type choice, and are needed there",
            ));
        }
        Ok(())
    }
}
