//! Tells apart what reads alike: to choices of one label is added what separates them, so that picking one always
//! means one.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::Value;

use super::Choice;
use crate::db::Db;
use crate::db::entries::{self, Row};
use crate::domain::text::fold;
use crate::error::Result;

/// Makes every label unlike every other, by one question after the other: whose it is, what other systems call it,
/// and at last its key, which nothing else has.
///
/// # Errors
/// Those of the store.
pub(super) fn tell(db: &mut Db, rows: &[Row], all: &mut [Choice]) -> Result<()> {
    let rows: Vec<&Row> = rows.iter().filter(|row| !row.name.is_empty()).collect();
    let mut owners = HashMap::new();
    ask(&rows, all, |row, _| owner(db, row, &mut owners))?;
    ask(&rows, all, |row, _| Ok(elsewhere(row)))?;
    ask(&rows, all, |_, choice| Ok(Some(choice.key.clone())))
}

/// Puts one question to the choices that still read alike, and adds the answers where they differ.
fn ask(
    rows: &[&Row],
    all: &mut [Choice],
    mut question: impl FnMut(&Row, &Choice) -> Result<Option<String>>,
) -> Result<()> {
    let mut more: BTreeMap<usize, String> = BTreeMap::new();
    for (label, group) in alike(all) {
        let mut answers: Vec<(usize, &Choice, Option<String>)> = Vec::new();
        for at in group {
            if let (Some(row), Some(choice)) = (rows.get(at), all.get(at)) {
                answers.push((at, choice, question(row, choice)?));
            }
        }
        // What all of them share separates none of them.
        let mut two = answers.windows(2);
        if two.all(|two| matches!(two, [(.., a), (.., b)] if a == b)) {
            continue;
        }
        for (at, choice, answer) in answers {
            // The one that only bears the name has a label of its own already.
            if fold(&choice.label()) == label {
                more.extend(answer.map(|answer| (at, answer)));
            }
        }
    }
    for (at, text) in more {
        if let Some(choice) = all.get_mut(at) {
            choice.about = Some(match choice.about.take() {
                Some(about) => format!("{about} · {text}"),
                None => text,
            });
        }
    }
    Ok(())
}

/// Choices whose label is that of another, or the bare name of another: a name alone would not say which.
fn alike(all: &[Choice]) -> HashMap<String, Vec<usize>> {
    let mut by_text: HashMap<String, Vec<usize>> = HashMap::new();
    let mut labels: HashSet<String> = HashSet::new();
    for (at, choice) in all.iter().enumerate() {
        let (label, name) = (fold(&choice.label()), fold(&choice.name));
        if label != name {
            by_text.entry(name).or_default().push(at);
        }
        by_text.entry(label.clone()).or_default().push(at);
        labels.insert(label);
    }
    by_text.retain(|text, at| at.len() > 1 && labels.contains(text));
    by_text
}

/// Whose is it? The name of its organisation; nobody's when it is shared.
fn owner(
    db: &mut Db,
    row: &Row,
    known: &mut HashMap<String, Option<String>>,
) -> Result<Option<String>> {
    let Some(org) = &row.org else {
        return Ok(None);
    };
    if let Some(name) = known.get(org) {
        return Ok(name.clone());
    }
    let name = entries::by_id(db, org)?.map(|row| row.name);
    known.insert(org.clone(), name.clone());
    Ok(name)
}

/// What do other systems call it? Its id there.
fn elsewhere(row: &Row) -> Option<String> {
    let body: Value = serde_json::from_str(&row.payload).unwrap_or_default();
    let id = body.get("external_id").and_then(Value::as_str);
    id.map(str::to_owned)
}
