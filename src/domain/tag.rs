//! Tags: the short name stuck on a device, its check character, its fold and its label URL.
//!
//! A random tag is 8 characters of Crockford's base 32 and one check character (Luhn mod 32), stored without
//! dashes and shown `XXX-XXX-XXX`. A tag given by a client is kept as given, in upper case.

use serde::{Deserialize, Deserializer, Serialize, de};

/// Crockford's base 32: no I, L, O (read as 1, 1, 0), no U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Length of a random tag without dashes, check character included.
const LENGTH: usize = 9;

/// A device's tag, as stored and given in JSON.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Tag(String);

impl Tag {
    /// A random tag from 8 random bytes (5 bits of each: 40 in all).
    pub fn random(bytes: [u8; 8]) -> Tag {
        let mut text: String = bytes
            .iter()
            .filter_map(|b| ALPHABET.get(usize::from(b & 31)))
            .map(|b| char::from(*b))
            .collect();
        // Every character comes from the alphabet: there is always a check character.
        text.extend(check(&text));
        Tag(text)
    }

    /// A tag given by a client: `[A-Z0-9-]{3,32}`, upper-cased and otherwise kept as given. The one exception is
    /// a random tag typed as it is shown (`XXX-XXX-XXX` with the right check character, as on a label printed in
    /// advance): it is stored without dashes like every random tag.
    ///
    /// # Errors
    /// A sentence when it is too short or long, holds other characters, or nothing but dashes.
    pub fn parse_given(text: &str) -> Result<Tag, String> {
        let text = text.trim().to_ascii_uppercase();
        let known = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-';
        if !(3..=32).contains(&text.len()) || !text.bytes().all(known) {
            return Err("a tag is 3 to 32 letters A-Z, digits and dashes".into());
        }
        if text.bytes().all(|b| b == b'-') {
            return Err("a tag needs a letter or a digit".into());
        }
        let bare = Tag(text.replace('-', ""));
        if bare.is_random() && bare.shown() == text {
            return Ok(bare);
        }
        Ok(Tag(text))
    }

    /// The random tag that a person typed or a QR code held: any case, with or without dashes, I and L read as 1,
    /// O as 0. None when the check character is wrong or it is no random tag. The public page answers only to these.
    pub fn parse_random(text: &str) -> Option<Tag> {
        let tag = Tag(fold(text));
        tag.is_random().then_some(tag)
    }

    /// A tag read back from the store, where it was checked on the way in.
    pub fn stored(text: impl Into<String>) -> Tag {
        Tag(text.into())
    }

    /// The tag as stored and given in JSON.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The tag as stored, owned.
    pub fn into_string(self) -> String {
        self.0
    }

    /// The tag as people read it: `XXX-XXX-XXX` for a random one, else as given.
    pub fn shown(&self) -> String {
        match (self.0.get(..3), self.0.get(3..6), self.0.get(6..)) {
            (Some(a), Some(b), Some(c)) if self.is_random() => format!("{a}-{b}-{c}"),
            _ => self.0.clone(),
        }
    }

    /// The form used for uniqueness and look-up.
    pub fn folded(&self) -> String {
        fold(&self.0)
    }

    /// Whether it has the form of one of our random tags: 9 characters of the alphabet, the last one right.
    pub fn is_random(&self) -> bool {
        let split = self.0.len().checked_sub(1).filter(|n| n + 1 == LENGTH);
        match split.and_then(|at| self.0.split_at_checked(at)) {
            Some((body, last)) => check(body).is_some_and(|c| last.chars().eq([c])),
            None => false,
        }
    }

