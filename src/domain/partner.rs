//! Partner: who sells, repairs, receives or collects.

use serde::{Deserialize, Serialize};

use super::entry::{Context, EntryKind, Record};
use super::siret::Siret;
use super::text::Line;
use super::words::{ExitKind, words};
use crate::error::Result;

words! {
    /// What a partner does for us; one may do several things.
    PartnerKind {
        Supplier = "supplier", Repairer = "repairer", Beneficiary = "beneficiary", EcoOrganisme = "eco_organisme",
        Collector = "collector", Carrier = "carrier", PublicBody = "public_body",
    }
}

impl PartnerKind {
    /// The kinds of partner that usually take devices leaving this way; none where it may be anybody, as at a sale.
    pub fn usual(exit: ExitKind) -> &'static [PartnerKind] {
        use PartnerKind::*;
        match exit {
            ExitKind::Transfer => &[PublicBody],
            ExitKind::Donation => &[Beneficiary],
            ExitKind::TakeBack => &[EcoOrganisme, Supplier],
            ExitKind::Collection => &[EcoOrganisme, Collector],
            ExitKind::LeaseReturn | ExitKind::WarrantyExchange => &[Supplier],
            ExitKind::StaffGift | ExitKind::Sale | ExitKind::WriteOff => &[],
        }
    }
}

/// One partner.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Partner {
    /// Name.
    pub name: Line,
    /// What it does for us.
    #[serde(default)]
    pub kinds: Vec<PartnerKind>,
    /// SIRET.
    #[serde(default)]
    pub siret: Option<Siret>,
    /// As what it may receive gifts (CG3P L3212-2 and -3: association, school, family of staff…).
    #[serde(default)]
    pub beneficiary_kind: Option<Line>,
    /// Local.
    #[serde(default)]
    pub local: bool,
    /// Of the social economy (économie sociale et solidaire).
    #[serde(default)]
    pub ess: bool,
    /// Labelled QualiRepar.
    #[serde(default)]
    pub qualirepar: bool,
}

impl Record for Partner {
    const KIND: EntryKind = EntryKind::Partner;

    fn name(&self) -> String {
        self.name.as_str().to_owned()
    }
    fn complete(&mut self, _: &Context<'_>) -> Result<()> {
        self.kinds.sort_unstable();
        self.kinds.dedup();
        Ok(())
    }
}
