//! One's own account: password, second factor, sign-out.

use super::prelude::*;
use crate::app::second_factor::{self, Offer};
use crate::app::sessions;
use crate::http::cookie;
use crate::labels::qr::Qr;

/// Routes of this file.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(show)
        .service(password)
        .service(offer)
        .service(set)
        .service(remove);
}

#[derive(Template)]
#[template(path = "account.html")]
struct Account {
    f: Frame,
    fields: Fields,
    must_change: bool,
    second_factor: bool,
}

#[derive(Template)]
#[template(path = "second_factor.html")]
struct SecondFactor {
    f: Frame,
    fields: Fields,
    offer: Offer,
    qr: Html,
}

fn page(visitor: &Visitor, refused: Option<(&Form, &Error)>) -> Account {
    let f = visitor.frame("menu");
    let fields = match refused {
        None => Fields::new(&f),
        Some((form, error)) => Fields::refused(&f, form, error),
    };
    Account {
        fields,
        must_change: visitor.session.must_change,
        second_factor: visitor.session.second_factor,
        f,
    }
}

/// The page.
#[get("/account")]
async fn show(visitor: Visitor) -> Answer {
    visitor.show(&page(&visitor, None))
}

/// Changes the password; a new session begins, every other one ends.
#[post("/account/password")]
async fn password(app: State, visitor: Visitor, form: Form) -> Answer {
    if form.text("password") != form.text("again") {
        let error = Error::invalid("again", "the two passwords differ");
        return visitor.again(&page(&visitor, Some((&form, &error))));
    }
    let (session, current, new) = (
        visitor.session.clone(),
        form.text("current").to_owned(),
        form.text("password").to_owned(),
    );
    match run(&app, move |app| {
        sessions::change_password(app, &session, &current, &new)
    })
    .await
    {
        Ok(secret) => Ok(visitor
            .guest
            .go_with("/", cookie::begin(&visitor.guest.request, &secret))),
        Err(error) => visitor.again(&page(&visitor, Some((&form, &error)))),
    }
}

/// Offers a second factor: a QR code, and the field for the first code.
#[get("/account/second-factor")]
async fn offer(app: State, visitor: Visitor) -> Answer {
    let session = visitor.session.clone();
    let offer = run(&app, move |app| second_factor::offer(app, &session)).await?;
    let f = visitor.frame("menu");
    let fields = Fields::new(&f);
    let qr = drawn(&offer.uri)?;
    visitor.show(&SecondFactor {
        f,
        fields,
        offer,
        qr,
    })
}

/// Sets it.
#[post("/account/second-factor")]
async fn set(app: State, visitor: Visitor, form: Form) -> Answer {
    let (session, proof, code) = (
        visitor.session.clone(),
        form.text("proof").to_owned(),
        form.text("code").to_owned(),
    );
    let done = run(&app, move |app| {
        second_factor::set(app, &session, &proof, &code)
    })
    .await;
    let f = visitor.frame("menu");
    match done {
        Ok(()) => visitor.done("/account", f.t("account.second_factor_set")),
        Err(error) => visitor.refused("/account/second-factor", &error),
    }
}

/// Removes it.
#[post("/account/second-factor/remove")]
async fn remove(app: State, visitor: Visitor, form: Form) -> Answer {
    let (session, code) = (visitor.session.clone(), form.text("code").to_owned());
    match run(&app, move |app| second_factor::remove(app, &session, &code)).await {
        Ok(()) => visitor.done(
            "/account",
            visitor.frame("").t("account.second_factor_removed"),
        ),
        Err(error) => visitor.again(&page(&visitor, Some((&form, &error)))),
    }
}

/// A QR code as SVG.
fn drawn(text: &str) -> Result<Html> {
    let qr = Qr::encode(text)?;
    let path: String = qr
        .runs()
        .iter()
        .map(|(x, y, n)| format!("M{x} {y}h{n}v1h-{n}z"))
        .collect();
    let (full, quiet) = (qr.full(), (qr.full() - qr.size()) / 2);
    Ok(Html(format!(
        "<svg class=\"qr\" viewBox=\"-{quiet} -{quiet} {full} {full}\" width=\"220\" height=\"220\" role=\"img\" aria-label=\"QR\" shape-rendering=\"crispEdges\"><rect x=\"-{quiet}\" y=\"-{quiet}\" width=\"{full}\" height=\"{full}\" fill=\"#fff\"/><path d=\"{path}\" fill=\"#000\"/></svg>"
    )))
}
