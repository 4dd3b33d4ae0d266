//! The words of a PDF and where they stand. For `reparc read-pdf`, a process of its own with limits: nothing else may
//! call it on what strangers send.

use lopdf::content::{Content, Operation};
use lopdf::{Dictionary, Document, LoadOptions, Object};

/// Most bytes a stream may inflate to.
const MOST: usize = 16 * 1024 * 1024;
/// Most pages that are read.
const PAGES: usize = 500;
/// Saved states that may wait.
const DEPTH: usize = 64;

/// Words that stand together.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Page, from 1.
    pub page: u32,
    /// From the left, points.
    pub x: f32,
    /// From the bottom, points.
    pub y: f32,
    /// The words.
    pub text: String,
}

impl Item {
    /// A line that [`Item::read`] reads back.
    pub fn line(&self) -> String {
        let text: String = self.text.chars().filter(|c| !c.is_control()).collect();
        format!("{}\t{:.1}\t{:.1}\t{text}", self.page, self.x, self.y)
    }
    /// Reads such a line.
    pub fn read(line: &str) -> Option<Item> {
        let mut parts = line.splitn(4, '\t');
        Some(Item {
            page: parts.next()?.parse().ok()?,
            x: parts.next()?.parse().ok()?,
            y: parts.next()?.parse().ok()?,
            text: parts.next()?.to_owned(),
        })
    }
}

/// The words of a PDF in the order in which they are drawn, `take` given each.
///
/// # Errors
/// A sentence when it is no PDF that can be read.
pub fn items(bytes: &[u8], take: &mut dyn FnMut(Item) -> Result<(), String>) -> Result<(), String> {
    let options = LoadOptions {
        max_decompressed_size: Some(MOST),
        ..LoadOptions::default()
    };
    let document = Document::load_mem_with_options(bytes, options).map_err(|e| e.to_string())?;
    if document.is_encrypted() {
        return Err("it is encrypted".into());
    }
    for (number, id) in document.get_pages().into_iter().take(PAGES) {
        let content = document
            .get_page_content_with_limit(id, MOST)
            .map_err(|e| e.to_string())?;
        let content = Content::decode(&content).map_err(|e| e.to_string())?;
        let fonts = document.get_page_fonts(id).unwrap_or_default();
        let mut pen = Pen::new(number);
        for operation in &content.operations {
            let mut write = |pen: &Pen, bytes: &[u8]| {
                let font = fonts.get(&pen.font).copied();
                let text = decode(&document, font, bytes);
                if text.trim().is_empty() {
                    return Ok(());
                }
                let (x, y) = pen.place();
                take(Item {
                    page: number,
                    x,
                    y,
                    text,
                })
            };
            pen.step(operation, &mut write)?;
        }
    }
    Ok(())
}

/// Bytes as the font means them; as Latin letters when it does not say.
fn decode(document: &Document, font: Option<&Dictionary>, bytes: &[u8]) -> String {
    let encoding = font.and_then(|f| f.get_font_encoding_with_limit(document, MOST).ok());
    let text = encoding.and_then(|e| e.bytes_to_string(bytes).ok());
    text.unwrap_or_else(|| encoding_rs::WINDOWS_1252.decode(bytes).0.into_owned())
}

type Matrix = [f32; 6];
const ONE: Matrix = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];

fn times(m: Matrix, n: Matrix) -> Matrix {
    let [a, b, c, d, e, f] = m;
    let [g, h, i, j, k, l] = n;
    [
        a * g + b * i,
        a * h + b * j,
        c * g + d * i,
        c * h + d * j,
        e * g + f * i + k,
        e * h + f * j + l,
    ]
}

/// Where the next words go.
struct Pen {
    page: u32,
    font: Vec<u8>,
    leading: f32,
    space: Matrix,
    saved: Vec<Matrix>,
    line: Matrix,
}

type Write<'a> = &'a mut dyn FnMut(&Pen, &[u8]) -> Result<(), String>;

impl Pen {
    fn new(page: u32) -> Pen {
        Pen {
            page,
            font: Vec::new(),
            leading: 0.0,
            space: ONE,
            saved: Vec::new(),
            line: ONE,
        }
    }
    fn place(&self) -> (f32, f32) {
        let [.., x, y] = times(self.line, self.space);
        (x, y)
    }
    fn go(&mut self, x: f32, y: f32) {
        self.line = times([1.0, 0.0, 0.0, 1.0, x, y], self.line);
    }
    fn step(&mut self, operation: &Operation, write: Write<'_>) -> Result<(), String> {
        let operands = operation.operands.as_slice();
        match (operation.operator.as_str(), operands) {
            ("q", _) if self.saved.len() < DEPTH => self.saved.push(self.space),
            ("Q", _) => self.space = self.saved.pop().unwrap_or(self.space),
            ("cm", _) => self.space = times(matrix(operands).unwrap_or(ONE), self.space),
            ("BT", _) => self.line = ONE,
            ("Tf", [Object::Name(name), ..]) => self.font.clone_from(name),
            ("TL", [leading]) => self.leading = number(leading),
            ("Td", [x, y]) => self.go(number(x), number(y)),
            ("TD", [x, y]) => {
                self.leading = -number(y);
                self.go(number(x), number(y));
            }
            ("Tm", _) => self.line = matrix(operands).unwrap_or(ONE),
            ("T*", _) => self.go(0.0, -self.leading),
            ("Tj", [text]) => write(self, bytes(text))?,
            ("'", [text]) | ("\"", [_, _, text]) => {
                self.go(0.0, -self.leading);
                write(self, bytes(text))?;
            }
            ("TJ", [Object::Array(parts)]) => write(self, &joined(parts))?,
            _ => {}
        }
        debug_assert!(self.page > 0);
        Ok(())
    }
}

/// The texts of a `TJ`; a wide step back to the right is a space.
fn joined(parts: &[Object]) -> Vec<u8> {
    let mut out = Vec::new();
    for part in parts {
        match part {
            Object::String(text, _) => out.extend_from_slice(text),
            step if number(step) < -200.0 => out.push(b' '),
            _ => {}
        }
    }
    out
}

fn bytes(object: &Object) -> &[u8] {
    object.as_str().unwrap_or_default()
}

fn number(object: &Object) -> f32 {
    object.as_float().unwrap_or(0.0)
}

fn matrix(operands: &[Object]) -> Option<Matrix> {
    let numbers: Vec<f32> = operands.iter().map(number).collect();
    numbers.try_into().ok()
}
