//! Browser sessions: signing in, being known by a cookie, signing out.
//!
//! The cookie holds 32 random bytes; the store keeps their SHA-256. A session ends after twelve quiet hours, after a
//! week, at sign-out, and whenever the role, the password or the lock of its account changes.

use chrono::{Duration, NaiveDateTime};
use sha2::{Digest, Sha256};

use super::{Actor, App, audit, cursor, passwords, second_factor, tokens};
use crate::db::{self, Db, Lane, accounts::Login};
use crate::domain::words::Role;
use crate::error::{Code, Error, Result};

/// A session ends after so many hours without a request.
const IDLE_HOURS: i64 = 12;
/// … and after so many days in any case.
const DAYS: i64 = 7;
/// `seen_at` is written at most this often, minutes.
const COARSE_MINUTES: i64 = 5;
/// Failed attempts of one name from one address before each further one costs a pause.
const TRIES: i64 = 5;
/// The same for a name from anywhere, and for an address whatever the name.
const TRIES_ANYWHERE: i64 = 50;
/// Length of the pause, minutes.
const PAUSE_MINUTES: i64 = 5;
/// The second step of a sign-in must follow within so many minutes.
const SECOND_STEP_MINUTES: i64 = 5;

/// Somebody known by a cookie.
#[derive(Debug, Clone)]
pub struct Session {
    /// Who, with which role, where.
    pub actor: Actor,
    /// `fr` or `en` when they chose one.
    pub language: Option<String>,
    /// They have a provisional password and are to choose another one first.
    pub must_change: bool,
    /// Whether a second factor is set.
    pub second_factor: bool,
    /// SHA-256 of the cookie: the session's id.
    id: String,
}

/// What a sign-in came to.
#[derive(Debug)]
pub enum SignedIn {
    /// In: the secret of the cookie.
    Yes(String),
    /// The password is right; the second factor is asked for. What proves the first step.
    CodeNeeded(String),
}

/// Signs in with a name and a password; `address` is the client's.
///
/// # Errors
/// `unauthenticated` with the tries left, told apart neither by name nor by password; `throttled` during a pause.
pub fn sign_in(app: &App, name: &str, password: &str, address: &str) -> Result<SignedIn> {
    let keys = throttle_keys(name, address);
    paused(app, &keys)?;
    let login = app.store.read(|db| db::accounts::login(db, name))?;
    let hash = login.as_ref().and_then(|l| l.password.clone());
    let right = passwords::verify(password, hash.as_deref())?;
    match login.filter(|l| right && l.disabled_at.is_none()) {
        None => Err(failed(app, keys)?),
        Some(login) if login.totp.is_some() => {
            let until = app.clock.now() + Duration::minutes(SECOND_STEP_MINUTES);
            let proof = cursor::seal(app, "second step", &(&login.id, until.timestamp()))?;
            Ok(SignedIn::CodeNeeded(proof))
        }
        Some(login) => begin(app, &login, keys).map(SignedIn::Yes),
    }
}

/// The second step: the proof of the first and a code of the authenticator. Gives the secret of the cookie.
///
/// # Errors
/// As [`sign_in`]; the proof is good for five minutes.
pub fn second_step(app: &App, proof: &str, code: &str, address: &str) -> Result<String> {
    let expired = || {
        Error::new(
            Code::Unauthenticated,
            "this took too long; give your name and password again",
        )
    };
    let (account, until): (String, i64) =
        cursor::open(app, "second step", proof).map_err(|_| expired())?;
    if app.clock.now().timestamp() > until {
        return Err(expired());
    }
    let keys = throttle_keys(&account, address);
    paused(app, &keys)?;
    let login = app
        .store
        .read(|db| db::accounts::login_by_id(db, &account))?;
    let login = login
        .filter(|l| l.disabled_at.is_none())
        .ok_or_else(expired)?;
    if second_factor::accept(app, &login, code)? {
        begin(app, &login, keys)
    } else {
        Err(failed(app, keys)?)
    }
}

/// Who is behind a cookie.
///
/// # Errors
/// `unauthenticated`.
pub fn authenticate(app: &App, secret: &str) -> Result<Session> {
    let refused = || Error::new(Code::Unauthenticated, "sign in");
    let (id, now) = (id_of(secret), app.clock.now().naive_utc());
    let found = app.store.read(|db| {
        let Some(row) = db::sessions::get(db, &id)? else {
            return Ok(None);
        };
        Ok(db::accounts::login_by_id(db, &row.account)?.map(|login| (row, login)))
    })?;
    let (row, login) = found.ok_or_else(refused)?;
    let quiet = now - row.seen_at;
    if row.expires_at <= now || quiet > Duration::hours(IDLE_HOURS) || login.disabled_at.is_some() {
        return Err(refused());
    }
    if quiet > Duration::minutes(COARSE_MINUTES) {
        let id = id.clone();
        app.store.write(Lane::Interactive, move |db| {
            db::sessions::seen(db, &id, now)
        })?;
    }
    Ok(Session {
        actor: actor(&login)?,
        language: login.language,
        must_change: login.must_change,
        second_factor: login.totp.is_some(),
        id,
    })
}

/// Ends this session.
///
/// # Errors
/// Those of the store.
pub fn sign_out(app: &App, session: &Session) -> Result<()> {
    let id = session.id.clone();
    app.store
        .write(Lane::Interactive, move |db| db::sessions::end(db, &id))
}

