//! An event: an immutable, dated fact about one device.
//!
//! The chain holds the canonical JSON of [`Event`] (keys sorted, nothing personal); what is personal
//! ([`PRIVATE`]) lives apart and is only hashed into the chain.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::day::{Day, Instant};
use super::text::{Line, Note};
use super::words::{
    Acquisition, Cause, Condition, Data, ExitKind, Kind, Known, Outcome, Presence, Stage, Tenure,
    WipeMethod,
};

/// Fields that are personal: kept outside the chain, erasable.
pub const PRIVATE: &[&str] = &[
    "note",
    "fault",
    "reason",
    "signatory",
    "signature",
    "override_reason",
];

/// The key or id of a row of a reference table; resolved to the id before the event is recorded.
pub type Ref = Line;

/// A prior written commitment to re-use (décret 2023-266 art. 2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Commitment {
    /// Day of the commitment.
    pub on: Day,
    /// Its reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Line>,
}

/// The gates a hand-over was allowed to pass, each with a written reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Override {
    /// Why the device leaves without a verified erasure.
    pub wipe: Note,
}

macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident: $ty:ty),* $(,)?) => {
        /// The own fields of every kind of event; which kind takes which is said once, in the stage table
        /// ([`super::lifecycle::table`]).
        #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct Fields {
            $($(#[$doc])* #[serde(default, skip_serializing_if = "Option::is_none")] pub $name: Option<$ty>),*
        }

        impl Fields {
            /// Names of the fields that are set.
            pub fn present(&self) -> Vec<&'static str> {
                let mut names = Vec::new();
                $(if self.$name.is_some() { names.push(stringify!($name)); })*
                names
            }
            /// Every field name there is.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name)),*];
        }
    };
}

fields! {
    /// adopt: the stage found at the taking over.
    stage: Stage,
    /// adopt: the state of the media found.
    data: Data,
    /// adopt: whether it was seen.
    presence: Presence,
    /// Person who holds the device (opaque id in the chain).
    holder: Ref,
    /// Service that uses the device.
    service: Line,
    /// Site where the device is.
    site: Ref,
    /// adopt: day of the réforme, when known.
    retired_on: Day,
    /// adopt: cause of the réforme.
    retire_cause: Cause,
    /// adopt, hand_over: how it left.
    exit_kind: ExitKind,
    /// adopt: day it left, when adopted as gone.
    gone_on: Day,
    /// adopt: day the stage was entered (F09 only).
    since: Day,
    /// order, receive: purchase line.
    line: Ref,
    /// order, receive: how it came.
    acquisition: Acquisition,
    /// order, receive: condition at acquisition.
    condition: Condition,
    /// order, receive: by what right it is held.
    tenure: Tenure,
    /// describe: fields to set, null clears.
    set: Map<String, Value>,
    /// loan: day it should be back.
    due_on: Day,
    /// Repair this event belongs to.
    repair: Ref,
    /// report_fault: what is wrong (personal).
    fault: Note,
    /// send_to_repair: partner who repairs.
    provider: Ref,
    /// close_repair, prove, confirm_treatment.
    outcome: Outcome,
    /// close_repair: stage after it; the stage before when absent.
    to: Stage,
    /// close_repair: why it was not repaired (Open Repair words).
    barrier: Line,
    /// close_repair, refurbish: parts used.
    parts: Vec<Line>,
    /// close_repair: hours of work.
    hours: f64,
    /// close_repair: cost in cents without tax.
    cost_cents: i64,
    /// harvest, fit: the part (a tag, or words).
    part: Line,
    /// fit: the part stores data, so that what was erased holds data again.
    storage: bool,
    /// fit, merge: the device that takes.
    into: Ref,
    /// harvest, absorb: the device that gives.
    from: Ref,
    /// wipe: one medium (its serial); every medium when absent. harvest, fit: serial of the storage part.
    medium: Line,
    /// wipe: clear, purge or destroy.
    method: WipeMethod,
    /// wipe: technique.
    technique: Line,
    /// wipe: tool and version.
    tool: Line,
    /// wipe: the erasure was verified; false changes nothing.
    verified: bool,
    /// wipe: where the proof is.
    evidence: Line,
    /// Wipe operation (batch) this event belongs to.
    wipe: Ref,
    /// audit: how it was seen.
    source: Line,
    /// propose_retirement, retire.
    cause: Cause,
    /// retire, prove: reference of the decision or proof.
    reference: Line,
    /// retire: whether it still works.
    functional: Known,
    /// reinstate, give_back, withdraw: why (personal).
    reason: Note,
    /// orient: where it is directed.
    destination: ExitKind,
    /// hand_over: exit operation this event belongs to.
    exit: Ref,
    /// hand_over: partner who takes it.
    partner: Ref,
    /// hand_over: organisation of the same tree that takes it.
    to_organisation: Ref,
    /// hand_over: prior commitment to re-use.
    commitment: Commitment,
    /// hand_over: unit value in cents.
    unit_value_cents: i64,
    /// hand_over: basis of the unit value.
    value_basis: Line,
    /// hand_over: gates passed by right.
    #[serde(rename = "override")]
    override_: Override,
    /// hand_over: a gate was passed by right (what stays in the chain of `override`).
    overridden: bool,
    /// confirm_treatment: mass in grams.
    mass_g: i64,
    /// observe: hardware facts.
    hardware: Map<String, Value>,
    /// observe: running system.
    system: Map<String, Value>,
    /// observe: agent that reported.
    agent: Line,
    /// absorb: ids of the loser's events that are kept.
    kept: Vec<Line>,
    /// correct: id of the event that is voided.
    event: Line,
    /// Who signed (personal).
    signatory: Line,
    /// Signature (personal).
    signature: Note,
}

