//! Tag → QR code → paper: one label drawn as SVG, PNG, PDF or ZPL, alone or on a sheet in exact millimetres.
//!
//! A label holds the QR code of the device's public URL (level M, quiet zone 4), the tag in clear and one or two
//! lines about the thing (its owner, its model): never about a person. Everything is drawn from one [`Layout`]
//! (where labels lie on a page) and one [`face`] (what lies where on a label); a single label is a page of one.
//!
//! Texts: SVG shows any Unicode text. PDF, PNG and ZPL have the characters of Windows-1252 only: what is not in it
//! loses its accent (`ș` → `s`) or becomes `?`.

pub mod face;
pub mod layout;
pub mod paper;
mod pdf;
mod png;
pub mod qr;
mod svg;
pub mod text;
mod zpl;

pub use layout::Layout;

use crate::domain::tag::Tag;
use crate::error::{Code, Error, Result};

/// What one label says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The tag, shown in clear.
    pub tag: Tag,
    /// What the QR code holds.
    pub url: String,
    /// Lines under the tag, any text; as many as there is room for are printed.
    pub lines: Vec<String>,
}

impl Label {
    /// The same with so many lines at most.
    fn cut(&self, lines: usize) -> Label {
        let mut label = self.clone();
        label.lines.truncate(lines);
        label
    }
}

/// A file format of labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Vector, sizes in millimetres, one page.
    Svg,
    /// Black and white, 300 dots per inch, one page.
    Png,
    /// Vector text and 1-bit codes, any number of pages.
    Pdf,
    /// For label printers, label after label.
    Zpl,
}

impl Format {
    /// Every format.
    pub const ALL: [Format; 4] = [Format::Svg, Format::Png, Format::Pdf, Format::Zpl];

    /// The name, which is the file extension too.
    pub const fn as_str(self) -> &'static str {
        match self {
            Format::Svg => "svg",
            Format::Png => "png",
            Format::Pdf => "pdf",
            Format::Zpl => "zpl",
        }
    }

    /// Reads the name.
    ///
    /// # Errors
    /// A sentence that lists the formats.
    pub fn parse(name: &str) -> std::result::Result<Format, String> {
        Format::ALL
            .into_iter()
            .find(|f| f.as_str() == name)
            .ok_or_else(|| "`format` is one of svg, png, pdf, zpl".into())
    }

    /// The media type to answer with.
    pub const fn media_type(self) -> &'static str {
        match self {
            Format::Svg => "image/svg+xml",
            Format::Png => "image/png",
            Format::Pdf => "application/pdf",
            Format::Zpl => "application/zpl",
        }
    }
}

/// How to print: all but the labels themselves.
#[derive(Debug, Clone, PartialEq)]
pub struct Print {
    /// Where labels lie on a page.
    pub layout: Layout,
    /// First free position of the first page, from 1, left to right and then down.
    pub start: usize,
    /// Whether to draw a line around each printed label, to cut or to check the alignment.
    pub outline: bool,
    /// Lines under the tag at most.
    pub lines: usize,
    /// Dots per millimetre of the label printer (ZPL): 6, 8 (203 dpi), 12 (300 dpi) or 24 (600 dpi).
    pub dpmm: u32,
}

impl Print {
    /// Prints on this layout from its first position, without outlines, for a printer of 203 dpi.
    pub fn on(layout: Layout) -> Print {
        Print {
            layout,
            start: 1,
            outline: false,
            lines: usize::MAX,
            dpmm: 8,
        }
    }
}

/// Draws the labels, in order, duplicates kept.
///
/// # Errors
/// `invalid_value` naming `start` (outside the page), `dpmm`, `tags` (none, or more than one page in a format of one page) or
/// `layout` (labels too small for the code, as printers and scanners go).
pub fn draw(labels: &[Label], print: &Print, format: Format) -> Result<Vec<u8>> {
    let places = print.layout.places();
    if !(1..=places).contains(&print.start) {
        return Err(Error::invalid(
            "start",
            format!("`start` is a position of this layout: 1 to {places}"),
        ));
    }
    if !matches!(print.dpmm, 6 | 8 | 12 | 24) {
        return Err(Error::invalid("dpmm", "`dpmm` is one of 6, 8, 12, 24"));
    }
    if labels.is_empty() {
        return Err(Error::invalid("tags", "there is no label to print"));
    }
    let one_page = matches!(format, Format::Svg | Format::Png);
    if one_page && labels.len() > places + 1 - print.start {
        return Err(Error::invalid(
            "tags",
            format!(
                "{} labels need several pages, which {} does not have; take pdf",
                labels.len(),
                format.as_str()
            ),
        ));
    }
    let cut: Vec<Label>;
    let labels = if labels.iter().any(|label| label.lines.len() > print.lines) {
        cut = labels.iter().map(|label| label.cut(print.lines)).collect();
        &cut
    } else {
        labels
    };
    match format {
        Format::Svg => svg::page(labels, print).map(String::into_bytes),
        Format::Png => png::page(labels, print),
        Format::Pdf => pdf::pages(labels, print),
        Format::Zpl => zpl::stream(labels, print).map(String::into_bytes),
    }
}

/// The refusal of a label too small for its code.
fn too_small(layout: &Layout, modules: usize) -> Error {
    Error::new(
        Code::InvalidValue,
        format!(
            "labels of {} × {} mm are too small for a code of {modules} × {modules} modules; take larger labels or a shorter public URL",
            layout.width, layout.height
        ),
    )
    .with_field("layout")
}
