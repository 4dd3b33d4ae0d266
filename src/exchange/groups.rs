//! Which rows of one file are the same machine, found in one pass with a few bytes per row.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// What a key is of; the order is from the strongest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// Our tag.
    Tag,
    /// Serial and manufacturer.
    Serial,
    /// SMBIOS UUID.
    Uuid,
    /// IMEI.
    Imei,
    /// Inventory number of another tool.
    AssetTag,
    /// Hardware address, when there is nothing better.
    Mac,
    /// Name on the network, when there is nothing better.
    Host,
}

/// A key, hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// Of what.
    pub kind: KeyKind,
    /// Hash of kind and value.
    pub hash: u64,
}

impl Key {
    /// Hashes a normalised value.
    pub fn new(kind: KeyKind, value: &str) -> Key {
        let mut hasher = DefaultHasher::new();
        (kind as u8, value).hash(&mut hasher);
        Key {
            kind,
            hash: hasher.finish(),
        }
    }
}

/// How many kinds contradict each other when they differ: all but address and host name.
const STRONG: usize = 5;

#[derive(Debug, Clone, Copy, Default)]
struct Group {
    first: u32,
    strong: [u32; STRONG],
}

/// The groups of one file.
#[derive(Debug, Default)]
pub struct Groups {
    by_key: HashMap<u64, u32>,
    groups: Vec<Group>,
    /// Line → group, for groups of several rows only.
    members: HashMap<u32, u32>,
    last: HashMap<u32, u32>,
    contradictions: HashMap<u32, u32>,
}

fn short(hash: u64) -> u32 {
    u32::try_from(hash >> 32).unwrap_or_default().max(1)
}

impl Groups {
    /// Adds the row of a line with its keys.
    pub fn add(&mut self, line: u64, keys: &[Key]) {
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        if keys.is_empty() {
            return;
        }
        let mut found: Option<u32> = None;
        for key in keys {
            match (self.by_key.get(&key.hash).copied(), found) {
                (Some(group), None) => found = Some(group),
                (Some(group), Some(other)) if group != other => {
                    self.contradict(line, group);
                    return;
                }
                _ => {}
            }
        }
        let index = match found {
            Some(index) => {
                if !self.agrees(index, keys) {
                    self.contradict(line, index);
                    return;
                }
                let first = self.group(index).first;
                self.members.insert(first, index);
                self.members.insert(line, index);
                self.last.insert(index, line);
                index
            }
            None => {
                self.groups.push(Group {
                    first: line,
                    ..Group::default()
                });
                u32::try_from(self.groups.len() - 1).unwrap_or(u32::MAX)
            }
        };
        for key in keys {
            self.by_key.insert(key.hash, index);
            if let Some(place) = self
                .groups
                .get_mut(index as usize)
                .and_then(|g| g.strong.get_mut(key.kind as usize))
            {
                *place = short(key.hash);
            }
        }
    }

    fn group(&self, index: u32) -> Group {
        self.groups.get(index as usize).copied().unwrap_or_default()
    }
    /// No strong key of the row differs from the group's own of that kind.
    fn agrees(&self, index: u32, keys: &[Key]) -> bool {
        let group = self.group(index);
        keys.iter().all(|key| {
            group
                .strong
                .get(key.kind as usize)
                .is_none_or(|known| *known == 0 || *known == short(key.hash))
        })
    }
    fn contradict(&mut self, line: u32, group: u32) {
        let first = self.group(group).first;
        self.contradictions.insert(line, first);
    }

    /// Frees what is needed only while rows are added.
    pub fn close(&mut self) {
        self.by_key = HashMap::new();
        self.groups = Vec::new();
    }
    /// The group of a line, when its machine has several rows.
    pub fn of(&self, line: u64) -> Option<u32> {
        self.members.get(&u32::try_from(line).ok()?).copied()
    }
    /// The last line of a group.
    pub fn last_line(&self, group: u32) -> Option<u64> {
        self.last.get(&group).map(|l| u64::from(*l))
    }
    /// The line whose machine this line contradicts: its columns point at two machines.
    pub fn contradicted(&self, line: u64) -> Option<u64> {
        self.contradictions
            .get(&u32::try_from(line).ok()?)
            .map(|l| u64::from(*l))
    }
}
