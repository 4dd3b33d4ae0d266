//! Foreign formats: bytes to rows, rows to drafts of devices, devices to files. No store, no clock.

pub mod dates;
pub mod draft;
pub mod erasure;
pub mod foreign_label;
pub mod groups;
pub mod junk;
pub mod numbers;
pub mod pdf;
pub mod photo;
pub mod profiles;
pub mod table;
pub mod write;
