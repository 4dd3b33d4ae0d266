//! Indicators: the figures of a year, one figure, the devices behind it.

use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::app::indicators::{self, Ask, Behind, FigureView, ItemView};
use crate::domain::indicator::Side;
use crate::http::prelude::*;

/// Routes of this file.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(list).service(show).service(items);
}

/// What may be asked of the indicators.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "documentation of app::indicators::Ask")]
struct AskParams {
    /// Civil year; that of `as_of` when absent.
    year: Option<i32>,
    /// Only what is dated up to this day; today when absent.
    as_of: Option<String>,
    /// Only what was recorded up to this instant (RFC 3339).
    known_at: Option<String>,
    /// Organisation key; your own, or the main one, when absent.
    org: Option<String>,
    /// `own` (default, the legal figure) or `tree`.
    scope: Option<String>,
}

/// What may be asked of a list behind a figure.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub struct ItemsQuery {
    /// numerator (default), denominator, excluded or gap.
    side: Option<String>,
    /// One row of the breakdown, or one part of the figure, by its key.
    group: Option<String>,
    /// 1 to 1000; 50 when absent.
    limit: Option<u32>,
    /// Where to go on.
    cursor: Option<String>,
    /// Civil year.
    year: Option<String>,
    /// Day.
    as_of: Option<String>,
    /// Instant.
    known_at: Option<String>,
    /// Organisation key.
    org: Option<String>,
    /// `own` or `tree`.
    scope: Option<String>,
}

/// A page of figures.
#[derive(Debug, ToSchema)]
#[allow(dead_code, reason = "documentation of app::Page")]
struct IndicatorPage {
    /// In the order of the catalogue.
    items: Vec<FigureView>,
    /// Always null: all of them are here.
    next: Option<String>,
}

/// A page of devices.
#[derive(Debug, ToSchema)]
#[allow(dead_code, reason = "documentation of app::Page")]
struct IndicatorItemPage {
    /// In the order of devices.
    items: Vec<ItemView>,
    /// Cursor of the next page.
    next: Option<String>,
}

/// Every indicator of a year. `scope=own` is the legal figure of the organisation; `tree` sums the organisation and those below it without hand-overs between them and is not legal.
#[utoipa::path(tag = "indicators", operation_id = "list_indicators", params(AskParams),
    responses((status = 200, description = "All of them", body = IndicatorPage), Refusals))]
#[get("/indicators")]
pub async fn list(app: State, actor: Actor, ask: Query<Ask>) -> Answer {
    let page = run(&app, move |app| indicators::all(app, &actor, &ask.0)).await?;
    Ok(Reply::ok(&page)?.into_response())
}

/// One indicator, by id (`L01`, any case) or name (`reen16_rate`).
#[utoipa::path(tag = "indicators", operation_id = "get_indicator", params(("id" = String, Path), AskParams),
    responses((status = 200, description = "The figure", body = FigureView), Refusals))]
#[get("/indicators/{id}")]
pub async fn show(app: State, actor: Actor, id: Path<String>, ask: Query<Ask>) -> Answer {
    let figure = run(&app, move |app| indicators::one(app, &actor, &id, &ask.0)).await?;
    Ok(Reply::ok(&figure)?.into_response())
}

/// The devices behind a figure (for L06 the purchase lines), with why each is there. `gap` lists what could fill the gap.
#[utoipa::path(tag = "indicators", operation_id = "list_indicator_items", params(("id" = String, Path), ItemsQuery),
    responses((status = 200, description = "A page", body = IndicatorItemPage), Refusals))]
#[get("/indicators/{id}/items")]
pub async fn items(app: State, actor: Actor, id: Path<String>, query: Query<ItemsQuery>) -> Answer {
    let query = query.0;
    let limit = params::limit(query.limit)?;
    let side = match query.side.as_deref() {
        None => Side::Numerator,
        Some(text) => Side::parse(text).ok_or_else(|| {
            let detail = "`side` is numerator, denominator, excluded or gap";
            Error::new(Code::InvalidParameter, detail).with_field("side")
        })?,
    };
    let behind = Behind {
        group: query.group,
        ..Behind::of(&id, side)?
    };
    let ask = [
        ("year", query.year),
        ("as_of", query.as_of),
        ("known_at", query.known_at),
        ("org", query.org),
        ("scope", query.scope),
    ];
    let ask: Ask = params::read(
        ask.into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)))
            .collect(),
    )?;
    let cursor = query.cursor;
    let page = run(&app, move |app| {
        indicators::items(app, &actor, &behind, &ask, limit, cursor.as_deref())
    })
    .await?;
    Ok(Reply::ok(&page)?.into_response())
}
