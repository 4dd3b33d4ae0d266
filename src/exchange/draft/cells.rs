//! The cells of one row: what the thing is and which one it is.

use serde_json::Value;

use super::forms::{is_nothing, junk_spaces, mac_form, one_line, split_codes};
use super::problem::{self, shown};
use super::reader::Reader;
use super::{Draft, Problem, Why};
use crate::domain::day::Day;
use crate::domain::text::Line;
use crate::domain::words::CodeKind;
use crate::exchange::dates::{self, Trouble};
use crate::exchange::junk::{self, Of};
use crate::exchange::numbers;
use crate::exchange::profiles::Field;
use crate::exchange::table::Record;

/// Characters of one line of text: those of [`Line`].
pub(super) const LONGEST_LINE: u64 = 200;

/// The cells of one row, with what was wrong in them.
pub(super) struct Cells<'a, 'b> {
    pub(super) reader: &'a Reader<'b>,
    pub(super) record: &'a Record,
    pub(super) problems: Vec<Problem>,
    pub(super) rejected: bool,
}

impl Cells<'_, '_> {
    pub(super) fn problem<const N: usize>(
        &mut self,
        field: Option<Field>,
        why: Why,
        values: [(&str, Value); N],
    ) {
        let index = field.and_then(|f| self.reader.columns.get(&f)).copied();
        self.problem_at(index, why, values);
    }
    /// In the column at a place.
    pub(super) fn problem_at<const N: usize>(
        &mut self,
        index: Option<usize>,
        why: Why,
        values: [(&str, Value); N],
    ) {
        let column = index.and_then(|i| self.reader.plan.columns.get(i));
        let column = column.map(|c| c.header.clone());
        let values = problem::values(values);
        self.problems
            .push(Problem::new(self.record.line, column, why, values));
    }

    /// The cell at a place: trimmed, the quote that guards formulas off, excel errors reported.
    pub(super) fn at(&mut self, index: usize) -> Option<String> {
        let raw = self.record.cells.get(index)?.trim();
        let text = match raw.strip_prefix('\'') {
            Some(rest) if rest.starts_with(['=', '+', '-', '@', '\t', '\r']) => rest,
            _ => raw,
        };
        if text.is_empty() {
            return None;
        }
        if numbers::is_excel_error(text) {
            self.problem_at(Some(index), Why::ExcelError, []);
            return None;
        }
        Some(text.to_owned())
    }
    pub(super) fn raw(&mut self, field: Field) -> Option<String> {
        let index = *self.reader.columns.get(&field)?;
        self.at(index).filter(|t| !is_nothing(t))
    }
    /// One line of text: line breaks of multi-values become commas.
    pub(super) fn line(&mut self, field: Field) -> Option<String> {
        let mut text = self.raw(field)?;
        if !self.reader.plan.own {
            text = one_line(&text);
        }
        match Line::parse(&text) {
            Ok(line) => Some(line.into_string()),
            Err(_) => {
                self.reject(field, Why::Text, [("most", LONGEST_LINE.into())]);
                None
            }
        }
    }
    pub(super) fn reject<const N: usize>(
        &mut self,
        field: Field,
        why: Why,
        values: [(&str, Value); N],
    ) {
        self.rejected = true;
        self.problem(Some(field), why, values);
    }
    pub(super) fn day(&mut self, field: Field) -> Option<Day> {
        let text = self.raw(field)?;
        let index = *self.reader.columns.get(&field)?;
        let order = self.reader.plan.columns.get(index)?.order;
        match dates::parse(&text, order) {
            Ok(day) => day,
            Err(trouble) => {
                let why = match trouble {
                    Trouble::Impossible => Why::InvalidDate,
                    Trouble::Ambiguous => Why::AmbiguousDate,
                };
                self.problem(Some(field), why, [("shown", shown(&text))]);
                None
            }
        }
    }
    pub(super) fn word<T>(
        &mut self,
        field: Field,
        parse: fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let text = self.raw(field)?;
        match parse(text.trim()) {
            Ok(word) => Some(word),
            Err(why) => {
                // The refusal of a closed list ends in its words.
                let words = why.rsplit_once(": ").map_or("", |(_, words)| words);
                let values = [("shown", shown(&text)), ("words", words.into())];
                self.problem(Some(field), Why::Word, values);
                None
            }
        }
    }

