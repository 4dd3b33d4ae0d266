//! Attached files: their bytes are read again and hashed.

use sha2::{Digest, Sha256};

use super::{Db, attachments};
use crate::error::Result;

/// Reads every file that is kept; gives how many.
pub(super) fn all(db: &mut Db, add: &mut dyn FnMut(String)) -> Result<i64> {
    let (mut after, mut read) = (String::new(), 0);
    loop {
        let rows = attachments::after(db, &after, 200)?;
        let Some(last) = rows.last() else { break };
        last.id.clone_into(&mut after);
        for row in rows.iter().filter(|row| row.gone.is_none()) {
            read += 1;
            let (mut hasher, mut size) = (Sha256::new(), 0_i64);
            for part in 0_i64.. {
                let Some(bytes) = attachments::piece(db, &row.id, part)? else {
                    break;
                };
                size += i64::try_from(bytes.len()).unwrap_or(i64::MAX);
                hasher.update(&bytes);
            }
            let hash: String = hasher
                .finalize()
                .iter()
                .map(|b| format!("{b:02x}"))
                .collect();
            if (size, hash.as_str()) != (row.size, row.sha256.as_str()) {
                add(format!(
                    "the bytes of {} are not those that were sent",
                    row.id
                ));
            }
        }
    }
    Ok(read)
}
