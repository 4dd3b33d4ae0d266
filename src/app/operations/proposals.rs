//! What a council takes up: the réformes that are proposed and not decided, or the devices somebody named, by the
//! organisation whose council decides on them. A decision is that of one council.

use std::collections::HashMap;
use std::sync::Arc;

use super::chosen::{Chosen, items};
use crate::app::lifecycle::references::id_of;
use crate::app::{Actor, App, Right, devices, titles};
use crate::db::decisions::{self, Proposed};
use crate::db::{self, Db, Scope, device_rows};
use crate::domain::day::Day;
use crate::domain::entry::EntryKind;
use crate::domain::words::{Cause, Kind};
use crate::error::{Code, Error, Result};

/// A proposal that waits for its decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proposal {
    /// Day it was made.
    pub on: Day,
    /// Its cause.
    pub cause: Cause,
}

/// Devices of one organisation.
#[derive(Debug)]
pub struct Group {
    /// Organisation key; empty for what nothing here is called.
    pub organisation: String,
    /// Its name.
    pub name: String,
    /// Its council is the one that decides.
    pub decides: bool,
    /// Its devices, each with what is proposed of it.
    pub devices: Vec<(Chosen, Option<Proposal>)>,
}

/// What can be decided.
#[derive(Debug, Default)]
pub struct Agenda {
    /// By organisation: the one that decides, then the others by name.
    pub groups: Vec<Group>,
    /// Key, name and number of devices of each organisation that could decide.
    pub councils: Vec<(String, String, i64)>,
    /// The council has more proposals than these.
    pub more: bool,
}

/// Proposals taken up at once: as many as a page shows well. The rest come once these are decided.
pub const PROPOSED: usize = 50;

/// What is proposed of these devices, by device id.
///
/// # Errors
/// Those of the store.
pub fn of(db: &mut Db, devices: &[String]) -> Result<HashMap<String, Proposal>> {
    let found = decisions::proposed_of(db, devices)?;
    Ok(found.into_iter().map(read).collect())
}

fn read(row: Proposed) -> (String, Proposal) {
    let proposal = Proposal {
        on: Day(row.on_day),
        cause: Cause::parse(&row.cause).unwrap_or(Cause::Unknown),
    };
    (row.device, proposal)
}

/// The proposals: those of the council asked for (organisation key), else of the reader's own, the longest waiting
/// first; then those of the others, as far as there is room.
///
/// # Errors
/// `forbidden`; `invalid_parameter` for a council that is not there.
pub fn proposed(app: &Arc<App>, actor: &Actor, asked: Option<&str>) -> Result<Agenda> {
    actor.must(Right::Event(Kind::Retire))?;
    app.store.read(|db| {
        let scope = actor.scope(db)?;
        let waiting = decisions::waiting(db, &scope)?;
        let orgs: Vec<&str> = waiting.iter().map(|(org, _)| org.as_str()).collect();
        let council = council(db, actor, &scope, asked, &orgs)?;
        let mut found = match &council {
            Some(org) => decisions::proposed(db, &Scope::of(vec![org.clone()]), shown(1))?,
            None => Vec::new(),
        };
        let more = found.len() > PROPOSED;
        found.truncate(PROPOSED);
        let others = decisions::proposed(db, &scope, shown(0))?;
        let others = others
            .into_iter()
            .filter(|p| Some(&p.org) != council.as_ref());
        let room = PROPOSED.saturating_sub(found.len());
        found.extend(others.take(room));
        let ids: Vec<String> = found.iter().map(|p| p.device.clone()).collect();
        let mut rows = device_rows::of_devices(db, &scope, &ids)?;
        let place: HashMap<&str, usize> = ids.iter().map(String::as_str).zip(0..).collect();
        rows.sort_by_key(|row| place.get(row.device.as_str()).copied());
        let views = devices::views(app, db, actor, rows, None)?;
        // Nothing is replayed to show them; one that cannot be retired is told when the decision is checked.
        let chosen: Vec<Chosen> = items(app, db, actor, views)?
            .into_iter()
            .map(|item| Chosen {
                given: item.device.tag.clone(),
                item: Some(item),
                refusal: None,
            })
            .collect();
        let names = db::entries::names(db, &owned(&orgs))?;
        let councils = waiting.iter().map(|(org, n)| {
            let (key, name) = names.get(org).cloned().unwrap_or_default();
            (key, name, *n)
        });
        let mut councils: Vec<(String, String, i64)> = councils.collect();
        councils.sort_by(|a, b| a.1.cmp(&b.1));
        let proposals = found.into_iter().map(read).collect();
        let decides = council.map(|org| app.names.key(db, &org)).transpose()?;
        Ok(Agenda {
            groups: grouped(app, db, actor, chosen, &proposals, decides.as_deref())?,
            councils,
            more,
        })
    })
}

