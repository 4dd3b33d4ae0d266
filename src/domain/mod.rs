//! Words, rules and formulas. No I/O, no clock, no framework.

pub mod day;
pub mod described;
pub mod event;
pub mod facts;
pub mod indicator;
pub mod input;
pub mod law;
pub mod period;
pub mod text;
pub mod words;
