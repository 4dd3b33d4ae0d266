//! Pages of labels as PDF, in exact millimetres. The code is a path, sharp at any size; texts are in the reader's
//! Helvetica (one of the fonts every PDF program has). Compressed by the page, a label takes about 250 bytes.

use super::face::{Frame, Line};
use super::qr::Qr;
use super::{Label, Print, text};
use crate::error::{Error, Result};
use flate2::{Compression, write::ZlibEncoder};
use pdf_writer::{Content, Filter, Finish, Name, Pdf, Rect, Ref, Str};
use std::io::Write;

/// Points per millimetre.
const POINTS: f64 = 72.0 / 25.4;
/// Points per dot of 1/300 inch: two decimals say it exactly.
const DOT: f64 = 0.24;
/// What each run of modules is made smaller by on each side, in modules. Some programs blacken every dot that a path
/// touches, be it by its border only: without this, codes grow by a dot to the right there.
const INSET: f64 = 0.002;

/// Object numbers: the catalogue, the page tree, the two fonts; then a page and its content by turns.
const CATALOGUE: Ref = Ref::new(1);
const TREE: Ref = Ref::new(2);
const PLAIN: Ref = Ref::new(3);
const BOLD: Ref = Ref::new(4);

/// Draws the pages.
pub fn pages(labels: &[Label], print: &Print) -> Result<Vec<u8>> {
    let places = print.layout.places().max(1);
    let mut pdf = Pdf::with_capacity(2000 + labels.len() * 300);
    let mut kids = Vec::new();
    let (first, rest) = labels.split_at(labels.len().min(places + 1 - print.start));
    let pages =
        std::iter::once((first, print.start - 1)).chain(rest.chunks(places).map(|page| (page, 0)));
    for (page, from) in pages {
        let id = Ref::new(BOLD.get() + 1 + 2 * kids.len() as i32);
        let content = content(page, print, from)?;
        close(&mut pdf, id, &content, print.layout.page)?;
        kids.push(id);
    }
    let mut catalogue = pdf.catalog(CATALOGUE);
    catalogue.pages(TREE);
    // Printed at 100 %: a label scaled to the paper's margins misses its place.
    catalogue
        .viewer_preferences()
        .pair(Name(b"PrintScaling"), Name(b"None"));
    catalogue.finish();
    pdf.pages(TREE).count(kids.len() as i32).kids(kids);
    for (id, name) in [(PLAIN, &b"Helvetica"[..]), (BOLD, b"Helvetica-Bold")] {
        let mut font = pdf.type1_font(id);
        font.base_font(Name(name))
            .encoding_predefined(Name(b"WinAnsiEncoding"));
    }
    Ok(pdf.finish())
}

/// What one page shows, its first label at the position `from` (from 0). Lengths in points.
fn content(labels: &[Label], print: &Print, from: usize) -> Result<Vec<u8>> {
    let layout = &print.layout;
    let frame = Frame::new(layout.width, layout.height);
    let height = points(layout.page.1);
    let mut content = Content::new();
    if print.outline {
        content.set_line_width(0.3).set_stroke_gray(0.5);
        for i in 0..labels.len() {
            let (x, y) = layout.place(from + i);
            let lower = points(layout.page.1 - y - layout.height);
            content.rect(
                points(x),
                lower,
                points(layout.width),
                points(layout.height),
            );
        }
        content.stroke();
    }
    for (i, label) in labels.iter().enumerate() {
        let at = layout.place(from + i);
        let qr = Qr::encode(&label.url)?;
        let spot = frame.spot(&qr, at, layout)?;
        let (module, left) = (spot.module as f64 * DOT, spot.left as f64 * DOT);
        let top = f64::from(height) - spot.top as f64 * DOT;
        content.save_state();
        content.transform([
            round(module),
            0.0,
            0.0,
            -round(module),
            round(left),
            round(top),
        ]);
        for (x, y, length) in qr.runs() {
            let size = (length as f64 - 2.0 * INSET, 1.0 - 2.0 * INSET);
            content.rect(
                fine(x as f64 + INSET),
                fine(y as f64 + INSET),
                fine(size.0),
                fine(size.1),
            );
        }
        content.fill_nonzero().restore_state();
        texts(&mut content, &frame.lines(label, true), at, layout.page.1);
    }
    Ok(content.finish().into_vec())
}

/// The texts of a label at x, y on a page of this height (mm).
fn texts(content: &mut Content, lines: &[Line], (x, y): (f64, f64), height: f64) {
    content.begin_text();
    let mut pen = (0.0, 0.0);
    for line in lines {
        let here = (x + line.left(line.width()), height - y - line.baseline);
        let font = if line.bold { Name(b"B") } else { Name(b"H") };
        let bytes: Vec<u8> = line.text.chars().map(text::win_ansi).collect();
        content.set_font(font, points(line.size));
        content.next_line(points(here.0 - pen.0), points(here.1 - pen.1));
        content.show(Str(&bytes));
        pen = here;
    }
    content.end_text();
}

/// Writes a page, and its content as the object after it.
fn close(pdf: &mut Pdf, id: Ref, content: &[u8], size: (f64, f64)) -> Result<()> {
    let mut deflate = ZlibEncoder::new(
        Vec::with_capacity(content.len() / 4),
        Compression::default(),
    );
    deflate.write_all(content).map_err(Error::internal)?;
    let packed = deflate.finish().map_err(Error::internal)?;
    let content_id = Ref::new(id.get() + 1);
    pdf.stream(content_id, &packed).filter(Filter::FlateDecode);
    let mut page = pdf.page(id);
    page.parent(TREE).contents(content_id);
    page.media_box(Rect::new(0.0, 0.0, points(size.0), points(size.1)));
    page.resources()
        .fonts()
        .pair(Name(b"H"), PLAIN)
        .pair(Name(b"B"), BOLD);
    Ok(())
}

/// Millimetres in points.
fn points(mm: f64) -> f32 {
    round(mm * POINTS)
}

/// Hundredths of a point: finer than any printer, few digits.
fn round(points: f64) -> f32 {
    ((points * 100.0).round() / 100.0) as f32
}

/// Thousandths of a module.
fn fine(modules: f64) -> f32 {
    ((modules * 1000.0).round() / 1000.0) as f32
}
