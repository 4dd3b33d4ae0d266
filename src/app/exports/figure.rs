//! The devices behind a figure, each with why it counts or does not.

use std::io::Write;

use serde_json::json;

use super::owned;
use crate::app::indicators::{Ask, Behind, ItemView, every_item};
use crate::app::{Actor, App, Right, audit};
use crate::db::Lane;
use crate::error::Result;
use crate::exchange::write::{Cell, Format, Sheet};
use crate::i18n::Lang;

const COLUMNS: &[&str] = &[
    "indicator",
    "side",
    "tag",
    "name",
    "manufacturer",
    "category",
    "organisation",
    "counts",
    "group",
    "why",
    "text",
    "on",
    "exit_kind",
    "days",
    "age_basis",
    "purchase",
    "line",
    "amount_cents",
];

/// Writes a list behind a figure, the words in this language.
///
/// # Errors
/// `forbidden`; those of the figure and of the output.
pub fn behind(
    app: &App,
    actor: &Actor,
    behind: &Behind,
    ask: &Ask,
    (format, lang): (Format, Lang),
    out: &mut dyn Write,
) -> Result<()> {
    actor.must(Right::Read)?;
    let (reader, now) = (actor.clone(), app.clock.now());
    let id = behind.id.as_str();
    let detail =
        json!({"format": format.ending(), "org": ask.org, "as_of": ask.as_of, "year": ask.year});
    app.store.write(Lane::Interactive, move |db| {
        audit::note(db, now, &reader, "export.read", Some(id), &detail)
    })?;
    let mut sheet = Sheet::begin(out, format, owned(COLUMNS))?;
    every_item(app, actor, behind, ask, &mut |item| {
        sheet.row(&cells(behind, item, lang))
    })?;
    sheet.end()
}

fn cells<'a>(behind: &Behind, item: &'a ItemView, lang: Lang) -> Vec<Cell<'a>> {
    let text = |t: &'a Option<String>| Cell::text(t.as_deref());
    vec![
        Cell::text(Some(behind.id.as_str())),
        Cell::text(Some(behind.side.as_str())),
        text(&item.tag),
        text(&item.name),
        text(&item.manufacturer),
        text(&item.category),
        Cell::text(Some(&item.organisation)),
        Cell::text(Some(&item.counts)),
        Cell::text(Some(&item.group)),
        Cell::text(Some(&item.why)),
        Cell::text(Some(item.text.of_lang(lang))),
        Cell::day(item.on),
        Cell::text(item.exit_kind.map(|kind| kind.as_str())),
        Cell::whole(item.days),
        text(&item.age_basis),
        text(&item.purchase),
        text(&item.line),
        Cell::whole(item.amount_cents),
    ]
}
