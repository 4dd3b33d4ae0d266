//! API tokens: made, listed, revoked, verified.
//!
//! A token is `rp_` and 32 random bytes: with that much entropy one SHA-256 is enough, and the hash alone is
//! stored. A verified token is believed for five seconds in memory, so a revocation holds everywhere within five.

use std::collections::HashMap;
use std::time::{Duration, Instant as Tick};

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Actor, App, Right, audit};
use crate::db::{self, Db, Lane};
use crate::domain::day::{self, Instant};
use crate::domain::text::Line;
use crate::domain::words::Role;
use crate::error::{Code, Error, Result};

/// How long a verified token is believed without asking the store.
const BELIEVED: Duration = Duration::from_secs(5);
/// Verified tokens kept in memory at most.
const KEPT: usize = 10_000;
/// `last_used_at` is written at most this often, hours.
const COARSE_HOURS: i64 = 1;
/// Longest life of a token, days.
const MAX_DAYS: u32 = 3650;

/// What a new token shall be.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct New {
    /// For whom or what it is.
    pub name: Line,
    /// What it may do; at most what its maker may.
    pub role: Role,
    /// Key of the organisation it acts for, with all below; the maker's own when absent.
    pub organisation: Option<String>,
    /// Days until it expires; never when absent.
    pub days: Option<u32>,
}

/// A token as listed: everything but the token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Token {
    /// Id, for `revoke`.
    pub id: String,
    /// For whom or what it is.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// Key of its organisation; null acts at the root.
    pub organisation: Option<String>,
    /// When it was made.
    #[serde(with = "day::instant")]
    pub created_at: Instant,
    /// When it stops.
    #[serde(with = "day::instant::option")]
    pub expires_at: Option<Instant>,
    /// When it was revoked.
    #[serde(with = "day::instant::option")]
    pub revoked_at: Option<Instant>,
    /// When it was last used, to the hour.
    #[serde(with = "day::instant::option")]
    pub last_used_at: Option<Instant>,
}

/// A token just made: the only time it is shown.
#[derive(Debug, Clone, Serialize)]
pub struct Issued {
    /// What is kept of it.
    #[serde(flatten)]
    pub token: Token,
    /// The token itself; none in what is kept for a replay.
    #[serde(rename = "token")]
    pub secret: Option<String>,
}

/// Tokens verified a moment ago, by hash.
#[derive(Debug, Default)]
pub struct Verified(Mutex<HashMap<String, (Actor, Tick)>>);

impl Verified {
    fn get(&self, hash: &str) -> Option<Actor> {
        let kept = self.0.lock();
        let (actor, at) = kept.get(hash)?;
        (at.elapsed() < BELIEVED).then(|| actor.clone())
    }
    fn put(&self, hash: String, actor: Actor) {
        let mut kept = self.0.lock();
        if kept.len() >= KEPT {
            kept.retain(|_, (_, at)| at.elapsed() < BELIEVED);
        }
        kept.insert(hash, (actor, Tick::now()));
    }
    fn forget(&self) {
        self.0.lock().clear();
    }
}

/// SHA-256 of a token, hex.
fn hash(secret: &str) -> String {
    hex(&Sha256::digest(secret.as_bytes()))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// 32 bytes from the system.
pub(crate) fn random() -> Result<[u8; 32]> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|e| Error::internal(e.to_string()))?;
    Ok(bytes)
}

/// Makes a token.
///
/// # Errors
/// `forbidden` when the role exceeds the maker's; `unknown_reference` for an organisation outside their scope.
pub fn issue(app: &App, actor: &Actor, new: New) -> Result<Issued> {
    let (now, actor) = (app.clock.now(), actor.clone());
    app.store
        .write(Lane::Interactive, move |db| issue_in(db, now, &actor, &new))
}

/// The same inside a transaction.
///
/// # Errors
/// As [`issue`].
pub fn issue_in(db: &mut Db, now: Instant, actor: &Actor, new: &New) -> Result<Issued> {
    actor.must(Right::Tokens)?;
    actor.must_give(new.role)?;
    let expires_at = match new.days {
        None => None,
        Some(days @ 1..=MAX_DAYS) => Some(now + chrono::Duration::days(days.into())),
        Some(_) => {
            return Err(Error::invalid(
                "days",
                format!("`days` goes from 1 to {MAX_DAYS}"),
            ));
        }
    };
    let secret = format!("rp_{}", hex(&random()?));
    let scope = actor.scope(db)?;
    let org = db::accounts::place(
        db,
        &scope,
        actor.org.as_deref(),
        new.organisation.as_deref(),
    )?;
    let row = db::tokens::Row {
        id: db::new_id(),
        name: new.name.as_str().to_owned(),
        hash: hash(&secret),
        role: new.role.as_str().to_owned(),
        org,
        created_by: actor.id.clone(),
        created_at: now.naive_utc(),
        expires_at: expires_at.map(|t| t.naive_utc()),
        revoked_at: None,
        last_used_at: None,
    };
    db::tokens::insert(db, &row)?;
    let detail = serde_json::json!({"name": row.name, "role": row.role});
    audit::note(db, now, actor, "token.create", Some(&row.id), &detail)?;
    let token = db::tokens::get(db, &scope, &row.id)?
        .ok_or_else(Error::not_found)
        .and_then(shown)?;
    Ok(Issued {
        token,
        secret: Some(secret),
    })
}

