//! How the method a report names counts: `src/data/wipe_methods.csv`.

use std::sync::LazyLock;

use crate::domain::text::fold;
use crate::domain::words::WipeMethod;

/// What a named method does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counts {
    /// It counts as this.
    As(WipeMethod),
    /// It erases nothing.
    Nothing,
    /// No row knows it.
    Unknown,
}

static ROWS: LazyLock<Vec<(String, Counts)>> = LazyLock::new(|| {
    let mut reader =
        csv::Reader::from_reader(include_str!("../../data/wipe_methods.csv").as_bytes());
    let row = |row: csv::StringRecord| {
        let counts = match row.get(1)? {
            "none" => Counts::Nothing,
            word => Counts::As(WipeMethod::parse(word).ok()?),
        };
        Some((row.get(0)?.to_owned(), counts))
    };
    reader.records().flatten().filter_map(row).collect()
});

/// What a method counts as, by the name a report gives it.
pub fn counts(name: &str) -> Counts {
    let name = fold(name);
    let mut rows = ROWS.iter();
    rows.find(|(pattern, _)| name.contains(pattern.as_str()))
        .map_or(Counts::Unknown, |(_, counts)| *counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overwriting_is_clear_and_what_the_disk_does_itself_is_purge() {
        use WipeMethod::{Clear, Destroy, Purge};
        for (name, counts) in [
            ("PRNG Stream", Counts::As(Clear)),
            ("DoD 5220.22-M", Counts::As(Clear)),
            ("Gutmann Wipe", Counts::As(Clear)),
            ("Fill With Zeros", Counts::As(Clear)),
            ("HMG IS5 Enhanced", Counts::As(Clear)),
            ("Réécriture 3 passes", Counts::As(Clear)),
            ("Verify Zeros (0x00)", Counts::Nothing),
            ("Secure Erase (ATA/NVMe)", Counts::As(Clear)),
            ("ATA Enhanced Secure Erase", Counts::As(Purge)),
            ("Sanitize Block Erase", Counts::As(Purge)),
            (
                "Effacement cryptographique (NIST 800-88 Purge)",
                Counts::As(Purge),
            ),
            ("Broyage H-4", Counts::As(Destroy)),
            ("Démagnétisation", Counts::Unknown),
            ("", Counts::Unknown),
        ] {
            assert_eq!(super::counts(name), counts, "{name}");
        }
    }
}
