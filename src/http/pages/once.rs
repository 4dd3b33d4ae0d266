//! A form counts once: its hidden key is an idempotency key, so that a double click, a reload or the back button does
//! nothing twice and leads to the same page.

use std::sync::Arc;

use super::form::Form;
use super::visitor::Visitor;
use crate::app::idempotency::{self, Kept, Turn};
use crate::app::{Actor, App};
use crate::db::Db;
use crate::error::Result;
use crate::http::extract::{State, run};

/// Runs `work`, which gives the address to go to, once per key of the form. Events need none of this: give their
/// command the form's key.
///
/// # Errors
/// Those of `work`.
pub async fn once<F>(app: &State, visitor: &Visitor, form: &Form, work: F) -> Result<String>
where
    F: FnOnce(&Arc<App>, &Actor) -> Result<String> + Send + 'static,
{
    let (actor, key) = (visitor.actor.clone(), form.text("key").to_owned());
    let path = visitor.guest.request.path().to_owned();
    run(app, move |app| {
        if key.is_empty() || key.len() > 255 {
            return work(app, &actor);
        }
        let request = idempotency::request(&actor, &key, &[b"page", path.as_bytes()]);
        let turn = match idempotency::reserve(app, &request)? {
            Turn::Replay(kept) => return Ok(String::from_utf8_lossy(&kept.body()?).into_owned()),
            Turn::Run(turn) => turn,
        };
        let done = work(app, &actor);
        match &done {
            Ok(to) => idempotency::keep(
                app,
                &request,
                &turn,
                &Kept::new(200, Vec::new(), to.as_bytes()),
            )?,
            Err(_) => idempotency::free(app, &request, &turn)?,
        }
        done
    })
    .await
}

/// The same in one transaction with the key and the address: `work` may run more than once and has no effects outside
/// the store.
///
/// # Errors
/// Those of `work`.
pub async fn once_in<F>(app: &State, visitor: &Visitor, form: &Form, mut work: F) -> Result<String>
where
    F: FnMut(&Arc<App>, &mut Db, &Actor) -> Result<String> + Send + 'static,
{
    let (actor, key) = (visitor.actor.clone(), form.text("key").to_owned());
    let path = visitor.guest.request.path().to_owned();
    run(app, move |app| {
        let request = (!key.is_empty() && key.len() <= 255)
            .then(|| idempotency::request(&actor, &key, &[b"page", path.as_bytes()]));
        let app2 = Arc::clone(app);
        let (kept, _) = idempotency::within(&app.store, request, app.clock.now(), move |db| {
            let to = work(&app2, db, &actor)?;
            Ok((Kept::new(200, Vec::new(), to.as_bytes()), ()))
        })?;
        Ok(String::from_utf8_lossy(&kept.body()?).into_owned())
    })
    .await
}
