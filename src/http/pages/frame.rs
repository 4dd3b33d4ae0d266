//! What every page has around its content: language, navigation, who looks, what was just done. Templates call it `f`.

use super::flash::Flash;
use super::form::Form;
use crate::app::{Actor, Right};
use crate::domain::day::{Day, Instant};
use crate::error::{Code, Error};
use crate::i18n::{self, Arg, Lang, number};

/// The frame of a page.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Language of the page.
    pub lang: Lang,
    /// Address of the page with its query: where the language switch comes back to.
    pub address: String,
    /// Key of the form that the page is for; empty where none was kept.
    pub key: String,
    /// Token that every form of the page carries.
    pub csrf: String,
    /// Key of the first-level page that this one belongs to.
    pub here: &'static str,
    /// Who looks; none on public pages.
    pub actor: Option<Actor>,
    /// Name of their organisation.
    pub organisation: String,
    /// What was just done.
    pub flash: Option<Flash>,
    /// A sample fleet.
    pub demo: bool,
    /// The day it is in Paris.
    pub today: Day,
}

/// The first-level pages: address, key of the name, whether a phone finds it in the menu only.
const NAV: &[(&str, &str, bool)] = &[
    ("/", "home", false),
    ("/devices", "devices", false),
    ("/scan", "scan", false),
    ("/purchases", "purchases", true),
    ("/repairs", "repairs", true),
    ("/exits", "exits", true),
    ("/indicators", "indicators", false),
    ("/menu", MENU, false),
];
/// The page that leads to every other.
const MENU: &str = "menu";

impl Frame {
    /// A sentence by `section.key`. A key that is missing shows itself; a test holds that none is.
    pub fn t(&self, key: &str) -> &'static str {
        let found = key
            .split_once('.')
            .and_then(|(section, key)| i18n::find(self.lang, section, key));
        found.unwrap_or_else(|| {
            tracing::error!(key, "a text is missing");
            "⟨?⟩"
        })
    }
    /// A sentence with `{n}` filled by a whole number.
    pub fn tn(&self, key: &str, n: impl TryInto<i64>) -> String {
        let n = n.try_into().unwrap_or(i64::MAX);
        i18n::fill(self.lang, self.t(key), &[("n", Arg::Count(n))])
    }
    /// A sentence with `{x}` filled by a text.
    pub fn tx(&self, key: &str, text: impl AsRef<str>) -> String {
        i18n::fill(self.lang, self.t(key), &[("x", Arg::text(text.as_ref()))])
    }
    /// A sentence with its places filled.
    pub fn say(&self, key: &str, args: &[(&str, Arg)]) -> String {
        i18n::fill(self.lang, self.t(key), args)
    }
    /// A word of the model (`stage`, `data`, `kind` …) in the language.
    pub fn word(&self, section: &str, word: impl AsRef<str>) -> String {
        let word = word.as_ref();
        i18n::find(self.lang, section, word).map_or_else(|| word.to_owned(), str::to_owned)
    }
    /// A whole number.
    pub fn whole(&self, n: impl TryInto<i64>) -> String {
        number::whole(self.lang, n.try_into().unwrap_or(i64::MAX))
    }
    /// Cents as euros.
    pub fn euros(&self, cents: &i64) -> String {
        number::euros(self.lang, *cents)
    }
    /// A day: « 19 nov. 2026 ».
    pub fn day(&self, day: &Day) -> String {
        number::short_day(self.lang, *day)
    }
    /// A day, or the word for a day that is not known.
    pub fn day_or(&self, day: &Option<Day>) -> String {
        match day {
            Some(day) => self.day(day),
            None => self.t("common.unknown").to_owned(),
        }
    }
    /// A day in full: « vendredi 20 novembre ».
    pub fn long_day(&self, day: &Day) -> String {
        number::long_day(self.lang, *day)
    }
    /// Years from one day to another, with one decimal: « 5,2 ans ». Whole years are those of the calendar, and nothing
    /// is rounded up: what is ten years old today is not so yesterday.
    pub fn years(&self, since: Day, until: Day) -> Option<String> {
        let mut whole = until.year().abs_diff(since.year());
        if since.plus_months(whole * 12) > until {
            whole = whole.saturating_sub(1);
        }
        let rest = until.days_since(since.plus_months(whole * 12));
        let tenth = (rest * 10 / 366).min(9);
        let point = match self.lang {
            Lang::Fr => ',',
            Lang::En => '.',
        };
        let text = format!(
            "{}{point}{tenth}",
            number::whole(self.lang, i64::from(whole))
        );
        let hundredths = i64::from(whole) * 100 + tenth * 10;
        (rest >= 0).then(|| self.say("common.years", &[("n", Arg::Text(text, hundredths))]))
    }
    /// An instant, in Paris, to the minute.
    pub fn when(&self, at: &Instant) -> String {
        number::when(self.lang, *at)
    }
    /// Whether who looks has a right.
    pub fn may(&self, right: Right) -> bool {
        self.actor.as_ref().is_some_and(|actor| actor.may(right))
    }
    /// The language's code.
    pub fn code(&self) -> &'static str {
        self.lang.code()
    }
    /// The first-level pages: address, name, current, class. Where the menu alone leads to the page, the menu is
    /// current: on a wide screen for the pages that have no place of their own, on a narrow one also for `more`.
    pub fn nav(&self) -> Vec<(&'static str, &'static str, bool, &'static str)> {
        let known = NAV.iter().find(|(_, key, _)| *key == self.here);
        let mut out = Vec::with_capacity(NAV.len() + 1);
        for (to, key, more) in NAV {
            let name = self.t(&format!("nav.{key}"));
            if *key != MENU {
                let class = if *more { "more" } else { "" };
                out.push((*to, name, *key == self.here, class));
            } else if known.is_some_and(|(_, _, more)| *more) {
                out.push((*to, name, false, "more"));
                out.push((*to, name, true, "less"));
            } else {
                let here = *key == self.here || known.is_none() && !self.here.is_empty();
                out.push((*to, name, here, ""));
            }
        }
        out
    }
    /// The other language: code, own name, address that switches to it.
    pub fn other(&self) -> (&'static str, &'static str, String) {
        let other = self.lang.other();
        let to = super::html::address(
            "/language",
            &[("to", other.code()), ("back", &self.address)],
        );
        (other.code(), other.own_name(), to)
    }
    /// Address of the style sheet.
    pub fn css(&self) -> &'static str {
        super::assets::css()
    }
    /// Address of the script.
    pub fn js(&self) -> &'static str {
        super::assets::js()
    }
    /// Address of the script of the scan page.
    pub fn scan_js(&self) -> &'static str {
        super::assets::scan()
    }
    /// A key that makes a form count once, however often it is sent.
    pub fn key(&self) -> String {
        if self.key.is_empty() {
            crate::app::new_key()
        } else {
            self.key.clone()
        }
    }
    /// The frame of a refused form: it keeps its key, unless that was what is refused.
    #[must_use]
    pub fn keyed(mut self, form: &Form, error: &Error) -> Frame {
        if error.code != Code::IdempotencyKeyReused {
            form.text("key").clone_into(&mut self.key);
        }
        self
    }
}
