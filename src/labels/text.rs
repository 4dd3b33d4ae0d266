//! Texts on labels: the characters that printers have, and how wide they are.

/// The text in characters of Windows-1252 that every renderer has: accents outside it are taken off, typographic
/// spaces and dashes made plain, the rest becomes `?`. Control characters vanish.
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            ' '..='~' | '\u{a1}'..='\u{ac}' | '\u{ae}'..='\u{ff}' => out.push(c),
            '€' | '…' | '–' | '‘' | '’' | '“' | '”' | '•' | 'Œ' | 'œ' | 'Š' | 'š' | 'Ž' | 'ž'
            | 'Ÿ' => out.push(c),
            '\u{300}'..='\u{36f}' => accent(&mut out, c),
            _ => match replaced(c) {
                Some(text) => out.push_str(text),
                None => out.push('?'),
            },
        }
    }
    out
}

/// The byte of a character of [`plain`] in Windows-1252; `?` for any other.
pub fn win_ansi(c: char) -> u8 {
    match c {
        '€' => 0x80,
        '…' => 0x85,
        'Š' => 0x8a,
        'Œ' => 0x8c,
        'Ž' => 0x8e,
        '‘' => 0x91,
        '’' => 0x92,
        '“' => 0x93,
        '”' => 0x94,
        '•' => 0x95,
        '–' => 0x96,
        'š' => 0x9a,
        'œ' => 0x9c,
        'ž' => 0x9e,
        'Ÿ' => 0x9f,
        ' '..='~' | '\u{a1}'..='\u{ff}' => u8::try_from(u32::from(c)).unwrap_or(b'?'),
        _ => b'?',
    }
}

/// Puts a combining accent on the last character where Windows-1252 has the pair, else drops it.
fn accent(out: &mut String, mark: char) {
    let from = "aeiouyAEIOUYnNcC";
    let to = match mark {
        '\u{300}' => "àèìòùyÀÈÌÒÙYnNcC",
        '\u{301}' => "áéíóúýÁÉÍÓÚÝnNcC",
        '\u{302}' => "âêîôûyÂÊÎÔÛYnNcC",
        '\u{303}' => "ãeiõuyÃEIÕUYñÑcC",
        '\u{308}' => "äëïöüÿÄËÏÖÜŸnNcC",
        '\u{327}' => "aeiouyAEIOUYnNçÇ",
        _ => return,
    };
    let Some(last) = out.pop() else { return };
    let pair = from.chars().zip(to.chars()).find(|(base, _)| *base == last);
    out.push(pair.map_or(last, |(_, accented)| accented));
}

/// What stands for a character that Windows-1252 (or our fonts) does not have.
fn replaced(c: char) -> Option<&'static str> {
    Some(match c {
        '\t'
        | '\n'
        | '\r'
        | '\u{a0}'
        | '\u{2000}'..='\u{200a}'
        | '\u{202f}'
        | '\u{205f}'
        | '\u{3000}' => " ",
        '\u{ad}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}' => "",
        '\u{2010}' | '\u{2011}' | '\u{2012}' | '\u{2212}' => "-",
        '\u{2014}' | '\u{2015}' => "–",
        '‚' => ",",
        '„' | '″' => "\"",
        '′' => "'",
        '™' => "TM",
        '№' => "N°",
        'ﬁ' => "fi",
        'ﬂ' => "fl",
        'Ā' | 'Ă' | 'Ą' => "A",
        'ā' | 'ă' | 'ą' => "a",
        'Ć' | 'Ĉ' | 'Ċ' | 'Č' => "C",
        'ć' | 'ĉ' | 'ċ' | 'č' => "c",
        'Ď' | 'Đ' => "D",
        'ď' | 'đ' => "d",
        'Ē' | 'Ĕ' | 'Ė' | 'Ę' | 'Ě' => "E",
        'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => "e",
        'Ĝ' | 'Ğ' | 'Ġ' | 'Ģ' => "G",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
        'Ĥ' | 'Ħ' => "H",
        'ĥ' | 'ħ' => "h",
        'Ĩ' | 'Ī' | 'Ĭ' | 'Į' | 'İ' => "I",
        'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => "i",
        'Ķ' => "K",
        'ķ' => "k",
        'Ĺ' | 'Ļ' | 'Ľ' | 'Ł' => "L",
        'ĺ' | 'ļ' | 'ľ' | 'ł' => "l",
        'Ń' | 'Ņ' | 'Ň' => "N",
        'ń' | 'ņ' | 'ň' => "n",
        'Ō' | 'Ŏ' | 'Ő' => "O",
        'ō' | 'ŏ' | 'ő' => "o",
        'Ŕ' | 'Ŗ' | 'Ř' => "R",
        'ŕ' | 'ŗ' | 'ř' => "r",
        'Ś' | 'Ŝ' | 'Ş' | 'Ș' => "S",
        'ś' | 'ŝ' | 'ş' | 'ș' => "s",
        'Ţ' | 'Ť' | 'Ț' => "T",
        'ţ' | 'ť' | 'ț' => "t",
        'Ũ' | 'Ū' | 'Ŭ' | 'Ů' | 'Ű' | 'Ų' => "U",
        'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => "u",
        'Ŵ' => "W",
        'ŵ' => "w",
        'Ŷ' => "Y",
        'ŷ' => "y",
        'Ź' | 'Ż' => "Z",
        'ź' | 'ż' => "z",
        c if c.is_control() => "",
        _ => return None,
    })
}

