//! The naked export and the naked insert.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use rusqlite::params_from_iter;
use rusqlite::types::ValueRef;

use crate::Result;
use crate::fleet::{self, COLUMNS};

/// All rows as CSV, straight from the statement.
pub fn export(database: &Path, file: &Path) -> Result<()> {
    let connection = fleet::open(database)?;
    let mut out =
        csv::Writer::from_writer(BufWriter::with_capacity(64 * 1024, File::create(file)?));
    out.write_record(COLUMNS.split(", "))?;
    let mut statement = connection.prepare(&format!("SELECT {COLUMNS} FROM devices"))?;
    let mut rows = statement.query([])?;
    let mut number = Vec::new();
    while let Some(row) = rows.next()? {
        for column in 0..20 {
            match row.get_ref(column)? {
                ValueRef::Text(text) => out.write_field(text)?,
                ValueRef::Integer(n) => {
                    number.clear();
                    write!(number, "{n}")?;
                    out.write_field(&number)?;
                }
                _ => out.write_field("")?,
            }
        }
        out.write_record(None::<&[u8]>)?;
    }
    out.flush()?;
    Ok(())
}

/// All rows of a file in one transaction, one prepared statement, three indexes; the first twenty columns.
pub fn import(file: &Path, database: &Path) -> Result<()> {
    let mut connection = fleet::open(database)?;
    fleet::create(&connection)?;
    let transaction = connection.transaction()?;
    {
        let marks = ["?"; 20].join(",");
        let mut insert = transaction.prepare(&format!("INSERT INTO devices VALUES ({marks})"))?;
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_path(file)?;
        let mut record = csv::StringRecord::new();
        let mut n = 0u32;
        while reader.read_record(&mut record)? {
            // A key of its own, then the columns of the file: whatever they are called, they weigh the same.
            n += 1;
            let key = format!("{n:08}");
            let rest = record.iter().chain(std::iter::repeat("")).take(19);
            insert.execute(params_from_iter(std::iter::once(key.as_str()).chain(rest)))?;
        }
    }
    transaction.commit()?;
    Ok(())
}
