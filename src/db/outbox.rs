//! The outbox: the one order in which others learn what was committed.
//!
//! Every event and every version of a reference row puts one line here, in its own transaction. On SQLite the line is
//! numbered at once (the writing transaction holds the only write lock, so numbers are in commit order). On PostgreSQL
//! it waits for the lease-holder ([`number`]), which numbers what is committed. `seq` has no gaps; `numbered_at` is
//! strictly increasing with it.

use std::collections::BTreeMap;

use chrono::{NaiveDateTime, SubsecRound, TimeDelta, Utc};
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamp};
use diesel::{OptionalExtension, QueryableByName, RunQueryDsl};

use super::bulk::{self, OutboxRow};
use super::sql::Sql;
use super::{Db, Engine, Lane, Scope, Store, events, lease, new_id};
use crate::domain::day::Instant;
use crate::domain::event::Event;
use crate::error::Result;

#[derive(QueryableByName)]
struct Last {
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = Timestamp)]
    numbered_at: NaiveDateTime,
}

fn last(db: &mut Db) -> Result<Option<Last>> {
    let sql = Sql::new(
        "SELECT seq, numbered_at FROM outbox WHERE seq IS NOT NULL ORDER BY seq DESC LIMIT 1",
    );
    Ok(sql.load(db)?.pop())
}

/// The instant of the last number in this snapshot: the `known_at` of what is read in it.
///
/// # Errors
/// Those of the database.
pub fn last_numbered(db: &mut Db) -> Result<Option<Instant>> {
    Ok(last(db)?.map(|l| l.numbered_at.and_utc()))
}

/// The next numbers and their instants.
pub(super) struct Numbers {
    seq: i64,
    at: NaiveDateTime,
}

impl Numbers {
    pub(super) fn after_last(db: &mut Db) -> Result<Numbers> {
        let now = Utc::now().naive_utc().trunc_subsecs(6);
        Ok(match last(db)? {
            Some(l) => Numbers {
                seq: l.seq,
                at: now.max(l.numbered_at + TimeDelta::microseconds(1)),
            },
            None => Numbers { seq: 0, at: now },
        })
    }
    pub(super) fn next(&mut self) -> (i64, NaiveDateTime) {
        self.seq += 1;
        let at = self.at;
        self.at += TimeDelta::microseconds(1);
        (self.seq, at)
    }
}

/// Puts an event in the outbox.
pub(super) fn event(db: &mut Db, event: &str) -> Result<()> {
    add(db, &[(Some(event), None, None)])
}

/// Puts many events in the outbox.
pub(super) fn events(db: &mut Db, events: &[&str]) -> Result<()> {
    let lines: Vec<_> = events
        .iter()
        .map(|event| (Some(*event), None, None))
        .collect();
    add(db, &lines)
}

/// Puts a version of a reference row in the outbox.
///
/// # Errors
/// Those of the database.
pub fn entry(db: &mut Db, entry: &str, version: i64) -> Result<()> {
    add(db, &[(None, Some(entry), Some(version))])
}

/// Puts versions of many reference rows in the outbox.
///
/// # Errors
/// Those of the database.
pub fn entries(db: &mut Db, rows: &[(&str, i64)]) -> Result<()> {
    let lines: Vec<_> = rows
        .iter()
        .map(|(entry, version)| (None, Some(*entry), Some(*version)))
        .collect();
    add(db, &lines)
}

type Line<'a> = (Option<&'a str>, Option<&'a str>, Option<i64>);

