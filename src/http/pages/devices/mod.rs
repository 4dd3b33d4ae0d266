//! Devices: the list and what is done to many at once ([`list`], [`bulk`]), one device ([`show`]), what happens to it
//! ([`event`]), its description ([`edit`], [`new`]).

mod actions;
mod bulk;
mod cells;
mod edit;
mod event;
mod journey;
mod list;
mod new;
pub mod pick;
mod place;
mod questions;
mod record;
mod said;
mod show;
mod views;

use super::prelude::*;

/// Routes of this folder. Fixed names first: a tag may be any word.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(list::list)
        .service(list::csv)
        .configure(views::routes)
        .configure(bulk::routes)
        .configure(new::routes)
        .configure(event::routes)
        .configure(edit::routes)
        .service(show::show);
}
