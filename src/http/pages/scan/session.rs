//! What a scanning session remembers between two readings. It travels in the page, signed; nothing of it is kept
//! here, and nothing is written to the ledger before somebody says so.

use serde::{Deserialize, Serialize};

use crate::app::{Actor, App, cursor};
use crate::domain::words::Kind;
use crate::error::Result;

/// Most readings of one session.
pub const MOST: usize = 200;

/// What is done with what is read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Nothing: what is it, where should it be.
    #[default]
    Look,
    /// To a person, a service or a place.
    Allocate,
    /// To another place.
    Move,
    /// Back to stock.
    Deallocate,
    /// It was seen.
    Audit,
}

impl Act {
    /// In the order of the select.
    pub const ALL: [Act; 5] = [
        Act::Look,
        Act::Audit,
        Act::Move,
        Act::Allocate,
        Act::Deallocate,
    ];
    /// The event written; none for looking.
    pub fn kind(self) -> Option<Kind> {
        match self {
            Act::Look => None,
            Act::Allocate => Some(Kind::Allocate),
            Act::Move => Some(Kind::Move),
            Act::Deallocate => Some(Kind::Deallocate),
            Act::Audit => Some(Kind::Audit),
        }
    }
    /// Its word in forms: that of its event, or `look`.
    pub fn word(self) -> &'static str {
        self.kind().map_or("look", Kind::as_str)
    }
    /// The act of a word; looking where there is none.
    pub fn of(word: &str) -> Act {
        Act::ALL
            .into_iter()
            .find(|act| act.word() == word)
            .unwrap_or_default()
    }
}

/// What holds for every reading, chosen once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Context {
    /// What is done.
    #[serde(rename = "a")]
    pub act: Act,
    /// Key of the person.
    #[serde(rename = "h", default, skip_serializing_if = "String::is_empty")]
    pub holder: String,
    /// Service.
    #[serde(rename = "v", default, skip_serializing_if = "String::is_empty")]
    pub service: String,
    /// Key of the site.
    #[serde(rename = "s", default, skip_serializing_if = "String::is_empty")]
    pub site: String,
    /// Note of every event.
    #[serde(rename = "n", default, skip_serializing_if = "String::is_empty")]
    pub note: String,
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
    /// Why it was not written.
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
