//! One device while it is being changed: its chain so far, the events to add, and what they add up to.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::app::actor::Actor;
use crate::app::lifecycle::command::{Command, Now};
use crate::app::permission::Right;
use crate::db::events::{Head, Private};
use crate::db::{Db, Scope, devices, events};
use crate::domain::catalogue::Catalogue;
use crate::domain::event::{Event, Fields};
use crate::domain::lifecycle::{Book, History, Illegal, replay};
use crate::domain::words::{Kind, Stage};
use crate::error::{Code, Error, Result};

/// Who changes devices, when, and by which reference tables.
#[derive(Clone)]
pub struct Context {
    /// Who.
    pub actor: Actor,
    /// Whose devices they reach.
    pub scope: Scope,
    /// When.
    pub now: Now,
    /// Categories and models.
    pub catalogue: Arc<Catalogue>,
    /// The import that writes, for its undo.
    pub import: Option<String>,
}

/// An event about to be recorded.
#[derive(Debug, Clone)]
pub struct Fresh {
    /// The event, numbered.
    pub event: Event,
    /// What is personal of it.
    pub private: Option<Private>,
    /// Position of the command it comes from.
    pub item: usize,
}

/// A device under its row lock.
pub struct Session {
    /// Its identity.
    pub device: devices::Device,
    /// Version and head of its chain, under lock.
    pub head: Head,
    /// Its chain.
    pub events: Vec<Event>,
    /// Events of devices it absorbed.
    pub foreign: Vec<Event>,
    /// What the chain adds up to, fresh events included.
    pub history: History,
    /// Events to append.
    pub fresh: Vec<Fresh>,
}

impl Session {
    /// Locks a device and replays its chain. `reference` is a tag or an id.
    ///
    /// # Errors
    /// `not_found` when it is absent or out of scope.
    pub fn open(db: &mut Db, cx: &Context, id: &str) -> Result<Session> {
        let head = events::lock(db, id)?;
        let device = devices::by_id(db, id)?.ok_or_else(Error::not_found)?;
        let events = events::of_device(db, id)?;
        Session::replayed(db, cx, device, head, events)
    }

    fn replayed(
        db: &mut Db,
        cx: &Context,
        device: devices::Device,
        head: Head,
        events: Vec<Event>,
    ) -> Result<Session> {
        let foreign = absorbed(db, &events)?;
        let history = history(&events, &foreign, &cx.catalogue).map_err(|illegal| {
            let id = &device.id;
            Error::internal(format!("device {id} does not replay: {}", illegal.detail))
        })?;
        if !history.books.iter().any(|b| cx.scope.holds(&b.org)) {
            return Err(Error::not_found());
        }
        Ok(Session {
            device,
            head,
            events,
            foreign,
            history,
            fresh: Vec::new(),
        })
    }

    /// The same without a lock: to judge what would happen, never to write.
    ///
    /// # Errors
    /// As [`Session::open`].
    pub fn peek(db: &mut Db, cx: &Context, id: &str) -> Result<Session> {
        let device = devices::by_id(db, id)?.ok_or_else(Error::not_found)?;
        let events = events::of_device(db, id)?;
        Session::replayed(db, cx, device, Head::new(), events)
    }

    /// A device that is being made: no events yet, so nothing to replay until the first is pushed.
    pub fn new(device: devices::Device) -> Session {
        let history = History {
            books: Vec::new(),
            current: 0,
            withdrawn: false,
            merged_into: None,
            voided: std::collections::BTreeMap::new(),
        };
        Session {
            device,
            head: Head::new(),
            events: Vec::new(),
            foreign: Vec::new(),
            history,
            fresh: Vec::new(),
        }
    }

    /// A device that does not exist yet, with its first commands judged, its gates asked, ready to be written.
    ///
    /// # Errors
    /// Any refusal of its events.
    pub fn of_new(
        db: &mut Db,
        cx: &Context,
        device: devices::Device,
        org: &str,
        commands: &[Command],
    ) -> Result<Session> {
        let mut session = Session::new(device);
        for (item, command) in commands.iter().enumerate() {
            if command.kind != Kind::Describe {
                cx.actor.must(Right::Event(command.kind))?;
            }
            let mut command = command.clone();
            super::references::resolve(db, cx, org, &mut command)?;
            session.push(
                cx,
                item,
                Place {
                    org: org.to_owned(),
                    book: 0,
                },
                &command,
            );
        }
        session.judge(db, cx)?;
        super::gate::check(db, cx, &session, &BTreeMap::new())?;
        Ok(session)
    }

