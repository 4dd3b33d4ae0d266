//! The four routes that every reference table has, written once: list, create, one, change.
//!
//! A table's own file says its shape for the OpenAPI document and calls [`collection!`].

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::day;
use crate::http::prelude::*;

/// What may be asked of every list.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "documentation of app::entries::ListQuery")]
pub struct Asked {
    /// Words that the name or key holds, without case and accents.
    q: Option<String>,
    /// Key of an organisation: only its rows and those of the ones below.
    org: Option<String>,
    /// True: not of those below.
    org_only: Option<bool>,
    /// `archived` shows what is hidden.
    include: Option<String>,
    /// 1 to 1000, 50 when absent.
    limit: Option<u32>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// True counts all, to 10,000.
    total: Option<bool>,
}

/// One page.
#[derive(Debug, Serialize, ToSchema)]
#[allow(dead_code, reason = "documentation of app::Page")]
pub struct PageOf<T> {
    /// The rows, by name.
    items: Vec<T>,
    /// Cursor of the next page; null at the end.
    next: Option<String>,
    /// How many in all, when asked for.
    total: Option<i64>,
    /// True when there are more than `total`.
    total_capped: Option<bool>,
}

/// What may be asked of one row.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub struct Known {
    /// As known at this instant (RFC 3339).
    known_at: Option<String>,
}

impl Known {
    /// The instant.
    ///
    /// # Errors
    /// `invalid_parameter`.
    pub fn instant(&self) -> Result<Option<day::Instant>> {
        self.known_at
            .as_deref()
            .map(day::instant::parse)
            .transpose()
            .map_err(|e| Error::new(Code::InvalidParameter, e).with_field("known_at"))
    }
}

/// Handlers and routes of one reference table: record, shape, tag, address of the collection and of one row, and the
/// sentences of the document.
macro_rules! collection {
    ($record:ident, $shape:ident, $tag:tt, $all:tt, $one:tt, list: $list:tt, create: $create:tt, show: $show:tt, change: $change:tt) => {
        use crate::app::entries::{self, Desk, ListQuery, Table};
        use crate::http::api::collection::{Asked, Known, PageOf};
        use crate::http::prelude::*;

        /// Routes of this file.
        pub fn routes(cfg: &mut ServiceConfig) {
            cfg.service(list).service(create).service(show).service(change);
        }

        #[doc = $list]
        #[utoipa::path(tag = $tag, operation_id = concat!("list_", $tag), params(Asked),
            responses((status = 200, description = "A page", body = PageOf<$shape>), Refusals))]
        #[get($all)]
        pub async fn list(app: State, actor: Actor, query: Query<ListQuery>) -> Answer {
            actor.must(<$record as Table>::READ)?;
            let page = run(&app, move |app| entries::list::<$record>(app, &actor, &query.0)).await?;
            Ok(Reply::ok(&page)?.into_response())
        }

        #[doc = $create]
        #[utoipa::path(tag = $tag, operation_id = concat!("create_", $tag), params(IdempotencyKey), request_body = $shape,
            responses((status = 201, description = "Made", body = $shape), Refusals))]
        #[post($all)]
        pub async fn create(app: State, actor: Actor, once: Once, mut body: Json) -> Answer {
            actor.must(<$record as Table>::WRITE)?;
            once.run(&app, actor, &mut body, |app, db, actor, value| {
                let desk = Desk::of(app, db, actor)?;
                let made = entries::create::<$record>(db, &desk, entries::object(value)?)?;
                let at = format!(concat!("/api/v1", $all, "/{}"), made.address);
                Ok(Reply::created(&at, &made)?.etag(made.version))
            })
            .await
        }

        #[doc = $show]
        #[utoipa::path(tag = $tag, operation_id = concat!("get_", $tag), params(("key" = String, Path), Known),
            responses((status = 200, description = "As it is", body = $shape), Refusals))]
        #[get($one)]
        pub async fn show(app: State, actor: Actor, key: Path<String>, query: Query<Known>) -> Answer {
            actor.must(<$record as Table>::READ)?;
            let known_at = query.0.instant()?;
            let row = run(&app, move |app| entries::get::<$record>(app, &actor, &key, known_at)).await?;
            Ok(Reply::ok(&row)?.etag(row.version).into_response())
        }

        #[doc = $change]
        #[utoipa::path(tag = $tag, operation_id = concat!("change_", $tag), params(("key" = String, Path), IfMatchHeader),
            request_body = $shape, responses((status = 200, description = "As it is now", body = $shape), Refusals))]
        #[patch($one)]
        pub async fn change(app: State, actor: Actor, key: Path<String>, when: IfMatch, mut body: Json) -> Answer {
            actor.must(<$record as Table>::WRITE)?;
            let patch = body.object()?;
            let row = run(&app, move |app| entries::patch::<$record>(app, &actor, &key, patch, when.expected())).await?;
            Ok(Reply::ok(&row)?.etag(row.version).into_response())
        }
    };
}
pub(crate) use collection;
