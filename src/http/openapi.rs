//! The OpenAPI 3.1 document, gathered from the handlers themselves.

use std::collections::BTreeMap;

use actix_web::App;
use serde::Serialize;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{OpenApi, RefOr, Response, ResponseBuilder};
use utoipa::{IntoParams, IntoResponses, ToSchema};
use utoipa_actix_web::{AppExt, scope};

use super::api;

/// The document of every route.
pub fn document() -> OpenApi {
    let app = App::new().into_utoipa_app().openapi(frame());
    let (_, document) = app
        .service(scope::scope("/api/v1").configure(api::routes))
        .split_for_parts();
    document
}

/// Title, licence, security scheme; the routes come from the handlers.
pub fn frame() -> OpenApi {
    use utoipa::openapi::{ComponentsBuilder, InfoBuilder, LicenseBuilder, OpenApiBuilder};
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("A token of `reparc token create`."))
        .build();
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Reparc")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some("IT asset lifecycle and reuse inventory."))
                .license(Some(
                    LicenseBuilder::new().name("MIT OR Apache-2.0").build(),
                ))
                .build(),
        )
        .components(Some(
            ComponentsBuilder::new()
                .security_scheme("token", SecurityScheme::Http(bearer))
                .schema_from::<Problem>()
                .build(),
        ))
        .security(Some([SecurityRequirement::new(
            "token",
            Vec::<String>::new(),
        )]))
        .build()
}

/// A refusal (RFC 9457). `code` is stable; further members depend on it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// Where the code is explained, relative to the server.
    #[serde(rename = "type")]
    kind: String,
    /// The same words for every refusal of this code.
    title: String,
    /// HTTP status.
    status: u16,
    /// Stable code for programs.
    code: String,
    /// What is wrong and what would be needed.
    detail: String,
    /// The field or parameter at fault.
    field: Option<String>,
}

/// The refusals every route may give, once.
#[derive(Debug)]
pub struct Refusals;

impl IntoResponses for Refusals {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        use utoipa::openapi::{ContentBuilder, Ref};
        let content = ContentBuilder::new()
            .schema(Some(Ref::from_schema_name("Problem")))
            .build();
        let refusal = ResponseBuilder::new()
            .description("Refused: see `code`.")
            .content(super::problem::PROBLEM_JSON, content)
            .build();
        BTreeMap::from([("default".to_owned(), RefOr::T(refusal))])
    }
}

/// Header of every POST.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
#[allow(dead_code, reason = "documentation only")]
pub struct IdempotencyKey {
    /// Repeats of a request with the same key and body get the first answer again. Kept 30 days.
    #[param(rename = "Idempotency-Key", required = false, max_length = 255)]
    key: Option<String>,
}

/// Header of every PATCH.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
#[allow(dead_code, reason = "documentation only")]
pub struct IfMatchHeader {
    /// The `ETag` last read: the change is refused with 412 when the thing has changed since.
    #[param(rename = "If-Match", required = false)]
    tag: Option<String>,
}
