//! What tests share.

pub mod client;
#[macro_use]
pub mod db;
pub mod ledger;
pub mod server;
