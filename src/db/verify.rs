//! Verification: every chain, everything personal, every projection, every checkpoint.
//!
//! Streams the devices in the order of their ids, some hundreds at a time, in one snapshot. What it cannot find is a
//! ledger rewritten as a whole, hashes, heads, outbox and checkpoints included: that takes a root known outside
//! ([`Wanted::root`]).

use std::collections::{BTreeMap, HashSet};

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use serde::Serialize;

use super::books::Projection;
use super::checkpoint::{self, Checkpoint, Root};
use super::compare::{self, Stored, TermSum};
use super::events::{Private, chain_hash, parse};
use super::schema::{erasures, event_private, events, outbox as outbox_table};
use super::{Db, outbox};
use crate::domain::event::Event;
use crate::error::Result;

/// Problems kept in a report; the others are counted.
const KEPT: usize = 1000;
/// Devices looked at together.
const PART: i64 = 500;

/// Something that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Device id, when it is about one.
    pub device: Option<String>,
    /// Position in its chain, when it is about one event.
    pub n: Option<i64>,
    /// `chain`, `private`, `replay`, `projection`, `head`, `missing`, `outbox`, `reference`, `checkpoint`, `file`,
    /// `attachment`.
    pub kind: &'static str,
    /// What does not hold, in words.
    pub detail: String,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Report {
    /// Devices looked at.
    pub devices: i64,
    /// Events looked at.
    pub events: i64,
    /// Events whose personal part is erased, and listed so.
    pub erased: i64,
    /// Attached files whose bytes were read again.
    pub attachments: i64,
    /// Checkpoints that were made again and agree.
    pub checkpoints: i64,
    /// The root of now: write it down outside, and give it to `verify --root` later.
    pub root: String,
    /// What does not hold; empty when all is well.
    pub problems: Vec<Problem>,
    /// Problems beyond those listed.
    pub more: u64,
}

impl Report {
    fn add(
        &mut self,
        device: Option<&str>,
        n: Option<i64>,
        kind: &'static str,
        detail: impl Into<String>,
    ) {
        if self.problems.len() < KEPT {
            self.problems.push(Problem {
                device: device.map(str::to_owned),
                n,
                kind,
                detail: detail.into(),
            });
        } else {
            self.more += 1;
        }
    }
}

/// Makes the projection of a device again from its events.
pub type Rebuild<'a> = dyn FnMut(&mut Db, &str, &[Event]) -> Result<Projection> + 'a;

/// What to hold the ledger against.
pub struct Wanted<'a> {
    /// Makes projections again; chains alone are looked at without it.
    pub rebuild: Option<&'a mut Rebuild<'a>>,
    /// A root known outside, which some checkpoint must have.
    pub root: Option<&'a str>,
}

/// An event as stored, with its place in the outbox.
#[derive(Queryable)]
struct Line {
    id: String,
    device: String,
    n: i64,
    payload: String,
    prev_hash: String,
    hash: String,
    seq: Option<i64>,
    numbered_at: Option<NaiveDateTime>,
}

/// Verifies everything in the snapshot of `db`.
///
/// # Errors
/// Those of the database, when it cannot be read at all; what can be said of its content is in the report.
pub fn verify(db: &mut Db, mut wanted: Wanted<'_>) -> Result<Report> {
    let mut report = Report::default();
    super::verify_tables::whole(db, &mut |kind, detail| report.add(None, None, kind, detail))?;
    report.attachments = super::verify_files::all(db, &mut |detail| {
        report.add(None, None, "attachment", detail)
    })?;
    let erased: HashSet<String> = erasures::table
        .filter(erasures::event.is_not_null())
        .select(erasures::event.assume_not_null())
        .load::<String>(db)?
        .into_iter()
        .collect();
    let kept = checkpoint::all(db)?;
    let mut roots: Vec<Root> = kept.iter().map(|c| Root::at(c.date)).collect();
    let last = outbox::last_numbered(db)?;
    roots.extend(last.map(|at| Root::at(at.naive_utc())));
    let mut words = TermSum::default();
    let mut after = String::new();
    loop {
        let part = super::events::devices_after(db, &after, PART)?;
        let Some(end) = part.last() else { break };
        let chains = chains(db, &after, end)?;
        let private = private(db, &after, end)?;
        let stored = match wanted.rebuild {
            Some(_) => compare::read(db, &after, end)?,
            None => compare::devices(db, &after, end)?,
        };
        for device in &part {
            let chain = chains.get(device).map_or(&[][..], Vec::as_slice);
            for root in &mut roots {
                root.add(
                    device,
                    chain.iter().map(|l| (l.n, l.hash.as_str(), l.numbered_at)),
                );
            }
            report.devices += 1;
            let events = check_chain(&mut report, device, chain, &private, &erased);
            let Some(stored) = stored.get(device) else {
                continue;
            };
            check_head(&mut report, device, chain, stored);
            // A device without events is told by the rules of the tables.
            if let (Some(rebuild), Some(events)) =
                (&mut wanted.rebuild, events.filter(|e| !e.is_empty()))
            {
                check_projection(
                    &mut report,
                    db,
                    rebuild,
                    device,
                    &events,
                    stored,
                    &mut words,
                )?;
            }
        }
        after.clone_from(end);
    }
    if wanted.rebuild.is_some() && report.problems.is_empty() && words != TermSum::stored(db)? {
        report.add(
            None,
            None,
            "projection",
            "the words of the search differ from the replay",
        );
    }
    check_roots(&mut report, &kept, roots, wanted.root);
    Ok(report)
}

