//! Replay: events in, state and facts out. The projection in the database is nothing but this, kept.

use crate::domain::day::Day;
use crate::domain::described::Described;
use crate::domain::event::Event;
use crate::domain::facts::{Facts, Spell};
use crate::domain::words::{Kind, Stage};
use crate::error::Code;

use super::media::Media;
use super::order::{self, Active};
use super::state::State;
use super::{Book, History, Illegal, describe, step};

/// Whether a category bears data; the one thing a replay asks of the reference tables.
pub type Bears<'a> = &'a dyn Fn(Option<&str>) -> bool;

/// Replays the whole chain of one device, `events` in the order of recording. `foreign` are the events of
/// devices it absorbed.
///
/// # Errors
/// The first event that is not legal where it stands.
pub fn replay(
    events: &[Event],
    foreign: &[Event],
    bears: Bears<'_>,
) -> Result<History, Box<Illegal>> {
    let active = order::active(events)?;
    let counted = &active.events;
    let kept = kept(&active, foreign);
    let last = events.iter().map(|e| e.book).max().unwrap_or(0);
    let mut books: Vec<Book> = Vec::new();
    for index in 0..=last {
        let mut own: Vec<&Event> = counted
            .iter()
            .copied()
            .filter(|e| e.book == index)
            .collect();
        if index > 0 && own.is_empty() {
            continue; // the transfer that opened it was voided
        }
        own.extend(
            kept.iter()
                .filter(|(book, e)| {
                    *book == index && !e.kind.is_opening() && e.kind != Kind::Describe
                })
                .map(|(_, e)| e),
        );
        let before = books
            .iter()
            .rev()
            .find(|b| b.index < index)
            .map(|b| b.state.media.clone());
        let described = describe::of_book(index, &kept, counted);
        let bears_data = described
            .bears_data
            .unwrap_or_else(|| bears(described.category.as_ref().map(|c| c.as_str())));
        let Some(book) = replay_book(index, &own, events, bears_data, before)? else {
            continue;
        };
        books.push(Book {
            described,
            bears_data,
            ..book
        });
    }
    if let (true, Some(last)) = (books.is_empty(), events.last()) {
        let why = "an opening is voided only together with its replacement, in one atomic batch; a device created in error is withdrawn";
        return Err(Illegal::field(last, Code::InvalidValue, "event", why));
    }
    close_given_back(&mut books, counted);
    let received = counted
        .iter()
        .find(|e| e.kind == Kind::Receive && e.book == 0)
        .map(|e| e.on);
    for book in &mut books {
        let first_use = first_use(counted, &book.described);
        complete(
            &mut book.facts,
            &book.described,
            book.bears_data,
            first_use,
            received,
        );
        // The `receive` of a transfer stands right after its `hand_over`.
        book.facts.received_from = events
            .iter()
            .find(|e| book.index > 0 && e.n + 1 == book.from_n)
            .map(|e| e.org.clone());
    }
    let current = current(&books);
    Ok(History {
        withdrawn: active.withdrawn,
        merged_into: active.merged_into,
        books,
        current,
        voided: active.voided,
    })
}

/// Events of the losers that the merges keep.
fn kept<'a>(active: &Active<'_>, foreign: &'a [Event]) -> Vec<(i64, &'a Event)> {
    let of = |e: &Event| {
        active
            .absorbed
            .iter()
            .find(|(_, kept)| kept.contains(&e.id))
            .map(|(absorb, _)| absorb.book)
    };
    foreign
        .iter()
        .filter_map(|e| of(e).map(|book| (book, e)))
        .collect()
}

fn replay_book(
    index: i64,
    own: &[&Event],
    all: &[Event],
    bears: bool,
    before: Option<Media>,
) -> Result<Option<Book>, Box<Illegal>> {
    let Some(opening) = order::opening(own) else {
        let Some(first) = own.first() else {
            return Ok(None);
        };
        return Err(Illegal::transition(
            first,
            None,
            Vec::new(),
            "the history of a device opens with adopt, order or receive".into(),
        ));
    };
    let opened_on = if opening.kind == Kind::Adopt || index > 0 {
        opening.on
    } else {
        own.iter().map(|e| e.on).min().unwrap_or(opening.on)
    };
    let (mut state, mut facts) = open(opening, index, bears, before, opened_on);
    let mut spells = Spells::new(opened_on, &state);
    for event in order::after_opening(own, opening) {
        if event.on < opened_on {
            let why = format!(
                "nothing is dated before {opened_on}, the day these books were opened; void and replace the opening to go back further"
            );
            return Err(Illegal::field(event, Code::InvalidValue, "on", &why));
        }
        let stage = state.stage;
        if let Err(refused) = step::apply(&mut state, &mut facts, event) {
            let open = facts.repairs.iter().any(|r| r.closed_on.is_none());
            return Err(Illegal::refused(
                event,
                stage,
                state.next_events(open),
                refused,
            ));
        }
        spells.day(event.on, &state);
    }
    facts.spells = spells.done();
    let from_n = if index == 0 { 1 } else { opening.n };
    let org = opening.org.clone();
    let last_n = all
        .iter()
        .filter(|e| e.book == index)
        .map(|e| e.n)
        .max()
        .unwrap_or(from_n);
    Ok(Some(Book {
        index,
        org,
        from_n,
        last_n,
        opened_on,
        closed_on: None,
        described: Described::default(),
        bears_data: bears,
        state,
        facts,
    }))
}

