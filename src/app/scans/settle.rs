//! Settling what was kept back: the code is given to a device, its event is written, or there is nothing to do.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::keep::{ReadingView, view};
use super::{Act, Item};
use crate::app::lifecycle::{self, Command, Context, record_in};
use crate::app::{Actor, App, Expected, Right, devices};
use crate::db::{Db, readings, savepoint};
use crate::domain::codes::{is_imei, is_mac, is_uuid};
use crate::domain::day::Day;
use crate::domain::scanning::Settled;
use crate::domain::text::{Line, Note, Text};
use crate::domain::words::{CodeKind, Kind};
use crate::error::{Code, Error, Result};

/// What is done with a reading that waits.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SettleReading)]
pub struct Settle {
    /// Tag of the device that it means. Its event is written for it, at the instant of the scan.
    #[schema(value_type = Option<String>)]
    pub device: Option<Line>,
    /// The device also gets the code, so that it is found by it from now on.
    #[serde(default)]
    pub link: bool,
    /// There is nothing to write.
    #[serde(default)]
    pub dismiss: bool,
    /// Why, or what was found out.
    #[schema(value_type = Option<String>)]
    pub remark: Option<Note>,
}

/// Settles a reading.
///
/// # Errors
/// `forbidden`, `not_found`, `stale` when somebody has settled it, and the refusals of its event: it waits on then.
pub fn settle(
    app: &App,
    db: &mut Db,
    actor: &Actor,
    key: &str,
    how: &Settle,
) -> Result<ReadingView> {
    let scope = super::scope(db, actor)?;
    let row = readings::by_id(db, &scope, key)?.ok_or_else(Error::not_found)?;
    let cx = lifecycle::context(app, db, actor)?;
    let (settled, device) = match (&how.device, how.dismiss) {
        (Some(_), true) => {
            let detail = "give `device`, or `dismiss`: not both";
            return Err(Error::invalid("dismiss", detail));
        }
        (None, false) => return Err(Error::missing("device")),
        (None, true) => (Settled::Dismissed, None),
        (Some(tag), false) => {
            let id = super::named(db, &cx.scope, tag.as_str())?
                .ok_or_else(|| Error::unknown_reference("device", tag.as_str()))?;
            (for_device(app, db, &cx, &row, &id, how.link)?, Some(id))
        }
    };
    let remark = how.remark.as_ref().map(|r| r.as_str());
    if !readings::settle(db, &row.id, settled.as_str(), device.as_deref(), remark)? {
        let detail = "somebody has settled this reading; read it again";
        return Err(Error::new(Code::Stale, detail));
    }
    let row = readings::by_id(db, &scope, key)?.ok_or_else(Error::not_found)?;
    view(db, &scope, row)
}

/// Gives the device the code, if asked, and writes the event, if the scan meant one.
fn for_device(
    app: &App,
    db: &mut Db,
    cx: &Context,
    row: &readings::Row,
    id: &str,
    link: bool,
) -> Result<Settled> {
    let mut commands = Vec::new();
    if link {
        commands.push(linking(app, db, cx, row, id)?);
    }
    let act = Act::parse(&row.act).map_err(Error::internal)?;
    let mut settled = Settled::Linked;
    if act != Act::Look {
        let fields = serde_json::from_str(&row.fields).map_err(Error::internal)?;
        let at = row.at.and_utc();
        let item = Item {
            // The scan's own key belongs to who scanned; this event has one of its own by the reading.
            key: Line::parse(&format!("reading:{}", row.id)).map_err(Error::internal)?,
            code: Text::parse(&row.code).map_err(Error::internal)?,
            act,
            at,
            on: Day::of(at),
            device: None,
            fields,
        };
        commands.push(super::command(db, cx, &item, id)?);
        settled = Settled::Written;
    } else if !link {
        settled = Settled::Dismissed;
    }
    savepoint(db, |db| {
        record_in(db, cx, &commands, &Expected::Anything).map_err(lifecycle::without_item)
    })?;
    Ok(settled)
}

/// The `describe` that adds the code to those of the device.
fn linking(app: &App, db: &mut Db, cx: &Context, row: &readings::Row, id: &str) -> Result<Command> {
    cx.actor.must(Right::Devices)?;
    let code = Line::parse(&row.code).map_err(|e| Error::invalid("code", format!("`code` {e}")))?;
    let before = devices::get_in(app, db, &cx.actor, id, None)?;
    let mut codes: Vec<Value> = before.codes.iter().map(|c| json!(c)).collect();
    codes.push(json!({"kind": kind_of(code.as_str()).as_str(), "value": code}));
    let mut body = Map::new();
    body.insert("kind".into(), Kind::Describe.as_str().into());
    body.insert("set".into(), json!({ "codes": codes }));
    Command::read(body, Some(id), cx.now)
}

/// What kind of code it is, by its form.
fn kind_of(code: &str) -> CodeKind {
    match code {
        c if is_uuid(c) => CodeKind::Uuid,
        c if is_imei(c) => CodeKind::Imei,
        c if is_mac(c) => CodeKind::Mac,
        c if c.contains("://") => CodeKind::Url,
        _ => CodeKind::Other,
    }
}
