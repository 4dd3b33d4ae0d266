//! Query strings into types: every value is a text, read as what the field wants.

use std::collections::BTreeMap;

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{DeserializeOwned, Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use crate::error::{Code, Error, Result};

/// The pairs of a query string, decoded. A name without a value has the empty text.
///
/// # Errors
/// `invalid_parameter` for what is no UTF-8 or holds control characters.
pub fn pairs(query: &str) -> Result<Vec<(String, String)>> {
    query
        .split('&')
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let name = decode(name).ok_or_else(|| unreadable("?"))?;
            let value = decode(value).ok_or_else(|| unreadable(&name))?;
            Ok((name, value))
        })
        .collect()
}

fn unreadable(name: &str) -> Error {
    Error::new(
        Code::InvalidParameter,
        "parameters are UTF-8 text without control characters",
    )
    .with_field(name)
}

/// The fields of a form, decoded. Unlike parameters, they may hold line ends and tabs.
///
/// # Errors
/// `malformed` for what is no UTF-8 or holds other control characters.
pub fn form(body: &str) -> Result<Vec<(String, String)>> {
    let refused = || {
        Error::new(
            Code::Malformed,
            "a form holds UTF-8 text without control characters",
        )
    };
    let text = |part: &str| {
        let text = unescape(part).filter(|text| {
            !text
                .chars()
                .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
        });
        text.ok_or_else(refused)
    };
    body.split('&')
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            Ok((text(name)?, text(value)?))
        })
        .collect()
}

/// Percent-decoding of a parameter; none when it is no UTF-8 text or holds control characters.
fn decode(text: &str) -> Option<String> {
    unescape(text).filter(|text| !text.chars().any(char::is_control))
}

/// Percent-decoding; none when it is no UTF-8 text.
fn unescape(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let high = char::from(bytes.next()?).to_digit(16)?;
                let low = char::from(bytes.next()?).to_digit(16)?;
                u8::try_from(high * 16 + low).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(out).ok()
}

/// Reads pairs into a type with `deny_unknown_fields`. Names `extra.KEY` are gathered in the map `extra`.
///
/// # Errors
/// `unknown_parameter` or `invalid_parameter`, naming the parameter.
pub fn read<T: DeserializeOwned>(pairs: Vec<(String, String)>) -> Result<T> {
    let mut single: BTreeMap<String, Given> = BTreeMap::new();
    let mut extra: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in pairs {
        let twice = match name.strip_prefix("extra.") {
            Some(key) => extra.insert(key.to_owned(), value).is_some(),
            None => single.insert(name.clone(), Given::One(value)).is_some(),
        };
        if twice {
            return Err(
                Error::new(Code::InvalidParameter, format!("`{name}` is given twice"))
                    .with_field(name),
            );
        }
    }
    if single.contains_key("extra") {
        return Err(unknown("extra"));
    }
    let any_extra = extra.keys().next().map(|key| format!("extra.{key}"));
    if !extra.is_empty() {
        single.insert("extra".into(), Given::Map(extra));
    }
    let source = MapDeserializer::<_, serde::de::value::Error>::new(single.into_iter());
    serde_path_to_error::deserialize(source).map_err(|e| {
        let path = e.path().to_string();
        let message = e.inner().to_string();
        if message.starts_with("unknown field") {
            let name = message.split('`').nth(1).unwrap_or_default();
            return unknown(match (name, &any_extra) {
                ("extra", Some(given)) => given,
                (name, _) => name,
            });
        }
        if message.starts_with("missing field") {
            let name = message.split('`').nth(1).unwrap_or_default();
            return Error::new(Code::InvalidParameter, format!("`{name}` is required"))
                .with_field(name);
        }
        // Which of the values of a list it was is for the sentence: the field is the parameter.
        let name = path.split('[').next().unwrap_or_default();
        Error::new(Code::InvalidParameter, format!("`{path}`: {message}")).with_field(name)
    })
}

pub(super) fn unknown(name: &str) -> Error {
    Error::new(
        Code::UnknownParameter,
        format!("there is no parameter `{name}` here"),
    )
    .with_field(name)
}

/// How many to give: `limit`, 1 to 1000, 50 when not said.
///
/// # Errors
/// `invalid_parameter`.
pub fn limit(given: Option<u32>) -> Result<usize> {
    match given {
        None => Ok(50),
        Some(n @ 1..=1000) => usize::try_from(n).map_err(Error::internal),
        Some(_) => Err(
            Error::new(Code::InvalidParameter, "`limit` goes from 1 to 1000").with_field("limit"),
        ),
    }
}

#[derive(Debug, Clone)]
enum Given {
    One(String),
    Map(BTreeMap<String, String>),
}

impl<'de> IntoDeserializer<'de, serde::de::value::Error> for Given {
    type Deserializer = Self;
    fn into_deserializer(self) -> Self {
        self
    }
}