fn shown(more: usize) -> i64 {
    i64::try_from(PROPOSED + more).unwrap_or(0)
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// Devices that were named, by organisation.
///
/// # Errors
/// `invalid_parameter` for a council that is not there.
pub fn named(
    app: &Arc<App>,
    actor: &Actor,
    chosen: Vec<Chosen>,
    asked: Option<&str>,
) -> Result<Agenda> {
    app.store.read(|db| {
        let scope = actor.scope(db)?;
        let known = chosen.iter().filter_map(|c| c.item.as_ref());
        let ids: Vec<String> = known.clone().map(|item| item.device.id.clone()).collect();
        let mut keys: Vec<&str> = known.map(|i| i.device.organisation.as_str()).collect();
        keys.sort_unstable();
        keys.dedup();
        let mut orgs = Vec::new();
        for key in keys {
            orgs.extend(id_of(db, &scope, EntryKind::Organisation, key, None)?);
        }
        let orgs: Vec<&str> = orgs.iter().map(String::as_str).collect();
        let council = council(db, actor, &scope, asked, &orgs)?;
        let decides = council.map(|org| app.names.key(db, &org)).transpose()?;
        let proposals = of(db, &ids)?;
        let groups = grouped(app, db, actor, chosen, &proposals, decides.as_deref())?;
        let there = groups.iter().filter(|g| !g.organisation.is_empty());
        let councils = there.map(|g| {
            let n = i64::try_from(g.devices.len()).unwrap_or(i64::MAX);
            (g.organisation.clone(), g.name.clone(), n)
        });
        Ok(Agenda {
            councils: councils.collect(),
            groups,
            more: false,
        })
    })
}

/// The organisation (id) whose council decides: the one asked for, else the reader's own if it has something to decide,
/// else the only one that has. Where several have and none is theirs, nobody's until they say whose.
fn council(
    db: &mut Db,
    actor: &Actor,
    scope: &Scope,
    asked: Option<&str>,
    present: &[&str],
) -> Result<Option<String>> {
    if let Some(key) = asked {
        let found = id_of(db, scope, EntryKind::Organisation, key, None)?;
        let unknown = || {
            let detail = "there is no organisation of this name that you may see";
            Error::new(Code::InvalidParameter, detail).with_field("council")
        };
        return found
            .filter(|org| scope.holds(org))
            .ok_or_else(unknown)
            .map(Some);
    }
    let own = match &actor.org {
        Some(org) => Some(org.clone()),
        None => db::organisations::main(db)?.map(|node| node.id),
    };
    Ok(match (own, present) {
        (Some(own), present) if present.contains(&own.as_str()) => Some(own),
        (_, [only]) => Some((*only).to_owned()),
        _ => None,
    })
}

fn grouped(
    app: &App,
    db: &mut Db,
    actor: &Actor,
    chosen: Vec<Chosen>,
    proposals: &HashMap<String, Proposal>,
    decides: Option<&str>,
) -> Result<Vec<Group>> {
    let keys: Vec<String> = chosen
        .iter()
        .filter_map(|c| Some(c.item.as_ref()?.device.organisation.clone()))
        .collect();
    let wanted: Vec<(EntryKind, &str)> = keys
        .iter()
        .map(|key| (EntryKind::Organisation, key.as_str()))
        .collect();
    let names = titles::of_in(app, db, actor, &wanted)?;
    let mut groups: Vec<Group> = Vec::new();
    for one in chosen {
        let device = one.item.as_ref().map(|item| &item.device);
        let organisation = device.map_or("", |d| d.organisation.as_str()).to_owned();
        let proposal = device.and_then(|d| proposals.get(&d.id)).copied();
        match groups.iter_mut().find(|g| g.organisation == organisation) {
            Some(group) => group.devices.push((one, proposal)),
            None => groups.push(Group {
                name: names.get(EntryKind::Organisation, &organisation).to_owned(),
                decides: decides == Some(organisation.as_str()),
                organisation,
                devices: vec![(one, proposal)],
            }),
        }
    }
    // What is called nothing here comes last.
    groups.sort_by(|a, b| {
        let order = |g: &Group| (!g.decides, g.organisation.is_empty(), g.name.clone());
        order(a).cmp(&order(b))
    });
    Ok(groups)
}
