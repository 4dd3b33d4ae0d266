//! One believable life: allocated, mended, handed on, counted, sometimes lost, retired by a decision of the council,
//! and given, sold or collected. Told in the order it happens; the story stops at today.

use serde_json::{Map, Value, json};

use super::chance::{Chance, later};
use super::opening::{Cast, Home, How, Opening};
use crate::domain::day::Day;
use crate::domain::event::Fields;
use crate::domain::text::Line;
use crate::domain::words::{Kind, Outcome, Stage, Tenure, WipeMethod};

/// One thing told.
#[derive(Debug, Clone)]
pub struct Told {
    /// What.
    pub kind: Kind,
    /// When.
    pub on: Day,
    /// Its own fields, by ids.
    pub fields: Fields,
    /// What is personal of it.
    pub private: Map<String, Value>,
    /// Position in [`Cast::homes`] of whose books it is told in.
    pub home: usize,
    /// For a `correct`: position of what it voids among what was told.
    pub voids: Option<usize>,
}

/// A story that is being told.
pub struct Story<'a> {
    /// Who and where.
    pub cast: &'a Cast,
    /// What is left to chance.
    pub chance: Chance,
    /// What was told.
    pub told: Vec<Told>,
    /// The day the story has come to.
    pub day: Day,
    /// Whose books.
    pub home: usize,
    /// Bears data.
    pub bears: bool,
    /// Verified purged or destroyed since it was last used.
    pub clean: bool,
    /// Who had it last.
    pub holder: Option<String>,
    /// In use now.
    pub used: bool,
}

/// A text of ours: short and without control characters, so it always parses.
pub fn line(text: &str) -> Option<Line> {
    Line::parse(text).ok()
}

/// Tells the life after its opening. `None` inside means that the story has come to today.
pub fn tell(opening: &Opening, story: &mut Story<'_>) -> Option<()> {
    let end = later(
        opening.on,
        (0..3).map(|_| story.chance.between(300, 850)).sum(),
    );
    if !story.used {
        // Now and then a device sleeps in the cupboard first.
        let sleeps = story.chance.happens(60);
        let wait = if sleeps { (200, 500) } else { (2, 25) };
        story.after(wait.0, wait.1);
        story.allocate()?;
    }
    while story.day < end {
        story.chapter()?;
    }
    if opening.how == How::Leased {
        story.end_of_lease()
    } else {
        story.end_of_life()
    }
}

