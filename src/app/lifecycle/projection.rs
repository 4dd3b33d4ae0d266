//! From the history to the rows that are read: books, codes, search terms.

use std::collections::{BTreeMap, BTreeSet};

use super::references::maker;
use crate::app::devices::view::State;
use crate::db::books::{self, Projection};
use crate::db::devices::Device;
use crate::domain::catalogue::Catalogue;
use crate::domain::codes::{self, FoldedCode};
use crate::domain::day::Instant;
use crate::domain::event::Event;
use crate::domain::lifecycle::{Book, History, media};
use crate::domain::text::fold;
use crate::domain::words::{Cause, Kind, Stage};
use crate::error::{Error, Result};
use crate::exchange::junk;

/// What the events of a device add up to, as rows.
///
/// # Errors
/// `internal` when the history has no book.
pub fn projection(
    device: &Device,
    events: &[Event],
    history: &History,
    catalogue: &Catalogue,
    updated_at: Instant,
) -> Result<Projection> {
    let owner = history
        .owner()
        .ok_or_else(|| Error::internal("a history without a book"))?;
    let codes = codes_of(history, owner, catalogue);
    let last_of = |org: &str| {
        history
            .books
            .iter()
            .rev()
            .find(|b| b.org == org)
            .map(|b| b.index)
    };
    let rows = history.books.iter().map(|book| {
        let shown = last_of(&book.org) == Some(book.index);
        row(
            device,
            events,
            history,
            book,
            catalogue,
            (book.index == owner.index, shown),
        )
    });
    Ok(Projection {
        device: device.id.clone(),
        tag: device.tag.clone(),
        org: owner.org.clone(),
        merged_into: history.merged_into.clone(),
        // Both are out of every list; what tells them apart is `merged_into`.
        withdrawn: history.withdrawn || history.merged_into.is_some(),
        updated_at,
        books: rows.collect::<Result<_>>()?,
        codes: codes
            .into_iter()
            .map(|c| books::Code {
                org: owner.org.clone(),
                kind: c.kind,
                value: c.value,
                fold: c.fold,
                unique_key: c.unique_key,
            })
            .collect(),
    })
}

fn codes_of(history: &History, owner: &Book, catalogue: &Catalogue) -> Vec<FoldedCode> {
    let live =
        !history.withdrawn && history.merged_into.is_none() && owner.state.stage != Stage::Gone;
    codes::of(
        &owner.described,
        maker(catalogue, &owner.described).as_deref(),
        live,
        junk::is_junk_code,
    )
}

fn row(
    device: &Device,
    events: &[Event],
    history: &History,
    book: &Book,
    catalogue: &Catalogue,
    (current, shown): (bool, bool),
) -> Result<books::Book> {
    let state = State::of(history, book);
    let d = &book.described;
    let text = |t: &Option<crate::domain::text::Line>| t.as_ref().map(|t| t.as_str().to_owned());
    let json = serde_json::to_string(&state).map_err(Error::internal)?;
    let next = history.books.iter().find(|b| b.index > book.index);
    let active = |e: &&Event| e.book == book.index && !history.voided.contains_key(&e.id);
    Ok(books::Book {
        book: book.index,
        org: book.org.clone(),
        current,
        shown,
        name: text(&d.name),
        category: text(&d.category),
        manufacturer: maker(catalogue, d),
        model: text(&d.model),
        serial: text(&d.serial),
        stage: state.stage,
        data: state.data,
        presence: state.presence,
        retired_on: state.retired_on,
        site: state.site,
        holder: state.holder,
        service: state.service,
        tenure: state.tenure,
        part_of: state.part_of,
        acquired_on: state.acquired_on,
        exit_kind: state.exit_kind,
        gone_on: state.gone_on,
        from_n: book.from_n,
        to_n: next.map(|n| n.from_n - 1),
        state: json,
        facts: book.facts.clone(),
        terms: terms(device, book, catalogue),
        wipes: events
            .iter()
            .filter(|e| e.kind == Kind::Wipe)
            .filter(active)
            .filter_map(wipe)
            .collect(),
        retired: retired(events.iter().filter(active), history, book),
        providers: providers(events.iter().filter(active), &book.facts),
    })
}

