//! Exports: any table, streamed row by row in constant memory; each leaves a line in the audit log.

mod columns;

use std::collections::HashMap;
use std::io::Write;

use serde_json::{Map, Value, json};

use super::devices::{Asked, DeviceView, event_view, filter, views};
use super::entries::{Desk, ListQuery, Table as Reference, list};
use super::operations::{exits, repairs, wipes};
use super::{Actor, App, Page, Right, audit};
use crate::db::device_rows::{self, Sort};
use crate::db::exports;
use crate::db::{Db, Lane};
use crate::domain::category::Category;
use crate::domain::day::{Day, write_instant};
use crate::domain::model::Model;
use crate::domain::organisation::Organisation;
use crate::domain::partner::Partner;
use crate::domain::person::Person;
use crate::domain::purchase::Purchase;
use crate::domain::site::Site;
use crate::error::{Code, Error, Result};
use crate::exchange::draft::join_codes;
use crate::exchange::write::{Cell, Format, Sheet};
use columns::{
    CATEGORY, DEVICE, DEVICE_END, EVENT, EXIT, LINE, MODEL, ORGANISATION, PARTNER, PERSON,
    PURCHASE, REPAIR, SITE, WIPE,
};

macro_rules! tables {
    ($($(#[$doc:meta])* $name:ident = $text:literal),* $(,)?) => {
        /// What can be exported.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Table { $($(#[$doc])* $name),* }
        impl Table {
            /// Its name in addresses and at the command line.
            pub const fn as_str(self) -> &'static str { match self { $(Table::$name => $text),* } }
            /// Reads a name.
            ///
            /// # Errors
            /// A sentence with the names.
            pub fn parse(text: &str) -> std::result::Result<Table, String> {
                match text {
                    $($text => Ok(Table::$name),)*
                    other => Err(format!("“{}” is none of: {}", other.chars().take(40).collect::<String>(), [$($text),*].join(", "))),
                }
            }
        }
    };
}

tables! {
    /// Devices, with the columns of their shape.
    Devices = "devices",
    /// Events.
    Events = "events",
    /// Purchases, one row a line.
    Purchases = "purchases",
    /// Exits.
    Exits = "exits",
    /// Repairs.
    Repairs = "repairs",
    /// Wipes.
    Wipes = "wipes",
    /// People.
    People = "people",
    /// Sites.
    Sites = "sites",
    /// Partners.
    Partners = "partners",
    /// Models.
    Models = "models",
    /// Categories.
    Categories = "categories",
    /// Organisations.
    Organisations = "organisations",
}

/// What is asked of an export.
#[derive(Debug, Clone, Default)]
pub struct Ask {
    /// State at the end of this day (devices).
    pub as_of: Option<Day>,
    /// Only this organisation (key) and what is below it.
    pub org: Option<String>,
}

/// Rows read at once.
const PAGE: i64 = 1000;

/// Writes a table.
///
/// # Errors
/// `forbidden`; `invalid_parameter` for an organisation or day that does not fit; those of the output.
pub fn export(
    app: &App,
    actor: &Actor,
    table: Table,
    format: Format,
    ask: &Ask,
    out: &mut dyn Write,
) -> Result<()> {
    actor.must(match table {
        Table::People => Right::People,
        _ => Right::Read,
    })?;
    if ask.as_of.is_some() && table != Table::Devices {
        return Err(
            Error::new(Code::InvalidParameter, "`as_of` goes with devices only")
                .with_field("as_of"),
        );
    }
    note(app, actor, table, format, ask)?;
    match table {
        Table::Devices => devices(app, actor, format, ask, out),
        Table::Events => events(app, actor, format, ask, out),
        Table::Purchases => purchases(app, actor, format, ask, out),
        Table::Exits => {
            let actor = narrowed(app, actor, ask)?;
            operation(format, out, EXIT, |at| exits::list(app, &actor, PAGE, at))
        }
        Table::Repairs => {
            let actor = narrowed(app, actor, ask)?;
            operation(format, out, REPAIR, |at| {
                repairs::list(app, &actor, None, PAGE, at)
            })
        }
        Table::Wipes => {
            let actor = narrowed(app, actor, ask)?;
            operation(format, out, WIPE, |at| wipes::list(app, &actor, PAGE, at))
        }
        Table::People => reference::<Person>(app, actor, format, ask, out, PERSON),
        Table::Sites => reference::<Site>(app, actor, format, ask, out, SITE),
        Table::Partners => reference::<Partner>(app, actor, format, ask, out, PARTNER),
        Table::Models => reference::<Model>(app, actor, format, ask, out, MODEL),
        Table::Categories => reference::<Category>(app, actor, format, ask, out, CATEGORY),
        Table::Organisations => {
            reference::<Organisation>(app, actor, format, ask, out, ORGANISATION)
        }
    }
}

fn note(app: &App, actor: &Actor, table: Table, format: Format, ask: &Ask) -> Result<()> {
    let (actor, now) = (actor.clone(), app.clock.now());
    let detail = json!({"format": format.ending(), "org": ask.org, "as_of": ask.as_of});
    app.store.write(Lane::Interactive, move |db| {
        audit::note(
            db,
            now,
            &actor,
            "export.read",
            Some(table.as_str()),
            &detail,
        )
    })
}

/// The actor as one of the organisation asked for, which lies in its scope.
fn narrowed(app: &App, actor: &Actor, ask: &Ask) -> Result<Actor> {
    let Some(key) = &ask.org else {
        return Ok(actor.clone());
    };
    let org = app.store.read(|db| {
        let desk = Desk::open(db, actor, app.clock.now(), &app.catalogue)?;
        desk.organisation(db, "org", key)
    });
    match org {
        Ok(id) => Ok(Actor {
            org: Some(id),
            ..actor.clone()
        }),
        Err(_) => Err(Error::new(
            Code::InvalidParameter,
            "`org`: there is no organisation of this name that you may see",
        )
        .with_field("org")),
    }
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|n| (*n).to_owned()).collect()
}

/// All devices of one snapshot, by tag, page after page.
fn devices(app: &App, actor: &Actor, format: Format, ask: &Ask, out: &mut dyn Write) -> Result<()> {
    let asked = Asked {
        org: ask.org.clone(),
        as_of: ask.as_of,
        ..Asked::default()
    };
    app.store.read(|db| {
        let (scope, filter) = filter(app, db, actor, &asked)?;
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
            for view in views(app, db, actor, rows, ask.as_of)? {
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

/// All events of one snapshot that are of the reader's own intervals, in the order of their making.
fn events(app: &App, actor: &Actor, format: Format, ask: &Ask, out: &mut dyn Write) -> Result<()> {
    let asked = Asked {
        org: ask.org.clone(),
        ..Asked::default()
    };
    app.store.read(|db| {
        let (scope, _) = filter(app, db, actor, &asked)?;
        let voids = voids(db)?;
        let mut sheet = Sheet::begin(out, format, owned(EVENT))?;
        let mut after = String::new();
        loop {
            let page = exports::events(db, &after)?;
            let Some(last) = page.last() else { break };
            after.clone_from(&last.event.id);
            for row in page.iter().filter(|row| scope.holds(&row.event.org)) {
                let private: Option<Map<String, Value>> = row
                    .private
                    .as_deref()
                    .and_then(|text| serde_json::from_str(text).ok());
                let voided_by = voids.get(&row.event.id).cloned();
                let view = event_view(app, db, actor, &row.event, voided_by, private.as_ref())?;
                if sheet.takes_objects() {
                    let mut object = serde_json::to_value(&view).map_err(Error::internal)?;
                    if let Value::Object(map) = &mut object {
                        map.insert("device".into(), Value::from(row.tag.as_str()));
                    }
                    sheet.object(&object)?;
                    continue;
                }
                let fields = Value::Object(view.fields.clone()).to_string();
                sheet.row(&[
                    Cell::text(Some(&row.tag)),
                    Cell::text(Some(&view.id)),
                    Cell::Whole(view.n),
                    Cell::text(Some(view.kind.as_str())),
                    Cell::Day(view.on),
                    view.at
                        .as_ref()
                        .map_or(Cell::Empty, |at| Cell::owned(write_instant(at))),
                    Cell::owned(write_instant(&view.recorded_at)),
                    Cell::text(Some(&view.actor)),
                    Cell::text(view.voided_by.as_deref()),
                    Cell::text(view.note.as_deref()),
                    Cell::owned(fields),
                ])?;
            }
        }
        sheet.end()
    })
}

/// Voided event → active correction; a correction that is itself voided voids nothing.
fn voids(db: &mut Db) -> Result<HashMap<String, String>> {
    let mut out: HashMap<String, String> = HashMap::new();
    for (correction, target) in exports::corrections(db)?.into_iter().rev() {
        if !out.contains_key(&correction) {
            out.insert(target, correction);
        }
    }
    Ok(out)
}

/// Cells of a JSON object by the names of the columns: lists joined, days typed.
fn cells<'a>(object: &'a Value, columns: &[&str]) -> Vec<Cell<'a>> {
    columns
        .iter()
        .map(|name| {
            let value = object.get(name).unwrap_or(&Value::Null);
            match value {
                Value::Array(items) if items.iter().all(Value::is_string) => {
                    let parts: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
                    if parts.is_empty() {
                        Cell::Empty
                    } else {
                        Cell::owned(parts.join(" | "))
                    }
                }
                Value::String(text) if name.ends_with("on") => {
                    Day::parse(text).map_or_else(|_| Cell::json(value), Cell::Day)
                }
                other => Cell::json(other),
            }
        })
        .collect()
}

fn reference<T: Reference>(
    app: &App,
    actor: &Actor,
    format: Format,
    ask: &Ask,
    out: &mut dyn Write,
    columns: &[&str],
) -> Result<()> {
    let mut sheet = Sheet::begin(out, format, owned(columns))?;
    rows::<T>(app, actor, ask, &mut |row| {
        if sheet.takes_objects() {
            sheet.object(row)
        } else {
            sheet.row(&cells(row, columns))
        }
    })?;
    sheet.end()
}

/// Every row of a reference table, page after page.
fn rows<T: Reference>(
    app: &App,
    actor: &Actor,
    ask: &Ask,
    give: &mut dyn FnMut(&Value) -> Result<()>,
) -> Result<()> {
    let mut query = ListQuery {
        org: ask.org.clone(),
        limit: Some(1000),
        ..ListQuery::default()
    };
    loop {
        let page = list::<T>(app, actor, &query)?;
        for row in &page.items {
            give(&serde_json::to_value(row).map_err(Error::internal)?)?;
        }
        match page.next {
            Some(next) => query.cursor = Some(next),
            None => return Ok(()),
        }
    }
}

/// One row a purchase line; a purchase without lines has one row.
fn purchases(
    app: &App,
    actor: &Actor,
    format: Format,
    ask: &Ask,
    out: &mut dyn Write,
) -> Result<()> {
    let mut columns = owned(PURCHASE);
    columns.extend(LINE.iter().map(|name| format!("line.{name}")));
    let mut sheet = Sheet::begin(out, format, columns)?;
    rows::<Purchase>(app, actor, ask, &mut |row| {
        if sheet.takes_objects() {
            return sheet.object(row);
        }
        let head = cells(row, PURCHASE);
        let none = [Value::Null];
        let lines = row.get("lines").and_then(Value::as_array);
        let lines = lines
            .filter(|l| !l.is_empty())
            .map_or(&none[..], Vec::as_slice);
        for line in lines {
            let mut all = head.clone();
            all.extend(cells(line, LINE));
            sheet.row(&all)?;
        }
        Ok(())
    })?;
    sheet.end()
}

fn operation<V: serde::Serialize>(
    format: Format,
    out: &mut dyn Write,
    columns: &[&str],
    page: impl Fn(Option<&str>) -> Result<Page<V>>,
) -> Result<()> {
    let mut sheet = Sheet::begin(out, format, owned(columns))?;
    let mut at: Option<String> = None;
    loop {
        let found = page(at.as_deref())?;
        for item in &found.items {
            if sheet.takes_objects() {
                sheet.object(item)?;
            } else {
                let row = serde_json::to_value(item).map_err(Error::internal)?;
                sheet.row(&cells(&row, columns))?;
            }
        }
        match found.next {
            Some(next) => at = Some(next),
            None => break,
        }
    }
    sheet.end()
}
