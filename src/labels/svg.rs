//! One page of labels as SVG: vector, user units are millimetres, every text escaped.

use super::face::{DOTS, Frame, Spot};
use super::qr::Qr;
use super::{Label, Print};
use crate::error::Result;
use std::fmt::Write;

/// Draws the page.
pub fn page(labels: &[Label], print: &Print) -> Result<String> {
    let layout = &print.layout;
    let frame = Frame::new(layout.width, layout.height);
    let (width, height) = layout.page;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}mm\" height=\"{height}mm\" viewBox=\"0 0 {width} {height}\">\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n"
    );
    for (i, label) in labels.iter().enumerate() {
        let at = layout.place(print.start - 1 + i);
        let _ = writeln!(
            out,
            "<g transform=\"translate({} {})\"><title>{}</title>",
            round(at.0),
            round(at.1),
            escape(&label.tag.shown())
        );
        if print.outline {
            let _ = writeln!(
                out,
                "<rect width=\"{}\" height=\"{}\" fill=\"none\" stroke=\"#888\" stroke-width=\"0.1\"/>",
                layout.width, layout.height
            );
        }
        let qr = Qr::encode(&label.url)?;
        code(&mut out, &qr, frame.spot(&qr, at, layout)?, at);
        for line in frame.lines(label, false) {
            text(&mut out, &line);
        }
        out.push_str("</g>\n");
    }
    out.push_str("</svg>\n");
    Ok(out)
}

/// The code as one path of runs, in units of a module, on a label at x, y.
fn code(out: &mut String, qr: &Qr, spot: Spot, (x, y): (f64, f64)) {
    let fine = |mm: f64| (mm * 1e5).round() / 1e5;
    let _ = write!(
        out,
        "<path transform=\"translate({} {}) scale({})\" shape-rendering=\"crispEdges\" d=\"",
        fine(spot.left as f64 / DOTS - round(x)),
        fine(spot.top as f64 / DOTS - round(y)),
        fine(spot.module as f64 / DOTS)
    );
    for (x, y, length) in qr.runs() {
        let _ = write!(out, "M{x} {y}h{length}v1h-{length}z");
    }
    out.push_str("\"/>\n");
}

/// A line of text. Where it nearly fills its room, its length is fixed: the reader's font may be wider than ours.
fn text(out: &mut String, line: &super::face::Line) {
    let width = line.width();
    let fixed = if width > line.room * 0.85 {
        format!(
            " textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\"",
            round(width.min(line.room))
        )
    } else {
        String::new()
    };
    let (x, anchor) = if line.centred {
        (line.x + line.room / 2.0, " text-anchor=\"middle\"")
    } else {
        (line.x, "")
    };
    let weight = if line.bold {
        " font-weight=\"bold\""
    } else {
        ""
    };
    let _ = writeln!(
        out,
        "<text x=\"{}\" y=\"{}\" font-family=\"Helvetica,Arial,sans-serif\" font-size=\"{}\"{weight}{anchor}{fixed}>{}</text>",
        round(x),
        round(line.baseline),
        round(line.size),
        escape(&line.text)
    );
}

/// Thousandths of a millimetre are enough.
fn round(mm: f64) -> f64 {
    (mm * 1000.0).round() / 1000.0
}

/// Text for XML content and attributes. Characters that XML forbids become U+FFFD.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' => out.push(' '),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
