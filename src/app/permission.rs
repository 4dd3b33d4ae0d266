//! Who may do what: the roles table of the contract, once.

use crate::domain::words::{Kind, Role};

/// Something a role allows. Asked by `actor.must(Right::…)` before anything is read or done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// Everything that can be read, people apart.
    Read,
    /// Seeing and keeping people.
    People,
    /// Creating and describing devices.
    Devices,
    /// Printing labels.
    Labels,
    /// Scanning, claiming codes, stocktakes and lots.
    Scan,
    /// Writing an event of this kind. `Correct`: of one's own events; [`Right::CorrectAny`] for others'.
    Event(Kind),
    /// Correcting events that somebody else wrote.
    CorrectAny,
    /// Purchases and contracts.
    Purchases,
    /// Suppliers, repairers, beneficiaries and the like.
    Partners,
    /// Reference tables: sites, categories, models, custom fields, outreach.
    Reference,
    /// Importing files, undoing an import.
    Imports,
    /// Deleting the name, notes and signatures of a person.
    Erase,
    /// Letting a device leave although its data are not erased.
    Override,
    /// Accounts.
    Accounts,
    /// Tokens.
    Tokens,
    /// The tree of organisations.
    Organisations,
    /// Agents and their secrets.
    Agents,
    /// Settings.
    Settings,
    /// Reading the audit log.
    Audit,
}

impl Right {
    /// Whether this role has the right.
    pub fn allows(self, role: Role) -> bool {
        use Role::{Administrator, Manager, Procurement, Technician, Viewer};
        if role == Administrator {
            return true;
        }
        match self {
            Right::Read => matches!(role, Viewer | Technician | Procurement | Manager),
            Right::People | Right::Devices | Right::Labels | Right::Scan => {
                matches!(role, Technician | Manager)
            }
            Right::Event(kind) => match role {
                Technician => technician_writes(kind),
                Procurement => matches!(kind, Kind::Order | Kind::Receive),
                Manager => true,
                _ => false,
            },
            Right::Purchases | Right::Partners => matches!(role, Procurement | Manager),
            Right::CorrectAny
            | Right::Reference
            | Right::Imports
            | Right::Erase
            | Right::Override => role == Manager,
            Right::Accounts
            | Right::Tokens
            | Right::Organisations
            | Right::Agents
            | Right::Settings
            | Right::Audit => false,
        }
    }

    /// The roles that have it, in words, for the refusal.
    pub fn held_by(self) -> String {
        let roles: Vec<&str> = Role::ALL
            .iter()
            .filter(|role| self.allows(**role))
            .map(|role| role.as_str())
            .collect();
        match roles.as_slice() {
            [only] => format!("the role {only}"),
            many => format!("one of the roles {}", many.join(", ")),
        }
    }
}

/// Stage events up to propose_retirement, wipe, orient, prove, confirm_treatment, correct (of own events).
fn technician_writes(kind: Kind) -> bool {
    !matches!(
        kind,
        Kind::Retire
            | Kind::Reinstate
            | Kind::HandOver
            | Kind::GiveBack
            | Kind::Merge
            | Kind::Absorb
            | Kind::Withdraw
    )
}

/// Whether somebody of role `giver` may give role `given`: never more rights than one has.
pub fn may_give(giver: Role, given: Role) -> bool {
    use Role::{Administrator, Manager, Procurement, Technician, Viewer};
    match giver {
        Administrator => true,
        Manager => given != Administrator,
        Technician => matches!(given, Viewer | Technician),
        Procurement => matches!(given, Viewer | Procurement),
        Viewer => given == Viewer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_of_the_contract() {
        use Role::{Administrator, Manager, Procurement, Technician, Viewer};
        let who = |right: Right| -> Vec<Role> {
            Role::ALL
                .iter()
                .copied()
                .filter(|r| right.allows(*r))
                .collect()
        };
        assert_eq!(who(Right::Read), Role::ALL);
        assert_eq!(who(Right::People), [Technician, Manager, Administrator]);
        assert_eq!(who(Right::Purchases), [Procurement, Manager, Administrator]);
        assert_eq!(who(Right::Event(Kind::HandOver)), [Manager, Administrator]);
        assert_eq!(
            who(Right::Event(Kind::ProposeRetirement)),
            [Technician, Manager, Administrator]
        );
        assert_eq!(
            who(Right::Event(Kind::Receive)),
            [Technician, Procurement, Manager, Administrator]
        );
        assert_eq!(who(Right::Tokens), [Administrator]);
        assert!(!may_give(Technician, Procurement) && may_give(Manager, Viewer));
        assert_eq!(
            Right::Erase.held_by(),
            "one of the roles manager, administrator"
        );
        assert!(!may_give(Viewer, Technician));
    }
}
