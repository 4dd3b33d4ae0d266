//! Bytes to UTF-8: which encoding, then a reader that translates as it goes.

use std::io::{BufReader, Read, Result};

use encoding_rs::{Decoder, MACINTOSH, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Encodings that inventories come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// What Excel calls “Unicode text”.
    Utf16Le,
    /// The same, other byte order.
    Utf16Be,
    /// Western Windows; also right for ISO 8859-1.
    Windows1252,
    /// Old Excel for Mac: lines end in CR alone.
    MacRoman,
}

impl Encoding {
    /// The name of the encoding.
    pub const fn as_str(self) -> &'static str {
        match self {
            Encoding::Utf8 => "utf-8",
            Encoding::Utf16Le => "utf-16le",
            Encoding::Utf16Be => "utf-16be",
            Encoding::Windows1252 => "windows-1252",
            Encoding::MacRoman => "macintosh",
        }
    }
}

/// What a first look at the bytes says.
#[derive(Debug, Clone)]
pub struct Shape {
    /// How to read them.
    pub encoding: Encoding,
    /// Length of the byte order mark.
    mark: usize,
    /// What the file is when it is no text.
    pub refused: Option<&'static str>,
}

/// Looks at all bytes once, keeping none.
pub fn look(file: impl Read) -> Result<Shape> {
    let mut input = BufReader::with_capacity(64 * 1024, file);
    let mut first = Vec::with_capacity(8192);
    input.by_ref().take(8192).read_to_end(&mut first)?;
    let shape = |encoding, mark| Shape {
        encoding,
        mark,
        refused: None,
    };
    if let Some(what) = binary(&first) {
        return Ok(Shape {
            refused: Some(what),
            ..shape(Encoding::Utf8, 0)
        });
    }
    if first.starts_with(&[0xFF, 0xFE]) {
        return Ok(shape(Encoding::Utf16Le, 2));
    }
    if first.starts_with(&[0xFE, 0xFF]) {
        return Ok(shape(Encoding::Utf16Be, 2));
    }
    let mark = if first.starts_with(&[0xEF, 0xBB, 0xBF]) {
        3
    } else {
        0
    };
    // UTF-16 without a mark shows itself by NUL in every second place of western text.
    let nul_at = |odd: usize| {
        first
            .iter()
            .skip(odd)
            .step_by(2)
            .filter(|b| **b == 0)
            .count()
    };
    let (even, odd) = (nul_at(0), nul_at(1));
    if odd > first.len() / 4 && even < first.len() / 50 {
        return Ok(shape(Encoding::Utf16Le, 0));
    }
    if even > first.len() / 4 && odd < first.len() / 50 {
        return Ok(shape(Encoding::Utf16Be, 0));
    }
    let mut seen = Seen::default();
    seen.take(&first);
    let mut chunk = vec![0; 64 * 1024];
    loop {
        let n = input.read(&mut chunk)?;
        if n == 0 {
            break;
        }
        seen.take(chunk.get(..n).unwrap_or_default());
    }
    if seen.nul * 20 > seen.bytes {
        return Ok(Shape {
            refused: Some("a binary file"),
            ..shape(Encoding::Utf8, 0)
        });
    }
    Ok(match (seen.valid(), seen.cr > 0 && seen.lf == 0) {
        (true, _) => shape(Encoding::Utf8, mark),
        (false, true) => shape(Encoding::MacRoman, 0),
        (false, false) => shape(Encoding::Windows1252, 0),
    })
}

/// Files people send by mistake, by their first bytes.
fn binary(first: &[u8]) -> Option<&'static str> {
    const KNOWN: &[(&[u8], &str)] = &[
        (
            b"PK\x03\x04",
            "a zip archive or an Excel or LibreOffice workbook",
        ),
        (b"\xD0\xCF\x11\xE0", "an old Excel or Word file"),
        (b"%PDF", "a PDF"),
        (b"\x89PNG", "a picture"),
        (b"\xFF\xD8\xFF", "a picture"),
        (b"GIF8", "a picture"),
        (b"\x1F\x8B", "a gzip archive"),
        (b"SQLite format 3", "a SQLite database"),
        (b"<?xml", "an XML document"),
        (b"<!DOCTYPE", "a web page"),
        (b"<html", "a web page"),
        (b"{\"", "a JSON document"),
        (b"[{", "a JSON document"),
    ];
    KNOWN
        .iter()
        .find(|(magic, _)| first.starts_with(magic))
        .map(|(_, what)| *what)
}

/// Running count over the bytes, with UTF-8 checked across the borders of the chunks.
#[derive(Default)]
struct Seen {
    bytes: u64,
    cr: u64,
    lf: u64,
    nul: u64,
    invalid: bool,
    rest: Vec<u8>,
}

impl Seen {
    fn take(&mut self, chunk: &[u8]) {
        self.bytes += chunk.len() as u64;
        for b in chunk {
            match b {
                b'\r' => self.cr += 1,
                b'\n' => self.lf += 1,
                0 => self.nul += 1,
                _ => {}
            }
        }
        if self.invalid {
            return;
        }
        let mut whole = std::mem::take(&mut self.rest);
        whole.extend_from_slice(chunk);
        if let Err(e) = std::str::from_utf8(&whole) {
            if e.error_len().is_some() {
                self.invalid = true;
            } else {
                self.rest = whole.split_off(e.valid_up_to());
            }
        }
    }
    fn valid(&self) -> bool {
        !self.invalid && self.rest.is_empty()
    }
}

/// A reader that gives UTF-8 whatever the file holds; what cannot be read becomes U+FFFD.
pub struct Decoded<R> {
    input: BufReader<R>,
    skip: usize,
    decoder: Decoder,
    raw: Vec<u8>,
    /// Part of `raw` not yet translated.
    from: usize,
    filled: usize,
    ended: bool,
}

impl<R: Read> Decoded<R> {
    /// Reads `file` as its shape says.
    pub fn new(file: R, shape: &Shape) -> Self {
        let encoding = match shape.encoding {
            Encoding::Utf8 => UTF_8,
            Encoding::Utf16Le => UTF_16LE,
            Encoding::Utf16Be => UTF_16BE,
            Encoding::Windows1252 => WINDOWS_1252,
            Encoding::MacRoman => MACINTOSH,
        };
        Decoded {
            input: BufReader::with_capacity(64 * 1024, file),
            skip: shape.mark,
            decoder: encoding.new_decoder_without_bom_handling(),
            raw: vec![0; 32 * 1024],
            from: 0,
            filled: 0,
            ended: false,
        }
    }
    fn refill(&mut self) -> Result<()> {
        while self.skip > 0 {
            let mut mark = [0; 1];
            self.input.read_exact(&mut mark)?;
            self.skip -= 1;
        }
        self.filled = self.input.read(&mut self.raw)?;
        self.from = 0;
        self.ended = self.filled == 0;
        Ok(())
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        loop {
            if self.from == self.filled {
                if self.ended {
                    return Ok(0);
                }
                self.refill()?;
            }
            let raw = self.raw.get(self.from..self.filled).unwrap_or_default();
            let (_, read, written, _) = self.decoder.decode_to_utf8(raw, out, self.ended);
            self.from += read;
            if written > 0 || out.len() < 4 {
                return Ok(written);
            }
        }
    }
}
