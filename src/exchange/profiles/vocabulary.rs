//! The words of headers and statuses, as data in `src/data/import_*.csv`. Words of categories are the catalogue's.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::domain::text::fold;
use crate::domain::words::{ExitKind, Presence, Stage};

macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident = $text:literal),* $(,)?) => {
        /// What a column says of a device.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Field { $($(#[$doc])* $name),* }
        impl Field {
            /// The name used in the vocabulary and in saved mappings.
            pub const fn as_str(self) -> &'static str { match self { $(Field::$name => $text),* } }
            /// Reads a name.
            pub fn parse(text: &str) -> Option<Field> { match text { $($text => Some(Field::$name),)* _ => None } }
            /// Every name, for refusals.
            pub const NAMES: &'static [&'static str] = &[$($text),*];
        }
    };
}

fields! {
    /// Our own tag.
    Tag = "tag",
    /// Serial number.
    Serial = "serial",
    /// Inventory number in another tool.
    AssetTag = "asset_tag",
    /// SMBIOS UUID.
    Uuid = "uuid",
    /// IMEI.
    Imei = "imei",
    /// Hardware address.
    Mac = "mac",
    /// Agent's id of the machine.
    Agent = "agent",
    /// Name.
    Name = "name",
    /// Name on the network: names one machine.
    Hostname = "hostname",
    /// Category; several columns may say it, the first understood counts.
    Category = "category",
    /// Manufacturer.
    Manufacturer = "manufacturer",
    /// Model name.
    Model = "model",
    /// Maker's reference of the model.
    ModelNumber = "model_number",
    /// Status in another tool's words.
    Status = "status",
    /// Site, or a path `A > B > C`.
    Site = "site",
    /// Snipe-IT: to what it is checked out.
    CheckoutType = "checkout_type",
    /// Snipe-IT: the place it is checked out to.
    CheckoutLocation = "checkout_location",
    /// Login or staff number of the holder.
    HolderId = "holder_id",
    /// Name of the holder.
    HolderName = "holder_name",
    /// First name of the holder.
    HolderFirst = "holder_first",
    /// Last name of the holder.
    HolderLast = "holder_last",
    /// Mail address of the holder; finds the person, is not kept.
    HolderEmail = "holder_email",
    /// Service.
    Service = "service",
    /// Day of purchase.
    AcquiredOn = "acquired_on",
    /// Price without tax, in units.
    Price = "price",
    /// Currency.
    Currency = "currency",
    /// Length of the warranty in months.
    WarrantyMonths = "warranty_months",
    /// Last day of the warranty.
    WarrantyUntil = "warranty_until",
    /// Mass in kilograms.
    WeightKg = "weight_kg",
    /// Mass in grams.
    WeightG = "weight_g",
    /// Day of manufacture.
    ManufacturedOn = "manufactured_on",
    /// Day first used.
    FirstUseOn = "first_use_on",
    /// Day of the réforme.
    RetiredOn = "retired_on",
    /// How many devices the row stands for.
    Quantity = "quantity",
    /// When the row was taken, for files that hold a machine several times.
    Timestamp = "timestamp",
    /// Free text about the device; may name people.
    Note = "note",
    /// Shelf: whether the row is one thing or a stock.
    Tracking = "tracking",
    /// Read by nobody: personal or secret.
    Drop = "drop",
    /// Our export: codes, joined.
    Codes = "codes",
    /// Our export: stage.
    Stage = "stage",
    /// Our export: data.
    Data = "data",
    /// Our export: presence.
    Presence = "presence",
    /// Our export: organisation key.
    Organisation = "organisation",
    /// Our export: person key.
    Holder = "holder",
    /// How it came.
    Acquisition = "acquisition",
    /// Condition at acquisition.
    Condition = "condition",
    /// By what right it is held.
    Tenure = "tenure",
    /// Day first sold.
    FirstSoldOn = "first_sold_on",
    /// Day it left.
    GoneOn = "gone_on",
    /// How it left.
    ExitKind = "exit_kind",
    /// Price in cents.
    PriceCents = "purchase_price_cents",
    /// WEEE category of the device itself.
    WeeeCategory = "weee_category",
    /// Bears data.
    BearsData = "bears_data",
    /// Security exclusion, as JSON.
    SecurityExclusion = "security_exclusion",
    /// Tag of the device it is part of.
    PartOf = "part_of",
    /// Column that is not read.
    Ignore = "ignore",
}

static HEADERS: LazyLock<HashMap<String, (Field, usize)>> = LazyLock::new(|| {
    let mut words = HashMap::new();
    let mut reader =
        csv::Reader::from_reader(include_str!("../../data/import_headers.csv").as_bytes());
    for (place, row) in reader.records().flatten().enumerate() {
        if let (Some(field), Some(header)) = (row.get(0).and_then(Field::parse), row.get(1)) {
            words.entry(header_form(header)).or_insert((field, place));
        }
    }
    words
});

/// What a status word means for a device that is opened by an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    /// Stage it opens with.
    pub stage: Stage,
    /// Presence, when it says one.
    pub presence: Option<Presence>,
    /// How it left, when it says so.
    pub exit_kind: Option<ExitKind>,
    /// A holder in the same row makes it in use.
    pub holder_means_in_use: bool,
}

