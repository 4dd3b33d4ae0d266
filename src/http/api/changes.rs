//! The change feed.

use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::changes::{self, Feed};
use crate::http::prelude::*;

/// Routes of this file.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(list);
}

/// Where in the feed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// `next` of the part before; the beginning when absent.
    since: Option<u64>,
    /// 1 to 1000; 50 when absent.
    limit: Option<u32>,
}

/// Events and new versions of reference rows of your organisations, in the order in which they were committed. It may
/// lag by a second and skips nothing. `next` is always given: come back with it as `since`.
#[utoipa::path(tag = "changes", operation_id = "list_changes", params(Asked), responses((status = 200, description = "A part", body = Feed), Refusals))]
#[get("/changes")]
pub async fn list(app: State, actor: Actor, query: Query<Asked>) -> Answer {
    let limit = params::limit(query.0.limit)?;
    let since = query.0.since.unwrap_or(0);
    let since = i64::try_from(since).map_err(|_| {
        Error::new(Code::InvalidParameter, "`since` is a number of this feed").with_field("since")
    })?;
    let feed = run(&app, move |app| changes::since(app, &actor, since, limit)).await?;
    Ok(Reply::ok(&feed)?.into_response())
}
