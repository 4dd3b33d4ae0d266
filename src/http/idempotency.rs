//! The `Idempotency-Key` header around POST handlers.
//!
//! `once.run(&app, actor, &mut body, |app, actor, value| …)` is all a handler needs; see `http::api`. A route that
//! keeps keys itself (events) takes [`Once`] and reads [`Once::key`].

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use serde_json::Value;

use super::extract::{Json, State, run};
use super::reply::Reply;
use crate::app::idempotency::{self, Kept, Request, Turn};
use crate::app::{Actor, App};
use crate::error::{Code, Error, Result};

/// Longest key, bytes.
const MAX_KEY: usize = 255;
/// Larger answers are made again rather than kept: they are files, and making them changes nothing.
const MAX_KEPT: usize = 4 * 1024 * 1024;

/// The key of the request, and what the request is.
#[derive(Debug, Clone)]
pub struct Once {
    key: Option<String>,
    method: String,
    path: String,
    query: String,
}

impl FromRequest for Once {
    type Error = Error;
    type Future = Ready<Result<Self>>;
    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(key_of(req).map(|key| Once {
            key,
            method: req.method().to_string(),
            path: req.path().to_owned(),
            query: req.query_string().to_owned(),
        }))
    }
}

fn key_of(req: &HttpRequest) -> Result<Option<String>> {
    let refused = || {
        Error::new(
            Code::InvalidParameter,
            format!("an Idempotency-Key holds 1 to {MAX_KEY} visible ASCII characters"),
        )
        .with_field("Idempotency-Key")
    };
    let Some(value) = req.headers().get("idempotency-key") else {
        return Ok(None);
    };
    let key = value.to_str().map_err(|_| refused())?.trim();
    let good = (1..=MAX_KEY).contains(&key.len()) && key.bytes().all(|b| (0x20..0x7f).contains(&b));
    if good {
        Ok(Some(key.to_owned()))
    } else {
        Err(refused())
    }
}

impl Once {
    /// The key as sent, for routes that keep keys themselves.
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// The request as the store knows it: for `idempotency::within`. None without a key.
    pub fn request(&self, actor: &Actor, body: &[u8]) -> Option<Request> {
        let key = self.key.as_deref()?;
        let content = [
            self.method.as_bytes(),
            self.path.as_bytes(),
            self.query.as_bytes(),
            body,
        ];
        Some(idempotency::request(actor, key, &content))
    }

    /// Runs `work` on the JSON body once per key: reserve, run, keep. Ask the rights **before**: they come before the
    /// replay. Bodies that mean the same JSON are the same request.
    ///
    /// # Errors
    /// Those of the body, of the key and of `work`.
    pub async fn run<const LIMIT: usize, F>(
        &self,
        app: &State,
        actor: Actor,
        body: &mut Json<LIMIT>,
        work: F,
    ) -> Result<HttpResponse>
    where
        F: FnOnce(&Arc<App>, &Actor, Value) -> Result<Reply> + Send + 'static,
    {
        let value = Value::Object(body.object()?);
        let request = self.request(&actor, value.to_string().as_bytes());
        self.around(app, request, move |app| work(app, &actor, value))
            .await
    }

    /// The same for a request whose content was hashed by the caller (a file).
    ///
    /// # Errors
    /// Those of the key and of `work`.
    pub async fn around<F>(
        &self,
        app: &State,
        request: Option<Request>,
        work: F,
    ) -> Result<HttpResponse>
    where
        F: FnOnce(&Arc<App>) -> Result<Reply> + Send + 'static,
    {
        let (reply, replayed) = run(app, move |app| match request {
            None => Ok((work(app)?, false)),
            Some(request) => keyed(app, &request, |app| work(app).map(|r| (r.clone(), r))),
        })
        .await?;
        Ok(answer(reply, replayed))
    }

    /// [`Once::around`] for an answer that holds a secret: `work` gives what is told now and what is kept.
    ///
    /// # Errors
    /// Those of the key and of `work`.
    pub async fn around_secret<F>(
        &self,
        app: &State,
        request: Option<Request>,
        work: F,
    ) -> Result<HttpResponse>
    where
        F: FnOnce(&Arc<App>) -> Result<(Reply, Reply)> + Send + 'static,
    {
        let (reply, replayed) = run(app, move |app| match request {
            None => Ok((work(app)?.0, false)),
            Some(request) => keyed(app, &request, work),
        })
        .await?;
        Ok(answer(reply, replayed))
    }

    /// Key, change and answer in one transaction (see `app::idempotency::within`): `work` gets the transaction and may
    /// run more than once.
    ///
    /// # Errors
    /// Those of the key and of `work`.
    pub async fn within<F>(
        &self,
        app: &State,
        request: Option<Request>,
        mut work: F,
    ) -> Result<HttpResponse>
    where
        F: FnMut(&mut crate::db::Db) -> Result<Reply> + Send + 'static,
    {
        let (kept, replayed) = run(app, move |app| {
            idempotency::within(&app.store, request, app.clock.now(), move |db| {
                let reply = work(db)?;
                Ok(Kept::new(reply.status, reply.headers, &reply.body))
            })
        })
        .await?;
        Ok(answer(unpack(kept)?, replayed))
    }
}

fn keyed(
    app: &Arc<App>,
    request: &Request,
    work: impl FnOnce(&Arc<App>) -> Result<(Reply, Reply)>,
) -> Result<(Reply, bool)> {
    if let Turn::Replay(kept) = idempotency::reserve(app, request)? {
        return Ok((unpack(kept)?, true));
    }
    // Whatever happens to the work, a panic too, the key must not stay taken.
    let guard = Guard { app, request };
    let (reply, to_keep) = work(app)?;
    if !(200..300).contains(&reply.status) || reply.body.len() > MAX_KEPT {
        return Ok((reply, false));
    }
    let kept = Kept::new(to_keep.status, to_keep.headers, &to_keep.body);
    idempotency::keep(app, request, &kept)?;
    std::mem::forget(guard);
    Ok((reply, false))
}

struct Guard<'a> {
    app: &'a App,
    request: &'a Request,
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if let Err(error) = idempotency::free(self.app, self.request) {
            tracing::warn!(%error, "an idempotency key could not be freed");
        }
    }
}

fn unpack(kept: Kept) -> Result<Reply> {
    Ok(Reply {
        status: kept.status,
        body: kept.body()?,
        headers: kept.headers,
    })
}

fn answer(reply: Reply, replayed: bool) -> HttpResponse {
    let reply = if replayed {
        reply.with("idempotency-replayed", "true")
    } else {
        reply
    };
    reply.into_response()
}
