//! Tables to files: CSV (RFC 4180), CSV for French Excel, NDJSON, XLSX. Row by row, in constant memory.

mod csv;
mod xlsx;

use std::borrow::Cow;
use std::io::Write;

use serde_json::{Map, Number, Value};

use crate::domain::day::Day;
use crate::error::{Error, Result};

/// A file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// RFC 4180: UTF-8, comma, decimal point, raw text.
    Csv,
    /// For French Excel: byte order mark, semicolon, decimal comma, CRLF, text that a spreadsheet would take for a
    /// formula behind an apostrophe.
    CsvFr,
    /// One JSON object per line.
    Ndjson,
    /// Typed cells.
    Xlsx,
}

impl Format {
    /// Reads the name used at the command line.
    ///
    /// # Errors
    /// A sentence with the names.
    pub fn parse(text: &str) -> std::result::Result<Format, String> {
        match text {
            "csv" => Ok(Format::Csv),
            "csv-fr" => Ok(Format::CsvFr),
            "ndjson" => Ok(Format::Ndjson),
            "xlsx" => Ok(Format::Xlsx),
            other => Err(format!(
                "“{}” is none of: csv, csv-fr, ndjson, xlsx",
                other.chars().take(40).collect::<String>()
            )),
        }
    }
    /// Its media type.
    pub const fn media(self) -> &'static str {
        match self {
            Format::Csv | Format::CsvFr => "text/csv; charset=utf-8",
            Format::Ndjson => "application/x-ndjson",
            Format::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }
    /// The ending of its file names.
    pub const fn ending(self) -> &'static str {
        match self {
            Format::Csv | Format::CsvFr => "csv",
            Format::Ndjson => "ndjson",
            Format::Xlsx => "xlsx",
        }
    }
}

/// A cell, by what it is: numbers are never text.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell<'a> {
    /// Nothing known.
    Empty,
    /// Text.
    Text(Cow<'a, str>),
    /// Whole number (cents, grams, counts).
    Whole(i64),
    /// Other number.
    Number(f64),
    /// Yes or no.
    Bool(bool),
    /// Day.
    Day(Day),
}

impl<'a> Cell<'a> {
    /// Text, or nothing.
    pub fn text(text: Option<&'a str>) -> Cell<'a> {
        text.map_or(Cell::Empty, |t| Cell::Text(Cow::Borrowed(t)))
    }
    /// Owned text.
    pub fn owned(text: String) -> Cell<'a> {
        Cell::Text(Cow::Owned(text))
    }
    /// A day, or nothing.
    pub fn day(day: Option<Day>) -> Cell<'a> {
        day.map_or(Cell::Empty, Cell::Day)
    }
    /// A whole number, or nothing.
    pub fn whole(number: Option<i64>) -> Cell<'a> {
        number.map_or(Cell::Empty, Cell::Whole)
    }
    /// Yes, no or nothing.
    pub fn yes(yes: Option<bool>) -> Cell<'a> {
        yes.map_or(Cell::Empty, Cell::Bool)
    }
    /// A JSON value: lists and objects as JSON text.
    pub fn json(value: &'a Value) -> Cell<'a> {
        match value {
            Value::Null => Cell::Empty,
            Value::Bool(yes) => Cell::Bool(*yes),
            Value::Number(n) => match (n.as_i64(), n.as_f64()) {
                (Some(whole), _) => Cell::Whole(whole),
                (None, Some(number)) => Cell::Number(number),
                (None, None) => Cell::owned(n.to_string()),
            },
            Value::String(text) => Cell::Text(Cow::Borrowed(text)),
            other => Cell::owned(other.to_string()),
        }
    }
    /// As JSON.
    fn value(&self) -> Value {
        match self {
            Cell::Empty => Value::Null,
            Cell::Text(text) => Value::from(text.as_ref()),
            Cell::Whole(n) => Value::from(*n),
            Cell::Number(n) => Number::from_f64(*n).map_or(Value::Null, Value::Number),
            Cell::Bool(yes) => Value::Bool(*yes),
            Cell::Day(day) => Value::from(day.to_string()),
        }
    }
}

/// A table being written.
pub struct Sheet<'w> {
    columns: Vec<String>,
    target: Target<'w>,
}

enum Target<'w> {
    Csv(csv::Writer<'w>),
    Lines(&'w mut dyn Write),
    Xlsx(Box<xlsx::Writer>, &'w mut dyn Write),
}

impl<'w> Sheet<'w> {
    /// Begins a table: writes its header.
    ///
    /// # Errors
    /// When `out` fails.
    pub fn begin(out: &'w mut dyn Write, format: Format, columns: Vec<String>) -> Result<Self> {
        let target = match format {
            Format::Csv | Format::CsvFr => {
                let mut writer = csv::Writer::new(out, format == Format::CsvFr);
                writer.begin().map_err(lost)?;
                let header: Vec<Cell<'_>> = columns.iter().map(|c| Cell::text(Some(c))).collect();
                writer.row(&header).map_err(lost)?;
                Target::Csv(writer)
            }
            Format::Ndjson => Target::Lines(out),
            Format::Xlsx => Target::Xlsx(Box::new(xlsx::Writer::new(&columns)?), out),
        };
        Ok(Sheet { columns, target })
    }
    /// Writes one row; cells in the order of the columns.
    ///
    /// # Errors
    /// When the output fails.
    pub fn row(&mut self, cells: &[Cell<'_>]) -> Result<()> {
        match &mut self.target {
            Target::Csv(writer) => writer.row(cells).map_err(lost),
            Target::Lines(out) => {
                let object: Map<String, Value> = self
                    .columns
                    .iter()
                    .zip(cells)
                    .map(|(name, cell)| (name.clone(), cell.value()))
                    .collect();
                serde_json::to_writer(&mut **out, &object).map_err(Error::internal)?;
                out.write_all(b"\n").map_err(lost)
            }
            Target::Xlsx(writer, _) => writer.row(cells),
        }
    }
    /// Whether whole objects are written rather than cells.
    pub fn takes_objects(&self) -> bool {
        matches!(self.target, Target::Lines(_))
    }
    /// Writes one row as an object of its own shape; for NDJSON.
    ///
    /// # Errors
    /// When the output fails.
    pub fn object<T: serde::Serialize>(&mut self, object: &T) -> Result<()> {
        if let Target::Lines(out) = &mut self.target {
            let line = serde_json::to_string(object).map_err(Error::internal)?;
            out.write_all(line.as_bytes()).map_err(lost)?;
            out.write_all(b"\n").map_err(lost)?;
        }
        Ok(())
    }
    /// Ends the table.
    ///
    /// # Errors
    /// When the output fails.
    pub fn end(self) -> Result<()> {
        match self.target {
            Target::Csv(writer) => writer.end().map_err(lost),
            Target::Lines(out) => out.flush().map_err(lost),
            Target::Xlsx(writer, out) => writer.end(out),
        }
    }
}

/// The reader went away, or the disk is full.
pub fn lost(cause: std::io::Error) -> Error {
    Error::unavailable(cause)
}
