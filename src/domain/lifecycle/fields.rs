//! Reading the fields of an event as sent: which the kind takes, which it needs, which values they may have.

use serde_json::{Map, Value};

use crate::domain::described::Described;
use crate::domain::event::Fields;
use crate::domain::input;
use crate::domain::words::{Kind, Stage, Tenure};
use crate::error::{Code, Error, Result};

use super::table;

/// Fields every event takes beside its own.
pub const COMMON: &[&str] = &["note", "signatory", "signature"];

/// Reads the own fields of an event of this kind.
///
/// # Errors
/// `unknown_field` (with the fields the kind takes), `missing_field`, `invalid_value`.
pub fn read(kind: Kind, fields: Map<String, Value>) -> Result<Fields> {
    let row = table::of(kind);
    let fields: Map<String, Value> = fields.into_iter().filter(|(_, v)| !v.is_null()).collect();
    if let Some(unknown) = fields
        .keys()
        .find(|k| !(row.allows(k) || matches!(k.as_str(), "signatory" | "signature")))
    {
        let mut takes: Vec<&str> = [row.required, row.one_of, row.optional].concat();
        takes.sort_unstable();
        let takes = if takes.is_empty() {
            "no fields of its own".to_owned()
        } else {
            takes.join(", ")
        };
        return Err(Error::new(
            Code::UnknownField,
            format!("`{kind}` has no field `{unknown}`; it takes {takes}"),
        )
        .with_field(unknown.clone()));
    }
    if let Some(absent) = row.required.iter().find(|f| !fields.contains_key(**f)) {
        return Err(Error::missing(absent));
    }
    if !row.one_of.is_empty() && !row.one_of.iter().any(|f| fields.contains_key(*f)) {
        let first = row.one_of.first().copied().unwrap_or_default();
        return Err(Error::new(
            Code::MissingField,
            format!("`{kind}` needs one of: {}", row.one_of.join(", ")),
        )
        .with_field(first));
    }
    let fields: Fields = input::parse(Value::Object(fields))?;
    check(kind, &fields)?;
    Ok(fields)
}

fn check(kind: Kind, f: &Fields) -> Result<()> {
    let row = table::of(kind);
    if let Some(outcome) = f.outcome
        && !row.outcomes.contains(&outcome)
    {
        let words: Vec<_> = row.outcomes.iter().map(|o| o.as_str()).collect();
        return Err(Error::invalid(
            "outcome",
            format!("`{kind}` ends as one of: {}", words.join(", ")),
        ));
    }
    for (field, value) in [
        ("cost_cents", f.cost_cents),
        ("unit_value_cents", f.unit_value_cents),
        ("mass_g", f.mass_g),
    ] {
        if value.is_some_and(|v| !(0..=1_000_000_000_000).contains(&v)) {
            return Err(Error::invalid(
                field,
                format!("`{field}` must lie between 0 and 1,000,000,000,000"),
            ));
        }
    }
    if f.hours.is_some_and(|h| !(0.0..=100_000.0).contains(&h)) {
        return Err(Error::invalid(
            "hours",
            "`hours` must lie between 0 and 100,000",
        ));
    }
    if f.parts.as_ref().is_some_and(|p| p.len() > 100)
        || f.kept.as_ref().is_some_and(|k| k.len() > 10_000)
    {
        return Err(Error::invalid("parts", "the list is too long"));
    }
    if let Some(to) = f.to
        && !matches!(to, Stage::InUse | Stage::InStock)
    {
        return Err(Error::invalid(
            "to",
            "a repair ends `in_use` or `in_stock`; leave `to` out for the stage before",
        ));
    }
    for (field, value) in [("hardware", &f.hardware), ("system", &f.system)] {
        if let Some(map) = value {
            input::check_free(field, &Value::Object(map.clone()))?;
        }
    }
    if let Some(set) = &f.set {
        read_set(set)?;
    }
    if kind == Kind::Adopt {
        adopt(f)
    } else {
        Ok(())
    }
}

fn adopt(f: &Fields) -> Result<()> {
    let stage = f.stage.unwrap_or(Stage::InStock);
    if stage == Stage::Withdrawn {
        return Err(Error::invalid(
            "stage",
            "a device is not adopted as withdrawn",
        ));
    }
    let may_be_retired = matches!(
        stage,
        Stage::Retired | Stage::Oriented | Stage::Gone | Stage::Refurbishing | Stage::InRepair
    );
    if f.retired_on.is_some() && !may_be_retired {
        return Err(Error::invalid(
            "retired_on",
            format!(
                "a device adopted as {stage} is not réformé; adopt it as retired, oriented or gone"
            ),
        ));
    }
    if f.gone_on.is_some() && stage != Stage::Gone {
        return Err(Error::invalid(
            "gone_on",
            "only a device adopted as gone has a day it left",
        ));
    }
    Ok(())
}

