//! The way from a figure down to its devices: one side of one indicator is listed while the fold runs.

use super::super::day::Day;
use super::super::words::ExitKind;
use super::case::Case;
use super::catalogue::Id;
use super::fate::{Counts, Fate};

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
    /// Row of the breakdown, or part of the figure, that it belongs to.
    pub group: String,
    /// Whether it is counted above the line.
    pub counts: Counts,
    /// Day of the fact, when it has one.
    pub on: Option<Day>,
    /// Kind of exit, when it is one.
    pub exit_kind: Option<ExitKind>,
    /// What it adds (days of service or repair), when that is not one.
    pub amount: Option<i64>,
    /// What the age is counted from.
    pub basis: Option<&'static str>,
}

/// Why a device is on a side, and with which others.
#[derive(Debug, Clone, Copy)]
pub(super) struct Why<'a> {
    text: &'static str,
    group: &'a str,
    counts: Option<Counts>,
    exit: Option<ExitKind>,
}

impl<'a> Why<'a> {
    /// Of the devices of this group.
    pub(super) fn among(text: &'static str, group: &'a str) -> Why<'a> {
        Why {
            text,
            group,
            counts: None,
            exit: None,
        }
    }
    /// Of a row of the breakdown.
    pub(super) fn told(text: &'static str, fate: Fate) -> Why<'static> {
        Why {
            text,
            group: fate.key,
            counts: Some(fate.counts),
            exit: None,
        }
    }
    /// It left by this kind of exit since.
    pub(super) fn left_by(self, exit: Option<ExitKind>) -> Why<'a> {
        Why { exit, ..self }
    }
}

impl From<&'static str> for Why<'static> {
    fn from(text: &'static str) -> Why<'static> {
        Why::among(text, text)
    }
}

impl From<Fate> for Why<'static> {
    fn from(fate: Fate) -> Why<'static> {
        Why::told(fate.key, fate)
    }
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
    pub(super) fn put<'a>(&mut self, id: Id, side: Side, case: &Case<'_>, why: impl Into<Why<'a>>) {
        self.put_with(id, side, case, why.into(), None, None, None);
    }
    /// A line about an exit.
    pub(super) fn put_exit<'a>(
        &mut self,
        id: Id,
        side: Side,
        case: &Case<'_>,
        why: impl Into<Why<'a>>,
        exit: &super::super::facts::Exit,
    ) {
        let why = why.into();
        self.put_with(id, side, case, why, Some(exit.on), Some(exit.kind), None);
    }
    /// A line about a day, with what it adds.
    pub(super) fn put_day<'a>(
        &mut self,
        id: Id,
        side: Side,
        case: &Case<'_>,
        why: impl Into<Why<'a>>,
        on: Option<Day>,
        amount: Option<i64>,
    ) {
        self.put_with(id, side, case, why.into(), on, None, amount);
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
        why: Why<'_>,
        on: Option<Day>,
        exit_kind: Option<ExitKind>,
        amount: Option<i64>,
    ) {
        if self.wanted == Some((id, side)) {
            let basis = case.start().map(|(_, basis)| basis.as_str());
            self.items.push(Item {
                device: case.device.to_owned(),
                org: case.org.to_owned(),
                why: why.text,
                group: why.group.to_owned(),
                counts: why.counts.unwrap_or(match side {
                    Side::Numerator => Counts::Yes,
                    Side::Denominator | Side::Excluded => Counts::No,
                    Side::Gap => Counts::Later,
                }),
                on,
                exit_kind: exit_kind.or(why.exit),
                amount,
                basis,
            });
        }
    }
}
