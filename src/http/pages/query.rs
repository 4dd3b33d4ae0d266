//! The query of a page. A filter form sends its empty fields too: they say nothing and are left out, as is the key
//! that the address of a form holds.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use serde::de::DeserializeOwned;

use crate::error::{Error, Result};
use crate::http::params;

/// The query as a type, empty parameters left out.
#[derive(Debug, Clone)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Error;
    type Future = Ready<Result<Self>>;
    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let pairs = params::pairs(req.query_string()).map(|pairs| {
            let said = pairs
                .into_iter()
                .filter(|(name, value)| !value.is_empty() && name != super::once::PARAM);
            said.collect::<Vec<_>>()
        });
        ready(pairs.and_then(params::read).map(Query))
    }
}
