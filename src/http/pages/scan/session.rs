//! What a scanning session remembers between two readings. It travels in the page, signed; nothing of it is kept
//! here, and nothing is written to the ledger before somebody says so.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::app::{Actor, App, cursor};
use crate::domain::scanning::Act;
use crate::error::Result;

/// Most readings of one session.
pub const MOST: usize = 200;

/// What holds for every reading, chosen once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Context {
    /// What is done.
    #[serde(rename = "a")]
    pub act: Act,
    /// Fields of its event: keys of sites and people, days, words, the note.
    #[serde(rename = "f", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
}

impl Default for Context {
    fn default() -> Context {
        Context {
            act: Act::Look,
            fields: BTreeMap::new(),
        }
    }
}

impl Context {
    /// A field; empty when it was not filled in.
    pub fn get(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }
    /// The fields as an event takes them.
    pub fn event(&self) -> Map<String, Value> {
        let value = |name: &str, text: &String| match name {
            "verified" => Value::Bool(true),
            _ => Value::from(text.clone()),
        };
        let fields = self.fields.iter();
        fields.map(|(n, t)| (n.clone(), value(n, t))).collect()
    }
}

/// One reading. Short names: the page carries up to [`MOST`] of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// As read.
    #[serde(rename = "c")]
    pub code: String,
    /// The device it means.
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// The devices it may mean, where it is more than one.
    #[serde(rename = "m", default, skip_serializing_if = "Vec::is_empty")]
    pub may_mean: Vec<String>,
    /// When, in seconds.
    #[serde(rename = "i")]
    pub at: i64,
    /// Had been read before.
    #[serde(rename = "d", default, skip_serializing_if = "is_false")]
    pub again: bool,
    /// What is seen elsewhere than expected stays here.
    #[serde(rename = "k", default, skip_serializing_if = "is_false")]
    pub keep: bool,
    /// Written to the ledger as this act.
    #[serde(rename = "w", default, skip_serializing_if = "Option::is_none")]
    pub written: Option<Act>,
    /// Why it was not written; it is kept to be settled.
    #[serde(rename = "r", default, skip_serializing_if = "String::is_empty")]
    pub refused: String,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
fn is_false(flag: &bool) -> bool {
    !*flag
}

/// The session.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// What holds for every reading.
    #[serde(rename = "x")]
    pub context: Context,
    /// Oldest first.
    #[serde(rename = "r")]
    pub readings: Vec<Reading>,
}

impl Session {
    /// The session of a hidden field; a new one when there is none, or it is not this account's.
    pub fn open(app: &App, actor: &Actor, sealed: &str) -> Session {
        cursor::open(app, &bound(actor), sealed).unwrap_or_default()
    }
    /// The hidden field.
    ///
    /// # Errors
    /// `internal`.
    pub fn seal(&self, app: &App, actor: &Actor) -> Result<String> {
        cursor::seal(app, &bound(actor), self)
    }
    /// Every tag that the readings name.
    pub fn tags(&self) -> Vec<String> {
        let one = |reading: &Reading| {
            reading
                .tag
                .clone()
                .into_iter()
                .chain(reading.may_mean.clone())
        };
        let mut tags: Vec<String> = self.readings.iter().flat_map(one).collect();
        tags.sort();
        tags.dedup();
        tags
    }
}

fn bound(actor: &Actor) -> String {
    format!("scan|{}", actor.id)
}
