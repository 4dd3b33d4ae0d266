//! Reference tables and operations: JSON of their shapes, page after page.

use std::io::Write;

use serde_json::Value;

use super::columns::{LINE, PURCHASE};
use super::{Ask, owned};
use crate::app::entries::{ListQuery, Table as Reference, list};
use crate::app::{Actor, App, Page};
use crate::domain::day::Day;
use crate::domain::purchase::Purchase;
use crate::error::{Error, Result};
use crate::exchange::write::{Cell, Format, Sheet};

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

pub(super) fn reference<T: Reference>(
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
pub(super) fn purchases(
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

pub(super) fn operation<V: serde::Serialize>(
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
