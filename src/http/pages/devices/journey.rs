//! The journey of a device: the stops of the loop with when it was there, and how long.

use crate::app::devices::{DeviceView, Dossier};
use crate::domain::facts::Spell;
use crate::domain::words::{Kind, Stage};
use crate::http::pages::prelude::*;

/// A stop on the journey.
pub struct Stop {
    /// Class.
    pub class: &'static str,
    /// It is there now.
    pub current: bool,
    /// Its name.
    pub name: String,
    /// When, or how long.
    pub about: String,
}

/// The stops of the drawing, in its order.
const STOPS: &[(Stage, &str)] = &[
    (Stage::Ordered, ""),
    (Stage::InStock, ""),
    (Stage::Refurbishing, "back"),
    (Stage::InRepair, "back b2"),
    (Stage::InUse, ""),
    (Stage::Retired, ""),
    (Stage::Oriented, ""),
    (Stage::Gone, ""),
];

/// Day of the last standing event of a kind: what began and ended on one day has no spell of its own.
fn last_day(dossier: &Dossier, kind: Kind) -> Option<Day> {
    let mut standing = dossier.events.iter().rev();
    let event = standing.find(|e| e.kind == kind && e.voided_by.is_none());
    event.map(|e| e.on)
}

/// The stops, in the order of the drawing.
pub fn journey(f: &Frame, d: &DeviceView, dossier: &Dossier) -> Vec<Stop> {
    let spells: &[Spell] = &dossier.spells;
    STOPS
        .iter()
        .map(|(stage, class)| {
            // Spells of one stage in a row (moved, cleared…) are one stay.
            let mut stays: Vec<(Day, Option<Day>)> = Vec::new();
            let mut before = None;
            for spell in spells {
                if spell.stage == *stage {
                    match stays.last_mut() {
                        Some(stay) if before == Some(*stage) => stay.1 = spell.to,
                        _ => stays.push((spell.from, spell.to)),
                    }
                }
                before = Some(spell.stage);
            }
            let passed = match stage {
                Stage::Retired => d.retired_on,
                Stage::Oriented if d.stage == Stage::Gone => last_day(dossier, Kind::Orient),
                _ => None,
            };
            if let Some(day) = passed
                && stays.is_empty()
            {
                stays.push((day, Some(day)));
            }
            let current = d.stage == *stage;
            // Out and back on one day leaves no spell: the stock begins anew with what brought it back.
            if current && *stage == Stage::InStock {
                let back = [
                    Kind::Deallocate,
                    Kind::Return,
                    Kind::CloseRepair,
                    Kind::Ready,
                ];
                let last = back
                    .iter()
                    .filter_map(|kind| last_day(dossier, *kind))
                    .max();
                if let (Some(stay), Some(last)) = (stays.last_mut(), last) {
                    stay.0 = stay.0.max(last);
                }
            }
            Stop {
                class: match (stays.is_empty() || current, *class) {
                    (false, "") => "been",
                    (false, "back") => "been back",
                    (false, _) => "been back b2",
                    (true, class) => class,
                },
                current,
                name: f.word("stage", stage.as_str()),
                about: stop(f, *stage, &stays),
            }
        })
        .collect()
}

fn stop(f: &Frame, stage: Stage, stays: &[(Day, Option<Day>)]) -> String {
    let days: i64 = stays
        .iter()
        .map(|(from, to)| to.unwrap_or(f.today).days_since(*from))
        .sum();
    match (stage, stays) {
        (Stage::Refurbishing | Stage::InRepair, []) => f.t("devices.never").to_owned(),
        (Stage::Refurbishing | Stage::InRepair, many) => f.tn("devices.times", many.len()),
        (_, []) => "\u{a0}".to_owned(),
        (Stage::InUse, _) if days >= 730 => f.tn("devices.lasted_years", days / 365),
        (Stage::InUse, _) if days >= 60 => f.tn("devices.lasted_months", days / 30),
        (Stage::InUse, _) => f.tn("devices.lasted_days", days),
        (_, [.., (from, _)]) => f.day(from),
    }
}
