//! Projections as rows of their tables: what is stored where, and nothing of when.

use std::collections::BTreeSet;

use super::super::bulk::{
    BookRow, CodeRow, ExitRow, RepairRow, RetirementRow, SpellRow, TermRow, WipeRow,
};
use super::{Book, Code, Projection, Retired, Wipe};
use crate::domain::facts::{Exit, Repair, Spell};
use crate::domain::words::ExitKind;
use crate::error::{Error, Result};

/// The texts of a row that are made for it.
pub(in crate::db) struct Texts {
    pub(in crate::db) facts: String,
    pub(in crate::db) terms: String,
}

impl Texts {
    pub(in crate::db) fn of(b: &Book) -> Result<Texts> {
        Ok(Texts {
            facts: serde_json::to_string(&b.facts).map_err(Error::internal)?,
            terms: shown_terms(b)
                .into_iter()
                .flatten()
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join("\n"),
        })
    }
}

pub(in crate::db) fn words(terms: &str) -> impl Iterator<Item = &str> {
    terms.split('\n').filter(|t| !t.is_empty())
}

/// Only what readers see can be found.
pub(in crate::db) fn shown_terms(b: &Book) -> Option<&BTreeSet<String>> {
    b.shown.then_some(&b.terms)
}

pub(in crate::db) fn term_rows<'a>(
    p: &'a Projection,
    b: &'a Book,
) -> impl Iterator<Item = TermRow<'a>> {
    shown_terms(b).into_iter().flatten().map(|term| TermRow {
        term,
        device: &p.device,
        org: &b.org,
    })
}

pub(in crate::db) fn book_row<'a>(p: &'a Projection, b: &'a Book, texts: &'a Texts) -> BookRow<'a> {
    BookRow {
        device: &p.device,
        book: b.book,
        org: &b.org,
        current: b.current,
        shown: b.shown,
        withdrawn: p.withdrawn,
        tag: &p.tag,
        name: b.name.as_deref(),
        category: b.category.as_deref(),
        manufacturer: b.manufacturer.as_deref(),
        model: b.model.as_deref(),
        serial: b.serial.as_deref(),
        stage: b.stage.as_str(),
        data: b.data.as_str(),
        presence: b.presence.as_str(),
        retired_on: b.retired_on.map(|d| d.0),
        site: b.site.as_deref(),
        holder: b.holder.as_deref(),
        service: b.service.as_deref(),
        tenure: b.tenure.as_str(),
        part_of: b.part_of.as_deref(),
        acquired_on: b.acquired_on.map(|d| d.0),
        exit_kind: b.exit_kind.map(ExitKind::as_str),
        gone_on: b.gone_on.map(|d| d.0),
        updated_at: p.updated_at.naive_utc(),
        from_n: b.from_n,
        to_n: b.to_n,
        state: &b.state,
        facts: &texts.facts,
        terms: &texts.terms,
    }
}

pub(in crate::db) fn spell_row<'a>(p: &'a Projection, b: &'a Book, s: &'a Spell) -> SpellRow<'a> {
    SpellRow {
        device: &p.device,
        book: b.book,
        org: &b.org,
        valid_from: s.from.0,
        valid_to: s.to.map(|d| d.0),
        stage: s.stage.as_str(),
        data: s.data.as_str(),
        presence: s.presence.as_str(),
        retired_on: s.retired_on.map(|d| d.0),
        retired: s.retired,
        site: s.site.as_deref(),
        service: s.service.as_deref(),
        holder: s.holder.as_deref(),
        tenure: s.tenure.as_str(),
        part_of: s.part_of.as_deref(),
    }
}

pub(in crate::db) fn code_row<'a>(p: &'a Projection, c: &'a Code) -> CodeRow<'a> {
    CodeRow {
        device: &p.device,
        org: &c.org,
        kind: c.kind.as_str(),
        value: &c.value,
        fold: &c.fold,
        unique_key: c.unique_key.as_deref(),
    }
}

pub(in crate::db) fn exit_rows<'a>(p: &'a Projection, b: &'a Book) -> Vec<ExitRow<'a>> {
    let row = |x: &'a Exit| ExitRow {
        event: &x.event,
        device: &p.device,
        book: b.book,
        org: &b.org,
        exit: x.exit.as_deref(),
        kind: x.kind.as_str(),
        on_day: x.on.0,
        partner: x.partner.as_deref(),
        to_org: x.to_organisation.as_deref(),
        given_back_on: x.given_back_on.map(|d| d.0),
        commitment_on: x.commitment_on.map(|d| d.0),
        proof: x.proofs.last().map(|(_, outcome)| outcome.as_str()),
        proved_on: x.proofs.last().map(|(on, _)| on.0),
        treatment: x.treatments.last().map(|(_, outcome, _)| outcome.as_str()),
        mass_g: x.treatments.last().and_then(|(_, _, mass)| *mass),
        unit_value_cents: x.unit_value_cents,
        data: x.data.as_str(),
        overridden: x.overridden,
    };
    b.facts.exits.iter().map(row).collect()
}

pub(in crate::db) fn repair_rows<'a>(p: &'a Projection, b: &'a Book) -> Vec<RepairRow<'a>> {
    let row = |r: &'a Repair| RepairRow {
        id: &r.id,
        device: &p.device,
        book: b.book,
        org: &b.org,
        opened_on: r.opened_on.0,
        sent_on: r.sent_on.map(|d| d.0),
        closed_on: r.closed_on.map(|d| d.0),
        outcome: r.outcome.map(|o| o.as_str()),
        provider: b.providers.get(&r.id).map(String::as_str),
        cost_cents: r.cost_cents,
    };
    b.facts.repairs.iter().map(row).collect()
}

pub(in crate::db) fn wipe_rows<'a>(p: &'a Projection, b: &'a Book) -> Vec<WipeRow<'a>> {
    let row = |w: &'a Wipe| WipeRow {
        event: &w.event,
        device: &p.device,
        book: b.book,
        org: &b.org,
        wipe: w.wipe.as_deref(),
        on_day: w.on.0,
        medium: w.medium.as_deref(),
        method: w.method.as_str(),
        technique: w.technique.as_deref(),
        tool: w.tool.as_deref(),
        verified: w.verified,
        evidence: w.evidence.as_deref(),
    };
    b.wipes.iter().map(row).collect()
}

pub(in crate::db) fn retirement_rows<'a>(p: &'a Projection, b: &'a Book) -> Vec<RetirementRow<'a>> {
    let row = |r: &'a Retired| RetirementRow {
        event: &r.event,
        device: &p.device,
        book: b.book,
        org: &b.org,
        on_day: r.on.0,
        reference: r.reference.as_deref(),
        cause: r.cause.as_str(),
        proposed: r.proposed,
    };
    b.retired.iter().map(row).collect()
}
