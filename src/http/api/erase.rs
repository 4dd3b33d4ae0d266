//! Erasing a person.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::entries::Desk;
use crate::app::{App, people};
use crate::db::Db;
use crate::domain::entry::EntryKind;
use crate::http::prelude::*;

/// Routes of this file.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(erase);
}

/// Why a person is erased.
#[derive(Debug, Deserialize, ToSchema)]
#[allow(dead_code, reason = "documentation of app::people::Erase")]
pub struct Erase {
    /// Kept in the list of erasures; names nobody.
    reason: String,
}

/// What an erasure did.
#[derive(Debug, Serialize, ToSchema)]
#[allow(dead_code, reason = "documentation of app::people::Erased")]
pub struct Erased {
    /// Key of the person, which stays.
    key: String,
    /// Always true.
    erased: bool,
    /// Events whose notes, reasons and signatures were deleted.
    events: i64,
}

/// Deletes name, notes and signatures of a person. The ledger still verifies and no figure changes. May be repeated.
#[utoipa::path(tag = "people", operation_id = "erase_person", params(("key" = String, Path), IdempotencyKey), request_body = Erase,
    responses((status = 200, description = "Erased", body = Erased), Refusals))]
#[post("/people/{key}/erase")]
pub async fn erase(
    app: State,
    actor: Actor,
    key: Path<String>,
    once: Once,
    mut body: Json,
) -> Answer {
    actor.must(Right::Erase)?;
    let value = serde_json::Value::Object(body.object()?);
    let request = once.request(&actor, value.to_string().as_bytes());
    let work = move |app: &Arc<App>, db: &mut Db| {
        let desk = Desk::of(app, db, &actor)?;
        // Whether there is such a person comes before what is said of it.
        desk.find(db, EntryKind::Person, &key)?;
        let (erased, list) = people::erase_in(db, &desk, &key, &input::parse(value.clone())?)?;
        Ok((Reply::ok(&erased)?, list))
    };
    once.within(&app, request, work, |app, reply, list| {
        people::keep_list(app, &list);
        Ok(reply)
    })
    .await
}
