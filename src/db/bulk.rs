//! Statements that the combined connection refuses, inserts of many rows among them: the same body for each engine.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::{Insertable, Queryable, Selectable};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Bool, Date, Nullable, Text, Timestamp};
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel::{QueryResult, RunQueryDsl};

use super::schema::{
    books, codes, devices, event_private, events, exits, import_rows, import_sources, outbox,
    repairs, retirements, spells, terms, wipes,
};
use super::sql::Bind;
use super::{Db, MultiBackend};
use crate::error::Result;

/// Most values bound in one statement: PostgreSQL takes 65,535.
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

pub(super) use on_each;

/// Values bound in one kept statement on SQLite: enough that what each execution costs is shared, few enough that the
/// statement stays small.
const KEPT_BINDS: usize = 192;

/// The type of a column as inserted (borrowed) and as read (owned), in SQL, and as a value of a built statement.
macro_rules! column {
    (sql text) => { Text };
    (sql maybe_text) => { Nullable<Text> };
    (sql int) => { BigInt };
    (sql maybe_int) => { Nullable<BigInt> };
    (sql bool) => { Bool };
    (sql day) => { Date };
    (sql maybe_day) => { Nullable<Date> };
    (sql instant) => { Timestamp };
    (sql maybe_instant) => { Nullable<Timestamp> };
    (bind text $value:expr) => { Bind::Text($value.to_owned()) };
    (bind maybe_text $value:expr) => { Bind::MaybeText($value.map(str::to_owned)) };
    (bind int $value:expr) => { Bind::Int($value) };
    (bind maybe_int $value:expr) => { Bind::MaybeInt($value) };
    (bind bool $value:expr) => { Bind::Bool($value) };
    (bind day $value:expr) => { Bind::Day($value) };
    (bind maybe_day $value:expr) => { Bind::MaybeDay($value) };
    (bind instant $value:expr) => { Bind::Time($value) };
    (bind maybe_instant $value:expr) => { Bind::MaybeTime($value) };
    (borrowed text $a:lifetime) => { &$a str };
    (borrowed maybe_text $a:lifetime) => { Option<&$a str> };
    (owned text) => { String };
    (owned maybe_text) => { Option<String> };
    (lend text $value:expr) => { &$value };
    (lend maybe_text $value:expr) => { $value.as_deref() };
    (borrowed int $a:lifetime) => { i64 };
    (borrowed maybe_int $a:lifetime) => { Option<i64> };
    (borrowed bool $a:lifetime) => { bool };
    (borrowed day $a:lifetime) => { NaiveDate };
    (borrowed maybe_day $a:lifetime) => { Option<NaiveDate> };
    (borrowed instant $a:lifetime) => { NaiveDateTime };
    (borrowed maybe_instant $a:lifetime) => { Option<NaiveDateTime> };
    (owned $($ty:tt)+) => { column!(borrowed $($ty)+ 'static) };
    (lend $ty:ident $value:expr) => { $value };
}

/// As many rows as one kept statement takes.
struct Many<'a, R>(&'a [R]);

/// A row struct of borrowed columns with the function that inserts many of them, and its twin as read. Statements are
/// kept prepared: that of a single row, and on SQLite, where preparing one of thousands of values costs more than it
/// saves, one of as many rows as [`KEPT_BINDS`] allows.
macro_rules! rows {
    ($($row:ident / $stored:ident => $table:ident as $insert:ident { $($field:ident: $ty:ident),* $(,)? })*) => {$(
        #[doc = concat!("A row of `", stringify!($table), "` to insert.")]
        #[derive(Debug, Clone, PartialEq, Insertable)]
        #[diesel(table_name = $table, treat_none_as_default_value = false)]
        pub(super) struct $row<'a> { $(pub $field: column!(borrowed $ty 'a)),* }

        #[doc = concat!("A row of `", stringify!($table), "` as stored.")]
        #[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
        #[diesel(table_name = $table)]
        #[allow(dead_code, reason = "only what is compared with its replay is read back as rows")]
        pub(super) struct $stored { $(pub $field: column!(owned $ty)),* }

        impl $row<'_> {
            const COLUMNS: usize = [$(stringify!($field)),*].len();
            const TOGETHER: usize = KEPT_BINDS / $row::COLUMNS;

            /// Columns that differ from an older row, with what they become.
            #[allow(dead_code, reason = "rows of most tables are only made and removed")]
            pub fn changed(&self, old: &$row<'_>) -> Vec<(&'static str, Bind)> {
                let mut out = Vec::new();
                $(if self.$field != old.$field {
                    out.push((stringify!($field), column!(bind $ty self.$field)));
                })*
                out
            }
        }

        impl QueryFragment<Sqlite> for Many<'_, $row<'_>> {
            fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
                let mut before = concat!("INSERT INTO ", stringify!($table), " (");
                $(
                    out.push_sql(before);
                    out.push_identifier(stringify!($field))?;
                    before = ", ";
                )*
                let mut open = ") VALUES (";
                for row in self.0 {
                    out.push_sql(open);
                    let mut before = "";
                    $(
                        out.push_sql(before);
                        out.push_bind_param::<column!(sql $ty), _>(&row.$field)?;
                        before = ", ";
                    )*
                    let _ = before;
                    open = "), (";
                }
                let _ = before;
                out.push_sql(")");
                Ok(())
            }
        }

        // The text is always that of `TOGETHER` rows.
        impl QueryId for Many<'_, $row<'_>> {
            type QueryId = Many<'static, $row<'static>>;
            const HAS_STATIC_QUERY_ID: bool = true;
        }

        impl RunQueryDsl<SqliteConnection> for Many<'_, $row<'_>> {}

        #[allow(dead_code, reason = "only what is compared with its replay is read back as rows")]
        impl $stored {
            /// The same row, borrowed, to compare with one to insert.
            pub fn lend(&self) -> $row<'_> {
                $row { $($field: column!(lend $ty self.$field)),* }
            }
        }

        #[doc = concat!("Inserts rows of `", stringify!($table), "`: many in one statement on PostgreSQL.")]
        pub(super) fn $insert(db: &mut Db, rows: &[$row<'_>]) -> Result<()> {
            match (db, rows) {
                (Db::Pg(connection), [row]) => {
                    diesel::insert_into($table::table).values(row).execute(connection)?;
                }
                (Db::Pg(connection), rows) => {
                    for chunk in rows.chunks(BINDS / $row::COLUMNS) {
                        diesel::insert_into($table::table).values(chunk).execute(connection)?;
                    }
                }
                (Db::Sqlite(connection), rows) => {
                    let chunks = rows.chunks_exact($row::TOGETHER);
                    let rest = chunks.remainder();
                    for chunk in chunks {
                        Many(chunk).execute(connection)?;
                    }
                    for row in rest {
                        diesel::insert_into($table::table).values(row).execute(connection)?;
                    }
                }
            }
            Ok(())
        }
    )*};
}

