//! An exit: one operation by which devices leave together, with its papers (CG3P L3212-2 ff.; décret 2023-266).
//!
//! The `hand_over` of each device is the truth; the operation holds what they share.

use serde::{Deserialize, Serialize};

use super::day::Day;
use super::entry::{EntryKind, Record, Slot};
use super::event::Commitment;
use super::facts::Exit;
use super::partner::Partner;
use super::text::Line;
use super::words::{ExitKind, words};

/// The written agreement of a gift or transfer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Convention {
    /// Its number.
    pub number: Line,
    /// Day it was signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<Day>,
}

/// What the hand-overs of an exit share.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExitOperation {
    /// How the devices leave.
    pub kind: ExitKind,
    /// Partner id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<Line>,
    /// Organisation id of the same tree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_organisation: Option<Line>,
    /// Day of the hand-over.
    pub on: Day,
    /// Written agreement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub convention: Option<Convention>,
    /// Day of the undertaking to use the devices for the statutory purpose, without resale (CG3P L3212-2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undertaking_on: Option<Day>,
    /// Prior commitment to re-use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commitment: Option<Commitment>,
}

impl Record for ExitOperation {
    const KIND: EntryKind = EntryKind::Exit;

    fn name(&self) -> String {
        format!("{} {}", self.kind, self.on)
    }
    fn slots(&mut self) -> Vec<Slot<'_>> {
        Slot::of("partner", EntryKind::Partner, &mut self.partner)
            .into_iter()
            .collect()
    }
}

words! {
    /// What is not as it should be with an exit. Raised, never blocking.
    Anomaly {
        NoConvention = "no_convention", NoUndertaking = "no_undertaking", NoBeneficiaryKind = "no_beneficiary_kind",
        ValueUnknown = "value_unknown", ValueOverCeiling = "value_over_ceiling", NoCommitment = "no_commitment",
        LateCommitment = "late_commitment", NoProof = "no_proof", DataNotErased = "data_not_erased",
    }
}

/// Unit value above which a public person does not give (CG3P D3212-3, D3212-4, D3212-5), in cents.
pub const GIFT_CEILING_CENTS: i64 = 30_000;

/// What is wrong with an exit, judged by its hand-overs and papers as they are known now.
pub fn anomalies(
    operation: Option<&ExitOperation>,
    partner: Option<&Partner>,
    exits: &[Exit],
) -> Vec<Anomaly> {
    let mut out = Vec::new();
    let mut raise = |wrong: bool, anomaly: Anomaly| {
        if wrong && !out.contains(&anomaly) {
            out.push(anomaly);
        }
    };
    for exit in exits {
        let gift = matches!(exit.kind, ExitKind::Donation | ExitKind::StaffGift);
        raise(
            exit.kind == ExitKind::Donation && operation.is_none_or(|o| o.convention.is_none()),
            Anomaly::NoConvention,
        );
        raise(
            exit.kind == ExitKind::Donation && operation.is_none_or(|o| o.undertaking_on.is_none()),
            Anomaly::NoUndertaking,
        );
        raise(
            exit.kind == ExitKind::Donation && partner.is_none_or(|p| p.beneficiary_kind.is_none()),
            Anomaly::NoBeneficiaryKind,
        );
        raise(
            gift && exit.unit_value_cents.is_none(),
            Anomaly::ValueUnknown,
        );
        raise(
            gift && exit
                .unit_value_cents
                .is_some_and(|v| v > GIFT_CEILING_CENTS),
            Anomaly::ValueOverCeiling,
        );
        if matches!(exit.kind, ExitKind::Sale | ExitKind::TakeBack) {
            raise(exit.commitment_on.is_none(), Anomaly::NoCommitment);
            raise(
                exit.commitment_on.is_some_and(|on| on > exit.on),
                Anomaly::LateCommitment,
            );
            raise(exit.proofs.is_empty(), Anomaly::NoProof);
        }
        let bare = matches!(
            exit.data,
            super::words::Data::Holds | super::words::Data::Cleared
        );
        raise(
            bare && exit.kind != ExitKind::WriteOff,
            Anomaly::DataNotErased,
        );
    }
    out
}
