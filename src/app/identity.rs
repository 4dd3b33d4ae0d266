//! Which device a row means: inside one organisation, by its codes from the strongest to the weakest.
//!
//! Order: our tag; serial with manufacturer; SMBIOS UUID; IMEI; inventory number; hardware address (only when there is
//! nothing better and one device has it); what an earlier import remembered (host name, place in the file). Junk never
//! matches. Two codes that lead to two devices, or a match whose stronger code differs, are a contradiction for people.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use crate::app::devices::DeviceView;
use crate::app::devices::views;
use crate::app::{Actor, App};
use crate::db::known::{self, Coded, Tagged};
use crate::db::{Db, Scope, device_rows};
use crate::domain::model::{maker_fold, manufacturer};
use crate::domain::words::CodeKind;
use crate::domain::{codes, tag};
use crate::error::Result;
use crate::exchange::draft::problem::values;
use crate::exchange::draft::{Draft, Why};
use crate::exchange::junk;

/// By what a device is known: the names of fields.
const TAG: &str = "tag";
const SERIAL: &str = "serial";

/// Devices that a batch of rows may mean.
#[derive(Default)]
pub struct Candidates {
    tags: HashMap<String, Tagged>,
    codes: HashMap<(String, String), Vec<Coded>>,
    sources: HashMap<String, (String, bool)>,
    /// Candidates as their organisation sees them, by id.
    pub views: HashMap<String, DeviceView>,
}

/// What a row means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Match {
    /// No device we know.
    Nobody,
    /// This one (id).
    One(String),
    /// This one (id), as the winner of a merge: the row is that of the record it took the place of.
    Merged(String),
    /// It contradicts itself or what is known: why, what fills the sentence, and the device when one is meant.
    Contradiction(Why, Map<String, Value>, Option<String>),
    /// Its tag is taken, by a device the caller may not see or that is no more.
    Taken,
}

/// Sources of a row: one per device it stands for.
pub fn sources(draft: &Draft) -> Vec<String> {
    match (&draft.source, draft.quantity) {
        (None, _) => Vec::new(),
        (Some(source), 0 | 1) => vec![source.clone()],
        (Some(source), n) => (1..=n).map(|k| format!("{source}×{k}")).collect(),
    }
}

fn code_of(kind: CodeKind, value: &str) -> (String, String) {
    (kind.as_str().to_owned(), codes::fold(kind, value))
}

/// The tag that a row names: its own, or an inventory number that is one of our random tags. Lists made from our labels
/// call it so.
fn tag_of(draft: &Draft) -> Option<&str> {
    let inventory = draft.codes.iter().filter(|(k, _)| *k == CodeKind::AssetTag);
    let mut ours = inventory
        .map(|(_, v)| v.as_str())
        .filter(|v| tag::Tag::parse_random(v).is_some());
    draft.tag.as_deref().or_else(|| ours.next())
}

/// Every code a row can be known by.
fn codes_of(draft: &Draft) -> impl Iterator<Item = (CodeKind, &str)> {
    let serial = draft.serial.iter().map(|s| (CodeKind::Serial, s.as_str()));
    serial.chain(draft.codes.iter().map(|(k, v)| (*k, v.as_str())))
}

impl Candidates {
    /// Looks a batch of rows up in one organisation (id).
    ///
    /// # Errors
    /// Those of the store.
    pub fn look_up(
        app: &App,
        db: &mut Db,
        actor: &Actor,
        org: &str,
        drafts: &[&Draft],
    ) -> Result<Candidates> {
        let mut found = Candidates::default();
        found.find(db, org, drafts)?;
        let ids: Vec<String> = found.ids().into_iter().collect();
        let scope = Scope::of(vec![org.to_owned()]);
        for some in ids.chunks(500) {
            let rows = device_rows::of_devices(db, &scope, some)?;
            for view in views(app, db, actor, rows, None)? {
                found.views.insert(view.id.clone(), view);
            }
        }
        Ok(found)
    }

