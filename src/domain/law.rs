//! Dated law rows: targets, limits and scopes, each with its source and how far it was verified.
//!
//! Shipped as `src/data/law.csv` and replaceable. An unknown value is empty: null to the reader, never a guess.

use super::day::Day;

/// How far a row was checked against its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// The source text itself was read.
    Read,
    /// Read on the official site that applies it.
    OfficialSite,
    /// Read in a named secondary source.
    Secondary,
    /// A convention of this program or of the field, no text behind it.
    Convention,
    /// Not checked, or not found.
    No,
}

impl Mark {
    /// The mark as written in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Mark::Read => "read",
            Mark::OfficialSite => "official_site",
            Mark::Secondary => "secondary",
            Mark::Convention => "convention",
            Mark::No => "no",
        }
    }
    fn parse(text: &str) -> Mark {
        match text {
            "read" => Mark::Read,
            "official_site" => Mark::OfficialSite,
            "secondary" => Mark::Secondary,
            "convention" => Mark::Convention,
            _ => Mark::No,
        }
    }
    /// Only a text that was read is verified.
    pub fn verified(self) -> bool {
        self == Mark::Read
    }
}

/// One dated row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Which rule; several rows of one id follow each other in time.
    pub id: String,
    /// What it applies to (a category, a share), empty when the rule has one object.
    pub scope: String,
    /// First day; open when absent.
    pub valid_from: Option<Day>,
    /// Last day, inclusive; open when absent.
    pub valid_to: Option<Day>,
    /// Value as written; empty = unknown.
    pub value: String,
    /// Unit of the value.
    pub unit: String,
    /// Text it comes from.
    pub source: String,
    /// How far it was checked.
    pub mark: Mark,
    /// What the reader should know.
    pub note: String,
}

impl Row {
    /// The value as a whole number, absent when unknown or not a number.
    pub fn number(&self) -> Option<i64> {
        self.value.parse().ok()
    }
}

/// The table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Law {
    rows: Vec<Row>,
}

const SHIPPED: &str = include_str!("../data/law.csv");

impl Law {
    /// The table shipped with the program.
    pub fn shipped() -> Law {
        Law::read(SHIPPED)
    }
    /// Reads a table: a header line, then `id,scope,valid_from,valid_to,value,unit,source,verified,note` with RFC 4180 quotes.
    /// Lines that are not nine fields are left out; a test holds the shipped table to none.
    pub fn read(text: &str) -> Law {
        let day = |t: &str| Day::parse(t).ok();
        let rows = text
            .lines()
            .skip(1)
            .filter_map(|line| {
                let [id, scope, from, to, value, unit, source, mark, note] =
                    <[String; 9]>::try_from(fields(line)).ok()?;
                Some(Row {
                    id,
                    scope,
                    valid_from: day(&from),
                    valid_to: day(&to),
                    value,
                    unit,
                    source,
                    mark: Mark::parse(&mark),
                    note,
                })
            })
            .collect();
        Law { rows }
    }
    /// Every row.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }
    /// The row of this rule that holds on 31 December of the year.
    pub fn row(&self, id: &str, scope: &str, year: i32) -> Option<&Row> {
        let day = Day::last_of(year);
        self.rows.iter().find(|r| {
            r.id == id
                && r.scope == scope
                && r.valid_from.is_none_or(|from| from <= day)
                && r.valid_to.is_none_or(|to| day <= to)
        })
    }
    /// Its value as a whole number.
    pub fn number(&self, id: &str, scope: &str, year: i32) -> Option<i64> {
        self.row(id, scope, year).and_then(Row::number)
    }
}

/// Fields of one CSV line; quotes as in RFC 4180, no line break inside a field.
fn fields(line: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut quoted = false;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                push(&mut out, '"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => out.push(String::new()),
            '\r' if !quoted => {}
            c => push(&mut out, c),
        }
    }
    out
}

fn push(out: &mut [String], c: char) {
    if let Some(last) = out.last_mut() {
        last.push(c);
    }
}
