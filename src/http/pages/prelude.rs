//! What every page file takes.

pub use actix_web::web::{self, Path};
pub use actix_web::{HttpRequest, HttpResponse, get, post};
pub use askama::Template;

pub use super::fields::{Fields, choices};
pub use super::form::{As, Form};
pub use super::frame::Frame;
pub use super::html::{Html, address, esc, proof, url};
pub use super::once::{once, once_in};
pub use super::query::Query;
pub use super::visitor::{Guest, Visitor};
pub use crate::app::{Actor, App, Expected, Page, Right};
pub use crate::domain::day::Day;
pub use crate::error::{Code, Error, Result};
pub use crate::http::extract::{State, run};
pub use crate::i18n::{Arg, Lang};

/// What a handler gives.
pub type Answer = Result<HttpResponse>;
