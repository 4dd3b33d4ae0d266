//! What the machine allows, and how far from it Reparc is.
//!
//! *Bare*: actix, a connection pool, `web::block`, one indexed statement, JSON. *Naked*: the same with a
//! connection per thread, without pool and `web::block`. No rights, no validation, no journal, no totals:
//! ceilings, not products. `compare` runs them beside Reparc, interleaved, and prints the table.

mod bulk;
mod compare;
mod fleet;
mod server;
mod writer;

use std::path::PathBuf;

use clap::Parser;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[derive(Parser)]
enum Limits {
    /// Make the bare table, with as many devices
    Load { database: PathBuf, devices: u32 },
    /// Serve the bare table
    Serve {
        database: PathBuf,
        mode: server::Mode,
    },
    /// Write the bare table as CSV to a file
    Export { database: PathBuf, file: PathBuf },
    /// Read a CSV file of Reparc into a new bare table with three indexes
    Import { file: PathBuf, database: PathBuf },
    /// Run Reparc beside the bare programs and print the table
    Compare(compare::Compare),
}

fn main() -> Result<()> {
    match Limits::parse() {
        Limits::Load { database, devices } => fleet::load(&database, devices),
        Limits::Serve { database, mode } => server::serve(&database, mode),
        Limits::Export { database, file } => bulk::export(&database, &file),
        Limits::Import { file, database } => bulk::import(&file, &database),
        Limits::Compare(compare) => compare.run(),
    }
}
