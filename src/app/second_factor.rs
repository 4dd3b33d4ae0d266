//! The second factor: codes of an authenticator (TOTP, RFC 6238: SHA-1, six digits, thirty seconds), each good once.

use totp_rs::{Builder, Secret, Totp};

use super::sessions::{self, Session};
use super::{App, audit, cursor};
use crate::db::{self, Lane, accounts::Login};
use crate::error::{Error, Result};

/// What an authenticator is to be told, before the first code proves that it was.
#[derive(Debug, Clone)]
pub struct Offer {
    /// The secret, base32, for typing.
    pub secret: String,
    /// `otpauth://…`, for the QR code.
    pub uri: String,
    /// Brings the secret back with the first code.
    pub proof: String,
}

/// A fresh secret for the account of this session; nothing is kept yet.
///
/// # Errors
/// `internal` when the system gives no random bytes.
pub fn offer(app: &App, session: &Session) -> Result<Offer> {
    let mut bytes = [0_u8; 20];
    getrandom::fill(&mut bytes).map_err(|e| Error::internal(e.to_string()))?;
    let secret = Secret::from(bytes).to_base32();
    let account: String = session
        .actor
        .name
        .bytes()
        .map(|b| match b {
            b if b.is_ascii_alphanumeric() => char::from(b).to_string(),
            b => format!("%{b:02X}"),
        })
        .collect();
    Ok(Offer {
        uri: format!("otpauth://totp/Reparc:{account}?secret={secret}&issuer=Reparc"),
        proof: cursor::seal(app, &bound(session), &secret)?,
        secret,
    })
}

/// Sets the second factor, proved by a first code.
///
/// # Errors
/// `invalid_value` for a code that does not fit.
pub fn set(app: &App, session: &Session, proof: &str, code: &str) -> Result<()> {
    let secret: String = cursor::open(app, &bound(session), proof)?;
    let step = check(app, &secret, code)?.ok_or_else(|| {
        Error::invalid(
            "code",
            "this code does not fit; check the clock of your phone",
        )
    })?;
    keep(app, session, Some(secret), Some(step))
}

/// Removes the second factor, proved by a code.
///
/// # Errors
/// `invalid_value` for a code that does not fit.
pub fn remove(app: &App, session: &Session, code: &str) -> Result<()> {
    let login = sessions::own(app, session)?;
    if !accept(app, &login, code)? {
        return Err(Error::invalid("code", "this code does not fit"));
    }
    keep(app, session, None, None)
}

/// Whether the code is good now and was not used; from then on it was.
///
/// # Errors
/// Those of the store.
pub(super) fn accept(app: &App, login: &Login, code: &str) -> Result<bool> {
    let Some(secret) = &login.totp else {
        return Ok(false);
    };
    let Some(step) = check(app, secret, code)? else {
        return Ok(false);
    };
    let account = login.id.clone();
    app.store.write(Lane::Interactive, move |db| {
        db::accounts::second_factor_used(db, &account, step)
    })
}

fn keep(app: &App, session: &Session, secret: Option<String>, step: Option<i64>) -> Result<()> {
    let (now, actor) = (app.clock.now(), session.actor.clone());
    app.store.write(Lane::Interactive, move |db| {
        db::accounts::second_factor(db, &actor.id, secret.as_deref())?;
        if let Some(step) = step {
            db::accounts::second_factor_used(db, &actor.id, step)?;
        }
        let detail = serde_json::json!({"set": secret.is_some()});
        audit::note(
            db,
            now,
            &actor,
            "account.second_factor",
            Some(&actor.id),
            &detail,
        )
    })
}

/// The step that the code belongs to, of the present one and its neighbours.
fn check(app: &App, secret: &str, code: &str) -> Result<Option<i64>> {
    let digits: String = code.chars().filter(char::is_ascii_digit).collect();
    let secret = Secret::try_from_base32(secret).map_err(|e| Error::internal(e.to_string()))?;
    let now = u64::try_from(app.clock.now().timestamp()).unwrap_or(0);
    let totp: Totp = Builder::new()
        .with_secret(secret)
        .build()
        .map_err(|e| Error::internal(e.to_string()))?;
    let step = totp.check(&digits, now);
    Ok(step.and_then(|step| i64::try_from(step).ok()))
}

fn bound(session: &Session) -> String {
    format!("second factor of {}", session.actor.id)
}
