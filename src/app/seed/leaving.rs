//! The exits of the sample: devices leave together, a day each quarter, with the papers the law asks for; now and then
//! without some of them, or without any, on purpose.
//!
//! An exit follows from its organisation, kind and day alone, so that each life tells of the same one, and a second
//! seeding of a database takes it up again.

use super::chance::{Chance, later};
use super::opening::Cast;
use crate::db::entries::Row;
use crate::domain::day::{Day, Instant};
use crate::domain::entry::{EntryKind, Record};
use crate::domain::event::{Commitment, Event};
use crate::domain::exit::{Convention, ExitOperation};
use crate::domain::text::Line;
use crate::domain::words::{ExitKind, Kind};
use crate::error::{Error, Result};

/// One exit.
#[derive(Debug, Clone)]
pub struct Leaving {
    /// Id of the operation; none when nobody wrote one.
    pub id: Option<String>,
    /// Its key.
    key: String,
    /// What its hand-overs share, and its papers.
    pub body: ExitOperation,
}

/// The next exit of this kind from this organisation.
pub fn next(cast: &Cast, home: usize, kind: ExitKind, from: Day) -> Leaving {
    on_day(cast, home, kind, hand_over_day(home, kind, from))
}

fn on_day(cast: &Cast, home: usize, kind: ExitKind, on: Day) -> Leaving {
    let whose = cast.homes.get(home);
    let key = format!("{kind}-{}-{on}", whose.map_or("", |h| h.key.as_str()));
    // FNV-1a over the key. The owner is in it by its key: its id differs from one database to the next.
    let stream = key.bytes().fold(0xCBF2_9CE4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    });
    let mut chance = Chance::new(0x4558_4954, stream);
    let midnight = on.0.and_time(chrono::NaiveTime::MIN).and_utc();
    let millis = u64::try_from(midnight.timestamp_millis()).unwrap_or(0);
    let id = chance.id(millis);
    let partners = &cast.partners;
    let mut body = ExitOperation {
        kind,
        partner: None,
        to_organisation: None,
        on,
        convention: None,
        undertaking_on: None,
        commitment: None,
    };
    let line = |text: &String| Line::parse(text).ok();
    match kind {
        ExitKind::Donation => body.partner = chance.one(&partners.charities).and_then(line),
        ExitKind::Collection => body.partner = chance.one(&partners.collectors).and_then(line),
        ExitKind::TakeBack => body.partner = line(&partners.eco),
        ExitKind::Sale => body.partner = line(&partners.broker),
        ExitKind::Transfer => match receiver(cast, home, on) {
            Some(to) => body.to_organisation = cast.homes.get(to).and_then(|h| line(&h.org)),
            None => body.partner = line(&partners.public),
        },
        _ => {}
    }
    papers(&mut body, &key, &mut chance);
    // A few leave by the back door: no operation, no papers, and a commitment nobody can show.
    let written = chance.happens(930);
    if !written {
        body.commitment = None;
    }
    Leaving {
        id: written.then_some(id),
        key,
        body,
    }
}

/// Most papers are there.
fn papers(body: &mut ExitOperation, key: &str, chance: &mut Chance) {
    let on = body.on;
    let mut before = |most: i64| later(on, -chance.between(1, most));
    let (signed, undertaken, committed) = (before(40), before(20), before(60));
    match body.kind {
        ExitKind::Donation | ExitKind::Transfer => {
            if chance.happens(900) {
                body.convention = Line::parse(&format!("CONV-{}", key.to_uppercase()))
                    .ok()
                    .map(|number| Convention {
                        number,
                        on: Some(signed),
                    });
            }
            if body.kind == ExitKind::Donation && chance.happens(920) {
                body.undertaking_on = Some(undertaken);
            }
        }
        ExitKind::Sale | ExitKind::TakeBack if chance.happens(840) => {
            body.commitment = Some(Commitment {
                on: committed,
                reference: Line::parse("engagement de réemploi").ok(),
            });
        }
        _ => {}
    }
}

/// The commune a transfer of the parent goes to, in turn; none for everybody else, who hand over to the public partner.
pub fn receiver(cast: &Cast, home: usize, on: Day) -> Option<usize> {
    use chrono::Datelike;
    let communes = cast.homes.len().checked_sub(1).filter(|n| *n > 0)?;
    let turn = usize::try_from(on.0.ordinal0() / 28).ok()?;
    (home == 0).then_some(1 + turn % communes)
}

/// The first hand-over day of the kind not before `from`: one a quarter, not the same everywhere.
fn hand_over_day(home: usize, kind: ExitKind, from: Day) -> Day {
    let place = ExitKind::ALL.iter().position(|k| *k == kind).unwrap_or(0);
    let shift = u32::try_from((3 * place + home) % 26).unwrap_or(0);
    let mut year = from.year();
    loop {
        for month in [3, 6, 9, 12] {
            let on = Day::ymd(year, month, 1 + shift);
            if on >= from {
                return on;
            }
        }
        year += 1;
    }
}

/// The row of the operation a hand-over tells of; none for every other event, and for one that stands alone.
///
/// # Errors
/// `internal` when it cannot be written.
pub fn row(cast: &Cast, event: &Event, now: Instant) -> Result<Option<Row>> {
    let told = (&event.fields.exit, event.fields.exit_kind);
    let (Kind::HandOver, (Some(id), Some(kind))) = (event.kind, told) else {
        return Ok(None);
    };
    let home = cast.homes.iter().position(|h| h.org == event.org);
    let home = home.ok_or_else(|| Error::internal("an exit of nobody's"))?;
    let leaving = on_day(cast, home, kind, event.on);
    Ok(Some(Row {
        id: id.as_str().to_owned(),
        kind: EntryKind::Exit.as_str().to_owned(),
        key: leaving.key,
        org: Some(event.org.clone()),
        name: leaving.body.name(),
        archived: false,
        version: 1,
        recorded_at: now.naive_utc(),
        payload: serde_json::to_string(&leaving.body).map_err(Error::internal)?,
    }))
}
