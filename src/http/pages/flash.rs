//! A word about what was just done, shown once on the next page: a small signed cookie.

use serde::{Deserialize, Serialize};

/// What to say.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Flash {
    /// The sentence, in the language of the moment.
    pub text: String,
    /// Where a button « Annuler » sends to, if it can be undone.
    pub undo: Option<String>,
    /// A page or paper that goes with it: address and name.
    #[serde(default)]
    pub link: Option<(String, String)>,
    /// A refusal rather than something done.
    #[serde(default)]
    pub bad: bool,
}

/// Name of the cookie.
pub const COOKIE: &str = "flash";
/// Seconds it lives.
pub const SECONDS: i64 = 60;
/// What ties its signature to this use.
pub const BOUND: &str = "flash";
