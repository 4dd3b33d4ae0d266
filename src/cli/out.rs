//! Where a command writes: data on stdout, words on stderr.

use std::io::{IsTerminal, Write};
use std::path::Path;

use crate::error::{Error, Result};

/// A line of data on stdout. A reader that has left (`| head`) is no fault: see [`write`].
pub fn data(line: &str) -> Result<()> {
    write(|out| writeln!(out, "{line}"))
}

/// Data on stdout, buffered. When the reader has left, the rest is dropped without complaint.
pub fn write(body: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    match body(&mut out).and_then(|()| out.flush()) {
        Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => other.map_err(Error::internal),
    }
}

/// Bytes to the file of `-o`, or to stdout when there is none or it is `-`.
pub fn save(file: Option<&Path>, bytes: &[u8]) -> Result<()> {
    match file {
        Some(path) if path != Path::new("-") => std::fs::write(path, bytes)
            .map_err(|e| Error::internal(format!("{} cannot be written: {e}", path.display()))),
        _ => write(|out| out.write_all(bytes)),
    }
}

/// A line of words on stderr. A closed stderr is nobody's loss.
pub fn words(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Progress on one line of stderr that each call writes over; an empty text clears it. Ask [`stderr_is_terminal`] first.
pub fn progress(text: &str) {
    let _ = write!(std::io::stderr().lock(), "\r\x1b[K{text}");
}

/// Whether a person watches: progress is for them alone.
pub fn stderr_is_terminal() -> bool {
    std::io::stderr().is_terminal()
}