/// Every token of the actor's scope, newest first.
///
/// # Errors
/// `forbidden`.
pub fn list(app: &App, actor: &Actor) -> Result<Vec<Token>> {
    actor.must(Right::Tokens)?;
    app.store.read(|db| {
        let scope = actor.scope(db)?;
        db::tokens::list(db, &scope)?
            .into_iter()
            .map(shown)
            .collect()
    })
}

/// One token.
///
/// # Errors
/// `forbidden`, `not_found`.
pub fn get(app: &App, actor: &Actor, id: &str) -> Result<Token> {
    actor.must(Right::Tokens)?;
    app.store.read(|db| {
        let scope = actor.scope(db)?;
        db::tokens::get(db, &scope, id)?
            .ok_or_else(Error::not_found)
            .and_then(shown)
    })
}

/// Revokes a token by id, or every live token of that name. Gives those revoked.
///
/// # Errors
/// `forbidden`; `not_found` when no live token is called so.
pub fn revoke(app: &App, actor: &Actor, id_or_name: &str) -> Result<Vec<Token>> {
    actor.must(Right::Tokens)?;
    let (now, wanted, actor) = (app.clock.now(), id_or_name.to_owned(), actor.clone());
    let gone = app.store.write(Lane::Interactive, move |db| {
        let scope = actor.scope(db)?;
        let live: Vec<String> = db::tokens::list(db, &scope)?
            .into_iter()
            .filter(|(row, _)| row.id == wanted || (row.name == wanted && row.revoked_at.is_none()))
            .map(|(row, _)| row.id)
            .collect();
        let mut gone = Vec::new();
        for id in live {
            db::tokens::revoke(db, &id, now.naive_utc())?;
            audit::note(
                db,
                now,
                &actor,
                "token.revoke",
                Some(&id),
                &serde_json::json!({}),
            )?;
            gone.push(
                db::tokens::get(db, &scope, &id)?
                    .ok_or_else(Error::not_found)
                    .and_then(shown)?,
            );
        }
        if gone.is_empty() {
            Err(Error::not_found())
        } else {
            Ok(gone)
        }
    })?;
    app.verified.forget();
    Ok(gone)
}

/// The actor behind a token verified in the last five seconds: no store is asked.
pub fn known(app: &App, secret: &str) -> Option<Actor> {
    app.verified.get(&hash(secret))
}

/// The actor behind a token.
///
/// # Errors
/// `unauthenticated` for a token unknown, expired or revoked: told apart to nobody.
pub fn authenticate(app: &App, secret: &str) -> Result<Actor> {
    let (hash, now) = (hash(secret), app.clock.now());
    let row = app.store.read(|db| db::tokens::by_hash(db, &hash))?;
    let refused = || {
        Error::new(
            Code::Unauthenticated,
            "this token is unknown, expired or revoked",
        )
    };
    let row = row.ok_or_else(refused)?;
    let live = row.revoked_at.is_none() && row.expires_at.is_none_or(|t| t > now.naive_utc());
    if !live {
        return Err(refused());
    }
    let actor = Actor {
        id: row.id.clone(),
        name: row.name,
        role: Role::parse(&row.role).map_err(Error::internal)?,
        org: row.org,
    };
    let stale = row
        .last_used_at
        .is_none_or(|t| now.naive_utc() - t > chrono::Duration::hours(COARSE_HOURS));
    if stale {
        let id = row.id;
        let noted = app.store.write(Lane::Interactive, move |db| {
            db::tokens::used(db, &id, now.naive_utc())
        });
        if let Err(error) = noted {
            tracing::warn!(%error, "the last use of a token could not be noted");
        }
    }
    // A token that expires within the next seconds is asked for again each time.
    if row
        .expires_at
        .is_none_or(|t| t > now.naive_utc() + chrono::Duration::seconds(5))
    {
        app.verified.put(hash, actor.clone());
    }
    Ok(actor)
}

fn shown((row, organisation): (db::tokens::Row, Option<String>)) -> Result<Token> {
    Ok(Token {
        id: row.id,
        name: row.name,
        role: Role::parse(&row.role).map_err(Error::internal)?,
        organisation,
        created_at: row.created_at.and_utc(),
        expires_at: row.expires_at.map(|t| t.and_utc()),
        revoked_at: row.revoked_at.map(|t| t.and_utc()),
        last_used_at: row.last_used_at.map(|t| t.and_utc()),
    })
}
