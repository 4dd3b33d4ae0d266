//! Short names for ids: the keys of reference rows and the tags of devices. Neither ever changes, so they are
//! remembered without limit in time (and with one in number).

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::RwLock;

use crate::db::{Db, devices, entries};
use crate::error::Result;

/// How many names are remembered before the memory starts afresh.
const MOST: usize = 200_000;

/// The memory. One per program.
#[derive(Debug, Default)]
pub struct Names {
    keys: RwLock<HashMap<String, Arc<str>>>,
}

impl Names {
    /// Key of a reference row; the id itself when there is no such row.
    ///
    /// # Errors
    /// Those of the database.
    pub fn key(&self, db: &mut Db, id: &str) -> Result<String> {
        self.remember(id, || Ok(entries::keys(db, &[id.to_owned()])?.remove(id)))
    }
    /// Tag of a device; the text itself when it is no id of a device.
    ///
    /// # Errors
    /// Those of the database.
    pub fn tag(&self, db: &mut Db, id: &str) -> Result<String> {
        self.remember(id, || {
            Ok(devices::tags(db, &[id.to_owned()])?
                .pop()
                .map(|(_, tag)| tag))
        })
    }
    fn remember(&self, id: &str, look: impl FnOnce() -> Result<Option<String>>) -> Result<String> {
        if let Some(known) = self.keys.read().get(id) {
            return Ok(known.to_string());
        }
        let Some(found) = look()? else {
            return Ok(id.to_owned());
        };
        let mut keys = self.keys.write();
        if keys.len() >= MOST {
            keys.clear();
        }
        keys.insert(id.to_owned(), Arc::from(found.as_str()));
        Ok(found)
    }
}
