//! Labels for Zebra printers and those that understand them: ZPL II, one format after the other.
//!
//! The code is sent as a picture of whole dots (`^GF`), not as `^BQ`, so that level, mode and quiet zone are ours
//! on any firmware; texts are in the printer's own font 0, in UTF-8 (`^CI28`) with everything but plain ASCII
//! escaped (`^FH`), so that no text can be read as a command.

use super::face::Frame;
use super::qr::{QUIET, Qr};
use super::{Label, Print};
use crate::error::Result;
use std::fmt::Write;

/// Fewest dots a module may have.
const FEWEST: usize = 2;

/// Writes the labels.
pub fn stream(labels: &[Label], print: &Print) -> Result<String> {
    let layout = &print.layout;
    let frame = Frame::new(layout.width, layout.height);
    let dots = |mm: f64| (mm * f64::from(print.dpmm)).round().max(0.0) as usize;
    let mut out = String::new();
    for label in labels {
        let qr = Qr::encode(&label.url)?;
        let (x, y, side) = frame.code;
        let module = dots(side) / qr.full();
        if module < FEWEST {
            return Err(super::too_small(layout, qr.size()));
        }
        let spare = (dots(side) - module * qr.full()) / 2 + QUIET * module;
        let _ = writeln!(
            out,
            "^XA\n^FX{}^FS\n^CI28\n^PW{}\n^LL{}\n^LH0,0",
            remark(&label.url),
            dots(layout.width),
            dots(layout.height)
        );
        if print.outline {
            let _ = writeln!(
                out,
                "^FO0,0^GB{},{},1^FS",
                dots(layout.width),
                dots(layout.height)
            );
        }
        let _ = writeln!(
            out,
            "^FO{},{}{}^FS",
            dots(x) + spare,
            dots(y) + spare,
            picture(&qr, module)
        );
        for line in frame.lines(label, true) {
            let size = dots(line.size);
            let left = dots(line.left(line.width()));
            // The font's cell begins above its capitals.
            let top = dots(line.baseline).saturating_sub(size * 4 / 5);
            let _ = writeln!(
                out,
                "^FO{left},{top}^A0N,{size},{size}^FH_^FD{}^FS",
                escape(&line.text)
            );
        }
        out.push_str("^XZ\n");
    }
    Ok(out)
}

/// The code as `^GFA` in the compressed hexadecimal form of the ZPL guide: a letter repeats the digit after it, a
/// comma fills a row with light, a colon repeats the row above.
fn picture(qr: &Qr, module: usize) -> String {
    let width = (qr.size() * module).div_ceil(8);
    let total = width * qr.size() * module;
    let mut out = format!("^GFA,{total},{total},{width},");
    for row in qr.rows() {
        let mut bits: Vec<bool> = row
            .iter()
            .flat_map(|dark| std::iter::repeat_n(*dark, module))
            .collect();
        bits.resize(width * 8, false);
        let digits: Vec<u8> = bits
            .chunks(4)
            .map(|b| b.iter().fold(0, |n, on| n * 2 + u8::from(*on)))
            .collect();
        let mut runs: Vec<(u8, usize)> = Vec::new();
        for run in digits.chunk_by(|a, b| a == b) {
            runs.extend(run.first().map(|digit| (*digit, run.len())));
        }
        let open = runs.pop_if(|(digit, _)| *digit == 0).is_some();
        for (digit, length) in runs {
            repeat(&mut out, length);
            let _ = write!(out, "{digit:X}");
        }
        if open {
            out.push(',');
        }
        out.extend(std::iter::repeat_n(':', module - 1));
    }
    out
}

/// The repeat count before a digit: `g` to `z` for 20 to 400, then `G` to `Y` for 1 to 19; nothing for one. A row is
/// at most 240 digits: 40 mm at 24 dots.
fn repeat(out: &mut String, count: usize) {
    if count < 2 {
        return;
    }
    let letter =
        |first: u8, n: usize| char::from(first + u8::try_from(n - 1).unwrap_or(19).min(19));
    if count >= 20 {
        out.push(letter(b'g', count / 20));
    }
    if !count.is_multiple_of(20) {
        out.push(letter(b'G', count % 20));
    }
}

/// A field's text under `^FH_`: letters, digits and spaces as they are, all else as the bytes of its UTF-8.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9'
            | b'A'..=b'Z'
            | b'a'..=b'z'
            | b' '
            | b'-'
            | b'.'
            | b','
            | b'('
            | b')'
            | b'/' => {
                out.push(char::from(byte));
            }
            _ => {
                let _ = write!(out, "_{byte:02X}");
            }
        }
    }
    out
}

/// The URL as a remark for people who read the file: without what could end the remark.
fn remark(url: &str) -> String {
    url.chars()
        .filter(|c| c.is_ascii_graphic() && !matches!(c, '^' | '~'))
        .collect()
}
