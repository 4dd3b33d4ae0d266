//! From a key or id to the row it means, for somebody, near an organisation.

use crate::db::entries::{self, Row};
use crate::db::{Db, Scope, organisations};
use crate::domain::entry::{EntryKind, check_key};
use crate::error::{Error, Result};

/// Whether rows of this kind are seen by the organisations below their owner: a commune uses the partners, sites and
/// models of its EPCI, but does not see its people, purchases or exits.
pub fn handed_down(kind: EntryKind) -> bool {
    matches!(
        kind,
        EntryKind::Organisation
            | EntryKind::Site
            | EntryKind::Partner
            | EntryKind::Category
            | EntryKind::Model
            | EntryKind::CustomField
            | EntryKind::Mapping
    )
}

/// The row that a key or id means near an organisation: its own first, then those above it (nearest first), then
/// shared ones, then those below it. Without `near`: the highest in the tree. `scope` is the actor's own.
///
/// # Errors
/// `unknown_reference` (field = the kind; callers name their own field) when the actor may use none of that name.
pub fn resolve(
    db: &mut Db,
    kind: EntryKind,
    key_or_id: &str,
    near: Option<&str>,
    scope: &Scope,
) -> Result<Row> {
    let candidates = if uuid::Uuid::try_parse(key_or_id).is_ok() {
        entries::by_id(db, key_or_id)?
            .into_iter()
            .filter(|row| row.kind == kind.as_str())
            .collect()
    } else if check_key(key_or_id).is_ok() {
        entries::by_key(db, kind, key_or_id, &Scope::All)?
    } else {
        Vec::new()
    };
    if let [row] = candidates.as_slice()
        && near.is_some_and(|near| row.org.as_deref() == Some(near) && scope.holds(near))
    {
        return Ok(row.clone());
    }
    let lineage = match near {
        Some(near) if !candidates.is_empty() => organisations::lineage(db, near)?,
        _ => Vec::new(),
    };
    let owners: Vec<String> = candidates.iter().filter_map(|r| r.org.clone()).collect();
    let paths = entries::paths(db, &owners)?;
    candidates
        .into_iter()
        .filter_map(|row| {
            let path = row.org.as_ref().and_then(|org| paths.get(org));
            rank(&row, kind, near, &lineage, path.map(String::as_str), scope).map(|r| (r, row))
        })
        .min_by(|(a, _), (b, _)| a.cmp(b))
        .map(|(_, row)| row)
        .ok_or_else(|| Error::unknown_reference(kind.as_str(), key_or_id))
}

/// How near a row is, smaller is nearer; none when it may not be used.
fn rank<'a>(
    row: &Row,
    kind: EntryKind,
    near: Option<&str>,
    lineage: &[String],
    path: Option<&'a str>,
    scope: &Scope,
) -> Option<(u8, usize, &'a str)> {
    let Some(org) = row.org.as_deref() else {
        return Some((1, 0, ""));
    };
    if let Some(steps) = lineage.iter().position(|above| above == org) {
        return (scope.holds(org) || handed_down(kind)).then_some((0, steps, ""));
    }
    let path = path.filter(|_| scope.holds(org))?;
    match near {
        None => Some((0, path.len(), path)),
        Some(near) => path
            .contains(&format!("/{near}/"))
            .then_some((2, path.len(), path)),
    }
}
