//! Accounts: people who log in. Passwords are kept as Argon2id.

use serde::{Deserialize, Serialize};

use super::{Actor, App, Right, audit, passwords};
use crate::db::{self, Db, Lane};
use crate::domain::day::{self, Instant};
use crate::domain::text::Text;
use crate::domain::words::Role;
use crate::error::{Code, Error, Result};

/// What a new account shall be.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct New {
    /// Login name.
    pub name: Text<100>,
    /// What it may do; at most what its maker may.
    pub role: Role,
    /// Key of the organisation it acts for, with all below; the maker's own when absent.
    pub organisation: Option<String>,
    /// The password; one is made when absent.
    pub password: Option<String>,
}

/// What may be changed. Absent stays.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// What it may do.
    pub role: Option<Role>,
    /// Key of its organisation.
    pub organisation: Option<String>,
    /// True locks it out.
    pub disabled: Option<bool>,
    /// A new password.
    pub password: Option<String>,
}

/// An account as listed: never its password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Account {
    /// Id.
    pub id: String,
    /// Login name.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// Key of its organisation; null acts at the root.
    pub organisation: Option<String>,
    /// When it was made.
    #[serde(with = "day::instant")]
    pub created_at: Instant,
    /// Whether it is locked out.
    pub disabled: bool,
}

/// A new account whose password is hashed: the slow part, done before the transaction.
pub struct Prepared {
    name: Text<100>,
    role: Role,
    organisation: Option<String>,
    hash: String,
    /// Made here: its owner changes it at the first login.
    provisional: bool,
}

/// Makes an account; gives the password too when it was made here.
///
/// # Errors
/// `forbidden`, `duplicate`, `invalid_value` for a poor password, `unknown_reference` for the organisation.
pub fn add(app: &App, actor: &Actor, new: New) -> Result<(Account, Option<String>)> {
    let (ready, made) = prepare(actor, new)?;
    let (now, actor) = (app.clock.now(), actor.clone());
    let account = app
        .store
        .write(Lane::Interactive, move |db| add_in(db, now, &actor, &ready))?;
    Ok((account, made))
}

/// Checks what needs no store and hashes the password; gives it too when it was made here.
///
/// # Errors
/// `forbidden`, `invalid_value` for a poor password.
pub fn prepare(actor: &Actor, new: New) -> Result<(Prepared, Option<String>)> {
    actor.must(Right::Accounts)?;
    actor.must_give(new.role)?;
    let (password, made) = match new.password {
        Some(given) => (given, None),
        None => {
            let made = passwords::generate()?;
            (made.clone(), Some(made))
        }
    };
    let ready = Prepared {
        name: new.name,
        role: new.role,
        organisation: new.organisation,
        hash: passwords::hash(&password)?,
        provisional: made.is_some(),
    };
    Ok((ready, made))
}

/// The rest of [`add`], inside a transaction.
///
/// # Errors
/// `duplicate`, `unknown_reference` for the organisation.
pub fn add_in(db: &mut Db, now: Instant, actor: &Actor, new: &Prepared) -> Result<Account> {
    let scope = actor.scope(db)?;
    let org = db::accounts::place(
        db,
        &scope,
        actor.org.as_deref(),
        new.organisation.as_deref(),
    )?;
    let row = db::accounts::Row {
        id: db::new_id(),
        name: new.name.as_str().to_owned(),
        password: Some(new.hash.clone()),
        role: new.role.as_str().to_owned(),
        org,
        created_at: now.naive_utc(),
        disabled_at: None,
    };
    db::savepoint(db, |db| db::accounts::insert(db, &row)).map_err(|error| match error.code {
        Code::Duplicate => Error::new(Code::Duplicate, "there is already an account of this name")
            .with_field("name"),
        _ => error,
    })?;
    if new.provisional {
        db::accounts::password(db, &row.id, &new.hash, true)?;
    }
    let detail = serde_json::json!({"name": row.name, "role": row.role});
    audit::note(db, now, actor, "account.add", Some(&row.id), &detail)?;
    one(db, &scope, &row.id)
}

/// Every account of the actor's scope, by name.
///
/// # Errors
/// `forbidden`.
pub fn list(app: &App, actor: &Actor) -> Result<Vec<Account>> {
    actor.must(Right::Accounts)?;
    app.store.read(|db| {
        let scope = actor.scope(db)?;
        db::accounts::list(db, &scope)?
            .into_iter()
            .map(shown)
            .collect()
    })
}

