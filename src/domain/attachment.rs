//! Attachments: what a file may be, told by its content, and how many pixels a picture says it has.
//!
//! Nothing is decoded here: the kind is in the first bytes, the size of a picture in its header.

use super::words::words;

/// Largest file, bytes.
pub const LARGEST: usize = 16 * 1024 * 1024;
/// Most pixels of a picture: beyond, whoever opens it may run out of memory.
pub const MOST_PIXELS: u64 = 50_000_000;

words! {
    /// What a file may be about.
    Subject { Device = "device", Wipe = "wipe", Exit = "exit", Repair = "repair", Purchase = "purchase" }
}
words! {
    /// Media types that are taken.
    Media {
        Pdf = "application/pdf", Png = "image/png", Jpeg = "image/jpeg", Webp = "image/webp",
        Json = "application/json", Xml = "application/xml", Csv = "text/csv", Text = "text/plain",
    }
}
words! {
    /// Why the bytes of a file are not here any more.
    Gone { Expired = "expired", Erased = "erased" }
}

impl Media {
    /// The ending of a file of this kind that came without a name.
    pub const fn ending(self) -> &'static str {
        match self {
            Media::Pdf => "pdf",
            Media::Png => "png",
            Media::Jpeg => "jpg",
            Media::Webp => "webp",
            Media::Json => "json",
            Media::Xml => "xml",
            Media::Csv => "csv",
            Media::Text => "txt",
        }
    }
}

/// Why a file is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Its content is of no kind that is taken.
    Unknown,
    /// A picture whose header does not say its size.
    Headless,
    /// A picture of too many pixels.
    Pixels(u64),
}

/// The kind of a file by its content; its name only tells apart kinds of text.
///
/// # Errors
/// [`Refused`].
pub fn sniff(bytes: &[u8], filename: &str) -> Result<Media, Refused> {
    let media = if bytes.starts_with(b"%PDF-") {
        Media::Pdf
    } else if bytes.starts_with(PNG) {
        Media::Png
    } else if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
        Media::Jpeg
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        Media::Webp
    } else {
        return text(bytes, filename).ok_or(Refused::Unknown);
    };
    let size = match media {
        Media::Png => png(bytes),
        Media::Jpeg => jpeg(bytes),
        Media::Webp => webp(bytes),
        _ => return Ok(media),
    };
    match size {
        None | Some((0, _) | (_, 0)) => Err(Refused::Headless),
        Some((wide, high)) if u64::from(wide) * u64::from(high) > MOST_PIXELS => {
            Err(Refused::Pixels(u64::from(wide) * u64::from(high)))
        }
        Some(_) => Ok(media),
    }
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Text in any encoding that keeps ASCII where it is: no control character but line ends, tabs and page breaks.
fn text(bytes: &[u8], filename: &str) -> Option<Media> {
    let plain = |b: &u8| !matches!(b, 0..=8 | 11 | 14..=31 | 127);
    if bytes.is_empty() || !bytes.iter().all(plain) {
        return None;
    }
    let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let start = start.trim_ascii_start();
    Some(match start.first() {
        Some(b'{' | b'[') if serde_json::from_slice::<serde::de::IgnoredAny>(start).is_ok() => {
            Media::Json
        }
        Some(b'<') if start.starts_with(b"<?xml") => Media::Xml,
        _ if filename.to_ascii_lowercase().ends_with(".csv") => Media::Csv,
        _ => Media::Text,
    })
}

fn two(bytes: &[u8], at: usize) -> Option<u32> {
    let pair: [u8; 2] = bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
    Some(u32::from(u16::from_be_bytes(pair)))
}

fn four(bytes: &[u8], at: usize) -> Option<u32> {
    let four: [u8; 4] = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
    Some(u32::from_be_bytes(four))
}

/// Width and height: the first chunk says them.
fn png(bytes: &[u8]) -> Option<(u32, u32)> {
    (bytes.get(12..16)? == b"IHDR").then_some((four(bytes, 16)?, four(bytes, 20)?))
}