type Refusal = serde::de::value::Error;

impl Given {
    fn text(self) -> std::result::Result<String, Refusal> {
        match self {
            Given::One(text) => Ok(text),
            Given::Map(_) => Err(serde::de::Error::custom("takes one value")),
        }
    }
    fn number<T: std::str::FromStr>(self) -> std::result::Result<T, Refusal> {
        let text = self.text()?;
        text.parse()
            .map_err(|_| serde::de::Error::custom("must be a number in range"))
    }
}

macro_rules! numbers {
    ($($method:ident $visit:ident $t:ty),*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> std::result::Result<V::Value, Refusal> {
            visitor.$visit(self.number::<$t>()?)
        }
    )*};
}

impl<'de> Deserializer<'de> for Given {
    type Error = Refusal;

    fn deserialize_any<V: Visitor<'de>>(
        self,
        visitor: V,
    ) -> std::result::Result<V::Value, Refusal> {
        match self {
            Given::One(text) => visitor.visit_string(text),
            Given::Map(map) => visitor.visit_map(MapDeserializer::new(map.into_iter())),
        }
    }
    fn deserialize_bool<V: Visitor<'de>>(
        self,
        visitor: V,
    ) -> std::result::Result<V::Value, Refusal> {
        match self.text()?.as_str() {
            "true" | "1" => visitor.visit_bool(true),
            "false" | "0" => visitor.visit_bool(false),
            _ => Err(serde::de::Error::custom("must be true or false")),
        }
    }
    numbers!(
        deserialize_i8 visit_i8 i8, deserialize_i16 visit_i16 i16, deserialize_i32 visit_i32 i32,
        deserialize_i64 visit_i64 i64, deserialize_u8 visit_u8 u8, deserialize_u16 visit_u16 u16,
        deserialize_u32 visit_u32 u32, deserialize_u64 visit_u64 u64, deserialize_f64 visit_f64 f64
    );
    /// An empty value is as good as none.
    fn deserialize_option<V: Visitor<'de>>(
        self,
        visitor: V,
    ) -> std::result::Result<V::Value, Refusal> {
        match &self {
            Given::One(text) if text.is_empty() => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }
    fn deserialize_seq<V: Visitor<'de>>(
        self,
        visitor: V,
    ) -> std::result::Result<V::Value, Refusal> {
        let text = self.text()?;
        let items = text.split(',').map(|item| Given::One(item.to_owned()));
        visitor.visit_seq(SeqDeserializer::new(items))
    }
    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> std::result::Result<V::Value, Refusal> {
        visitor.visit_newtype_struct(self)
    }
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> std::result::Result<V::Value, Refusal> {
        visitor.visit_enum(self.text()?.into_deserializer())
    }
    forward_to_deserialize_any! {
        i128 u128 f32 char str string bytes byte_buf unit unit_struct tuple tuple_struct map struct identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize, PartialEq, Default)]
    #[serde(deny_unknown_fields, default)]
    struct Asked {
        q: Option<String>,
        limit: Option<u32>,
        total: bool,
        stage: Vec<crate::domain::words::Stage>,
        extra: BTreeMap<String, String>,
    }

    fn ask(query: &str) -> std::result::Result<Asked, (Code, Option<String>)> {
        pairs(query).and_then(read).map_err(|e| (e.code, e.field))
    }

    #[test]
    fn reads_what_is_known_and_refuses_the_rest() {
        use crate::domain::words::Stage;
        let good = ask("q=a%20b+c&limit=7&total=true&stage=in_use,gone&extra.%C3%A9t=x").unwrap();
        assert_eq!(good.q.as_deref(), Some("a b c"));
        assert_eq!((good.limit, good.total), (Some(7), true));
        assert_eq!(good.stage, [Stage::InUse, Stage::Gone]);
        assert_eq!(good.extra.get("ét").map(String::as_str), Some("x"));
        let refused = |code: Code, field: &str| Err((code, Some(field.to_owned())));
        assert_eq!(ask("nope=1"), refused(Code::UnknownParameter, "nope"));
        assert_eq!(ask("limit=x"), refused(Code::InvalidParameter, "limit"));
        assert_eq!(ask("limit=-1"), refused(Code::InvalidParameter, "limit"));
        assert_eq!(ask("total=maybe"), refused(Code::InvalidParameter, "total"));
        assert_eq!(
            ask("stage=in_use,x"),
            refused(Code::InvalidParameter, "stage")
        );
        assert_eq!(ask("q=%00"), refused(Code::InvalidParameter, "q"));
        assert_eq!(ask("q=%ff"), refused(Code::InvalidParameter, "q"));
        assert_eq!(ask("q=a&q=b"), refused(Code::InvalidParameter, "q"));
        assert_eq!(ask("q="), Ok(Asked::default()));
    }
}
