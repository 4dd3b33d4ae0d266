//! What finds a known device: codes, tags, and what an import remembered. Those of a merged device lead to its winner.

use diesel::prelude::*;

use super::Db;
use super::devices::winner;
use super::schema::{books, codes, devices, import_sources};
use crate::domain::words::CodeKind;
use crate::error::Result;

/// A code that a device is known by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coded {
    /// Device it leads to: the winner, when its own was merged into another.
    pub device: String,
    /// Kind of code.
    pub kind: String,
    /// As compared.
    pub fold: String,
    /// Only the record that was merged into the device had it.
    pub merged: Option<Merged>,
}

/// What is asked of a record that was merged into another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// Its manufacturer: the winner's may be spelt otherwise.
    pub manufacturer: Option<String>,
}

/// Codes of one organisation with one of these folds. Those of a merged device lead to the winner.
///
/// # Errors
/// Those of the database.
pub fn by_codes(db: &mut Db, org: &str, folds: &[String]) -> Result<Vec<Coded>> {
    let mut found = Vec::new();
    for some in folds.chunks(500) {
        // A withdrawn device keeps its codes to be read, but they are free.
        let rows: Vec<(String, String, String, Option<String>)> = codes::table
            .inner_join(devices::table.on(devices::id.eq(codes::device)))
            .filter(codes::fold.eq_any(some))
            .filter(codes::org.eq(org))
            .filter(
                devices::withdrawn
                    .eq(false)
                    .or(devices::merged_into.is_not_null()),
            )
            .select((
                codes::device,
                codes::kind,
                codes::fold,
                devices::merged_into,
            ))
            .load(db)?;
        for (device, kind, fold, merged_into) in rows {
            let (device, merged) = match merged_into {
                None => (device, None),
                Some(_) => {
                    let manufacturer = manufacturer(db, &device)?;
                    let Some(winner) = holder_of(db, org, device)? else {
                        continue;
                    };
                    (winner, Some(Merged { manufacturer }))
                }
            };
            found.push(Coded {
                device,
                kind,
                fold,
                merged,
            });
        }
    }
    Ok(found)
}

/// The device that a merged one leads to, as long as the organisation still has it.
fn holder_of(db: &mut Db, org: &str, merged: String) -> Result<Option<String>> {
    let id = winner(db, merged)?;
    Ok(devices::table
        .find(&id)
        .filter(devices::org.eq(org))
        .filter(devices::withdrawn.eq(false))
        .select(devices::id)
        .get_result(db)
        .optional()?)
}

fn manufacturer(db: &mut Db, device: &str) -> Result<Option<String>> {
    let found: Option<Option<String>> = books::table
        .filter(books::device.eq(device))
        .filter(books::current.eq(true))
        .select(books::manufacturer)
        .get_result(db)
        .optional()?;
    Ok(found.flatten())
}

/// Whether one of these codes (kind, fold, manufacturer of a serial number) is that of a record which was merged into
/// another device than this one.
///
/// # Errors
/// Those of the database.
pub fn led_elsewhere(
    db: &mut Db,
    org: &str,
    device: &str,
    codes: &[(String, String)],
    same_maker: impl Fn(Option<&str>) -> bool,
) -> Result<bool> {
    let folds: Vec<String> = codes.iter().map(|(_, fold)| fold.clone()).collect();
    for known in by_codes(db, org, &folds)? {
        let Some(merged) = &known.merged else {
            continue;
        };
        let held = codes
            .iter()
            .any(|(kind, fold)| *kind == known.kind && *fold == known.fold);
        let serial = known.kind == CodeKind::Serial.as_str();
        if held && known.device != device && (!serial || same_maker(merged.manufacturer.as_deref()))
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A device behind a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tagged {
    /// The device it leads to: the winner, when its own was merged into another.
    pub id: String,
    /// Folded tag.
    pub tag_fold: String,
    /// Present owner.
    pub org: String,
    /// Created in error: the tag leads nowhere an import could write.
    pub withdrawn: bool,
    /// It is the tag of a record that was merged into the device.
    pub merged: bool,
}

/// Devices with one of these folded tags, whoever owns them: the caller looks at the owner.
///
/// # Errors
/// Those of the database.
pub fn by_tags(db: &mut Db, folds: &[String]) -> Result<Vec<Tagged>> {
    type Found = (String, String, String, bool, Option<String>);
    let mut found = Vec::new();
    for some in folds.chunks(500) {
        let rows: Vec<Found> = devices::table
            .filter(devices::tag_fold.eq_any(some))
            .select((
                devices::id,
                devices::tag_fold,
                devices::org,
                devices::withdrawn,
                devices::merged_into,
            ))
            .load(db)?;
        for (id, tag_fold, org, withdrawn, merged_into) in rows {
            let merged = merged_into.is_some();
            let (id, org, withdrawn) = if merged {
                let id = winner(db, id)?;
                devices::table
                    .find(&id)
                    .select((devices::id, devices::org, devices::withdrawn))
                    .get_result(db)?
            } else {
                (id, org, withdrawn)
            };
            found.push(Tagged {
                id,
                tag_fold,
                org,
                withdrawn,
                merged,
            });
        }
    }
    Ok(found)
}

/// Devices that rows with these sources made or found before, as far as the organisation still has them, and whether
/// the one they made was merged into it.
///
/// # Errors
/// Those of the database.
pub fn by_sources(
    db: &mut Db,
    org: &str,
    sources: &[String],
) -> Result<Vec<(String, (String, bool))>> {
    let mut found = Vec::new();
    for some in sources.chunks(500) {
        let rows: Vec<(String, String, Option<String>)> = import_sources::table
            .inner_join(devices::table.on(devices::id.eq(import_sources::device)))
            .filter(import_sources::org.eq(org))
            .filter(import_sources::source.eq_any(some))
            .filter(devices::org.eq(org))
            .filter(
                devices::withdrawn
                    .eq(false)
                    .or(devices::merged_into.is_not_null()),
            )
            .select((
                import_sources::source,
                import_sources::device,
                devices::merged_into,
            ))
            .load(db)?;
        for (source, device, merged_into) in rows {
            let merged = merged_into.is_some();
            let device = if merged {
                holder_of(db, org, device)?
            } else {
                Some(device)
            };
            found.extend(device.map(|device| (source, (device, merged))));
        }
    }
    Ok(found)
}