static STATUSES: LazyLock<HashMap<String, Status>> = LazyLock::new(|| {
    let mut words = HashMap::new();
    let mut reader =
        csv::Reader::from_reader(include_str!("../../data/import_statuses.csv").as_bytes());
    for row in reader.records().flatten() {
        let cell = |i| row.get(i).unwrap_or_default();
        if let Ok(stage) = Stage::parse(cell(1)) {
            words.insert(
                header_form(cell(0)),
                Status {
                    stage,
                    presence: Presence::parse(cell(2)).ok(),
                    exit_kind: ExitKind::parse(cell(3)).ok(),
                    holder_means_in_use: cell(4) == "yes",
                },
            );
        }
    }
    words
});

/// The field a header means, and its rank among the headers that mean the same (0 is best).
pub fn field_of(header: &str) -> Option<(Field, usize)> {
    // “Tag” is on the thing, “tags” are keywords.
    if matches!(fold(header.trim()).as_str(), "tags" | "etiquettes") {
        return None;
    }
    HEADERS.get(&header_form(header)).copied()
}

/// What a status word means.
pub fn status_of(word: &str) -> Option<Status> {
    let last = word.rsplit('>').next().unwrap_or(word);
    STATUSES.get(&header_form(last)).copied()
}

/// The form in which headers and words are compared: `PurchaseDate`, `purchase_date` and `Purchase Dates`
/// are one. Lower case, accents off, words apart, plural s off, Shelf's `cf:…,type:…` off.
pub fn header_form(header: &str) -> String {
    let mut text = header.trim_start_matches('\u{feff}').trim();
    if let Some(custom) = text.strip_prefix("cf:") {
        text = custom
            .split(",type:")
            .next()
            .unwrap_or(custom)
            .trim_end_matches(", ")
            .split(", type:")
            .next()
            .unwrap_or(custom);
    }
    let folded = fold(&spaced(text).replace(['°', 'º', '№'], " no "));
    let words: Vec<&str> = folded
        .split(|c: char| !c.is_alphanumeric() && c != '#')
        .filter(|w| !w.is_empty())
        .map(|w| {
            if w.len() > 3 {
                w.strip_suffix('s').unwrap_or(w)
            } else {
                w
            }
        })
        .collect();
    words.join(" ")
}

/// Spaces between the words of `PurchaseDate` and `MACAddress`.
pub fn spaced(text: &str) -> String {
    let mut spaced = String::with_capacity(text.len() + 8);
    let chars: Vec<char> = text.chars().collect();
    for (i, c) in chars.iter().enumerate() {
        let before = i.checked_sub(1).and_then(|j| chars.get(j));
        let after = chars.get(i + 1);
        let humped = before.is_some_and(|b| b.is_lowercase()) && c.is_uppercase();
        let acronym_ends = before.is_some_and(|b| b.is_uppercase())
            && c.is_uppercase()
            && after.is_some_and(|a| a.is_lowercase())
            && chars.len() > i + 2
            && i > 1;
        if humped || acronym_ends {
            spaced.push(' ');
        }
        spaced.push(*c);
    }
    spaced
}

#[cfg(test)]
#[allow(clippy::expect_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_many_tools_mean_the_same() {
        for (header, field) in [
            ("\u{feff}Nom", Field::Name),
            ("Numéro de série", Field::Serial),
            ("N° de série", Field::Serial),
            ("serial number", Field::Serial),
            ("AssetID", Field::AssetTag),
            ("Asset Tag", Field::AssetTag),
            ("MACAddress", Field::Mac),
            ("PurchaseDate", Field::AcquiredOn),
            ("Fabricants", Field::Manufacturer),
            ("Modèles", Field::Model),
            ("Lieux", Field::Site),
            ("cf: Serial number,type:text", Field::Serial),
            ("cf:brand, type:option", Field::Manufacturer),
            ("Date d’achat", Field::AcquiredOn),
            ("nomEquipementPhysique", Field::Hostname),
            ("Checked Out To: Username", Field::HolderId),
            ("ComputerName", Field::Hostname),
            ("HB.quantity", Field::Quantity),
        ] {
            assert_eq!(
                field_of(header).map(|f| f.0),
                Some(field),
                "{header} → {}",
                header_form(header)
            );
        }
        assert_eq!(field_of("Material Name"), None);
        assert_eq!(status_of("Réformé").map(|s| s.stage), Some(Stage::Retired));
    }

    #[test]
    fn every_row_of_the_data_is_understood() {
        for text in [include_str!("../../data/import_headers.csv")] {
            for row in csv::Reader::from_reader(text.as_bytes()).records() {
                let row = row.expect("a row");
                assert!(Field::parse(&row[0]).is_some(), "{}", &row[0]);
            }
        }
        for row in
            csv::Reader::from_reader(include_str!("../../data/import_statuses.csv").as_bytes())
                .records()
        {
            let row = row.expect("a row");
            assert!(Stage::parse(&row[1]).is_ok(), "{row:?}");
        }
    }
}
