//! Excel workbooks with typed cells; rows go to a temporary file as they come.

use std::io::{Seek, SeekFrom, Write};

use chrono::Datelike;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use super::{Cell, lost};
use crate::error::{Error, Result};

/// Rows of a sheet, header included; Excel takes no more.
const ROWS: u32 = 1_048_576;

pub struct Writer {
    book: Workbook,
    columns: Vec<String>,
    row: u32,
    sheet: usize,
    bold: Format,
    day: Format,
}

impl Writer {
    pub fn new(columns: &[String]) -> Result<Writer> {
        let mut writer = Writer {
            book: Workbook::new(),
            columns: columns.to_vec(),
            row: 0,
            sheet: 0,
            bold: Format::new().set_bold(),
            day: Format::new().set_num_format("yyyy-mm-dd"),
        };
        writer.add_sheet()?;
        Ok(writer)
    }
    fn add_sheet(&mut self) -> Result<()> {
        let sheet = self
            .book
            .add_worksheet_with_constant_memory()
            .map_err(fault)?;
        for (i, name) in self.columns.iter().enumerate() {
            sheet
                .write_string_with_format(0, column(i)?, name, &self.bold)
                .map_err(fault)?;
        }
        sheet.set_freeze_panes(1, 0).map_err(fault)?;
        self.row = 1;
        Ok(())
    }
    pub fn row(&mut self, cells: &[Cell<'_>]) -> Result<()> {
        if self.row >= ROWS {
            self.sheet += 1;
            self.add_sheet()?;
        }
        let sheet = self.book.worksheet_from_index(self.sheet).map_err(fault)?;
        for (i, cell) in cells.iter().enumerate() {
            write(sheet, self.row, column(i)?, cell, &self.day).map_err(fault)?;
        }
        self.row += 1;
        Ok(())
    }
    pub fn end(mut self, out: &mut dyn Write) -> Result<()> {
        // A workbook is a zip whose directory is written last: it needs a file to go back in.
        let mut file = tempfile::tempfile().map_err(lost)?;
        self.book.save_to_writer(&mut file).map_err(fault)?;
        file.seek(SeekFrom::Start(0)).map_err(lost)?;
        std::io::copy(&mut file, out).map_err(lost)?;
        out.flush().map_err(lost)
    }
}

fn write(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    cell: &Cell<'_>,
    day_format: &Format,
) -> std::result::Result<(), XlsxError> {
    match cell {
        Cell::Empty => {}
        Cell::Text(text) => {
            // Excel's own limit; a text is never a formula here.
            let text: String = text.chars().take(32_767).collect();
            sheet.write_string(row, column, text)?;
        }
        // Beyond 15 digits Excel would cut them.
        Cell::Whole(n) if n.unsigned_abs() < 1_000_000_000_000_000 => {
            sheet.write_number(row, column, *n as f64)?;
        }
        Cell::Whole(n) => {
            sheet.write_string(row, column, n.to_string())?;
        }
        Cell::Number(n) => {
            sheet.write_number(row, column, *n)?;
        }
        Cell::Bool(yes) => {
            sheet.write_boolean(row, column, *yes)?;
        }
        Cell::Day(day) => {
            let (month, date) = (narrow(day.0.month()), narrow(day.0.day()));
            let year = u16::try_from(day.year()).unwrap_or(1900);
            let value = ExcelDateTime::from_ymd(year, month, date)?;
            sheet.write_datetime_with_format(row, column, &value, day_format)?;
        }
    }
    Ok(())
}

fn narrow(n: u32) -> u8 {
    u8::try_from(n).unwrap_or(1)
}

fn column(i: usize) -> Result<u16> {
    u16::try_from(i).map_err(Error::internal)
}

fn fault(cause: XlsxError) -> Error {
    Error::internal(cause)
}
