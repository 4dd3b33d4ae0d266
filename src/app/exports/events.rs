//! Events of the reader's own intervals, one row each.

use std::collections::HashMap;
use std::io::Write;

use serde_json::{Map, Value};

use super::{Ask, owned};
use crate::app::devices::{Asked, event_view, filter};
use crate::app::{Actor, App};
use crate::db::{Db, exports};
use crate::domain::day::write_instant;
use crate::error::{Error, Result};
use crate::exchange::write::{Cell, Format, Sheet};

const EVENT: &[&str] = &[
    "device",
    "id",
    "n",
    "kind",
    "on",
    "at",
    "recorded_at",
    "actor",
    "voided_by",
    "note",
    "fields",
];

/// All events of one snapshot that are of the reader's own intervals, in the order of their making.
pub(super) fn events(
    app: &App,
    actor: &Actor,
    format: Format,
    ask: &Ask,
    out: &mut dyn Write,
) -> Result<()> {
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