/// Width and height: the first start-of-frame segment says them.
fn jpeg(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut at = 2;
    loop {
        if *bytes.get(at)? != 0xff {
            return None;
        }
        match *bytes.get(at + 1)? {
            0xff => at += 1,
            0x01 | 0xd0..=0xd8 => at += 2,
            0xc0..=0xcf if !matches!(bytes.get(at + 1)?, 0xc4 | 0xc8 | 0xcc) => {
                return Some((two(bytes, at + 7)?, two(bytes, at + 5)?));
            }
            0xd9 | 0xda => return None,
            _ => at += 2 + usize::try_from(two(bytes, at + 2)?).ok()?,
        }
    }
}

/// Width and height, in each of the three forms of the format.
fn webp(bytes: &[u8]) -> Option<(u32, u32)> {
    let byte = |at: usize| bytes.get(at).map(|b| u32::from(*b));
    let three = |at: usize| Some(byte(at)? | byte(at + 1)? << 8 | byte(at + 2)? << 16);
    match bytes.get(12..16)? {
        b"VP8X" => Some((three(24)? + 1, three(27)? + 1)),
        b"VP8L" => {
            let packed = three(21)? | byte(24)? << 24;
            Some(((packed & 0x3fff) + 1, (packed >> 14 & 0x3fff) + 1))
        }
        b"VP8 " => {
            let side = |at: usize| Some((byte(at)? | byte(at + 1)? << 8) & 0x3fff);
            Some((side(26)?, side(28)?))
        }
        _ => None,
    }
}

/// The name a file is kept under: no folder, no control character, nothing that turns the direction of writing (a
/// name that reads `gnp.exe` and is another).
pub fn filename(given: &str, media: Media) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let turns = |c: &char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let kept: String = last
        .chars()
        .filter(|c| !c.is_control() && !turns(c))
        .take(150)
        .collect();
    match kept.trim() {
        "" | "." | ".." => format!("fichier.{}", media.ending()),
        name => name.to_owned(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn png_of(wide: u32, high: u32) -> Vec<u8> {
        let mut bytes = [PNG, b"\0\0\0\rIHDR"].concat();
        bytes.extend(wide.to_be_bytes());
        bytes.extend(high.to_be_bytes());
        bytes
    }

    #[test]
    fn pictures_say_their_size_in_the_header() {
        assert_eq!(sniff(&png_of(7000, 7000), "a"), Ok(Media::Png));
        assert_eq!(
            sniff(&png_of(20_000, 10_000), "a"),
            Err(Refused::Pixels(200_000_000))
        );
        assert_eq!(sniff(PNG, "a.png"), Err(Refused::Headless));
        // SOI, an application segment of 4 bytes, then a baseline frame of 600 by 800.
        let jpeg = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08\x02\x58\x03\x20";
        assert_eq!(super::jpeg(jpeg), Some((800, 600)));
        assert_eq!(sniff(b"\xff\xd8\xff\xda", "a"), Err(Refused::Headless));
        let webp = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x1f\x03\0\x57\x02\0";
        assert_eq!(super::webp(webp), Some((800, 600)));
    }

    #[test]
    fn texts_are_told_apart_and_programs_refused() {
        for (bytes, name, media) in [
            (&b"{\"a\": 1}"[..], "x.txt", Media::Json),
            (b"{not json", "x.json", Media::Text),
            (b"<?xml version=\"1.0\"?><a/>", "x", Media::Xml),
            (b"a;b\n1;2\n", "liste.CSV", Media::Csv),
            (
                b"[2026/01/01 10:00:00] notice: \xe9",
                "nwipe.log",
                Media::Text,
            ),
            (b"%PDF-1.7\n", "x.txt", Media::Pdf),
        ] {
            assert_eq!(sniff(bytes, name), Ok(media), "{name}");
        }
        for bytes in [
            &b"\x7fELF\x02\x01"[..],
            b"MZ\x90\0",
            b"PK\x03\x04",
            b"",
            b"a\0b",
        ] {
            assert_eq!(sniff(bytes, "x.txt"), Err(Refused::Unknown));
        }
    }

    #[test]
    fn names_hold_no_folder_and_no_trick() {
        for (given, kept) in [
            ("../../etc/passwd", "passwd"),
            ("C:\\rapport.pdf", "rapport.pdf"),
            ("photo\u{202e}gnp.exe", "photognp.exe"),
            ("a\r\nb.pdf", "ab.pdf"),
            ("..", "fichier.pdf"),
            ("", "fichier.pdf"),
        ] {
            assert_eq!(filename(given, Media::Pdf), kept);
        }
    }
}
