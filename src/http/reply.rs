//! An answer that can be sent now and kept for a replay: status, a few headers, a body.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde::Serialize;

use crate::error::{Error, Result};

/// What a handler answers. Kept whole when the request carries an Idempotency-Key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Headers beside those every answer has: `Location`, `ETag`, `Content-Type`.
    pub headers: Vec<(String, String)>,
    /// The body as sent.
    pub body: Vec<u8>,
}

impl Reply {
    /// JSON with this status.
    ///
    /// # Errors
    /// `internal` when the value cannot be written as JSON.
    pub fn json<T: Serialize>(status: u16, value: &T) -> Result<Reply> {
        Ok(Reply {
            status,
            headers: vec![("content-type".into(), "application/json".into())],
            body: serde_json::to_vec(value).map_err(Error::internal)?,
        })
    }
    /// 200 with JSON.
    ///
    /// # Errors
    /// As [`Reply::json`].
    pub fn ok<T: Serialize>(value: &T) -> Result<Reply> {
        Reply::json(200, value)
    }
    /// 201 with JSON and the `Location` of what was made, such as `/api/v1/sites/depot`.
    ///
    /// # Errors
    /// As [`Reply::json`].
    pub fn created<T: Serialize>(location: &str, value: &T) -> Result<Reply> {
        Ok(Reply::json(201, value)?.with("location", &encode_path(location)))
    }
    /// Adds a header.
    pub fn with(mut self, name: &str, value: &str) -> Reply {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
    /// Adds the `ETag` of this version, `"v12"`.
    pub fn etag(self, version: i64) -> Reply {
        let tag = super::conditional::etag(version);
        self.with("etag", &tag)
    }
    /// The answer of the framework.
    pub fn into_response(self) -> HttpResponse {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK);
        let mut answer = HttpResponse::build(status);
        for (name, value) in self.headers {
            answer.insert_header((name, value));
        }
        answer.body(self.body)
    }
}

/// Percent-encodes what a path may not hold, slashes kept.
fn encode_path(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
