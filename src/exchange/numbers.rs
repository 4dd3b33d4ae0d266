//! Numbers, amounts and booleans as inventories write them.

use crate::domain::text::fold;

/// An amount in cents: `1 234,56`, `1,234.56`, `47.40 €`, `$12.58`, with NBSP or narrow NBSP as thousands mark.
/// `comma` says that the file writes decimals with a comma, which settles `1.234`; a single mark before
/// exactly three digits separates thousands unless the file writes decimals with it.
/// None when the text is no amount. More than two decimals are rounded half up.
pub fn cents(text: &str, comma: bool) -> Option<i64> {
    let (negative, whole, decimals) = decimal(text, comma)?;
    let mut cents: i64 = whole.parse::<i64>().ok()?.checked_mul(100)?;
    let mut digits = decimals.bytes().map(|b| i64::from(b.wrapping_sub(b'0')));
    let (tens, units, next) = (
        digits.next().unwrap_or(0),
        digits.next().unwrap_or(0),
        digits.next().unwrap_or(0),
    );
    cents = cents.checked_add(tens * 10 + units + i64::from(next >= 5))?;
    Some(if negative { -cents } else { cents })
}

/// A whole number from 0: `3`, `3.0`, `52 267`.
pub fn whole(text: &str, comma: bool) -> Option<i64> {
    let (negative, whole, decimals) = decimal(text, comma)?;
    if negative || decimals.bytes().any(|b| b != b'0') {
        return None;
    }
    whole.parse().ok()
}

/// Grams from `1.65 kg`, `500 g`, or a bare number taken as `kilograms` says.
pub fn grams(text: &str, kilograms: bool, comma: bool) -> Option<i64> {
    let folded = fold(text.trim());
    let (number, kilo) = match (folded.strip_suffix("kg"), folded.strip_suffix('g')) {
        (Some(number), _) => (number, true),
        (None, Some(number)) => (number, false),
        (None, None) => (folded.as_str(), kilograms),
    };
    let (negative, whole, decimals) = decimal(number, comma)?;
    if negative {
        return None;
    }
    if !kilo {
        return whole.parse().ok();
    }
    let milli: String = decimals.chars().chain("000".chars()).take(3).collect();
    whole
        .parse::<i64>()
        .ok()?
        .checked_mul(1000)?
        .checked_add(milli.parse().ok()?)
}

/// Yes or no in English, French and Spanish, `1` and `0`.
pub fn boolean(text: &str) -> Option<bool> {
    match fold(text.trim()).as_str() {
        "1" | "true" | "yes" | "y" | "oui" | "o" | "vrai" | "si" | "x" => Some(true),
        "0" | "false" | "no" | "n" | "non" | "faux" => Some(false),
        _ => None,
    }
}

/// `6.37702E+15`: what a spreadsheet makes of a long number. Its digits are lost, so it identifies nothing.
pub fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.trim().split_once(['E', 'e']) else {
        return false;
    };
    let Some(exponent) = exponent.strip_prefix('+') else {
        return false;
    };
    let mut parts = mantissa.split(['.', ',']);
    let digits = |p: &str| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit());
    digits(exponent)
        && exponent.len() <= 3
        && parts.next().is_some_and(|p| p.len() == 1 && digits(p))
        && parts.next().is_none_or(digits)
        && parts.next().is_none()
}

/// The error texts of Excel and LibreOffice, English and French, and the hashes of a column too narrow.
pub fn is_excel_error(text: &str) -> bool {
    const ERRORS: [&str; 14] = [
        "#N/A", "#N/D", "#REF!", "#NAME?", "#NOM?", "#VALUE!", "#VALEUR!", "#DIV/0!", "#NULL!",
        "#NUL!", "#NUM!", "#NOMBRE!", "#SPILL!", "#CALC!",
    ];
    let text = text.trim();
    ERRORS.iter().any(|e| text.eq_ignore_ascii_case(e))
        || (text.len() >= 4 && text.bytes().all(|b| b == b'#'))
}