rows! {
    ImportRow / StoredImportRow => import_rows as insert_import_rows {
        import: text, line: int, action: text, device: maybe_text, detail: text,
    }
    SourceRow / StoredSource => import_sources as insert_sources { org: text, source: text, device: text }
    DeviceRow / StoredDevice => devices as insert_devices {
        id: text, tag: text, tag_fold: text, org: text, version: int, head_n: int, head_hash: text,
        merged_into: maybe_text, withdrawn: bool, created_at: instant, updated_at: instant,
    }
    EventRow / StoredEvent => events as insert_events {
        id: text, device: text, n: int, payload: text, prev_hash: text, hash: text,
    }
    PrivateRow / StoredPrivate => event_private as insert_private { event: text, salt: text, payload: text }
    OutboxRow / StoredOutbox => outbox as insert_outbox {
        id: text, event: maybe_text, entry: maybe_text, entry_version: maybe_int,
        seq: maybe_int, numbered_at: maybe_instant,
    }
    BookRow / StoredBook => books as insert_books {
        device: text, book: int, org: text, current: bool, shown: bool, withdrawn: bool, tag: text,
        name: maybe_text, category: maybe_text, manufacturer: maybe_text, model: maybe_text,
        serial: maybe_text, stage: text, data: text, presence: text, retired_on: maybe_day,
        site: maybe_text, holder: maybe_text, service: maybe_text, tenure: text,
        part_of: maybe_text, acquired_on: maybe_day, exit_kind: maybe_text,
        gone_on: maybe_day, updated_at: instant, from_n: int, to_n: maybe_int,
        state: text, facts: text, terms: text,
    }
    SpellRow / StoredSpell => spells as insert_spells {
        device: text, book: int, org: text, valid_from: day, valid_to: maybe_day, stage: text,
        data: text, presence: text, retired_on: maybe_day, retired: bool, site: maybe_text,
        service: maybe_text, holder: maybe_text, tenure: text, part_of: maybe_text,
    }
    CodeRow / StoredCode => codes as insert_codes {
        device: text, org: text, kind: text, value: text, fold: text, unique_key: maybe_text,
    }
    TermRow / StoredTerm => terms as insert_terms { term: text, device: text, org: text }
    ExitRow / StoredExit => exits as insert_exits {
        event: text, device: text, book: int, org: text, exit: maybe_text, kind: text,
        on_day: day, partner: maybe_text, to_org: maybe_text, given_back_on: maybe_day,
        commitment_on: maybe_day, proof: maybe_text, proved_on: maybe_day,
        treatment: maybe_text, mass_g: maybe_int, unit_value_cents: maybe_int, data: text, overridden: bool,
    }
    RepairRow / StoredRepair => repairs as insert_repairs {
        id: text, device: text, book: int, org: text, opened_on: day, sent_on: maybe_day,
        closed_on: maybe_day, outcome: maybe_text, provider: maybe_text, cost_cents: maybe_int,
    }
    RetirementRow / StoredRetirement => retirements as insert_retirements {
        event: text, device: text, book: int, org: text, on_day: day, reference: maybe_text, cause: text,
        proposed: bool,
    }
    WipeRow / StoredWipe => wipes as insert_wipes {
        event: text, device: text, book: int, org: text, wipe: maybe_text, on_day: day,
        medium: maybe_text, method: text, technique: maybe_text, tool: maybe_text, verified: bool,
        evidence: maybe_text,
    }
}

/// The type of a query whose filters are chosen at run time, on either engine.
pub type Boxed<'a, T> = diesel::dsl::IntoBoxed<'a, T, MultiBackend>;
