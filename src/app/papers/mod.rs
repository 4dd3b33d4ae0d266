//! Papers that people sign or file: the *bon de remise* of what somebody takes or gives back, the *état de réforme* of
//! a decision, the *attestation de cession* of an exit, the *certificat d'effacement* of a wipe.

mod cession;
mod erasure;
mod hand_over;
mod retirement;

pub use cession::{cession, title};
pub use erasure::certificate;
pub use hand_over::{held, of_event};
pub use retirement::{sheet, state};

use super::operations::chosen::Item;
use super::{Actor, App};
use crate::domain::day::Day;
use crate::domain::tag::Tag;
use crate::i18n::{self, Arg, Lang, number};
use crate::labels::paper::Paper;

/// The words of the papers in one language.
#[derive(Debug, Clone, Copy)]
struct Words(Lang);

impl Words {
    fn t(self, key: &str) -> String {
        i18n::find(self.0, "papers", key)
            .unwrap_or_default()
            .to_owned()
    }
    fn say(self, key: &str, args: &[(&str, Arg)]) -> String {
        i18n::fill(self.0, &self.t(key), args)
    }
    fn word(self, section: &str, word: &str) -> String {
        i18n::find(self.0, section, word).unwrap_or(word).to_owned()
    }
    fn day(self, day: Day) -> String {
        number::day(self.0, day)
    }
    fn day_or(self, day: Option<Day>) -> String {
        day.map_or_else(|| self.t("unknown"), |day| self.day(day))
    }
    fn euros(self, cents: Option<i64>) -> String {
        cents.map_or_else(|| self.t("unknown"), |cents| number::euros(self.0, cents))
    }
    /// A text, or the word for what is not known.
    fn or(self, text: Option<&str>) -> String {
        text.filter(|t| !t.is_empty())
            .map_or_else(|| self.t("unknown"), str::to_owned)
    }
    /// A paper without its parts.
    fn paper(self, app: &App, actor: &Actor, from: &str, title: String) -> Paper {
        let today = Day::of(app.clock.now());
        Paper {
            title,
            lang: self.0.code(),
            from: from.to_owned(),
            foot: self.say(
                "foot",
                &[
                    ("day", Arg::text(self.day(today))),
                    ("who", Arg::text(actor.name.clone())),
                ],
            ),
            page: self.t("page"),
            blocks: Vec::new(),
        }
    }
}

/// A tag as it is shown.
fn shown(tag: &str) -> String {
    Tag::stored(tag).shown()
}

/// What a device is, in words for a paper.
fn designation(item: &Item) -> String {
    if item.what == item.category || item.category.is_empty() {
        item.what.clone()
    } else {
        format!("{}, {}", item.category, item.what)
    }
}
