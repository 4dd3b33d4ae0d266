//! Passwords: Argon2id, one at a time, so that a flood of sign-ins takes no more memory than one.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use parking_lot::Mutex;

use super::tokens;
use crate::error::{Error, Result};

/// Shortest password, characters.
pub const SHORTEST: usize = 12;
/// Longest password, bytes: hashing must not become an attack.
const LONGEST: usize = 1000;

/// Hashing takes 19 MiB: one password at a time.
static TURN: Mutex<()> = Mutex::new(());

/// Argon2id with the crate's defaults (19 MiB, 2 passes), as a PHC string.
///
/// # Errors
/// `invalid_value` for a password too short or too long.
pub fn hash(password: &str) -> Result<String> {
    if password.chars().count() < SHORTEST || password.len() > LONGEST {
        let detail = format!("a password has at least {SHORTEST} characters");
        return Err(Error::invalid("password", detail));
    }
    compute(password)
}

/// Whether the password is the one of this hash. With none it takes as long and says no.
///
/// # Errors
/// `internal` for a hash that cannot be read.
pub fn verify(password: &str, hash: Option<&str>) -> Result<bool> {
    if password.len() > LONGEST {
        return Ok(false);
    }
    let Some(hash) = hash else {
        compute(password)?;
        return Ok(false);
    };
    let hash = PasswordHash::new(hash).map_err(|e| Error::internal(e.to_string()))?;
    let _turn = TURN.lock();
    Ok(Argon2::default()
        .verify_password(password.as_bytes(), &hash)
        .is_ok())
}

/// A password nobody has to remember long: 120 bits.
///
/// # Errors
/// `internal` when the system gives no random bytes.
pub fn generate() -> Result<String> {
    let text = tokens::hex(&tokens::random()?);
    Ok(text.chars().take(30).collect())
}

fn compute(password: &str) -> Result<String> {
    let _turn = TURN.lock();
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|e| Error::internal(e.to_string()))
}
