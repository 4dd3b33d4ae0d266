//! Cursors: where a list goes on, signed and bound to what was asked, so that none can be made up or moved
//! to another list, filter or scope.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::Sha256;

use super::{App, tokens};
use crate::db::{self, Lane, Store};
use crate::error::{Code, Error, Result};

/// Bytes of the signature kept: 128 bits.
const SIGNATURE: usize = 16;

/// The key that signs, made once per installation.
pub(super) fn secret(store: &Store) -> Result<[u8; 32]> {
    const NAME: &str = "cursor";
    let kept = match store.read(|db| db::secrets::get(db, NAME))? {
        Some(kept) => kept,
        None => {
            let fresh = tokens::hex(&tokens::random()?);
            store.write(Lane::Interactive, move |db| {
                db::secrets::get_or_put(db, NAME, &fresh)
            })?
        }
    };
    let mut key = [0_u8; 32];
    for (byte, pair) in key.iter_mut().zip(kept.as_bytes().chunks(2)) {
        let text = std::str::from_utf8(pair).map_err(Error::internal)?;
        *byte = u8::from_str_radix(text, 16).map_err(Error::internal)?;
    }
    Ok(key)
}

/// A cursor at `position`. `bound` tells the list apart from every other: its name, the actor's organisation, the
/// filters and the sort, in one text; the same must be given to [`open`].
///
/// # Errors
/// `internal` when the position cannot be written.
pub fn seal<T: Serialize>(app: &App, bound: &str, position: &T) -> Result<String> {
    let text = serde_json::to_vec(position).map_err(Error::internal)?;
    let mut out = sign(app, bound, &text)?;
    out.extend_from_slice(&text);
    Ok(BASE64.encode(out))
}

/// The position of a cursor made by [`seal`] with the same `bound`.
///
/// # Errors
/// `invalid_parameter` for anything else.
pub fn open<T: DeserializeOwned>(app: &App, bound: &str, cursor: &str) -> Result<T> {
    let refused = || {
        Error::new(
            Code::InvalidParameter,
            "this cursor is not of this list; begin again without it",
        )
        .with_field("cursor")
    };
    let bytes = BASE64.decode(cursor).map_err(|_| refused())?;
    let (signature, text) = bytes.split_at_checked(SIGNATURE).ok_or_else(refused)?;
    let right = sign(app, bound, text)?;
    if !bool::from(subtle::ConstantTimeEq::ct_eq(signature, right.as_slice())) {
        return Err(refused());
    }
    serde_json::from_slice(text).map_err(|_| refused())
}

fn sign(app: &App, bound: &str, text: &[u8]) -> Result<Vec<u8>> {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(&app.secret).map_err(|e| Error::internal(e.to_string()))?;
    mac.update(&(bound.len() as u64).to_be_bytes());
    mac.update(bound.as_bytes());
    mac.update(text);
    let mut full = mac.finalize().into_bytes().to_vec();
    full.truncate(SIGNATURE);
    Ok(full)
}
