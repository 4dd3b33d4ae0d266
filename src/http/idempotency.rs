//! The `Idempotency-Key` header around POST handlers.
//!
//! `once.run(&app, actor, &mut body, |app, db, actor, value| …)` is all a handler needs; see `http::api`. A route that
//! keeps keys itself (events) takes [`Once`] and reads [`Once::key`].

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use serde_json::Value;

use super::extract::{Json, State, run};
use super::reply::Reply;
use crate::app::idempotency::{self, Kept, Request, Run, Turn};
use crate::app::{Actor, App};
use crate::db::Db;
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

    /// The request as the store knows it. None without a key.
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

    /// Runs `work` on the JSON body once per key, in one transaction with the key and the answer: `work` may run more
    /// than once and has no effects outside the store. Ask the rights **before**: they come before the replay. Bodies
    /// that mean the same JSON are the same request.
    ///
    /// # Errors
    /// Those of the body, of the key and of `work`.
    pub async fn run<const LIMIT: usize, F>(
        &self,
        app: &State,
        actor: Actor,
        body: &mut Json<LIMIT>,
        mut work: F,
    ) -> Result<HttpResponse>
    where
        F: FnMut(&Arc<App>, &mut Db, &Actor, Value) -> Result<Reply> + Send + 'static,
    {
        let value = Value::Object(body.object()?);
        let request = self.request(&actor, value.to_string().as_bytes());
        let work =
            move |app: &Arc<App>, db: &mut Db| Ok((work(app, db, &actor, value.clone())?, ()));
        self.within(app, request, work, |_, reply, ()| Ok(reply))
            .await
    }

    /// The same, with something beside the answer that is not kept for a replay: `after` gets both when the
    /// transaction stands, and gives what is told now (a secret, a file beside the store).
    ///
    /// # Errors
    /// Those of the key, of `work` and of `after`.
    pub async fn within<T, F, G>(
        &self,
        app: &State,
        request: Option<Request>,
        mut work: F,
        after: G,
    ) -> Result<HttpResponse>
    where
        T: Send + 'static,
        F: FnMut(&Arc<App>, &mut Db) -> Result<(Reply, T)> + Send + 'static,
        G: FnOnce(&Arc<App>, Reply, T) -> Result<Reply> + Send + 'static,
    {
        let (reply, replayed) = run(app, move |app| {
            let app2 = Arc::clone(app);
            let (kept, more) =
                idempotency::within(&app.store, request, app.clock.now(), move |db| {
                    let (reply, more) = work(&app2, db)?;
                    Ok((Kept::new(reply.status, reply.headers, &reply.body), more))
                })?;
            let reply = unpack(kept)?;
            match more {
                Some(more) => Ok((after(app, reply, more)?, false)),
                None => Ok((reply, true)),
            }
        })
        .await?;
        Ok(answer(reply, replayed))
    }

    /// For work that is no transaction: reserve the key, run, keep the answer. After a crash the same request runs
    /// again, so `work` finds by itself what it did before.
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
        F: FnOnce(&Arc<App>, &Run) -> Result<Reply> + Send + 'static,
    {
        let (reply, replayed) = run(app, move |app| match request {
            None => Ok((work(app, &Run::only())?, false)),
            Some(request) => keyed(app, &request, work),
        })
        .await?;
        Ok(answer(reply, replayed))
    }
}

fn keyed(
    app: &Arc<App>,
    request: &Request,
    work: impl FnOnce(&Arc<App>, &Run) -> Result<Reply>,
) -> Result<(Reply, bool)> {
    let run = match idempotency::reserve(app, request)? {
        Turn::Replay(kept) => return Ok((unpack(kept)?, true)),
        Turn::Run(run) => run,
    };
    // Whatever happens to the work, a panic too, the key must not stay taken.
    let guard = Guard {
        app,
        request,
        run: &run,
    };
    let reply = work(app, &run)?;
    if !(200..300).contains(&reply.status) || reply.body.len() > MAX_KEPT {
        return Ok((reply, false));
    }
    let kept = Kept::new(reply.status, reply.headers.clone(), &reply.body);
    idempotency::keep(app, request, &run, &kept)?;
    std::mem::forget(guard);
    Ok((reply, false))
}

struct Guard<'a> {
    app: &'a App,
    request: &'a Request,
    run: &'a Run,
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if let Err(error) = idempotency::free(self.app, self.request, self.run) {
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
