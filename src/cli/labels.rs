//! `reparc labels`: label sheets, single labels, blank ones.

use std::path::PathBuf;
use std::process::ExitCode;

use super::{out, serve};
use crate::app::Actor;
use crate::app::labels::{self, Which};
use crate::error::{Code, Error, Result};
use crate::http::params;
use crate::labels::{Format, Layout, Print};
use crate::settings::Settings;

/// What `--layout` takes, and what the formats can hold.
fn help() -> String {
    format!(
        "Layouts: {}.\n\nFormats: pdf holds any number of pages. svg and png (300 dpi) hold one page: one label with the layout roll, else one sheet. \
         zpl is label after label, for label printers, in the label size of the layout. \
         pdf, png and zpl have the characters of Windows-1252: others lose their accent or become “?”; svg has all.\n\n\
         Print at 100 %: sheets are in exact millimetres.",
        Layout::SYNTAX
    )
}

/// Print labels: sheets, single labels, blank ones to claim later
#[derive(Debug, clap::Args)]
#[command(after_help = help())]
#[group(id = "which", required = true, multiple = false)]
pub struct Labels {
    /// Devices, by tag, comma-separated, in this order; a tag named twice is printed twice
    #[arg(long, value_name = "A,B", value_delimiter = ',', group = "which")]
    tags: Option<Vec<String>>,
    /// Devices, by a query as `GET /devices` takes it, such as `stage=in_stock&site=hotel`
    #[arg(long, value_name = "QUERY", group = "which")]
    filter: Option<String>,
    /// So many new random tags without a device, for labels that are stuck first and claimed later
    #[arg(long, value_name = "N", group = "which")]
    blank: Option<usize>,
    #[command(flatten)]
    how: How,
}

/// How they are printed.
#[derive(Debug, clap::Args)]
struct How {
    /// Where labels lie on a page: see below
    #[arg(long, value_name = "NAME", value_parser = Layout::parse)]
    layout: Layout,
    /// First free position of the first sheet, from 1, left to right and then down
    #[arg(long, value_name = "N", default_value_t = 1)]
    start: usize,
    /// pdf, svg, png or zpl
    #[arg(long, value_name = "FORMAT", default_value = "pdf", value_parser = Format::parse)]
    format: Format,
    /// Draw a line around each label, to cut along or to check the alignment
    #[arg(long)]
    outline: bool,
    /// Dots per millimetre of the label printer (zpl): 6, 8 (203 dpi), 12 (300 dpi) or 24
    #[arg(long, value_name = "N", default_value_t = 8)]
    dpmm: u32,
    /// File to write; stdout when absent or `-`
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Labels {
    /// Runs the command.
    ///
    /// # Errors
    /// Those of `app::labels`.
    pub fn run(self, settings: &Settings) -> Result<ExitCode> {
        let which = match (self.tags, self.filter, self.blank) {
            (Some(tags), _, _) => Which::Tags(tags),
            (_, Some(query), _) => Which::Filter(Box::new(params::read(params::pairs(&query)?)?)),
            (_, _, Some(count)) => Which::Blank(count),
            _ => {
                let sentence = "one of --tags, --filter and --blank is needed";
                return Err(Error::new(Code::InvalidParameter, sentence));
            }
        };
        let print = Print {
            start: self.how.start,
            outline: self.how.outline,
            dpmm: self.how.dpmm,
            ..Print::on(self.how.layout)
        };
        let app = serve::open(settings)?;
        let file = labels::sheet(&app, &Actor::operator(), &which, &print, self.how.format)?;
        out::save(self.how.output.as_deref(), &file)?;
        Ok(ExitCode::SUCCESS)
    }
}
