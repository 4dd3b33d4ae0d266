//! What lies where on one label, in millimetres from its top left corner: the code and its quiet zone, the tag,
//! the lines under it. Every renderer draws this.

use super::qr::{QUIET, Qr};
use super::{Label, Layout, text};
use crate::error::Result;

/// Smallest letters printed, in millimetres (5 points).
const SMALLEST: f64 = 1.8;
/// Largest letters of the tag, in millimetres.
const LARGEST: f64 = 6.0;
/// Largest code, quiet zone included, in millimetres: beyond, it reads no better.
const LARGEST_CODE: f64 = 40.0;
/// Fewest dots of a module at 300 per inch: a quarter of a millimetre, what office printers and phones still manage.
const FEWEST: usize = 3;
/// Dots per millimetre at 300 per inch.
pub const DOTS: f64 = 300.0 / 25.4;
/// Width in font sizes that is kept for a tag, so that all random tags of a sheet have one size but those of very
/// wide letters.
const TAG_WIDTH: f64 = 7.4;

/// The places on a label.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame {
    /// Left, top and side of the code, quiet zone included.
    pub code: (f64, f64, f64),
    /// Left, top, width and height of the texts.
    texts: (f64, f64, f64, f64),
    /// Whether texts lie under the code, centred, and not to its right.
    under: bool,
}

/// Where a code lies on the page, in dots of 1/300 inch from its top left corner. Whole dots: modules are sharp on
/// printers of 300 and 600 dpi, and all codes of a sheet are drawn alike, which readers of whole sheets need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spot {
    /// Left of the first module (the quiet zone lies before it).
    pub left: usize,
    /// Top of the first module.
    pub top: usize,
    /// Side of a module.
    pub module: usize,
}

/// One line of text.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// The text.
    pub text: String,
    /// Left of the room it has.
    pub x: f64,
    /// Its base line.
    pub baseline: f64,
    /// Font size.
    pub size: f64,
    /// Width of the room it has.
    pub room: f64,
    /// Whether it stands in the middle of its room.
    pub centred: bool,
    /// Whether it is the tag, printed bold.
    pub bold: bool,
}

impl Line {
    /// Where a text of this width (mm) begins.
    pub fn left(&self, width: f64) -> f64 {
        if self.centred {
            self.x + ((self.room - width) / 2.0).max(0.0)
        } else {
            self.x
        }
    }

    /// Its width in Helvetica, in millimetres.
    pub fn width(&self) -> f64 {
        text::width(&self.text, self.bold) * self.size
    }
}

impl Frame {
    /// The places on a label of this width and height.
    pub fn new(width: f64, height: f64) -> Frame {
        // The quiet zone is a margin already; large labels can afford one more.
        let pad = ((width.min(height) - 10.0) * 0.06).clamp(0.0, 1.5);
        let margin = pad.max(0.5);
        if width >= 1.35 * height {
            let side = (height - 2.0 * pad).min(width * 0.55).min(LARGEST_CODE);
            Frame {
                code: (pad, (height - side) / 2.0, side),
                texts: (
                    pad + side,
                    margin,
                    width - pad - side - margin,
                    height - 2.0 * margin,
                ),
                under: false,
            }
        } else {
            let side = (width - 2.0 * pad)
                .min((height - pad) * 0.78)
                .min(LARGEST_CODE);
            let below = pad + side;
            Frame {
                code: ((width - side) / 2.0, pad, side),
                texts: (margin, below, width - 2.0 * margin, height - below - margin),
                under: true,
            }
        }
    }

    /// Where the code of a label at x, y (mm from the page's top left corner) lies.
    ///
    /// # Errors
    /// `invalid_value` naming `layout` when the label is too small for it.
    pub fn spot(&self, qr: &Qr, (x, y): (f64, f64), layout: &Layout) -> Result<Spot> {
        let (left, top, side) = self.code;
        let room = side * DOTS;
        // A label's side is seldom a whole number of dots: a tenth of one is forgiven.
        let module = ((room + 0.1) / qr.full() as f64) as usize;
        if module < FEWEST {
            return Err(super::too_small(layout, qr.size()));
        }
        let before = (room - (module * qr.full()) as f64) / 2.0 + (module * QUIET) as f64;
        let at = |mm: f64| (mm * DOTS + before).round().max(0.0) as usize;
        Ok(Spot {
            left: at(x + left),
            top: at(y + top),
            module,
        })
    }

    /// The texts of a label. `plain` takes only the characters that printers have.
    pub fn lines(&self, label: &Label, plain: bool) -> Vec<Line> {
        let (x, top, room, height) = self.texts;
        let (tag, tag_size) = self.tag(&label.tag.shown());
        let size = (tag_size * 0.7)
            .clamp(SMALLEST, 4.0)
            .min(tag_size.max(SMALLEST));
        let tag_height = tag.len() as f64 * tag_size * 1.1;
        let mut free = ((height - tag_height) / (size * 1.2)).max(0.0) as usize;
        let mut words: Vec<String> = Vec::new();
        for line in &label.lines {
            let line = if plain {
                text::plain(line)
            } else {
                line.clone()
            };
            let wrapped = text::wrap(&line, room / size, free.min(2));
            free -= wrapped.len().min(free);
            words.extend(wrapped);
        }
        let block = tag_height + words.len() as f64 * size * 1.2;
        let mut y = if self.under {
            top
        } else {
            top + ((height - block) / 2.0).max(0.0)
        };
        let mut line = |text: String, size: f64, step: f64, bold: bool| {
            let line = Line {
                text,
                x,
                baseline: y + size * 0.78,
                size,
                room,
                centred: self.under,
                bold,
            };
            y += size * step;
            line
        };
        let mut lines: Vec<Line> = tag
            .into_iter()
            .map(|t| line(t, tag_size, 1.1, true))
            .collect();
        lines.extend(words.into_iter().map(|t| line(t, size, 1.2, false)));
        lines
    }

    /// The tag in one line, or broken into up to three when it would be too small to read, and its font size.
    fn tag(&self, shown: &str) -> (Vec<String>, f64) {
        let (_, _, room, height) = self.texts;
        let letters: Vec<char> = shown.chars().collect();
        let mut best = (vec![shown.to_owned()], 0.0);
        for parts in 1..=3usize {
            let length = letters.len().div_ceil(parts).max(1);
            let lines: Vec<String> = letters.chunks(length).map(|c| c.iter().collect()).collect();
            let widest = lines
                .iter()
                .map(|l| text::width(l, true))
                .fold(0.0, f64::max);
            let kept = if parts == 1 {
                widest.max(TAG_WIDTH)
            } else {
                widest
            };
            let size = (room / kept)
                .min(height / (lines.len() as f64 * 1.1))
                .min(LARGEST);
            if size > best.1 {
                best = (lines, size);
            }
            if size >= SMALLEST {
                break;
            }
        }
        best
    }
}
