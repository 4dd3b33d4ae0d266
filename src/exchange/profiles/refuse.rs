//! What a table is when it is no device inventory, said in a sentence.

use std::collections::HashSet;

use super::vocabulary::Field;
use crate::error::Error;
use crate::exchange::table::{Record, refused};

const TICKETS: &[&str] = &[
    "demandeur",
    "demandeur demandeur",
    "requester",
    "requester requester",
    "solicitante",
    "solicitante solicitante",
    "asignada a tecnico",
    "attribue a technicien",
    "assigned to technician",
    "fecha de apertura",
    "opening date",
    "date d ouverture",
    "priorite",
    "priority",
    "prioridad",
    "urgence",
    "urgency",
    "urgencia",
    "time to resolve",
    "temp de resolution",
    "tiempo para resolver",
    "ticket",
    "ticket id",
];
const LICENCES: &[&str] = &[
    "seat",
    "licensed to name",
    "licensed to email",
    "reassignable",
    "nombre de licence",
    "license key",
    "licence key",
    "software",
    "logiciel",
];
const STOCK: &[&str] = &[
    "min amount",
    "min qty",
    "min quantity",
    "minimum quantity",
    "quantite minimale",
    "stock mini",
    "stock minimum",
    "seuil",
    "seuil d alerte",
];
const VIRTUAL: &[&str] = &[
    "nom equipement virtuel",
    "vcpu",
    "hypervisor",
    "hyperviseur",
];

/// Fields that name one thing.
const IDENTITY: &[Field] = &[
    Field::Tag,
    Field::Serial,
    Field::AssetTag,
    Field::Uuid,
    Field::Imei,
    Field::Mac,
];

/// Refuses a table by its headers, in the form they are compared in.
///
/// # Errors
/// `not_an_inventory` with what it seems to be.
pub fn by_headers(
    headers: &HashSet<String>,
    fields: &HashSet<Field>,
    shown: &str,
) -> Result<(), Error> {
    let any = |list: &[Field]| list.iter().any(|f| fields.contains(f));
    let count = |words: &[&str]| words.iter().filter(|w| headers.contains(**w)).count();
    let machine = any(&[
        Field::Serial,
        Field::Uuid,
        Field::Imei,
        Field::Mac,
        Field::Tag,
    ]);
    let named = any(IDENTITY) || fields.contains(&Field::Hostname);
    let what = if count(TICKETS) >= 2 && !machine {
        Some(
            "a list of tickets: it has requesters, priorities or opening dates, and no serial number",
        )
    } else if count(VIRTUAL) >= 1 && !machine {
        Some("a list of virtual machines: they have no body to re-use")
    } else if count(LICENCES) >= 1
        && !any(&[
            Field::AssetTag,
            Field::Hostname,
            Field::Uuid,
            Field::Tag,
            Field::Mac,
        ])
        && !any(&[Field::Model])
    {
        Some("a list of software licences: it counts seats, not devices")
    } else if fields.contains(&Field::Quantity) && count(STOCK) >= 1 && !named {
        Some(
            "a stock of accessories or consumables: it counts quantities with a minimum, not devices",
        )
    } else if !named && (headers.contains("fieldset") || count(STOCK) >= 1) {
        Some("a list of models: it describes kinds of devices, not devices")
    } else if !named
        && fields.contains(&Field::HolderFirst)
        && fields.contains(&Field::HolderLast)
        && !any(&[Field::Model, Field::Category])
    {
        Some("a list of people")
    } else if headers.contains("pue") && !named {
        Some("a list of data centres")
    } else if headers.contains("lot id") && !named {
        Some("a list of lots")
    } else {
        None
    };
    if let Some(what) = what {
        return Err(refused(format!("this seems to be {what}")));
    }
    let described = (fields.contains(&Field::Model)
        && any(&[Field::Category, Field::Manufacturer, Field::Name]))
        || (fields.contains(&Field::Name)
            && (any(&[Field::Category, Field::Manufacturer])
                || (fields.contains(&Field::Quantity) && fields.contains(&Field::Site))));
    if named || described {
        return Ok(());
    }
    Err(refused(format!(
        "none of the columns ({shown}) tells one device from another: an inventory has a serial number, an inventory \
         number, a host name, or at least a model with its category or manufacturer; a saved mapping (--map) can name them"
    )))
}

/// Every row counts several pieces of one serial: parts in stock.
pub fn counted_parts() -> Error {
    refused(
        "this seems to be a stock of components: every row counts several pieces, none has an inventory number",
    )
}

/// No line of the file is a header.
pub fn no_header(first: Option<&Record>) -> Error {
    let Some(first) = first else {
        return refused("the file is empty");
    };
    let shown: Vec<String> = first
        .cells
        .iter()
        .filter(|c| !c.trim().is_empty())
        .take(6)
        .map(|c| c.trim().chars().take(30).collect())
        .collect();
    let values = first.cells.iter().any(|c| {
        let c = c.trim();
        c.bytes().next().is_some_and(|b| b.is_ascii_digit())
    });
    if values {
        refused(format!(
            "the file has no header line: its first line holds values ({}); add a line with the names of the columns",
            shown.join(", ")
        ))
    } else {
        refused(format!(
            "no column is understood ({}); a saved mapping (--map) can say what each one holds",
            shown.join(", ")
        ))
    }
}
