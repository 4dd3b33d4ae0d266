//! The stage table: which event is legal from which stage, where it leads, and which fields it takes.
//!
//! This is ledger §5 as data. Rules that need more than the stage (réforme, tenure, open repairs, kinds of exit)
//! are in [`super::step`].

use crate::domain::words::{Kind, Outcome, Stage};

use Stage::{Gone, InRepair, InStock, InUse, Ordered, Oriented, Refurbishing, Retired, Withdrawn};

/// Where an event leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To {
    /// The stage does not change.
    Same,
    /// This stage.
    Stage(Stage),
    /// The stage given in the event (`adopt`).
    Given,
    /// The stage given, else the one before the repair (`close_repair`).
    Before,
    /// Retired when réformé, else in stock (`ready`, `give_back`).
    RetiredOrStock,
}

/// One line of the stage table.
#[derive(Debug)]
pub struct Row {
    /// The event.
    pub kind: Kind,
    /// Stages it is legal from; empty = first event only.
    pub from: &'static [Stage],
    /// Where it leads.
    pub to: To,
    /// Fields it cannot do without.
    pub required: &'static [&'static str],
    /// Fields of which it needs at least one.
    pub one_of: &'static [&'static str],
    /// Fields it also takes.
    pub optional: &'static [&'static str],
    /// Outcomes it takes.
    pub outcomes: &'static [Outcome],
    /// Offered among `next_events`: it moves the life of the device (descriptions and corrections do not).
    pub step: bool,
}

const FIRST: &[Stage] = &[];
const ALIVE: &[Stage] = &[InStock, InUse, InRepair, Refurbishing, Retired, Oriented];
const WORKING: &[Stage] = &[InStock, InUse, InRepair, Refurbishing];
const REPAIRABLE: &[Stage] = &[InStock, InUse, InRepair, Refurbishing, Retired];
const KNOWN: &[Stage] = &[
    Ordered,
    InStock,
    InUse,
    InRepair,
    Refurbishing,
    Retired,
    Oriented,
    Gone,
];
const ANY: &[Stage] = &[
    Ordered,
    InStock,
    InUse,
    InRepair,
    Refurbishing,
    Retired,
    Oriented,
    Gone,
    Withdrawn,
];

const fn row(kind: Kind, from: &'static [Stage], to: To) -> Row {
    Row {
        kind,
        from,
        to,
        required: &[],
        one_of: &[],
        optional: &[],
        outcomes: &[],
        step: true,
    }
}

impl Row {
    const fn needs(mut self, required: &'static [&'static str]) -> Row {
        self.required = required;
        self
    }
    const fn needs_one(mut self, one_of: &'static [&'static str]) -> Row {
        self.one_of = one_of;
        self
    }
    const fn takes(mut self, optional: &'static [&'static str]) -> Row {
        self.optional = optional;
        self
    }
    const fn ends(mut self, outcomes: &'static [Outcome]) -> Row {
        self.outcomes = outcomes;
        self
    }
    const fn aside(mut self) -> Row {
        self.step = false;
        self
    }
    /// The event takes this field.
    pub fn allows(&self, field: &str) -> bool {
        self.required.contains(&field)
            || self.one_of.contains(&field)
            || self.optional.contains(&field)
    }
}

