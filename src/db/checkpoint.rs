//! Checkpoints: one hash over the heads of all chains, at an instant of the outbox.
//!
//! The root is sha256 over the lines `DEVICE N HASH` of every device that had an event numbered by then, in the order of
//! device ids. A root that is known outside the database (printed, published) proves that nothing before it was
//! changed, removed or cut: whoever can write the database can also write the table of checkpoints.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use sha2::{Digest, Sha256};

use super::schema::{devices, events, ledger_checkpoints, outbox as outbox_table};
use super::{Db, Lane, Store, new_id, outbox};
use crate::error::Result;

/// A checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = ledger_checkpoints)]
pub struct Checkpoint {
    /// Id.
    pub id: String,
    /// The last `numbered_at` it covers, UTC.
    pub date: NaiveDateTime,
    /// Devices with an event by then.
    pub devices: i64,
    /// Events by then.
    pub events: i64,
    /// The root, in hex.
    pub root: String,
}

/// Adds up the root of an instant, device by device in the order of their ids.
#[derive(Clone)]
pub(super) struct Root {
    date: NaiveDateTime,
    devices: i64,
    events: i64,
    hasher: Sha256,
}

impl Root {
    pub fn at(date: NaiveDateTime) -> Root {
        Root {
            date,
            devices: 0,
            events: 0,
            hasher: Sha256::new(),
        }
    }
    /// Adds a device by its chain: position, hash and number of each event, in order.
    pub fn add<'a>(
        &mut self,
        device: &str,
        chain: impl Iterator<Item = (i64, &'a str, Option<NaiveDateTime>)>,
    ) {
        let mut head = None;
        for (n, hash, numbered_at) in chain {
            if numbered_at.is_some_and(|at| at <= self.date) {
                head = Some((n, hash));
                self.events += 1;
            }
        }
        if let Some((n, hash)) = head {
            self.devices += 1;
            self.hasher.update(format!("{device} {n} {hash}\n"));
        }
    }
    pub fn finish(self) -> Checkpoint {
        let mut root = String::with_capacity(64);
        for byte in self.hasher.finalize() {
            root.push_str(&format!("{byte:02x}"));
        }
        Checkpoint {
            id: new_id(),
            date: self.date,
            devices: self.devices,
            events: self.events,
            root,
        }
    }
}

/// Every checkpoint, oldest first.
///
/// # Errors
/// Those of the database.
pub fn all(db: &mut Db) -> Result<Vec<Checkpoint>> {
    Ok(ledger_checkpoints::table
        .order((ledger_checkpoints::date, ledger_checkpoints::id))
        .select(Checkpoint::as_select())
        .load(db)?)
}

/// Takes a checkpoint of everything numbered, and keeps it. None when nothing is.
///
/// # Errors
/// Those of the database.
pub fn take(store: &Store) -> Result<Option<Checkpoint>> {
    let Some(checkpoint) = store.read(compute)? else {
        return Ok(None);
    };
    let kept = checkpoint.clone();
    store.write(Lane::Agents, move |db| {
        diesel::insert_into(ledger_checkpoints::table)
            .values(&kept)
            .execute(db)?;
        Ok(())
    })?;
    Ok(Some(checkpoint))
}

fn compute(db: &mut Db) -> Result<Option<Checkpoint>> {
    let Some(last) = outbox::last_numbered(db)? else {
        return Ok(None);
    };
    let mut root = Root::at(last.naive_utc());
    let mut after = String::new();
    loop {
        let ids: Vec<String> = devices::table
            .filter(devices::id.gt(&after))
            .order(devices::id)
            .limit(2000)
            .select(devices::id)
            .load(db)?;
        let Some(end) = ids.last().cloned() else {
            return Ok(Some(root.finish()));
        };
        type Link = (String, i64, String, Option<NaiveDateTime>);
        let links: Vec<Link> = events::table
            .left_join(outbox_table::table.on(outbox_table::event.eq(events::id.nullable())))
            .filter(events::device.gt(&after))
            .filter(events::device.le(&end))
            .order((events::device, events::n))
            .select((
                events::device,
                events::n,
                events::hash,
                outbox_table::numbered_at.nullable(),
            ))
            .load(db)?;
        for chain in links.chunk_by(|a, b| a.0 == b.0) {
            if let Some((device, ..)) = chain.first() {
                root.add(
                    device,
                    chain
                        .iter()
                        .map(|(_, n, hash, at)| (*n, hash.as_str(), *at)),
                );
            }
        }
        after = end;
    }
}
