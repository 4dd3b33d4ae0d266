//! The list of devices: what it may be asked, and one page of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::view::{DeviceView, Identity, Reader, State, view};
use crate::app::lifecycle::references::id_of;
use crate::app::{Actor, App, Page, Right, cursor};
use crate::db::device_rows::{self, Filter, Row, Sort, Word};
use crate::db::{Db, Scope, entries, organisations};
use crate::domain::catalogue::Catalogue;
use crate::domain::day::Day;
use crate::domain::entry::EntryKind;
use crate::domain::facts::Facts;
use crate::domain::text::fold;
use crate::domain::words::{Data, ExitKind, Presence, Stage};
use crate::error::{Code, Error, Result};

/// Filters of the list (contract, queries). Values of one parameter are alternatives; parameters narrow together.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// Words; each is the beginning of a word of name, model, manufacturer, any code, or the holder's name.
    pub q: Option<String>,
    /// Stages, comma-separated.
    #[param(value_type = Vec<String>)]
    pub stage: Vec<Stage>,
    /// What the media hold.
    #[param(value_type = Vec<String>)]
    pub data: Vec<Data>,
    /// Presence.
    #[param(value_type = Vec<String>)]
    pub presence: Vec<Presence>,
    /// Category keys.
    pub category: Vec<String>,
    /// Model keys.
    pub model: Vec<String>,
    /// Organisation key; what is below it included.
    pub org: Option<String>,
    /// That organisation alone.
    pub org_only: bool,
    /// Site keys; what is below them included.
    pub site: Vec<String>,
    /// Person keys.
    pub holder: Vec<String>,
    /// Kinds of exit.
    #[param(value_type = Vec<String>)]
    pub exit_kind: Vec<ExitKind>,
    /// Acquired on or after this day.
    #[param(value_type = Option<String>)]
    pub acquired_from: Option<Day>,
    /// Acquired on or before this day.
    #[param(value_type = Option<String>)]
    pub acquired_to: Option<Day>,
    /// Retired on or after this day.
    #[param(value_type = Option<String>)]
    pub retired_from: Option<Day>,
    /// Retired on or before this day.
    #[param(value_type = Option<String>)]
    pub retired_to: Option<Day>,
    /// Left on or after this day.
    #[param(value_type = Option<String>)]
    pub gone_from: Option<Day>,
    /// Left on or before this day.
    #[param(value_type = Option<String>)]
    pub gone_to: Option<Day>,
    /// State at the end of this day.
    #[param(value_type = Option<String>)]
    pub as_of: Option<Day>,
    /// Custom fields: `extra.KEY=value`.
    pub extra: BTreeMap<String, String>,
    /// `tag` (default), `name`, `acquired_on`, `updated_at`; a minus before it for descending.
    pub sort: Option<String>,
    /// 1 to 1000; 50 when absent.
    pub limit: Option<i64>,
    /// Where to go on.
    pub cursor: Option<String>,
    /// Also count: exact to 10,000.
    pub total: bool,
    /// `withdrawn`: devices created in error too.
    pub include: Vec<String>,
}

/// Totals are exact to here.
const CAP: i64 = 10_000;

/// A page of devices.
///
/// # Errors
/// `invalid_parameter` naming it; keys that name nothing visible are refused like wrong ones.
pub fn list(app: &App, actor: &Actor, asked: &Asked) -> Result<Page<DeviceView>> {
    actor.must(Right::Read)?;
    let limit = asked.limit.unwrap_or(50);
    if !(1..=1000).contains(&limit) {
        return Err(
            Error::new(Code::InvalidParameter, "`limit` goes from 1 to 1000").with_field("limit"),
        );
    }
    let sort = sort(asked.sort.as_deref())?;
    let bound = bound(actor, asked);
    let after: Option<(String, String)> = asked
        .cursor
        .as_deref()
        .map(|c| cursor::open(app, &bound, c))
        .transpose()?;
    app.store.read(|db| {
        let (scope, filter) = filter(app, db, actor, asked)?;
        let after = after
            .as_ref()
            .map(|(value, device)| (value.as_str(), device.as_str()));
        let mut rows = device_rows::page(db, &scope, &filter, sort, after, limit + 1)?;
        let more = i64::try_from(rows.len()).unwrap_or(0) > limit;
        rows.truncate(usize::try_from(limit).unwrap_or(0));
        let next = match rows.last().filter(|_| more) {
            Some(last) => Some(cursor::seal(app, &bound, &(&last.sort_key, &last.device))?),
            None => None,
        };
        let mut page = Page::new(views(app, db, actor, rows, asked.as_of)?, next);
        if asked.total {
            let n = device_rows::count(db, &scope, &filter, CAP + 1)?;
            page.total = Some(n.min(CAP));
            page.total_capped = (n > CAP).then_some(true);
        }
        Ok(page)
    })
}

