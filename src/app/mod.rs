//! Use cases: who may, what happens, in one transaction. Synchronous: `http` calls it on blocking threads.

pub mod accounts;
pub mod actor;
pub mod attachments;
pub mod audit;
pub mod catalogue;
pub mod changes;
pub mod choices;
pub mod clock;
pub mod cursor;
pub mod custom_fields;
pub mod devices;
pub mod entries;
pub mod evidence;
pub mod exports;
pub mod idempotency;
pub mod identity;
pub mod imports;
pub mod indicators;
pub mod labels;
pub mod ledger_care;
pub mod lifecycle;
pub mod models;
pub mod names;
pub mod operations;
pub mod organisations;
pub mod papers;
pub mod passwords;
pub mod people;
pub mod permission;
pub mod public;
pub mod purchases;
pub mod reception;
pub mod scans;
pub mod second_factor;
pub mod seed;
pub mod sessions;
pub mod setup;
pub mod titles;
pub mod today;
pub mod tokens;
pub mod views;

use serde::Serialize;

pub use actor::Actor;
pub use clock::Clock;
pub use permission::Right;

use crate::db::Store;
use crate::error::{Code, Error, Result};

/// The program: its store, its clock, its address. Shared as `Arc<App>`.
pub struct App {
    /// Where everything is kept.
    pub store: Store,
    /// What time it is.
    pub clock: Clock,
    /// The address people and labels use, without a closing slash.
    pub public_url: String,
    /// The program that reads foreign PDFs in a process of its own (`read-pdf`): this one.
    pub reader: std::path::PathBuf,
    /// Tokens verified a moment ago.
    pub(crate) verified: tokens::Verified,
    /// Categories and models, read again when one changes.
    pub(crate) catalogue: catalogue::Cache,
    /// Figures computed a moment ago.
    pub(crate) indicators: indicators::Cache,
    /// Devices by stage, counted a moment ago.
    pub(crate) counts: devices::Counts,
    /// First pages made a moment ago.
    pub(crate) today: today::Cache,
    /// Keys and tags by id, remembered.
    pub(crate) names: names::Names,
    /// Signs cursors; the same for every instance on one database.
    pub(crate) secret: [u8; 32],
    /// Names this instance: tells its own unfinished requests from those of one that died.
    pub(crate) instance: String,
}

impl App {
    /// The program over a store that is migrated.
    ///
    /// # Errors
    /// `unavailable` or `internal` when the store cannot be read.
    pub fn new(store: Store, clock: Clock, public_url: impl Into<String>) -> Result<App> {
        let secret = cursor::secret(&store)?;
        catalogue::ship(&store)?;
        Ok(App {
            store,
            clock,
            public_url: public_url.into(),
            reader: evidence::this_program(),
            verified: tokens::Verified::default(),
            catalogue: catalogue::Cache::default(),
            indicators: indicators::Cache::default(),
            counts: devices::Counts::default(),
            today: today::Cache::default(),
            names: names::Names::default(),
            secret,
            instance: crate::db::new_id(),
        })
    }

    /// Whether the store answers.
    ///
    /// # Errors
    /// `unavailable`.
    pub fn ready(&self) -> Result<()> {
        self.store
            .read(|db| crate::db::secrets::get(db, "cursor"))
            .map(drop)
            .map_err(Error::unavailable)
    }
}

/// What the caller believes the version of a thing to be (`If-Match`). Checked inside the transaction that changes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Expected {
    /// Nothing was said.
    #[default]
    Anything,
    /// One of these versions; an empty list matches nothing.
    OneOf(Vec<i64>),
}

impl Expected {
    /// Compares with the present version.
    ///
    /// # Errors
    /// `stale`.
    pub fn check(&self, version: i64) -> Result<()> {
        match self {
            Expected::Anything => Ok(()),
            Expected::OneOf(known) if known.contains(&version) => Ok(()),
            Expected::OneOf(_) => Err(Error::new(
                Code::Stale,
                "this was changed since you read it; read it again and repeat the change",
            )),
        }
    }
}

/// One page of a list.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Page<T> {
    /// The things, in the order asked for.
    pub items: Vec<T>,
    /// Cursor of the next page; null at the end.
    pub next: Option<String>,
    /// How many there are in all, when asked for (`total=true`); exact to 10,000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<i64>,
    /// True when there are more than `total` says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_capped: Option<bool>,
}

impl<T> Page<T> {
    /// A page without a total.
    pub fn new(items: Vec<T>, next: Option<String>) -> Page<T> {
        Page {
            items,
            next,
            total: None,
            total_capped: None,
        }
    }
}

/// A key that nobody has used, for what must count once.
pub fn new_key() -> String {
    crate::db::new_id()
}
