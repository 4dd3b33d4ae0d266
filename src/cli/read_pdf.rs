//! `reparc read-pdf`: the words of a PDF that a stranger made, read in a process of its own. The server starts it; it
//! gives up its own rights to time and memory first, so that what a PDF can break is this process and nothing else.

use std::io::{Read, Write};
use std::process::ExitCode;

use crate::error::{Code, Error, Result};
use crate::exchange::pdf;
use crate::settings::Settings;

/// Longest PDF, bytes.
const INPUT: u64 = 16 * 1024 * 1024;
/// Most bytes written.
const OUTPUT: usize = 1024 * 1024;

/// Write the words of the PDF on stdin to stdout (used by the server)
#[derive(Debug, clap::Args)]
pub struct ReadPdf {}

impl ReadPdf {
    /// Runs the command.
    ///
    /// # Errors
    /// `invalid_value` when it is no PDF that can be read.
    pub fn run(self, _: &Settings) -> Result<ExitCode> {
        limit()?;
        let wrong = |why: String| Error::new(Code::InvalidValue, why);
        let mut bytes = Vec::new();
        let input = std::io::stdin().lock();
        input
            .take(INPUT)
            .read_to_end(&mut bytes)
            .map_err(Error::internal)?;
        let mut out = Vec::new();
        pdf::items(&bytes, &mut |item| {
            out.extend_from_slice(item.line().as_bytes());
            out.push(b'\n');
            if out.len() > OUTPUT {
                return Err("it holds more words than a report".into());
            }
            Ok(())
        })
        .map_err(wrong)?;
        std::io::stdout().write_all(&out).map_err(Error::internal)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// 512 MiB of memory, ten seconds of processor, no file, no further process.
#[cfg(unix)]
fn limit() -> Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    const MIB: u64 = 1024 * 1024;
    for (resource, most) in [
        (Resource::As, 512 * MIB),
        (Resource::Cpu, 10),
        (Resource::Fsize, 0),
        (Resource::Core, 0),
    ] {
        let both = Rlimit {
            current: Some(most),
            maximum: Some(most),
        };
        setrlimit(resource, both).map_err(Error::internal)?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn limit() -> Result<()> {
    Ok(())
}