    /// The book an event of this kind is written in.
    ///
    /// # Errors
    /// `forbidden` when the present owner is out of reach, `transition_refused` for a withdrawn device.
    pub fn book(&self, cx: &Context, kind: Kind) -> Result<&Book> {
        let owner = self.history.owner().ok_or_else(Error::not_found)?;
        if kind != Kind::Correct && (self.history.withdrawn || self.history.merged_into.is_some()) {
            let what = if self.history.withdrawn {
                "withdrawn"
            } else {
                "merged into another device"
            };
            let detail = format!("the device is {what}; `correct` the event that says so first");
            return Err(Error::new(Code::TransitionRefused, detail)
                .with("stage", Stage::Withdrawn.as_str())
                .with("next_events", Vec::<String>::new()));
        }
        let after_exit = matches!(kind, Kind::Prove | Kind::ConfirmTreatment | Kind::GiveBack);
        if after_exit && owner.state.stage != Stage::Gone {
            // The receiver gives back what a sister organisation handed over; the giver still proves its own exit.
            let needs_owner = kind == Kind::GiveBack && !cx.scope.holds(&owner.org);
            let mut gone = self
                .history
                .books
                .iter()
                .rev()
                .filter(|b| b.state.stage == Stage::Gone && b.index < owner.index);
            let book = gone.find(|b| kind == Kind::GiveBack || cx.scope.holds(&b.org));
            return match book {
                Some(_) if needs_owner => Err(Error::forbidden(
                    "a right in the organisation that holds the device now",
                )),
                Some(book) => Ok(book),
                None => self.owned(cx, owner),
            };
        }
        self.owned(cx, owner)
    }

    fn owned<'a>(&self, cx: &Context, owner: &'a Book) -> Result<&'a Book> {
        if cx.scope.holds(&owner.org) {
            Ok(owner)
        } else {
            Err(Error::forbidden(
                "a right in the organisation that holds the device now",
            ))
        }
    }

    /// Adds an event at the end of the chain.
    pub fn push(&mut self, cx: &Context, item: usize, place: Place, command: &Command) {
        let n = self.head.n + i64::try_from(self.fresh.len()).unwrap_or(0) + 1;
        let private = Private::seal(&command.private);
        let event = Event {
            id: crate::db::new_id(),
            device: self.device.id.clone(),
            n,
            kind: command.kind,
            on: command.on,
            at: command.at,
            t: command.place(cx.now),
            recorded_at: cx.now.instant,
            actor: cx.actor.id.clone(),
            org: place.org,
            book: place.book,
            import: cx.import.clone(),
            private: private.as_ref().map(Private::hash),
            fields: command.fields.clone(),
        };
        self.events.push(event.clone());
        self.fresh.push(Fresh {
            event,
            private,
            item,
        });
    }

    /// Replays with the fresh events.
    ///
    /// # Errors
    /// The refusal of a fresh event, or of a later one it would break, with the `item` it comes from.
    pub fn judge(&mut self, db: &mut Db, cx: &Context) -> Result<()> {
        if self.fresh.iter().any(|f| f.event.kind == Kind::Absorb) {
            self.foreign = absorbed(db, &self.events)?;
        }
        match history(&self.events, &self.foreign, &cx.catalogue) {
            Ok(history) => {
                self.history = history;
                Ok(())
            }
            Err(illegal) => Err(self.refusal(&illegal)),
        }
    }

    fn refusal(&self, illegal: &Illegal) -> Error {
        let sent: Vec<&str> = self.fresh.iter().map(|f| f.event.id.as_str()).collect();
        let item = self
            .fresh
            .iter()
            .find(|f| f.event.id == illegal.event)
            .or(self.fresh.first())
            .map(|f| f.item);
        illegal.refusal(&sent).with("item", item)
    }
}

/// Where an event is written.
#[derive(Debug, Clone)]
pub struct Place {
    /// Organisation id.
    pub org: String,
    /// Book index.
    pub book: i64,
}

impl From<&Book> for Place {
    fn from(book: &Book) -> Place {
        Place {
            org: book.org.clone(),
            book: book.index,
        }
    }
}

/// A command the house adds by itself to one that was asked: same day, same instant.
pub fn companion(of: &Command, device: &str, kind: Kind, fields: Fields) -> Command {
    Command {
        device: device.to_owned(),
        kind,
        on: of.on,
        at: of.at,
        fields,
        private: serde_json::Map::new(),
        key: None,
        sent: serde_json::Value::Null,
    }
}

/// Replays by the catalogue.
///
/// # Errors
/// The first event that is not legal.
pub fn history(
    events: &[Event],
    foreign: &[Event],
    catalogue: &Catalogue,
) -> std::result::Result<History, Box<Illegal>> {
    replay(events, foreign, &|category| catalogue.bears_data(category))
}

/// Events of the devices that these events absorb.
///
/// # Errors
/// Those of the store.
pub fn absorbed(db: &mut Db, events: &[Event]) -> Result<Vec<Event>> {
    let mut foreign = Vec::new();
    for loser in events
        .iter()
        .filter(|e| e.kind == Kind::Absorb)
        .filter_map(|e| e.fields.from.as_ref())
    {
        foreign.extend(events::of_device(db, loser.as_str())?);
    }
    Ok(foreign)
}
