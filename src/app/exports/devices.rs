//! Devices: the columns of their shape, one row each, one snapshot for all.

use std::io::Write;

use super::{PAGE, owned};
use crate::app::devices::{Asked, DeviceView, filter, views};
use crate::app::{Actor, App};
use crate::db::device_rows::{self, Sort};
use crate::db::exports;
use crate::domain::day::write_instant;
use crate::error::Result;
use crate::exchange::draft::join_codes;
use crate::exchange::write::{Cell, Format, Sheet};

/// Columns of a device, in the order of its shape; custom fields stand before `updated_at`.
const DEVICE: &[&str] = &[
    "tag",
    "id",
    "name",
    "organisation",
    "category",
    "manufacturer",
    "model",
    "serial",
    "codes",
    "stage",
    "data",
    "presence",
    "retired_on",
    "site",
    "holder",
    "service",
    "acquisition",
    "condition",
    "tenure",
    "acquired_on",
    "manufactured_on",
    "first_sold_on",
    "first_use_on",
    "gone_on",
    "exit_kind",
    "purchase_price_cents",
    "currency",
    "warranty_until",
    "weight_g",
    "weee_category",
    "bears_data",
    "security_exclusion",
    "part_of",
];
const DEVICE_END: &[&str] = &["updated_at", "version", "next_events"];

/// All devices of one snapshot, by tag, page after page.
pub(super) fn devices(
    app: &App,
    actor: &Actor,
    format: Format,
    asked: &Asked,
    out: &mut dyn Write,
) -> Result<()> {
    app.store.read(|db| {
        let (scope, filter) = filter(app, db, actor, asked)?;
        let extras = if format == Format::Ndjson {
            Vec::new()
        } else {
            exports::extra_keys(db, &scope)?
        };
        let mut columns = owned(DEVICE);
        columns.extend(extras.iter().map(|key| format!("extra.{key}")));
        columns.extend(owned(DEVICE_END));
        let mut sheet = Sheet::begin(out, format, columns)?;
        let mut after: Option<(String, String)> = None;
        loop {
            let place = after.as_ref().map(|(tag, id)| (tag.as_str(), id.as_str()));
            let rows = device_rows::page(db, &scope, &filter, (Sort::Tag, false), place, PAGE)?;
            let more = i64::try_from(rows.len()).unwrap_or(0) == PAGE;
            after = rows
                .last()
                .map(|row| (row.sort_key.clone(), row.device.clone()));
            for view in views(app, db, actor, rows, asked.as_of)? {
                if sheet.takes_objects() {
                    sheet.object(&view)?;
                } else {
                    sheet.row(&device(&view, &extras))?;
                }
            }
            if !more {
                break;
            }
        }
        sheet.end()
    })
}

/// Cells of a device, in the order of the columns.
fn device<'a>(v: &'a DeviceView, extras: &[String]) -> Vec<Cell<'a>> {
    let text = |t: &'a Option<String>| Cell::text(t.as_deref());
    let word = |t: &'static str| Cell::text(Some(t));
    let maybe = |t: Option<&'static str>| Cell::text(t);
    let mut cells = vec![
        Cell::text(Some(&v.tag)),
        Cell::text(Some(&v.id)),
        text(&v.name),
        Cell::text(Some(&v.organisation)),
        text(&v.category),
        text(&v.manufacturer),
        text(&v.model),
        text(&v.serial),
        if v.codes.is_empty() {
            Cell::Empty
        } else {
            Cell::owned(join_codes(
                v.codes.iter().map(|c| (c.kind.as_str(), c.value.as_str())),
            ))
        },
        word(v.stage.as_str()),
        word(v.data.as_str()),
        word(v.presence.as_str()),
        Cell::day(v.retired_on),
        text(&v.site),
        text(&v.holder),
        text(&v.service),
        maybe(v.acquisition.map(|w| w.as_str())),
        maybe(v.condition.map(|w| w.as_str())),
        word(v.tenure.as_str()),
        Cell::day(v.acquired_on),
        Cell::day(v.manufactured_on),
        Cell::day(v.first_sold_on),
        Cell::day(v.first_use_on),
        Cell::day(v.gone_on),
        maybe(v.exit_kind.map(|w| w.as_str())),
        Cell::whole(v.purchase_price_cents),
        Cell::text(Some(&v.currency)),
        Cell::day(v.warranty_until),
        Cell::whole(v.weight_g),
        Cell::whole(v.weee_category),
        Cell::Bool(v.bears_data),
        v.security_exclusion.as_ref().map_or(Cell::Empty, |s| {
            Cell::owned(serde_json::to_string(s).unwrap_or_default())
        }),
        text(&v.part_of),
    ];
    cells.extend(
        extras
            .iter()
            .map(|key| v.extra.get(key).map_or(Cell::Empty, Cell::json)),
    );
    let next: Vec<&str> = v.next_events.iter().map(|k| k.as_str()).collect();
    cells.push(Cell::owned(write_instant(&v.updated_at)));
    cells.push(Cell::Whole(v.version));
    cells.push(Cell::owned(next.join(" ")));
    cells
}
