//! One error for the whole house: a stable code for programs, a sentence for people, a cause for the log.
//!
//! Every floor returns [`Error`]; `http::problem` renders it as `application/problem+json`,
//! the command line prints its sentence. A sentence says what would be needed.

use serde_json::{Map, Value};

/// Result of anything that can be refused.
pub type Result<T> = std::result::Result<T, Error>;

macro_rules! codes {
    ($($name:ident = $text:literal, $status:literal;)*) => {
        /// Stable codes of the contract, each with its HTTP status.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $(#[doc = $text] $name),* }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Code] = &[$(Code::$name),*];
            /// The code as programs see it.
            pub const fn as_str(self) -> &'static str { match self { $(Code::$name => $text),* } }
            /// The HTTP status that goes with the code.
            pub const fn status(self) -> u16 { match self { $(Code::$name => $status),* } }
            /// The code of this name, for answers read back from another instance.
            pub fn parse(text: &str) -> Option<Code> { match text { $($text => Some(Code::$name),)* _ => None } }
        }
    };
}

codes! {
    Malformed = "malformed", 400;
    UnknownField = "unknown_field", 400;
    UnknownParameter = "unknown_parameter", 400;
    InvalidParameter = "invalid_parameter", 400;
    Unauthenticated = "unauthenticated", 401;
    Forbidden = "forbidden", 403;
    NotFound = "not_found", 404;
    MethodNotAllowed = "method_not_allowed", 405;
    TransitionRefused = "transition_refused", 409;
    BreaksLaterEvent = "breaks_later_event", 409;
    WipeRequired = "wipe_required", 409;
    Duplicate = "duplicate", 409;
    IdempotencyInProgress = "idempotency_in_progress", 409;
    Stale = "stale", 412;
    TooLarge = "too_large", 413;
    UnsupportedMedia = "unsupported_media", 415;
    InvalidValue = "invalid_value", 422;
    MissingField = "missing_field", 422;
    NotAnInventory = "not_an_inventory", 422;
    UnknownReference = "unknown_reference", 422;
    FutureDate = "future_date", 422;
    IdempotencyKeyReused = "idempotency_key_reused", 422;
    Throttled = "throttled", 429;
    Internal = "internal", 500;
    Unavailable = "unavailable", 503;
}

/// A refusal or a fault. Build it with [`Error::new`] and the `with_*` methods.
#[derive(Debug)]
pub struct Error {
    /// Stable code.
    pub code: Code,
    /// Sentence for people; never holds a secret nor another organisation's data.
    pub detail: String,
    /// The field or parameter at fault.
    pub field: Option<String>,
    /// Further members of the problem document (`stage`, `next_events`, `item` …).
    pub extra: Map<String, Value>,
    /// What happened underneath; for the log only.
    pub cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// A refusal with its sentence.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Error {
            code,
            detail: detail.into(),
            field: None,
            extra: Map::new(),
            cause: None,
        }
    }
    /// Names the field at fault.
    pub fn with_field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }
    /// Adds a member to the problem document.
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.extra.insert(key.to_owned(), value.into());
        self
    }
    /// Keeps the cause for the log.
    pub fn because(mut self, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.cause = Some(cause.into());
        self
    }
    /// 422: the value of a field cannot be taken; the sentence says what can.
    pub fn invalid(field: &str, detail: impl Into<String>) -> Self {
        Error::new(Code::InvalidValue, detail).with_field(field)
    }
    /// 422: a required field is absent.
    pub fn missing(field: &str) -> Self {
        Error::new(Code::MissingField, format!("`{field}` is required")).with_field(field)
    }
    /// 422: a key or id names nothing the caller may use.
    pub fn unknown_reference(field: &str, value: &str) -> Self {
        Error::new(
            Code::UnknownReference,
            format!(
                "`{field}`: nothing here is called “{value}”; give the key or id of an existing one"
            ),
        )
        .with_field(field)
    }
    /// 404: absent or not yours, told apart to nobody.
    pub fn not_found() -> Self {
        Error::new(
            Code::NotFound,
            "there is nothing here under this name that you may see",
        )
    }
    /// 403: visible, but the role does not allow it.
    pub fn forbidden(needed: &str) -> Self {
        Error::new(Code::Forbidden, format!("this needs {needed}"))
    }
    /// 500: a fault of ours. The cause goes to the log, not to the caller.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Error::new(
            Code::Internal,
            "something failed on our side; the request id finds it in the log",
        )
        .because(cause)
    }
    /// 503: the store cannot answer now; trying again may help.
    pub fn unavailable(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Error::new(Code::Unavailable, "the store is busy or away; try again").because(cause)
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.detail)?;
        if let Some(cause) = &self.cause {
            write!(f, " ({cause})")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
