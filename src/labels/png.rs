//! One page of labels as PNG: 1 bit a dot, 300 dots per inch, letters of the Spleen bitmap font.

use super::face::{DOTS, Frame, Line};
use super::qr::Qr;
use super::{Label, Print};
use crate::error::{Error, Result};
use spleen_font::{FONT_12X24, FONT_16X32, PSF2Font};

/// Dots per metre at 300 dots per inch.
const DOTS_PER_METRE: u32 = 11_811;

/// Draws the page.
pub fn page(labels: &[Label], print: &Print) -> Result<Vec<u8>> {
    let layout = &print.layout;
    let frame = Frame::new(layout.width, layout.height);
    let mut canvas = Canvas::new(dots(layout.page.0), dots(layout.page.1));
    let mut fonts = Fonts::load()?;
    for (i, label) in labels.iter().enumerate() {
        let (x, y) = layout.place(print.start - 1 + i);
        if print.outline {
            canvas.frame(dots(x), dots(y), dots(layout.width), dots(layout.height));
        }
        let qr = Qr::encode(&label.url)?;
        let spot = frame.spot(&qr, (x, y), layout)?;
        for (column, row, length) in qr.runs() {
            let (left, top) = (
                spot.left + column * spot.module,
                spot.top + row * spot.module,
            );
            canvas.fill(left, top, length * spot.module, spot.module);
        }
        for line in frame.lines(label, true) {
            fonts.write(&mut canvas, &line, x, y);
        }
    }
    canvas.encode()
}

/// Millimetres in whole dots.
fn dots(mm: f64) -> usize {
    (mm * DOTS).round().max(0.0) as usize
}

/// A black and white picture: a bit set is white.
struct Canvas {
    width: usize,
    height: usize,
    stride: usize,
    bits: Vec<u8>,
}

impl Canvas {
    fn new(width: usize, height: usize) -> Canvas {
        let stride = width.div_ceil(8);
        Canvas {
            width,
            height,
            stride,
            bits: vec![0xff; stride * height],
        }
    }

    /// Blackens a rectangle, cut at the edges.
    fn fill(&mut self, x: usize, y: usize, width: usize, height: usize) {
        for row in y..(y + height).min(self.height) {
            for column in x..(x + width).min(self.width) {
                if let Some(byte) = self.bits.get_mut(row * self.stride + column / 8) {
                    *byte &= !(0x80 >> (column % 8));
                }
            }
        }
    }

    /// A line of one dot around a rectangle, kept on the page.
    fn frame(&mut self, x: usize, y: usize, width: usize, height: usize) {
        let right = (x + width).min(self.width.saturating_sub(1));
        let bottom = (y + height).min(self.height.saturating_sub(1));
        self.fill(x, y, width, 1);
        self.fill(x, bottom, width, 1);
        self.fill(x, y, 1, height);
        self.fill(right, y, 1, height + 1);
    }

    fn encode(&self) -> Result<Vec<u8>> {
        let mut out = Vec::new();
        let mut encoder = png::Encoder::new(&mut out, self.width as u32, self.height as u32);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::One);
        encoder.set_pixel_dims(Some(png::PixelDimensions {
            xppu: DOTS_PER_METRE,
            yppu: DOTS_PER_METRE,
            unit: png::Unit::Meter,
        }));
        let mut writer = encoder.write_header().map_err(Error::internal)?;
        writer
            .write_image_data(&self.bits)
            .map_err(Error::internal)?;
        writer.finish().map_err(Error::internal)?;
        Ok(out)
    }
}

/// The two sizes of the bitmap font.
struct Fonts {
    small: PSF2Font<'static>,
    large: PSF2Font<'static>,
}

impl Fonts {
    fn load() -> Result<Fonts> {
        let load = |bytes| PSF2Font::new(bytes).map_err(Error::internal);
        Ok(Fonts {
            small: load(FONT_12X24)?,
            large: load(FONT_16X32)?,
        })
    }

    /// Writes a line in the largest whole multiple of a font that is not higher than its size, on a label at x, y.
    fn write(&mut self, canvas: &mut Canvas, line: &Line, x: f64, y: f64) {
        let height = dots(line.size).max(24);
        let (font, scale) = if height / 32 * 32 >= height / 24 * 24 {
            (&mut self.large, height / 32)
        } else {
            (&mut self.small, height / 24)
        };
        let (cell, cell_height) = (font.width as usize * scale, font.height as usize * scale);
        let room = dots(line.room) / cell.max(1);
        let count = line.text.chars().count().min(room);
        let left = dots(x + line.left((count * cell) as f64 / DOTS));
        // The base line of Spleen lies a fifth of its height above the bottom.
        let top = dots(y + line.baseline).saturating_sub(cell_height * 4 / 5);
        for (i, c) in line.text.chars().take(count).enumerate() {
            let mut utf8 = [0; 4];
            let glyph = font
                .glyph_for_utf8(c.encode_utf8(&mut utf8).as_bytes())
                .or_else(|| font.glyph_for_utf8(b"?"));
            for (row, line) in glyph.into_iter().flatten().enumerate() {
                for (column, _) in line.enumerate().filter(|(_, on)| *on) {
                    let (x, y) = (left + i * cell + column * scale, top + row * scale);
                    canvas.fill(x, y, scale, scale);
                }
            }
        }
    }
}