    /// What the label's QR code holds: `PUBLIC_URL/T/TAG`. Where the whole URL can be upper case without meaning
    /// something else (scheme and host do not mind; a path does), it is, so that the QR code uses its
    /// alphanumeric mode and stays small.
    pub fn url(&self, public_url: &str) -> String {
        let base = public_url.trim_end_matches('/');
        let at_host = base
            .split_once("://")
            .map_or(0, |(scheme, _)| scheme.len() + 3);
        let path_at = base
            .get(at_host..)
            .and_then(|rest| rest.find('/'))
            .map(|n| n + at_host);
        let path = path_at.and_then(|at| base.get(at..)).unwrap_or_default();
        let upper = base.to_ascii_uppercase();
        if path.bytes().any(|b| b.is_ascii_lowercase()) || !upper.bytes().all(alphanumeric) {
            return format!("{base}/T/{}", self.0);
        }
        format!("{upper}/T/{}", self.0)
    }
}

impl std::fmt::Display for Tag {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Tag {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        Tag::parse_given(&text).map_err(de::Error::custom)
    }
}

/// Folds a tag for uniqueness and look-up: upper case, dashes and white space removed, I and L read as 1, O as 0.
/// Takes any text; two texts with one fold name the same device.
pub fn fold(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '\u{2010}'..='\u{2015}'))
        .map(|c| match c.to_ascii_uppercase() {
            'I' | 'L' => '1',
            'O' => '0',
            c => c,
        })
        .collect()
}

/// The check character of the characters before it: Luhn mod 32 over the alphabet. None when a character is not
/// in the alphabet. It catches every single wrong character and nearly every swap of two neighbours.
pub fn check(body: &str) -> Option<char> {
    let mut sum = 0;
    for (i, b) in body.bytes().rev().enumerate() {
        let value = ALPHABET.iter().position(|a| *a == b)?;
        let weighted = if i % 2 == 0 { value * 2 } else { value };
        sum += weighted / 32 + weighted % 32;
    }
    ALPHABET.get((32 - sum % 32) % 32).map(|b| char::from(*b))
}

/// The tag in a scanned label URL: what follows the last `/T/` or `/t/`, in upper case. None for any other text.
/// The host is not looked at: labels outlive a change of address.
pub fn parse_url(text: &str) -> Option<Tag> {
    let text = text.trim();
    let scheme = text.split_once("://")?.0;
    if !scheme.eq_ignore_ascii_case("https") && !scheme.eq_ignore_ascii_case("http") {
        return None;
    }
    let path = text.split(['?', '#']).next()?.trim_end_matches('/');
    let (before, tag) = path.rsplit_once('/')?;
    let (host, segment) = before.rsplit_once('/')?;
    if !segment.eq_ignore_ascii_case("t") || host.ends_with('/') {
        return None;
    }
    Tag::parse_given(tag).ok()
}

