//! Idempotency keys: a request repeated with its key gets the first answer again and does nothing twice.
//!
//! Two ways, one table:
//! - [`within`]: key, change and answer in **one transaction**. The rule: a crash leaves either all of it or nothing.
//! - [`reserve`], then the work, then [`keep`] or [`free`]: only for work that cannot be one transaction (imports) or
//!   writes nothing (labels). A crash between leaves the key reserved by an instance that is gone: the next request
//!   with it takes it over (at once on SQLite, where one server runs; after [`ABANDONED_MINUTES`] where several may)
//!   and runs the work again, which must therefore find what its first run has done.
//!
//! Only 2xx answers are kept; a refusal frees the key. Keys of events are not here: they are kept for ever, in the
//! transaction of their event.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};

use super::{Actor, App};
use crate::db::idempotency::{self as table, Row};
use crate::db::{Db, Engine, Lane, Store};
use crate::domain::day::Instant;
use crate::error::{Code, Error, Result};

/// A key of another instance that is this old and still without an answer belongs to one that died.
pub const ABANDONED_MINUTES: i64 = 10;
/// How long keys are kept.
pub const KEPT_DAYS: i64 = 30;

/// One request that carries a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Id of the actor: keys of two actors never meet.
    pub actor: String,
    /// The key as sent.
    pub key: String,
    /// SHA-256 of method, path, query and body.
    pub fingerprint: String,
}

/// An answer as kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// HTTP status.
    pub status: u16,
    /// Headers that belong to the answer.
    pub headers: Vec<(String, String)>,
    /// The body; text, or base64 when it is none.
    body: String,
    #[serde(default)]
    base64: bool,
}

impl Kept {
    /// Packs an answer.
    pub fn new(status: u16, headers: Vec<(String, String)>, body: &[u8]) -> Kept {
        let (body, base64) = match std::str::from_utf8(body) {
            Ok(text) if !text.contains('\0') => (text.to_owned(), false),
            _ => (BASE64.encode(body), true),
        };
        Kept {
            status,
            headers,
            body,
            base64,
        }
    }
    /// The body as sent.
    ///
    /// # Errors
    /// `internal` when what was kept cannot be read.
    pub fn body(&self) -> Result<Vec<u8>> {
        if self.base64 {
            BASE64.decode(&self.body).map_err(Error::internal)
        } else {
            Ok(self.body.clone().into_bytes())
        }
    }
}

/// One run of the work of a reserved key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    instance: String,
    /// Names what this request makes: the same for every run of it, so that a later run finds what a dead one left.
    pub id: String,
    /// An earlier run died before its answer was kept.
    pub again: bool,
}

impl Run {
    /// The one run of a request without a key.
    pub fn only() -> Run {
        Run {
            instance: String::new(),
            id: crate::db::new_id(),
            again: false,
        }
    }
    /// What stands in place of the answer while it runs.
    fn mark(&self) -> String {
        format!("{} {}", self.instance, self.id)
    }
}

/// What to do with a request.
#[derive(Debug)]
pub enum Turn {
    /// Do it, then [`keep`] or [`free`].
    Run(Run),
    /// It was done: give this.
    Replay(Kept),
}

/// Takes the key of a request, or finds its answer.
///
/// # Errors
/// `idempotency_key_reused` for another request, `idempotency_in_progress` while the first one runs.
pub fn reserve(app: &App, request: &Request) -> Result<Turn> {
    let (now, instance, engine) = (app.clock.now(), app.instance.clone(), app.store.engine());
    let request = request.clone();
    app.store.write(Lane::Interactive, move |db| {
        let mut run = Run {
            instance: instance.clone(),
            ..Run::only()
        };
        if let Some(row) = table::get(db, &request.actor, &request.key)? {
            if let Some(kept) = answer(&row, &request)? {
                return Ok(Turn::Replay(kept));
            }
            if !abandoned(&row, &instance, engine, now) {
                return Err(in_progress());
            }
            let dead = row.body.unwrap_or_default();
            table::free(db, &request.actor, &request.key, &dead)?;
            if let Some((_, id)) = dead.split_once(' ') {
                run.id = id.to_owned();
            }
            run.again = true;
        }
        take(db, &request, &run.mark(), now)?;
        Ok(Turn::Run(run))
    })
}

