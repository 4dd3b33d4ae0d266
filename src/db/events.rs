//! The chains of events: append, read, erase what is personal.
//!
//! A chain is written under the lock of its device ([`lock`]); its head is kept on the device row. The payload is
//! canonical JSON, stored verbatim; `hash = sha256(prev_hash ‖ payload)`, in hex, the first `prev_hash` empty.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};
use serde_json::{Map, Value};

use super::bulk::{self, EventRow, PrivateRow};
use super::schema::{devices, erasures, event_private, events, outbox as outbox_table};
use super::sql::{Bind, Sql};
use super::{Db, new_id, new_salt, outbox, sha256_hex};
use crate::domain::day::Instant;
use crate::domain::event::{Event, canonical};
use crate::error::{Error, Result};

/// The head of a chain, and the version of its device (the ETag), under lock.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Head {
    /// Version after this write.
    #[diesel(sql_type = BigInt)]
    pub version: i64,
    /// Position of the last event; 0 for none.
    #[diesel(sql_type = BigInt, column_name = head_n)]
    pub n: i64,
    /// Hash of the last event; empty for none.
    #[diesel(sql_type = Text, column_name = head_hash)]
    pub hash: String,
}

impl Head {
    /// The head of a chain that does not exist yet.
    pub fn new() -> Head {
        Head {
            version: 1,
            n: 0,
            hash: String::new(),
        }
    }
    /// The hash of the next event, which becomes the head.
    fn advance(&mut self, event: &Event, payload: &str) -> Result<String> {
        if event.n != self.n + 1 {
            return Err(Error::internal(format!(
                "event {} after {} in the chain of {}",
                event.n, self.n, event.device
            )));
        }
        let hash = chain_hash(&self.hash, payload);
        self.n = event.n;
        Ok(std::mem::replace(&mut self.hash, hash))
    }
}

impl Default for Head {
    fn default() -> Self {
        Head::new()
    }
}

/// The hash of an event after this one.
pub fn chain_hash(prev_hash: &str, payload: &str) -> String {
    sha256_hex(&[prev_hash.as_bytes(), payload.as_bytes()])
}

/// What is personal of an event, sealed: the chain holds only [`Private::hash`], in [`Event::private`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Private {
    /// Random, so that the hash of a short note cannot be guessed.
    pub salt: String,
    /// Canonical JSON of the personal fields.
    pub payload: String,
}

impl Private {
    /// Seals personal fields; none when there are none.
    pub fn seal(fields: &Map<String, Value>) -> Option<Private> {
        (!fields.is_empty()).then(|| Private {
            salt: new_salt(),
            payload: canonical(&Value::Object(fields.clone())),
        })
    }
    /// What the chain holds: sha256(salt ‖ payload), in hex.
    pub fn hash(&self) -> String {
        sha256_hex(&[self.salt.as_bytes(), self.payload.as_bytes()])
    }
}

/// Locks a device for this transaction and counts a version: the first statement of every change of a device.
///
/// # Errors
/// `not_found` when there is no such device.
pub fn lock(db: &mut Db, device: &str) -> Result<Head> {
    let mut sql = Sql::new("UPDATE devices SET version = version + 1 WHERE id = ");
    sql.bind(Bind::Text(device.to_owned()))
        .push(" RETURNING version, head_n, head_hash");
    sql.load(db)?.pop().ok_or_else(Error::not_found)
}

/// Appends an event to the chain whose head is held, and puts it in the outbox. The head advances in memory;
/// [`super::books::project`] writes it.
///
/// # Errors
/// `internal` when the event does not follow the head, or its private hash is not that of `private`.
pub fn append(
    db: &mut Db,
    head: &mut Head,
    event: &Event,
    private: Option<&Private>,
) -> Result<()> {
    agree(event, private)?;
    let payload = event.canonical();
    let prev_hash = head.advance(event, &payload)?;
    let row = EventRow {
        id: &event.id,
        device: &event.device,
        n: event.n,
        payload: &payload,
        prev_hash: &prev_hash,
        hash: &head.hash,
    };
    bulk::insert_events(db, &[row])?;
    if let Some(private) = private {
        bulk::insert_private(db, &[private_row(event, private)])?;
    }
    outbox::event(db, &event.id)
}

/// Events of new devices, each chain in order, in few statements.
pub(super) struct Batch<'a> {
    chained: Vec<Chained<'a>>,
}

struct Chained<'a> {
    event: &'a Event,
    private: Option<&'a Private>,
    payload: String,
    prev_hash: String,
    hash: String,
}