/// Sign, digits before and after the decimal mark.
fn decimal(text: &str, comma: bool) -> Option<(bool, String, String)> {
    let mut bare: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '€' | '$' | '£' | '\'' | '\u{2019}'))
        .collect();
    for unit in ["EUR", "USD", "GBP", "HT"] {
        if let Some(rest) = bare.strip_suffix(unit).or_else(|| bare.strip_prefix(unit)) {
            bare = rest.to_owned();
        }
    }
    let negative = bare.starts_with('-');
    let bare = bare.trim_start_matches(['-', '+']);
    if bare.is_empty()
        || bare.len() > 24
        || !bare
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b','))
    {
        return None;
    }
    let mark = decimal_mark(bare, comma)?;
    let (whole, decimals) = match mark {
        Some(mark) => bare.rsplit_once(mark)?,
        None => (bare, ""),
    };
    let whole: String = whole.chars().filter(char::is_ascii_digit).collect();
    if !decimals.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let whole = if whole.is_empty() {
        "0".to_owned()
    } else {
        whole
    };
    Some((negative, whole, decimals.to_owned()))
}

/// Which mark is the decimal one, if any; outer None when the number is ill-formed.
#[allow(clippy::option_option)]
fn decimal_mark(bare: &str, comma: bool) -> Option<Option<char>> {
    let count = |mark| bare.matches(mark).count();
    let (points, commas) = (count('.'), count(','));
    match (points, commas) {
        (0, 0) => Some(None),
        // Both: the last one is the decimal mark, the other may repeat.
        (p, c) if p > 0 && c > 0 => {
            let last = if bare.rfind('.') > bare.rfind(',') {
                '.'
            } else {
                ','
            };
            (count(last) == 1).then_some(Some(last))
        }
        (p, c) if p > 1 || c > 1 => thousands(bare).then_some(None),
        (1, _) if comma && thousands(bare) => Some(None),
        (1, _) => Some(Some('.')),
        _ if !comma && thousands(bare) => Some(None),
        _ => Some(Some(',')),
    }
}

/// `1,234` or `1.234.567`: groups of three after one to three digits that are not a lone zero.
fn thousands(bare: &str) -> bool {
    let mut groups = bare.split(['.', ',']);
    groups
        .next()
        .is_some_and(|g| (1..=3).contains(&g.len()) && g != "0")
        && groups.all(|g| g.len() == 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_become_cents() {
        for (text, comma, expected) in [
            ("1 234,56", true, 123_456),
            ("1\u{a0}234,56 €", true, 123_456),
            ("1\u{202f}234,5", true, 123_450),
            ("1,234.56", false, 123_456),
            ("1.234,56", false, 123_456),
            ("47.40 €", true, 4_740),
            ("$12.58", false, 1_258),
            ("133289.59", false, 13_328_959),
            ("2500", false, 250_000),
            ("1,234", false, 123_400),
            ("1.234", true, 123_400),
            ("1,5", false, 150),
            ("0,125", false, 13),
            ("-3.10", false, -310),
            ("EUR 10", false, 1_000),
        ] {
            assert_eq!(cents(text, comma), Some(expected), "{text}");
        }
        for text in [
            "",
            "free",
            "1.2.3",
            "1,2,3.4.5",
            "12 months",
            "1e9",
            "99999999999999999999",
        ] {
            assert_eq!(cents(text, false), None, "{text}");
        }
    }

    #[test]
    fn whole_numbers_weights_and_words() {
        assert_eq!(whole("52 267", true), Some(52_267));
        assert_eq!(whole("3.0", false), Some(3));
        assert_eq!(whole("1.5", false), None);
        assert_eq!(whole("-1", false), None);
        assert_eq!(grams("1.65", true, false), Some(1650));
        assert_eq!(grams("1,65 kg", false, true), Some(1650));
        assert_eq!(grams("500 g", true, false), Some(500));
        assert_eq!(boolean("Oui"), Some(true));
        assert_eq!(boolean("perhaps"), None);
        assert!(is_scientific("6.37702E+15") && is_scientific("5.02043359569189E+018"));
        assert!(!is_scientific("1E5") && !is_scientific("12.3E+4") && !is_scientific("5E+A"));
        assert!(is_excel_error("#N/D") && is_excel_error("########") && !is_excel_error("#12"));
    }
}
