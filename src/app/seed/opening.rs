//! How each device of the sample comes into the books. Cheap: asked once to add up the purchases, once for its life.

use super::chance::{Chance, later};
use super::world::MODELS;
use crate::domain::day::Day;
use crate::domain::words::{Acquisition, Condition};

/// Who and what the lives are about, by id. Everything in it was recorded by the use cases.
#[derive(Debug)]
pub struct Cast {
    /// The seed.
    pub seed: u64,
    /// The first day of the story.
    pub start: Day,
    /// The last day of the story: nothing is dated later.
    pub today: Day,
    /// Organisations; the first is the parent, which owns half.
    pub homes: Vec<Home>,
    /// Model ids, in the order of [`MODELS`].
    pub models: Vec<String>,
    /// Partner ids by role.
    pub partners: Partners,
}

/// One organisation.
#[derive(Debug, Default)]
pub struct Home {
    /// Organisation id.
    pub org: String,
    /// Its key.
    pub key: String,
    /// Site ids where people work.
    pub offices: Vec<String>,
    /// Site id of the spare devices.
    pub pool: String,
    /// Site id of what waits to leave.
    pub depot: String,
    /// Person ids with their service.
    pub people: Vec<(String, &'static str)>,
}

/// Partner ids by what they do.
#[derive(Debug, Default)]
pub struct Partners {
    /// Sell new devices.
    pub suppliers: Vec<String>,
    /// Sells refurbished ones.
    pub refurbisher: String,
    /// Leases.
    pub lessor: String,
    /// Repair.
    pub repairers: Vec<String>,
    /// Receive gifts.
    pub charities: Vec<String>,
    /// Public person that receives transfers.
    pub public: String,
    /// Buys used equipment.
    pub broker: String,
    /// Eco-organisme.
    pub eco: String,
    /// Collect waste.
    pub collectors: Vec<String>,
}

/// How it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// There before the books were opened.
    Adopted,
    /// Bought.
    Bought,
    /// Leased.
    Leased,
    /// Given by somebody.
    Gift,
}

/// The first page of a life.
#[derive(Debug, Clone)]
pub struct Opening {
    /// Position in [`Cast::homes`].
    pub home: usize,
    /// Position in [`MODELS`].
    pub model: usize,
    /// How.
    pub how: How,
    /// Day it came, or was taken over.
    pub on: Day,
    /// Condition.
    pub condition: Condition,
    /// Price in cents without tax; 0 when it cost nothing.
    pub price_cents: i64,
}

impl Opening {
    /// The opening of device number `i`, and the chance its life goes on with.
    pub fn of(cast: &Cast, i: u64) -> (Opening, Chance) {
        let mut chance = Chance::new(cast.seed, i.wrapping_add(1));
        let communes = u64::try_from(cast.homes.len().saturating_sub(1)).unwrap_or(0);
        let home = if communes == 0 || chance.happens(550) {
            0
        } else {
            usize::try_from(1 + chance.below(communes)).unwrap_or(0)
        };
        let weights: Vec<(u64, usize)> = MODELS.iter().map(|m| m.6).zip(0..).collect();
        let model = chance.weighted(&weights).unwrap_or(0);
        let mut how = chance
            .weighted(&[
                (200, How::Adopted),
                (730, How::Bought),
                (50, How::Leased),
                (20, How::Gift),
            ])
            .unwrap_or(How::Bought);
        let price = MODELS.get(model).map_or(0, |m| m.5);
        // Nobody leases a docking station.
        if how == How::Leased && price < 50_000 {
            how = How::Bought;
        }
        let span = cast.today.days_since(cast.start);
        let on = match how {
            How::Adopted => later(cast.start, chance.between(5, 25).min(span)),
            _ => later(cast.start, chance.between(10, span.max(10)).min(span)),
        };
        // A larger part comes refurbished each year.
        let refurbished = 40 + 30 * u64::try_from(on.year() - cast.start.year()).unwrap_or(0);
        let condition = match how {
            How::Bought if chance.happens(refurbished) => Condition::Refurbished,
            How::Gift => Condition::SecondHand,
            How::Adopted => Condition::Unknown,
            _ => Condition::New,
        };
        let price = price * chance.between(92, 108) / 100;
        let price_cents = match (how, condition) {
            (How::Gift, _) => 0,
            (_, Condition::Refurbished) => price * 45 / 100,
            _ => price,
        };
        let opening = Opening {
            home,
            model,
            how,
            on,
            condition,
            price_cents,
        };
        (opening, chance)
    }

    /// The word of the acquisition.
    pub fn acquisition(&self) -> Acquisition {
        match self.how {
            How::Adopted => Acquisition::Unknown,
            How::Bought => Acquisition::Purchase,
            How::Leased => Acquisition::Lease,
            How::Gift => Acquisition::Gift,
        }
    }

    /// Where in the purchases it is paid: year and quarter of its coming; none when it was not bought.
    pub fn quarter(&self) -> Option<(i32, u32)> {
        use chrono::Datelike;
        matches!(self.how, How::Bought | How::Leased)
            .then(|| (self.on.year(), self.on.0.month0() / 3))
    }
}
