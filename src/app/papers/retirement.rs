//! *État de réforme*: what a decision takes out of use, for the council and for the accounts.

use std::io::Write;

use super::{Words, designation, shown};
use crate::app::operations::chosen::Item;
use crate::app::operations::decisions::DecisionView;
use crate::app::{Actor, App};
use crate::domain::words::Cause;
use crate::error::Result;
use crate::exchange::write::{Cell, Format, Sheet};
use crate::i18n::{Arg, Lang};
use crate::labels::paper::{Block, Table, draw};

/// The paper to join to the decision.
///
/// # Errors
/// Those of drawing.
pub fn state(
    app: &App,
    actor: &Actor,
    lang: Lang,
    decision: &DecisionView,
    list: &[(Item, Cause)],
) -> Result<Vec<u8>> {
    let w = Words(lang);
    let mut paper = w.paper(
        app,
        actor,
        &decision.organisation_name,
        w.t("title_retirement"),
    );
    paper.blocks.push(Block::Facts(vec![
        (w.t("decision"), w.or(Some(&decision.reference))),
        (w.t("on"), w.day(decision.on)),
        (
            w.t("cause"),
            decision
                .cause
                .map_or_else(|| w.t("causes"), |c| w.word("cause", c.as_str())),
        ),
    ]));
    let n = i64::try_from(list.len()).unwrap_or(i64::MAX);
    paper
        .blocks
        .push(Block::Text(w.say("retired", &[("n", Arg::Count(n))])));
    let row = |(item, cause): &(Item, Cause)| {
        let d = &item.device;
        vec![
            item.inventory.clone(),
            shown(&d.tag),
            designation(item),
            w.or(d.serial.as_deref()),
            w.day_or(d.acquired_on),
            w.euros(d.purchase_price_cents),
            w.word("cause", cause.as_str()),
        ]
    };
    let columns = [
        ("inventory", 1.35, false),
        ("tag", 1.6, false),
        ("designation", 2.0, false),
        ("serial", 1.5, false),
        ("acquired_on", 1.15, false),
        ("price", 1.25, true),
        ("cause", 1.25, false),
    ];
    let known: Vec<i64> = list
        .iter()
        .filter_map(|(item, _)| item.device.purchase_price_cents)
        .collect();
    let mut total = vec![String::new(); columns.len()];
    if let Some(cell) = total.get_mut(2) {
        *cell = w.t("total");
    }
    if let Some(cell) = total.get_mut(5) {
        *cell = w.euros(Some(known.iter().sum()));
    }
    paper.blocks.push(Block::Table(Table {
        columns: columns
            .iter()
            .map(|(key, share, number)| (w.t(key), *share, *number))
            .collect(),
        rows: list.iter().map(row).collect(),
        total,
    }));
    let without = list.len() - known.len();
    if without > 0 {
        let n = i64::try_from(without).unwrap_or(i64::MAX);
        paper.blocks.push(Block::Small(
            w.say("without_price", &[("n", Arg::Count(n))]),
        ));
    }
    paper.blocks.push(Block::Small(w.t("retirement_source")));
    paper.blocks.push(Block::Sign(vec![
        w.t("sign_accounts"),
        w.t("sign_authority"),
    ]));
    draw(&paper)
}

/// The same as a table, one row a device: for the spreadsheet of the accounts.
///
/// # Errors
/// When the output fails.
pub fn sheet(
    lang: Lang,
    decision: &DecisionView,
    list: &[(Item, Cause)],
    out: &mut dyn Write,
) -> Result<()> {
    let w = Words(lang);
    let format = match lang {
        Lang::Fr => Format::CsvFr,
        Lang::En => Format::Csv,
    };
    let names = COLUMNS
        .iter()
        .map(|key| w.t(&format!("csv_{key}")))
        .collect();
    let mut sheet = Sheet::begin(out, format, names)?;
    for (item, cause) in list {
        let d = &item.device;
        let text = |t: &str| Cell::owned(t.to_owned());
        sheet.row(&[
            text(&item.inventory),
            text(&shown(&d.tag)),
            text(&designation(item)),
            Cell::text(d.serial.as_deref()),
            Cell::day(d.acquired_on),
            match d.purchase_price_cents {
                // Cents below 2^53 are exact in a float, and a hundredth of them prints with two decimals at most.
                Some(cents) => Cell::Number(cents as f64 / 100.0),
                None => Cell::Empty,
            },
            text(&w.word("cause", cause.as_str())),
            Cell::Day(decision.on),
            text(&decision.reference),
        ])?;
    }
    sheet.end()
}

const COLUMNS: &[&str] = &[
    "inventory",
    "tag",
    "designation",
    "serial",
    "acquired_on",
    "price",
    "cause",
    "on",
    "decision",
];
