//! Exports: any table as a file, streamed.

use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::exports::{self, Ask, Table};
use crate::domain::day::Day;
use crate::exchange::write::Format;
use crate::http::prelude::*;

/// Routes of this file.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(export);
}

/// How a file is written.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// `fr`: CSV for French Excel (byte order mark, semicolon, decimal comma).
    dialect: Option<String>,
    /// State at the end of this day (devices).
    #[param(value_type = Option<String>)]
    as_of: Option<Day>,
    /// Only this organisation (key) and what is below it.
    org: Option<String>,
}

/// A table as a file: `devices`, `events`, `purchases`, `exits`, `repairs`, `wipes`, `people`, `sites`, `partners`,
/// `models`, `categories` or `organisations`, as `.csv`, `.ndjson` or `.xlsx`.
#[utoipa::path(tag = "exports", operation_id = "export", params(("file" = String, Path, description = "TABLE.FORMAT, such as devices.csv"), Asked),
    responses((status = 200, description = "The file", content_type = "text/csv"), Refusals))]
#[get("/exports/{file}")]
pub async fn export(app: State, actor: Actor, file: Path<String>, query: Query<Asked>) -> Answer {
    let (table, ending) = file.rsplit_once('.').ok_or_else(Error::not_found)?;
    let table = Table::parse(table).map_err(|_| Error::not_found())?;
    let asked = query.0;
    let format = match (ending, asked.dialect.as_deref()) {
        ("csv", None) => Format::Csv,
        ("csv", Some("fr")) => Format::CsvFr,
        ("ndjson", None) => Format::Ndjson,
        ("xlsx", None) => Format::Xlsx,
        ("csv" | "ndjson" | "xlsx", Some(_)) => {
            return Err(Error::new(
                Code::InvalidParameter,
                "`dialect` is fr, and goes with csv only",
            )
            .with_field("dialect"));
        }
        _ => return Err(Error::not_found()),
    };
    actor.must(match table {
        Table::People => Right::People,
        _ => Right::Read,
    })?;
    let ask = Ask {
        as_of: asked.as_of,
        org: asked.org,
    };
    let name = format!("{}.{}", table.as_str(), format.ending());
    stream::stream(&app, format.media(), Some(&name), move |app, out| {
        exports::export(app, &actor, table, format, &ask, out)
    })
    .await
}
