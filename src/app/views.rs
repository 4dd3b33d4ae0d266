//! Lists that somebody keeps under a name: their filters, order and columns, one account's own.

use super::{Actor, App};
use crate::db::views::{self, Row};
use crate::db::{self, Lane};
use crate::domain::text::Line;
use crate::error::{Error, Result};

/// Most kept lists of one page and account.
const MOST: usize = 50;
/// Longest query kept, bytes.
const LONGEST: usize = 4_000;

/// A kept list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// Id.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// Query string of the page.
    pub query: String,
}

/// The actor's lists of a page, by name.
///
/// # Errors
/// Those of the store.
pub fn list(app: &App, actor: &Actor, page: &str) -> Result<Vec<View>> {
    let rows = app.store.read(|db| views::of(db, &actor.id, page))?;
    let view = |row: Row| View {
        id: row.id,
        name: row.name,
        query: row.query,
    };
    Ok(rows.into_iter().map(view).collect())
}

/// Keeps a list; one of the same name is replaced.
///
/// # Errors
/// `invalid_value` naming `name` or `query`.
pub fn keep(app: &App, actor: &Actor, page: &str, name: &str, query: &str) -> Result<()> {
    let name = Line::parse(name.trim()).map_err(|e| Error::invalid("name", e))?;
    if name.as_str().chars().count() > 80 {
        return Err(Error::invalid("name", "a name has at most 80 characters"));
    }
    if query.len() > LONGEST {
        return Err(Error::invalid(
            "query",
            "these filters are too long to keep",
        ));
    }
    let row = Row {
        id: db::new_id(),
        account: actor.id.clone(),
        page: page.to_owned(),
        name: name.as_str().to_owned(),
        query: query.to_owned(),
    };
    app.store.write(Lane::Interactive, move |db| {
        let known = views::of(db, &row.account, &row.page)?;
        if known.len() >= MOST && known.iter().all(|k| k.name != row.name) {
            return Err(Error::invalid(
                "name",
                format!("at most {MOST} lists are kept; forget one first"),
            ));
        }
        views::put(db, &row)
    })
}

/// Forgets a list.
///
/// # Errors
/// `not_found` when the actor has none of this id.
pub fn forget(app: &App, actor: &Actor, id: &str) -> Result<()> {
    let (account, id) = (actor.id.clone(), id.to_owned());
    app.store.write(Lane::Interactive, move |db| {
        if views::delete(db, &account, &id)? {
            Ok(())
        } else {
            Err(Error::not_found())
        }
    })
}
