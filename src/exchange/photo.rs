//! Codes in a photo of a label: QR, Data Matrix, Code 128 and the other bars of a device's back.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::imageops::FilterType;
use image::{DynamicImage, ImageReader, Limits};
use parking_lot::Mutex;

use crate::error::{Code, Error, Result};

/// Largest photo, bytes.
pub const LARGEST: u64 = 20 * 1024 * 1024;
/// Most pixels of a photo.
const PIXELS: u64 = 50_000_000;
/// Longest sides at which codes are looked for, in pixels: small first, as most photos show a label from near by.
const SIDES: [u32; 2] = [1_400, 2_800];
/// Most codes taken from one photo.
const MOST: usize = 20;

/// One photo at a time: an open one takes four bytes a pixel.
static ONE: Mutex<()> = Mutex::new(());

/// The codes in a photo, each once, as they were printed; none is an answer.
///
/// # Errors
/// `too_large` by bytes or pixels, `unsupported_media` for what is no JPEG, PNG or WebP picture.
pub fn codes(bytes: &[u8]) -> Result<Vec<String>> {
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > LARGEST {
        let detail = format!("a photo may hold {} MiB at most", LARGEST / 1024 / 1024);
        return Err(Error::new(Code::TooLarge, detail).with_field("file"));
    }
    let _turn = ONE.lock();
    let picture = open(bytes)?;
    let mut found: Vec<String> = Vec::new();
    for side in SIDES {
        let small = if picture.width().max(picture.height()) > side {
            picture.resize(side, side, FilterType::Triangle)
        } else {
            picture.clone()
        };
        found = look(&small);
        if !found.is_empty() || small.width().max(small.height()) < side {
            break;
        }
    }
    found.sort();
    found.dedup();
    found.truncate(MOST);
    Ok(found)
}

/// The picture, its size asked before anything of it is unpacked.
fn open(bytes: &[u8]) -> Result<DynamicImage> {
    let reader = || {
        ImageReader::new(Cursor::new(bytes))
            .with_guessed_format()
            .map_err(|_| no_picture())
    };
    let (width, height) = reader()?.into_dimensions().map_err(|_| no_picture())?;
    if u64::from(width) * u64::from(height) > PIXELS {
        let detail = format!(
            "a photo may hold {} million pixels at most",
            PIXELS / 1_000_000
        );
        return Err(Error::new(Code::TooLarge, detail).with_field("file"));
    }
    let mut reader = reader()?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(4 * PIXELS);
    reader.limits(limits);
    let picture = reader.decode().map_err(|_| no_picture())?;
    Ok(DynamicImage::ImageLuma8(picture.into_luma8()))
}

fn no_picture() -> Error {
    Error::new(
        Code::UnsupportedMedia,
        "this is no picture that can be read; send a JPEG, PNG or WebP file",
    )
    .with_field("file")
}

fn look(picture: &DynamicImage) -> Vec<String> {
    let luma = picture.to_luma8();
    let (width, height) = luma.dimensions();
    let luma = luma.into_raw();
    // What stands in a photo is anybody's: a fault of the decoder must not be ours.
    let read = || rxing::helpers::detect_multiple_in_luma(luma, width, height);
    let found = catch_unwind(AssertUnwindSafe(read));
    match found {
        Ok(Ok(results)) => results
            .iter()
            .map(|result| result.getText().trim().to_owned())
            .filter(|text| !text.is_empty())
            .collect(),
        _ => Vec::new(),
    }
}
