//! Erasing a person.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::{entries, people};
use crate::domain::person::Person;
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
    once.run(&app, actor, &mut body, move |app, actor, value| {
        // Whether there is such a person comes before what is said of it.
        entries::get::<Person>(app, actor, &key, None)?;
        Reply::ok(&people::erase(app, actor, &key, input::parse(value)?)?)
    })
    .await
}
