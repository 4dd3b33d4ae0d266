//! How a file was read: what an owner needs to see that its columns and dates were understood as they meant them.

use serde::{Deserialize, Serialize};

use crate::exchange::dates::Evidence;
use crate::exchange::profiles::{Column, Field, Meaning, Plan};
use crate::exchange::table::Table;

/// How a file was read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ImportReading)]
#[serde(default)]
pub struct Reading {
    /// The profile was found out, not asked for.
    pub recognised: bool,
    /// It is our own export of devices: references are keys.
    pub own_export: bool,
    /// Key of the saved mapping that was asked for.
    pub mapping: Option<String>,
    /// What stands between two cells.
    pub separator: String,
    /// `utf-8`, `utf-16le`, `utf-16be`, `windows-1252`, `macintosh`.
    pub encoding: String,
    /// Line of the header.
    pub header_line: u64,
    /// `comma` or `point`: how `1,234` and `1.234` are told apart.
    pub decimals: String,
    /// The columns, in their order.
    pub columns: Vec<ColumnRead>,
}

/// What one column was read as.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ImportColumn)]
#[serde(default)]
pub struct ColumnRead {
    /// Header as written.
    pub header: String,
    /// `field`, `extra` (kept as a custom field) or `ignored`.
    pub read_as: String,
    /// The field, or the key of the custom field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// How its dates were read; null when it holds none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dates: Option<DatesRead>,
}

/// How the dates of a column were read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ImportDates)]
#[serde(default)]
pub struct DatesRead {
    /// `iso` when the order of day and month is written plainly, else `dmy` or `mdy`; null when nothing tells.
    pub order: Option<String>,
    /// What decided between day and month: `column`, `asked`, `file` (its other dates), `tool`, `language`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<String>,
    /// No date of the column could have meant another day.
    pub certain: bool,
}

impl Reading {
    /// What the plan of a table says.
    pub(super) fn of(
        table: &Table,
        plan: &Plan,
        recognised: bool,
        mapping: Option<&str>,
    ) -> Reading {
        Reading {
            recognised,
            own_export: plan.own,
            mapping: mapping.map(str::to_owned),
            separator: table.separator().to_string(),
            encoding: table.encoding().as_str().to_owned(),
            header_line: plan.header_line,
            decimals: if plan.comma { "comma" } else { "point" }.to_owned(),
            columns: plan.columns.iter().map(column).collect(),
        }
    }

    /// The header that a custom field came from.
    pub(super) fn header_of<'a>(&'a self, key: &'a str) -> &'a str {
        let found = self
            .columns
            .iter()
            .find(|c| c.read_as == "extra" && c.field.as_deref() == Some(key));
        found.map_or(key, |column| &column.header)
    }
}

fn column(column: &Column) -> ColumnRead {
    let (read_as, field) = match &column.meaning {
        Meaning::Field(Field::Ignore | Field::Drop, _) | Meaning::Nothing => ("ignored", None),
        Meaning::Field(field, _) => ("field", Some(field.as_str().to_owned())),
        Meaning::Extra(key) => ("extra", Some(key.clone())),
    };
    ColumnRead {
        header: column.header.clone(),
        read_as: read_as.to_owned(),
        field,
        dates: dates(column),
    }
}

fn dates(column: &Column) -> Option<DatesRead> {
    let Evidence {
        day_first,
        month_first,
        either,
        plain,
    } = column.dates;
    if day_first + month_first + either == 0 {
        return (plain > 0).then(|| DatesRead {
            order: Some("iso".into()),
            decided_by: None,
            certain: true,
        });
    }
    let by = column.decided.map(|by| by.as_str().to_owned());
    Some(DatesRead {
        order: column.order.map(|order| order.as_str().to_owned()),
        // Dates that speak against each other leave those in doubt that could be both.
        certain: either == 0
            || by.as_deref() == Some("asked")
            || (by.as_deref() == Some("column") && day_first.min(month_first) == 0),
        decided_by: by,
    })
}
