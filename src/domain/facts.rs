//! What the indicators read about one device in the books of one organisation.
//!
//! [`Facts`] come out of the replay ([`super::lifecycle`]), are stored beside the projection of each ownership
//! interval, and are all that [`super::indicator`] folds over: same arithmetic on both engines, and with
//! `known_at` (where they come from a replay on the spot).

use serde::{Deserialize, Serialize};

use super::day::Day;
use super::words::{
    Acquisition, Cause, Condition, Data, ExitKind, Outcome, Presence, Stage, Tenure,
};

/// State of the device from a day on, at the end of the day, in the books of one owner.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Spell {
    /// First day (inclusive).
    pub from: Day,
    /// First day it no longer holds (exclusive); open when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Day>,
    /// Stage.
    pub stage: Stage,
    /// Media.
    pub data: Data,
    /// Presence.
    pub presence: Presence,
    /// Réformé: stage retired or later and not reinstated, dated or not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retired: bool,
    /// Day of the réforme, when known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retired_on: Option<Day>,
    /// Site id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// Service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Person id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<String>,
    /// By what right it is held.
    pub tenure: Tenure,
    /// Device id of the whole it is part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part_of: Option<String>,
    /// Day the present stage was entered, or `since` of the adoption; absent when unknown (F09).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage_since: Option<Day>,
}

/// A réforme, reinstated or not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Retirement {
    /// Day of the réforme; absent when adopted as retired without a date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<Day>,
    /// Cause.
    pub cause: Cause,
    /// Day it was reinstated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reinstated_on: Option<Day>,
    /// Known from the adoption only (an opening balance, no `retire` event).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub adopted: bool,
}

/// A hand-over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Exit {
    /// Id of the `hand_over` event.
    pub event: String,
    /// Day.
    pub on: Day,
    /// Kind.
    pub kind: ExitKind,
    /// Exit operation, when part of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit: Option<String>,
    /// Partner id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<String>,
    /// Organisation of the same tree that received it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_organisation: Option<String>,
    /// Day of the prior commitment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commitment_on: Option<Day>,
    /// Unit value in cents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_value_cents: Option<i64>,
    /// Day it was given back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_back_on: Option<Day>,
    /// `prove` events, in replay order; the last dated ≤ as_of holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proofs: Vec<(Day, Outcome)>,
    /// `confirm_treatment` events, in replay order: day, outcome, grams.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub treatments: Vec<(Day, Outcome, Option<i64>)>,
    /// The device was réformé when handed over.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retired: bool,
    /// Day of that réforme, when known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retired_on: Option<Day>,
    /// Bore data, and whether every medium was verified purged or destroyed at the hand-over.
    pub data: Data,
    /// The wipe gate was passed by an override.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub overridden: bool,
    /// A `wipe` event (verified purge or destroy of all media) stands behind `data`; false when the state comes from the adoption (no wipe for L14).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub wiped: bool,
}

/// A repair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Repair {
    /// Repair id.
    pub id: String,
    /// Day it was reported (or sent, when never reported).
    pub opened_on: Day,
    /// Day it was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_on: Option<Day>,
    /// Day it was closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_on: Option<Day>,
    /// Outcome when closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// Cost in cents without tax.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_cents: Option<i64>,
    /// Id of the `close_repair` that closed it, for its particulars.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_by: Option<String>,
}

/// Everything the indicators know of one device in one organisation's books.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// Category key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Model id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// WEEE category of the device itself; else the model's, else the category's (see `indicator::Reference`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weee_category: Option<i64>,
    /// Bears data.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bears_data: bool,
    /// Excluded from the reuse rate for security.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub security_excluded: bool,
    /// Day of manufacture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manufactured_on: Option<Day>,
    /// Day first sold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_sold_on: Option<Day>,
    /// Day acquired (described, else the day of the first reception).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acquired_on: Option<Day>,
    /// How it was acquired.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acquisition: Option<Acquisition>,
    /// Organisation of the same tree that handed it over, when its transfer opened these books.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received_from: Option<String>,
    /// Condition at acquisition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
    /// First use: first allocation, else the described day. Absent = unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_use_on: Option<Day>,
    /// Mass in grams of the device itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight_g: Option<i64>,
    /// Identity is complete: name or model, category other than a guess, serial or a code (F18).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub identified: bool,
    /// Day of the adoption, when the books were opened by `adopt`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adopted_on: Option<Day>,
    /// Adopted as gone: listed, outside every indicator.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub adopted_gone: bool,
    /// State day by day, oldest first, without gaps until the books close.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spells: Vec<Spell>,
    /// Réformes, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub retirements: Vec<Retirement>,
    /// Hand-overs, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exits: Vec<Exit>,
    /// Repairs, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub repairs: Vec<Repair>,
    /// Days of an `allocate` to another person, service or site than the last known one, with a return to stock between (G06).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reuses: Vec<Day>,
    /// Days the device was seen (`audit`, `find`), oldest first (F18).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seen: Vec<Day>,
}
