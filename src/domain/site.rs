//! Site: where devices are. A tree: building, floor, room.

use serde::{Deserialize, Serialize};

use super::entry::{EntryKind, Record, Slot};
use super::text::{Line, Text};

/// One site.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// Name.
    pub name: Line,
    /// Site it is part of.
    #[serde(default)]
    pub parent: Option<Line>,
    /// Postal address.
    #[serde(default)]
    pub address: Option<Text<500>>,
    /// Id in the Base adresse nationale.
    #[serde(default)]
    pub ban_id: Option<Line>,
    /// Electricity zone of the impact factors (FRA when absent).
    #[serde(default)]
    pub zone: Option<Line>,
    /// A pool of spares: what waits there is not dormant (F09).
    #[serde(default)]
    pub pool: bool,
}

impl Record for Site {
    const KIND: EntryKind = EntryKind::Site;

    fn name(&self) -> String {
        self.name.as_str().to_owned()
    }
    fn slots(&mut self) -> Vec<Slot<'_>> {
        Slot::of("parent", EntryKind::Site, &mut self.parent)
            .into_iter()
            .collect()
    }
}