    fn find(&mut self, db: &mut Db, org: &str, drafts: &[&Draft]) -> Result<()> {
        let mut tags: Vec<String> = drafts
            .iter()
            .filter_map(|d| tag_of(d))
            .map(tag::fold)
            .collect();
        tags.sort_unstable();
        tags.dedup();
        for tagged in known::by_tags(db, &tags)? {
            self.tags.insert(tagged.tag_fold.clone(), tagged);
        }
        let mut folds: Vec<String> = drafts
            .iter()
            .flat_map(|d| codes_of(d))
            .map(|(kind, value)| codes::fold(kind, value))
            .collect();
        folds.sort_unstable();
        folds.dedup();
        for code in known::by_codes(db, org, &folds)? {
            let place = (code.kind.clone(), code.fold.clone());
            self.codes.entry(place).or_default().push(code);
        }
        let wanted: Vec<String> = drafts.iter().flat_map(|d| sources(d)).collect();
        self.sources = known::by_sources(db, org, &wanted)?.into_iter().collect();
        Ok(())
    }

    /// Whether any device is known by a code, tag or source of this row: asked again under the write lock.
    ///
    /// # Errors
    /// Those of the store.
    pub fn anybody(db: &mut Db, org: &str, drafts: &[&Draft]) -> Result<Candidates> {
        let mut found = Candidates::default();
        found.find(db, org, drafts)?;
        Ok(found)
    }

    /// Every device among them, by id.
    pub fn ids(&self) -> HashSet<String> {
        let tagged = self.tags.values().map(|t| &t.id);
        let coded = self.codes.values().flatten().map(|c| &c.device);
        let sources = self.sources.values().map(|(id, _)| id);
        let ids = tagged.chain(coded).chain(sources);
        ids.cloned().collect()
    }

    /// Leaves out devices that were looked at before: one that a row does not mean, though it has its serial number
    /// (of another manufacturer), stands in nobody's way.
    pub fn forget(&mut self, known: &HashSet<String>) {
        self.tags.retain(|_, t| !known.contains(&t.id));
        for codes in self.codes.values_mut() {
            codes.retain(|code| !known.contains(&code.device));
        }
        self.codes.retain(|_, codes| !codes.is_empty());
        self.sources.retain(|_, (id, _)| !known.contains(id));
    }

    /// Something is known by a code, tag or source of this row.
    pub fn touches(&self, draft: &Draft) -> bool {
        tag_of(draft).is_some_and(|t| self.tags.contains_key(&tag::fold(t)))
            || codes_of(draft).any(|(kind, value)| {
                kind != CodeKind::Mac && self.codes.contains_key(&code_of(kind, value))
            })
            || sources(draft).iter().any(|s| self.sources.contains_key(s))
    }

    /// The device behind a source.
    pub fn by_source(&self, source: &str) -> Option<&String> {
        self.sources.get(source).map(|(id, _)| id)
    }

