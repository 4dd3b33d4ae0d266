//! A decision: the council's réforme of many devices by one reference.

use serde_json::{Map, Value};

use super::{command, devices, moved, nothing_left};
use crate::app::lifecycle::{Recorded, context, record_in};
use crate::app::{Actor, App, Expected, Right};
use crate::db::Db;
use crate::domain::words::Kind;
use crate::error::{Error, Result};

/// Retires every device named: `{"reference","on","devices":[…],"cause"}`. `at`, `functional` and `note` go to each.
///
/// # Errors
/// The refusal of the first device that cannot be retired, with `item`; none is retired then.
pub fn decide(
    app: &App,
    db: &mut Db,
    actor: &Actor,
    mut body: Map<String, Value>,
) -> Result<Vec<Recorded>> {
    actor.must(Right::Event(Kind::Retire))?;
    let tags = devices(&mut body)?;
    if body.get("reference").is_none_or(Value::is_null) {
        return Err(Error::missing("reference"));
    }
    let fields = moved(
        &mut body,
        &["reference", "on", "at", "cause", "functional", "note"],
    );
    nothing_left(&body, "a decision")?;
    let cx = context(app, db, actor)?;
    let commands = tags
        .iter()
        .map(|tag| command(&cx, tag, "retire", &fields))
        .collect::<Result<Vec<_>>>()?;
    record_in(db, &cx, &commands, &Expected::Anything)
}
