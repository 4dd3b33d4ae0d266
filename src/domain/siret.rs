//! SIRET: the fourteen digits by which a French establishment is known.

use serde::{Deserialize, Deserializer, Serialize, de};

/// SIREN of La Poste, whose establishments have their own check (INSEE).
const LA_POSTE: &str = "356000000";

/// A SIRET whose check digit holds, kept as fourteen digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Siret(String);

impl Siret {
    /// Reads fourteen digits; spaces between them are allowed and dropped.
    ///
    /// # Errors
    /// A sentence that says whether the length or the check digit is wrong.
    pub fn parse(text: &str) -> Result<Siret, String> {
        let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        if digits.len() != 14 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err("a SIRET has 14 digits".into());
        }
        // La Poste has more establishments than Luhn leaves room for: there, the sum of the digits is a multiple of 5.
        let post = digits.starts_with(LA_POSTE) && sum(&digits).is_multiple_of(5);
        if !luhn(&digits) && !post {
            return Err("the check digit of this SIRET is wrong: look for a digit mistyped or two exchanged".into());
        }
        Ok(Siret(digits))
    }
    /// The fourteen digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn sum(digits: &str) -> u32 {
    digits.bytes().map(|b| u32::from(b - b'0')).sum()
}

/// Luhn: from the right, every second digit doubled (its digits added), the whole a multiple of ten.
fn luhn(digits: &str) -> bool {
    let total: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(i, b)| {
            let d = u32::from(b - b'0') * if i % 2 == 1 { 2 } else { 1 };
            if d > 9 { d - 9 } else { d }
        })
        .sum();
    total.is_multiple_of(10)
}

impl<'de> Deserialize<'de> for Siret {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Siret::parse(&String::deserialize(d)?).map_err(de::Error::custom)
    }
}
