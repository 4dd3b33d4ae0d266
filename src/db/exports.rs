//! What exports read beyond the lists: the names of custom fields in use, and all events in order.

use std::collections::BTreeSet;

use diesel::QueryableByName;
use diesel::RunQueryDsl;
use diesel::sql_types::{BigInt, Nullable, Text};
use serde::Deserialize;

use super::{Db, Scope};
use crate::domain::event::Event;
use crate::error::{Error, Result};

/// Rows read at once.
const PAGE: i64 = 500;

#[derive(QueryableByName)]
struct Stated {
    #[diesel(sql_type = Text)]
    device: String,
    #[diesel(sql_type = BigInt)]
    book: i64,
    #[diesel(sql_type = Text)]
    org: String,
    #[diesel(sql_type = Text)]
    state: String,
}

/// Only what is looked for in a projected state.
#[derive(Deserialize)]
struct Extras<'a> {
    #[serde(borrow)]
    described: Described<'a>,
}
#[derive(Deserialize)]
struct Described<'a> {
    #[serde(default, borrow)]
    extra: std::collections::BTreeMap<std::borrow::Cow<'a, str>, serde::de::IgnoredAny>,
}

/// Names of the custom fields that devices of a scope have, sorted. One pass in pages.
///
/// # Errors
/// Those of the database.
pub fn extra_keys(db: &mut Db, scope: &Scope) -> Result<Vec<String>> {
    let mut keys = BTreeSet::new();
    let mut after = (String::new(), 0);
    loop {
        // A page may end between two books of one device.
        let rows: Vec<Stated> = diesel::sql_query(
            "SELECT device, book, org, state FROM books WHERE (device, book) > ($1, $2) \
             AND state LIKE '%\"extra\":{%' ORDER BY device, book LIMIT $3",
        )
        .bind::<Text, _>(&after.0)
        .bind::<BigInt, _>(after.1)
        .bind::<BigInt, _>(PAGE)
        .load(db)?;
        let Some(last) = rows.last() else { break };
        after = (last.device.clone(), last.book);
        for row in &rows {
            if !scope.holds(&row.org) {
                continue;
            }
            if let Ok(state) = serde_json::from_str::<Extras<'_>>(&row.state) {
                for key in state.described.extra.into_keys() {
                    if !keys.contains(key.as_ref()) {
                        keys.insert(key.into_owned());
                    }
                }
            }
        }
        if i64::try_from(rows.len()).unwrap_or(0) < PAGE {
            break;
        }
    }
    Ok(keys.into_iter().collect())
}

#[derive(QueryableByName)]
struct EventRow {
    #[diesel(sql_type = Text)]
    tag: String,
    #[diesel(sql_type = Text)]
    payload: String,
    #[diesel(sql_type = Nullable<Text>)]
    private: Option<String>,
}

/// An event with what an export shows of it.
pub struct Exported {
    /// Tag of its device.
    pub tag: String,
    /// The event.
    pub event: Event,
    /// What is personal of it, JSON.
    pub private: Option<String>,
}

/// A page of events of devices that were not withdrawn, by id, after an id.
///
/// # Errors
/// Those of the database.
pub fn events(db: &mut Db, after: &str) -> Result<Vec<Exported>> {
    let rows: Vec<EventRow> = diesel::sql_query(
        "SELECT d.tag, e.payload, p.payload AS private FROM events e JOIN devices d ON d.id = e.device \
         LEFT JOIN event_private p ON p.event = e.id WHERE e.id > $1 AND NOT d.withdrawn ORDER BY e.id LIMIT $2",
    )
    .bind::<Text, _>(after)
    .bind::<BigInt, _>(PAGE)
    .load(db)?;
    rows.into_iter()
        .map(|row| {
            Ok(Exported {
                tag: row.tag,
                event: serde_json::from_str(&row.payload).map_err(Error::internal)?,
                private: row.private,
            })
        })
        .collect()
}

/// Which event voids which: every `correct`, in the order of recording.
///
/// # Errors
/// Those of the database.
pub fn corrections(db: &mut Db) -> Result<Vec<(String, String)>> {
    #[derive(QueryableByName)]
    struct Payload {
        #[diesel(sql_type = Text)]
        payload: String,
    }
    let rows: Vec<Payload> = diesel::sql_query(
        "SELECT payload FROM events WHERE payload LIKE '%\"kind\":\"correct\"%' ORDER BY device, n",
    )
    .load(db)?;
    let mut out = Vec::new();
    for row in rows {
        let event: Event = serde_json::from_str(&row.payload).map_err(Error::internal)?;
        if let Some(target) = &event.fields.event {
            out.push((event.id.clone(), target.as_str().to_owned()));
        }
    }
    Ok(out)
}
