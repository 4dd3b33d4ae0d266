//! Which separator: the one that cuts the first records into the same number of cells most often.

use std::collections::HashMap;

use super::records::{Record, Records};

const CANDIDATES: [u8; 4] = *b",;\t|";

/// Guesses from the beginning of the file, as UTF-8; a comma when nothing tells.
pub fn guess(start: &[u8]) -> u8 {
    if let Some(named) = named(start) {
        return named;
    }
    let mut best = (b',', 0.0);
    for candidate in CANDIDATES {
        let score = score(start, candidate);
        if score > best.1 {
            best = (candidate, score);
        }
    }
    best.0
}

/// Excel writes `sep=;` on a first line.
fn named(start: &[u8]) -> Option<u8> {
    let head = start.get(..4)?;
    let mark = *start.get(4)?;
    (head.eq_ignore_ascii_case(b"sep=") && CANDIDATES.contains(&mark)).then_some(mark)
}

/// Share of the records that have the commonest width, times the logarithm of that width.
fn score(start: &[u8], separator: u8) -> f64 {
    let mut records = Records::new(start, separator);
    let mut record = Record::default();
    let mut widths: HashMap<usize, u32> = HashMap::new();
    let mut n = 0u32;
    while n < 40 && matches!(records.read(&mut record), Ok(true)) {
        *widths.entry(record.cells.len()).or_default() += 1;
        n += 1;
    }
    let Some((width, times)) = widths
        .into_iter()
        .max_by_key(|(width, times)| (*times, *width))
    else {
        return 0.0;
    };
    f64::from(times) / f64::from(n.max(1)) * (width as f64).ln()
}
