//! The pages, as a browser without scripts uses them: open, fill, send, follow.

mod browser;
mod devices;
mod everyday;
mod figures;
mod imports;
mod operations;
mod sessions;
mod words;

pub use browser::Browser;