/// Keeps the answer of a reserved key.
///
/// # Errors
/// Those of the store.
pub fn keep(app: &App, request: &Request, run: &Run, kept: &Kept) -> Result<()> {
    let (mark, request) = (run.mark(), request.clone());
    let body = serde_json::to_string(kept).map_err(Error::internal)?;
    let status = kept.status.into();
    app.store.write(Lane::Interactive, move |db| {
        table::keep(db, &request.actor, &request.key, &mark, status, &body).map(|_| ())
    })
}

/// Frees a reserved key after a refusal.
///
/// # Errors
/// Those of the store.
pub fn free(app: &App, request: &Request, run: &Run) -> Result<()> {
    let (mark, request) = (run.mark(), request.clone());
    app.store.write(Lane::Interactive, move |db| {
        table::free(db, &request.actor, &request.key, &mark)
    })
}

/// Runs `work` once for this request, the answer it gives kept in the same transaction. Gives the answer, and what
/// else `work` gave, which is not kept: none when the answer is a replay. Without a request, only runs `work`.
///
/// # Errors
/// Those of `work`, which free the key by undoing the transaction; `idempotency_key_reused`.
pub fn within<T: Send + 'static>(
    store: &Store,
    request: Option<Request>,
    now: Instant,
    mut work: impl FnMut(&mut Db) -> Result<(Kept, T)> + Send + 'static,
) -> Result<(Kept, Option<T>)> {
    store.write(Lane::Interactive, move |db| {
        let Some(request) = &request else {
            let (kept, more) = work(db)?;
            return Ok((kept, Some(more)));
        };
        if let Some(row) = table::get(db, &request.actor, &request.key)? {
            return match answer(&row, request)? {
                Some(kept) => Ok((kept, None)),
                None => Err(in_progress()),
            };
        }
        // Taken before the work: a second request waits here (PostgreSQL) or in the queue (SQLite), and then loses.
        take(db, request, "", now)?;
        let (kept, more) = work(db)?;
        let body = serde_json::to_string(&kept).map_err(Error::internal)?;
        table::keep(
            db,
            &request.actor,
            &request.key,
            "",
            kept.status.into(),
            &body,
        )?;
        Ok((kept, Some(more)))
    })
}

/// Forgets keys older than [`KEPT_DAYS`]. Gives how many.
///
/// # Errors
/// Those of the store.
pub fn purge(app: &App) -> Result<usize> {
    let before = app.clock.now() - chrono::Duration::days(KEPT_DAYS);
    app.store.write(Lane::Interactive, move |db| {
        table::purge(db, before.naive_utc())
    })
}

/// A request of this actor, from its key and its content.
pub fn request(actor: &Actor, key: &str, content: &[&[u8]]) -> Request {
    use sha2::{Digest, Sha256};
    let mut digest = Sha256::new();
    for part in content {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    Request {
        actor: actor.id.clone(),
        key: key.to_owned(),
        fingerprint: super::tokens::hex(&digest.finalize()),
    }
}

fn take(db: &mut Db, request: &Request, mark: &str, now: Instant) -> Result<()> {
    let row = Row {
        actor: request.actor.clone(),
        key: request.key.clone(),
        fingerprint: request.fingerprint.clone(),
        status: None,
        body: Some(mark.to_owned()),
        created_at: now.naive_utc(),
    };
    table::insert(db, &row).map_err(|error| match error.code {
        Code::Duplicate => in_progress(),
        _ => error,
    })
}

/// The kept answer of a row; none while it is under way.
fn answer(row: &Row, request: &Request) -> Result<Option<Kept>> {
    if row.fingerprint != request.fingerprint {
        return Err(Error::new(
            Code::IdempotencyKeyReused,
            "this Idempotency-Key was used for another request; take a new key for a new request",
        ));
    }
    match (row.status, &row.body) {
        (Some(_), Some(body)) => serde_json::from_str(body)
            .map(Some)
            .map_err(Error::internal),
        _ => Ok(None),
    }
}

fn abandoned(row: &Row, instance: &str, engine: Engine, now: Instant) -> bool {
    let old = now.naive_utc() - row.created_at > chrono::Duration::minutes(ABANDONED_MINUTES);
    let mark = row.body.as_deref().unwrap_or_default();
    let other = mark.split(' ').next() != Some(instance);
    other && (engine == Engine::Sqlite || old)
}

fn in_progress() -> Error {
    Error::new(
        Code::IdempotencyInProgress,
        "the first request with this key is still running; try again in a moment",
    )
}