impl<'a> Batch<'a> {
    pub fn new() -> Batch<'a> {
        Batch {
            chained: Vec::new(),
        }
    }
    /// Adds the next event of a chain.
    pub fn push(
        &mut self,
        head: &mut Head,
        event: &'a Event,
        private: Option<&'a Private>,
    ) -> Result<()> {
        agree(event, private)?;
        let payload = event.canonical();
        let prev_hash = head.advance(event, &payload)?;
        self.chained.push(Chained {
            event,
            private,
            payload,
            prev_hash,
            hash: head.hash.clone(),
        });
        Ok(())
    }
    /// Writes all of them, and the outbox.
    pub fn insert(&self, db: &mut Db) -> Result<()> {
        let rows: Vec<_> = self
            .chained
            .iter()
            .map(|c| EventRow {
                id: &c.event.id,
                device: &c.event.device,
                n: c.event.n,
                payload: &c.payload,
                prev_hash: &c.prev_hash,
                hash: &c.hash,
            })
            .collect();
        bulk::insert_events(db, &rows)?;
        let rows: Vec<_> = self
            .chained
            .iter()
            .filter_map(|c| Some(private_row(c.event, c.private?)))
            .collect();
        bulk::insert_private(db, &rows)?;
        let ids: Vec<&str> = self.chained.iter().map(|c| c.event.id.as_str()).collect();
        outbox::events(db, &ids)
    }
}

fn agree(event: &Event, private: Option<&Private>) -> Result<()> {
    if event.private == private.map(Private::hash) {
        Ok(())
    } else {
        Err(Error::internal(format!(
            "event {}: the chain and its private part disagree",
            event.id
        )))
    }
}

fn private_row<'a>(event: &'a Event, private: &'a Private) -> PrivateRow<'a> {
    PrivateRow {
        event: &event.id,
        salt: &private.salt,
        payload: &private.payload,
    }
}

/// Reads a stored payload.
///
/// # Errors
/// `internal` when it is not one of ours.
pub fn parse(payload: &str) -> Result<Event> {
    serde_json::from_str(payload).map_err(Error::internal)
}

fn parse_all(payloads: Vec<String>) -> Result<Vec<Event>> {
    payloads.iter().map(|p| parse(p)).collect()
}

/// The chain of a device, in order. The caller has looked at whose device it is.
///
/// # Errors
/// Those of the database.
pub fn of_device(db: &mut Db, device: &str) -> Result<Vec<Event>> {
    let payloads = events::table
        .filter(events::device.eq(device))
        .order(events::n)
        .select(events::payload)
        .load(db)?;
    parse_all(payloads)
}

/// The chain of a device as known at an instant: events numbered up to it.
///
/// # Errors
/// Those of the database.
pub fn of_device_until(db: &mut Db, device: &str, known_at: Instant) -> Result<Vec<Event>> {
    let payloads = events::table
        .inner_join(outbox_table::table.on(outbox_table::event.eq(events::id.nullable())))
        .filter(events::device.eq(device))
        .filter(outbox_table::numbered_at.le(known_at.naive_utc()))
        .order(events::n)
        .select(events::payload)
        .load(db)?;
    parse_all(payloads)
}

/// The chains of many devices, each in order.
///
/// # Errors
/// Those of the database.
pub fn of_devices(db: &mut Db, devices: &[String]) -> Result<BTreeMap<String, Vec<Event>>> {
    let mut chains: BTreeMap<String, Vec<Event>> = BTreeMap::new();
    for some in devices.chunks(1000) {
        let payloads: Vec<String> = events::table
            .filter(events::device.eq_any(some))
            .order((events::device, events::n))
            .select(events::payload)
            .load(db)?;
        for event in parse_all(payloads)? {
            chains.entry(event.device.clone()).or_default().push(event);
        }
    }
    Ok(chains)
}

/// The chains of many devices as known at an instant.
///
/// # Errors
/// Those of the database.
pub fn of_devices_until(
    db: &mut Db,
    devices: &[String],
    known_at: Instant,
) -> Result<BTreeMap<String, Vec<Event>>> {
    let mut chains: BTreeMap<String, Vec<Event>> = BTreeMap::new();
    for some in devices.chunks(1000) {
        let payloads: Vec<String> = events::table
            .inner_join(outbox_table::table.on(outbox_table::event.eq(events::id.nullable())))
            .filter(events::device.eq_any(some))
            .filter(outbox_table::numbered_at.le(known_at.naive_utc()))
            .order((events::device, events::n))
            .select(events::payload)
            .load(db)?;
        for event in parse_all(payloads)? {
            chains.entry(event.device.clone()).or_default().push(event);
        }
    }
    Ok(chains)
}

