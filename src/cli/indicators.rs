//! `reparc indicators`: the figures of a year as a table, JSON or CSV.

use std::process::ExitCode;

use super::{out, serve};
use crate::app::indicators::{self, Ask, FigureView};
use crate::app::{Actor, App, Page};
use crate::domain::day::{Day, Instant, instant};
use crate::error::{Error, Result};
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
        match self.format {
            Format::Table => Ok(table(&page.items).into_bytes()),
            Format::Json => json(&page),
            Format::Csv => indicators::csv(&page.items),
        }
    }
}

fn json(page: &Page<FigureView>) -> Result<Vec<u8>> {
    let mut text = serde_json::to_vec_pretty(page).map_err(Error::internal)?;
    text.push(b'\n');
    Ok(text)
}

/// A number as JSON writes it; empty when there is none.
fn plain<T: serde::Serialize>(value: Option<T>) -> String {
    value
        .and_then(|v| serde_json::to_string(&v).ok())
        .unwrap_or_default()
}

fn table(figures: &[FigureView]) -> String {
    let mut lines = Vec::new();
    if let Some(f) = figures.first() {
        let scope = if f.scope == "tree" {
            "tree, non légal"
        } else {
            "own"
        };
        let known = f.known_at.as_deref().unwrap_or("-");
        lines.push(format!(
            "{} · {} · {scope} · as of {} · known at {known}",
            f.organisation, f.year, f.as_of
        ));
    }
    for f in figures {
        let value = if f.value.is_some() {
            plain(f.value)
        } else {
            "-".to_owned()
        };
        let unit = match f.unit.as_str() {
            "percent" => "%",
            "count" => "",
            unit => unit,
        };
        let sum = match (f.numerator, f.denominator) {
            (Some(a), Some(b)) => format!("{a} / {b}"),
            (Some(a), None) => a.to_string(),
            _ => "-".to_owned(),
        };
        let target = plain(f.target);
        lines.push(format!(
            "{:4} {value:>9} {unit:5} {sum:>19} {target:>6} {:15} {}",
            f.id, f.status, f.title.fr
        ));
        lines.push(format!("     {}", f.sentence.fr));
        lines.extend(f.notes.iter().map(|note| format!("     · {note}")));
    }
    lines.push(String::new());
    lines.join("\n")
}