fn chains(db: &mut Db, after: &str, end: &str) -> Result<BTreeMap<String, Vec<Line>>> {
    let lines: Vec<Line> = events::table
        .left_join(outbox_table::table.on(outbox_table::event.eq(events::id.nullable())))
        .filter(events::device.gt(after))
        .filter(events::device.le(end))
        .order((events::device, events::n))
        .select((
            events::id,
            events::device,
            events::n,
            events::payload,
            events::prev_hash,
            events::hash,
            outbox_table::seq.nullable(),
            outbox_table::numbered_at.nullable(),
        ))
        .load(db)?;
    let mut chains: BTreeMap<String, Vec<Line>> = BTreeMap::new();
    for line in lines {
        chains.entry(line.device.clone()).or_default().push(line);
    }
    Ok(chains)
}

fn private(db: &mut Db, after: &str, end: &str) -> Result<BTreeMap<String, Private>> {
    let rows: Vec<(String, String, String)> = event_private::table
        .inner_join(events::table.on(events::id.eq(event_private::event)))
        .filter(events::device.gt(after))
        .filter(events::device.le(end))
        .select((
            event_private::event,
            event_private::salt,
            event_private::payload,
        ))
        .load(db)?;
    Ok(rows
        .into_iter()
        .map(|(event, salt, payload)| (event, Private { salt, payload }))
        .collect())
}

/// Looks at one chain; gives its events when every one of them can be read.
fn check_chain(
    report: &mut Report,
    device: &str,
    chain: &[Line],
    private: &BTreeMap<String, Private>,
    erased: &HashSet<String>,
) -> Option<Vec<Event>> {
    let mut events = Vec::with_capacity(chain.len());
    let (mut hash, mut seq) = ("", 0);
    for (line, n) in chain.iter().zip(1..) {
        report.events += 1;
        let mut add = |kind, detail: String| report.add(Some(device), Some(line.n), kind, detail);
        if line.n != n {
            add(
                "chain",
                format!("position {n} is missing before this event"),
            );
        }
        if line.prev_hash != hash {
            add("chain", "it does not follow the event before it".into());
        }
        if line.hash != chain_hash(&line.prev_hash, &line.payload) {
            add("chain", "its hash is not that of its content".into());
        }
        if let Some(own) = line.seq {
            if own <= seq {
                add("outbox", "it is numbered before the event before it".into());
            }
            seq = own;
        }
        hash = &line.hash;
        match parse(&line.payload) {
            Ok(event) => {
                if (&event.id, &event.device, event.n) != (&line.id, &line.device, line.n) {
                    add("chain", "its content belongs to another place".into());
                }
                match (&event.private, private.get(&line.id)) {
                    (None, None) => {}
                    (Some(said), Some(there)) if *said == there.hash() => {}
                    (Some(_), None) if erased.contains(&line.id) => report.erased += 1,
                    (Some(_), None) => add(
                        "private",
                        "its personal part is gone and no erasure is listed".into(),
                    ),
                    (Some(_), Some(_)) => add(
                        "private",
                        "its personal part is not what was recorded".into(),
                    ),
                    (None, Some(_)) => add(
                        "private",
                        "it has a personal part that was not recorded".into(),
                    ),
                }
                events.push(event);
            }
            Err(_) => add("chain", "its content cannot be read".into()),
        }
    }
    (events.len() == chain.len()).then_some(events)
}

fn check_head(report: &mut Report, device: &str, chain: &[Line], stored: &Stored) {
    let Some(row) = &stored.device else { return };
    let head = chain.last().map_or((0, ""), |l| (l.n, l.hash.as_str()));
    if (row.head_n, row.head_hash.as_str()) != head {
        report.add(
            Some(device),
            Some(row.head_n),
            "head",
            format!(
                "the device says {} events, its chain ends at {}",
                row.head_n, head.0
            ),
        );
    }
}

fn check_projection(
    report: &mut Report,
    db: &mut Db,
    rebuild: &mut Rebuild<'_>,
    device: &str,
    events: &[Event],
    stored: &Stored,
    words: &mut TermSum,
) -> Result<()> {
    match rebuild(db, device, events) {
        Ok(made) => {
            words.add_all(&made);
            for table in compare::differences(&made, stored)? {
                report.add(
                    Some(device),
                    None,
                    "projection",
                    format!("`{table}` differs from the replay"),
                );
            }
        }
        Err(error) => report.add(
            Some(device),
            None,
            "replay",
            format!("its events cannot be replayed: {error}"),
        ),
    }
    Ok(())
}

fn check_roots(
    report: &mut Report,
    kept: &[Checkpoint],
    mut roots: Vec<Root>,
    wanted: Option<&str>,
) {
    if roots.len() > kept.len() {
        report.root = roots.pop().map(|r| r.finish().root).unwrap_or_default();
    }
    for (checkpoint, again) in kept.iter().zip(roots) {
        let again = again.finish();
        if (again.devices, again.events, &again.root)
            == (checkpoint.devices, checkpoint.events, &checkpoint.root)
        {
            report.checkpoints += 1;
        } else {
            report.add(
                None,
                None,
                "checkpoint",
                format!(
                    "the ledger is no longer what it was on {} UTC",
                    checkpoint.date
                ),
            );
        }
    }
    if let Some(root) = wanted
        && report.root != root
        && !kept.iter().any(|c| c.root == root)
    {
        report.add(
            None,
            None,
            "checkpoint",
            "no checkpoint has the root that is known outside",
        );
    }
}

/// A count with an example.
#[derive(QueryableByName)]
pub(super) struct Found {
    #[diesel(sql_type = BigInt)]
    pub count: i64,
    #[diesel(sql_type = Nullable<Text>)]
    pub example: Option<String>,
}