/// Changes one's own password: every session of the account ends and a new one begins. Gives its secret.
///
/// # Errors
/// `invalid_value` for `current` when it is wrong, for `password` when it is poor or the same.
pub fn change_password(
    app: &App,
    session: &Session,
    current: &str,
    password: &str,
) -> Result<String> {
    let login = own(app, session)?;
    if !passwords::verify(current, login.password.as_deref())? {
        return Err(Error::invalid("current", "this is not your password"));
    }
    if current == password {
        return Err(Error::invalid(
            "password",
            "the new password must differ from the old one",
        ));
    }
    let hash = passwords::hash(password)?;
    let (now, actor) = (app.clock.now(), session.actor.clone());
    let secret = secret()?;
    let row = row(&secret, &login.id, now.naive_utc());
    app.store.write(Lane::Interactive, move |db| {
        db::accounts::password(db, &login.id, &hash, false)?;
        db::sessions::end_all(db, &login.id)?;
        db::sessions::insert(db, &row)?;
        let detail = serde_json::json!({"own": true});
        audit::note(
            db,
            now,
            &actor,
            "account.password",
            Some(&login.id),
            &detail,
        )
    })?;
    Ok(secret)
}

/// Remembers the language of the account.
///
/// # Errors
/// Those of the store.
pub fn choose_language(app: &App, session: &Session, language: &'static str) -> Result<()> {
    let account = session.actor.id.clone();
    app.store.write(Lane::Interactive, move |db| {
        db::accounts::language(db, &account, language)
    })
}

/// Forgets what is over. Gives how many sessions went.
///
/// # Errors
/// Those of the store.
pub fn purge(app: &App) -> Result<usize> {
    let now = app.clock.now().naive_utc();
    app.store.write(Lane::Interactive, move |db| {
        db::sessions::purge(db, now, now - Duration::hours(IDLE_HOURS))
    })
}

/// The account behind a session, as it is now.
pub(super) fn own(app: &App, session: &Session) -> Result<Login> {
    app.store
        .read(|db| db::accounts::login_by_id(db, &session.actor.id))?
        .ok_or_else(Error::not_found)
}

/// Begins a session inside a transaction; gives the secret of its cookie.
pub(super) fn begin_in(db: &mut Db, account: &str, secret: &str, now: NaiveDateTime) -> Result<()> {
    db::sessions::insert(db, &row(secret, account, now))
}

/// 32 random bytes as hex.
pub(super) fn secret() -> Result<String> {
    Ok(tokens::hex(&tokens::random()?))
}

fn begin(app: &App, login: &Login, keys: [String; 3]) -> Result<String> {
    let (now, actor, account) = (app.clock.now(), actor(login)?, login.id.clone());
    let secret = secret()?;
    let told = secret.clone();
    app.store.write(Lane::Interactive, move |db| {
        let [mine, name, _] = &keys;
        db::sessions::clear_throttle(db, mine)?;
        db::sessions::clear_throttle(db, name)?;
        begin_in(db, &account, &secret, now.naive_utc())?;
        audit::note(
            db,
            now,
            &actor,
            "session.begin",
            Some(&account),
            &serde_json::json!({}),
        )
    })?;
    Ok(told)
}

fn row(secret: &str, account: &str, now: NaiveDateTime) -> db::sessions::Row {
    db::sessions::Row {
        id: id_of(secret),
        account: account.to_owned(),
        created_at: now,
        seen_at: now,
        expires_at: now + Duration::days(DAYS),
    }
}

fn actor(login: &Login) -> Result<Actor> {
    Ok(Actor {
        id: login.id.clone(),
        name: login.name.clone(),
        role: Role::parse(&login.role).map_err(Error::internal)?,
        org: login.org.clone(),
    })
}

fn id_of(secret: &str) -> String {
    tokens::hex(&Sha256::digest(secret.as_bytes()))
}

/// What is counted: this name from this address, this name, this address. Hashed, since a mistyped name may be a
/// password.
fn throttle_keys(name: &str, address: &str) -> [String; 3] {
    [
        id_of(&format!("both\n{name}\n{address}")),
        id_of(&format!("name\n{name}")),
        id_of(&format!("address\n{address}")),
    ]
}

fn paused(app: &App, keys: &[String; 3]) -> Result<()> {
    let now = app.clock.now().naive_utc();
    let until = app.store.read(|db| {
        let mut latest = None;
        for key in keys {
            let until = db::sessions::throttle(db, key)?.map(|(_, until)| until);
            latest = latest.max(until);
        }
        Ok(latest)
    })?;
    match until {
        Some(until) if until > now => Err(pause((until - now).num_seconds().max(1))),
        _ => Ok(()),
    }
}

fn pause(seconds: i64) -> Error {
    let minutes = seconds.div_euclid(60) + 1;
    Error::new(
        Code::Throttled,
        format!("too many failed attempts; try again in {minutes} min"),
    )
    .with("retry_after", seconds)
    .with("minutes", minutes)
}

/// Counts a failure. Gives the refusal: with the tries left, or the pause.
fn failed(app: &App, keys: [String; 3]) -> Result<Error> {
    let now = app.clock.now().naive_utc();
    let left = app.store.write(Lane::Interactive, move |db| {
        let mut left = i64::MAX;
        for (key, tries) in keys.iter().zip([TRIES, TRIES_ANYWHERE, TRIES_ANYWHERE]) {
            let before = db::sessions::throttle(db, key)?.map_or(0, |(failures, _)| failures);
            let failures = before.saturating_add(1);
            let until = if failures >= tries {
                now + Duration::minutes(PAUSE_MINUTES)
            } else {
                now
            };
            db::sessions::set_throttle(db, key, failures, until)?;
            left = left.min(tries - failures);
        }
        Ok(left)
    })?;
    if left <= 0 {
        return Ok(pause(PAUSE_MINUTES * 60 - 1));
    }
    Ok(Error::new(
        Code::Unauthenticated,
        format!(
            "unknown name or password; {left} more tries before a pause of {PAUSE_MINUTES} minutes"
        ),
    )
    .with("left", left))
}
