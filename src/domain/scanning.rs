//! Scanning: what a scan means, why one is kept back, how it is settled.

use super::words::{Kind, words};

words! {
    /// What a scan means, chosen once for many codes.
    Act {
        Look = "look", Audit = "audit", Move = "move", Allocate = "allocate", Loan = "loan", Deallocate = "deallocate",
        SendToRepair = "send_to_repair", ProposeRetirement = "propose_retirement", Wipe = "wipe",
    }
}

impl Act {
    /// The event it writes, given what is possible next; none for looking. What was lent comes back by a `return`.
    pub fn kind(self, next: &[Kind]) -> Option<Kind> {
        match self {
            Act::Look => None,
            Act::Audit => Some(Kind::Audit),
            Act::Move => Some(Kind::Move),
            Act::Allocate => Some(Kind::Allocate),
            Act::Loan => Some(Kind::Loan),
            Act::Deallocate if next.contains(&Kind::Return) => Some(Kind::Return),
            Act::Deallocate => Some(Kind::Deallocate),
            Act::SendToRepair => Some(Kind::SendToRepair),
            Act::ProposeRetirement => Some(Kind::ProposeRetirement),
            Act::Wipe => Some(Kind::Wipe),
        }
    }

    /// The fields of its event that a scan may carry.
    pub fn fields(self) -> &'static [&'static str] {
        match self {
            Act::Look => &[],
            Act::Audit => &["site", "source"],
            Act::Move => &["site"],
            Act::Allocate => &["holder", "service", "site"],
            Act::Loan => &["holder", "service", "site", "due_on"],
            Act::Deallocate => &["site"],
            Act::SendToRepair => &["provider"],
            Act::ProposeRetirement => &["cause"],
            Act::Wipe => &["method", "technique", "tool", "verified"],
        }
    }
}

words! {
    /// Why a reading was kept back.
    Kept { Unknown = "unknown", Several = "several", Refused = "refused", Conflict = "conflict" }
}

words! {
    /// How a reading that was kept back was settled: its code given to a device, its event written, or nothing done.
    Settled { Linked = "linked", Written = "written", Dismissed = "dismissed" }
}
