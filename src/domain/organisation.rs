//! Organisation: whose devices they are. A tree: an authority and its member communes, each with its SIRET.

use serde::{Deserialize, Serialize};

use super::entry::{Context, EntryKind, Record, Slot, within};
use super::siret::Siret;
use super::text::Line;
use super::words::words;
use crate::error::Result;

words! {
    /// What the organisation is; the obligations follow from it.
    OrganisationKind {
        Commune = "commune", Epci = "epci", Department = "department", Region = "region",
        PublicBody = "public_body", Association = "association", Company = "company",
    }
}

/// One organisation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Organisation {
    /// Name.
    pub name: Line,
    /// Organisation above it; none = the top of a tree.
    #[serde(default)]
    pub parent: Option<Line>,
    /// What it is; unknown when absent.
    #[serde(default)]
    pub kind: Option<OrganisationKind>,
    /// SIRET of its seat.
    #[serde(default)]
    pub siret: Option<Siret>,
    /// Inhabitants.
    #[serde(default)]
    pub population: Option<i64>,
    /// Year of that census.
    #[serde(default)]
    pub population_year: Option<i64>,
    /// Bound by the rules of public purchasing; follows from the kind unless given.
    #[serde(default)]
    pub public_buyer: Option<bool>,
}

impl Record for Organisation {
    const KIND: EntryKind = EntryKind::Organisation;

    fn name(&self) -> String {
        self.name.as_str().to_owned()
    }
    fn slots(&mut self) -> Vec<Slot<'_>> {
        Slot::of("parent", EntryKind::Organisation, &mut self.parent)
            .into_iter()
            .collect()
    }
    fn complete(&mut self, _: &Context<'_>) -> Result<()> {
        within("population", self.population, 0..=100_000_000)?;
        within("population_year", self.population_year, 1950..=2200)?;
        if self.public_buyer.is_none() {
            self.public_buyer = self
                .kind
                .map(|k| !matches!(k, OrganisationKind::Association | OrganisationKind::Company));
        }
        Ok(())
    }
}

/// Path of an organisation in the tree: `/ROOT/…/ID/`. What is below it has its path as prefix.
pub fn path_below(parent: Option<&str>, id: &str) -> String {
    format!("{}{id}/", parent.unwrap_or("/"))
}

/// Whether `path` is that of `top` or of something below it.
pub fn is_within(path: &str, top: &str) -> bool {
    path.starts_with(top)
}

/// The path of a row after the subtree `from` has moved to `to`; none when the row is not in it.
pub fn moved_path(path: &str, from: &str, to: &str) -> Option<String> {
    path.strip_prefix(from).map(|rest| format!("{to}{rest}"))
}
