//! The sentences of the indicators: what a figure says, with its numbers and its gap.

use super::{Arg, Lang, fill, find, number};
use crate::domain::indicator::{Figure, Id, Note, Part, Status, Unit};

/// Title of an indicator.
pub fn title(lang: Lang, id: Id) -> String {
    find(lang, "title", id.as_str())
        .unwrap_or(id.name())
        .to_owned()
}

/// The figure in words: its sum, its verdict, what is missing, how final it is.
pub fn sentence(lang: Lang, figure: &Figure, tree: bool, provisional: bool) -> String {
    let said = Said::of(lang, figure);
    if !figure.period.begun() {
        return said.say("common", "not_begun");
    }
    let mut all = vec![said.figure()];
    match figure.status {
        Status::Met => all.push(said.say("common", "met")),
        Status::NotMet => all.push(said.say("common", "not_met")),
        Status::NotApplicable => all.push(said.say("common", "not_applicable")),
        Status::NoTarget | Status::NotComputable => {}
    }
    all.extend(said.missing(provisional));
    if provisional {
        all.push(said.say("common", "provisional"));
    }
    if tree {
        all.push(said.say("common", "tree"));
    }
    all.join(" ")
}

/// The sum and what is missing alone.
pub fn sum(lang: Lang, figure: &Figure, provisional: bool) -> String {
    let said = Said::of(lang, figure);
    if !figure.period.begun() {
        return said.say("common", "not_begun");
    }
    let all: Vec<String> = [said.figure()]
        .into_iter()
        .chain(said.missing(provisional))
        .collect();
    all.join(" ")
}

/// A figure being said: its numbers at hand.
struct Said<'a> {
    lang: Lang,
    figure: &'a Figure,
    args: Vec<(String, Arg)>,
}

impl Said<'_> {
    fn of(lang: Lang, figure: &Figure) -> Said<'_> {
        Said {
            lang,
            figure,
            args: args(lang, figure),
        }
    }
    fn say(&self, section: &str, key: &str) -> String {
        let args = self.args.iter();
        let args: Vec<(&str, Arg)> = args.map(|(k, v)| (k.as_str(), v.clone())).collect();
        fill(
            self.lang,
            find(self.lang, section, key).unwrap_or(key),
            &args,
        )
    }
    /// The sum, or why there is none.
    fn figure(&self) -> String {
        let id = self.figure.id.as_str();
        match (self.figure.value, self.figure.denominator) {
            (Some(_), _) => self.say("sentence", id),
            (None, Some(b)) if b < 0 => self.say("common", "negative"),
            (None, _) => self.say("zero", id),
        }
    }
    /// What is missing to the target.
    fn missing(&self, provisional: bool) -> Option<String> {
        let gap = self.figure.gap?;
        let what = self.say("gap", self.figure.id.as_str());
        let key = if provisional {
            "missing_before"
        } else {
            "missing_after"
        };
        let args = [
            ("what", Arg::text(what)),
            ("year", Arg::text(gap.by.year().to_string())),
        ];
        let sentence = find(self.lang, "common", key).unwrap_or_default();
        Some(fill(self.lang, sentence, &args))
    }
}

/// Numbers a sentence may use.
fn args(lang: Lang, figure: &Figure) -> Vec<(String, Arg)> {
    let money = figure.id == Id::L06;
    let number = |n: i64| {
        if money {
            Arg::Text(number::euros(lang, n), n)
        } else {
            Arg::Count(n)
        }
    };
    let period = figure.period;
    let value = figure
        .value
        .map_or(String::new(), |v| number::decimal(lang, v));
    let target = target(lang, figure);
    let mut args = vec![
        ("a".to_owned(), number(figure.numerator.unwrap_or_default())),
        (
            "b".to_owned(),
            number(figure.denominator.unwrap_or_default()),
        ),
        ("value".to_owned(), Arg::text(value)),
        ("target".to_owned(), Arg::text(target)),
        ("year".to_owned(), Arg::text(period.year.to_string())),
        (
            "day".to_owned(),
            Arg::text(number::short_day(lang, period.as_of)),
        ),
        (
            "end".to_owned(),
            Arg::text(number::short_day(lang, period.end)),
        ),
    ];
    if let Some(gap) = figure.gap {
        args.push(("missing".to_owned(), number(gap.missing)));
    }
    for part in &figure.parts {
        args.push((format!("p_{}", part.key), Arg::Count(part.numerator)));
        let value = part
            .value
            .map_or(String::new(), |v| number::decimal(lang, v));
        args.push((format!("v_{}", part.key), Arg::text(value)));
    }
    args
}

fn target(lang: Lang, figure: &Figure) -> String {
    let Some(target) = figure.target else {
        return String::new();
    };
    let key = if figure.id.unit() == Unit::Percent {
        "percent"
    } else {
        "plain"
    };
    fill(
        lang,
        find(lang, "common", key).unwrap_or("{n}"),
        &[("n", Arg::Count(target))],
    )
}

/// A remark in words.
pub fn note(lang: Lang, note: &Note) -> String {
    let of = note.of.map_or(String::new(), |v| number::decimal(lang, v));
    fill(
        lang,
        find(lang, "note", note.key).unwrap_or(note.key),
        &[("n", Arg::Count(note.n)), ("of", Arg::text(of))],
    )
}

/// Label of a breakdown row; `category` gives the name of a category key.
pub fn label(lang: Lang, part: &Part, category: impl Fn(&str) -> Option<String>) -> String {
    if let Some((kind, outcome)) = part.key.split_once('.') {
        let outcome = match outcome {
            "unknown" => "outcome_unknown",
            outcome => outcome,
        };
        let word = |key| find(lang, "part", key).unwrap_or(key).to_owned();
        return match lang {
            Lang::Fr => format!("{}\u{a0}: {}", word(kind), word(outcome)),
            Lang::En => format!("{}: {}", word(kind), word(outcome)),
        };
    }
    category(&part.key)
        .or_else(|| find(lang, "part", &part.key).map(str::to_owned))
        .unwrap_or_else(|| part.key.clone())
}

/// A row of a breakdown in words: those of its own, else those of a part, else why a device is there.
pub fn row(lang: Lang, key: &str) -> String {
    ["fate", "part", "why"]
        .iter()
        .find_map(|section| find(lang, section, key))
        .unwrap_or(key)
        .to_owned()
}

/// Why a device is on a list, in words.
pub fn why(lang: Lang, key: &str) -> String {
    find(lang, "why", key).unwrap_or(key).to_owned()
}
