//! Arithmetic of the figures: whole numbers in, an exact quotient to two decimals out, half to even.

use serde::{Serialize, Serializer};

/// A value in hundredths of its unit; written as a JSON number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hundredths(pub i64);

impl Hundredths {
    /// A whole number.
    pub fn whole(n: i64) -> Hundredths {
        Hundredths(n.saturating_mul(100))
    }
    /// `numerator / denominator` to two decimals, half to even. None when the denominator is not positive.
    pub fn quotient(numerator: i128, denominator: i128) -> Option<Hundredths> {
        if denominator <= 0 {
            return None;
        }
        let scaled = numerator.checked_mul(100)?;
        let (q, r) = (
            scaled.div_euclid(denominator),
            scaled.rem_euclid(denominator),
        );
        let up = match (r * 2).cmp(&denominator) {
            std::cmp::Ordering::Greater => true,
            std::cmp::Ordering::Equal => q % 2 != 0,
            std::cmp::Ordering::Less => false,
        };
        i64::try_from(q + i128::from(up)).ok().map(Hundredths)
    }
    /// `100 · part / whole`.
    pub fn percent(part: i64, whole: i64) -> Option<Hundredths> {
        Hundredths::quotient(i128::from(part) * 100, i128::from(whole))
    }
    /// Mean of `days` over `n`, in years of 365.25 days.
    pub fn mean_years(days: i64, n: i64) -> Option<Hundredths> {
        Hundredths::quotient(i128::from(days) * 100, i128::from(n) * 36_525)
    }
    /// Mean of `sum` over `n`.
    pub fn mean(sum: i64, n: i64) -> Option<Hundredths> {
        Hundredths::quotient(i128::from(sum), i128::from(n))
    }
}

impl Serialize for Hundredths {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        if self.0 % 100 == 0 {
            s.serialize_i64(self.0 / 100)
        } else {
            // The nearest double of a quotient by 100 is written back with the same two decimals.
            #[expect(
                clippy::cast_precision_loss,
                reason = "exact below 2^53 hundredths; figures stay far under"
            )]
            s.serialize_f64(self.0 as f64 / 100.0)
        }
    }
}

/// Median of the numbers as an exact fraction (sum of the middle one or two, how many), and sorts them.
pub fn median(numbers: &mut [i64]) -> Option<(i64, i64)> {
    numbers.sort_unstable();
    let half = numbers.len() / 2;
    match numbers {
        [] => None,
        n if n.len() % 2 == 1 => n.get(half).map(|m| (*m, 1)),
        n => Some((*n.get(half.checked_sub(1)?)? + *n.get(half)?, 2)),
    }
}
