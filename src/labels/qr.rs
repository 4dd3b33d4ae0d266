//! The QR code of a URL: level M, the smallest mode that holds the text.

use crate::error::{Error, Result};
use fast_qr::{ECL, QRBuilder};

/// Light modules around the code that readers need.
pub const QUIET: usize = 4;

/// A QR code without its quiet zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Qr {
    size: usize,
    dark: Vec<bool>,
}

impl Qr {
    /// Encodes the text at level M.
    ///
    /// # Errors
    /// `invalid_value` when the text is too long for any code (2,331 bytes).
    pub fn encode(text: &str) -> Result<Qr> {
        let code = QRBuilder::new(text)
            .ecl(ECL::M)
            .build()
            .map_err(|_| Error::invalid("tags", "the label URL is too long for a QR code"))?;
        let size = code.size;
        let dark = code
            .data
            .iter()
            .take(size * size)
            .map(|m| m.value())
            .collect();
        Ok(Qr { size, dark })
    }

    /// Modules on a side.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Modules on a side, quiet zone included.
    pub fn full(&self) -> usize {
        self.size + 2 * QUIET
    }

    /// The rows, from the top; true is dark.
    pub fn rows(&self) -> impl Iterator<Item = &[bool]> {
        self.dark.chunks(self.size.max(1))
    }

    /// Runs of dark modules as (column, row, length), from the top left.
    pub fn runs(&self) -> Vec<(usize, usize, usize)> {
        let mut runs = Vec::new();
        for (y, row) in self.rows().enumerate() {
            let mut x = 0;
            for run in row.chunk_by(|a, b| a == b) {
                if run.first() == Some(&true) {
                    runs.push((x, y, run.len()));
                }
                x += run.len();
            }
        }
        runs
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[test]
    fn upper_case_urls_take_the_alphanumeric_mode() {
        let size = |t: &str| Qr::encode(t).unwrap().size();
        assert_eq!(size("HTTPS://PARC.EXAMPLE.FR/T/7Q4X2MK9V"), 25);
        assert_eq!(size("https://parc.example.fr/T/7Q4X2MK9V"), 29);
        assert!(Qr::encode(&"x".repeat(3000)).is_err());
    }

    #[test]
    fn runs_hold_every_dark_module() {
        let qr = Qr::encode("HTTPS://A.FR/T/7Q4X2MK9V").unwrap();
        let dark = qr.rows().flatten().filter(|d| **d).count();
        assert_eq!(qr.runs().iter().map(|r| r.2).sum::<usize>(), dark);
        assert_eq!(qr.runs()[0], (0, 0, 7));
    }
}
