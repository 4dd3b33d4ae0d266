//! Gates: asked when a hand-over is recorded, never in the replay (later truth raises anomalies, it does not block).

use std::collections::BTreeMap;

use super::session::{Context, Session};
use crate::app::audit;
use crate::app::permission::Right;
use crate::db::{Db, devices};
use crate::domain::facts::Exit;
use crate::domain::words::{Data, ExitKind, Kind};
use crate::error::{Code, Error, Result};

/// The wipe gate of every hand-over being recorded: each medium verified purged or destroyed, those of its parts too,
/// or an override by right. `others` are the devices that are changed along with it.
///
/// # Errors
/// `wipe_required`, with the item it comes from.
pub fn check(
    db: &mut Db,
    cx: &Context,
    session: &Session,
    others: &BTreeMap<String, Session>,
) -> Result<()> {
    for fresh in session
        .fresh
        .iter()
        .filter(|f| f.event.kind == Kind::HandOver)
    {
        let books = &session.history.books;
        let mut exits = books.iter().flat_map(|b| &b.facts.exits);
        let Some(exit) = exits.find(|x| x.event == fresh.event.id) else {
            continue;
        };
        let overridden = fresh.event.fields.overridden == Some(true);
        if overridden {
            cx.actor
                .must(Right::Override)
                .map_err(|e| e.with("item", fresh.item))?;
        }
        let Some((held, data)) = held(db, session, others, exit)? else {
            continue;
        };
        if !overridden {
            let detail = format!(
                "by the ledger the data of {held} are `{data}`: record a verified `wipe` by purge or destroy of every medium, dated on or before {}, \
                 or hand over with `override` {{\"wipe\": \"reason\"}} (managers)",
                exit.on
            );
            return Err(Error::new(Code::WipeRequired, detail)
                .with("data", data.as_str())
                .with("item", fresh.item));
        }
        let detail = serde_json::json!({"event": fresh.event.id, "data": data.as_str()});
        audit::note(
            db,
            cx.now.instant,
            &cx.actor,
            "wipe.override",
            Some(&session.device.tag),
            &detail,
        )?;
    }
    Ok(())
}

/// What still holds data when a device leaves: itself, or a part that leaves inside it; none when nothing does.
fn held(
    db: &mut Db,
    session: &Session,
    others: &BTreeMap<String, Session>,
    exit: &Exit,
) -> Result<Option<(String, Data)>> {
    let purged = |data: Data| matches!(data, Data::None | Data::Purged | Data::Destroyed);
    if exit.kind == ExitKind::WriteOff {
        return Ok(None);
    }
    if !purged(exit.data) {
        return Ok(Some(("this device".into(), exit.data)));
    }
    let book = session.history.books.iter().find(|b| {
        let mut exits = b.facts.exits.iter();
        exits.any(|x| x.event == exit.event)
    });
    for part in devices::unpurged_parts(db, &session.device.id)? {
        // It was erased from where it sits, by its serial or with all the others.
        let inside = book.is_some_and(|b| {
            b.state.media.purged(None)
                || part
                    .serial
                    .as_deref()
                    .is_some_and(|s| b.state.media.purged(Some(s)))
        });
        // It is changed along with the whole: what counts is where that ends.
        let now = others.get(&part.device).and_then(|s| s.history.owner());
        let data = match now {
            Some(owner) if owner.state.part_of.as_deref() != Some(session.device.id.as_str()) => {
                continue;
            }
            Some(owner) => owner.state.media.state(),
            None => Data::parse(&part.data).unwrap_or(Data::Holds),
        };
        if !inside && !purged(data) {
            return Ok(Some((format!("its part {}", part.tag), data)));
        }
    }
    Ok(None)
}
