//! Words, rules and formulas. No I/O, no clock, no framework.

pub mod codes;
pub mod day;
pub mod described;
pub mod event;
pub mod facts;
pub mod input;
pub mod lifecycle;
pub mod tag;
pub mod text;
pub mod words;
