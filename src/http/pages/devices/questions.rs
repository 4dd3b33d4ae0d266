//! What each event asks: its fields from the stage table, as the controls that suit them, and the answers as the
//! JSON that the use case takes.

use serde_json::{Map, Value, json};

use super::pick::Pick;
use crate::app::choices::{self, Choice};
use crate::app::entries;
use crate::domain::entry::EntryKind;
use crate::domain::lifecycle::table::{self, Row};
use crate::domain::partner::PartnerKind;
use crate::domain::person::Person;
use crate::domain::words::{
    Acquisition, Cause, Condition, ExitKind, Kind, Known, Presence, Stage, Tenure, WipeMethod,
};
use crate::http::pages::fields::Control;
use crate::http::pages::form::lines;
use crate::http::pages::prelude::*;
use crate::i18n;

/// Fields in the order they are asked. Those of the table that are missing here are set by programs.
const ORDER: &[&str] = &[
    "destination",
    "exit_kind",
    "outcome",
    "method",
    "verified",
    "holder",
    "service",
    "site",
    "due_on",
    "provider",
    "partner",
    "to_organisation",
    "reference",
    "cause",
    "functional",
    "acquisition",
    "condition",
    "tenure",
    "technique",
    "tool",
    "medium",
    "evidence",
    "part",
    "storage",
    "from",
    "into",
    "to",
    "parts",
    "hours",
    "cost_cents",
    "barrier",
    "commitment",
    "unit_value_cents",
    "value_basis",
    "override",
    "mass_g",
    "fault",
    "reason",
];

/// What the choices of a form are made of.
#[derive(Default)]
pub struct Lists {
    people: Vec<Choice>,
    sites: Vec<Choice>,
    partners: Vec<Choice>,
    /// Partners that suit less often.
    others: Vec<Choice>,
    organisations: Vec<Choice>,
}

/// Most rows of a list.
const MOST: i64 = 400;

/// The lists that the fields of a kind need; `exit` is how the device is to leave, as far as it is known.
///
/// # Errors
/// Those of the store.
pub fn lists(app: &App, actor: &Actor, kind: Kind, exit: Option<ExitKind>) -> Result<Lists> {
    let row = table::of(kind);
    let of = |wanted: &[&str], kind: EntryKind| {
        if wanted.iter().any(|field| asked(row, field)) {
            choices::of(app, actor, kind, MOST)
        } else {
            Ok(Vec::new())
        }
    };
    let usual = match kind {
        Kind::SendToRepair => &[PartnerKind::Repairer],
        _ => exit.map_or(&[][..], PartnerKind::usual),
    };
    let asks = ["partner", "provider"]
        .iter()
        .any(|field| asked(row, field));
    let (partners, others) = match asks {
        true => choices::partners(app, actor, usual, MOST)?,
        false => Default::default(),
    };
    Ok(Lists {
        partners,
        others,
        people: of(&["holder"], EntryKind::Person)?,
        sites: of(&["site"], EntryKind::Site)?,
        organisations: of(&["to_organisation"], EntryKind::Organisation)?,
    })
}

/// Whether a form of this kind asks for a field.
fn asked(row: &Row, field: &str) -> bool {
    // What comes back to the stock has no holder to name; where it is put is all there is to say.
    let back = matches!(row.kind, Kind::Deallocate | Kind::Return);
    row.allows(field) && !(back && matches!(field, "holder" | "service" | "due_on"))
}

/// The controls of an event, without its day and note.
pub fn controls(f: &Frame, fields: &Fields, kind: Kind, lists: &Lists) -> Vec<Html> {
    let row = table::of(kind);
    ORDER
        .iter()
        .filter(|field| asked(row, field))
        .filter(|field| **field != "override" || f.may(Right::Override))
        .map(|field| control(f, fields, row, field, lists))
        .collect()
}

fn control(f: &Frame, fields: &Fields, row: &Row, field: &str, lists: &Lists) -> Html {
    let label = f.word("field", field);
    let optional = !row.required.contains(&field);
    let own = i18n::find(f.lang, "event_hint", &format!("{}_{field}", row.kind));
    let hint = own.or_else(|| i18n::find(f.lang, "event_hint", field));
    let pick_of = |choices: &[Choice], others: &[Choice]| {
        Pick {
            name: field,
            label: &label,
            choices,
            others: (f.t("exits.others"), others),
            first: f.t("devices.choose"),
            hint,
            optional,
        }
        .control(fields)
    };
    let pick = |choices: &[Choice]| pick_of(choices, &[]);
    let words = |section: &str, words: Vec<&'static str>| {
        fields
            .select(field, &label, &choices(f, section, words))
            .first(f.t("devices.choose"))
    };
    let dress = |control: Control| {
        let control = match hint {
            Some(hint) => control.hint(hint),
            None => control,
        };
        Html(
            if optional {
                control.optional()
            } else {
                control.required()
            }
            .to_string(),
        )
    };
    match field {
        "holder" => return pick(&lists.people),
        "site" => return pick(&lists.sites),
        "partner" | "provider" => return pick_of(&lists.partners, &lists.others),
        "to_organisation" => return pick(&lists.organisations),
        "commitment" => return commitment(f, fields),
        "verified" | "storage" => {
            let tick = fields.tick(field, &label);
            return Html(match hint {
                Some(hint) => tick.hint(hint).to_string(),
                None => tick.to_string(),
            });
        }
        _ => {}
    }
    dress(match field {
        "destination" | "exit_kind" => words(
            "exit_kind",
            ExitKind::ALL.iter().map(|w| w.as_str()).collect(),
        ),
        "outcome" => words("outcome", row.outcomes.iter().map(|w| w.as_str()).collect()),
        "method" => words(
            "method",
            WipeMethod::ALL.iter().map(|w| w.as_str()).collect(),
        ),
        "cause" => words("cause", Cause::ALL.iter().map(|w| w.as_str()).collect()),
        "functional" => words("known", Known::ALL.iter().map(|w| w.as_str()).collect()),
        "acquisition" => words(
            "acquisition",
            Acquisition::ALL.iter().map(|w| w.as_str()).collect(),
        ),
        "condition" => words(
            "condition",
            Condition::ALL.iter().map(|w| w.as_str()).collect(),
        ),
        "tenure" => words("tenure", Tenure::ALL.iter().map(|w| w.as_str()).collect()),
        "presence" => words(
            "presence",
            Presence::ALL.iter().map(|w| w.as_str()).collect(),
        ),
        "to" => words(
            "stage",
            vec![Stage::InStock.as_str(), Stage::InUse.as_str()],
        ),
        "due_on" => fields.date(field, &label),
        "parts" | "fault" | "reason" | "override" => fields.area(field, &label),
        "hours" | "cost_cents" | "unit_value_cents" | "mass_g" => fields.number(field, &label),
        _ => fields.text(field, &label),
    })
}