    pub(super) fn draft(&mut self) -> Draft {
        self.width();
        let mut draft = Draft {
            line: self.record.line,
            quantity: 1,
            own: self.reader.plan.own,
            ..Draft::default()
        };
        self.what(&mut draft);
        self.identity(&mut draft);
        self.where_and_who(&mut draft);
        self.state(&mut draft);
        self.described(&mut draft);
        self.extra(&mut draft);
        self.count(&mut draft);
        draft
    }

    pub(super) fn width(&mut self) {
        let (cells, columns) = (self.record.cells.len(), self.reader.plan.columns.len());
        let values = [("cells", cells.into()), ("columns", columns.into())];
        let mut beyond = self.record.cells.iter().skip(columns);
        if cells < columns {
            self.problem(None, Why::ShortRow, values);
        } else if beyond.any(|c| !c.trim().is_empty()) {
            self.problem(None, Why::LongRow, values);
        }
    }

    pub(super) fn what(&mut self, draft: &mut Draft) {
        let host = self.line(Field::Hostname);
        let name = self.line(Field::Name);
        draft.host = host.is_some() && (name.is_none() || name == host);
        if let (Some(_), Some(host)) = (&name, &host)
            && !draft.host
        {
            draft
                .extra
                .insert("hostname".into(), Value::from(host.as_str()));
        }
        draft.name = name.or(host);
        draft.manufacturer = self
            .line(Field::Manufacturer)
            .filter(|m| !junk::is_junk(Of::Manufacturer, m));
        let number = self.line(Field::ModelNumber);
        let number = match number {
            Some(n) if numbers::is_scientific(&n) => {
                self.problem(Some(Field::ModelNumber), Why::ModelCut, []);
                None
            }
            other => other,
        };
        draft.model = self
            .line(Field::Model)
            .filter(|m| !junk::is_junk(Of::Model, m));
        match (&draft.model, number) {
            (Some(_), Some(number)) => {
                draft
                    .extra
                    .insert("model_number".into(), Value::from(number));
            }
            (None, number) => draft.model = number,
            _ => {}
        }
        for index in self.reader.categories.clone() {
            if let Some(text) = self.at(index).filter(|t| !is_nothing(t)) {
                let text = one_line(&text);
                match text.as_str() {
                    "QUANTITY_TRACKED" => {
                        self.rejected = true;
                        self.problem_at(Some(index), Why::NotADevice, []);
                    }
                    "INDIVIDUAL" => {}
                    _ => draft.categories.push(text.chars().take(200).collect()),
                }
            }
        }
    }

    pub(super) fn identity(&mut self, draft: &mut Draft) {
        draft.tag = self.line(Field::Tag);
        draft.organisation = self.line(Field::Organisation);
        draft.serial = self.serial();
        if self.reader.plan.own {
            if let Some(text) = self.raw(Field::Codes) {
                draft.codes = split_codes(&text);
            }
            return;
        }
        for (field, kind) in [
            (Field::AssetTag, CodeKind::AssetTag),
            (Field::Uuid, CodeKind::Uuid),
            (Field::Imei, CodeKind::Imei),
            (Field::Mac, CodeKind::Mac),
            (Field::Agent, CodeKind::Agent),
        ] {
            let Some(text) = self.line(field) else {
                continue;
            };
            let text = junk_spaces(&text);
            if numbers::is_scientific(&text) {
                self.scientific(field);
            } else if junk::is_junk_code(kind, &text) {
                self.junk(field);
            } else if kind == CodeKind::Mac {
                match mac_form(&text) {
                    Some(mac) => draft.codes.push((kind, mac)),
                    None => draft.codes.push((CodeKind::Other, text)),
                }
            } else {
                draft.codes.push((kind, text));
            }
        }
    }

    pub(super) fn serial(&mut self) -> Option<String> {
        let serial = junk_spaces(&self.line(Field::Serial)?);
        if numbers::is_scientific(&serial) {
            self.scientific(Field::Serial);
            return None;
        }
        if junk::is_junk(Of::Serial, &serial) {
            self.junk(Field::Serial);
            return None;
        }
        Some(serial)
    }
    pub(super) fn scientific(&mut self, field: Field) {
        self.problem(Some(field), Why::NumberCut, []);
    }
    pub(super) fn junk(&mut self, field: Field) {
        self.problem(Some(field), Why::Junk, []);
    }
}
