//! *Attestation de cession*, or the slip of what is collected or goes back: what an exit hands over, to whom, by which
//! papers.

use serde_json::Value;

use super::{Words, designation, shown};
use crate::app::operations::departures::{self, Departure};
use crate::app::operations::exits::{self, ExitView};
use crate::app::{Actor, App, entries, titles};
use crate::domain::entry::EntryKind;
use crate::domain::partner::Partner;
use crate::domain::words::ExitKind;
use crate::error::{Error, Result};
use crate::i18n::{Arg, Lang};
use crate::labels::paper::{Block, Table, draw};

/// The key of its title by the kind of exit; none where there is nothing to hand over.
pub fn title(kind: ExitKind) -> Option<&'static str> {
    match kind {
        ExitKind::Transfer | ExitKind::Donation | ExitKind::StaffGift | ExitKind::Sale => {
            Some("title_cession")
        }
        ExitKind::TakeBack
        | ExitKind::Collection
        | ExitKind::LeaseReturn
        | ExitKind::WarrantyExchange => Some("title_slip"),
        ExitKind::WriteOff => None,
    }
}

/// The paper of an exit: the devices that are still where they went.
///
/// # Errors
/// `not_found`, also where nothing was handed over.
pub fn cession(app: &App, actor: &Actor, lang: Lang, key: &str) -> Result<Vec<u8>> {
    let exit = exits::get(app, actor, key)?;
    let title = title(exit.kind).ok_or_else(Error::not_found)?;
    let all = departures::of(app, actor, key)?;
    let left: Vec<&Departure> = all
        .iter()
        .filter(|d| d.exit.given_back_on.is_none())
        .collect();
    let w = Words(lang);
    let from = all.first().map_or("", |d| d.from.as_str());
    let mut paper = w.paper(app, actor, from, w.t(title));
    paper
        .blocks
        .push(Block::Facts(facts(app, actor, w, &exit)?));
    let count = |n: usize| [("n", Arg::Count(i64::try_from(n).unwrap_or(i64::MAX)))];
    let text = w.say("handed", &count(left.len()));
    paper.blocks.push(Block::Text(text));
    let valued = title == "title_cession";
    paper.blocks.push(Block::Table(table(w, &left, valued)));
    let without = left.iter().filter(|d| d.exit.unit_value_cents.is_none());
    let without = without.count();
    if valued && without > 0 {
        let text = w.say("without_value", &count(without));
        paper.blocks.push(Block::Small(text));
    }
    if all.len() > left.len() {
        let text = w.say("returned", &count(all.len() - left.len()));
        paper.blocks.push(Block::Small(text));
    }
    for key in clauses(&exit) {
        paper.blocks.push(Block::Text(w.t(key)));
    }
    if valued {
        paper.blocks.push(Block::Small(w.t("cession_source")));
    }
    paper
        .blocks
        .push(Block::Sign(vec![w.t("sign_giver"), w.t("sign_taker")]));
    draw(&paper)
}

/// How, when, to whom, by which agreement.
fn facts(app: &App, actor: &Actor, w: Words, exit: &ExitView) -> Result<Vec<(String, String)>> {
    let mut facts = vec![
        (w.t("exit_kind"), w.word("exit_kind", exit.kind.as_str())),
        (w.t("on"), w.day(exit.on)),
    ];
    if let Some(key) = &exit.partner {
        let partner = entries::get::<Partner>(app, actor, key, None)?;
        let said = |field: &str| partner.body.get(field).and_then(Value::as_str);
        facts.push((w.t("taker"), w.or(said("name"))));
        for field in ["siret", "beneficiary_kind"] {
            facts.extend(said(field).map(|text| (w.t(field), text.to_owned())));
        }
    }
    if let Some(key) = &exit.to_organisation {
        let names = titles::of(app, actor, &[(EntryKind::Organisation, key)])?;
        let name = names.get(EntryKind::Organisation, key);
        facts.push((w.t("taker"), name.to_owned()));
    }
    if let Some(convention) = &exit.convention {
        let text = match convention.on {
            Some(on) => format!("{}, {}", convention.number, w.day(on)),
            None => convention.number.as_str().to_owned(),
        };
        facts.push((w.t("convention"), text));
    }
    let undertaken = exit
        .undertaking_on
        .map(|on| (w.t("undertaking"), w.day(on)));
    facts.extend(undertaken);
    if let Some(commitment) = &exit.commitment {
        let text = match &commitment.reference {
            Some(reference) => format!("{}, {reference}", w.day(commitment.on)),
            None => w.day(commitment.on),
        };
        facts.push((w.t("commitment"), text));
    }
    Ok(facts)
}

fn table(w: Words, left: &[&Departure], valued: bool) -> Table {
    let mut columns = vec![
        ("inventory", 1.1, false),
        ("tag", 1.5, false),
        ("designation", 2.6, false),
        ("serial", 1.6, false),
        ("data", 1.3, false),
    ];
    if valued {
        columns.push(("unit_value", 1.2, true));
    }
    let row = |d: &&Departure| {
        let device = &d.item.device;
        let mut row = vec![
            d.item.inventory.clone(),
            shown(&device.tag),
            designation(&d.item),
            w.or(device.serial.as_deref()),
            w.word("data", d.exit.data.as_str()),
        ];
        if valued {
            row.push(w.euros(d.exit.unit_value_cents));
        }
        row
    };
    let mut total = Vec::new();
    if valued {
        total = vec![String::new(); columns.len()];
        let known = left.iter().filter_map(|d| d.exit.unit_value_cents);
        if let [_, _, words, .., sum] = total.as_mut_slice() {
            *words = w.t("total_value");
            *sum = w.euros(Some(known.sum()));
        }
    }
    Table {
        columns: columns
            .iter()
            .map(|(key, share, number)| (w.t(key), *share, *number))
            .collect(),
        rows: left.iter().map(row).collect(),
        total,
    }
}

/// What both sides sign for.
fn clauses(exit: &ExitView) -> Vec<&'static str> {
    let mut clauses = Vec::new();
    match exit.kind {
        ExitKind::Donation => clauses.push("text_donation"),
        ExitKind::StaffGift => clauses.push("text_staff"),
        ExitKind::Sale | ExitKind::TakeBack if exit.commitment.is_some() => {
            clauses.push("text_sold");
        }
        _ => {}
    }
    if title(exit.kind) == Some("title_cession") {
        clauses.push("text_as_is");
    }
    clauses
}
