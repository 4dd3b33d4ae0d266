//! « Aujourd'hui »: what waits, what the law expects, the fleet by stage.

use super::prelude::*;

/// Routes of this file.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(home);
}

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    f: Frame,
}

/// The page.
#[get("/")]
async fn home(visitor: Visitor) -> Answer {
    let f = visitor.frame("home");
    visitor.show(&Home { f })
}
