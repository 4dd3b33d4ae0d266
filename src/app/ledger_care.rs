//! Care of the ledger: numbering, checkpoints, verification, backup, restore.

use super::App;
use crate::db::outbox;
use crate::error::Result;

/// Numbers what is committed and waits, when no other instance is at it. The server does it five times a second, every
/// command when it begins; SQLite has nothing that waits. Returns how many lines it numbered.
///
/// # Errors
/// Those of the store.
pub fn number(app: &App) -> Result<usize> {
    outbox::number(&app.store, &app.instance)
}
