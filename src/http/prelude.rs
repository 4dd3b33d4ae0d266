//! What every handler file takes.

pub use actix_web::web::Path;
pub use actix_web::{HttpResponse, get, patch, post};
pub use utoipa_actix_web::service_config::ServiceConfig;

pub use super::conditional::IfMatch;
pub use super::extract::{BulkJson, Json, Pairs, Public, Query, State, run};
pub use super::idempotency::Once;
pub use super::openapi::{IdempotencyKey, IfMatchHeader, Refusals};
pub use super::reply::Reply;
pub use super::{params, stream};
pub use crate::app::{Actor, Expected, Page, Right};
pub use crate::domain::input;
pub use crate::error::{Code, Error, Result};

/// What a handler gives.
pub type Answer = Result<HttpResponse>;
