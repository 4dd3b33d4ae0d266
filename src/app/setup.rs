//! The first account: a link with a code, printed at the first start, good for one hour and for one account.

use chrono::Duration;
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{Actor, App, Expected, audit, entries, passwords, sessions, tokens};
use crate::db::{self, Lane};
use crate::domain::organisation::Organisation;
use crate::domain::text::{Line, Text};
use crate::domain::words::Role;
use crate::error::{Error, Result};

/// Minutes that the link is good for.
pub const MINUTES: i64 = 60;

/// The first account.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct First {
    /// Its login name.
    pub name: Text<100>,
    /// Its password.
    pub password: String,
    /// What the organisation is called; stays as it is when absent.
    pub organisation: Option<Line>,
}

/// A new code when there is no account yet; an earlier code ends.
///
/// # Errors
/// Those of the store.
pub fn offer(app: &App) -> Result<Option<String>> {
    if app.store.read(db::accounts::any)? {
        return Ok(None);
    }
    let code: String = sessions::secret()?.chars().take(32).collect();
    let (id, until) = (hash(&code), app.clock.now() + Duration::minutes(MINUTES));
    app.store.write(Lane::Interactive, move |db| {
        db::sessions::set_setup_code(db, &id, until.naive_utc())
    })?;
    Ok(Some(code))
}

/// Whether the code of a link is good.
///
/// # Errors
/// `not_found` for one that is unknown, over or used.
pub fn check(app: &App, code: &str) -> Result<()> {
    let (id, now) = (hash(code), app.clock.now().naive_utc());
    let good = app
        .store
        .read(|db| Ok(db::sessions::setup_code(db, &id, now)? && !db::accounts::any(db)?))?;
    if good {
        Ok(())
    } else {
        Err(Error::not_found())
    }
}

/// Makes the first account, an administrator at the root, and signs it in. Gives the secret of the cookie.
///
/// # Errors
/// `not_found` as [`check`]; `invalid_value` for a poor password.
pub fn finish(app: &App, code: &str, first: First) -> Result<String> {
    check(app, code)?;
    let password = passwords::hash(&first.password)?;
    let (id, now, secret) = (hash(code), app.clock.now(), sessions::secret()?);
    let told = secret.clone();
    let row = db::accounts::Row {
        id: db::new_id(),
        name: first.name.as_str().to_owned(),
        password: Some(password),
        role: Role::Administrator.as_str().to_owned(),
        org: None,
        created_at: now.naive_utc(),
        disabled_at: None,
    };
    app.store.write(Lane::Interactive, move |db| {
        // Asked again under the lock: two browsers with the same link make one account.
        if !db::sessions::setup_code(db, &id, now.naive_utc())? || db::accounts::any(db)? {
            return Err(Error::not_found());
        }
        db::sessions::end_setup(db)?;
        db::accounts::insert(db, &row)?;
        sessions::begin_in(db, &row.id, &secret, now.naive_utc())?;
        let actor = Actor {
            id: row.id.clone(),
            name: row.name.clone(),
            role: Role::Administrator,
            org: None,
        };
        audit::note(
            db,
            now,
            &actor,
            "account.first",
            Some(&row.id),
            &json!({"name": row.name}),
        )
    })?;
    if let Some(name) = first.organisation {
        let body = match json!({"name": name}) {
            serde_json::Value::Object(map) => map,
            _ => serde_json::Map::new(),
        };
        entries::patch::<Organisation>(app, &Actor::operator(), "main", body, Expected::Anything)?;
    }
    Ok(told)
}

fn hash(code: &str) -> String {
    tokens::hex(&Sha256::digest(code.as_bytes()))
}
