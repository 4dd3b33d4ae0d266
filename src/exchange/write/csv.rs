//! Separated text.

use std::io::{Result, Write};

use super::Cell;

/// Writes rows through a buffer of its own.
pub struct Writer<'w> {
    out: &'w mut dyn Write,
    french: bool,
    line: Vec<u8>,
}

/// Characters at the start of a text that make a spreadsheet take it for a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

impl<'w> Writer<'w> {
    pub fn new(out: &'w mut dyn Write, french: bool) -> Self {
        Writer {
            out,
            french,
            line: Vec::with_capacity(64 * 1024),
        }
    }
    /// The byte order mark, for Excel.
    pub fn begin(&mut self) -> Result<()> {
        if self.french {
            self.line.extend_from_slice("\u{feff}".as_bytes());
        }
        Ok(())
    }
    pub fn row(&mut self, cells: &[Cell<'_>]) -> Result<()> {
        for (i, cell) in cells.iter().enumerate() {
            if i > 0 {
                self.line.push(if self.french { b';' } else { b',' });
            }
            self.cell(cell)?;
        }
        self.line.extend_from_slice(b"\r\n");
        if self.line.len() >= 60 * 1024 {
            self.flush()?;
        }
        Ok(())
    }
    pub fn end(mut self) -> Result<()> {
        self.flush()?;
        self.out.flush()
    }
    fn flush(&mut self) -> Result<()> {
        self.out.write_all(&self.line)?;
        self.line.clear();
        Ok(())
    }
    fn cell(&mut self, cell: &Cell<'_>) -> Result<()> {
        match cell {
            Cell::Empty => Ok(()),
            Cell::Text(text) => {
                self.text(text);
                Ok(())
            }
            Cell::Whole(n) => write!(self.line, "{n}"),
            Cell::Number(n) if self.french => {
                // The decimal comma is no separator here.
                let text = n.to_string().replace('.', ",");
                self.line.extend_from_slice(text.as_bytes());
                Ok(())
            }
            Cell::Number(n) => write!(self.line, "{n}"),
            Cell::Bool(yes) => write!(self.line, "{yes}"),
            Cell::Day(day) => write!(self.line, "{day}"),
        }
    }
    fn text(&mut self, text: &str) {
        let guard = self.french && text.starts_with(FORMULA);
        let separator = if self.french { ';' } else { ',' };
        let quoted = text.contains([separator, '"', '\n', '\r'])
            || text.starts_with(char::is_whitespace)
            || text.ends_with(char::is_whitespace);
        if quoted {
            self.line.push(b'"');
        }
        if guard {
            self.line.push(b'\'');
        }
        if quoted && text.contains('"') {
            self.line
                .extend_from_slice(text.replace('"', "\"\"").as_bytes());
        } else {
            self.line.extend_from_slice(text.as_bytes());
        }
        if quoted {
            self.line.push(b'"');
        }
    }
}
