//! The pages: what people see. Each handler calls the use case that REST calls, and shows what it gives.
//!
//! One file per page family (`devices.rs`, `people.rs` …), its templates under `templates/`, its words under
//! `i18n/{fr,en}/`. What they share: [`visitor`] (who looks), [`frame`] (what every page has), [`form`] and [`fields`]
//! (what is sent, what is shown of it), [`parts`] (tag, badge, marks), [`refusal`] (errors as pages).

pub mod accessibility;
pub mod account;
pub mod accounts;
pub mod assets;
pub mod attachments;
pub mod audit;
pub mod chosen;
pub mod decisions;
pub mod devices;
pub mod evidence;
pub mod exits;
pub mod fields;
pub mod flash;
pub mod form;
pub mod frame;
pub mod home;
pub mod html;
pub mod imports;
pub mod indicators;
pub mod labels;
pub mod language;
pub mod login;
pub mod menu;
pub mod once;
pub mod paging;
pub mod papers;
pub mod parts;
pub mod people;
pub mod prelude;
pub mod public;
pub mod purchases;
pub mod query;
pub mod reference;
pub mod refusal;
pub mod repairs;
pub mod scan;
pub mod settings;
pub mod setup;
pub mod tokens;
pub mod visitor;
pub mod wipes;

use actix_web::middleware::from_fn;
use actix_web::web;

use crate::error::Error;

/// Every page. What no page answers is a 404 page for browsers.
pub fn routes(cfg: &mut web::ServiceConfig) {
    let pages = web::scope("")
        .wrap(from_fn(refusal::as_page))
        .wrap(from_fn(once::address))
        .configure(accessibility::routes)
        .configure(account::routes)
        .configure(labels::routes)
        .configure(public::routes)
        .configure(accounts::routes)
        .configure(assets::routes)
        .configure(attachments::routes)
        .configure(devices::routes)
        .configure(papers::routes)
        .configure(decisions::routes)
        .configure(exits::routes)
        .configure(purchases::routes)
        .configure(repairs::routes)
        .configure(evidence::routes)
        .configure(wipes::routes)
        .configure(audit::routes)
        .configure(home::routes)
        .configure(imports::routes)
        .configure(indicators::routes)
        .configure(language::routes)
        .configure(login::routes)
        .configure(menu::routes)
        .configure(reference::routes)
        .configure(people::routes)
        .configure(scan::routes)
        .configure(settings::routes)
        .configure(setup::routes)
        .configure(tokens::routes)
        .default_service(web::to(async || Err::<String, _>(Error::not_found())));
    cfg.service(pages);
}
