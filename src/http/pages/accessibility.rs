//! The accessibility statement: what is aimed at, what was tested, whom to write to. For anybody.

use super::prelude::*;

/// Routes of this file.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(statement);
}

#[derive(Template)]
#[template(path = "accessibility.html")]
struct Statement {
    f: Frame,
}

#[derive(Template)]
#[template(path = "accessibility_guest.html")]
struct GuestStatement {
    f: Frame,
}

/// The page.
#[get("/accessibility")]
async fn statement(guest: Guest, visitor: Result<Visitor>) -> Answer {
    match visitor {
        Ok(visitor) => visitor.show(&Statement {
            f: visitor.frame("menu"),
        }),
        Err(_) => guest.show(&GuestStatement { f: guest.frame() }),
    }
}
