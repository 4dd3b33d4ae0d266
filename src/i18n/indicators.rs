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
    let args = args(lang, figure);
    let args: Vec<(&str, Arg)> = args.iter().map(|(k, v)| (k.as_str(), v.clone())).collect();
    let say = |section: &str, key: &str| fill(lang, find(lang, section, key).unwrap_or(key), &args);
    let id = figure.id.as_str();
    if !figure.period.begun() {
        return say("common", "not_begun");
    }
    let mut said = match (figure.value, figure.denominator) {
        (Some(_), _) => vec![say("sentence", id)],
        (None, Some(b)) if b < 0 => vec![say("common", "negative")],
        (None, _) => vec![say("zero", id)],
    };
    match figure.status {
        Status::Met => said.push(say("common", "met")),
        Status::NotMet => said.push(say("common", "not_met")),
        Status::NotApplicable => said.push(say("common", "not_applicable")),
        Status::NoTarget | Status::NotComputable => {}
    }
    if let Some(gap) = figure.gap {
        let what = say("gap", id);
        let key = if provisional {
            "missing_before"
        } else {
            "missing_after"
        };
        let args = [
            ("what", Arg::text(what)),
            ("year", Arg::text(gap.by.year().to_string())),
        ];
        said.push(fill(
            lang,
            find(lang, "common", key).unwrap_or_default(),
            &args,
        ));
    }
    if provisional {
        said.push(say("common", "provisional"));
    }
    if tree {
        said.push(say("common", "tree"));
    }
    said.join(" ")
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

/// Why a device is on a list, in words.
pub fn why(lang: Lang, key: &str) -> String {
    find(lang, "why", key).unwrap_or(key).to_owned()
}
