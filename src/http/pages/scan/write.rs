//! The commit of a session: each reading by itself, under its own key, so that sending it twice writes once.

use std::sync::Arc;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::session::{Context, Reading, Session};
use crate::app::scans::{self, Taken};
use crate::db::Lane;
use crate::domain::day::write_instant;
use crate::domain::scanning::Act;
use crate::http::pages::prelude::*;
use crate::http::pages::refusal;

/// Writes what was read. What cannot be written is kept to be settled, with its reason on its line.
///
/// # Errors
/// Faults of ours: nothing is written then.
pub fn all(
    app: &Arc<App>,
    f: &Frame,
    actor: &Actor,
    session: &mut Session,
    key: &str,
) -> Result<String> {
    let mut items = Vec::new();
    let mut whose = Vec::new();
    for (at, reading) in session.readings.iter().enumerate() {
        if let Some(item) = item(&session.context, reading, key) {
            items.push(item);
            whose.push(at);
        }
    }
    let (app2, writer) = (app.clone(), actor.clone());
    let taken = app.store.write(Lane::Interactive, move |db| {
        scans::take(&app2, db, &writer, items.clone())
    })?;
    let (mut written, mut kept) = (0_i64, 0_i64);
    for (at, taken) in whose.into_iter().zip(taken) {
        let Some(reading) = session.readings.get_mut(at) else {
            continue;
        };
        match taken {
            Taken::Written(_) | Taken::Seen(_) => {
                reading.written = Some(session.context.act);
                reading.refused.clear();
                written += 1;
            }
            Taken::Kept(row, _) => {
                reading.refused = why(f, &row);
                kept += 1;
            }
            Taken::Unreadable(error) => {
                reading.refused = short(&refusal::sentence(f, &error));
                kept += 1;
            }
        }
    }
    let mut text = f.tn("scan.written", written);
    if kept > 0 {
        text.push(' ');
        text.push_str(&f.tn("scan.not_written", kept));
    }
    Ok(text)
}

/// The scan that a reading is; none where there is nothing to write.
fn item(context: &Context, reading: &Reading, key: &str) -> Option<Value> {
    let open = reading.written.is_none() && reading.refused.is_empty() && !reading.again;
    // Looked at and found: there is nothing to keep.
    if !open || (context.act == Act::Look && reading.tag.is_some()) {
        return None;
    }
    let mut fields = context.event();
    // Seen where it is not expected, a device stays expected there unless somebody keeps it here.
    if context.act == Act::Audit && !reading.keep {
        fields.remove("site");
    }
    let at = chrono::DateTime::from_timestamp(reading.at, 0)?;
    // A code that means nothing may hold anything: its key is its fingerprint.
    let name = match &reading.tag {
        Some(tag) => tag.clone(),
        None => crate::app::tokens::hex(&Sha256::digest(reading.code.as_bytes())),
    };
    let mut item = json!({
        "key": format!("{key}:{name}"),
        "code": reading.code,
        "act": context.act,
        "at": write_instant(&at),
    });
    let map = item.as_object_mut()?;
    map.extend(fields);
    if let Some(tag) = &reading.tag {
        map.insert("device".into(), tag.as_str().into());
    }
    Some(item)
}

/// Why a reading was kept, in words.
fn why(f: &Frame, row: &crate::db::readings::Row) -> String {
    let code = row.problem.as_deref().and_then(Code::parse);
    let text = match code {
        Some(code) => {
            let error = Error::new(code, row.detail.clone().unwrap_or_default());
            refusal::sentence(f, &error)
        }
        None => f.t(&format!("scan.{}_about", row.why)).to_owned(),
    };
    short(&text)
}

fn short(text: &str) -> String {
    text.chars().take(190).collect()
}
