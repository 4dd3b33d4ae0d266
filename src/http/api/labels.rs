//! Labels: one of a device, or sheets of many.

use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::app::labels::{self, Which};
use crate::http::prelude::*;
use crate::labels::{Format, Print};

/// Routes of this file.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(one).service(many);
}

/// How one label is drawn.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// Width and height in millimetres, such as `62x29`; `50x25` when absent.
    size: Option<String>,
    /// A line around the label, to cut along.
    outline: bool,
    /// Dots per millimetre of the label printer, for ZPL: 6, 8 (203 dpi, when absent), 12 (300 dpi) or 24.
    dpmm: Option<u32>,
}

/// Labels of many devices.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Sheet {
    /// Tags (or ids) in the order to print, at most 5,000; a tag named twice is printed twice.
    tags: Vec<String>,
    /// `L7159` (24 a sheet), `L7160` (21), `L7651` (65), `L4731` (189), `5160` (30, US Letter), `roll` or `roll:WxH` (one
    /// label a page), or `custom:COLUMNSxROWS:WxH:LEFT,TOP[:PITCHX,PITCHY]` on A4, in millimetres.
    layout: String,
    /// First free position of the first sheet, from 1, left to right and then down.
    #[serde(default = "first")]
    start: usize,
    /// `pdf` (when absent; any number of pages), `svg` or `png` (one page), `zpl` (label after label).
    #[serde(default = "pdf")]
    format: String,
    /// A line around each label, to cut along or to check the alignment.
    #[serde(default)]
    outline: bool,
    /// Dots per millimetre of the label printer, for ZPL.
    #[serde(default = "dpmm")]
    dpmm: u32,
}

fn first() -> usize {
    1
}
fn pdf() -> String {
    "pdf".into()
}
fn dpmm() -> u32 {
    8
}

/// The label of a device: QR code of its public address, tag in clear, owner and model.
#[utoipa::path(tag = "labels", operation_id = "device_label", params(("tag" = String, Path), ("format" = String, Path, description = "svg, png, pdf or zpl"), Asked),
    responses((status = 200, description = "The label", body = Vec<u8>, content_type = "image/svg+xml"), Refusals))]
#[get("/devices/{tag}/label.{format}")]
pub async fn one(
    app: State,
    actor: Actor,
    path: Path<(String, String)>,
    query: Query<Asked>,
) -> Answer {
    actor.must(Right::Labels)?;
    let (tag, format) = path.into_inner();
    let format = Format::parse(&format).map_err(|_| Error::not_found())?;
    let asked = query.0;
    let layout = match &asked.size {
        Some(size) => labels::layout(&format!("roll:{size}")).map_err(|e| parameter(e, "size"))?,
        None => labels::layout("roll")?,
    };
    let print = Print {
        outline: asked.outline,
        dpmm: asked.dpmm.unwrap_or_else(dpmm),
        ..Print::on(layout)
    };
    let file = run(&app, move |app| {
        labels::label(app, &actor, &tag, &print, format)
    })
    .await;
    let file = file.map_err(|e| match e.field.as_deref() {
        Some("layout") => parameter(e, "size"),
        Some("dpmm") => parameter(e, "dpmm"),
        _ => e,
    })?;
    Ok(reply(format, file).into_response())
}

/// Labels of many devices, on sheets or one a page.
#[utoipa::path(tag = "labels", operation_id = "labels", params(IdempotencyKey), request_body = Sheet,
    responses((status = 200, description = "The file", body = Vec<u8>, content_type = "application/pdf"), Refusals))]
#[post("/labels")]
pub async fn many(app: State, actor: Actor, once: Once, mut body: Json) -> Answer {
    actor.must(Right::Labels)?;
    let value = serde_json::Value::Object(body.object()?);
    let request = once.request(&actor, value.to_string().as_bytes());
    once.around(&app, request, move |app, _| {
        let sheet: Sheet = input::parse(value)?;
        let format = Format::parse(&sheet.format).map_err(|e| Error::invalid("format", e))?;
        let print = Print {
            start: sheet.start,
            outline: sheet.outline,
            dpmm: sheet.dpmm,
            ..Print::on(labels::layout(&sheet.layout)?)
        };
        let file = labels::sheet(app, &actor, &Which::Tags(sheet.tags), &print, format)?;
        Ok(reply(format, file))
    })
    .await
}

/// A refusal of a value, as one of a parameter of the query.
fn parameter(error: Error, name: &str) -> Error {
    Error {
        code: Code::InvalidParameter,
        field: Some(name.to_owned()),
        ..error
    }
}

fn reply(format: Format, file: Vec<u8>) -> Reply {
    let name = format!("inline; filename=\"labels.{}\"", format.as_str());
    Reply {
        status: 200,
        headers: vec![("content-type".into(), format.media_type().into())],
        body: file,
    }
    .with("content-disposition", &name)
}
