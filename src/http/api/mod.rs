//! REST, `/api/v1`: a file per thing, each with its `routes` added in [`routes`] below.
//!
//! A handler parses, calls one use case of `app`, renders. Its signature says who may come in: [`Actor`] (a good
//! token) or [`Public`]. Its doc comment is the OpenAPI text. Copy this:
//!
//! ```ignore
//! use crate::http::prelude::*;
//!
//! pub fn routes(cfg: &mut ServiceConfig) {
    cfg.configure(accounts::routes);
    cfg.configure(audit::routes);
    cfg.configure(categories::routes);
    cfg.configure(contracts::routes);
    cfg.configure(custom_fields::routes);
    cfg.configure(devices::routes);
    cfg.configure(erase::routes);
    cfg.configure(me::routes);
    cfg.configure(models::routes);
    cfg.configure(operations::routes);
    cfg.configure(organisations::routes);
    cfg.configure(partners::routes);
    cfg.configure(people::routes);
    cfg.configure(purchases::routes);
    cfg.configure(scan::routes);
    cfg.configure(sites::routes);
    cfg.configure(tokens::routes);
}