/// Reads the `set` of a describe: known fields only, each of its type; null clears. Gives the typed fields that are set.
///
/// # Errors
/// `unknown_field`, `invalid_value`.
pub fn read_set(set: &Map<String, Value>) -> Result<Described> {
    if set.is_empty() {
        return Err(Error::invalid("set", "`set` holds no field to describe"));
    }
    let mut typed = Map::new();
    for (key, value) in set {
        match key.as_str() {
            "tenure" if !value.is_null() => {
                input::parse::<Tenure>(value.clone())
                    .map_err(|e| Error::invalid("tenure", e.detail))?;
            }
            "part_of" if !value.is_null() => {
                input::parse::<crate::domain::text::Line>(value.clone())
                    .map_err(|e| Error::invalid("part_of", e.detail))?;
            }
            "tenure" | "part_of" => {}
            "category" if value.is_null() => {
                return Err(Error::invalid(
                    "category",
                    "a device always has a category; `other_it` when unknown",
                ));
            }
            "extra" => {
                check_extra(value)?;
                if let Value::Object(map) = value {
                    typed.insert(key.clone(), Value::Object(map.clone()));
                }
            }
            _ if value.is_null() => {
                if !DESCRIBED.contains(&key.as_str()) {
                    return Err(Error::new(
                        Code::UnknownField,
                        format!("there is no field `{key}` to describe"),
                    )
                    .with_field(key.clone()));
                }
            }
            _ => {
                typed.insert(key.clone(), value.clone());
            }
        }
    }
    let described: Described = input::parse(Value::Object(typed))?;
    check_described(&described)?;
    Ok(described)
}

fn check_extra(value: &Value) -> Result<()> {
    let Value::Object(map) = value else {
        return if value.is_null() {
            Ok(())
        } else {
            Err(Error::invalid(
                "extra",
                "`extra` is an object of custom fields",
            ))
        };
    };
    if map.len() > 200 {
        return Err(Error::invalid(
            "extra",
            "`extra` holds more than 200 custom fields",
        ));
    }
    if let Some(key) = map
        .keys()
        .find(|k| k.trim().is_empty() || k.chars().count() > 100)
    {
        return Err(Error::invalid(
            "extra",
            format!(
                "“{}” is no name for a custom field (1 to 100 characters)",
                key.chars().take(40).collect::<String>()
            ),
        ));
    }
    input::check_free("extra", value)
}

fn check_described(d: &Described) -> Result<()> {
    if d.purchase_price_cents
        .is_some_and(|v| !(0..=1_000_000_000_000).contains(&v))
    {
        return Err(Error::invalid(
            "purchase_price_cents",
            "`purchase_price_cents` must lie between 0 and 1,000,000,000,000",
        ));
    }
    if d.weight_g.is_some_and(|v| !(0..=10_000_000).contains(&v)) {
        return Err(Error::invalid(
            "weight_g",
            "`weight_g` must lie between 0 and 10,000,000",
        ));
    }
    if d.weee_category.is_some_and(|v| !(1..=8).contains(&v)) {
        return Err(Error::invalid(
            "weee_category",
            "WEEE categories go from 1 to 8 (R. 543-172 II)",
        ));
    }
    if d.currency.as_ref().is_some_and(|c| {
        c.as_str().len() != 3 || !c.as_str().bytes().all(|b| b.is_ascii_uppercase())
    }) {
        return Err(Error::invalid(
            "currency",
            "a currency is three capital letters (ISO 4217), EUR by default",
        ));
    }
    if d.codes.len() > 100 {
        return Err(Error::invalid("codes", "a device has at most 100 codes"));
    }
    Ok(())
}

/// The fields of [`Described`], by name.
pub const DESCRIBED: &[&str] = &[
    "name",
    "category",
    "manufacturer",
    "model",
    "serial",
    "codes",
    "acquisition",
    "condition",
    "acquired_on",
    "manufactured_on",
    "first_sold_on",
    "first_use_on",
    "purchase_price_cents",
    "currency",
    "warranty_until",
    "weight_g",
    "weee_category",
    "bears_data",
    "security_exclusion",
    "line",
    "extra",
];
