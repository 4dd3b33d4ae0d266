//! Gates: asked when a hand-over is recorded, never in the replay (later truth raises anomalies, it does not block).

use super::session::{Context, Session};
use crate::app::audit;
use crate::app::permission::Right;
use crate::db::Db;
use crate::domain::words::{Data, ExitKind, Kind};
use crate::error::{Code, Error, Result};

/// The wipe gate of every hand-over being recorded: each medium verified purged or destroyed, or an override by right.
///
/// # Errors
/// `wipe_required`, with the item it comes from.
pub fn check(db: &mut Db, cx: &Context, session: &Session) -> Result<()> {
    for fresh in session
        .fresh
        .iter()
        .filter(|f| f.event.kind == Kind::HandOver)
    {
        let exits = session.history.books.iter().flat_map(|b| &b.facts.exits);
        let Some(exit) = exits.into_iter().find(|x| x.event == fresh.event.id) else {
            continue;
        };
        let open = exit.kind == ExitKind::WriteOff
            || matches!(exit.data, Data::None | Data::Purged | Data::Destroyed);
        let overridden = fresh.event.fields.overridden == Some(true);
        if overridden {
            cx.actor
                .must(Right::Override)
                .map_err(|e| e.with("item", fresh.item))?;
        }
        if !open && !overridden {
            let detail = format!(
                "by the ledger the data of this device are `{}`: record a verified `wipe` by purge or destroy of every medium, dated on or before {}, \
                 or hand over with `override` {{\"wipe\": \"reason\"}} (managers)",
                exit.data, exit.on
            );
            return Err(Error::new(Code::WipeRequired, detail)
                .with("data", exit.data.as_str())
                .with("item", fresh.item));
        }
        if !open {
            let detail = serde_json::json!({"event": fresh.event.id, "data": exit.data.as_str()});
            audit::note(
                db,
                cx.now.instant,
                &cx.actor,
                "wipe.override",
                Some(&session.device.tag),
                &detail,
            )?;
        }
    }
    Ok(())
}