fn wipe(event: &Event) -> Option<books::Wipe> {
    let f = &event.fields;
    let text = |t: &Option<crate::domain::text::Line>| t.as_ref().map(|t| t.as_str().to_owned());
    Some(books::Wipe {
        event: event.id.clone(),
        wipe: text(&f.wipe),
        on: event.on,
        medium: text(&f.medium),
        method: f.method?,
        technique: text(&f.technique),
        tool: text(&f.tool),
        verified: f.verified == Some(true),
        evidence: text(&f.evidence),
    })
}

/// The réformes of a book that stand, and the proposal that waits for its decision.
fn retired<'a>(
    events: impl Iterator<Item = &'a Event>,
    history: &History,
    book: &Book,
) -> Vec<books::Retired> {
    if history.withdrawn || history.merged_into.is_some() {
        return Vec::new();
    }
    let mut steps: Vec<&Event> = events
        .filter(|e| {
            matches!(
                e.kind,
                Kind::ProposeRetirement | Kind::Retire | Kind::Reinstate
            )
        })
        .collect();
    steps.sort_by_key(|e| (e.t, e.n));
    let waits = !book.state.retired
        && matches!(
            book.state.stage,
            Stage::InStock | Stage::InUse | Stage::InRepair | Stage::Refurbishing
        );
    let last = steps.last().map(|e| e.id.as_str());
    let kept = steps.iter().filter(|e| match e.kind {
        Kind::Retire => true,
        kind => kind == Kind::ProposeRetirement && waits && last == Some(e.id.as_str()),
    });
    kept.map(|e| books::Retired {
        event: e.id.clone(),
        on: e.on,
        reference: e.fields.reference.as_ref().map(|r| r.as_str().to_owned()),
        cause: e.fields.cause.unwrap_or(Cause::Unknown),
        proposed: e.kind == Kind::ProposeRetirement,
    })
    .collect()
}

/// Who repairs, by repair id: of the last sending that belongs to it.
fn providers<'a>(
    events: impl Iterator<Item = &'a Event>,
    facts: &crate::domain::facts::Facts,
) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    for event in events.filter(|e| e.kind == Kind::SendToRepair) {
        let Some(provider) = &event.fields.provider else {
            continue;
        };
        let id = match &event.fields.repair {
            Some(id) => Some(id.as_str()),
            None => facts
                .repairs
                .iter()
                .rev()
                .find(|r| r.sent_on == Some(event.on))
                .map(|r| r.id.as_str()),
        };
        if let Some(id) = id {
            out.insert(id.to_owned(), provider.as_str().to_owned());
        }
    }
    out
}

/// Folded words by which `q` finds the device: tag, name, model, manufacturer, every code, the disks seen in it.
fn terms(device: &Device, book: &Book, catalogue: &Catalogue) -> BTreeSet<String> {
    let d = &book.described;
    let model = d.model.as_ref().and_then(|m| catalogue.model(m.as_str()));
    let mut out = BTreeSet::new();
    let mut add = |text: &str| {
        let folded = fold(text);
        out.extend(
            folded
                .split(|c: char| !c.is_alphanumeric())
                .filter(|w| !w.is_empty())
                .map(|w| w.chars().take(60).collect()),
        );
        // A code is also found whole, with its punctuation.
        if !folded.contains(' ') {
            out.insert(folded.chars().take(60).collect());
        }
    };
    add(&device.tag);
    for text in [&d.name, &d.serial, &d.manufacturer].into_iter().flatten() {
        add(text.as_str());
    }
    for code in &d.codes {
        add(code.value.as_str());
    }
    // The disk that was erased, or lies on the bench, leads to its machine, however it is written.
    for storage in &book.state.storages {
        add(storage);
        add(&media::fold(storage));
    }
    if let Some(model) = model {
        add(&model.name);
        if let Some(maker) = &model.manufacturer {
            add(maker);
        }
    }
    out
}
