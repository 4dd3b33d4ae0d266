//! Accounts: who may sign in, with what role, where. A password made here is shown once.

use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::Value;

use super::prelude::*;
use crate::app::accounts::{self, Account};
use crate::app::titles;
use crate::domain::input;
use crate::domain::words::Role;

/// Routes of this file.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(list)
        .service(ask)
        .service(add)
        .service(one)
        .service(grant)
        .service(reset)
        .service(lock);
}

/// A line of the list: address, name, role, organisation, locked, since.
type Line = (String, String, String, String, bool, String);

#[derive(Template)]
#[template(path = "accounts.html")]
struct Accounts {
    f: Frame,
    lines: Vec<Line>,
}

/// Name of an organisation; of what acts at the root, that it does.
pub(super) fn place(f: &Frame, key: Option<&str>, known: &[(String, String)]) -> String {
    match key {
        None => f.t("accounts.root").to_owned(),
        Some(key) => known
            .iter()
            .find(|(k, _)| k == key)
            .map_or_else(|| key.to_owned(), |(_, name)| name.clone()),
    }
}

/// The roles that the visitor may give, named.
pub(super) fn roles(f: &Frame) -> Vec<(String, String)> {
    let given = Role::ALL.iter().filter(|role| {
        let actor = f.actor.as_ref();
        actor.is_some_and(|actor| crate::app::permission::may_give(actor.role, **role))
    });
    choices(f, "role", given.map(|role| role.as_str()))
}

/// Every account.
#[get("/accounts")]
async fn list(app: State, visitor: Visitor) -> Answer {
    let actor = visitor.actor.clone();
    let (found, known) = run(&app, move |app| {
        let found = accounts::list(app, &actor)?;
        Ok((found, titles::organisations(app, &actor)?))
    })
    .await?;
    let f = visitor.frame("menu");
    let lines = found
        .iter()
        .map(|a| {
            (
                format!("/accounts/{}", a.id),
                a.name.clone(),
                f.word("role", a.role.as_str()),
                place(&f, a.organisation.as_deref(), &known),
                a.disabled,
                f.when(&a.created_at),
            )
        })
        .collect();
    visitor.show(&Accounts { f, lines })
}

#[derive(Template)]
#[template(path = "accounts_new.html")]
struct New {
    f: Frame,
    fields: Fields,
    roles: Vec<(String, String)>,
    organisations: Vec<(String, String)>,
}

async fn form(app: &State, visitor: &Visitor, refused: Option<(&Form, &Error)>) -> Result<New> {
    let actor = visitor.actor.clone();
    actor.must(Right::Accounts)?;
    let organisations = run(app, move |app| titles::organisations(app, &actor)).await?;
    let f = visitor.frame("menu");
    let fields = match refused {
        None => Fields::new(&f).set("role", "technician"),
        Some((form, error)) => Fields::refused(&f, form, error),
    };
    Ok(New {
        roles: roles(&f),
        fields,
        organisations,
        f,
    })
}

/// The form of a new account.
#[get("/accounts/new")]
async fn ask(app: State, visitor: Visitor) -> Answer {
    visitor.show(&form(&app, &visitor, None).await?)
}

#[derive(Template)]
#[template(path = "secret.html")]
pub(super) struct Told {
    /// Frame.
    pub f: Frame,
    /// What was made.
    pub title: String,
    /// What the secret is for.
    pub about: &'static str,
    /// What it is called.
    pub label: &'static str,
    /// The secret; none when the same form was sent again.
    pub secret: Option<String>,
    /// Where it was made.
    pub back: &'static str,
}

/// Runs what makes a secret once; a second sending of the form gives none.
pub(super) async fn secret_once<F>(
    app: &State,
    visitor: &Visitor,
    form: &Form,
    work: F,
) -> Result<(String, Option<String>)>
where
    F: FnOnce(&Arc<App>, &Actor) -> Result<(String, Option<String>)> + Send + 'static,
{
    let told = Arc::new(Mutex::new(None));
    let put = Arc::clone(&told);
    let name = once(app, visitor, form, move |app, actor| {
        let (name, secret) = work(app, actor)?;
        *put.lock() = secret;
        Ok(name)
    })
    .await?;
    let secret = told.lock().take();
    Ok((name, secret))
}

