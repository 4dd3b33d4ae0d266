//! Labels of other programs: what of their text may be a code that we know.
//!
//! Facts on their forms: Snipe-IT prints `…/hardware/ID` or `…/ht/TAG`; GLPI's barcode plugin prints lines
//! `Name = value`, its address is `…/front/computer.form.php?id=ID`; Shelf prints `…/qr/CODE` or `https://eam.sh/CODE`.

/// Names before a value on a label that prints several lines, folded.
const NAMED: &[&str] = &[
    "serial number",
    "serial",
    "s/n",
    "sn",
    "numero de serie",
    "inventory number",
    "asset tag",
    "numero d'inventaire",
    "uuid",
    "imei",
    "mac",
    "mac address",
];
/// Parameters of an address that hold a code.
const ASKED: &[&str] = &["assettag", "asset_tag", "tag", "serial", "code"];
/// Last but one part of an address whose last part is a code, not a number of a table.
const BEFORE: &[&str] = &["ht", "bytag", "qr", "tag", "barcode"];
/// Hosts that print nothing but a code after their name.
const SHORT: &[&str] = &["eam.sh"];
/// Most lines read of a label.
const LINES: usize = 30;

/// What a label's text may hold, the most certain first, the text itself before all. An address also gives its path
/// with its question (`/hardware/12`), as other programs number their things by it: a bare number never is a code.
pub fn codes(text: &str) -> Vec<String> {
    let text = text.trim();
    let mut out = vec![text.to_owned()];
    let mut add = |code: &str| {
        let code = code.trim();
        if !code.is_empty() && !out.iter().any(|known| known == code) {
            out.push(code.to_owned());
        }
    };
    for line in text.lines().take(LINES) {
        if let Some(value) = named(line) {
            add(value);
        }
        let address = line.split_whitespace().find(|word| word.contains("://"));
        if let Some(address) = address {
            add(address);
            for code in of_address(address) {
                add(&code);
            }
        }
    }
    out
}

/// The value of `Name = value` or `Name: value`, for the names that stand before a code.
fn named(line: &str) -> Option<&str> {
    let (name, value) = line.split_once('=').or_else(|| line.split_once(':'))?;
    let name = crate::domain::text::fold(name.trim());
    NAMED.contains(&name.as_str()).then_some(value)
}

fn of_address(address: &str) -> Vec<String> {
    let Some((_, rest)) = address.split_once("://") else {
        return Vec::new();
    };
    let rest = rest.split('#').next().unwrap_or_default();
    let (place, asked) = rest.split_once('?').unwrap_or((rest, ""));
    let mut parts = place.split('/').filter(|part| !part.is_empty());
    let host = parts.next().unwrap_or_default().to_ascii_lowercase();
    let parts: Vec<&str> = parts.collect();
    let mut out = Vec::new();
    for (name, value) in form_urlencoded::parse(asked.as_bytes()) {
        if ASKED.contains(&name.to_ascii_lowercase().as_str()) {
            out.push(value.into_owned());
        }
    }
    match parts.as_slice() {
        [code] if SHORT.contains(&host.as_str()) => out.push(decoded(code)),
        [.., before, code] if BEFORE.contains(&before.to_ascii_lowercase().as_str()) => {
            out.push(decoded(code));
        }
        _ => {}
    }
    // The end of the path tells the thing, whatever directory and host the program stood under.
    let end: Vec<&str> = parts.iter().rev().take(2).rev().copied().collect();
    if !end.is_empty() {
        let question = if asked.is_empty() {
            String::new()
        } else {
            format!("?{asked}")
        };
        out.push(format!("/{}{question}", end.join("/")));
    }
    out
}

/// A part of a path with its `%41`s read.
fn decoded(part: &str) -> String {
    percent_encoding::percent_decode_str(part)
        .decode_utf8_lossy()
        .into_owned()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_other_programs() {
        assert_eq!(codes(" 5CG1234XYZ "), ["5CG1234XYZ"]);
        let snipe = codes("https://inv.example.org/assets/hardware/12");
        assert_eq!(snipe[1..], ["/hardware/12"]);
        assert!(codes("https://inv.example.org/ht/IT-0042").contains(&"IT-0042".to_owned()));
        assert!(
            codes("https://inv.example.org/hardware/bytag?assetTag=IT%2042")
                .contains(&"IT 42".to_owned())
        );
        let glpi = codes("https://glpi.example.org/front/computer.form.php?id=7");
        assert_eq!(glpi[1..], ["/front/computer.form.php?id=7"]);
        assert!(codes("https://eam.sh/cku9x").contains(&"cku9x".to_owned()));
        assert!(codes("https://app.shelf.nu/qr/cku9x").contains(&"cku9x".to_owned()));
        let lines = codes("Serial number = PF1ABCDE\nName = PC-12\nInventory number = 2021-7");
        assert_eq!(lines[1..], ["PF1ABCDE", "2021-7"]);
    }

    #[test]
    fn no_bare_number_is_taken_for_a_code() {
        assert!(!codes("https://inv.example.org/hardware/12").contains(&"12".to_owned()));
        assert!(
            !codes("https://glpi.example.org/front/computer.form.php?id=7")
                .contains(&"7".to_owned())
        );
    }
}
