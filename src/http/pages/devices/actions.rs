//! What can be done next with a device: allowed by its stage and by the reader's rights, the most useful first.

use crate::app::Right;
use crate::app::devices::{DeviceView, EventView};
use crate::domain::words::{Data, ExitKind, Kind, Presence, Stage};
use crate::http::pages::frame::Frame;

/// Steps in the order of their use at a stage.
fn order(d: &DeviceView, lent: bool) -> &'static [Kind] {
    #[rustfmt::skip]
    use Kind::{
        Allocate, CancelOrientation, CloseRepair, ConfirmTreatment, Deallocate, HandOver, Loan, Orient,
        Prepare, ProposeRetirement, Prove, Ready, Receive, Refurbish, Reinstate, ReportFault, Retire, Return,
        SendToRepair, Wipe,
    };
    let holds = matches!(d.data, Data::Holds | Data::Cleared);
    match d.stage {
        Stage::Ordered => &[Receive],
        Stage::InStock => &[
            Allocate,
            Loan,
            Retire,
            Refurbish,
            Prepare,
            SendToRepair,
            ProposeRetirement,
        ],
        Stage::InUse if lent => &[Return, ReportFault, Retire, SendToRepair],
        Stage::InUse => &[
            Deallocate,
            ReportFault,
            Retire,
            SendToRepair,
            ProposeRetirement,
        ],
        Stage::InRepair => &[CloseRepair, Retire],
        Stage::Refurbishing => &[Ready, Wipe, Retire],
        Stage::Retired if holds => &[Wipe, Orient, Refurbish, Reinstate],
        Stage::Retired => &[Orient, Refurbish, Reinstate],
        Stage::Oriented if holds => &[Wipe, HandOver, Orient, CancelOrientation],
        Stage::Oriented => &[HandOver, Orient, CancelOrientation, Reinstate],
        Stage::Gone => match d.exit_kind {
            Some(ExitKind::Collection) => &[ConfirmTreatment, Prove],
            _ => &[Prove, ConfirmTreatment],
        },
        Stage::Withdrawn => &[],
    }
}

/// Steps shown as buttons.
const BUTTONS: usize = 3;

/// A step: its name, what it asks or does, its address.
pub struct Step {
    /// Address of its form.
    pub to: String,
    /// Words of the button.
    pub name: String,
    /// One line on what it asks or does.
    pub about: String,
}

/// The steps as buttons, and the rest as links.
pub fn next(f: &Frame, d: &DeviceView, events: &[EventView]) -> (Vec<Step>, Vec<Step>) {
    let lent = lent(events);
    let open = |kind: &Kind| {
        d.next_events.contains(kind)
            && f.may(Right::Event(*kind))
            // A loan is returned, an allocation taken back: each its own word.
            && !(*kind == Kind::Return && !lent || *kind == Kind::Deallocate && lent)
            // Only what was lost is found again.
            && !(*kind == Kind::Find && d.presence == Presence::Seen)
    };
    let first: Vec<Kind> = order(d, lent).iter().copied().filter(open).collect();
    let rest = d.next_events.iter().copied().filter(open);
    let rest: Vec<Kind> = rest.filter(|kind| !first.contains(kind)).collect();
    // What takes a step back comes after everything that goes on.
    let (back, rest): (Vec<Kind>, Vec<Kind>) =
        rest.into_iter().partition(|kind| *kind == Kind::GiveBack);
    let mut all = first.into_iter().chain(rest).chain(back).map(|kind| Step {
        to: format!("/devices/{}/do/{kind}", d.tag),
        name: f.word("do", kind.as_str()),
        about: f.word("about", kind.as_str()),
    });
    let buttons = all.by_ref().take(BUTTONS).collect();
    (buttons, all.collect())
}

/// Whether the device is out on a loan.
pub fn lent(events: &[EventView]) -> bool {
    let last = events
        .iter()
        .rev()
        .filter(|e| e.voided_by.is_none())
        .find(|e| {
            matches!(
                e.kind,
                Kind::Allocate | Kind::Loan | Kind::Return | Kind::Deallocate
            )
        });
    last.is_some_and(|e| e.kind == Kind::Loan)
}

/// Whether its data keep it from leaving.
pub fn held_by_data(d: &DeviceView) -> bool {
    matches!(d.stage, Stage::Retired | Stage::Oriented)
        && matches!(d.data, Data::Holds | Data::Cleared)
}
