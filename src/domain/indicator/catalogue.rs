//! The indicators by name: id, name, unit, direction, and the law rows each rests on.

use super::trail::Side;

/// Unit of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Per cent.
    Percent,
    /// Number of things.
    Count,
    /// Years of 365.25 days.
    Years,
    /// Days.
    Days,
}

impl Unit {
    /// As written in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Unit::Percent => "percent",
            Unit::Count => "count",
            Unit::Years => "years",
            Unit::Days => "days",
        }
    }
}

/// Which way is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// The more the better.
    Higher,
    /// The less the better.
    Lower,
}

impl Better {
    /// As written in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Better::Higher => "higher",
            Better::Lower => "lower",
        }
    }
}

macro_rules! catalogue {
    ($($id:ident $name:literal $unit:ident $better:expr, target $target:expr, rows $rows:expr;)*) => {
        /// An indicator of the catalogue.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Id { $(#[doc = $name] $id),* }

        impl Id {
            /// Every indicator, in the order of the catalogue.
            pub const ALL: &'static [Id] = &[$(Id::$id),*];
            /// `L01` …
            pub const fn as_str(self) -> &'static str { match self { $(Id::$id => stringify!($id)),* } }
            /// `reen16_rate` …
            pub const fn name(self) -> &'static str { match self { $(Id::$id => $name),* } }
            /// Unit of the value.
            pub const fn unit(self) -> Unit { match self { $(Id::$id => Unit::$unit),* } }
            /// Which way is better; None when neither is.
            pub const fn better(self) -> Option<Better> { match self { $(Id::$id => $better),* } }
            /// Law row that holds the target.
            pub const fn target_row(self) -> Option<&'static str> { match self { $(Id::$id => $target),* } }
            /// Further law rows the figure rests on.
            pub const fn rows(self) -> &'static [&'static str] { match self { $(Id::$id => &$rows),* } }
        }
    };
}

use Better::{Higher, Lower};

catalogue! {
    L01 "reen16_rate" Percent Some(Higher), target Some("reen16"), rows ["reen16_age_limit_years", "deee_scope", "reen16_proof"];
    L02 "reen16_stock_b" Count None, target None, rows ["reen16_age_limit_years", "deee_scope"];
    L03 "reen16_pending" Count Some(Lower), target Some("reen16_proof"), rows ["deee_scope"];
    L04 "reen16_variant_flow" Percent Some(Higher), target None, rows ["field_practice", "deee_scope"];
    L05 "gt10_recycled" Percent Some(Higher), target Some("reen16_recycling"), rows ["reen16_age_limit_years", "deee_scope"];
    L06 "agec58_it_reuse" Percent Some(Higher), target Some("agec58_it_reuse"), rows ["agec58_category"];
    L14 "erasure_before_exit" Percent Some(Higher), target Some("erasure_before_exit"), rows [];
    G04 "life_by_type" Years Some(Higher), target None, rows ["guide_page_2"];
    G05 "gifts_out" Count Some(Higher), target None, rows ["guide_page_2"];
    G06 "internal_reuse" Count Some(Higher), target None, rows ["guide_page_2"];
    F01 "mean_age" Years None, target None, rows ["field_practice"];
    F02 "share_ge5" Percent None, target None, rows ["field_practice"];
    F03 "recond_units" Percent Some(Higher), target None, rows ["field_practice"];
    F06 "repair_vs_replace" Percent Some(Higher), target None, rows ["field_practice"];
    F07 "mttr" Days Some(Lower), target None, rows ["field_practice"];
    F09 "dormant" Percent Some(Lower), target Some("dormant_stock"), rows ["dormant_days"];
    F13 "exit_mix" Percent Some(Higher), target None, rows ["field_practice"];
    F18 "data_quality" Percent Some(Higher), target Some("data_quality"), rows [];
}

impl Id {
    /// Reads an id (any case) or a name.
    pub fn parse(text: &str) -> Option<Id> {
        Id::ALL
            .iter()
            .copied()
            .find(|i| i.as_str().eq_ignore_ascii_case(text) || i.name().eq_ignore_ascii_case(text))
    }
    /// The side whose devices are grouped by the parts of the figure; none where a part is no group of devices.
    pub const fn parts_side(self) -> Option<Side> {
        match self {
            Id::G04 | Id::F01 | Id::F03 | Id::F13 => Some(Side::Denominator),
            Id::L14 => Some(Side::Excluded),
            _ => None,
        }
    }
    /// The side that holds all that is counted: below the line, for a count the figure itself.
    pub const fn whole(self) -> Side {
        match self.unit() {
            Unit::Count => Side::Numerator,
            _ => Side::Denominator,
        }
    }
    /// Scope of its target row in the law table.
    pub(super) const fn row_scope(row: &str) -> &'static str {
        // `agec58_category` is the one rule read for a single scope.
        if row.len() == "agec58_category".len() && matches!(row.as_bytes(), b"agec58_category") {
            "it"
        } else {
            ""
        }
    }
}