/// One account, by id or name.
///
/// # Errors
/// `forbidden`, `not_found`.
pub fn get(app: &App, actor: &Actor, id_or_name: &str) -> Result<Account> {
    actor.must(Right::Accounts)?;
    app.store.read(|db| {
        let scope = actor.scope(db)?;
        one(db, &scope, id_or_name)
    })
}

/// Changes role, organisation, password or lock of an account.
///
/// # Errors
/// `forbidden`, `not_found`, and those of [`add`].
pub fn change(app: &App, actor: &Actor, id_or_name: &str, change: Change) -> Result<Account> {
    actor.must(Right::Accounts)?;
    if let Some(role) = change.role {
        actor.must_give(role)?;
    }
    let hash = change
        .password
        .as_deref()
        .map(passwords::hash)
        .transpose()?;
    let (now, actor, wanted) = (app.clock.now(), actor.clone(), id_or_name.to_owned());
    app.store.write(Lane::Interactive, move |db| {
        let scope = actor.scope(db)?;
        let (row, _) = db::accounts::get(db, &scope, &wanted)?.ok_or_else(Error::not_found)?;
        // Rights, lock and password hold at once: whoever is signed in signs in again.
        db::sessions::end_all(db, &row.id)?;
        if change.role.is_some() || change.organisation.is_some() {
            let role = change
                .role
                .map_or_else(|| row.role.clone(), |role| role.to_string());
            let org = db::accounts::place(
                db,
                &scope,
                row.org.as_deref(),
                change.organisation.as_deref(),
            )?;
            db::accounts::grant(db, &row.id, &role, org.as_deref())?;
            let detail = serde_json::json!({"role": role, "organisation": org});
            audit::note(db, now, &actor, "account.grant", Some(&row.id), &detail)?;
        }
        if let Some(disabled) = change.disabled {
            db::accounts::disable(db, &row.id, disabled.then(|| now.naive_utc()))?;
            let detail = serde_json::json!({"disabled": disabled});
            audit::note(db, now, &actor, "account.disable", Some(&row.id), &detail)?;
        }
        if let Some(hash) = &hash {
            // Who did not choose it changes it at the next sign-in.
            db::accounts::password(db, &row.id, hash, row.id != actor.id)?;
            audit::note(
                db,
                now,
                &actor,
                "account.password",
                Some(&row.id),
                &serde_json::json!({}),
            )?;
        }
        one(db, &scope, &row.id)
    })
}

/// Gives an account a provisional password, which its owner changes at the next sign-in. Told once, kept nowhere.
///
/// # Errors
/// As [`change`]; `invalid_value` for one's own account, whose password its owner changes.
pub fn reset(app: &App, actor: &Actor, id_or_name: &str) -> Result<(Account, String)> {
    actor.must(Right::Accounts)?;
    if get(app, actor, id_or_name)?.id == actor.id {
        let detail = "change your own password on your own page, with the one you have";
        return Err(Error::invalid("account", detail));
    }
    let made = passwords::generate()?;
    let account = change(
        app,
        actor,
        id_or_name,
        Change {
            password: Some(made.clone()),
            ..Change::default()
        },
    )?;
    Ok((account, made))
}

/// Sets the password of an account that its owner is told (the sample's): it need not be changed first.
///
/// # Errors
/// Those of the store; `invalid_value` for a poor password.
pub fn set_own(app: &App, name: &str, password: &str) -> Result<()> {
    let (hash, name) = (passwords::hash(password)?, name.to_owned());
    app.store.write(Lane::Interactive, move |db| {
        match db::accounts::login(db, &name)? {
            Some(login) => db::accounts::password(db, &login.id, &hash, false),
            None => Err(Error::not_found()),
        }
    })
}

fn one(db: &mut db::Db, scope: &db::Scope, id: &str) -> Result<Account> {
    db::accounts::get(db, scope, id)?
        .ok_or_else(Error::not_found)
        .and_then(shown)
}

fn shown((row, organisation): (db::accounts::Row, Option<String>)) -> Result<Account> {
    Ok(Account {
        id: row.id,
        name: row.name,
        role: Role::parse(&row.role).map_err(Error::internal)?,
        organisation,
        created_at: row.created_at.and_utc(),
        disabled: row.disabled_at.is_some(),
    })
}
