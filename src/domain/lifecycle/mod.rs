//! The life of a device: which event may follow which, and what the events add up to.
//!
//! [`table`] is the stage table; [`fields`] reads the fields of an event as sent; [`replay`] folds the events of
//! a device into its [`History`]. Nothing else in the house decides what a device is.

pub mod describe;
pub mod fields;
pub mod media;
mod order;
mod replay;
mod state;
pub mod step;
pub mod table;

use std::collections::BTreeMap;

pub use media::Media;
pub use replay::{Bears, replay};
pub use state::State;

use crate::error::{Code, Error};

use super::day::Day;
use super::described::Described;
use super::event::Event;
use super::facts::Facts;
use super::words::{Kind, Stage};

/// What the events of a device add up to.
#[derive(Debug, Clone)]
pub struct History {
    /// Created in error: out of lists, totals, indicators, exports.
    pub withdrawn: bool,
    /// Device id of the winner of a merge.
    pub merged_into: Option<String>,
    /// Intervals of ownership, oldest first; a giver's stays open as `gone`.
    pub books: Vec<Book>,
    /// Position in `books` of the present owner's.
    pub current: usize,
    /// Voided event → the `correct` that voids it.
    pub voided: BTreeMap<String, String>,
}

impl History {
    /// The present owner's book.
    pub fn owner(&self) -> Option<&Book> {
        self.books.get(self.current)
    }
}

/// One interval of ownership.
#[derive(Debug, Clone)]
pub struct Book {
    /// 0, 1, 2 …
    pub index: i64,
    /// Organisation id.
    pub org: String,
    /// Position of the event that opened it.
    pub from_n: i64,
    /// Position of its last event.
    pub last_n: i64,
    /// First day.
    pub opened_on: Day,
    /// Day the receiver gave it back.
    pub closed_on: Option<Day>,
    /// Described fields as this owner may know them, the same for every day.
    pub described: Described,
    /// Bears data by its category or by its own override.
    pub bears_data: bool,
    /// State after its last event.
    pub state: State,
    /// What the indicators read.
    pub facts: Facts,
}

impl Book {
    /// Steps that are legal now.
    pub fn next_events(&self) -> Vec<Kind> {
        self.state
            .next_events(self.facts.repairs.iter().any(|r| r.closed_on.is_none()))
    }
}

/// An event that is not legal where it stands in the replay.
#[derive(Debug, Clone, PartialEq)]
pub struct Illegal {
    /// Its id.
    pub event: String,
    /// Its kind.
    pub kind: Kind,
    /// Its day.
    pub on: Day,
    /// The stage it met; absent when it met none.
    pub stage: Option<Stage>,
    /// What would have been legal.
    pub next_events: Vec<Kind>,
    /// Why, for programs.
    pub code: Code,
    /// The field at fault.
    pub field: Option<String>,
    /// Why, for people.
    pub detail: String,
}

impl Illegal {
    fn field(event: &Event, code: Code, field: &str, detail: &str) -> Box<Illegal> {
        let mut illegal = Illegal::transition(event, None, Vec::new(), detail.to_owned());
        illegal.code = code;
        illegal.field = Some(field.to_owned());
        illegal
    }
    fn transition(
        event: &Event,
        stage: Option<Stage>,
        next_events: Vec<Kind>,
        detail: String,
    ) -> Box<Illegal> {
        let (event, kind, on) = (event.id.clone(), event.kind, event.on);
        Box::new(Illegal {
            event,
            kind,
            on,
            stage,
            next_events,
            code: Code::TransitionRefused,
            field: None,
            detail,
        })
    }
    fn refused(
        event: &Event,
        stage: Stage,
        next_events: Vec<Kind>,
        refused: step::Refused,
    ) -> Box<Illegal> {
        let mut illegal = Illegal::transition(event, Some(stage), next_events, refused.detail);
        illegal.code = refused.code;
        illegal.field = refused.field.map(str::to_owned);
        illegal
    }
    /// The refusal as the caller sees it: of the event it sent (`sent` holds its id), or of a later one it would break.
    pub fn refusal(&self, sent: &[&str]) -> Error {
        if !sent.contains(&self.event.as_str()) {
            let detail = format!(
                "this would make `{}` of {} (event {}) impossible: {}; void that one first, or send both in one atomic batch",
                self.kind, self.on, self.event, self.detail
            );
            return Error::new(Code::BreaksLaterEvent, detail)
                .with("event", self.event.clone())
                .with("event_kind", self.kind.as_str())
                .with("event_on", self.on.to_string());
        }
        let mut error = Error::new(self.code, self.detail.clone());
        if let Some(field) = &self.field {
            error = error.with_field(field.clone());
        }
        if self.code == Code::TransitionRefused {
            let next: Vec<_> = self.next_events.iter().map(|k| k.as_str()).collect();
            error = error
                .with("stage", self.stage.map(|s| s.as_str()))
                .with("next_events", next);
        }
        error
    }
}