/// A prior commitment to re-use: its day and its reference.
fn commitment(f: &Frame, fields: &Fields) -> Html {
    Html(format!(
        "{}{}",
        fields
            .date("commitment_on", f.t("devices.commitment_on"))
            .optional(),
        fields
            .text("commitment_reference", f.t("devices.commitment_reference"))
            .optional()
            .hint(f.t("devices.commitment_hint"))
    ))
}

/// The answers of a form as the fields of an event: kind, day, note and its own.
///
/// # Errors
/// `invalid_value` for what cannot be read, `unknown_reference` for a name that is nobody's.
pub fn answers(app: &App, actor: &Actor, kind: Kind, form: &Form) -> Result<Map<String, Value>> {
    let row = table::of(kind);
    let mut out = form.object(&[("on", As::Text), ("note", As::Text)])?;
    if kind.is_correction() {
        out.remove("on");
    }
    out.insert("kind".into(), Value::from(kind.as_str()));
    let mine = ORDER.iter().filter(|field| asked(row, field));
    for field in mine {
        if let Some(value) = answer(app, actor, field, form)? {
            out.insert((*field).to_owned(), value);
        }
    }
    if kind == Kind::Correct {
        out.extend(form.object(&[("event", As::Text)])?);
    }
    if matches!(kind, Kind::Allocate | Kind::Loan) && !out.contains_key("service") {
        out.extend(theirs(app, actor, &out)?);
    }
    Ok(out)
}

/// The service of who gets it, where none was written: the hand-over sheet names it.
fn theirs(app: &App, actor: &Actor, body: &Map<String, Value>) -> Result<Option<(String, Value)>> {
    let Some(holder) = body.get("holder").and_then(Value::as_str) else {
        return Ok(None);
    };
    let person = entries::get::<Person>(app, actor, holder, None)?;
    let service = person
        .body
        .get("service")
        .filter(|service| service.is_string());
    Ok(service.map(|service| ("service".to_owned(), service.clone())))
}

fn answer(app: &App, actor: &Actor, field: &str, form: &Form) -> Result<Option<Value>> {
    let text = form.text(field);
    let one = |how: As| Ok(form.object(&[(field, how)])?.remove(field));
    let meant = |kind: EntryKind| {
        let key = (!text.is_empty())
            .then(|| choices::meant(app, actor, kind, field, text))
            .transpose()?;
        Ok(key.map(Value::from))
    };
    match field {
        "holder" => meant(EntryKind::Person),
        "site" => meant(EntryKind::Site),
        "partner" | "provider" => meant(EntryKind::Partner),
        "to_organisation" => meant(EntryKind::Organisation),
        "verified" | "storage" => one(As::Flag),
        "cost_cents" | "unit_value_cents" => one(As::Cents),
        "mass_g" => one(As::Whole),
        "hours" => {
            let number = text.replace(',', ".");
            let read = (!number.is_empty()).then(|| number.parse::<f64>());
            let hours = read
                .transpose()
                .map_err(|_| Error::invalid(field, "`hours` is a number, such as 1,5"))?;
            Ok(hours.map(Value::from))
        }
        "parts" => Ok(Some(lines(text)).filter(|l| !l.is_empty()).map(Value::from)),
        "override" => Ok((!text.is_empty()).then(|| json!({"wipe": text}))),
        "commitment" => {
            let said = [
                ("on", form.text("commitment_on")),
                ("reference", form.text("commitment_reference")),
            ];
            let said: Map<String, Value> = said
                .into_iter()
                .filter(|(_, value)| !value.is_empty())
                .map(|(name, value)| (name.to_owned(), Value::from(value)))
                .collect();
            Ok((!said.is_empty()).then_some(Value::Object(said)))
        }
        _ => one(As::Text),
    }
}

/// What was typed and why it was refused; a name that several have is answered with them.
pub fn refused(f: &Frame, form: &Form, error: &Error) -> Fields {
    let mut fields = Fields::refused(f, form, error);
    let several = error.extra.get("several").and_then(Value::as_array);
    if let Some(several) = several {
        let names: Vec<&str> = several.iter().filter_map(Value::as_str).collect();
        fields.refusal = Some(f.tx("devices.several", names.join(" ; ")));
    }
    fields
}

/// The help that the law needs beside an event, with its source.
pub fn law(f: &Frame, kind: Kind) -> Option<(&'static str, &'static str)> {
    let text = i18n::find(f.lang, "law", kind.as_str())?;
    let source = i18n::find(f.lang, "law", &format!("{kind}_source"))?;
    Some((text, source))
}
