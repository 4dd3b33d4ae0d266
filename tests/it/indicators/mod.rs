//! The indicators: the pure fold against figures worked out by hand, then every floor above it.

mod rules;
mod served;
mod words;
