//! How a file was read, and what else it made: what an owner checks before anything is written.

use super::tool;
use super::words::field;
use crate::app::imports::{self, ColumnRead, DatesRead, Report};
use crate::http::pages::prelude::*;

/// Columns, and names of a kind, that a page shows.
const SHOWN: usize = 100;

/// How it was read, in words.
pub struct Reading {
    /// Name and value.
    pub facts: Vec<(&'static str, String)>,
    /// Header, what it became, how its dates were read, whether that is in doubt.
    pub columns: Vec<(String, String, String, bool)>,
    /// The columns counted.
    pub sum: String,
}

impl Reading {
    /// Something of it is to be looked at.
    pub fn doubtful(&self) -> bool {
        self.columns.iter().any(|column| column.3)
    }
}

/// What else was made.
pub struct Entries {
    /// The heading: made, or to be made.
    pub title: &'static str,
    /// The counts.
    pub sum: String,
    /// That an undo leaves them.
    pub stay: bool,
    /// By kind: its name, the rows, how many are not named.
    pub kinds: Vec<(&'static str, Vec<Named>, Option<String>)>,
}

/// Where a row is found, and its name.
type Named = (Option<String>, String);

/// How the file was read.
pub fn of(f: &Frame, profile: &str, reading: &imports::Reading) -> Reading {
    let tool = if reading.own_export {
        f.t("imports.own_export").to_owned()
    } else {
        tool(f, profile)
    };
    let by = if reading.recognised {
        "imports.recognised"
    } else {
        "imports.chosen"
    };
    let separator = match reading.separator.as_str() {
        "," => f.t("imports.sep_comma"),
        ";" => f.t("imports.sep_semicolon"),
        "\t" => f.t("imports.sep_tab"),
        _ => f.t("imports.sep_bar"),
    };
    let decimals = match reading.decimals.as_str() {
        "comma" => f.t("imports.dec_comma"),
        _ => f.t("imports.dec_point"),
    };
    let mut facts = vec![
        (f.t("imports.read_as"), f.say(by, &[("x", Arg::text(tool))])),
        (f.t("imports.separator"), separator.to_owned()),
        (f.t("imports.encoding"), reading.encoding.to_uppercase()),
        (f.t("imports.decimals"), decimals.to_owned()),
        (
            f.t("imports.header_line"),
            f.tn("imports.header_at", reading.header_line),
        ),
    ];
    if let Some(mapping) = &reading.mapping {
        facts.push((f.t("imports.mapping"), mapping.clone()));
    }
    let count = |what: &str| {
        let n = reading.columns.iter().filter(|c| c.read_as == what).count();
        Arg::Count(i64::try_from(n).unwrap_or(i64::MAX))
    };
    let counts = [
        ("fields", count("field")),
        ("extra", count("extra")),
        ("ignored", count("ignored")),
    ];
    Reading {
        facts,
        columns: reading
            .columns
            .iter()
            .take(SHOWN)
            .map(|c| column(f, c))
            .collect(),
        sum: f.say("imports.columns_count", &counts),
    }
}

fn column(f: &Frame, column: &ColumnRead) -> (String, String, String, bool) {
    let name = column.field.as_deref().unwrap_or_default();
    let became = match column.read_as.as_str() {
        "field" => field(f, name),
        "extra" => f.tx("imports.as_extra", name),
        _ => f.t("imports.as_ignored").to_owned(),
    };
    let doubtful = column.dates.as_ref().is_some_and(|d| !d.certain);
    let dates = column.dates.as_ref().map_or(String::new(), |d| dates(f, d));
    (column.header.clone(), became, dates, doubtful)
}

fn dates(f: &Frame, dates: &DatesRead) -> String {
    let order = match dates.order.as_deref() {
        Some("iso") => return f.t("imports.order_iso").to_owned(),
        Some("dmy") => f.t("imports.order_dmy"),
        Some("mdy") => f.t("imports.order_mdy"),
        _ => return f.t("imports.order_unclear").to_owned(),
    };
    let why = match dates.decided_by.as_deref() {
        Some("column") => "imports.by_column",
        Some("asked") => "imports.by_asked",
        Some("file") => "imports.by_file",
        Some("tool") => "imports.by_tool",
        _ => "imports.by_language",
    };
    let key = if dates.certain {
        "imports.dates_sure"
    } else {
        "imports.dates_unsure"
    };
    f.say(
        key,
        &[("order", Arg::text(order)), ("why", Arg::text(f.t(why)))],
    )
}

/// What else the file made, or would make; nothing for imports that did not tell.
pub fn entries(f: &Frame, report: &Report) -> Option<Entries> {
    report.reading.as_ref()?;
    let made = &report.entries;
    let count = |n: u64| Arg::Count(i64::try_from(n).unwrap_or(i64::MAX));
    let kinds = [
        ("site", "imports.kind_site", made.sites, "/sites"),
        ("person", "imports.kind_person", made.people, "/people"),
        ("model", "imports.kind_model", made.models, "/models"),
        (
            "custom_field",
            "imports.kind_custom_field",
            made.custom_fields,
            "/custom-fields",
        ),
    ];
    Some(Entries {
        title: f.t(if report.dry_run {
            "imports.entries_later"
        } else {
            "imports.entries"
        }),
        sum: if made.total() == 0 {
            f.t("imports.entries_none").to_owned()
        } else {
            f.say(
                "imports.entries_sum",
                &[
                    ("sites", count(made.sites)),
                    ("people", count(made.people)),
                    ("models", count(made.models)),
                    ("fields", count(made.custom_fields)),
                ],
            )
        },
        stay: !report.dry_run && made.total() > 0,
        kinds: kinds
            .into_iter()
            .map(|(kind, title, n, at)| {
                let all = made.items.iter().filter(|item| item.kind == kind);
                let shown: Vec<Named> = all
                    .take(SHOWN)
                    .map(|item| {
                        let to = item.key.as_deref().filter(|_| !report.dry_run);
                        let name = item.name.as_deref();
                        (
                            to.map(|key| format!("{at}/{}", url(key))),
                            name.unwrap_or(f.t("imports.nameless")).to_owned(),
                        )
                    })
                    .collect();
                let rest = n.saturating_sub(u64::try_from(shown.len()).unwrap_or(0));
                let named = !shown.is_empty();
                let more = (named && rest > 0).then(|| f.tn("imports.entries_more", rest));
                (f.t(title), shown, more)
            })
            .filter(|(_, shown, _)| !shown.is_empty())
            .collect(),
    })
}
