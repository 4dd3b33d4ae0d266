//! The data axis: what the storage media of a device hold.
//!
//! Only verified erasures count. Several media: the worst counts, and those that are known to be in the device count
//! whether anybody erased them or not. Use, a running system or a storage part fitted after the erasure set it back to
//! `holds`.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::words::{Data, WipeMethod};

/// State of the media of one device.
#[derive(Debug, Clone, PartialEq)]
pub struct Media {
    bears: bool,
    whole: Data,
    each: BTreeMap<String, Data>,
    /// Serials of the media that are known to be in it.
    known: BTreeSet<String>,
    /// Media that were fitted and whose serial nobody told.
    unnamed: usize,
    /// A verified `wipe` event stands behind the state (an adoption does not).
    wiped: bool,
}

fn of(method: WipeMethod) -> Data {
    match method {
        WipeMethod::Clear => Data::Cleared,
        WipeMethod::Purge => Data::Purged,
        WipeMethod::Destroy => Data::Destroyed,
    }
}

/// A serial as it is compared: tools differ in case, spaces and dashes.
pub fn fold(serial: &str) -> String {
    let kept: String = serial.chars().filter(char::is_ascii_alphanumeric).collect();
    if kept.is_empty() {
        serial.trim().to_uppercase()
    } else {
        kept.to_ascii_uppercase()
    }
}

impl Media {
    fn new(bears: bool, whole: Data) -> Media {
        Media {
            bears,
            whole,
            each: BTreeMap::new(),
            known: BTreeSet::new(),
            unnamed: 0,
            wiped: false,
        }
    }
    /// Media at the opening of the books.
    pub fn opened(bears: bool) -> Media {
        Media::new(bears, if bears { Data::Holds } else { Data::None })
    }
    /// Media as found at an adoption.
    pub fn adopted(state: Data) -> Media {
        Media::new(state != Data::None, state)
    }
    /// State that counts: the worst of all media.
    pub fn state(&self) -> Data {
        if !self.bears {
            return Data::None;
        }
        let strange = self.each.keys().filter(|m| !self.known.contains(*m));
        if self.unnamed > strange.count() {
            return self.whole;
        }
        let media = self.known.iter().chain(self.each.keys());
        media.map(|m| self.of(m)).min().unwrap_or(self.whole)
    }
    /// State of one medium, by its folded serial.
    fn of(&self, medium: &str) -> Data {
        let own = self.each.get(medium).copied().unwrap_or(Data::Holds);
        own.max(self.whole)
    }
    /// Whether a medium of this serial is purged or destroyed, by itself or with all of them.
    pub fn purged(&self, serial: Option<&str>) -> bool {
        let state = serial.map_or(self.whole, |serial| self.of(&fold(serial)));
        matches!(state, Data::Purged | Data::Destroyed)
    }
    /// Serials of the media that are known to be in it, as compared.
    pub fn known(&self) -> impl Iterator<Item = &str> {
        self.known.iter().map(String::as_str)
    }
    /// A medium of this serial is in it.
    pub fn know(&mut self, serial: &str) {
        if self.known.insert(fold(serial)) {
            self.unnamed = self.unnamed.saturating_sub(1);
        }
    }
    /// A medium of this serial was taken out.
    pub fn removed(&mut self, serial: &str) {
        let serial = fold(serial);
        self.known.remove(&serial);
        self.each.remove(&serial);
    }
    /// A verified wipe of all media stands behind the state.
    pub fn wiped(&self) -> bool {
        self.wiped && matches!(self.state(), Data::Purged | Data::Destroyed)
    }
    /// A verified erasure of one medium, or of all of them.
    pub fn wipe(&mut self, medium: Option<&str>, method: WipeMethod) {
        if !self.bears {
            return;
        }
        self.wiped = true;
        let state = of(method);
        match medium {
            Some(medium) => {
                let held = self.each.entry(fold(medium)).or_insert(Data::Holds);
                *held = (*held).max(state);
            }
            None => self.whole = self.whole.max(state),
        }
    }
    /// Used again: what was erased holds data again.
    pub fn used(&mut self) {
        if self.bears {
            self.hold();
        }
    }
    /// A storage part was fitted: the device bears data from now on.
    pub fn fitted(&mut self, serial: Option<&str>) {
        self.bears = true;
        match serial {
            Some(serial) => self.know(serial),
            None => self.unnamed += 1,
        }
        self.hold();
    }
    fn hold(&mut self) {
        self.whole = Data::Holds;
        self.each.clear();
        self.wiped = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_medium_counts_and_one_of_another_machine_opens_nothing() {
        let mut media = Media::opened(true);
        media.know("WD-WCC 1");
        media.know("s3z4nb0k");
        media.wipe(Some("ZZ-9"), WipeMethod::Purge);
        assert_eq!(media.state(), Data::Holds);
        media.wipe(Some("wdwcc1"), WipeMethod::Purge);
        assert_eq!(media.state(), Data::Holds);
        media.wipe(Some("S3Z4NB0K"), WipeMethod::Clear);
        assert_eq!(media.state(), Data::Cleared);
        media.wipe(Some("S3Z4NB0K"), WipeMethod::Destroy);
        assert_eq!(media.state(), Data::Purged);
        media.used();
        media.wipe(Some("WD-WCC1"), WipeMethod::Purge);
        assert_eq!(media.state(), Data::Holds);
        media.removed("S3Z4NB0K");
        assert_eq!(media.state(), Data::Purged);
        // All at once, whatever is known.
        media.know("NEW");
        media.wipe(None, WipeMethod::Purge);
        assert_eq!(media.state(), Data::Purged);
    }

    #[test]
    fn what_was_fitted_without_a_serial_is_not_forgotten() {
        let mut media = Media::opened(true);
        media.know("A");
        media.fitted(None);
        media.wipe(Some("A"), WipeMethod::Purge);
        assert_eq!(media.state(), Data::Holds);
        media.wipe(Some("B"), WipeMethod::Purge);
        assert_eq!(media.state(), Data::Purged);
        // Nothing is known of the media: the one that is named is all there is.
        let mut media = Media::opened(true);
        media.wipe(Some("A"), WipeMethod::Purge);
        assert_eq!(media.state(), Data::Purged);
    }
}