/// The table.
#[rustfmt::skip]
pub const TABLE: &[Row] = &[
    row(Kind::Adopt,             FIRST,                       To::Given).needs(&["stage"])
        .takes(&["data", "presence", "holder", "service", "site", "retired_on", "retire_cause", "exit_kind", "gone_on", "since"]),
    row(Kind::Order,             FIRST,                       To::Stage(Ordered)).takes(&["line", "acquisition", "condition", "tenure", "site"]),
    row(Kind::Receive,           &[Ordered],                  To::Stage(InStock)).takes(&["line", "acquisition", "condition", "tenure", "site"]),
    row(Kind::Describe,          KNOWN,                       To::Same).needs(&["set"]).aside(),
    row(Kind::Prepare,           &[InStock],                  To::Same),
    row(Kind::Allocate,          &[InStock],                  To::Stage(InUse)).needs_one(&["holder", "service", "site"]),
    row(Kind::Deallocate,        &[InUse],                    To::Stage(InStock)).takes(&["holder", "service", "site"]),
    row(Kind::Loan,              &[InStock],                  To::Stage(InUse)).needs(&["holder"]).takes(&["due_on", "service", "site"]),
    row(Kind::Return,            &[InUse],                    To::Stage(InStock)).takes(&["holder", "due_on", "service", "site"]),
    row(Kind::Move,              ALIVE,                       To::Same).needs(&["site"]),
    row(Kind::ReportFault,       ALIVE,                       To::Same).takes(&["repair", "fault"]),
    row(Kind::SendToRepair,      REPAIRABLE,                  To::Stage(InRepair)).takes(&["repair", "provider"]),
    row(Kind::CloseRepair,       ALIVE,                       To::Before).needs(&["outcome"])
        .takes(&["repair", "to", "barrier", "parts", "hours", "cost_cents"])
        .ends(&[Outcome::Fixed, Outcome::Repairable, Outcome::EndOfLife]),
    row(Kind::Refurbish,         &[InStock, Retired],         To::Stage(Refurbishing)).takes(&["parts"]),
    row(Kind::Ready,             &[Refurbishing],             To::RetiredOrStock).takes(&["parts"]),
    row(Kind::Harvest,           ALIVE,                       To::Same).needs(&["part"]).takes(&["from", "into", "medium"]),
    row(Kind::Fit,               ALIVE,                       To::Same).needs(&["part"]).takes(&["from", "into", "storage", "medium"]),
    row(Kind::Wipe,              ALIVE,                       To::Same).needs(&["method"])
        .takes(&["medium", "technique", "tool", "verified", "evidence"]),
    row(Kind::Audit,             ALIVE,                       To::Same).takes(&["site", "source"]),
    row(Kind::MarkMissing,       ALIVE,                       To::Same).takes(&["site", "source"]),
    row(Kind::Find,              ALIVE,                       To::Same).takes(&["site", "source"]),
    row(Kind::ReportStolen,      ALIVE,                       To::Same).takes(&["site", "source"]),
    row(Kind::ProposeRetirement, WORKING,                     To::Same).takes(&["cause"]),
    row(Kind::Retire,            WORKING,                     To::Stage(Retired)).takes(&["reference", "cause", "functional"]),
    row(Kind::Reinstate,         &[Retired, Oriented, Refurbishing], To::Stage(InStock)).needs(&["reason"]),
    row(Kind::Orient,            &[Retired, Oriented],        To::Stage(Oriented)).needs(&["destination"]),
    row(Kind::CancelOrientation, &[Oriented],                 To::Stage(Retired)),
    row(Kind::HandOver,          ALIVE,                       To::Stage(Gone))
        .takes(&["exit_kind", "exit", "partner", "to_organisation", "commitment", "unit_value_cents", "value_basis", "override"]),
    row(Kind::GiveBack,          &[Gone],                     To::RetiredOrStock).needs(&["reason"]),
    row(Kind::Prove,             &[Gone],                     To::Same).needs(&["outcome"]).takes(&["reference"])
        .ends(&[Outcome::Reuse, Outcome::NotReuse]),
    row(Kind::ConfirmTreatment,  &[Gone],                     To::Same).needs(&["outcome"]).takes(&["mass_g"])
        .ends(&[Outcome::Reuse, Outcome::Recycling, Outcome::Energy, Outcome::Disposal, Outcome::Unknown]),
    row(Kind::Observe,           KNOWN,                       To::Same).takes(&["hardware", "system", "agent"]).aside(),
    row(Kind::Merge,             KNOWN,                       To::Same).needs(&["into"]).aside(),
    row(Kind::Absorb,            KNOWN,                       To::Same).needs(&["from"]).takes(&["kept"]).aside(),
    row(Kind::Withdraw,          KNOWN,                       To::Stage(Withdrawn)).needs(&["reason"]).aside(),
    row(Kind::Correct,           ANY,                         To::Same).needs(&["event"]).takes(&["reason"]).aside(),
];

/// Its line in the table. Every kind has one (a test walks them).
pub fn of(kind: Kind) -> &'static Row {
    static NONE: Row = row(Kind::Observe, FIRST, To::Same);
    TABLE.iter().find(|row| row.kind == kind).unwrap_or(&NONE)
}
