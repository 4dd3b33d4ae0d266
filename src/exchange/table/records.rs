//! Records of a separated file (RFC 4180, read with indulgence), each with the line it begins on.

use std::io::{BufReader, Read};

use crate::error::{Code, Error, Result};

/// Longest cell, in bytes; Excel's own limit is half of it.
const LONGEST_CELL: usize = 64 * 1024;
/// Most cells in a record.
const MOST_CELLS: usize = 2000;

/// One record: the line of the file it begins on (the first is 1) and its cells, outer white space kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// Line, as an editor counts.
    pub line: u64,
    /// Cells.
    pub cells: Vec<String>,
}

impl Record {
    /// No cell says anything.
    pub fn is_blank(&self) -> bool {
        self.cells.iter().all(|c| c.trim().is_empty())
    }
}

/// Reads records one by one; line ends are CRLF, LF or CR, all three counted.
pub struct Records<R> {
    input: BufReader<R>,
    buffer: Vec<u8>,
    at: usize,
    separator: u8,
    line: u64,
    after_cr: bool,
    started: bool,
}

enum State {
    Start,
    Plain,
    Quoted { since: u64 },
    Closed,
}

impl<R: Read> Records<R> {
    /// Reads UTF-8 from `input`.
    pub fn new(input: R, separator: u8) -> Self {
        Records {
            input: BufReader::new(input),
            buffer: Vec::new(),
            at: 0,
            separator,
            line: 1,
            after_cr: false,
            started: false,
        }
    }

    /// Reads the next record that is not blank; false at the end.
    ///
    /// # Errors
    /// `not_an_inventory` when a quote is never closed or a record is out of all measure, with its line.
    pub fn read(&mut self, record: &mut Record) -> Result<bool> {
        while self.any(record)? {
            // Excel's own hint on the first line is no record.
            let hint = !self.started
                && record.cells.len() <= 2
                && record.cells.first().is_some_and(|c| {
                    c.trim()
                        .get(..4)
                        .is_some_and(|p| p.eq_ignore_ascii_case("sep="))
                });
            self.started = true;
            if !hint && !record.is_blank() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn any(&mut self, record: &mut Record) -> Result<bool> {
        record.cells.clear();
        record.line = self.line;
        let mut cell: Vec<u8> = Vec::new();
        let mut state = State::Start;
        let mut something = false;
        while let Some(b) = self.next()? {
            if b == b'\n' && self.after_cr {
                // Second half of a CRLF: the line was counted at its CR.
                self.after_cr = false;
                continue;
            }
            self.after_cr = b == b'\r';
            let line_end = matches!(b, b'\r' | b'\n');
            if line_end {
                self.line += 1;
            }
            something = true;
            match state {
                State::Quoted { .. } if b == b'"' => {
                    if self.peek()? == Some(b'"') {
                        self.at += 1;
                        cell.push(b'"');
                    } else {
                        state = State::Closed;
                    }
                }
                State::Quoted { since } => {
                    cell.push(if line_end { b'\n' } else { b });
                    if cell.len() > LONGEST_CELL {
                        return Err(broken(
                            since,
                            "a quote is opened there that is never closed",
                        ));
                    }
                }
                _ if line_end => {
                    push(record, &mut cell);
                    return Ok(true);
                }
                _ if b == self.separator => {
                    push(record, &mut cell);
                    state = State::Start;
                    if record.cells.len() > MOST_CELLS {
                        return Err(broken(record.line, "it has more than 2,000 cells"));
                    }
                }
                State::Start if b == b'"' => state = State::Quoted { since: self.line },
                _ => {
                    if !matches!(state, State::Closed) {
                        state = State::Plain;
                    }
                    cell.push(b);
                    if cell.len() > LONGEST_CELL {
                        return Err(broken(
                            record.line,
                            "it has a cell of more than 64 KiB; this is no table",
                        ));
                    }
                }
            }
        }
        if something {
            push(record, &mut cell);
        }
        Ok(something)
    }

    fn fill(&mut self) -> Result<bool> {
        self.buffer.resize(32 * 1024, 0);
        let n = self.input.read(&mut self.buffer).map_err(|e| {
            Error::new(Code::Malformed, format!("the file cannot be read: {e}")).because(e)
        })?;
        self.buffer.truncate(n);
        self.at = 0;
        Ok(n > 0)
    }
    fn peek(&mut self) -> Result<Option<u8>> {
        if self.at >= self.buffer.len() && !self.fill()? {
            return Ok(None);
        }
        Ok(self.buffer.get(self.at).copied())
    }
    fn next(&mut self) -> Result<Option<u8>> {
        let b = self.peek()?;
        self.at += 1;
        Ok(b)
    }
}

fn push(record: &mut Record, cell: &mut Vec<u8>) {
    record
        .cells
        .push(String::from_utf8_lossy(cell).into_owned());
    cell.clear();
}

fn broken(line: u64, why: &str) -> Error {
    super::refused(format!("line {line} cannot be read: {why}"))
}
