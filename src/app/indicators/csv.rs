//! The figures of a year as a table: what the command line and the pages give.

use super::FigureView;
use crate::error::{Error, Result};
use crate::i18n::Lang;

/// A number as JSON writes it; empty when there is none.
fn plain<T: serde::Serialize>(value: Option<T>) -> String {
    value
        .and_then(|v| serde_json::to_string(&v).ok())
        .unwrap_or_default()
}

/// The figures of a year as CSV: a line each, and a line for each part; the words in this language.
///
/// # Errors
/// `internal` when a line cannot be written.
pub fn csv(figures: &[FigureView], lang: Lang) -> Result<Vec<u8>> {
    let mut writer = ::csv::WriterBuilder::new()
        .terminator(::csv::Terminator::CRLF)
        .from_writer(Vec::new());
    writer
        .write_record([
            "id",
            "name",
            "year",
            "as_of",
            "known_at",
            "organisation",
            "scope",
            "part",
            "numerator",
            "denominator",
            "value",
            "unit",
            "target",
            "status",
            "reason",
            "provisional",
            "n",
            "missing",
            "sentence",
        ])
        .map_err(Error::internal)?;
    for f in figures {
        let whole = [
            String::new(),
            plain(f.numerator),
            plain(f.denominator),
            plain(f.value),
            f.unit.clone(),
            plain(f.target),
            f.status.clone(),
            f.reason.clone().unwrap_or_default(),
            f.provisional.to_string(),
            f.n.to_string(),
            plain(f.gap.map(|g| g.missing)),
            f.sentence.of_lang(lang).to_owned(),
        ];
        record(&mut writer, f, whole)?;
        for part in &f.parts {
            let row = [
                part.key.clone(),
                part.numerator.to_string(),
                plain(part.denominator),
                plain(part.value),
                f.unit.clone(),
                String::new(),
                String::new(),
                String::new(),
                f.provisional.to_string(),
                part.n.to_string(),
                String::new(),
                match lang {
                    Lang::Fr => part.label.clone(),
                    Lang::En => part.label_en.clone(),
                },
            ];
            record(&mut writer, f, row)?;
        }
    }
    writer
        .into_inner()
        .map_err(|e| Error::internal(e.to_string()))
}

fn record(writer: &mut ::csv::Writer<Vec<u8>>, f: &FigureView, rest: [String; 12]) -> Result<()> {
    let head = [
        f.id.clone(),
        f.name.clone(),
        f.year.to_string(),
        f.as_of.to_string(),
        f.known_at.clone().unwrap_or_default(),
        f.organisation.clone(),
        f.scope.clone(),
    ];
    writer
        .write_record(head.iter().chain(&rest))
        .map_err(Error::internal)
}
