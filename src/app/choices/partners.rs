//! Partners to choose from, those that suit first.

use serde::Deserialize;

use super::{Choice, apart, choices};
use crate::app::entries::Desk;
use crate::app::{Actor, App};
use crate::db::entries::{self, Row};
use crate::domain::entry::EntryKind;
use crate::domain::partner::PartnerKind;
use crate::error::Result;

/// What a partner's row says of what it does.
#[derive(Deserialize)]
struct Does {
    #[serde(default)]
    kinds: Vec<PartnerKind>,
}

/// The first partners by name, those put away left out: those of one of these kinds, and the others. Where no kind is
/// usual, all are among the first.
///
/// # Errors
/// Those of the store.
pub fn partners(
    app: &App,
    actor: &Actor,
    usual: &[PartnerKind],
    most: i64,
) -> Result<(Vec<Choice>, Vec<Choice>)> {
    app.store.read(|db| {
        let desk = Desk::open(db, actor, app.clock.now(), &app.catalogue_cache())?;
        let kind = EntryKind::Partner;
        let mut rows = entries::page(db, kind, &desk.reach(kind), false, None, most)?;
        rows.retain(|row| !row.name.is_empty());
        let mut all = choices(kind, &rows);
        apart::tell(db, &rows, &mut all)?;
        let pairs = all.into_iter().zip(&rows);
        let (first, others): (Vec<_>, Vec<_>) = pairs.partition(|(_, row)| suits(row, usual));
        let bare = |pairs: Vec<(Choice, &Row)>| pairs.into_iter().map(|(c, _)| c).collect();
        Ok((bare(first), bare(others)))
    })
}

fn suits(row: &Row, usual: &[PartnerKind]) -> bool {
    let does = serde_json::from_str::<Does>(&row.payload);
    usual.is_empty() || does.is_ok_and(|does| does.kinds.iter().any(|kind| usual.contains(kind)))
}
