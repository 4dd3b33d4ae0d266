//! Person: who holds a device; never a login. Everything in it is personal and can be erased; the key says nothing.

use serde::{Deserialize, Serialize};

use super::entry::{Context, EntryKind, Record};
use super::text::Line;
use crate::error::{Error, Result};

/// One person.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Person {
    /// Name; absent once erased.
    pub name: Option<Line>,
    /// Service the person works for.
    pub service: Option<Line>,
    /// Key in another system (login, staff number).
    pub external_id: Option<Line>,
    /// The name was deleted on request.
    pub erased: bool,
}

impl Person {
    /// What is left of a person after an erasure.
    pub fn erased() -> Person {
        Person {
            erased: true,
            ..Person::default()
        }
    }
}

impl Record for Person {
    const KIND: EntryKind = EntryKind::Person;
    const INTERNAL: &'static [&'static str] = &["erased"];

    fn name(&self) -> String {
        self.name
            .as_ref()
            .map(|n| n.as_str().to_owned())
            .unwrap_or_default()
    }
    fn complete(&mut self, _: &Context<'_>) -> Result<()> {
        if self.erased && *self != Person::erased() {
            return Err(Error::invalid(
                "name",
                "this person was erased and stays so; create another one",
            ));
        }
        if !self.erased && self.name.is_none() {
            return Err(Error::missing("name"));
        }
        Ok(())
    }
}
