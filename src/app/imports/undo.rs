//! Undo: what an import made and nobody touched since is withdrawn; what was touched stays and is told; what it
//! changed gets its events voided. Nothing is deleted: the ledger shows both.

use std::sync::Arc;

use super::walk::Detail;
use crate::app::lifecycle::{Command, Context, context, record_in};
use crate::app::{Actor, App, Expected};
use crate::db::imports::{self, Import, Row};
use crate::db::{Db, Lane, devices, events, savepoint};
use crate::domain::event::{Event, Fields};
use crate::domain::text::Line;
use crate::domain::words::Kind;
use crate::error::{Error, Result};
use crate::exchange::draft::{Problem, Why, problem};

/// Rows of a slice.
const SLICE: i64 = 50;

/// Takes an import back, slice by slice.
///
/// # Errors
/// Those of the store; what was taken back stands and the rest can be taken up again.
pub fn undo(app: &Arc<App>, actor: &Actor, import: &Import) -> Result<()> {
    let mut after = 0;
    loop {
        let rows = app
            .store
            .read(|db| imports::rows(db, &import.id, &["created", "changed"], after, SLICE))?;
        let Some(last) = rows.last() else {
            return Ok(());
        };
        after = last.line;
        let (app2, actor2, id) = (Arc::clone(app), actor.clone(), import.id.clone());
        let rows = Arc::new(rows);
        app.store.write(Lane::Imports, move |db| {
            let cx = context(&app2, db, &actor2)?;
            for action in ["created", "changed"] {
                let of = |r: &&Row| r.action == action;
                let lines: Vec<i64> = rows.iter().filter(of).map(|r| r.line).collect();
                let held = imports::hold(db, &id, action, &lines, cx.now.instant.naive_utc())?;
                for row in rows.iter().filter(of).filter(|r| held.contains(&r.line)) {
                    let outcome = take_back(db, &cx, &id, row)?;
                    imports::settle(db, &id, std::slice::from_ref(&outcome))?;
                }
            }
            Ok(())
        })?;
    }
}

fn take_back(db: &mut Db, cx: &Context, import: &str, row: &Row) -> Result<Row> {
    let mut detail = Detail::read(&row.detail)?;
    let mut ids = detail.made.clone();
    if ids.is_empty() {
        ids.extend(row.device.clone());
    }
    let mut kept = false;
    for device in &ids {
        if let Some((why, refusal)) = device_back(db, cx, import, device)? {
            kept = true;
            let line = u64::try_from(row.line).unwrap_or(0);
            let tag = devices::by_id(db, device)?.map_or_else(String::new, |d| d.tag);
            let values = problem::values([("device", tag.into()), ("detail", refusal.into())]);
            detail.problems.push(Problem::new(line, None, why, values));
        }
    }
    let action = match (kept, row.action.as_str()) {
        (true, _) => "kept",
        (false, "created") => "taken_back",
        (false, _) => "corrected",
    };
    Ok(Row {
        action: action.into(),
        detail: detail.text()?,
        ..row.clone()
    })
}

/// Takes one device back; gives the reason why it stays.
fn device_back(
    db: &mut Db,
    cx: &Context,
    import: &str,
    device: &str,
) -> Result<Option<(Why, String)>> {
    let chain = events::of_device(db, device)?;
    let ours = |e: &&Event| e.import.as_deref() == Some(import);
    let voided = |e: &Event| {
        chain.iter().any(|c| {
            c.kind == Kind::Correct
                && c.fields
                    .event
                    .as_ref()
                    .is_some_and(|id| id.as_str() == e.id)
        })
    };
    if chain.iter().any(|e| e.kind == Kind::Withdraw && !voided(e)) {
        return Ok(None);
    }
    let made = chain.first().is_some_and(|e| ours(&e));
    let commands = if made {
        if !chain.iter().all(|e| ours(&e)) {
            return Ok(Some((Why::TouchedSince, String::new())));
        }
        vec![command(device, Kind::Withdraw, cx, None)?]
    } else {
        chain
            .iter()
            .filter(ours)
            .filter(|e| !voided(e))
            .map(|e| command(device, Kind::Correct, cx, Some(&e.id)))
            .collect::<Result<_>>()?
    };
    if commands.is_empty() {
        return Ok(None);
    }
    match savepoint(db, |db| record_in(db, cx, &commands, &Expected::Anything)) {
        Ok(_) => Ok(None),
        Err(error) if error.code.status() < 500 => Ok(Some((Why::UndoRefused, error.detail))),
        Err(error) => Err(error),
    }
}

fn command(device: &str, kind: Kind, cx: &Context, event: Option<&str>) -> Result<Command> {
    let mut private = serde_json::Map::new();
    if kind == Kind::Withdraw {
        private.insert("reason".into(), "import undone".into());
    }
    let event = event
        .map(|id| Line::parse(id).map_err(|e| Error::invalid("event", e)))
        .transpose()?;
    Ok(Command {
        device: device.to_owned(),
        kind,
        on: cx.now.today,
        at: None,
        fields: Fields {
            event,
            ..Fields::default()
        },
        private,
        key: None,
        sent: serde_json::Value::Null,
    })
}
