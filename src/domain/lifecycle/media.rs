//! The data axis: what the storage media of a device hold.
//!
//! Only verified erasures count. Several media: the worst counts. Use, a running system or a storage part fitted
//! after the erasure set it back to `holds`.

use std::collections::BTreeMap;

use crate::domain::words::{Data, WipeMethod};

/// State of the media of one device.
#[derive(Debug, Clone, PartialEq)]
pub struct Media {
    bears: bool,
    whole: Data,
    each: BTreeMap<String, Data>,
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

impl Media {
    /// Media at the opening of the books.
    pub fn opened(bears: bool) -> Media {
        Media {
            bears,
            whole: if bears { Data::Holds } else { Data::None },
            each: BTreeMap::new(),
            wiped: false,
        }
    }
    /// Media as found at an adoption.
    pub fn adopted(state: Data) -> Media {
        Media {
            bears: state != Data::None,
            whole: state,
            each: BTreeMap::new(),
            wiped: false,
        }
    }
    /// State that counts: the worst of all media.
    pub fn state(&self) -> Data {
        if !self.bears {
            return Data::None;
        }
        self.each
            .values()
            .map(|m| (*m).max(self.whole))
            .min()
            .unwrap_or(self.whole)
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
                let held = self
                    .each
                    .entry(medium.to_uppercase())
                    .or_insert(Data::Holds);
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
    pub fn fitted(&mut self) {
        self.bears = true;
        self.hold();
    }
    fn hold(&mut self) {
        self.whole = Data::Holds;
        self.each.clear();
        self.wiped = false;
    }
}
