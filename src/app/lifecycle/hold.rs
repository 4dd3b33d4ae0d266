//! Rows are locked in the order of their ids, whatever order a batch names its devices in: transactions that cross
//! then wait for each other in turn instead of for ever. SQLite writes one at a time and needs none of it.

use super::command::Command;
use crate::db::{Db, devices};
use crate::error::Result;

/// Holds every device that the commands name, theirs and the other half of a merge, to the end of the transaction.
/// Names that lead nowhere are left to whoever records the command.
///
/// # Errors
/// Those of the store.
pub fn all<'a>(db: &mut Db, commands: impl IntoIterator<Item = &'a Command>) -> Result<()> {
    let mut ids = Vec::new();
    for command in commands {
        let fields = &command.fields;
        let named = [&fields.into, &fields.from].into_iter().flatten();
        let names = named.map(|name| name.as_str());
        for name in names.chain([command.device.as_str()]) {
            ids.extend(devices::resolve(db, name)?);
        }
    }
    ids.sort_unstable();
    ids.dedup();
    // One row is locked by its own command.
    if ids.len() > 1 {
        devices::hold(db, &ids)?;
    }
    Ok(())
}
