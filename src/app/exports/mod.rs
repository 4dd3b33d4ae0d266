//! Exports: any table, streamed row by row in constant memory; each leaves a line in the audit log.

mod columns;
mod devices;
mod events;
mod figure;
mod tables;

use std::io::Write;

use serde_json::json;

use super::devices::Asked;
use super::entries::Desk;
use super::operations::{exits, repairs, wipes};
use super::{Actor, App, Right, audit};
use crate::db::Lane;
use crate::domain::category::Category;
use crate::domain::day::Day;
use crate::domain::model::Model;
use crate::domain::organisation::Organisation;
use crate::domain::partner::Partner;
use crate::domain::person::Person;
use crate::domain::site::Site;
use crate::error::{Code, Error, Result};
use crate::exchange::write::Format;
pub use figure::behind;

use columns::{CATEGORY, EXIT, MODEL, ORGANISATION, PARTNER, PERSON, REPAIR, SITE, WIPE};
use tables::{operation, purchases, reference};

macro_rules! tables {
    ($($(#[$doc:meta])* $name:ident = $text:literal),* $(,)?) => {
        /// What can be exported.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Table { $($(#[$doc])* $name),* }
        impl Table {
            /// Its name in addresses and at the command line.
            pub const fn as_str(self) -> &'static str { match self { $(Table::$name => $text),* } }
            /// Reads a name.
            ///
            /// # Errors
            /// A sentence with the names.
            pub fn parse(text: &str) -> std::result::Result<Table, String> {
                match text {
                    $($text => Ok(Table::$name),)*
                    other => Err(format!("“{}” is none of: {}", other.chars().take(40).collect::<String>(), [$($text),*].join(", "))),
                }
            }
        }
    };
}

tables! {
    /// Devices, with the columns of their shape.
    Devices = "devices",
    /// Events.
    Events = "events",
    /// Purchases, one row a line.
    Purchases = "purchases",
    /// Exits.
    Exits = "exits",
    /// Repairs.
    Repairs = "repairs",
    /// Wipes.
    Wipes = "wipes",
    /// People.
    People = "people",
    /// Sites.
    Sites = "sites",
    /// Partners.
    Partners = "partners",
    /// Models.
    Models = "models",
    /// Categories.
    Categories = "categories",
    /// Organisations.
    Organisations = "organisations",
}

/// What is asked of an export.
#[derive(Debug, Clone, Default)]
pub struct Ask {
    /// State at the end of this day (devices).
    pub as_of: Option<Day>,
    /// Only this organisation (key) and what is below it.
    pub org: Option<String>,
}

/// Rows read at once.
const PAGE: i64 = 1000;

/// Writes a table.
///
/// # Errors
/// `forbidden`; `invalid_parameter` for an organisation or day that does not fit; those of the output.
pub fn export(
    app: &App,
    actor: &Actor,
    table: Table,
    format: Format,
    ask: &Ask,
    out: &mut dyn Write,
) -> Result<()> {
    actor.must(match table {
        Table::People => Right::People,
        _ => Right::Read,
    })?;
    if ask.as_of.is_some() && table != Table::Devices {
        return Err(
            Error::new(Code::InvalidParameter, "`as_of` goes with devices only")
                .with_field("as_of"),
        );
    }
    note(app, actor, table, format, ask)?;
    match table {
        Table::Devices => {
            let asked = Asked {
                org: ask.org.clone(),
                as_of: ask.as_of,
                ..Asked::default()
            };
            devices::devices(app, actor, format, &asked, out)
        }
        Table::Events => events::events(app, actor, format, ask, out),
        Table::Purchases => purchases(app, actor, format, ask, out),
        Table::Exits => {
            let actor = narrowed(app, actor, ask)?;
            operation(format, out, EXIT, |at| exits::list(app, &actor, PAGE, at))
        }
        Table::Repairs => {
            let actor = narrowed(app, actor, ask)?;
            operation(format, out, REPAIR, |at| {
                repairs::list(app, &actor, None, PAGE, at)
            })
        }
        Table::Wipes => {
            let actor = narrowed(app, actor, ask)?;
            operation(format, out, WIPE, |at| wipes::list(app, &actor, PAGE, at))
        }
        Table::People => reference::<Person>(app, actor, format, ask, out, PERSON),
        Table::Sites => reference::<Site>(app, actor, format, ask, out, SITE),
        Table::Partners => reference::<Partner>(app, actor, format, ask, out, PARTNER),
        Table::Models => reference::<Model>(app, actor, format, ask, out, MODEL),
        Table::Categories => reference::<Category>(app, actor, format, ask, out, CATEGORY),
        Table::Organisations => {
            reference::<Organisation>(app, actor, format, ask, out, ORGANISATION)
        }
    }
}

/// Writes the devices of a filtered list, by tag; page and cursor are not looked at.
///
/// # Errors
/// As [`export`]; `invalid_parameter` naming a filter.
pub fn list(
    app: &App,
    actor: &Actor,
    asked: &Asked,
    format: Format,
    out: &mut dyn Write,
) -> Result<()> {
    actor.must(Right::Read)?;
    let ask = Ask {
        as_of: asked.as_of,
        org: asked.org.clone(),
    };
    note(app, actor, Table::Devices, format, &ask)?;
    devices::devices(app, actor, format, asked, out)
}

fn note(app: &App, actor: &Actor, table: Table, format: Format, ask: &Ask) -> Result<()> {
    let (actor, now) = (actor.clone(), app.clock.now());
    let detail = json!({"format": format.ending(), "org": ask.org, "as_of": ask.as_of});
    app.store.write(Lane::Interactive, move |db| {
        audit::note(
            db,
            now,
            &actor,
            "export.read",
            Some(table.as_str()),
            &detail,
        )
    })
}

/// The actor as one of the organisation asked for, which lies in its scope.
fn narrowed(app: &App, actor: &Actor, ask: &Ask) -> Result<Actor> {
    let Some(key) = &ask.org else {
        return Ok(actor.clone());
    };
    let org = app.store.read(|db| {
        let desk = Desk::open(db, actor, app.clock.now(), &app.catalogue)?;
        desk.organisation(db, "org", key)
    });
    match org {
        Ok(id) => Ok(Actor {
            org: Some(id),
            ..actor.clone()
        }),
        Err(_) => Err(Error::new(
            Code::InvalidParameter,
            "`org`: there is no organisation of this name that you may see",
        )
        .with_field("org")),
    }
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|n| (*n).to_owned()).collect()
}
