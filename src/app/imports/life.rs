//! Days of a device that cannot follow each other as the file says them: written all the same, and told.

use serde_json::{Map, Value};

use crate::app::devices::DeviceView;
use crate::exchange::draft::{Draft, Problem, Why, problem};

/// What comes first, what comes after.
const ORDER: &[(&str, &str)] = &[
    ("manufactured_on", "first_sold_on"),
    ("manufactured_on", "acquired_on"),
    ("manufactured_on", "first_use_on"),
    ("manufactured_on", "retired_on"),
    ("first_sold_on", "acquired_on"),
    ("acquired_on", "first_use_on"),
    ("acquired_on", "warranty_until"),
    ("acquired_on", "retired_on"),
    ("acquired_on", "gone_on"),
    ("first_use_on", "retired_on"),
    ("first_use_on", "gone_on"),
    ("retired_on", "gone_on"),
];

/// What a row that makes a device says against itself.
pub fn of_new(draft: &Draft) -> Vec<Problem> {
    let mut days = draft.set.clone();
    for (name, day) in [("retired_on", draft.retired_on), ("gone_on", draft.gone_on)] {
        if let Some(day) = day {
            days.insert(name.to_owned(), day.to_string().into());
        }
    }
    let all = |name: &str| days.contains_key(name);
    contradictions(draft.line, &days, all)
}

/// What a row sets on a known device against what is known of it.
pub fn of_known(draft: &Draft, known: &DeviceView, set: &Map<String, Value>) -> Vec<Problem> {
    let Ok(Value::Object(mut days)) = serde_json::to_value(known) else {
        return Vec::new();
    };
    days.extend(set.clone());
    contradictions(draft.line, &days, |name| set.contains_key(name))
}

/// One problem a cell: the first that speaks against it.
fn contradictions(
    line: u64,
    days: &Map<String, Value>,
    written: impl Fn(&str) -> bool,
) -> Vec<Problem> {
    // Days as they are kept are in the order of their texts.
    let day = |name: &str| days.get(name).and_then(Value::as_str);
    let used_before = ["second_hand", "refurbished"]
        .iter()
        .any(|condition| day("condition") == Some(condition));
    let mut found: Vec<Problem> = Vec::new();
    for (first, after) in ORDER {
        // Somebody else used it before it came here.
        if used_before && (*first, *after) == ("acquired_on", "first_use_on") {
            continue;
        }
        let (Some(earlier), Some(later)) = (day(first), day(after)) else {
            continue;
        };
        let column = match (written(first), written(after)) {
            (false, false) => continue,
            (true, _) => first,
            (false, true) => after,
        };
        let told = |p: &Problem| p.column.as_deref() == Some(column);
        if earlier <= later || found.iter().any(told) {
            continue;
        }
        let values = problem::values([
            ("field", (*first).into()),
            ("day", earlier.into()),
            ("other", (*after).into()),
            ("other_day", later.into()),
        ]);
        let column = Some((*column).to_owned());
        found.push(Problem::new(line, column, Why::ContradictsLife, values));
    }
    found
}
