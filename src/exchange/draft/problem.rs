//! Why something a row says could not be taken as it is: a stable code and reason for programs, with the values that
//! fill the sentence in any language. The English sentence travels along.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::Error;
use crate::i18n::{self, Arg, Lang};

/// Something a row says that could not be taken as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Line of the file the row begins on.
    pub row: u64,
    /// Header of the column, when one is at fault.
    pub column: Option<String>,
    /// Stable code.
    pub code: String,
    /// Sentence in English; names nobody.
    pub message: String,
    /// The exact reason: the key of its sentence. None for a refusal of the ledger, which its code tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What the sentence is filled with; never a person's name.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub values: Map<String, Value>,
    /// `rejected` or `conflict` when nothing was written for the whole row; set by the report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
}

macro_rules! reasons {
    ($($name:ident = $code:literal, $reason:literal;)*) => {
        /// Every reason an import gives, with its code; its sentence is `problem_text.REASON`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Why { $(#[doc = $reason] $name),* }
        impl Why {
            /// Every reason.
            pub const ALL: &'static [Why] = &[$(Why::$name),*];
            /// The code, which several reasons may share.
            pub const fn code(self) -> &'static str { match self { $(Why::$name => $code),* } }
            /// The key of the sentence.
            pub const fn reason(self) -> &'static str { match self { $(Why::$name => $reason),* } }
        }
    };
}

reasons! {
    ExcelError = "excel_error", "excel_error";
    Text = "invalid_value", "text";
    InvalidDate = "invalid_date", "invalid_date";
    AmbiguousDate = "ambiguous_date", "ambiguous_date";
    Word = "invalid_value", "word";
    ShortRow = "short_row", "short_row";
    LongRow = "long_row", "long_row";
    ModelCut = "scientific_notation", "model_cut";
    NumberCut = "scientific_notation", "number_cut";
    NotADevice = "not_a_device", "not_a_device";
    Junk = "junk_value", "junk";
    SecurityExclusion = "invalid_value", "security_exclusion";
    InvalidNumber = "invalid_number", "invalid_number";
    Currency = "invalid_value", "currency";
    WarrantyMonths = "invalid_number", "warranty_months";
    ExtraText = "invalid_value", "extra_text";
    Quantity = "invalid_value", "quantity";
    QuantityNamed = "invalid_value", "quantity_named";
    SiteLong = "invalid_value", "site_long";
    SeveralPeople = "several_values", "several_people";
    Withdrawn = "invalid_value", "withdrawn";
    UnknownStatus = "unknown_status", "unknown_status";
    OtherLine = "conflict", "other_line";
    TagForm = "invalid_value", "tag_form";
    TagTaken = "duplicate", "tag_taken";
    OtherBooks = "conflict", "other_books";
    TwoDevices = "conflict", "two_devices";
    SeveralDevices = "conflict", "several_devices";
    WeakerCode = "conflict", "weaker_code";
    CategoryUnknown = "unknown_category", "category_unknown";
    CategoryNone = "unknown_category", "category_none";
    FieldType = "invalid_value", "field_type";
    Moves = "conflict", "moves";
    MovesStage = "conflict", "moves_stage";
    Gone = "conflict", "gone";
    GoneUndated = "conflict", "gone_undated";
    NoMore = "conflict", "no_more";
    ContradictsLife = "contradicts_life", "contradicts_life";
    HolderUnknown = "unknown_reference", "holder_unknown";
    WholeAbsent = "unknown_reference", "whole_absent";
    CodeTaken = "duplicate", "code_taken";
    TouchedSince = "touched_since", "touched_since";
    UndoRefused = "touched_since", "undo_refused";
}

/// Values by name.
pub fn values<const N: usize>(values: [(&str, Value); N]) -> Map<String, Value> {
    values.into_iter().map(|(n, v)| (n.to_owned(), v)).collect()
}

/// At most so many characters of a cell, to be shown.
pub fn shown(text: &str) -> Value {
    Value::from(text.chars().take(60).collect::<String>())
}

/// A sentence with values in its places: numbers are written as the language does.
pub fn sentence(lang: Lang, template: &str, values: &Map<String, Value>) -> String {
    let args: Vec<(&str, Arg)> = values
        .iter()
        .map(|(name, value)| (name.as_str(), arg(value)))
        .collect();
    i18n::fill(lang, template, &args)
}

fn arg(value: &Value) -> Arg {
    match (value.as_i64(), value) {
        (Some(n), _) => Arg::Count(n),
        (_, Value::String(text)) => Arg::text(text),
        (_, Value::Array(items)) => {
            let words = items.iter().filter_map(Value::as_str);
            Arg::text(words.collect::<Vec<_>>().join(", "))
        }
        (_, other) => Arg::text(other.to_string()),
    }
}

impl Problem {
    /// A problem of a row, with what fills its sentence.
    pub fn new(row: u64, column: Option<String>, why: Why, values: Map<String, Value>) -> Problem {
        let template = i18n::find(Lang::En, "problem_text", why.reason()).unwrap_or(why.reason());
        Problem {
            row,
            column,
            code: why.code().to_owned(),
            message: sentence(Lang::En, template, &values),
            reason: Some(why.reason().to_owned()),
            values,
            outcome: None,
        }
    }
    /// What the ledger refuses of a row.
    pub fn refused(row: u64, error: &Error) -> Problem {
        Problem {
            row,
            column: error.field.clone(),
            code: error.code.as_str().to_owned(),
            message: error.detail.clone(),
            reason: None,
            values: error.extra.clone(),
            outcome: None,
        }
    }
}
