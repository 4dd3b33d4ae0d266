//! The first account, by the one-time link that the first start prints.

use super::prelude::*;
use crate::app::setup;
use crate::domain::input;
use crate::http::cookie;

/// Routes of this file.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(ask).service(make);
}

#[derive(Template)]
#[template(path = "setup.html")]
struct Setup {
    f: Frame,
    fields: Fields,
    code: String,
}

/// The form, while the link is good.
#[get("/setup/{code}")]
async fn ask(app: State, guest: Guest, code: Path<String>) -> Answer {
    let code = code.into_inner();
    let asked = code.clone();
    run(&app, move |app| setup::check(app, &asked)).await?;
    let f = guest.frame();
    let fields = Fields::new(&f);
    guest.show(&Setup { f, fields, code })
}

/// Makes the account and signs it in.
#[post("/setup/{code}")]
async fn make(app: State, guest: Guest, code: Path<String>, form: Form) -> Answer {
    let code = code.into_inner();
    let asked = code.clone();
    let done = match first(&form) {
        Ok(first) => run(&app, move |app| setup::finish(app, &asked, first)).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(secret) => Ok(guest.go_with("/", cookie::begin(&guest.request, &secret))),
        Err(error) if error.code == Code::NotFound => Err(error),
        Err(error) => {
            let f = guest.frame();
            let fields = Fields::refused(&f, &form, &error);
            guest.show_as(
                actix_web::http::StatusCode::UNPROCESSABLE_ENTITY,
                &Setup { f, fields, code },
            )
        }
    }
}

fn first(form: &Form) -> Result<setup::First> {
    if form.text("password") != form.text("again") {
        return Err(Error::invalid("again", "the two passwords differ"));
    }
    let shape = [
        ("name", As::Text),
        ("password", As::Text),
        ("organisation", As::Text),
    ];
    input::parse(serde_json::Value::Object(form.object(&shape)?))
}
