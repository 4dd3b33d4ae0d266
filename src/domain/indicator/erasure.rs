//! L14: was every medium verifiably erased before the device left?

use std::collections::BTreeMap;

use super::super::words::{Data, ExitKind};
use super::Finish;
use super::answer::{Figure, Part};
use super::case::Case;
use super::catalogue::Id;
use super::fate::{Fate, Tally};
use super::trail::{Side, Trail, Why};

/// Running sums.
#[derive(Debug, Default)]
pub struct Erasure {
    wiped: i64,
    exits: i64,
    overridden: i64,
    fates: Tally,
    /// Lease returns, exchanges and write-offs: wiped, all.
    apart: BTreeMap<ExitKind, (i64, i64)>,
}

impl Erasure {
    /// Reads one device.
    pub fn visit(&mut self, case: &Case<'_>, trail: &mut Trail) {
        for exit in case.exits() {
            if !case.facts.bears_data && exit.data == Data::None {
                trail.put_exit(Id::L14, Side::Excluded, case, "no_data", exit);
                continue;
            }
            // A state taken over with the inventory opens the gate and is no wipe: `wiped` says that an event stands behind it.
            let wiped = exit.wiped && matches!(exit.data, Data::Purged | Data::Destroyed);
            if !exit.kind.needs_retirement() {
                let (done, all) = self.apart.entry(exit.kind).or_default();
                *done += i64::from(wiped);
                *all += 1;
                trail.put_exit(Id::L14, Side::Excluded, case, exit.kind.as_str(), exit);
                continue;
            }
            self.exits += 1;
            let why = if wiped {
                exit.data.as_str()
            } else if exit.overridden {
                "overridden"
            } else {
                "not_wiped"
            };
            let fate = if wiped { Fate::yes(why) } else { Fate::no(why) };
            self.fates.add(fate);
            let told = Why::told(why, fate);
            trail.put_exit(Id::L14, Side::Denominator, case, told, exit);
            if wiped {
                self.wiped += 1;
                trail.put_exit(Id::L14, Side::Numerator, case, why, exit);
            } else {
                self.overridden += i64::from(exit.overridden);
                trail.put_exit(Id::L14, Side::Gap, case, why, exit);
            }
        }
    }

    /// The figure.
    pub fn finish(self, end: &Finish<'_>) -> Vec<Figure> {
        let mut figure = end.ratio(Id::L14, self.wiped, self.exits);
        figure.parts = self
            .apart
            .iter()
            .map(|(kind, (done, all))| Part {
                n: *all,
                ..Part::share(kind.as_str(), *done, *all)
            })
            .collect();
        figure.breakdown = self.fates.rows();
        figure.note("gate_overridden", self.overridden);
        vec![figure]
    }
}
