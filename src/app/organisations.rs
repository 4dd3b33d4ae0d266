//! The tree of organisations: its shape is kept beside the rows, and never closes into a ring.

use super::Right;
use super::entries::{Change, Desk, Table};
use crate::db::organisations::{self, Node};
use crate::db::{Db, Scope};
use crate::domain::entry::Entry;
use crate::domain::organisation::{Organisation, is_within, path_below};
use crate::domain::text::Line;
use crate::error::{Code, Error, Result};

impl Table for Organisation {
    const WRITE: Right = Right::Organisations;

    /// An organisation owns its own row.
    fn owner(_: &Desk, _: &mut Db, id: &str, given: Option<&str>) -> Result<Option<String>> {
        match given {
            Some(_) => Err(Error::new(
                Code::UnknownField,
                "there is no field `organisation` here; `parent` places it in the tree",
            )
            .with_field("organisation")),
            None => Ok(Some(id.to_owned())),
        }
    }

    fn settle(&mut self, desk: &Desk, db: &mut Db, change: &Change<'_, Self>) -> Result<()> {
        match change.before {
            None if self.parent.is_none() => {
                // Below the actor's own, unless the actor is at the root and so makes the top of a tree.
                self.parent = desk.actor.org.as_deref().and_then(|o| Line::parse(o).ok());
                Ok(())
            }
            Some(before) if before.parent == self.parent => Ok(()),
            before => {
                if let Some(before) = before {
                    must_hold(desk, before.parent.as_ref())?;
                    organisations::hold_tree(db)?;
                    refuse_ring(db, change.id, self.parent.as_ref())?;
                }
                must_hold(desk, self.parent.as_ref())
            }
        }
    }

    fn written(db: &mut Db, before: Option<&Entry<Self>>, after: &Entry<Self>) -> Result<()> {
        let parent = after.body.parent.as_ref().map(|p| p.as_str());
        let above = match parent {
            Some(id) => organisations::by_id(db, id)?.map(|node| node.path),
            None => None,
        };
        let path = path_below(above.as_deref(), &after.id);
        match before {
            None => organisations::insert(
                db,
                &Node {
                    id: after.id.clone(),
                    key: after.key.clone(),
                    parent: parent.map(str::to_owned),
                    path,
                },
            ),
            Some(before) if before.body.parent != after.body.parent => {
                let present = organisations::by_id(db, &after.id)?.ok_or_else(Error::not_found)?;
                organisations::relocate(db, &after.id, parent, &present.path, &path)
            }
            Some(_) => Ok(()),
        }
    }
}

/// Moving an organisation takes rights where it was and where it goes.
fn must_hold(desk: &Desk, parent: Option<&Line>) -> Result<()> {
    let holds = match parent {
        Some(id) => desk.scope.holds(id.as_str()),
        None => desk.scope == Scope::All,
    };
    if holds {
        return Ok(());
    }
    Err(
        Error::forbidden("an administrator of the organisation above, before and after the move")
            .with_field("parent"),
    )
}

fn refuse_ring(db: &mut Db, id: &str, parent: Option<&Line>) -> Result<()> {
    let (Some(own), Some(parent)) = (organisations::by_id(db, id)?, parent) else {
        return Ok(());
    };
    match organisations::by_id(db, parent.as_str())? {
        Some(above) if is_within(&above.path, &own.path) => Err(Error::invalid(
            "parent",
            "an organisation cannot be below itself, nor below one that is below it",
        )),
        _ => Ok(()),
    }
}
