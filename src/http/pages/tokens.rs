//! Tokens: access of programs. A token is shown once; what is revoked stays so.

use serde_json::Value;

use super::accounts::{Told, place, roles, secret_once};
use super::prelude::*;
use crate::app::titles;
use crate::app::tokens::{self, Token};
use crate::domain::input;

/// Routes of this file.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(list)
        .service(ask)
        .service(add)
        .service(one)
        .service(revoke);
}

/// A token as shown.
struct Line {
    to: String,
    name: String,
    role: String,
    place: String,
    made: String,
    ends: String,
    used: String,
    state: &'static str,
    mark: &'static str,
    live: bool,
}

impl Line {
    fn of(f: &Frame, token: &Token, known: &[(String, String)]) -> Line {
        let over = token.expires_at.is_some_and(|at| Day::of(at) < f.today);
        let (state, mark) = match (token.revoked_at.is_some(), over) {
            (true, _) => ("tokens.revoked", "idle"),
            (false, true) => ("tokens.over", "idle"),
            (false, false) => ("tokens.live", "ok"),
        };
        let when = |at: &Option<crate::domain::day::Instant>, none: &str| match at {
            Some(at) => f.when(at),
            None => f.t(none).to_owned(),
        };
        Line {
            to: format!("/tokens/{}", token.id),
            name: token.name.clone(),
            role: f.word("role", token.role.as_str()),
            place: place(f, token.organisation.as_deref(), known),
            made: f.when(&token.created_at),
            ends: when(&token.expires_at, "tokens.never_ends"),
            used: when(&token.last_used_at, "tokens.never_used"),
            state: f.t(state),
            mark,
            live: mark == "ok",
        }
    }
}

#[derive(Template)]
#[template(path = "tokens.html")]
struct Tokens {
    f: Frame,
    lines: Vec<Line>,
}

/// Every token, newest first.
#[get("/tokens")]
async fn list(app: State, visitor: Visitor) -> Answer {
    let actor = visitor.actor.clone();
    let (found, known) = run(&app, move |app| {
        let found = tokens::list(app, &actor)?;
        Ok((found, titles::organisations(app, &actor)?))
    })
    .await?;
    let f = visitor.frame("menu");
    let lines = found.iter().map(|t| Line::of(&f, t, &known)).collect();
    visitor.show(&Tokens { f, lines })
}

#[derive(Template)]
#[template(path = "tokens_new.html")]
struct New {
    f: Frame,
    fields: Fields,
    roles: Vec<(String, String)>,
    organisations: Vec<(String, String)>,
}

async fn form(app: &State, visitor: &Visitor, refused: Option<(&Form, &Error)>) -> Result<New> {
    let actor = visitor.actor.clone();
    actor.must(Right::Tokens)?;
    let organisations = run(app, move |app| titles::organisations(app, &actor)).await?;
    let f = visitor.frame("menu");
    let fields = match refused {
        None => Fields::new(&f).set("role", "viewer").set("days", "365"),
        Some((form, error)) => Fields::refused(&f, form, error),
    };
    Ok(New {
        roles: roles(&f),
        fields,
        organisations,
        f,
    })
}

/// The form of a new token.
#[get("/tokens/new")]
async fn ask(app: State, visitor: Visitor) -> Answer {
    visitor.show(&form(&app, &visitor, None).await?)
}

fn asked(form: &Form) -> Result<tokens::New> {
    let shape = [
        ("name", As::Text),
        ("role", As::Text),
        ("organisation", As::Text),
        ("days", As::Whole),
    ];
    input::parse(Value::Object(form.object(&shape)?))
}

/// Makes a token; it is shown on the page that answers, and nowhere else.
#[post("/tokens/new")]
async fn add(app: State, visitor: Visitor, form: Form) -> Answer {
    let made = match asked(&form) {
        Ok(new) => {
            secret_once(&app, &visitor, &form, move |app, actor| {
                let issued = tokens::issue(app, actor, new)?;
                Ok((issued.token.name, issued.secret))
            })
            .await
        }
        Err(error) => Err(error),
    };
    match made {
        Ok((name, secret)) => {
            let f = visitor.frame("menu");
            visitor.show(&Told {
                title: f.tx("tokens.made", &name),
                about: f.t("tokens.secret_about"),
                label: f.t("tokens.secret"),
                secret,
                back: "/tokens",
                f,
            })
        }
        Err(error) if error.code == Code::Forbidden => Err(error),
        Err(error) => visitor.again(&self::form(&app, &visitor, Some((&form, &error))).await?),
    }
}

#[derive(Template)]
#[template(path = "token_one.html")]
struct One {
    f: Frame,
    line: Line,
}

/// One token, and the button that revokes it.
#[get("/tokens/{id}")]
async fn one(app: State, visitor: Visitor, id: Path<String>) -> Answer {
    let (actor, id) = (visitor.actor.clone(), id.into_inner());
    let (token, known) = run(&app, move |app| {
        let token = tokens::get(app, &actor, &id)?;
        Ok((token, titles::organisations(app, &actor)?))
    })
    .await?;
    let f = visitor.frame("menu");
    let line = Line::of(&f, &token, &known);
    visitor.show(&One { f, line })
}

/// Revokes it: within five seconds no instance takes it any more.
#[post("/tokens/{id}/revoke")]
async fn revoke(app: State, visitor: Visitor, id: Path<String>, form: Form) -> Answer {
    let id = id.into_inner();
    let name = once(&app, &visitor, &form, move |app, actor| {
        let token = tokens::get(app, actor, &id)?;
        if token.revoked_at.is_none() {
            tokens::revoke(app, actor, &token.id)?;
        }
        Ok(token.name)
    })
    .await?;
    visitor.done("/tokens", visitor.frame("").tx("tokens.revoke_done", name))
}
