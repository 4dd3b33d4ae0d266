//! How a life ends: the decision of the council, the direction, the hand-over, the proof; and what goes wrong.

use serde_json::{Map, json};

use super::chance::later;
use super::leaving;
use super::life::{Story, line};
use crate::domain::day::Day;
use crate::domain::event::Fields;
use crate::domain::words::{Cause, ExitKind, Kind, Known, Outcome, WipeMethod};

impl Story<'_> {
    /// Leased devices are wiped and go back.
    pub fn end_of_lease(&mut self) -> Option<()> {
        self.deallocate()?;
        self.after(2, 20);
        self.wipe(WipeMethod::Purge, true)?;
        self.after(2, 30);
        let fields = Fields {
            exit_kind: Some(ExitKind::LeaseReturn),
            partner: line(&self.cast.partners.lessor),
            ..Fields::default()
        };
        self.event(Kind::HandOver, fields)
    }

    /// From the last user to the council.
    pub fn end_of_life(&mut self) -> Option<()> {
        self.after(5, 60);
        self.deallocate()?;
        self.after(1, 30);
        // Most are erased when they come back, some by a method that is not enough, some not at all.
        match self.chance.below(100) {
            0..80 => self.wipe(WipeMethod::Purge, true)?,
            80..86 => self.wipe(WipeMethod::Destroy, true)?,
            86..91 => self.wipe(WipeMethod::Clear, true)?,
            91..95 => self.wipe(WipeMethod::Purge, false)?,
            _ => {}
        }
        if self.chance.happens(400) {
            self.event(Kind::ProposeRetirement, Fields::default())?;
        }
        let (council, reference) = council(self.home, later(self.day, 5));
        self.day = council;
        let cause = self.chance.weighted(&[
            (50, Cause::Obsolete),
            (18, Cause::EndOfSupport),
            (14, Cause::Failure),
            (6, Cause::Damage),
            (10, Cause::Surplus),
            (2, Cause::Unknown),
        ]);
        let broken = matches!(cause, Some(Cause::Failure | Cause::Damage));
        let fields = Fields {
            reference: line(&reference),
            cause,
            functional: Some(if broken { Known::No } else { Known::Yes }),
            ..Fields::default()
        };
        self.event(Kind::Retire, fields)?;
        if self.chance.happens(25) {
            self.after(20, 120);
            let private = json!({"reason": "Besoin d'un service"})
                .as_object()
                .cloned()?;
            self.noted(Kind::Reinstate, Fields::default(), private)?;
            self.after(2, 30);
            return self.allocate();
        }
        self.leaves()
    }

    /// From the réforme out of the house.
    pub fn leaves(&mut self) -> Option<()> {
        if self.chance.happens(100) {
            return None; // forgotten in the depot
        }
        if self.chance.happens(15) {
            self.after(30, 200);
            self.event(Kind::MarkMissing, Fields::default())?;
            self.after(200, 600);
            let fields = Fields {
                exit_kind: Some(ExitKind::WriteOff),
                ..Fields::default()
            };
            return self.event(Kind::HandOver, fields);
        }
        let kind = self.direction()?;
        self.after(5, 120);
        let fields = Fields {
            destination: Some(kind),
            ..Fields::default()
        };
        self.event(Kind::Orient, fields)?;
        self.after(10, 150);
        if self.bears && !self.clean && self.chance.happens(700) {
            self.wipe(WipeMethod::Purge, true)?;
        }
        self.hand_over(kind)?;
        self.follow_up(kind)
    }

    fn direction(&mut self) -> Option<ExitKind> {
        self.chance.weighted(&[
            (30, ExitKind::Donation),
            (33, ExitKind::Collection),
            (13, ExitKind::TakeBack),
            (9, ExitKind::Sale),
            (4, ExitKind::StaffGift),
            (11, ExitKind::Transfer),
        ])
    }

    fn hand_over(&mut self, kind: ExitKind) -> Option<()> {
        let leaving = leaving::next(self.cast, self.home, kind, self.day);
        self.day = leaving.body.on;
        let mut fields = Fields {
            exit: leaving.id.as_deref().and_then(line),
            exit_kind: Some(kind),
            partner: leaving.body.partner,
            to_organisation: leaving.body.to_organisation,
            commitment: leaving.body.commitment,
            ..Fields::default()
        };
        let mut private = Map::new();
        if kind == ExitKind::Donation {
            // A few are worth more than may be given.
            fields.unit_value_cents = Some(self.chance.between(1_000, 31_000));
        }
        if self.bears && !self.clean {
            fields.overridden = Some(true);
            private = json!({"override_reason": "Disque retiré avant remise, attestation perdue"})
                .as_object()
                .cloned()?;
        }
        self.noted(Kind::HandOver, fields, private)
    }

    fn follow_up(&mut self, kind: ExitKind) -> Option<()> {
        match kind {
            ExitKind::Transfer => self.second_life(),
            ExitKind::Sale | ExitKind::TakeBack => {
                // A proof comes late, or never.
                match self.chance.below(10) {
                    0..7 => self.prove(Outcome::Reuse),
                    7 => self.prove(Outcome::NotReuse),
                    _ => None,
                }
            }
            ExitKind::Collection if self.chance.happens(800) => {
                self.after(10, 120);
                let outcome = self.chance.weighted(&[
                    (90, Outcome::Recycling),
                    (6, Outcome::Energy),
                    (4, Outcome::Reuse),
                ]);
                let fields = Fields {
                    outcome,
                    ..Fields::default()
                };
                self.event(Kind::ConfirmTreatment, fields)
            }
            _ => None,
        }
    }

    fn prove(&mut self, outcome: Outcome) -> Option<()> {
        self.after(20, 420);
        let fields = Fields {
            outcome: Some(outcome),
            reference: line("attestation du preneur"),
            ..Fields::default()
        };
        self.event(Kind::Prove, fields)
    }

    /// In the commune that received it.
    fn second_life(&mut self) -> Option<()> {
        self.home = leaving::receiver(self.cast, self.home, self.day)?;
        self.used = false;
        self.after(2, 60);
        self.allocate()?;
        self.after(150, 500);
        self.event(Kind::Audit, Fields::default())
    }
}

/// The next council that decides on réformes, and the reference of its decision: two a year, not the same day
/// everywhere.
fn council(home: usize, from: Day) -> (Day, String) {
    let shift = u32::try_from(home % 7).unwrap_or(0) * 3;
    let number = 11 + home % 40;
    let mut year = from.year();
    loop {
        for (month, day) in [(6, 5 + shift), (12, 1 + shift)] {
            let on = Day::ymd(year, month, day);
            if on >= from {
                return (on, format!("{year}-{month:02}-{number:03}"));
            }
        }
        year += 1;
    }
}