/// Makes an account; its provisional password is shown on the page that answers, and nowhere else.
#[post("/accounts/new")]
async fn add(app: State, visitor: Visitor, form: Form) -> Answer {
    let body = form.object(&[
        ("name", As::Text),
        ("role", As::Text),
        ("organisation", As::Text),
    ])?;
    let made = match input::parse::<accounts::New>(Value::Object(body)) {
        Ok(new) => {
            secret_once(&app, &visitor, &form, move |app, actor| {
                let (account, password) = accounts::add(app, actor, new)?;
                Ok((account.name, password))
            })
            .await
        }
        Err(error) => Err(error),
    };
    match made {
        Ok((name, secret)) => {
            let f = visitor.frame("menu");
            visitor.show(&Told {
                title: f.tx("accounts.made", &name),
                about: f.t("accounts.password_about"),
                label: f.t("accounts.provisional"),
                secret,
                back: "/accounts",
                f,
            })
        }
        Err(error) if error.code == Code::Forbidden => Err(error),
        Err(error) => visitor.again(&self::form(&app, &visitor, Some((&form, &error))).await?),
    }
}

#[derive(Template)]
#[template(path = "account_one.html")]
struct One {
    f: Frame,
    fields: Fields,
    account: Account,
    place: String,
    since: String,
    own: bool,
    roles: Vec<(String, String)>,
    organisations: Vec<(String, String)>,
}

async fn page(
    app: &State,
    visitor: &Visitor,
    id: String,
    refused: Option<(&Form, &Error)>,
) -> Result<One> {
    let actor = visitor.actor.clone();
    let (account, organisations) = run(app, move |app| {
        let account = accounts::get(app, &actor, &id)?;
        Ok((account, titles::organisations(app, &actor)?))
    })
    .await?;
    let f = visitor.frame("menu");
    let fields = match refused {
        None => Fields::new(&f).set("role", account.role.as_str()).set(
            "organisation",
            account.organisation.as_deref().unwrap_or(""),
        ),
        Some((form, error)) => Fields::refused(&f, form, error),
    };
    Ok(One {
        place: place(&f, account.organisation.as_deref(), &organisations),
        since: f.when(&account.created_at),
        own: account.id == visitor.actor.id,
        roles: roles(&f),
        fields,
        account,
        organisations,
        f,
    })
}

/// One account.
#[get("/accounts/{id}")]
async fn one(app: State, visitor: Visitor, id: Path<String>) -> Answer {
    visitor.show(&page(&app, &visitor, id.into_inner(), None).await?)
}

/// Changes role and organisation.
#[post("/accounts/{id}")]
async fn grant(app: State, visitor: Visitor, id: Path<String>, form: Form) -> Answer {
    let body = form.object(&[("role", As::Text), ("organisation", As::Text)])?;
    let (id, asked) = (id.into_inner(), id_of(&form));
    let done = match input::parse::<accounts::Change>(Value::Object(body)) {
        Ok(change) => set(&app, &visitor, &form, id.clone(), change).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(to) => visitor.done(&to, visitor.frame("").tx("accounts.changed", asked)),
        Err(error) if matches!(error.code, Code::Forbidden | Code::NotFound) => Err(error),
        Err(error) => visitor.again(&page(&app, &visitor, id, Some((&form, &error))).await?),
    }
}

fn id_of(form: &Form) -> String {
    form.text("account").to_owned()
}

async fn set(
    app: &State,
    visitor: &Visitor,
    form: &Form,
    id: String,
    change: accounts::Change,
) -> Result<String> {
    once(app, visitor, form, move |app, actor| {
        let account = accounts::change(app, actor, &id, change)?;
        Ok(format!("/accounts/{}", account.id))
    })
    .await
}

/// Locks an account out, or lets it in again.
#[post("/accounts/{id}/lock")]
async fn lock(app: State, visitor: Visitor, id: Path<String>, form: Form) -> Answer {
    let locked = form.text("locked") == "1";
    let change = accounts::Change {
        disabled: Some(locked),
        ..accounts::Change::default()
    };
    let to = set(&app, &visitor, &form, id.into_inner(), change).await?;
    let key = if locked {
        "accounts.locked"
    } else {
        "accounts.unlocked"
    };
    visitor.done(&to, visitor.frame("").tx(key, id_of(&form)))
}

/// A provisional password, shown once.
#[post("/accounts/{id}/password")]
async fn reset(app: State, visitor: Visitor, id: Path<String>, form: Form) -> Answer {
    let id = id.into_inner();
    let (name, secret) = secret_once(&app, &visitor, &form, move |app, actor| {
        let (account, password) = accounts::reset(app, actor, &id)?;
        Ok((account.name, Some(password)))
    })
    .await?;
    let f = visitor.frame("menu");
    visitor.show(&Told {
        title: f.tx("accounts.reset_done", &name),
        about: f.t("accounts.password_about"),
        label: f.t("accounts.provisional"),
        secret,
        back: "/accounts",
        f,
    })
}
