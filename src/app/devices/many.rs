//! Several devices at once, by the tags that a page already knows.

use std::collections::HashMap;

use super::{DeviceView, list};
use crate::app::{Actor, App, Right};
use crate::db::device_rows;
use crate::domain::tag;
use crate::domain::words::Stage;
use crate::error::Result;

/// Devices by tag, as the actor sees them; what is absent, not theirs, merged or withdrawn is not among them.
///
/// # Errors
/// `forbidden`, and those of the store.
pub fn by_tags(app: &App, actor: &Actor, tags: &[String]) -> Result<HashMap<String, DeviceView>> {
    actor.must(Right::Read)?;
    if tags.is_empty() {
        return Ok(HashMap::new());
    }
    app.store.read(|db| {
        let scope = actor.scope(db)?;
        let folds: Vec<String> = tags.iter().map(|t| tag::fold(t)).collect();
        let rows = device_rows::by_tags(db, &scope, &folds)?;
        let views = list::views(app, db, actor, rows, None)?;
        Ok(views
            .into_iter()
            .filter(|view| view.stage != Stage::Withdrawn)
            .map(|view| (view.tag.clone(), view))
            .collect())
    })
}
