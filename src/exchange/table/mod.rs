//! A table file: encoding, separator and records, read in one pass and in bounded memory.

mod decode;
mod records;
mod separator;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

pub use decode::Encoding;
use decode::{Decoded, Shape};
pub use records::{Record, Records};

use crate::error::{Code, Error, Result};

/// Largest file an import takes, in bytes (512 MiB): some three million rows.
pub const LARGEST_FILE: u64 = 512 * 1024 * 1024;
/// How many records are looked at to find separator and header line.
const HEAD: usize = 60;

/// A table file that was looked at: how its bytes are to be read.
#[derive(Debug, Clone)]
pub struct Table {
    path: PathBuf,
    shape: Shape,
    separator: u8,
    head: Vec<Record>,
}

impl Table {
    /// Looks at a file: encoding (byte order marks, else UTF-8 when valid, else Windows-1252, Mac Roman when
    /// the lines end in CR alone), separator by counting outside quotes, first records.
    ///
    /// # Errors
    /// `not_an_inventory` when the file is no text table, `too_large` above [`LARGEST_FILE`].
    pub fn open(path: &Path) -> Result<Table> {
        let size = std::fs::metadata(path).map_err(unreadable)?.len();
        if size > LARGEST_FILE {
            return Err(Error::new(
                Code::TooLarge,
                format!(
                    "the file has {size} bytes; an import takes at most {LARGEST_FILE}; split it"
                ),
            ));
        }
        let shape = decode::look(File::open(path).map_err(unreadable)?).map_err(unreadable)?;
        if let Some(what) = shape.refused {
            return Err(refused(format!(
                "this is no text table but {what}; save it as CSV and import that"
            )));
        }
        let mut start = Vec::new();
        Decoded::new(File::open(path).map_err(unreadable)?, &shape)
            .take(256 * 1024)
            .read_to_end(&mut start)
            .map_err(unreadable)?;
        let separator = separator::guess(&start);
        let mut table = Table {
            path: path.to_owned(),
            shape,
            separator,
            head: Vec::new(),
        };
        let mut records = table.records()?;
        let mut record = Record::default();
        let mut head = Vec::new();
        while head.len() < HEAD && records.read(&mut record)? {
            head.push(record.clone());
        }
        table.head = head;
        Ok(table)
    }
    /// The first records that are not blank, the header among them.
    pub fn head(&self) -> &[Record] {
        &self.head
    }
    /// How the bytes are read.
    pub fn encoding(&self) -> Encoding {
        self.shape.encoding
    }
    /// The separator found.
    pub fn separator(&self) -> char {
        char::from(self.separator)
    }
    /// All records that are not blank, from the first.
    ///
    /// # Errors
    /// When the file cannot be opened any more.
    pub fn records(&self) -> Result<Records<Decoded<File>>> {
        let file = File::open(&self.path).map_err(unreadable)?;
        Ok(Records::new(
            Decoded::new(file, &self.shape),
            self.separator,
        ))
    }
}

/// A file that is no inventory, with what it seems to be.
pub fn refused(sentence: impl Into<String>) -> Error {
    Error::new(Code::NotAnInventory, sentence)
}

fn unreadable(cause: std::io::Error) -> Error {
    Error::new(Code::Malformed, format!("the file cannot be read: {cause}")).because(cause)
}
