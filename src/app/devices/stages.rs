//! How many devices of a list stand at each stage: counted once, remembered until the ledger changes.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use super::list::{Asked, filter};
use crate::app::{Actor, App, Right};
use crate::db::device_counts;
use crate::db::facts::{self, Stamp};
use crate::domain::words::Stage;
use crate::error::{Error, Result};

/// Stage and number, in the order of the stages; those nobody stands at left out.
pub type ByStage = Arc<Vec<(Stage, i64)>>;

/// Counts of a moment ago; any change in the ledger or the reference tables makes them old.
#[derive(Debug, Default)]
pub struct Counts(Mutex<HashMap<String, (Stamp, ByStage)>>);

/// How many counts are remembered.
const MOST: usize = 512;

/// The devices of a list by stage, whatever stage, order and page it asks for.
///
/// # Errors
/// As the list itself.
pub fn stages(app: &App, actor: &Actor, asked: &Asked) -> Result<ByStage> {
    actor.must(Right::Read)?;
    let asked = Asked {
        stage: Vec::new(),
        sort: None,
        limit: None,
        cursor: None,
        total: false,
        ..asked.clone()
    };
    let key = format!(
        "{}|{}|{}",
        actor.org.as_deref().unwrap_or("*"),
        actor.may(Right::People),
        serde_json::to_string(&asked).map_err(Error::internal)?
    );
    app.store.read(|db| {
        let stamp = facts::stamp(db)?;
        if let Some((then, counts)) = app.counts.0.lock().get(&key)
            && *then == stamp
        {
            return Ok(Arc::clone(counts));
        }
        let (scope, filter) = filter(app, db, actor, &asked)?;
        let found: HashMap<String, i64> = device_counts::by_stage(db, &scope, &filter)?
            .into_iter()
            .collect();
        let in_order = Stage::ALL
            .iter()
            .filter_map(|stage| Some((*stage, *found.get(stage.as_str())?)));
        let counts: ByStage = Arc::new(in_order.collect());
        let mut memory = app.counts.0.lock();
        if memory.len() >= MOST {
            memory.clear();
        }
        memory.insert(key, (stamp, Arc::clone(&counts)));
        Ok(counts)
    })
}