impl<'a> Story<'a> {
    fn whose(&self) -> Option<&'a Home> {
        self.cast.homes.get(self.home)
    }
    /// Days pass.
    pub fn after(&mut self, from: i64, to: i64) {
        self.day = later(self.day, self.chance.between(from, to));
    }
    /// Tells an event, unless the story has come to today.
    pub fn event(&mut self, kind: Kind, fields: Fields) -> Option<()> {
        self.noted(kind, fields, Map::new())
    }
    /// Tells an event with something personal about it.
    pub fn noted(&mut self, kind: Kind, fields: Fields, private: Map<String, Value>) -> Option<()> {
        if self.day > self.cast.today {
            return None;
        }
        self.told.push(Told {
            kind,
            on: self.day,
            fields,
            private,
            home: self.home,
            voids: None,
        });
        Some(())
    }

    /// Somebody gets it, mostly another one than before.
    pub fn allocate(&mut self) -> Option<()> {
        let whose = self.whose()?;
        let (person, service) = self.chance.one(&whose.people)?;
        let site = self.chance.one(&whose.offices)?;
        let shared = self.chance.happens(120);
        let fields = Fields {
            holder: if shared { None } else { line(person) },
            service: line(service),
            site: line(site),
            ..Fields::default()
        };
        self.event(Kind::Allocate, fields)?;
        self.holder = (!shared).then(|| person.clone());
        self.used = true;
        self.clean = false;
        Some(())
    }

    /// Back to the cupboard.
    pub fn deallocate(&mut self) -> Option<()> {
        let site = self.whose().and_then(|h| line(&h.pool));
        self.event(
            Kind::Deallocate,
            Fields {
                site,
                ..Fields::default()
            },
        )?;
        self.used = false;
        Some(())
    }

    fn chapter(&mut self) -> Option<()> {
        let what = self
            .chance
            .weighted(&[(42, 0), (16, 1), (27, 2), (10, 3), (3, 4), (1, 5)])?;
        self.after(240, 1_000);
        match what {
            0 => self.counted(),
            1 => self.repaired(),
            2 => self.handed_on(),
            3 => self.moved(),
            4 => self.missed(),
            _ => self.stolen(),
        }
    }

    fn counted(&mut self) -> Option<()> {
        let fields = Fields {
            source: line("inventaire annuel"),
            ..Fields::default()
        };
        self.event(Kind::Audit, fields)?;
        if self.chance.happens(8) {
            // The wrong device was scanned: found out today.
            let voids = self.told.len().checked_sub(1);
            let (kind, on, home) = (Kind::Correct, self.cast.today, self.home);
            let (fields, private) = (Fields::default(), Map::new());
            self.told.push(Told {
                kind,
                on,
                fields,
                private,
                home,
                voids,
            });
        }
        Some(())
    }

    fn moved(&mut self) -> Option<()> {
        let site = self.chance.one(&self.whose()?.offices)?;
        self.event(
            Kind::Move,
            Fields {
                site: line(site),
                ..Fields::default()
            },
        )
    }

    fn repaired(&mut self) -> Option<()> {
        let faults = [
            "Écran fendu",
            "Ne démarre plus",
            "Batterie gonflée",
            "Clavier inutilisable",
            "Ventilateur bruyant",
        ];
        let fault = self.chance.one(&faults).copied()?;
        let private = json!({ "fault": fault }).as_object().cloned()?;
        self.noted(Kind::ReportFault, Fields::default(), private)?;
        self.after(1, 12);
        let cast = self.cast;
        let provider = self
            .chance
            .one(&cast.partners.repairers)
            .and_then(|p| line(p));
        self.event(
            Kind::SendToRepair,
            Fields {
                provider,
                ..Fields::default()
            },
        )?;
        self.after(3, 45);
        let outcome = self.chance.weighted(&[
            (80, Outcome::Fixed),
            (12, Outcome::Repairable),
            (8, Outcome::EndOfLife),
        ]);
        let fields = Fields {
            outcome,
            cost_cents: Some(self.chance.between(1_500, 18_000)),
            hours: Some(1.5),
            ..Fields::default()
        };
        self.event(Kind::CloseRepair, fields)
    }

    fn handed_on(&mut self) -> Option<()> {
        self.deallocate()?;
        let sleeps = self.chance.happens(150);
        let wait = if sleeps { (190, 420) } else { (3, 70) };
        if self.chance.happens(300) {
            self.after(0, 3);
            self.event(Kind::Prepare, Fields::default())?;
        }
        if self.bears && self.chance.happens(180) {
            self.after(1, 20);
            self.event(Kind::Refurbish, Fields::default())?;
            self.after(4, 25);
            self.event(Kind::Ready, Fields::default())?;
        }
        if self.chance.happens(600) {
            self.lent()?;
        }
        self.after(wait.0, wait.1);
        self.allocate()
    }

    /// Out of the pool for some weeks; not everybody brings it back on the day.
    fn lent(&mut self) -> Option<()> {
        self.after(2, 30);
        let (person, service) = self.chance.one(&self.whose()?.people)?;
        let due = later(self.day, self.chance.between(14, 60));
        let fields = Fields {
            holder: line(person),
            service: line(service),
            due_on: Some(due),
            ..Fields::default()
        };
        self.event(Kind::Loan, fields)?;
        self.used = true;
        self.clean = false;
        self.day = later(due, self.chance.between(-10, 90));
        let site = self.whose().and_then(|h| line(&h.pool));
        let fields = Fields {
            site,
            ..Fields::default()
        };
        self.event(Kind::Return, fields)?;
        self.used = false;
        Some(())
    }

    fn missed(&mut self) -> Option<()> {
        self.event(Kind::MarkMissing, Fields::default())?;
        self.after(20, 200);
        self.event(Kind::Find, Fields::default())
    }

    fn stolen(&mut self) -> Option<()> {
        self.event(Kind::ReportStolen, Fields::default())?;
        self.after(30, 90);
        let fields = Fields {
            exit_kind: Some(crate::domain::words::ExitKind::WriteOff),
            ..Fields::default()
        };
        self.event(Kind::HandOver, fields)?;
        None
    }

    /// A verified erasure, or what passes for one.
    pub fn wipe(&mut self, method: WipeMethod, verified: bool) -> Option<()> {
        if !self.bears {
            return Some(());
        }
        let fields = Fields {
            method: Some(method),
            verified: Some(verified),
            technique: line("ATA Secure Erase"),
            tool: line("ShredOS 2024.11"),
            evidence: verified.then(|| line("certificat d'effacement")).flatten(),
            ..Fields::default()
        };
        self.event(Kind::Wipe, fields)?;
        self.clean |= verified && method != WipeMethod::Clear;
        Some(())
    }
}

/// Opens the books: the first event, then what is described of the device.
pub fn open(opening: &Opening, story: &mut Story<'_>, described: Map<String, Value>) -> Option<()> {
    let fields = match opening.how {
        How::Adopted => adopted(opening, story),
        _ => Fields {
            acquisition: Some(opening.acquisition()),
            condition: Some(opening.condition),
            tenure: (opening.how == How::Leased).then_some(Tenure::Leased),
            ..Fields::default()
        },
    };
    // What was bought these last days is still on its way.
    let coming = opening.how == How::Bought && story.cast.today.days_since(opening.on) < 12;
    let kind = match opening.how {
        How::Adopted => Kind::Adopt,
        _ if coming => Kind::Order,
        _ => Kind::Receive,
    };
    story.used = fields.stage == Some(Stage::InUse);
    let retired = fields.stage == Some(Stage::Retired);
    story.event(kind, fields)?;
    let set = Fields {
        set: Some(described),
        ..Fields::default()
    };
    story.event(Kind::Describe, set)?;
    if retired {
        story.leaves();
    }
    (!retired && !coming).then_some(())
}

fn adopted(opening: &Opening, story: &mut Story<'_>) -> Fields {
    let stage = story.chance.weighted(&[
        (78, Stage::InUse),
        (14, Stage::InStock),
        (8, Stage::Retired),
    ]);
    let whose = story.whose();
    let mut fields = Fields {
        stage,
        ..Fields::default()
    };
    match stage {
        Some(Stage::InUse) => {
            let holder = whose.and_then(|h| story.chance.one(&h.people));
            fields.holder = holder.and_then(|(id, _)| line(id));
            fields.site = whose
                .and_then(|h| story.chance.one(&h.offices))
                .and_then(|s| line(s));
            story.holder = holder.map(|(id, _)| id.clone());
        }
        // The day of an old réforme is not always to be found.
        Some(Stage::Retired) if story.chance.happens(500) => {
            fields.retired_on = Some(later(opening.on, -story.chance.between(20, 700)));
        }
        Some(Stage::InStock) if story.chance.happens(500) => {
            fields.since = Some(later(opening.on, -story.chance.between(5, 400)));
        }
        _ => {}
    }
    fields
}
