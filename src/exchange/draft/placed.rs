//! Where the thing is, who holds it, in which state it is.

use super::cells::{Cells, LONGEST_LINE};
use super::forms::{first_value, one_line, path};
use super::problem::shown;
use super::{Draft, Holder, Why};
use crate::domain::text::{Line, Note, fold};
use crate::domain::words::{Data, ExitKind, Presence, Stage};
use crate::exchange::profiles::{Field, vocabulary};

impl Cells<'_, '_> {
    pub(super) fn where_and_who(&mut self, draft: &mut Draft) {
        if let Some(site) = self.raw(Field::Site) {
            draft.site = if self.reader.plan.own {
                vec![one_line(&site)]
            } else {
                path(&site)
            };
        }
        if let Some(place) = self.raw(Field::CheckoutLocation) {
            draft.site = path(&place);
        }
        if draft.site.iter().any(|s| s.chars().count() > 200) {
            self.reject(Field::Site, Why::SiteLong, []);
        }
        draft.service = self.line(Field::Service);
        draft.part_of = self.line(Field::PartOf);
        draft.holder = self.holder();
        if let Some(note) = self.raw(Field::Note) {
            match Note::parse(&note) {
                Ok(note) => draft.note = Some(note.into_string()),
                Err(_) => self.reject(Field::Note, Why::Text, [("most", 4000.into())]),
            }
        }
    }

    pub(super) fn holder(&mut self) -> Option<Holder> {
        if let Some(key) = self.line(Field::Holder) {
            return Some(Holder {
                key: Some(key),
                ..Holder::default()
            });
        }
        let mut several = false;
        let mut one = |text: Option<String>| {
            text.map(|t| {
                let first = first_value(&t).to_owned();
                several |= first.len() != t.trim().len();
                first
            })
            .filter(|t| !t.is_empty())
        };
        let id = one(self.raw(Field::HolderId));
        let email = one(self.raw(Field::HolderEmail));
        let full = one(self.raw(Field::HolderName));
        let first = one(self.raw(Field::HolderFirst));
        let last = one(self.raw(Field::HolderLast));
        if several {
            self.problem(Some(Field::HolderName), Why::SeveralPeople, []);
        }
        let name = full.or_else(|| match (first, last) {
            (Some(first), Some(last)) => Some(format!("{first} {last}")),
            (first, last) => first.or(last),
        });
        let external_id = id.or(email);
        if external_id.is_none() && name.is_none() {
            return None;
        }
        for text in [&external_id, &name].into_iter().flatten() {
            if Line::parse(text).is_err() {
                let most = [("most", LONGEST_LINE.into())];
                self.reject(Field::HolderName, Why::Text, most);
            }
        }
        Some(Holder {
            key: None,
            external_id,
            name,
        })
    }

    pub(super) fn state(&mut self, draft: &mut Draft) {
        draft.stage = self.word(Field::Stage, Stage::parse);
        draft.data = self.word(Field::Data, Data::parse);
        draft.presence = self.word(Field::Presence, Presence::parse);
        draft.retired_on = self.day(Field::RetiredOn);
        draft.gone_on = self.day(Field::GoneOn);
        draft.exit_kind = self.word(Field::ExitKind, ExitKind::parse);
        if draft.stage == Some(Stage::Withdrawn) {
            self.reject(Field::Stage, Why::Withdrawn, []);
        }
        if draft.stage.is_none()
            && let Some(word) = self.line(Field::Status)
        {
            match vocabulary::status_of(&word) {
                Some(status) => {
                    let held = draft.holder.is_some() && status.holder_means_in_use;
                    draft.stage = Some(if held { Stage::InUse } else { status.stage });
                    draft.presence = draft.presence.or(status.presence);
                    draft.exit_kind = draft.exit_kind.or(status.exit_kind);
                }
                None => {
                    let values = [("shown", shown(&word))];
                    self.problem(Some(Field::Status), Why::UnknownStatus, values);
                }
            }
        }
        if draft.stage.is_none() && draft.retired_on.is_some() {
            draft.stage = Some(Stage::Retired);
        }
        if draft.stage.is_none() && self.checked_out_to_a_place() {
            draft.stage = Some(Stage::InUse);
        }
        // Who last held a thing that is put away, repaired or gone does not hold it now.
        if !self.reader.plan.own && draft.stage.is_some_and(|s| s != Stage::InUse) {
            draft.holder = None;
        }
    }
    pub(super) fn checked_out_to_a_place(&mut self) -> bool {
        self.raw(Field::CheckoutType)
            .is_some_and(|t| fold(&t) == "location")
    }
}