/// Whether the QR alphanumeric mode has this character.
fn alphanumeric(b: u8) -> bool {
    b.is_ascii_uppercase() || b.is_ascii_digit() || b" $%*+-./:".contains(&b)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    /// Made by an independent validator that tries all 32 check characters.
    const VECTORS: [&str; 9] = [
        "000000000",
        "ZZZZZZZZ8",
        "7Q4X2MK9V",
        "0123456W9",
        "A1B2C3D4Y",
        "HJKMNPQR4",
        "STVWXYZ05",
        "11111111M",
        "0000000Z1",
    ];

    #[test]
    fn check_characters_agree_with_the_vectors() {
        for tag in VECTORS {
            assert_eq!(check(&tag[..8]), tag.chars().last(), "{tag}");
            assert!(Tag::stored(tag).is_random());
        }
        assert_eq!(check("ABCU"), None);
    }

    #[test]
    fn every_single_mistake_is_caught() {
        for tag in VECTORS {
            for at in 0..9 {
                for c in ALPHABET {
                    let mut wrong = tag.as_bytes().to_vec();
                    if wrong[at] != *c {
                        wrong[at] = *c;
                        assert!(!Tag::stored(String::from_utf8(wrong).unwrap()).is_random());
                    }
                }
            }
        }
    }

    #[test]
    fn random_tags_are_valid_and_shown_in_threes() {
        let tag = Tag::random([0, 1, 2, 3, 4, 5, 6, 252]);
        assert_eq!(
            (tag.as_str(), tag.shown().as_str()),
            ("0123456W9", "012-345-6W9")
        );
        for n in 0..=255u8 {
            assert!(Tag::random([n, 1, n ^ 7, 3, n / 3, 5, n, 200]).is_random());
        }
    }

    #[test]
    fn given_tags_are_kept() {
        let kept = |t: &str| Tag::parse_given(t).unwrap().into_string();
        assert_eq!(kept("inv-0042"), "INV-0042");
        assert_eq!(kept("INV-00OIL"), "INV-00OIL");
        assert_eq!(kept("7q4-x2m-k9v"), "7Q4X2MK9V");
        assert_eq!(kept("7q4-x2m-k9w"), "7Q4-X2M-K9W");
        assert_eq!(kept("7q-4x2mk9v"), "7Q-4X2MK9V");
        for wrong in [
            "",
            "AB",
            "---",
            "A B C",
            "É12",
            "A_1",
            "<B>",
            &"A".repeat(33),
        ] {
            assert!(Tag::parse_given(wrong).is_err(), "{wrong}");
        }
        assert!(!Tag::parse_given("INV-0042").unwrap().is_random());
        assert!(serde_json::from_str::<Tag>("\"a\\u0000bc\"").is_err());
    }

    #[test]
    fn folds_are_read_alike() {
        assert_eq!(fold(" o1l-i\u{a0}b "), "0111B");
        assert_eq!(fold("ÉÀ\u{0}"), "ÉÀ\u{0}");
        assert_eq!(
            Tag::parse_random("7Q4-x2m–k9v").unwrap().as_str(),
            "7Q4X2MK9V"
        );
        assert_eq!(
            Tag::parse_random("llll-llll-m").unwrap().as_str(),
            "11111111M"
        );
        assert!(Tag::parse_random("7Q4X2MK9W").is_none());
        for text in ["", "É23456789", "1234567é", "日本語"] {
            assert!(Tag::parse_random(text).is_none());
            assert_eq!(Tag::stored(text).shown(), text);
        }
    }

    #[test]
    fn urls_are_upper_case_where_they_may_be() {
        let tag = Tag::stored("7Q4X2MK9V");
        assert_eq!(
            tag.url("https://parc.example.fr"),
            "HTTPS://PARC.EXAMPLE.FR/T/7Q4X2MK9V"
        );
        assert_eq!(
            tag.url("http://parc.fr:8080/"),
            "HTTP://PARC.FR:8080/T/7Q4X2MK9V"
        );
        assert_eq!(
            tag.url("https://a.fr/parc/"),
            "https://a.fr/parc/T/7Q4X2MK9V"
        );
        assert_eq!(tag.url("https://a.fr/42"), "HTTPS://A.FR/42/T/7Q4X2MK9V");
        assert_eq!(tag.url("http://[::1]:80"), "http://[::1]:80/T/7Q4X2MK9V");
        assert_eq!(
            tag.url("https://château.fr"),
            "https://château.fr/T/7Q4X2MK9V"
        );
        for base in [
            "https://parc.example.fr",
            "https://a.fr/parc/",
            "http://[::1]:80",
        ] {
            assert_eq!(parse_url(&tag.url(base)), Some(tag.clone()));
        }
    }

    #[test]
    fn scanned_urls_give_their_tag() {
        let read = |t: &str| parse_url(t).map(Tag::into_string);
        assert_eq!(
            read(" https://a.fr/t/7q4-x2m-k9v/?x=1#y ").unwrap(),
            "7Q4X2MK9V"
        );
        assert_eq!(read("HTTPS://A.FR/T/INV-42").unwrap(), "INV-42");
        for none in [
            "7Q4X2MK9V",
            "https://a.fr/hardware/12",
            "https://a.fr/t/",
            "https://t/ABC",
            "ftp://a.fr/t/ABC",
            "https://a.fr/t/a%20b",
            "",
        ] {
            assert_eq!(read(none), None, "{none}");
        }
    }
}
