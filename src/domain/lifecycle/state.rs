//! The state of a device in one owner's books, while its events are replayed.

use crate::domain::day::Day;
use crate::domain::words::{ExitKind, Kind, Presence, Stage, Tenure};

use super::media::Media;
use super::table::{self, TABLE};

/// Who and where an allocation put the device; compared to tell an internal re-use (G06).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Target {
    /// Person id.
    pub holder: Option<String>,
    /// Service.
    pub service: Option<String>,
    /// Site id.
    pub site: Option<String>,
}

impl Target {
    /// Nothing is known of the target.
    pub fn is_unknown(&self) -> bool {
        *self == Target::default()
    }
    /// Another person, service or site. What only one of the two says is not compared, unless they have nothing in common.
    pub fn is_other_than(&self, last: &Target) -> bool {
        let pairs = [
            (&self.holder, &last.holder),
            (&self.service, &last.service),
            (&self.site, &last.site),
        ];
        let mut common = false;
        for pair in pairs {
            if let (Some(now), Some(before)) = pair {
                if now != before {
                    return true;
                }
                common = true;
            }
        }
        !common
    }
}

/// The state after the events replayed so far.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// Stage.
    pub stage: Stage,
    /// Media.
    pub media: Media,
    /// Presence.
    pub presence: Presence,
    /// Réformé, dated or not.
    pub retired: bool,
    /// Day of the réforme.
    pub retired_on: Option<Day>,
    /// Where it is directed.
    pub orientation: Option<ExitKind>,
    /// Site id.
    pub site: Option<String>,
    /// Service.
    pub service: Option<String>,
    /// Person id.
    pub holder: Option<String>,
    /// By what right it is held.
    pub tenure: Tenure,
    /// Device id of the whole.
    pub part_of: Option<String>,
    /// Day the stage was entered; unknown after an adoption without `since`.
    pub stage_since: Option<Day>,
    /// Stage before the repair.
    pub before_repair: Option<Stage>,
    /// Target of the last allocation; `None` before the first.
    pub last_target: Option<Target>,
    /// Returned to stock by `deallocate` or `close_repair` since the last allocation.
    pub returned: bool,
    /// Kind and day of the last exit, for the reader.
    pub exit: Option<(ExitKind, Option<Day>)>,
    /// Day the present loan should be back.
    pub due_on: Option<Day>,
    /// Day its réforme was proposed; nothing was decided since.
    pub proposed_on: Option<Day>,
    /// Serial numbers of storage seen by agents.
    pub storages: Vec<String>,
}

impl State {
    /// A device in stock of nobody's history yet.
    pub fn new(stage: Stage, media: Media) -> State {
        State {
            stage,
            media,
            presence: Presence::Seen,
            retired: false,
            retired_on: None,
            orientation: None,
            site: None,
            service: None,
            holder: None,
            tenure: Tenure::Owned,
            part_of: None,
            stage_since: None,
            before_repair: None,
            last_target: None,
            returned: false,
            exit: None,
            due_on: None,
            proposed_on: None,
            storages: Vec::new(),
        }
    }
    /// Enters a stage on a day; staying in it keeps the day it was entered.
    pub fn enter(&mut self, stage: Stage, on: Day) {
        if self.stage != stage {
            self.stage = stage;
            self.stage_since = Some(on);
        }
    }
    /// Nobody holds it any more.
    pub fn release(&mut self) {
        self.holder = None;
        self.service = None;
        self.due_on = None;
    }
    /// The stage a device goes back to when réforme decides.
    pub fn retired_or_stock(&self) -> Stage {
        if self.retired {
            Stage::Retired
        } else {
            Stage::InStock
        }
    }
    /// Steps that are legal now, in the order of the table.
    pub fn next_events(&self, open_repair: bool) -> Vec<Kind> {
        TABLE
            .iter()
            .filter(|row| row.step && row.from.contains(&self.stage))
            .map(|row| row.kind)
            .filter(|kind| match kind {
                Kind::Retire => !self.retired && self.tenure != Tenure::Leased,
                Kind::Reinstate => self.retired,
                Kind::CloseRepair => open_repair || self.stage == Stage::InRepair,
                _ => true,
            })
            .collect()
    }
    /// The stage table allows this kind from here.
    pub fn allows(&self, kind: Kind) -> bool {
        table::of(kind).from.contains(&self.stage)
    }
}
