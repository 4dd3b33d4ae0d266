//! Reception: what arrives against a line of a purchase becomes devices, in one transaction.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::devices::{create_in, may_create};
use super::lifecycle::context;
use super::purchases::resolve_line;
use super::{Actor, App, Right};
use crate::db::{Lane, device_rows};
use crate::domain::words::{Acquisition, Kind, Tenure};
use crate::error::{Error, Result};

/// Most devices received at once.
pub const MOST: usize = 1000;

/// What arrived.
#[derive(Debug, Clone, Default)]
pub struct Arrival {
    /// `PURCHASE/LINE`.
    pub line: String,
    /// Day.
    pub on: String,
    /// Serial numbers, one a device.
    pub serials: Vec<String>,
    /// Devices without a serial number, beside those.
    pub without: usize,
    /// Where they are kept.
    pub site: Option<String>,
    /// What they are, when the line does not say.
    pub category: Option<String>,
    /// Last day of their warranty.
    pub warranty_until: Option<String>,
}

/// Makes the devices, received; gives their tags in the order of the serial numbers. Category, model, condition, tenure
/// and price are those of the line.
///
/// # Errors
/// `forbidden`; `unknown_reference` on `line`; `missing_field` on `category` or `serials`; `duplicate` for a serial
/// number that is known; `future_date`. Nothing is made then.
pub fn receive(app: &Arc<App>, actor: &Actor, arrival: Arrival) -> Result<Vec<String>> {
    may_create(actor)?;
    actor.must(Right::Event(Kind::Receive))?;
    let count = arrival.serials.len() + arrival.without;
    if count == 0 {
        return Err(Error::missing("serials"));
    }
    if count > MOST {
        return Err(Error::invalid(
            "serials",
            format!("at most {MOST} devices are received at once"),
        ));
    }
    let (app2, actor) = (app.clone(), actor.clone());
    app.store.write(Lane::Interactive, move |db| {
        let cx = context(&app2, db, &actor)?;
        let found = resolve_line(db, &arrival.line, actor.org.as_deref(), &cx.scope)?;
        let line = found.line().ok_or_else(Error::not_found)?.clone();
        let text =
            |t: &Option<crate::domain::text::Line>| t.as_ref().map(|t| t.as_str().to_owned());
        let acquisition = match line.tenure {
            Tenure::Leased => Acquisition::Lease,
            _ => Acquisition::Purchase,
        };
        let event = json!({"kind": "receive", "on": arrival.on, "line": found.reference(),
            "condition": line.condition, "tenure": line.tenure, "acquisition": acquisition});
        let mut body = Map::new();
        body.insert("event".into(), event);
        body.insert("acquired_on".into(), arrival.on.clone().into());
        body.insert("line".into(), found.reference().into());
        let category = arrival.category.clone().or_else(|| text(&line.category));
        body.insert("category".into(), category.into());
        body.insert("model".into(), text(&line.model).into());
        body.insert("name".into(), Value::Null);
        body.insert("site".into(), arrival.site.clone().into());
        body.insert(
            "warranty_until".into(),
            arrival.warranty_until.clone().into(),
        );
        body.insert("condition".into(), json!(line.condition));
        let each = line
            .amount_cents
            .filter(|cents| *cents >= 0 && line.quantity > 0)
            .map(|cents| cents / line.quantity);
        body.insert("purchase_price_cents".into(), each.into());
        let owner = found.purchase.org.as_deref();
        if let Some(owner) = owner {
            let key = app2.names.key(db, owner)?;
            body.insert("organisation".into(), key.into());
        }
        let serials = arrival.serials.iter().map(|s| Some(s.as_str()));
        let mut ids = Vec::with_capacity(count);
        for serial in serials.chain(std::iter::repeat_n(None, arrival.without)) {
            let mut body = body.clone();
            body.insert("serial".into(), serial.into());
            let id = create_in(db, &cx, body).map_err(|e| of_serial(e, serial))?;
            ids.push(id);
        }
        let rows = device_rows::of_devices(db, &cx.scope, &ids)?;
        let tag = |id: &String| {
            let row = rows.iter().find(|row| row.device == *id);
            row.map(|row| row.tag.clone())
        };
        Ok(ids.iter().filter_map(tag).collect())
    })
}

/// Says which serial number is refused.
fn of_serial(error: Error, serial: Option<&str>) -> Error {
    let field = match error.field.as_deref() {
        Some("event.on") => "on".to_owned(),
        Some("serial") => "serials".to_owned(),
        Some(other) => other.to_owned(),
        None => "serials".to_owned(),
    };
    let mut error = error.with_field(field);
    if let Some(serial) = serial
        && error.field.as_deref() == Some("serials")
    {
        error.detail = format!("{serial}: {}", error.detail);
        error = error.with("serial", serial);
    }
    error
}
