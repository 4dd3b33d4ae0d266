//! Words, rules and formulas. No I/O, no clock, no framework.

pub mod catalogue;
pub mod category;
pub mod codes;
pub mod custom_field;
pub mod day;
pub mod described;
pub mod entry;
pub mod event;
pub mod exit;
pub mod facts;
pub mod indicator;
pub mod input;
pub mod law;
pub mod lifecycle;
pub mod mapping;
pub mod model;
pub mod organisation;
pub mod partner;
pub mod period;
pub mod person;
pub mod purchase;
pub mod siret;
pub mod site;
pub mod tag;
pub mod text;
pub mod words;
