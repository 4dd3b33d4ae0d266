//! The one integration-test binary: a module per subject.
//!
//! Tests drive the library, or the real binary at `env!("CARGO_BIN_EXE_reparc")`.
//! Every test of the store runs on both engines (`scripts/test` makes the PostgreSQL).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    missing_docs
)]

mod bad_input;
mod catalogue;
#[macro_use]
mod support;

mod attachments;
mod backup;
mod changes;
mod chaos;
mod cli;
mod collections;
mod entries;
mod evidence;
mod exchange;
mod exports;
mod fleet;
mod house;
mod http;
mod imports;
mod indicators;
mod labels;
mod leaks;
mod ledger;
mod ledger_props;
mod lifecycle;
mod mappings;
mod merges;
mod outbox;
mod pages;
mod plans;
mod readme;
mod reproject;
mod scans;
mod schema;
mod second_computation;
mod serve;
mod store;
mod tenancy;
mod verify;
