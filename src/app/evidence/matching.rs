//! Whose a disk is: by a code, by what agents saw inside a device, by a part that is a device of its own. Only devices
//! of the actor's organisations are looked at: a disk of a neighbour is a disk of nobody.

use std::collections::{BTreeMap, BTreeSet};

use crate::app::lifecycle::{Context, Session};
use crate::db::{Db, devices};
use crate::domain::codes;
use crate::domain::lifecycle::media;
use crate::domain::text::fold;
use crate::domain::words::CodeKind;
use crate::error::{Code, Result};

/// What an erasure is recorded on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// Device id.
    pub device: String,
    /// Its one medium; the whole device, which is the disk itself, when none.
    pub medium: Option<String>,
}

/// Whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// One device's: its tag, its organisation, and what to record. The first target is the device itself.
    One {
        /// Tag of the device.
        tag: String,
        /// Organisation in whose books it is.
        org: String,
        /// What to record.
        targets: Vec<Target>,
    },
    /// It could be any of these (tags).
    Several(Vec<String>),
    /// Nobody's.
    Nobodys,
}

/// A device that may be the host: tag, organisation, targets.
type Host = (String, String, BTreeSet<Target>);

/// Whose the disk of this serial is. `of_disks`: the report speaks of disks, so that a serial which is that of a
/// machine with other disks says nothing.
///
/// # Errors
/// Those of the store.
pub fn whose(db: &mut Db, cx: &Context, serial: &str, of_disks: bool) -> Result<Whose> {
    let word = media::fold(serial);
    let mut ids = devices::by_word(db, &cx.scope, &[fold(serial), word.to_lowercase()])?;
    let folds = [codes::fold(CodeKind::Serial, serial), word.clone()];
    ids.extend(devices::by_code(db, &folds)?.into_iter().map(|(id, _)| id));
    ids.sort();
    ids.dedup();
    let mut hosts: BTreeMap<String, Host> = BTreeMap::new();
    let mut doubt = false;
    for id in ids {
        let id = devices::winner(db, id)?;
        let Some(session) = seen(db, cx, &id)? else {
            continue;
        };
        let Some(owner) = session.history.owner() else {
            continue;
        };
        let d = &owner.described;
        let is = |text: &str| media::fold(text) == word;
        let own = d.serial.as_ref().is_some_and(|s| is(s.as_str()));
        let known = owner.state.media.known().any(|m| m == word);
        let coded = d.codes.iter().any(|c| is(c.value.as_str()));
        let inside = Target {
            device: id.clone(),
            medium: Some(serial.to_owned()),
        };
        let whole = Target {
            device: id.clone(),
            medium: None,
        };
        let tag = session.device.tag.clone();
        let org = owner.org.clone();
        let mut put = |host: &str, tag: String, org: String, targets: Vec<Target>| {
            let entry = hosts.entry(host.to_owned());
            let entry = entry.or_insert_with(|| (tag, org, BTreeSet::new()));
            entry.2.extend(targets);
        };
        if known || (coded && !own) {
            put(&id, tag, org, vec![inside]);
        } else if own {
            let host = match owner.state.part_of.clone() {
                Some(host) => seen(db, cx, &host)?.map(|s| (host, s)),
                None => None,
            };
            match host {
                // The disk sits in a machine: both know of it.
                Some((host, session)) => {
                    let org = session.history.owner().map_or(org, |o| o.org.clone());
                    let inside = Target {
                        device: host.clone(),
                        medium: Some(serial.to_owned()),
                    };
                    put(&host, session.device.tag.clone(), org, vec![inside, whole]);
                }
                None => {
                    doubt |= of_disks && owner.state.media.known().next().is_some();
                    put(&id, tag, org, vec![whole]);
                }
            }
        }
    }
    let mut hosts: Vec<(String, Host)> = hosts.into_iter().collect();
    match hosts.pop() {
        None => Ok(Whose::Nobodys),
        Some((host, (tag, org, targets))) if hosts.is_empty() && !doubt => {
            let mut targets: Vec<Target> = targets.into_iter().collect();
            targets.sort_by_key(|t| t.device != host);
            Ok(Whose::One { tag, org, targets })
        }
        Some(last) => {
            hosts.push(last);
            let mut tags: Vec<String> = hosts.into_iter().map(|(_, (tag, ..))| tag).collect();
            tags.sort();
            Ok(Whose::Several(tags))
        }
    }
}

/// A device of the actor's organisations that still stands.
fn seen(db: &mut Db, cx: &Context, id: &str) -> Result<Option<Session>> {
    let session = match Session::peek(db, cx, id) {
        Ok(session) => session,
        Err(error) if error.code == Code::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let h = &session.history;
    let ours = h.owner().is_some_and(|o| cx.scope.holds(&o.org));
    let stands = !h.withdrawn && h.merged_into.is_none();
    Ok((ours && stands).then_some(session))
}