/// A recorded event, as the chain holds it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// UUIDv7.
    pub id: String,
    /// Device id.
    pub device: String,
    /// Position in the chain of the device, from 1.
    pub n: i64,
    /// What happened.
    pub kind: Kind,
    /// The day it is true.
    pub on: Day,
    /// The instant, for scans.
    #[serde(
        default,
        with = "super::day::instant::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub at: Option<Instant>,
    /// Place in the order of the day (`at`, or the recording, or the first instant of `on`).
    #[serde(with = "super::day::instant")]
    pub t: Instant,
    /// When we learned it.
    #[serde(with = "super::day::instant")]
    pub recorded_at: Instant,
    /// Account or token that recorded it.
    pub actor: String,
    /// Organisation in whose books it counts.
    pub org: String,
    /// Which interval of ownership, from 0; a transfer inside the tree opens the next.
    pub book: i64,
    /// Import that wrote it, for undo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub import: Option<String>,
    /// SHA-256 (hex) over salt and the personal fields, when there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private: Option<String>,
    /// Its own fields, personal ones apart.
    #[serde(default)]
    pub fields: Fields,
}

impl Event {
    /// Place in the order of `recorded_at`, `on` and `at` of ledger §2.
    pub fn place(on: Day, at: Option<Instant>, recorded_at: Instant) -> Instant {
        match at {
            Some(at) => at,
            None if Day::of(recorded_at) == on => recorded_at,
            None => on.start(),
        }
    }
    /// Canonical JSON: keys sorted at every level, no white space; what the chain stores and hashes.
    pub fn canonical(&self) -> String {
        serde_json::to_value(self)
            .map(|v| canonical(&v))
            .unwrap_or_default()
    }
}

/// JSON with keys sorted at every level and no white space.
pub fn canonical(value: &Value) -> String {
    let mut out = Vec::with_capacity(400);
    write_canonical(value, &mut out);
    String::from_utf8(out).unwrap_or_default()
}

fn write_canonical(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Object(map) => {
            let mut fields: Vec<_> = map.iter().collect();
            fields.sort_unstable_by_key(|(key, _)| *key);
            out.push(b'{');
            for (i, (key, value)) in fields.into_iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                plain(key, out);
                out.push(b':');
                write_canonical(value, out);
            }
            out.push(b'}');
        }
        Value::Array(items) => {
            out.push(b'[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                write_canonical(item, out);
            }
            out.push(b']');
        }
        other => plain(other, out),
    }
}

/// A text, a number or a truth value as serde writes it: writing into memory cannot fail.
fn plain<T: Serialize + ?Sized>(value: &T, out: &mut Vec<u8>) {
    let written = serde_json::to_writer(out, value);
    debug_assert!(written.is_ok());
}
