//! What people read, in French and English: tables compiled in, and the small code that picks and fills them.
//!
//! A test holds that both languages have the same keys with the same places to fill.

pub mod indicators;
pub mod number;

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lang {
    /// French.
    Fr,
    /// English.
    En,
}

impl Lang {
    /// Both.
    pub const ALL: [Lang; 2] = [Lang::Fr, Lang::En];

    /// `fr` or `en`.
    pub const fn code(self) -> &'static str {
        match self {
            Lang::Fr => "fr",
            Lang::En => "en",
        }
    }
    /// The language of this code.
    pub fn parse(code: &str) -> Option<Lang> {
        Lang::ALL
            .into_iter()
            .find(|lang| lang.code().eq_ignore_ascii_case(code))
    }
    /// What its speakers call it.
    pub const fn own_name(self) -> &'static str {
        match self {
            Lang::Fr => "Français",
            Lang::En => "English",
        }
    }
    /// The other one.
    pub const fn other(self) -> Lang {
        match self {
            Lang::Fr => Lang::En,
            Lang::En => Lang::Fr,
        }
    }
}

/// Section → key → sentence.
pub type Table = BTreeMap<String, BTreeMap<String, String>>;

macro_rules! files {
    ($lang:literal: $($name:literal)*) => { &[$(include_str!(concat!($lang, "/", $name, ".toml"))),*] };
}

/// One file a page family, beside the words of the model and those of the indicators.
macro_rules! all_files {
    ($lang:literal) => {
        files!($lang: "attachments" "common" "devices" "evidence" "everyday" "exits" "home" "house" "import_pages" "indicator_pages" "indicators"
            "operations" "papers" "purchases" "reference" "repairs" "scan" "words")
    };
}

static FR: LazyLock<Table> = LazyLock::new(|| {
    let mut all = read(all_files!("fr"));
    for sentence in all.values_mut().flat_map(BTreeMap::values_mut) {
        *sentence = set_in_french(sentence);
    }
    all
});
static EN: LazyLock<Table> = LazyLock::new(|| read(all_files!("en")));

/// A file that cannot be read says nothing: a test holds the shipped ones to be whole.
fn read(files: &[&str]) -> Table {
    let mut all = Table::new();
    for text in files {
        let file: Table = toml::from_str(text).unwrap_or_default();
        for (section, sentences) in file {
            all.entry(section).or_default().extend(sentences);
        }
    }
    all
}

/// French typography: a narrow no-break space before ; ! ? and %, a no-break space before : and inside « », and the
/// true apostrophe. So the files are written on any keyboard.
fn set_in_french(text: &str) -> String {
    let mut text = text.replace('\'', "’");
    for mark in [";", "!", "?", "%"] {
        text = text.replace(&format!(" {mark}"), &format!("\u{202f}{mark}"));
    }
    for (plain, set) in [
        (" :", "\u{a0}:"),
        ("« ", "«\u{a0}"),
        (" »", "\u{a0}»"),
        (" €", "\u{a0}€"),
    ] {
        text = text.replace(plain, set);
    }
    text
}

/// Every sentence of a language.
pub fn table(lang: Lang) -> &'static Table {
    match lang {
        Lang::Fr => &FR,
        Lang::En => &EN,
    }
}

/// A sentence by section and key; none when there is no such key.
pub fn find(lang: Lang, section: &str, key: &str) -> Option<&'static str> {
    table(lang).get(section)?.get(key).map(String::as_str)
}

/// What fills a place of a sentence.
#[derive(Debug, Clone)]
pub enum Arg {
    /// A whole number; the words around it agree with it.
    Count(i64),
    /// A text as it is, with the number that its words agree with, in hundredths.
    Text(String, i64),
}

impl Arg {
    /// A text whose words do not depend on a number.
    pub fn text(text: impl Into<String>) -> Arg {
        Arg::Text(text.into(), 200)
    }
}

/// Fills `{name}` and `{name:singular|plural}`. A place nobody fills stays as it is, to be seen.
pub fn fill(lang: Lang, template: &str, args: &[(&str, Arg)]) -> String {
    let mut out = String::with_capacity(template.len() + 16);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((place, tail)) = after.split_once('}') else {
            out.push('{');
            rest = after;
            continue;
        };
        let (name, forms) = place.split_once(':').unwrap_or((place, ""));
        match args.iter().find(|(given, _)| *given == name) {
            Some((_, arg)) => out.push_str(&filled(lang, arg, forms)),
            None => {
                out.push('{');
                out.push_str(place);
                out.push('}');
            }
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}

fn filled(lang: Lang, arg: &Arg, forms: &str) -> String {
    let (text, hundredths) = match arg {
        Arg::Count(n) => (number::whole(lang, *n), n.saturating_mul(100)),
        Arg::Text(text, hundredths) => (text.clone(), *hundredths),
    };
    // « 1,5 an » and « 2 ans »; "1 year", but "1.5 years" and "1.0 years".
    let singular = match lang {
        Lang::Fr => hundredths.unsigned_abs() < 200,
        Lang::En => hundredths.unsigned_abs() == 100 && !text.contains('.'),
    };
    match forms.split_once('|') {
        Some((one, _)) if singular => format!("{text} {one}"),
        Some((_, many)) => format!("{text} {many}"),
        None => text,
    }
}