/// Advance widths of Helvetica, U+0020 to U+007E, in thousandths of the font size (Adobe font metrics).
const HELVETICA: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667,
    611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
    667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500,
    222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];

/// Width of a text in Helvetica (bold when so), as a multiple of the font size. Characters outside ASCII are taken
/// a little too wide rather than too narrow.
pub fn width(text: &str, bold: bool) -> f64 {
    text.chars().map(|c| advance(c, bold)).sum()
}

/// Width of one character, as a multiple of the font size.
fn advance(c: char, bold: bool) -> f64 {
    let index = usize::try_from(u32::from(c))
        .unwrap_or_default()
        .wrapping_sub(32);
    let thousandths = match HELVETICA.get(index) {
        Some(width) => *width,
        None => match c {
            'Æ' | 'Œ' | '…' | '™' => 1000,
            'æ' | 'œ' | '@' => 944,
            'À'..='Þ' | 'Š' | 'Ž' | 'Ÿ' => 778,
            '\u{80}'..='\u{2fff}' => 611,
            _ => 1000,
        },
    };
    // Bold letters are wider by at most 56 thousandths.
    f64::from(thousandths + if bold { 45 } else { 0 }) / 1000.0
}

/// Breaks a text into at most `lines` lines of at most `max` times the font size, at spaces where there are; what
/// does not fit ends with an ellipsis.
pub fn wrap(text: &str, max: f64, lines: usize) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let longer = if line.is_empty() {
            word.to_owned()
        } else {
            format!("{line} {word}")
        };
        if width(&longer, false) <= max || line.is_empty() || out.len() + 1 == lines {
            line = longer;
        } else {
            out.push(std::mem::replace(&mut line, word.to_owned()));
        }
    }
    if !line.is_empty() {
        out.push(line);
    }
    out.truncate(lines);
    out.into_iter().map(|line| cut(line, max)).collect()
}

/// The text, cut with an ellipsis when it is wider than `max`.
fn cut(text: String, max: f64) -> String {
    if width(&text, false) <= max {
        return text;
    }
    let mut left = max - advance('…', false);
    let kept = text.chars().take_while(|c| {
        left -= advance(*c, false);
        left >= 0.0
    });
    let mut kept = kept.collect::<String>().trim_end().to_owned();
    kept.push('…');
    kept
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[test]
    fn nothing_becomes_mojibake() {
        assert_eq!(plain("Mairie d’Évry – Œuvre €"), "Mairie d’Évry – Œuvre €");
        assert_eq!(
            plain("e\u{301}cole a\u{300} c\u{327}a n\u{303}"),
            "école à ça ñ"
        );
        assert_eq!(plain("Łódź\u{202f}— Iași\u{2011}Nord"), "Lódz – Iasi-Nord");
        assert_eq!(plain("日本 \u{1f600}\0\u{7f}\u{202e}x"), "?? ?x");
        for c in plain("Ÿž“”•…‘").chars() {
            assert_ne!(win_ansi(c), b'?');
        }
        assert_eq!(win_ansi('é'), 0xe9);
        assert_eq!(plain("\u{301}"), "");
    }

    #[test]
    fn texts_are_wrapped_and_cut_to_the_width() {
        let lines = wrap("Communauté d’agglomération du Val-de-Lierne", 12.0, 2);
        assert_eq!(lines.len(), 2);
        assert!(lines.iter().all(|l| width(l, false) <= 12.0), "{lines:?}");
        assert!(wrap(&"W".repeat(500), 5.0, 3)[0].ends_with('…'));
        assert!(wrap("", 5.0, 2).is_empty());
        assert!(wrap("abc", 5.0, 0).is_empty());
        assert_eq!(wrap("abc", 0.1, 1), ["…"]);
    }
}
