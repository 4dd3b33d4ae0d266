//! Who is asking: a token, an account, or the operator at the command line.

use super::permission::{Right, may_give};
use crate::db::{self, Db, Scope};
use crate::domain::words::Role;
use crate::error::{Error, Result};

/// Whoever asks for something, with a role inside one organisation and what is below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Id of the token or account; `operator` at the command line. Written into events and the audit log.
    pub id: String,
    /// Name given to the token or account.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Id of their organisation; none acts at the root, over everything.
    pub org: Option<String>,
}

impl Actor {
    /// Whoever has the database and its command line: administrator at the root.
    pub fn operator() -> Actor {
        Actor {
            id: "operator".into(),
            name: "operator".into(),
            role: Role::Administrator,
            org: None,
        }
    }

    /// Whether the role has the right.
    pub fn may(&self, right: Right) -> bool {
        right.allows(self.role)
    }

    /// Asks for a right.
    ///
    /// # Errors
    /// `forbidden`, naming the roles that have it.
    pub fn must(&self, right: Right) -> Result<()> {
        if self.may(right) {
            return Ok(());
        }
        Err(Error::forbidden(&format!(
            "{} (yours is {})",
            right.held_by(),
            self.role
        )))
    }

    /// Asks for the right to give a role to an account or token: never more rights than one has.
    ///
    /// # Errors
    /// `forbidden`.
    pub fn must_give(&self, role: Role) -> Result<()> {
        if may_give(self.role, role) {
            return Ok(());
        }
        Err(Error::forbidden(&format!("the role {role} yourself")))
    }
}

impl Actor {
    /// Whose rows the actor sees: all at the root, else its organisation and what is below.
    ///
    /// # Errors
    /// Those of the store.
    pub fn scope(&self, db: &mut Db) -> Result<Scope> {
        match &self.org {
            None => Ok(Scope::All),
            Some(org) => match db::organisations::by_id(db, org)? {
                Some(node) => Ok(Scope::of(db::organisations::subtree(db, &node.path)?)),
                None => Ok(Scope::of(Vec::new())),
            },
        }
    }
}

impl Actor {
    /// Key of the actor's organisation; none at the root.
    ///
    /// # Errors
    /// Those of the store.
    pub fn organisation(&self, app: &super::App) -> Result<Option<String>> {
        match &self.org {
            None => Ok(None),
            Some(org) => {
                let node = app.store.read(|db| db::organisations::by_id(db, org))?;
                Ok(node.map(|node| node.key))
            }
        }
    }
}
