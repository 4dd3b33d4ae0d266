//! Scan anything: whatever is printed on a device leads to it, and says how.

use std::collections::BTreeSet;

use serde::Serialize;

use super::list::views;
use super::view::DeviceView;
use crate::app::lifecycle::references::id_of;
use crate::app::{Actor, App, Right};
use crate::db::{Db, Scope, device_rows, devices};
use crate::domain::codes::{self, is_imei, is_mac, is_uuid};
use crate::domain::entry::EntryKind;
use crate::domain::tag;
use crate::domain::words::{CodeKind, Kind};
use crate::error::{Error, Result};
use crate::exchange::{foreign_label, junk};

/// One device a code leads to.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Match {
    /// The device.
    pub device: DeviceView,
    /// `tag`, `url`, `serial`, `uuid`, `imei`, `mac` or `other`.
    pub by: String,
    /// `exact`; `weak` for codes that several devices may share.
    pub confidence: &'static str,
}

/// What a scan says.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Scan {
    /// The code as scanned.
    pub code: String,
    /// `device`, `site`, `lot` or `none`.
    pub kind: &'static str,
    /// Every device it may mean; empty when unknown.
    pub matches: Vec<Match>,
    /// Legal next steps, when it means exactly one device.
    #[schema(value_type = Vec<String>)]
    pub next_events: Vec<Kind>,
    /// Key of the site, when it is a site's label.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
}

/// Longest code that is looked up, in characters.
const MAX: usize = 2000;

/// Looks up a code.
///
/// # Errors
/// `invalid_parameter` for an empty or endless code.
pub fn scan(app: &App, actor: &Actor, code: &str) -> Result<Scan> {
    actor.must(Right::Read)?;
    let code = code.trim();
    if code.is_empty() || code.chars().count() > MAX {
        let detail = format!("a code has 1 to {MAX} characters");
        return Err(Error::new(crate::error::Code::InvalidParameter, detail).with_field("code"));
    }
    app.store.read(|db| {
        let scope = actor.scope(db)?;
        let found = find(db, &scope, code)?;
        let matches = matches(app, db, actor, &scope, &found)?;
        let next_events = match matches.as_slice() {
            [one] => one.device.next_events.clone(),
            _ => Vec::new(),
        };
        let site = if matches.is_empty() {
            site_of(db, &scope, code)?
        } else {
            None
        };
        let kind = match (&site, matches.is_empty()) {
            (_, false) => "device",
            (Some(_), _) => "site",
            _ => "none",
        };
        Ok(Scan {
            code: code.to_owned(),
            kind,
            matches,
            next_events,
            site,
        })
    })
}

/// Devices of a scope that a code may mean (ids), in the order of their ids.
///
/// # Errors
/// Those of the store.
pub fn meant_in(db: &mut Db, scope: &Scope, code: &str) -> Result<Vec<String>> {
    let mut ids = BTreeSet::new();
    for (id, _) in find(db, scope, code.trim())? {
        if devices::seen_by(db, &id, scope)? {
            ids.insert(id);
        }
    }
    Ok(ids.into_iter().collect())
}

/// Devices of a scope that a code leads to, and by what: our tag before all else, then what the text may hold, the
/// most certain first. What a tag leads to is not yet asked for its scope: the caller's next statement does.
fn find(db: &mut Db, scope: &Scope, code: &str) -> Result<Vec<(String, String)>> {
    if let Some((id, by)) = by_tag(db, code)? {
        return Ok(vec![(id, by.to_owned())]);
    }
    for candidate in foreign_label::codes(code) {
        let mut seen = Vec::new();
        for (id, by) in by_code(db, &candidate)? {
            if devices::seen_by(db, &id, scope)? {
                seen.push((id, by));
            }
        }
        if !seen.is_empty() {
            return Ok(seen);
        }
    }
    Ok(Vec::new())
}

/// The site whose label it is: its key, alone or in the address that is printed on it.
fn site_of(db: &mut Db, scope: &Scope, code: &str) -> Result<Option<String>> {
    let key = code
        .split_once("://")
        .and_then(|(_, rest)| rest.rsplit_once("/sites/"))
        .map_or(code, |(_, key)| key.trim_end_matches('/'));
    Ok(id_of(db, scope, EntryKind::Site, key, None)?.map(|_| key.to_owned()))
}

/// Our tag, alone or in the URL of a label.
fn by_tag(db: &mut Db, code: &str) -> Result<Option<(String, &'static str)>> {
    if let Some(tag) = tag::parse_url(code)
        && let Some(id) = devices::resolve(db, tag.as_str())?
    {
        return Ok(Some((id, "url")));
    }
    if code.chars().count() > 40 || tag::fold(code).is_empty() {
        return Ok(None);
    }
    Ok(devices::resolve(db, code)?
        .filter(|id| id != code)
        .map(|id| (id, "tag")))
}

/// Serial, UUID, IMEI, hardware address, old tags, in any spelling. Junk finds nothing.
fn by_code(db: &mut Db, code: &str) -> Result<Vec<(String, String)>> {
    let mut folds = BTreeSet::new();
    for kind in CodeKind::ALL {
        let looks = match kind {
            CodeKind::Uuid => is_uuid(code),
            CodeKind::Mac => is_mac(code),
            CodeKind::Imei => is_imei(code),
            _ => true,
        };
        if looks && !junk::is_junk_code(*kind, code) {
            folds.insert(codes::fold(*kind, code));
        }
    }
    let folds: Vec<String> = folds.into_iter().filter(|f| !f.is_empty()).collect();
    let found = devices::by_code(db, &folds)?;
    // The codes of a merged device lead to the winner.
    found
        .into_iter()
        .map(|(id, by)| Ok((devices::winner(db, id)?, by)))
        .collect()
}

fn matches(
    app: &App,
    db: &mut Db,
    actor: &Actor,
    scope: &Scope,
    found: &[(String, String)],
) -> Result<Vec<Match>> {
    let ids: BTreeSet<String> = found.iter().map(|(id, _)| id.clone()).collect();
    let ids: Vec<String> = ids.into_iter().collect();
    let rows = device_rows::of_devices(db, scope, &ids)?;
    let devices = views(app, db, actor, rows, None)?;
    let several = devices.len() > 1;
    let mut out: Vec<Match> = devices
        .into_iter()
        .map(|device| {
            let by = found
                .iter()
                .find(|(id, _)| *id == device.id)
                .map_or("other", |(_, by)| by.as_str());
            let by = if matches!(by, "tag" | "url" | "serial" | "uuid" | "imei" | "mac") {
                by
            } else {
                "other"
            };
            let exact = matches!(by, "tag" | "url") || (!several && by != "mac");
            Match {
                device,
                by: by.to_owned(),
                confidence: if exact { "exact" } else { "weak" },
            }
        })
        .collect();
    out.sort_by(|a, b| a.device.tag.cmp(&b.device.tag));
    Ok(out)
}