/// One event by id. The caller has looked at whose device it is.
///
/// # Errors
/// Those of the database.
pub fn by_id(db: &mut Db, id: &str) -> Result<Option<Event>> {
    let payload: Option<String> = events::table
        .find(id)
        .select(events::payload)
        .get_result(db)
        .optional()?;
    payload.map(|p| parse(&p)).transpose()
}

/// Ids of devices after this one, in order; with [`of_devices`], the way to stream the whole ledger.
///
/// # Errors
/// Those of the database.
pub fn devices_after(db: &mut Db, after: &str, limit: i64) -> Result<Vec<String>> {
    Ok(devices::table
        .filter(devices::id.gt(after))
        .order(devices::id)
        .limit(limit)
        .select(devices::id)
        .load(db)?)
}

/// The personal fields of these events; events without any, and erased ones, are absent.
///
/// # Errors
/// Those of the database.
pub fn private_of(db: &mut Db, events: &[String]) -> Result<BTreeMap<String, Map<String, Value>>> {
    let mut found = BTreeMap::new();
    for some in events.chunks(1000) {
        let rows: Vec<(String, String)> = event_private::table
            .filter(event_private::event.eq_any(some))
            .select((event_private::event, event_private::payload))
            .load(db)?;
        for (event, payload) in rows {
            found.insert(
                event,
                serde_json::from_str(&payload).map_err(Error::internal)?,
            );
        }
    }
    Ok(found)
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = Text)]
    id: String,
}

/// Events that name this person as holder, voided ones among them. Reads the whole ledger: erasure is rare, an index
/// for it would weigh on every write.
///
/// # Errors
/// Those of the database.
pub fn naming_holder(db: &mut Db, person: &str) -> Result<Vec<String>> {
    // Ids are UUIDs: nothing in them that JSON or LIKE would read otherwise.
    let rows: Vec<Id> = diesel::sql_query("SELECT id FROM events WHERE payload LIKE $1")
        .bind::<Text, _>(format!("%\"holder\":\"{person}\"%"))
        .load(db)?;
    Ok(rows.into_iter().map(|r| r.id).collect())
}

/// One line of the list of erasures.
#[derive(
    Debug, Clone, PartialEq, Eq, Queryable, Selectable, serde::Serialize, serde::Deserialize,
)]
#[diesel(table_name = erasures)]
pub struct Erasure {
    /// Id.
    pub id: String,
    /// Event whose personal fields are gone; none for the person's own row.
    pub event: Option<String>,
    /// Person.
    pub person: Option<String>,
    /// When.
    pub at: chrono::NaiveDateTime,
    /// Why.
    pub reason: String,
}

/// Erases the personal fields of these events for this person, and lists each in `erasures`, with a line for the
/// person as well. Events without personal fields are passed over.
///
/// # Errors
/// Those of the database.
pub fn erase(
    db: &mut Db,
    person: &str,
    events: &[String],
    at: Instant,
    reason: &str,
) -> Result<()> {
    for some in events.chunks(1000) {
        let there: Vec<String> = event_private::table
            .filter(event_private::event.eq_any(some))
            .select(event_private::event)
            .load(db)?;
        diesel::delete(event_private::table.filter(event_private::event.eq_any(&there)))
            .execute(db)?;
        for event in there {
            add_erasure(
                db,
                &new_id(),
                Some(&event),
                Some(person),
                at.naive_utc(),
                reason,
            )?;
        }
    }
    add_erasure(db, &new_id(), None, Some(person), at.naive_utc(), reason)
}

pub(super) fn add_erasure(
    db: &mut Db,
    id: &str,
    event: Option<&str>,
    person: Option<&str>,
    at: chrono::NaiveDateTime,
    reason: &str,
) -> Result<()> {
    diesel::sql_query(
        "INSERT INTO erasures (id, event, person, at, reason) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind::<Text, _>(id)
    .bind::<Nullable<Text>, _>(event)
    .bind::<Nullable<Text>, _>(person)
    .bind::<Timestamp, _>(at)
    .bind::<Text, _>(reason)
    .execute(db)?;
    Ok(())
}

/// Every erasure, oldest first.
///
/// # Errors
/// Those of the database.
pub fn all_erasures(db: &mut Db) -> Result<Vec<Erasure>> {
    Ok(erasures::table
        .order((erasures::at, erasures::id))
        .select(Erasure::as_select())
        .load(db)?)
}
