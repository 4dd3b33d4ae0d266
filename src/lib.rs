//! Reparc: IT asset lifecycle and reuse inventory.
//!
//! ```text
//!                  cli/                      commands: parse, call, print
//!                  http/                     REST, agents: parse, call, render
//!         ─────────────────────────────────
//!                  app/                      use cases: who may, what happens, in one transaction
//!         ─────────────────────────────────
//!    db/      exchange/      labels/         SQL        foreign formats      tag → QR → paper
//!         ─────────────────────────────────
//!                  domain/                   words, rules, formulas: no I/O, no clock, no framework
//! ```
//!
//! Every arrow points down; `tests/it/house.rs` walks the `use` lines and fails on one that points up.

#![forbid(unsafe_code)]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        reason = "a test that breaks may say so by panicking"
    )
)]

pub mod app;
pub mod cli;
pub mod db;
pub mod domain;
pub mod error;
pub mod exchange;
pub mod http;
pub mod i18n;
pub mod jobs;
pub mod labels;
pub mod settings;