fn open(
    opening: &Event,
    index: i64,
    bears: bool,
    before: Option<Media>,
    opened_on: Day,
) -> (State, Facts) {
    if opening.kind == Kind::Adopt {
        return step::adopted(opening, bears);
    }
    // A transfer between two organisations does not touch the media: their state goes over with the device.
    let media = before
        .filter(|_| index > 0)
        .unwrap_or_else(|| Media::opened(bears));
    let stage = if opening.kind == Kind::Order {
        Stage::Ordered
    } else {
        Stage::InStock
    };
    let mut state = State::new(stage, media);
    state.tenure = describe::tenure(opening);
    state.site = opening.fields.site.as_ref().map(|t| t.as_str().to_owned());
    state.stage_since = Some(opened_on);
    (state, Facts::default())
}

/// A give-back by the receiver ends its interval and reopens the giver's.
fn close_given_back(books: &mut [Book], counted: &[&Event]) {
    let mut closings: Vec<(i64, Day)> = Vec::new();
    for book in books.iter() {
        for exit in book
            .facts
            .exits
            .iter()
            .filter(|x| x.to_organisation.is_some())
        {
            let n = counted.iter().find(|e| e.id == exit.event).map(|e| e.n);
            let opened = n.and_then(|n| {
                counted
                    .iter()
                    .find(|e| e.kind == Kind::Receive && e.book > book.index && e.n == n + 1)
            });
            if let (Some(opened), Some(day)) = (opened, exit.given_back_on) {
                closings.push((opened.book, day));
            }
        }
    }
    for (index, day) in closings {
        if let Some(book) = books.iter_mut().find(|b| b.index == index) {
            book.closed_on = Some(day);
            book.facts.spells.retain(|s| s.from < day);
            if let Some(last) = book.facts.spells.last_mut() {
                last.to = Some(last.to.map_or(day, |to| to.min(day)));
            }
        }
    }
}

/// Position of the present owner's book: the last one that is open.
fn current(books: &[Book]) -> usize {
    books
        .iter()
        .rposition(|b| b.closed_on.is_none())
        .unwrap_or(0)
}

/// First `allocate`; an adopted device has an earlier life nobody recorded, unless it was adopted as ordered.
fn first_use(counted: &[&Event], described: &Described) -> Option<Day> {
    let adopted = counted
        .iter()
        .any(|e| e.kind == Kind::Adopt && e.fields.stage != Some(Stage::Ordered));
    let allocated = || {
        counted
            .iter()
            .filter(|e| e.kind == Kind::Allocate)
            .map(|e| e.on)
            .min()
    };
    if adopted {
        described.first_use_on
    } else {
        allocated().or(described.first_use_on)
    }
}

fn complete(
    facts: &mut Facts,
    d: &Described,
    bears_data: bool,
    first_use: Option<Day>,
    received: Option<Day>,
) {
    let text = |v: &Option<crate::domain::text::Line>| v.as_ref().map(|t| t.as_str().to_owned());
    facts.category = text(&d.category);
    facts.model = text(&d.model);
    facts.weee_category = d.weee_category;
    facts.bears_data = bears_data;
    facts.security_excluded = d.security_exclusion.as_ref().is_some_and(|s| s.yes);
    facts.manufactured_on = d.manufactured_on;
    facts.first_sold_on = d.first_sold_on;
    facts.acquired_on = d.acquired_on.or(received);
    facts.acquisition = d.acquisition;
    facts.condition = d.condition;
    facts.first_use_on = first_use;
    facts.weight_g = d.weight_g;
    let named = d.name.is_some() || d.model.is_some();
    let coded = d.serial.is_some() || !d.codes.is_empty();
    facts.identified = named
        && coded
        && d.category
            .as_ref()
            .is_some_and(|c| c.as_str() != "other_it");
}

/// Builds the spells: the state at the end of each day on which something happened.
struct Spells {
    done: Vec<Spell>,
}

impl Spells {
    fn new(opened_on: Day, state: &State) -> Spells {
        Spells {
            done: vec![spell(opened_on, state)],
        }
    }
    fn day(&mut self, on: Day, state: &State) {
        let next = spell(on, state);
        if let Some(last) = self.done.last_mut() {
            if last.from == on {
                *last = next;
            } else if !same(last, &next) {
                last.to = Some(on);
                self.done.push(next);
            }
        }
        // Two changes on one day may bring back the state of the day before.
        if let [.., a, b] = self.done.as_slice()
            && same(a, b)
        {
            self.done.pop();
            if let Some(last) = self.done.last_mut() {
                last.to = None;
            }
        }
    }
    fn done(self) -> Vec<Spell> {
        self.done
    }
}

fn same(a: &Spell, b: &Spell) -> bool {
    let neutral = |s: &Spell| Spell {
        from: Day::first_of(2000),
        to: None,
        ..s.clone()
    };
    neutral(a) == neutral(b)
}

fn spell(from: Day, state: &State) -> Spell {
    Spell {
        from,
        to: None,
        stage: state.stage,
        data: state.media.state(),
        presence: state.presence,
        retired: state.retired,
        retired_on: state.retired_on,
        site: state.site.clone(),
        service: state.service.clone(),
        holder: state.holder.clone(),
        tenure: state.tenure,
        part_of: state.part_of.clone(),
        stage_since: state.stage_since,
    }
}