fn add(db: &mut Db, lines: &[Line<'_>]) -> Result<()> {
    let mut numbers = match db {
        Db::Sqlite(_) => Some(Numbers::after_last(db)?),
        Db::Pg(_) => None,
    };
    let ids: Vec<String> = lines.iter().map(|_| new_id()).collect();
    let rows: Vec<_> = ids
        .iter()
        .zip(lines)
        .map(|(id, (event, entry, entry_version))| {
            let number = numbers.as_mut().map(Numbers::next);
            OutboxRow {
                id,
                event: *event,
                entry: *entry,
                entry_version: *entry_version,
                seq: number.map(|n| n.0),
                numbered_at: number.map(|n| n.1),
            }
        })
        .collect();
    bulk::insert_outbox(db, &rows)
}

/// Lines numbered in one transaction.
const PART: i64 = 2000;
/// Seconds a lease-holder may be silent before another takes over.
const LEASE: i64 = 5;

/// Numbers what is committed and waits, when the lease is free or ours. Returns how many it numbered. On SQLite
/// nothing ever waits.
///
/// # Errors
/// Those of the database.
pub fn number(store: &Store, owner: &str) -> Result<usize> {
    if store.engine() == Engine::Sqlite {
        return Ok(0);
    }
    let mut total = 0;
    loop {
        // Asked in a read first: an idle installation writes nothing.
        if !store.read(waiting)? {
            return Ok(total);
        }
        let owner = owner.to_owned();
        match store.write(Lane::Agents, move |db| number_part(db, &owner))? {
            0 => return Ok(total),
            some => total += some,
        }
    }
}

fn waiting(db: &mut Db) -> Result<bool> {
    let one: Option<Waiting> = diesel::sql_query(
        "SELECT id, NULL AS device, NULL AS n FROM outbox WHERE seq IS NULL ORDER BY id LIMIT 1",
    )
    .get_result(db)
    .optional()?;
    Ok(one.is_some())
}

#[derive(QueryableByName)]
struct Waiting {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Nullable<Text>)]
    device: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    n: Option<i64>,
}

fn number_part(db: &mut Db, owner: &str) -> Result<usize> {
    if !lease::take(db, "outbox", owner, LEASE)? {
        return Ok(0);
    }
    let waiting: Vec<Waiting> = diesel::sql_query(
        "SELECT o.id, e.device, e.n FROM outbox o LEFT JOIN events e ON e.id = o.event \
         WHERE o.seq IS NULL ORDER BY o.id LIMIT $1",
    )
    .bind::<BigInt, _>(PART)
    .load(db)?;
    let ids = in_chain_order(waiting);
    let mut numbers = Numbers::after_last(db)?;
    let (seqs, instants): (Vec<i64>, Vec<NaiveDateTime>) =
        ids.iter().map(|_| numbers.next()).unzip();
    if let Db::Pg(connection) = db {
        diesel::sql_query(
            "UPDATE outbox SET seq = v.seq, numbered_at = v.at FROM unnest($1, $2, $3) AS v (id, seq, at) \
             WHERE outbox.id = v.id",
        )
        .bind::<Array<Text>, _>(&ids)
        .bind::<Array<BigInt>, _>(&seqs)
        .bind::<Array<Timestamp>, _>(&instants)
        .execute(connection)?;
    }
    Ok(ids.len())
}

/// Numbers what a ledger brought from PostgreSQL still had waiting; for SQLite, where nothing else would.
pub(super) fn number_rest(db: &mut Db) -> Result<()> {
    let waiting: Vec<Waiting> = diesel::sql_query(
        "SELECT o.id, e.device, e.n FROM outbox o LEFT JOIN events e ON e.id = o.event \
         WHERE o.seq IS NULL ORDER BY o.id",
    )
    .load(db)?;
    let mut numbers = Numbers::after_last(db)?;
    for id in in_chain_order(waiting) {
        let (seq, at) = numbers.next();
        diesel::sql_query("UPDATE outbox SET seq = $1, numbered_at = $2 WHERE id = $3")
            .bind::<BigInt, _>(seq)
            .bind::<Timestamp, _>(at)
            .bind::<Text, _>(id)
            .execute(db)?;
    }
    Ok(())
}

