//! Rows to drafts, one by one.

use std::collections::HashMap;

use super::cells::Cells;
use super::forms::host_form;
use super::{Draft, Row};
use crate::domain::text::fold;
use crate::domain::words::CodeKind;
use crate::exchange::profiles::{Field, Meaning, Plan, Profile};
use crate::exchange::table::Record;

/// Reads the rows of a planned table.
///
/// Rows that name no machine get a `source` by which a later import of the same data finds their devices again:
/// `host:NAME` for a name on the network, `glpi:NAME#k` for the k-th row of that name in GLPI,
/// else `file:FINGERPRINT:LINE`, so that only the very same file is known again and equal rows of
/// different files stay different devices.
pub struct Reader<'a> {
    pub(super) plan: &'a Plan,
    fingerprint: &'a str,
    pub(super) columns: HashMap<Field, usize>,
    pub(super) categories: Vec<usize>,
    names: HashMap<String, u32>,
}

impl<'a> Reader<'a> {
    /// Reads by `plan`; `fingerprint` is of the file's bytes.
    pub fn new(plan: &'a Plan, fingerprint: &'a str) -> Self {
        let mut columns = HashMap::new();
        for (i, column) in plan.columns.iter().enumerate() {
            if let Meaning::Field(field, _) = column.meaning {
                columns.entry(field).or_insert(i);
            }
        }
        Reader {
            plan,
            fingerprint,
            columns,
            categories: plan.columns_of(&[Field::Category]),
            names: HashMap::new(),
        }
    }

    /// Reads one row.
    pub fn read(&mut self, record: &Record) -> Row {
        let mut cells = Cells {
            reader: self,
            record,
            problems: Vec::new(),
            rejected: false,
        };
        let mut draft = cells.draft();
        let (problems, rejected) = (cells.problems, cells.rejected);
        if rejected {
            return Row {
                draft: None,
                problems,
            };
        }
        draft.source = self.source(&draft);
        Row {
            draft: Some(draft),
            problems,
        }
    }

    fn source(&mut self, draft: &Draft) -> Option<String> {
        let named = draft.tag.is_some()
            || draft.serial.is_some()
            || draft.codes.iter().any(|(kind, _)| {
                matches!(
                    kind,
                    CodeKind::Uuid | CodeKind::Imei | CodeKind::AssetTag | CodeKind::Mac
                )
            });
        if named {
            return None;
        }
        Some(match &draft.name {
            Some(name) if draft.host => format!("host:{}", host_form(name)),
            Some(name) if self.plan.profile == Profile::Glpi => {
                let name = fold(name);
                let k = self.names.entry(name.clone()).or_default();
                *k += 1;
                format!("glpi:{name}#{k}")
            }
            _ => format!("file:{}:{}", self.fingerprint, draft.line),
        })
    }
}
