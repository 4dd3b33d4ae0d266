//! Whose rows a caller may see. Every function that reads rows of an organisation takes a [`Scope`].

/// Whose rows: none of the functions of this floor guesses it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Every organisation (an actor at the root).
    All,
    /// These organisations (ids), sorted; none means nothing at all.
    Orgs(Vec<String>),
}

impl Scope {
    /// The scope of these organisations.
    pub fn of(mut orgs: Vec<String>) -> Scope {
        orgs.sort_unstable();
        orgs.dedup();
        Scope::Orgs(orgs)
    }
    /// Whether rows of this organisation are in it.
    pub fn holds(&self, org: &str) -> bool {
        match self {
            Scope::All => true,
            Scope::Orgs(orgs) => orgs.iter().any(|o| o == org),
        }
    }
    /// What both hold.
    pub fn within(&self, other: &Scope) -> Scope {
        match (self, other) {
            (Scope::All, scope) | (scope, Scope::All) => scope.clone(),
            (Scope::Orgs(orgs), other) => {
                Scope::Orgs(orgs.iter().filter(|o| other.holds(o)).cloned().collect())
            }
        }
    }
    /// The organisations by name, or none when it is every one of them.
    pub fn orgs(&self) -> Option<&[String]> {
        match self {
            Scope::All => None,
            Scope::Orgs(orgs) => Some(orgs),
        }
    }
}