/// Ids in the order of making; but two instances' clocks differ, so within a device the order is that of its chain.
fn in_chain_order(waiting: Vec<Waiting>) -> Vec<String> {
    let mut chains: BTreeMap<&str, Vec<(i64, &str)>> = BTreeMap::new();
    for line in &waiting {
        if let (Some(device), Some(n)) = (&line.device, line.n) {
            chains.entry(device).or_default().push((n, &line.id));
        }
    }
    for chain in chains.values_mut() {
        chain.sort_unstable_by(|a, b| b.cmp(a));
    }
    let next = |line: &Waiting| {
        let chain = line
            .device
            .as_deref()
            .and_then(|device| chains.get_mut(device));
        chain
            .and_then(Vec::pop)
            .map_or_else(|| line.id.clone(), |(_, id)| id.to_owned())
    };
    waiting.iter().map(next).collect()
}

/// A committed change, as `/changes` gives it.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Its number.
    pub seq: i64,
    /// When it was numbered.
    pub numbered_at: Instant,
    /// What changed.
    pub what: What,
}

/// What changed.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// An event was recorded.
    Event(Box<Event>),
    /// A version of a reference row was recorded.
    Entry {
        /// Id of the row.
        id: String,
        /// Kind of reference table.
        kind: String,
        /// Key of the row.
        key: String,
        /// Organisation of the row; none for shipped ones.
        org: Option<String>,
        /// Version.
        version: i64,
    },
}

#[derive(QueryableByName)]
struct Read {
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = Timestamp)]
    numbered_at: NaiveDateTime,
    #[diesel(sql_type = Nullable<Text>)]
    payload: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    entry: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    entry_version: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    kind: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    key: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    org: Option<String>,
}

/// Lines looked through in one call, so that a small organisation in a large installation gets its answer in time.
const LOOKED_THROUGH: i64 = 10_000;

/// What was committed after `since`, of this scope, in order; and the number to ask from next, which moves on even
/// when nothing of the scope was found. Every organisation's own events: those in whose books they count.
///
/// # Errors
/// Those of the database.
pub fn changes_since(
    db: &mut Db,
    scope: &Scope,
    since: i64,
    limit: usize,
) -> Result<(Vec<Change>, i64)> {
    let mut changes = Vec::new();
    let mut next = since;
    let most = since.saturating_add(LOOKED_THROUGH);
    loop {
        let step = i64::try_from(limit).unwrap_or(i64::MAX).clamp(1, 1000);
        let lines: Vec<Read> = diesel::sql_query(
            "SELECT o.seq, o.numbered_at, e.payload, o.entry, o.entry_version, r.kind, r.key, r.org FROM outbox o \
             LEFT JOIN events e ON e.id = o.event LEFT JOIN entries r ON r.id = o.entry \
             WHERE o.seq > $1 ORDER BY o.seq LIMIT $2",
        )
        .bind::<BigInt, _>(next)
        .bind::<BigInt, _>(step)
        .load(db)?;
        let last = i64::try_from(lines.len()).unwrap_or(i64::MAX) < step;
        for line in lines {
            next = line.seq;
            if let Some(change) = in_scope(line, scope)? {
                changes.push(change);
                if changes.len() >= limit {
                    return Ok((changes, next));
                }
            }
        }
        if last || next >= most {
            return Ok((changes, next));
        }
    }
}

fn in_scope(line: Read, scope: &Scope) -> Result<Option<Change>> {
    let what = match (line.payload, line.entry) {
        (Some(payload), _) => {
            let event = events::parse(&payload)?;
            if !scope.holds(&event.org) {
                return Ok(None);
            }
            What::Event(Box::new(event))
        }
        (None, Some(id)) => {
            // An organisation is a row of its own books, wherever it is kept.
            let org = match line.kind.as_deref() {
                Some("organisation") => Some(id.as_str()),
                _ => line.org.as_deref(),
            };
            if org.is_some_and(|org| !scope.holds(org)) {
                return Ok(None);
            }
            What::Entry {
                id,
                kind: line.kind.unwrap_or_default(),
                key: line.key.unwrap_or_default(),
                org: line.org,
                version: line.entry_version.unwrap_or_default(),
            }
        }
        (None, None) => return Ok(None),
    };
    Ok(Some(Change {
        seq: line.seq,
        numbered_at: line.numbered_at.and_utc(),
        what,
    }))
}