    /// What a row means.
    pub fn meant(&self, draft: &Draft, org: &str, scope: &Scope) -> Match {
        let mut meant: Option<(String, &'static str)> = None;
        let mut merged = false;
        // An inventory number that only looks like the tag of a device out of reach is an inventory number.
        let reached = |t: &&Tagged| draft.tag.is_some() || (!t.withdrawn && scope.holds(&t.org));
        if let Some(given) = tag_of(draft)
            && let Some(tagged) = self.tags.get(&tag::fold(given)).filter(reached)
        {
            if tagged.withdrawn || !scope.holds(&tagged.org) {
                return Match::Taken;
            }
            if tagged.org != org {
                return Match::Contradiction(Why::OtherBooks, Map::new(), None);
            }
            meant = Some((tagged.id.clone(), TAG));
            merged = tagged.merged;
        }
        for (kind, name) in [
            (CodeKind::Serial, SERIAL),
            (CodeKind::Uuid, "uuid"),
            (CodeKind::Imei, "imei"),
            (CodeKind::AssetTag, "asset_tag"),
        ] {
            for (_, value) in codes_of(draft).filter(|(k, _)| *k == kind) {
                match (self.by_code(kind, value, draft).as_slice(), &meant) {
                    ([], _) => {}
                    ([(one, of_loser)], None) => {
                        meant = Some((one.clone(), name));
                        merged = *of_loser;
                    }
                    ([(one, _)], Some((known, by))) if one != known => {
                        let values = values([("field", (*by).into()), ("other", name.into())]);
                        return Match::Contradiction(Why::TwoDevices, values, None);
                    }
                    ([_], Some(_)) => {}
                    (many, Some((known, _))) if many.iter().any(|(id, _)| id == known) => {}
                    (_, _) => {
                        let values = values([("field", name.into())]);
                        return Match::Contradiction(Why::SeveralDevices, values, None);
                    }
                }
            }
        }
        let Some((id, by)) = meant else {
            return self.weakly(draft);
        };
        if merged {
            return Match::Merged(id);
        }
        match self.contradicts(&id, by, draft) {
            Some(values) => Match::Contradiction(Why::WeakerCode, values, Some(id)),
            None => Match::One(id),
        }
    }

    /// Devices that a code leads to (id), each once; true for those that only a merged record leads to.
    fn by_code(&self, kind: CodeKind, value: &str, draft: &Draft) -> Vec<(String, bool)> {
        let maker = draft.manufacturer.as_deref().map(one_maker);
        let of_maker = |code: &&Coded| {
            let known = match &code.merged {
                Some(loser) => loser.manufacturer.as_deref(),
                None => self
                    .views
                    .get(&code.device)
                    .and_then(|v| v.manufacturer.as_deref()),
            };
            match (&maker, known.map(one_maker)) {
                (Some(ours), Some(theirs)) => *ours == theirs,
                _ => true,
            }
        };
        let codes = self.codes.get(&code_of(kind, value)).into_iter().flatten();
        let mut found: Vec<(String, bool)> = codes
            .filter(|code| kind != CodeKind::Serial || of_maker(code))
            .map(|code| (code.device.clone(), code.merged.is_some()))
            .collect();
        found.sort();
        found.dedup_by(|later, kept| later.0 == kept.0);
        found
    }

    /// By address when one device has it, else by what an earlier import remembered.
    fn weakly(&self, draft: &Draft) -> Match {
        let strong = draft.serial.is_some()
            || draft
                .codes
                .iter()
                .any(|(k, _)| matches!(k, CodeKind::Uuid | CodeKind::Imei | CodeKind::AssetTag));
        if !strong {
            for (_, value) in codes_of(draft).filter(|(k, _)| *k == CodeKind::Mac) {
                if let [(one, merged)] = self.by_code(CodeKind::Mac, value, draft).as_slice() {
                    return known_as(one, *merged);
                }
            }
        }
        match draft.source.as_ref().and_then(|s| self.sources.get(s)) {
            Some((id, merged)) => known_as(id, *merged),
            None => Match::Nobody,
        }
    }

    /// A match by a weak code although a stronger one differs.
    fn contradicts(&self, id: &str, by: &str, draft: &Draft) -> Option<Map<String, Value>> {
        let known = self.views.get(id)?;
        if by != TAG
            && by != SERIAL
            && let (Some(ours), Some(theirs)) = (&draft.serial, &known.serial)
            && junk::normal(ours) != junk::normal(theirs)
        {
            let device = Value::from(known.tag.as_str());
            return Some(values([("field", by.into()), ("device", device)]));
        }
        None
    }
}

fn known_as(id: &str, merged: bool) -> Match {
    if merged {
        Match::Merged(id.to_owned())
    } else {
        Match::One(id.to_owned())
    }
}

/// Two spellings of one maker are one.
fn one_maker(name: &str) -> String {
    maker_fold(&manufacturer(name))
}
