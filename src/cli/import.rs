//! `reparc import`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use serde_json::json;

use super::{out, serve};
use crate::app::imports::{self, Ask, Depth, Pace, Reading, Report};
use crate::app::{Actor, App};
use crate::error::{Code, Error, Result};
use crate::exchange::dates::Order;
use crate::exchange::profiles::Profile;
use crate::settings::Settings;

/// Import inventories, or undo an import
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Import {
    #[command(subcommand)]
    what: Option<What>,
    #[command(flatten)]
    files: Files,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Take an import back: what it made and nobody touched since, and what it changed
    Undo {
        /// Id of the import
        #[arg(value_name = "ID")]
        id: String,
        /// Print the report as JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, clap::Args)]
struct Files {
    /// Files, or folders of files
    #[arg(value_name = "FILE|FOLDER", required = true)]
    paths: Vec<PathBuf>,
    /// auto, csv, snipe-it, glpi, ralph, numecoeval or ereuse
    #[arg(long, default_value = "auto")]
    profile: String,
    /// Key of the organisation that owns the devices; `main` when absent
    #[arg(long, value_name = "KEY")]
    org: Option<String>,
    /// Key of a saved mapping of columns
    #[arg(long, value_name = "NAME")]
    map: Option<String>,
    /// Which comes first in 03/04/2024, where nothing in the file tells: dmy or mdy
    #[arg(long, value_name = "dmy|mdy", value_parser = Order::parse)]
    date_order: Option<Order>,
    /// Tell what would happen, write nothing
    #[arg(long)]
    dry_run: bool,
    /// Print one report per file and line, as JSON
    #[arg(long)]
    json: bool,
    /// Exit 1 when a row was rejected
    #[arg(long)]
    strict: bool,
}

/// Endings of files taken from a folder.
const ENDINGS: &[&str] = &["csv", "txt", "tsv", "tab"];
/// Problems shown to a person.
const SHOWN: usize = 20;

impl Import {
    /// Runs the command.
    ///
    /// # Errors
    /// Those of `app::imports`; a file that cannot be taken is told and the others go on.
    pub fn run(self, settings: &Settings) -> Result<ExitCode> {
        match self.what {
            Some(What::Undo { id, json }) => {
                let app = Arc::new(serve::open(settings)?);
                let report = imports::undo(&app, &Actor::operator(), &id, false)?;
                tell(&report, json)?;
                Ok(ExitCode::SUCCESS)
            }
            None => self.files.run(settings),
        }
    }
}

impl Files {
    fn run(self, settings: &Settings) -> Result<ExitCode> {
        let profile = Profile::parse(&self.profile)
            .map_err(|e| Error::new(Code::InvalidParameter, format!("--profile: {e}")))?;
        let mut files = Vec::new();
        for path in &self.paths {
            collect(path, &mut files, 0)?;
        }
        if files.is_empty() {
            return Err(Error::new(
                Code::InvalidParameter,
                "there is no CSV file in there",
            ));
        }
        let app = Arc::new(serve::open(settings)?);
        imports::resume(&app)?;
        let mut failed = false;
        for file in files {
            let ask = Ask {
                profile,
                org: self.org.clone(),
                map: self.map.clone(),
                order: self.date_order,
                filename: Some(shown_name(&file)),
                id: None,
            };
            match self.one(&app, &file, &ask) {
                Ok(report) => {
                    failed |= self.strict && report.rejected > 0;
                    tell(&report, self.json)?;
                }
                Err(error) => {
                    failed = true;
                    self.refusal(&file, error)?;
                }
            }
        }
        Ok(if failed {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        })
    }

    fn one(&self, app: &Arc<App>, file: &Path, ask: &Ask) -> Result<Report> {
        let depth = if self.dry_run {
            Depth::Look
        } else {
            Depth::Commit
        };
        imports::import(app, &Actor::operator(), file, ask, depth, Pace::Alone)
    }

    /// A file that is no inventory ends nothing but itself.
    fn refusal(&self, file: &Path, error: Error) -> Result<()> {
        if error.code.status() >= 500 {
            return Err(error);
        }
        out::words(&format!("reparc: {}: {}", file.display(), error.detail));
        if self.json {
            let object = json!({
                "id": null,
                "file": shown_name(file),
                "dry_run": self.dry_run,
                "state": "refused",
                "code": error.code.as_str(),
                "detail": error.detail,
            });
            out::data(&object.to_string())?;
        }
        Ok(())
    }
}

fn shown_name(file: &Path) -> String {
    file.file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default()
}

/// Files of a path; of a folder those that may be tables, in the order of their names.
fn collect(path: &Path, files: &mut Vec<PathBuf>, depth: u32) -> Result<()> {
    let unreadable = |e: std::io::Error| {
        Error::new(
            Code::InvalidParameter,
            format!("{} cannot be read", path.display()),
        )
        .because(e)
    };
    if !std::fs::metadata(path).map_err(unreadable)?.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    if depth > 8 {
        return Ok(());
    }
    let mut inside: Vec<PathBuf> = std::fs::read_dir(path)
        .map_err(unreadable)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    inside.sort();
    for path in inside {
        let ending = path
            .extension()
            .map(|e| e.to_string_lossy().to_lowercase())
            .unwrap_or_default();
        if path.is_dir() || ENDINGS.contains(&ending.as_str()) {
            collect(&path, files, depth + 1)?;
        }
    }
    Ok(())
}

fn tell(report: &Report, as_json: bool) -> Result<()> {
    if as_json {
        return out::data(&json!(report).to_string());
    }
    let would = if report.dry_run {
        " (nothing was written)"
    } else {
        ""
    };
    let id = report
        .id
        .as_deref()
        .map_or(String::new(), |id| format!(" [{id}]"));
    out::data(&format!(
        "{}{id}: {} rows read as {}: {} created, {} changed, {} unchanged, {} rejected, {} conflicts; {} devices made{would}",
        report.file.as_deref().unwrap_or("-"),
        report.rows,
        report.profile,
        report.created,
        report.changed,
        report.unchanged,
        report.rejected,
        report.conflicts,
        report.devices_created,
    ))?;
    if let Some(reading) = &report.reading {
        out::words(&read_as(reading));
    }
    if report.entries.total() > 0 {
        let e = &report.entries;
        out::words(&format!(
            "  besides: {} sites, {} people, {} models, {} custom fields",
            e.sites, e.people, e.models, e.custom_fields
        ));
    }
    for change in report.changes.iter().take(SHOWN) {
        out::words(&format!(
            "  line {}: {} {}: {} → {}",
            change.row, change.device, change.field, change.before, change.after
        ));
    }
    for problem in report.problems.iter().take(SHOWN) {
        let column = problem.column.as_deref().unwrap_or("-");
        out::words(&format!(
            "  line {}, {column}: {} ({})",
            problem.row, problem.message, problem.code
        ));
    }
    let more = report
        .problems_total
        .saturating_sub(u64::try_from(SHOWN).unwrap_or(0));
    if more > 0 {
        out::words(&format!("  and {more} more; --json shows them"));
    }
    Ok(())
}

/// How the file was read, in a line: columns that were not taken as a field, and dates that might mean another day.
fn read_as(reading: &Reading) -> String {
    let separator = match reading.separator.as_str() {
        "\t" => "tab",
        other => other,
    };
    let mut line = format!(
        "  read as {}, separator {separator}, decimal {}",
        reading.encoding, reading.decimals
    );
    for column in &reading.columns {
        let header = &column.header;
        match (column.read_as.as_str(), &column.field) {
            ("extra", Some(key)) => line += &format!("; “{header}” kept as extra.{key}"),
            ("ignored", _) => line += &format!("; “{header}” left out"),
            _ => {}
        }
        if let Some(dates) = column.dates.as_ref().filter(|d| !d.certain) {
            let order = dates.order.as_deref().unwrap_or("unknown");
            line += &format!("; dates of “{header}” {order}, which is not certain");
        }
    }
    line
}
