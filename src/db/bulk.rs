//! Statements that the combined connection refuses, inserts of many rows among them: the same body for each engine.

use diesel::RunQueryDsl;
use diesel::prelude::Insertable;

use chrono::{NaiveDate, NaiveDateTime};

use super::schema::{
    books, codes, devices, event_private, events, exits, import_rows, import_sources, outbox, repairs, spells, terms, wipes,
};
use super::{Db, MultiBackend};
use crate::error::Result;

/// Most values bound in one statement: SQLite takes 32,766, PostgreSQL 65,535.
const BINDS: usize = 30_000;

/// The same expression for each engine, on its own connection.
macro_rules! on_each {
    ($db:expr, $connection:ident => $body:expr) => {
        match $db {
            $crate::db::Db::Pg($connection) => $body,
            $crate::db::Db::Sqlite($connection) => $body,
        }
    };
}

/// A row struct of borrowed columns, and the function that inserts many of them. A single row goes through the
/// cached statement.
macro_rules! rows {
    ($($(#[$doc:meta])* $row:ident => $table:ident as $function:ident { $($field:ident: $ty:ty),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Insertable, diesel::AsChangeset)]
        #[diesel(table_name = $table, treat_none_as_default_value = false, treat_none_as_null = true)]
        pub(super) struct $row<'a> { $(pub $field: $ty),* }

        impl $row<'_> {
            const COLUMNS: usize = [$(stringify!($field)),*].len();
        }

        #[doc = concat!("Inserts rows of `", stringify!($table), "`, many in one statement.")]
        pub(super) fn $function(db: &mut Db, rows: &[$row<'_>]) -> Result<()> {
            if let [row] = rows {
                on_each!(db, c => diesel::insert_into($table::table).values(row).execute(c))?;
                return Ok(());
            }
            for chunk in rows.chunks(BINDS / $row::COLUMNS) {
                on_each!(db, c => diesel::insert_into($table::table).values(chunk).execute(c))?;
            }
            Ok(())
        }
    )*};
}

rows! {
    /// import_rows.
    ImportRow => import_rows as insert_import_rows {
        import: &'a str, line: i64, action: &'a str, device: Option<&'a str>, detail: &'a str,
    }
    /// import_sources.
    SourceRow => import_sources as insert_sources { org: &'a str, source: &'a str, device: &'a str }
    /// devices.
    DeviceRow => devices as insert_devices {
        id: &'a str, tag: &'a str, tag_fold: &'a str, org: &'a str, version: i64, head_n: i64, head_hash: &'a str,
        merged_into: Option<&'a str>, withdrawn: bool, created_at: NaiveDateTime, updated_at: NaiveDateTime,
    }
    /// events.
    EventRow => events as insert_events {
        id: &'a str, device: &'a str, n: i64, payload: &'a str, prev_hash: &'a str, hash: &'a str,
    }
    /// event_private.
    PrivateRow => event_private as insert_private { event: &'a str, salt: &'a str, payload: &'a str }
    /// outbox.
    OutboxRow => outbox as insert_outbox {
        id: &'a str, event: Option<&'a str>, entry: Option<&'a str>, entry_version: Option<i64>,
        seq: Option<i64>, numbered_at: Option<NaiveDateTime>,
    }
    /// books.
    BookRow => books as insert_books {
        device: &'a str, book: i64, org: &'a str, current: bool, shown: bool, withdrawn: bool, tag: &'a str,
        name: Option<&'a str>, category: Option<&'a str>, manufacturer: Option<&'a str>, model: Option<&'a str>,
        serial: Option<&'a str>, stage: &'a str, data: &'a str, presence: &'a str, retired_on: Option<NaiveDate>,
        site: Option<&'a str>, holder: Option<&'a str>, service: Option<&'a str>, tenure: &'a str,
        part_of: Option<&'a str>, acquired_on: Option<NaiveDate>, exit_kind: Option<&'a str>,
        gone_on: Option<NaiveDate>, updated_at: NaiveDateTime, from_n: i64, to_n: Option<i64>,
        state: &'a str, facts: &'a str, terms: &'a str,
    }
    /// spells.
    SpellRow => spells as insert_spells {
        device: &'a str, book: i64, org: &'a str, valid_from: NaiveDate, valid_to: Option<NaiveDate>, stage: &'a str,
        data: &'a str, presence: &'a str, retired_on: Option<NaiveDate>, retired: bool, site: Option<&'a str>,
        service: Option<&'a str>, holder: Option<&'a str>, tenure: &'a str, part_of: Option<&'a str>,
    }
    /// codes.
    CodeRow => codes as insert_codes {
        device: &'a str, org: &'a str, kind: &'a str, value: &'a str, fold: &'a str, unique_key: Option<&'a str>,
    }
    /// terms.
    TermRow => terms as insert_terms { term: &'a str, device: &'a str, org: &'a str }
    /// exits.
    ExitRow => exits as insert_exits {
        event: &'a str, device: &'a str, book: i64, org: &'a str, exit: Option<&'a str>, kind: &'a str,
        on_day: NaiveDate, partner: Option<&'a str>, to_org: Option<&'a str>, given_back_on: Option<NaiveDate>,
        commitment_on: Option<NaiveDate>, proof: Option<&'a str>, proved_on: Option<NaiveDate>,
        treatment: Option<&'a str>, mass_g: Option<i64>, unit_value_cents: Option<i64>, data: &'a str, overridden: bool,
    }
    /// repairs.
    RepairRow => repairs as insert_repairs {
        id: &'a str, device: &'a str, book: i64, org: &'a str, opened_on: NaiveDate, sent_on: Option<NaiveDate>,
        closed_on: Option<NaiveDate>, outcome: Option<&'a str>, provider: Option<&'a str>, cost_cents: Option<i64>,
    }
    /// wipes.
    WipeRow => wipes as insert_wipes {
        event: &'a str, device: &'a str, book: i64, org: &'a str, wipe: Option<&'a str>, on_day: NaiveDate,
        medium: Option<&'a str>, method: &'a str, technique: Option<&'a str>, tool: Option<&'a str>, verified: bool,
        evidence: Option<&'a str>,
    }
}

/// The type of a query whose filters are chosen at run time, on either engine.
pub type Boxed<'a, T> = diesel::dsl::IntoBoxed<'a, T, MultiBackend>;
