//! Where a list goes on: the first page, and the next.

use serde::Deserialize;

use super::html::url;

/// The query of a list that has no filters.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Paging {
    /// Where it goes on.
    pub cursor: Option<String>,
}

/// The way back to the first page, and on to the next.
pub fn pager(path: &str, at: Option<&str>, next: Option<&str>) -> [Option<String>; 2] {
    [
        at.map(|_| path.to_owned()),
        next.map(|cursor| {
            let sign = if path.contains('?') { '&' } else { '?' };
            format!("{path}{sign}cursor={}", url(cursor))
        }),
    ]
}
