//! Signing in and out.

use actix_web::http::header::{HeaderName, HeaderValue};
use serde::Deserialize;

use super::language::local;
use super::prelude::*;
use crate::app::sessions::{self, SignedIn};
use crate::http::cookie;

/// Routes of this file.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(ask)
        .service(enter)
        .service(second)
        .service(leave);
}

#[derive(Template)]
#[template(path = "login.html")]
struct Login {
    f: Frame,
    fields: Fields,
    next: String,
}

#[derive(Template)]
#[template(path = "login_code.html")]
struct Second {
    f: Frame,
    fields: Fields,
    proof: String,
    next: String,
}

/// Where to go afterwards.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Next {
    next: String,
}

/// The form.
#[get("/login")]
async fn ask(guest: Guest, query: Query<Next>) -> Answer {
    let f = guest.frame();
    let fields = Fields::new(&f);
    guest.show(&Login {
        f,
        fields,
        next: query.0.next,
    })
}

/// First step: name and password.
#[post("/login")]
async fn enter(app: State, guest: Guest, form: Form) -> Answer {
    let (name, password) = (
        form.text("account").to_owned(),
        form.text("password").to_owned(),
    );
    let address = guest.address();
    let next = form.text("next").to_owned();
    match run(&app, move |app| {
        sessions::sign_in(app, &name, &password, &address)
    })
    .await
    {
        Ok(SignedIn::Yes(secret)) => Ok(inside(&guest, &next, &secret)),
        Ok(SignedIn::CodeNeeded(proof)) => {
            let f = guest.frame();
            let fields = Fields::new(&f);
            guest.show(&Second {
                f,
                fields,
                proof,
                next,
            })
        }
        Err(error) => {
            let f = guest.frame();
            let fields = Fields::refused(&f, &form, &error.with_field("password"));
            guest.show_as(
                actix_web::http::StatusCode::UNPROCESSABLE_ENTITY,
                &Login { f, fields, next },
            )
        }
    }
}

/// Second step: the code of the authenticator.
#[post("/login/code")]
async fn second(app: State, guest: Guest, form: Form) -> Answer {
    let (proof, code) = (form.text("proof").to_owned(), form.text("code").to_owned());
    let address = guest.address();
    let next = form.text("next").to_owned();
    let kept = proof.clone();
    match run(&app, move |app| {
        sessions::second_step(app, &proof, &code, &address)
    })
    .await
    {
        Ok(secret) => Ok(inside(&guest, &next, &secret)),
        Err(error) => {
            let f = guest.frame();
            let fields = Fields::refused(&f, &form, &error.with_field("code"));
            let page = Second {
                f,
                fields,
                proof: kept,
                next,
            };
            guest.show_as(actix_web::http::StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

/// Signs out.
#[post("/logout")]
async fn leave(app: State, visitor: Visitor, _form: Form) -> Answer {
    let session = visitor.session.clone();
    run(&app, move |app| sessions::sign_out(app, &session)).await?;
    let mut out = visitor
        .guest
        .go_with("/login", cookie::end(&visitor.guest.request));
    // The next person at this browser must not find our pages behind the back button.
    out.headers_mut().insert(
        HeaderName::from_static("clear-site-data"),
        HeaderValue::from_static("\"cache\", \"storage\""),
    );
    Ok(out)
}

fn inside(guest: &Guest, next: &str, secret: &str) -> HttpResponse {
    guest.go_with(local(next), cookie::begin(&guest.request, secret))
}
