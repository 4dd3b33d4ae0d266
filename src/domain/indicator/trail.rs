//! The way from a figure down to its devices: one side of one indicator is listed while the fold runs.

use super::super::day::Day;
use super::super::words::ExitKind;
use super::case::Case;
use super::catalogue::Id;

/// Which list behind a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// What is counted above the line.
    Numerator,
    /// What is counted below.
    Denominator,
    /// What was looked at and left out, and why.
    Excluded,
    /// What could fill the gap.
    Gap,
}

impl Side {
    /// Every side.
    pub const ALL: &'static [Side] = &[
        Side::Numerator,
        Side::Denominator,
        Side::Excluded,
        Side::Gap,
    ];
    /// As written in requests.
    pub fn as_str(self) -> &'static str {
        match self {
            Side::Numerator => "numerator",
            Side::Denominator => "denominator",
            Side::Excluded => "excluded",
            Side::Gap => "gap",
        }
    }
    /// Reads it.
    pub fn parse(text: &str) -> Option<Side> {
        Side::ALL.iter().copied().find(|s| s.as_str() == text)
    }
}

/// A line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Device id.
    pub device: String,
    /// Organisation id whose books are meant.
    pub org: String,
    /// Why it is on this side; its words are in `src/i18n`.
    pub why: &'static str,
    /// Day of the fact, when it has one.
    pub on: Option<Day>,
    /// Kind of exit, when it is one.
    pub exit_kind: Option<ExitKind>,
    /// What it adds (days of service or repair), when that is not one.
    pub amount: Option<i64>,
    /// What the age is counted from.
    pub basis: Option<&'static str>,
}

/// Collects one side, or nothing.
#[derive(Debug, Default)]
pub struct Trail {
    wanted: Option<(Id, Side)>,
    /// What was found, in the order of the facts.
    pub items: Vec<Item>,
}

impl Trail {
    /// Collects nothing.
    pub fn off() -> Trail {
        Trail::default()
    }
    /// Collects one side.
    pub fn of(id: Id, side: Side) -> Trail {
        Trail {
            wanted: Some((id, side)),
            items: Vec::new(),
        }
    }
    /// A line without a day.
    pub(super) fn put(&mut self, id: Id, side: Side, case: &Case<'_>, why: &'static str) {
        self.put_with(id, side, case, why, None, None, None);
    }
    /// A line about an exit.
    pub(super) fn put_exit(
        &mut self,
        id: Id,
        side: Side,
        case: &Case<'_>,
        why: &'static str,
        exit: &super::super::facts::Exit,
    ) {
        self.put_with(id, side, case, why, Some(exit.on), Some(exit.kind), None);
    }
    /// A line about a day, with what it adds.
    pub(super) fn put_day(
        &mut self,
        id: Id,
        side: Side,
        case: &Case<'_>,
        why: &'static str,
        on: Option<Day>,
        amount: Option<i64>,
    ) {
        self.put_with(id, side, case, why, on, None, amount);
    }
    #[expect(
        clippy::too_many_arguments,
        reason = "private, behind three short forms"
    )]
    fn put_with(
        &mut self,
        id: Id,
        side: Side,
        case: &Case<'_>,
        why: &'static str,
        on: Option<Day>,
        exit_kind: Option<ExitKind>,
        amount: Option<i64>,
    ) {
        if self.wanted == Some((id, side)) {
            let basis = case.start().map(|(_, basis)| basis.as_str());
            self.items.push(Item {
                device: case.device.to_owned(),
                org: case.org.to_owned(),
                why,
                on,
                exit_kind,
                amount,
                basis,
            });
        }
    }
}
