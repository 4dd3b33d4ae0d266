//! Lists of reference rows: by name, page by page, with a word to search for.

use serde::{Deserialize, Serialize};

use super::view::{self, View};
use super::{Desk, Table, read};
use crate::app::{Actor, App, Page, cursor};
use crate::db::{Db, Scope, entries, organisations};
use crate::domain::entry::Entry;
use crate::domain::text::fold;
use crate::error::{Code, Error, Result};

/// What may be asked of a list.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct ListQuery {
    /// Words that the name or key holds, without case and accents.
    pub q: Option<String>,
    /// Only rows of this organisation and of those below it.
    pub org: Option<String>,
    /// Not of those below it.
    pub org_only: Option<bool>,
    /// `archived` shows what is hidden.
    pub include: Option<String>,
    /// 1 to 1000, 50 when not said.
    pub limit: Option<u32>,
    /// Where the list goes on.
    pub cursor: Option<String>,
    /// Counts all, to 10,000.
    pub total: Option<bool>,
}

/// Most that is counted.
const MOST: i64 = 10_000;
/// Rows read at once while searching.
const BATCH: i64 = 1_000;

/// Where a page ended. Only the id: names of people do not belong in addresses.
#[derive(Serialize, Deserialize)]
struct Place {
    id: String,
}

/// One page of a table.
///
/// # Errors
/// `forbidden`, `invalid_parameter`.
pub fn list<T: Table>(app: &App, actor: &Actor, query: &ListQuery) -> Result<Page<View>> {
    list_where::<T>(app, actor, query, "", |_| true)
}

/// One page of the rows of a table that a rule keeps; `name` tells the rule apart in the cursor.
///
/// # Errors
/// As [`list`].
pub fn list_where<T: Table>(
    app: &App,
    actor: &Actor,
    query: &ListQuery,
    name: &str,
    keep: impl Fn(&Entry<T>) -> bool,
) -> Result<Page<View>> {
    actor.must(T::READ)?;
    let limit = match query.limit {
        None => 50,
        Some(n @ 1..=1000) => usize::try_from(n).map_err(Error::internal)?,
        Some(_) => return Err(invalid("limit", "`limit` goes from 1 to 1000")),
    };
    let archived = match query.include.as_deref() {
        None => false,
        Some("archived") => true,
        Some(_) => return Err(invalid("include", "`include` takes archived")),
    };
    let bound = bound::<T>(actor, query, name)?;
    app.store.read(|db| {
        let desk = Desk::open(db, actor, app.clock.now(), &app.catalogue)?;
        let search = Search {
            scope: scope(&desk, db, T::KIND, query)?,
            words: words(query.q.as_deref()),
            archived,
            filtered: !name.is_empty(),
        };
        let after = match &query.cursor {
            None => None,
            Some(text) => {
                let place: Place = cursor::open(app, &bound, text)?;
                entries::by_id(db, &place.id)?.map(|row| (row.name, row.id))
            }
        };
        let mut rows = search.take(db, after, limit + 1, &keep)?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = match rows.last() {
            Some(last) if more => Some(cursor::seal(
                app,
                &bound,
                &Place {
                    id: last.id.clone(),
                },
            )?),
            _ => None,
        };
        let mut page = Page::new(view::many(db, rows)?, next);
        if query.total == Some(true) {
            let all = search.count::<T>(db, &keep)?;
            page.total = Some(all.min(MOST));
            page.total_capped = (all > MOST).then_some(true);
        }
        Ok(page)
    })
}

fn invalid(field: &str, detail: &str) -> Error {
    Error::new(Code::InvalidParameter, detail).with_field(field)
}

/// What a cursor is good for: this list, for this organisation, with these filters.
fn bound<T: Table>(actor: &Actor, query: &ListQuery, name: &str) -> Result<String> {
    let mut filters = query.clone();
    (filters.cursor, filters.limit, filters.total) = (None, None, None);
    serde_json::to_string(&(T::KIND, name, &actor.org, filters)).map_err(Error::internal)
}

/// Whose rows are meant.
fn scope(
    desk: &Desk,
    db: &mut Db,
    kind: crate::domain::entry::EntryKind,
    query: &ListQuery,
) -> Result<Scope> {
    let reach = desk.reach(kind);
    let Some(org) = query.org.as_deref() else {
        return Ok(reach);
    };
    let unknown = |_| {
        invalid(
            "org",
            "there is no organisation of this name that you may see",
        )
    };
    let row = desk
        .find(db, crate::domain::entry::EntryKind::Organisation, org)
        .map_err(unknown)?;
    let orgs = match organisations::by_id(db, &row.id)? {
        Some(node) if query.org_only != Some(true) => organisations::subtree(db, &node.path)?,
        _ => vec![row.id],
    };
    Ok(reach.within(&Scope::of(orgs)))
}

/// Folded words of a search.
fn words(q: Option<&str>) -> Vec<String> {
    fold(q.unwrap_or_default())
        .split_whitespace()
        .map(str::to_owned)
        .collect()
}

struct Search {
    scope: Scope,
    words: Vec<String>,
    archived: bool,
    filtered: bool,
}

impl Search {
    /// The first rows after a place that match. Names are folded here and not in the database, whose two engines
    /// fold differently.
    fn take<T: Table>(
        &self,
        db: &mut Db,
        mut after: Option<(String, String)>,
        wanted: usize,
        keep: &impl Fn(&Entry<T>) -> bool,
    ) -> Result<Vec<Entry<T>>> {
        let mut found = Vec::new();
        let batch = if self.words.is_empty() && !self.filtered {
            i64::try_from(wanted).map_err(Error::internal)?
        } else {
            BATCH
        };
        loop {
            let from = after
                .as_ref()
                .map(|(name, id)| (name.as_str(), id.as_str()));
            let rows = entries::page(db, T::KIND, &self.scope, self.archived, from, batch)?;
            let last = i64::try_from(rows.len()).map_err(Error::internal)? < batch;
            after = rows.last().map(|row| (row.name.clone(), row.id.clone()));
            for row in rows {
                if !self.matches(&row.name, &row.key) {
                    continue;
                }
                let entry = read::<T>(row)?;
                if keep(&entry) {
                    found.push(entry);
                }
                if found.len() == wanted {
                    return Ok(found);
                }
            }
            if last {
                return Ok(found);
            }
        }
    }

    fn count<T: Table>(&self, db: &mut Db, keep: &impl Fn(&Entry<T>) -> bool) -> Result<i64> {
        if self.words.is_empty() && !self.filtered {
            return entries::count(db, T::KIND, &self.scope, self.archived);
        }
        let most = usize::try_from(MOST).map_err(Error::internal)? + 1;
        let found = self.take(db, None, most, keep)?;
        i64::try_from(found.len()).map_err(Error::internal)
    }

    fn matches(&self, name: &str, key: &str) -> bool {
        if self.words.is_empty() {
            return true;
        }
        let text = format!("{} {key}", fold(name));
        self.words.iter().all(|word| text.contains(word.as_str()))
    }
}