/// The rows of the list in its order, at most `most`, for what is made of many devices at once; page and cursor are
/// not looked at.
///
/// # Errors
/// As [`list`].
pub fn rows(app: &App, db: &mut Db, actor: &Actor, asked: &Asked, most: i64) -> Result<Vec<Row>> {
    let sort = sort(asked.sort.as_deref())?;
    let (scope, filter) = filter(app, db, actor, asked)?;
    device_rows::page(db, &scope, &filter, sort, None, most)
}

fn sort(text: Option<&str>) -> Result<(Sort, bool)> {
    let text = text.unwrap_or("tag");
    let (name, descending) = text
        .strip_prefix('-')
        .map_or((text, false), |name| (name, true));
    let sort = match name {
        "tag" => Sort::Tag,
        "name" => Sort::Name,
        "acquired_on" => Sort::AcquiredOn,
        "updated_at" => Sort::UpdatedAt,
        _ => {
            let detail = "`sort` is one of tag, name, acquired_on, updated_at, with a minus before it for descending";
            return Err(Error::new(Code::InvalidParameter, detail).with_field("sort"));
        }
    };
    Ok((sort, descending))
}

/// What a cursor is bound to: who reads, the filters and the sort; not the page size.
fn bound(actor: &Actor, asked: &Asked) -> String {
    let filters = Asked {
        limit: None,
        cursor: None,
        total: false,
        ..asked.clone()
    };
    let filters = serde_json::to_string(&filters).unwrap_or_default();
    format!(
        "devices|{}|{}|{filters}",
        actor.org.as_deref().unwrap_or("*"),
        actor.may(Right::People)
    )
}

/// Turns what was asked into scope and filter, keys into ids.
///
/// # Errors
/// `invalid_parameter` naming the parameter.
pub fn filter(app: &App, db: &mut Db, actor: &Actor, asked: &Asked) -> Result<(Scope, Filter)> {
    let mut scope = actor.scope(db)?;
    if let Some(org) = &asked.org {
        scope = organisations::scope_of(db, &scope, org, asked.org_only)?
            .ok_or_else(|| unknown("org", org))?;
    }
    let people = actor.may(Right::People);
    let mut filter = Filter {
        as_of: asked.as_of.map(|d| d.0),
        ..Filter::default()
    };
    for include in &asked.include {
        if include != "withdrawn" {
            return Err(
                Error::new(Code::InvalidParameter, "`include` takes withdrawn")
                    .with_field("include"),
            );
        }
        filter.withdrawn = true;
    }
    states(db, asked, &scope, people, &mut filter)?;
    columns(app, db, asked, &scope, &mut filter)?;
    if let Some(q) = &asked.q {
        filter.words = words(db, q, &scope, people)?;
    }
    for (key, value) in &asked.extra {
        if key.is_empty() || key.contains(['"', '\\', '\0']) {
            return Err(
                Error::new(Code::InvalidParameter, "this is no name of a custom field")
                    .with_field(format!("extra.{key}")),
            );
        }
        filter.extra.push((key.clone(), value.clone()));
    }
    Ok((scope, filter))
}

fn unknown(parameter: &str, value: &str) -> Error {
    Error::new(
        Code::InvalidParameter,
        format!("`{parameter}`: nothing here is called “{value}”"),
    )
    .with_field(parameter)
}

fn ids(
    db: &mut Db,
    scope: &Scope,
    kind: EntryKind,
    parameter: &str,
    keys: &[String],
) -> Result<Vec<String>> {
    let id =
        |key: &String| id_of(db, scope, kind, key, None)?.ok_or_else(|| unknown(parameter, key));
    keys.iter().map(id).collect()
}

fn states(
    db: &mut Db,
    asked: &Asked,
    scope: &Scope,
    people: bool,
    filter: &mut Filter,
) -> Result<()> {
    let mut add = |column: &'static str, values: Vec<String>| {
        if !values.is_empty() {
            filter.states.push((column, values));
        }
    };
    add(
        "stage",
        asked.stage.iter().map(ToString::to_string).collect(),
    );
    add("data", asked.data.iter().map(ToString::to_string).collect());
    add(
        "presence",
        asked.presence.iter().map(ToString::to_string).collect(),
    );
    if !asked.site.is_empty() {
        let roots = ids(db, scope, EntryKind::Site, "site", &asked.site)?;
        add("site", entries::sites_below(db, &roots)?);
    }
    if !asked.holder.is_empty() {
        if !people {
            return Err(Error::forbidden(
                "a role that sees people, to filter by holder",
            ));
        }
        add(
            "holder",
            ids(db, scope, EntryKind::Person, "holder", &asked.holder)?,
        );
    }
    if asked.stage.contains(&Stage::Withdrawn) {
        filter.withdrawn = true;
    }
    Ok(())
}

