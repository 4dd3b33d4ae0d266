//! A file that comes with a request: it goes to a temporary file piece by piece, as the body or as a part of a form.

use std::io::Write;

use actix_multipart::Field;
use actix_web::web::Payload;
use actix_web::{HttpRequest, web};
use futures_util::StreamExt;
use sha2::{Digest, Sha256};

use crate::error::{Code, Error, Result};
use crate::exchange::table::LARGEST_FILE;

/// Longest text of a field beside the file, bytes.
const LONGEST_FIELD: usize = 16 * 1024;
/// Most fields beside the file.
const MOST_FIELDS: usize = 32;
/// Bytes beyond the limit that are read and dropped, so that the client hears the refusal rather than a broken
/// connection.
const PATIENCE: u64 = 128 * 1024 * 1024;

/// A file that has come.
pub struct Received {
    /// Where it is; gone when dropped.
    pub file: tempfile::NamedTempFile,
    /// SHA-256, hex.
    pub fingerprint: String,
    /// The name it was sent under.
    pub name: Option<String>,
}

impl Received {
    /// Its whole content: for files that were taken with a small limit.
    ///
    /// # Errors
    /// `unavailable`.
    pub fn bytes(&self) -> Result<Vec<u8>> {
        std::fs::read(self.file.path()).map_err(Error::unavailable)
    }
}

/// Where the pieces of a file go.
struct Sink {
    file: tempfile::NamedTempFile,
    hasher: Sha256,
    size: u64,
    limit: u64,
}

impl Sink {
    fn new(limit: u64) -> Result<Sink> {
        Ok(Sink {
            file: tempfile::NamedTempFile::new().map_err(Error::unavailable)?,
            hasher: Sha256::new(),
            size: 0,
            limit,
        })
    }
    fn too_large(&self) -> Error {
        Error::new(
            Code::TooLarge,
            format!("a file may hold {} bytes at most", self.limit),
        )
        .with_field("file")
    }
    async fn take(mut self, piece: web::Bytes) -> Result<Sink> {
        self.size = self
            .size
            .saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        if self.size > self.limit.saturating_add(PATIENCE) {
            return Err(self.too_large());
        }
        if self.size > self.limit {
            return Ok(self);
        }
        web::block(move || {
            self.hasher.update(&piece);
            self.file.write_all(&piece).map_err(Error::unavailable)?;
            Ok(self)
        })
        .await
        .map_err(Error::internal)?
    }
    fn end(self, name: Option<String>) -> Result<Received> {
        if self.size > self.limit {
            return Err(self.too_large());
        }
        if self.size == 0 {
            return Err(Error::new(
                Code::Malformed,
                "send the file as the body, or as a part of a form",
            )
            .with_field("file"));
        }
        let hash = self.hasher.finalize();
        Ok(Received {
            file: self.file,
            fingerprint: hash.iter().map(|b| format!("{b:02x}")).collect(),
            name,
        })
    }
}

fn broken<E: std::fmt::Display>(e: E) -> Error {
    Error::new(
        Code::Malformed,
        format!("the body breaks off before its end: {e}"),
    )
}

/// The file of a request: its body, or the first part of a form that is a file.
///
/// # Errors
/// `malformed` without a file, `too_large`.
pub async fn receive(req: &HttpRequest, payload: Payload) -> Result<Received> {
    receive_up_to(LARGEST_FILE, req, payload).await
}

/// The same, of at most this many bytes.
///
/// # Errors
/// As [`receive`].
pub async fn receive_up_to(
    limit: u64,
    req: &HttpRequest,
    mut payload: Payload,
) -> Result<Received> {
    if is_form(req) {
        let (_, found) = form_up_to(limit, req, payload, |_| Ok(())).await?;
        return found
            .ok_or_else(|| Error::new(Code::Malformed, "the form has no part that is a file"));
    }
    let mut sink = Sink::new(limit)?;
    while let Some(piece) = payload.next().await {
        sink = sink.take(piece.map_err(broken)?).await?;
    }
    sink.end(None)
}

/// Whether the body is a form with parts.
pub fn is_form(req: &HttpRequest) -> bool {
    let media = req.headers().get("content-type");
    let media = media.and_then(|h| h.to_str().ok()).unwrap_or_default();
    media
        .to_ascii_lowercase()
        .starts_with("multipart/form-data")
}

/// Names and texts beside the file.
pub type Fields = Vec<(String, String)>;

/// The fields of a form and its first file. `before` looks at the fields that came before the file: what it refuses is
/// refused before the file is read.
///
/// # Errors
/// Those of `before`; `malformed`, `too_large`.
pub async fn form(
    req: &HttpRequest,
    payload: Payload,
    before: impl Fn(&Fields) -> Result<()>,
) -> Result<(Fields, Option<Received>)> {
    form_up_to(LARGEST_FILE, req, payload, before).await
}

/// The same, with a file of at most this many bytes.
///
/// # Errors
/// As [`form`].
pub async fn form_up_to(
    limit: u64,
    req: &HttpRequest,
    payload: Payload,
    before: impl Fn(&Fields) -> Result<()>,
) -> Result<(Fields, Option<Received>)> {
    let mut form = actix_multipart::Multipart::new(req.headers(), payload);
    let (mut fields, mut found) = (Fields::new(), None);
    while let Some(part) = form.next().await {
        let mut part = part.map_err(broken)?;
        let disposition = part.content_disposition();
        let filename = disposition
            .and_then(|d| d.get_filename())
            .map(str::to_owned);
        let name = disposition.and_then(|d| d.get_name()).unwrap_or_default();
        if filename.is_none() && name != "file" {
            if fields.len() == MOST_FIELDS {
                return Err(Error::new(Code::TooLarge, "the form has too many fields"));
            }
            let name = name.to_owned();
            fields.push((name, text(&mut part).await?));
            continue;
        }
        if found.is_some() {
            while let Some(piece) = part.next().await {
                piece.map_err(broken)?;
            }
            continue;
        }
        before(&fields)?;
        let mut sink = Sink::new(limit)?;
        while let Some(piece) = part.next().await {
            sink = sink.take(piece.map_err(broken)?).await?;
        }
        found = Some(sink.end(filename)?);
    }
    Ok((fields, found))
}

async fn text(part: &mut Field) -> Result<String> {
    let mut bytes = Vec::new();
    while let Some(piece) = part.next().await {
        bytes.extend_from_slice(&piece.map_err(broken)?);
        if bytes.len() > LONGEST_FIELD {
            return Err(Error::new(
                Code::TooLarge,
                "a field of the form is too long",
            ));
        }
    }
    let text = String::from_utf8(bytes)
        .map_err(|_| Error::new(Code::Malformed, "the form is no UTF-8"))?;
    if text.chars().any(char::is_control) {
        let detail = "a form holds UTF-8 text without control characters";
        return Err(Error::new(Code::Malformed, detail));
    }
    Ok(text.trim().to_owned())
}
