//! Faults of the database as errors of the house, in one place.

use std::time::Duration;

use diesel::result::{DatabaseErrorKind as Kind, Error as Diesel};
use rand::RngExt;

use crate::error::{Code, Error, Result};

/// What a failed transaction lost, and so whether running it again may help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Loss {
    /// Nothing of the kind: the error is final.
    None,
    /// A race with another transaction (serialisation, deadlock, busy file).
    Race,
    /// The connection.
    Away,
}

impl From<Diesel> for Error {
    fn from(error: Diesel) -> Self {
        fault(error)
    }
}

/// Maps an error of diesel: unique violation → `duplicate`, no row → `not_found`, busy or closed → `unavailable`,
/// anything else → `internal`.
pub fn fault(error: Diesel) -> Error {
    match kind_of(&error) {
        Loss::Race | Loss::Away => return Error::unavailable(error),
        Loss::None => {}
    }
    match error {
        Diesel::NotFound => Error::not_found(),
        Diesel::DatabaseError(Kind::UniqueViolation, _) => Error::new(
            Code::Duplicate,
            "something with this name or code is already there",
        )
        .because(error),
        other => Error::internal(other),
    }
}

/// What an error of the house lost, read from its cause.
pub(crate) fn loss(error: &Error) -> Loss {
    if error.code != Code::Unavailable {
        return Loss::None;
    }
    error
        .cause
        .as_deref()
        .and_then(|cause| cause.downcast_ref::<Diesel>())
        .map_or(Loss::None, kind_of)
}

/// The table and column (SQLite) or the constraint (PostgreSQL) that a `duplicate` ran into, as the engine says it.
pub fn clash(error: &Error) -> Option<String> {
    match error.cause.as_deref()?.downcast_ref::<Diesel>()? {
        Diesel::DatabaseError(Kind::UniqueViolation, info) => Some(
            info.constraint_name()
                .unwrap_or_else(|| info.message())
                .to_owned(),
        ),
        _ => None,
    }
}

fn kind_of(error: &Diesel) -> Loss {
    match error {
        Diesel::DatabaseError(Kind::SerializationFailure, _) => Loss::Race,
        Diesel::DatabaseError(Kind::ClosedConnection, _) | Diesel::BrokenTransactionManager => {
            Loss::Away
        }
        Diesel::DatabaseError(_, info) => {
            let message = info.message();
            // diesel names neither; both engines word them in one way (PostgreSQL's with lc_messages = C or en).
            if [
                "deadlock detected",
                "database is locked",
                "database table is locked",
                "restart transaction",
            ]
            .iter()
            .any(|sign| message.contains(sign))
            {
                Loss::Race
            } else if [
                "server closed the connection",
                "terminating connection",
                "connection to server",
                "could not receive data",
                "no connection to the server",
                "the database system is",
            ]
            .iter()
            .any(|sign| message.contains(sign))
            {
                Loss::Away
            } else {
                Loss::None
            }
        }
        Diesel::RollbackErrorOnCommit {
            rollback_error,
            commit_error,
        } => match kind_of(commit_error) {
            Loss::None => kind_of(rollback_error),
            loss => loss,
        },
        _ => Loss::None,
    }
}

/// Waits a moment that grows with the attempt, with some chance in it, so that two losers do not meet again.
pub(crate) fn pause(attempt: u32) {
    let most = 4u64.saturating_mul(1 << attempt.min(7));
    std::thread::sleep(Duration::from_millis(rand::rng().random_range(1..=most)));
}

/// Runs `f` until it stops losing races (a file that another process is opening), for thirty seconds at most.
pub(crate) fn patiently<T>(mut f: impl FnMut() -> Result<T>) -> Result<T> {
    let start = std::time::Instant::now();
    let mut attempt = 0;
    loop {
        match f() {
            Err(error)
                if loss(&error) == Loss::Race && start.elapsed() < Duration::from_secs(30) =>
            {
                attempt += 1;
                pause(attempt);
            }
            out => return out,
        }
    }
}
