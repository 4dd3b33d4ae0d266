//! What a form sends: read once, bounded, only from a page of the same session.

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::future::LocalBoxFuture;
use serde_json::{Map, Value};

use crate::error::{Code, Error, Result};
use crate::http::extract::{MAX_BODY, collect};
use crate::http::{cookie, params};

/// How a field becomes a member of the JSON that the use cases take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum As {
    /// Text; an empty field is left out.
    Text,
    /// A whole number.
    Whole,
    /// Euros with cents, comma or point.
    Cents,
    /// A box: true when ticked, left out otherwise.
    Flag,
    /// Several values of one name.
    List,
    /// One value a line.
    Lines,
    /// Text where an empty field means null: a merge patch that clears.
    Patch,
    /// Euros where an empty field means null.
    PatchCents,
    /// A whole number where an empty field means null.
    PatchWhole,
    /// A box of a merge patch: true or false.
    PatchFlag,
}

/// The fields of a form, in the order sent.
#[derive(Debug, Clone, Default)]
pub struct Form {
    /// Name and value, spaces around it trimmed.
    pub fields: Vec<(String, String)>,
}

impl Form {
    /// The first value of a field; empty when absent.
    pub fn text(&self, name: &str) -> &str {
        self.fields
            .iter()
            .find(|(n, _)| n == name)
            .map_or("", |(_, value)| value.as_str())
    }
    /// Every value of a field.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields
            .iter()
            .filter(move |(n, v)| n == name && !v.is_empty())
            .map(|(_, value)| value.as_str())
    }
    /// Whether a field was sent and is not empty.
    pub fn has(&self, name: &str) -> bool {
        !self.text(name).is_empty()
    }
    /// What was filled in, to tell whether two sendings of a form say the same.
    pub fn content(&self) -> Vec<u8> {
        let said = self
            .fields
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "csrf" | "key"));
        said.flat_map(|(name, value)| [name.as_bytes(), b"\0", value.as_bytes(), b"\0"].concat())
            .collect()
    }
    /// These fields as the JSON object that a use case takes.
    ///
    /// # Errors
    /// `invalid_value` for a number that is none.
    pub fn object(&self, shape: &[(&str, As)]) -> Result<Map<String, Value>> {
        let mut out = Map::new();
        for (name, how) in shape {
            if let Some(value) = self.member(name, *how)? {
                out.insert((*name).to_owned(), value);
            }
        }
        Ok(out)
    }
    fn member(&self, name: &str, how: As) -> Result<Option<Value>> {
        let text = self.text(name);
        let sent = self.fields.iter().any(|(n, _)| n == name);
        let or_null = |found: Option<Value>| sent.then(|| found.unwrap_or(Value::Null));
        Ok(match how {
            As::Text => (!text.is_empty()).then(|| Value::from(text)),
            As::Whole => whole(name, text)?,
            As::Cents => cents(name, text)?,
            As::Flag => (!text.is_empty()).then_some(Value::Bool(true)),
            As::List => Some(self.all(name).map(Value::from).collect::<Vec<_>>())
                .filter(|list| !list.is_empty())
                .map(Value::from),
            As::Lines => Some(lines(text))
                .filter(|list| !list.is_empty())
                .map(Value::from),
            As::Patch => or_null((!text.is_empty()).then(|| Value::from(text))),
            As::PatchCents => or_null(cents(name, text)?),
            As::PatchWhole => or_null(whole(name, text)?),
            As::PatchFlag => Some(Value::Bool(!text.is_empty())),
        })
    }
}

/// The lines of a text that are not empty, trimmed.
pub fn lines(text: &str) -> Vec<String> {
    text.lines()
        .map(str::trim)
        .filter(|l| !l.is_empty())
        .map(str::to_owned)
        .collect()
}

fn digits(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace() && *c != '\u{202f}' && *c != '€')
        .collect()
}

fn whole(name: &str, text: &str) -> Result<Option<Value>> {
    if text.is_empty() {
        return Ok(None);
    }
    let number: i64 = digits(text)
        .parse()
        .map_err(|_| Error::invalid(name, format!("`{name}` is a whole number")))?;
    Ok(Some(Value::from(number)))
}

/// « 1 234,50 », "1234.5", "12" as cents.
fn cents(name: &str, text: &str) -> Result<Option<Value>> {
    if text.is_empty() {
        return Ok(None);
    }
    let refused = || {
        Error::invalid(
            name,
            format!("`{name}` is an amount in euros, such as 812,50"),
        )
    };
    let plain = digits(text).replace(',', ".");
    let (sign, plain) = match plain.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, plain.as_str()),
    };
    let (euros, rest) = plain.split_once('.').unwrap_or((plain, "0"));
    let rest = format!("{rest:0<2}");
    if rest.len() != 2 || euros.len() > 12 {
        return Err(refused());
    }
    let euros: i64 = euros.parse().map_err(|_| refused())?;
    let rest: i64 = rest.parse().map_err(|_| refused())?;
    Ok(Some(Value::from(sign * (euros * 100 + rest))))
}

impl FromRequest for Form {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;
    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            debug_assert_eq!(request.method(), Method::POST);
            cookie::same_origin(&request)?;
            if request.content_type() != "application/x-www-form-urlencoded" {
                return Err(Error::new(Code::UnsupportedMedia, "send a form"));
            }
            let body = collect(payload, MAX_BODY).await?;
            let text = String::from_utf8(body)
                .map_err(|_| Error::new(Code::Malformed, "the form is no UTF-8"))?;
            let fields: Vec<(String, String)> = params::form(&text)?
                .into_iter()
                .map(|(name, value)| (name, value.replace("\r\n", "\n").trim().to_owned()))
                .collect();
            let form = Form { fields };
            // Without a session there is nothing that a forged form could use; the origin was looked at above.
            if let Some(secret) = cookie::session(&request) {
                cookie::check_csrf(&secret, form.text("csrf"))?;
            }
            Ok(form)
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn euros_are_read_as_people_write_them() {
        for (text, cents) in [
            ("812,50", 81_250),
            ("1 234,5", 123_450),
            ("12", 1200),
            ("-3.07", -307),
            ("45 €", 4500),
        ] {
            assert_eq!(
                super::cents("price", text).unwrap(),
                Some(Value::from(cents)),
                "{text}"
            );
        }
        assert!(super::cents("price", "12,345").is_err() && super::cents("price", "dix").is_err());
    }
}