fn columns(
    app: &App,
    db: &mut Db,
    asked: &Asked,
    scope: &Scope,
    filter: &mut Filter,
) -> Result<()> {
    if !asked.category.is_empty() {
        let catalogue = app.catalogue(db)?;
        if let Some(wrong) = asked
            .category
            .iter()
            .find(|c| catalogue.category(c).is_none())
        {
            return Err(unknown("category", wrong));
        }
        filter.columns.push(("category", asked.category.clone()));
    }
    if !asked.model.is_empty() {
        filter.columns.push((
            "model",
            ids(db, scope, EntryKind::Model, "model", &asked.model)?,
        ));
    }
    if !asked.exit_kind.is_empty() {
        filter.columns.push((
            "exit_kind",
            asked.exit_kind.iter().map(ToString::to_string).collect(),
        ));
    }
    let mut days = |column, from: Option<Day>, to: Option<Day>| {
        if from.is_some() || to.is_some() {
            filter
                .days
                .push((column, from.map(|d| d.0), to.map(|d| d.0)));
        }
    };
    days("acquired_on", asked.acquired_from, asked.acquired_to);
    days("retired_on", asked.retired_from, asked.retired_to);
    days("gone_on", asked.gone_from, asked.gone_to);
    Ok(())
}

/// The words of a search, each with the people whose name has a word that begins so.
fn words(db: &mut Db, q: &str, scope: &Scope, people: bool) -> Result<Vec<Word>> {
    let mut out = Vec::new();
    for word in fold(q).split_whitespace().take(10) {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
        if word.is_empty() {
            continue;
        }
        let holders = if people {
            entries::people_named(db, scope, &word)?
        } else {
            Vec::new()
        };
        let text: String = word.chars().take(60).collect();
        out.push(Word {
            common: device_rows::is_common(db, &text)?,
            text,
            holders,
        });
    }
    Ok(out)
}

/// The shapes of rows.
///
/// # Errors
/// Those of the database.
pub fn views(
    app: &App,
    db: &mut Db,
    actor: &Actor,
    rows: Vec<Row>,
    as_of: Option<Day>,
) -> Result<Vec<DeviceView>> {
    let catalogue = app.catalogue(db)?;
    let reader = Reader {
        people: actor.may(Right::People),
    };
    let mut out = Vec::with_capacity(rows.len());
    for row in rows {
        match shape(app, db, &catalogue, reader, row, as_of) {
            Ok(view) => out.push(view),
            // Not in these books on that day: before they opened, there is nothing to show.
            Err(error) if as_of.is_some() && error.code == Code::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(out)
}

fn shape(
    app: &App,
    db: &mut Db,
    catalogue: &Arc<Catalogue>,
    reader: Reader,
    row: Row,
    as_of: Option<Day>,
) -> Result<DeviceView> {
    let mut state: State = serde_json::from_str(&row.state).map_err(Error::internal)?;
    if let Some(day) = as_of {
        let facts = crate::db::books::facts(db, &row.device, row.book)?;
        if !state.go_back(&facts, day) {
            return Err(Error::not_found());
        }
    }
    let identity = Identity {
        id: row.device,
        tag: row.tag,
        org: row.org,
        version: row.version,
        updated_at: row.updated_at.and_utc(),
    };
    view(db, &app.names, catalogue, reader, identity, state)
}

impl State {
    /// The state at the end of a day; described fields are the same for every day. False before the books opened.
    pub fn go_back(&mut self, facts: &Facts, day: Day) -> bool {
        let Some(spell) = facts
            .spells
            .iter()
            .rev()
            .find(|s| s.from <= day && s.to.is_none_or(|to| to > day))
        else {
            return false;
        };
        let exit = facts
            .exits
            .iter()
            .rev()
            .find(|x| x.on <= day && x.given_back_on.is_none_or(|back| back > day));
        self.stage = spell.stage;
        self.data = spell.data;
        self.presence = spell.presence;
        self.retired_on = spell.retired_on;
        self.site.clone_from(&spell.site);
        self.service.clone_from(&spell.service);
        self.holder.clone_from(&spell.holder);
        self.tenure = spell.tenure;
        self.part_of.clone_from(&spell.part_of);
        if !(facts.adopted_gone && exit.is_none()) {
            self.gone_on = exit.map(|x| x.on);
            self.exit_kind = exit.map(|x| x.kind);
        }
        self.first_use_on = self.first_use_on.filter(|d| *d <= day);
        self.next_events.clear();
        true
    }
}
