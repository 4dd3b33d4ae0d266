//! `reparc indicators`: the figures of a year as a table, JSON or CSV.

use std::process::ExitCode;

use super::{out, serve};
use crate::app::indicators::{self, Ask, FigureView};
use crate::app::{Actor, App, Page};
use crate::domain::day::{Day, Instant, instant};
use crate::error::{Error, Result};
use crate::i18n::{self, Arg, Lang, number};
use crate::settings::Settings;

/// Print the indicators of a year
#[derive(Debug, clap::Args)]
pub struct Indicators {
    /// Civil year; that of --as-of when absent
    #[arg(long, value_name = "N")]
    year: Option<i32>,
    /// Only what is dated up to this day (YYYY-MM-DD); today when absent
    #[arg(long, value_name = "DATE", value_parser = Day::parse)]
    as_of: Option<Day>,
    /// Only what was recorded up to this instant (2026-01-31T09:30:00Z)
    #[arg(long, value_name = "TIME", value_parser = instant::parse)]
    known_at: Option<Instant>,
    /// Key of the organisation; the main one when absent
    #[arg(long, value_name = "KEY")]
    org: Option<String>,
    /// own (the legal figure) or tree (the organisation and those below, not legal)
    #[arg(long, value_enum, default_value = "own")]
    scope: Scope,
    /// table, json or csv
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// Language of the table and of the sentences, fr or en; that of LANG when absent, else French
    #[arg(long, value_name = "CODE", value_parser = language)]
    lang: Option<Lang>,
}

fn language(code: &str) -> std::result::Result<Lang, String> {
    Lang::parse(code).ok_or_else(|| "is fr or en".to_owned())
}

/// The language of the terminal: `en_GB.UTF-8` is English, whatever is neither is French.
fn spoken(said: Option<&str>) -> Lang {
    let code = said.unwrap_or_default().split(['_', '.', '-', '@']).next();
    code.and_then(Lang::parse).unwrap_or(Lang::Fr)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Scope {
    Own,
    Tree,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Format {
    Table,
    Json,
    Csv,
}

impl Indicators {
    /// Runs the command.
    ///
    /// # Errors
    /// Those of `app::indicators`.
    pub fn run(self, settings: &Settings) -> Result<ExitCode> {
        let app = serve::open(settings)?;
        out::save(None, &self.render(&app)?)?;
        Ok(ExitCode::SUCCESS)
    }

    /// What the command prints.
    ///
    /// # Errors
    /// Those of `app::indicators`.
    pub fn render(&self, app: &App) -> Result<Vec<u8>> {
        let ask = Ask {
            year: self.year,
            as_of: self.as_of,
            known_at: self.known_at,
            org: self.org.clone(),
            scope: self.scope == Scope::Tree,
        };
        let page = indicators::all(app, &Actor::operator(), &ask)?;
        let lang = self.lang.unwrap_or_else(|| {
            let said = ["LC_ALL", "LC_MESSAGES", "LANG"].map(std::env::var);
            let said = said.into_iter().flatten().find(|text| !text.is_empty());
            spoken(said.as_deref())
        });
        match self.format {
            Format::Table => Ok(table(&page.items, lang).into_bytes()),
            Format::Json => json(&page),
            Format::Csv => indicators::csv(&page.items, lang),
        }
    }
}

fn json(page: &Page<FigureView>) -> Result<Vec<u8>> {
    let mut text = serde_json::to_vec_pretty(page).map_err(Error::internal)?;
    text.push(b'\n');
    Ok(text)
}

fn table(figures: &[FigureView], lang: Lang) -> String {
    let t = |key: &str| i18n::find(lang, "indicators", key).unwrap_or_default();
    let say = |key: &str, text: &str| i18n::fill(lang, t(key), &[("x", Arg::text(text))]);
    let mut lines = Vec::new();
    if let Some(f) = figures.first() {
        let scope = if f.scope == "tree" {
            "cli_tree"
        } else {
            "cli_own"
        };
        let mut head = vec![
            f.organisation.clone(),
            f.year.to_string(),
            t(scope).to_owned(),
            say("cli_as_of", &number::short_day(lang, f.as_of)),
        ];
        head.extend(f.known_at.as_deref().map(|at| say("cli_known_at", at)));
        lines.push(head.join(" · "));
        lines.push(row([
            t("id"),
            t("value"),
            "",
            t("fraction"),
            t("target"),
            t("cli_state"),
            t("indicator"),
        ]));
    }
    for f in figures {
        let value = f
            .value
            .map_or("–".to_owned(), |value| number::decimal(lang, value));
        let unit = match f.unit.as_str() {
            _ if f.value.is_none() => "",
            "percent" => "%",
            "count" => "",
            unit => t(&format!("unit_{unit}")),
        };
        let amount = |n: i64| {
            if f.id == "L06" {
                number::euros(lang, n)
            } else {
                number::whole(lang, n)
            }
        };
        let sum = match (f.numerator, f.denominator) {
            (Some(a), Some(b)) => format!("{} / {}", amount(a), amount(b)),
            (Some(a), None) => amount(a),
            _ => "–".to_owned(),
        };
        let target = f.target.map(|n| number::whole(lang, n)).unwrap_or_default();
        let status = t(&format!("status_{}", f.status));
        lines.push(row([
            &f.id,
            &value,
            unit,
            &sum,
            &target,
            status,
            f.title.of_lang(lang),
        ]));
        lines.push(format!("     {}", f.sentence.of_lang(lang)));
        let remarks = f.remarks.iter().map(|remark| remark.text.of_lang(lang));
        lines.extend(remarks.map(|text| format!("     · {text}")));
    }
    lines.push(String::new());
    lines.join("\n")
}

fn row([id, value, unit, sum, target, state, title]: [&str; 7]) -> String {
    format!("{id:4} {value:>9} {unit:5} {sum:>19} {target:>8} {state:15} {title}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_terminal_says_which_language() {
        for (said, lang) in [
            (Some("en_GB.UTF-8"), Lang::En),
            (Some("fr_FR.UTF-8"), Lang::Fr),
            (Some("en"), Lang::En),
            (Some("C.UTF-8"), Lang::Fr),
            (Some("de_DE"), Lang::Fr),
            (None, Lang::Fr),
        ] {
            assert_eq!(spoken(said), lang, "{said:?}");
        }
    }
}
