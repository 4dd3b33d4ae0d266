//! Every refusal of the API as one `application/problem+json` body (RFC 9457), the framework's own among them.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::ServiceResponse;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use serde_json::{Map, Value};

use crate::error::{Code, Error};

/// Media type of every refusal.
pub const PROBLEM_JSON: &str = "application/problem+json";

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
    fn error_response(&self) -> HttpResponse<BoxBody> {
        render(self, None)
    }
}

/// Title of a code: the same words for every refusal of this kind.
pub fn title(code: Code) -> &'static str {
    match code {
        Code::Malformed => "The request cannot be read",
        Code::UnknownField => "Unknown field",
        Code::UnknownParameter => "Unknown parameter",
        Code::InvalidParameter => "A parameter cannot be taken",
        Code::Unauthenticated => "Who are you?",
        Code::Forbidden => "Your role does not allow this",
        Code::NotFound => "Nothing here",
        Code::MethodNotAllowed => "This address does not take that method",
        Code::TransitionRefused => "The device is not in a stage that allows this event",
        Code::BreaksLaterEvent => "A later event would no longer hold",
        Code::WipeRequired => "The data must be erased first",
        Code::Duplicate => "This already exists",
        Code::IdempotencyInProgress => "The first request with this key is still running",
        Code::Stale => "Changed since you read it",
        Code::TooLarge => "Too large",
        Code::UnsupportedMedia => "This media type cannot be read",
        Code::InvalidValue => "A value cannot be taken",
        Code::MissingField => "A required field is missing",
        Code::NotAnInventory => "This file is no inventory of devices",
        Code::UnknownReference => "A reference names nothing",
        Code::FutureDate => "A fact cannot be dated in the future",
        Code::IdempotencyKeyReused => "This key was used for another request",
        Code::Throttled => "Too many requests",
        Code::Internal => "A fault of ours",
        Code::Unavailable => "Not available now",
    }
}

/// The members of the problem document. `request` is told for faults of ours only, so that the body for
/// what is absent and for what is not yours is the same to the byte.
pub fn document(error: &Error, request: Option<&str>) -> Map<String, Value> {
    let mut body = error.extra.clone();
    let code = error.code;
    body.insert("type".into(), format!("/api#{}", code.as_str()).into());
    body.insert("title".into(), title(code).into());
    body.insert("status".into(), code.status().into());
    body.insert("code".into(), code.as_str().into());
    body.insert("detail".into(), error.detail.clone().into());
    if let Some(field) = &error.field {
        body.insert("field".into(), field.clone().into());
    }
    if let (500.., Some(request)) = (code.status(), request) {
        body.insert("request_id".into(), request.into());
    }
    body
}

/// The whole answer.
pub fn render(error: &Error, request: Option<&str>) -> HttpResponse<BoxBody> {
    let mut answer = HttpResponse::build(error.status_code());
    match error.code {
        Code::Unauthenticated => {
            answer.insert_header((header::WWW_AUTHENTICATE, "Bearer realm=\"reparc\""));
        }
        Code::Throttled | Code::Unavailable | Code::IdempotencyInProgress => {
            let seconds = error.extra.get("retry_after").and_then(Value::as_u64);
            answer.insert_header((header::RETRY_AFTER, seconds.unwrap_or(1).to_string()));
        }
        Code::MethodNotAllowed => {
            if let Some(allow) = error.extra.get("allow").and_then(Value::as_str) {
                answer.insert_header((header::ALLOW, allow));
            }
        }
        _ => {}
    }
    answer
        .content_type(PROBLEM_JSON)
        .body(Value::Object(document(error, request)).to_string())
}

/// Turns every refusal into a problem, whoever made it, and logs faults of ours with their cause.
pub fn finish<B: MessageBody + 'static>(
    answer: ServiceResponse<B>,
    request: &str,
) -> ServiceResponse<BoxBody> {
    let status = answer.status();
    if !status.is_client_error() && !status.is_server_error() {
        return answer.map_into_boxed_body();
    }
    let ours = answer.response().error().map(|e| e.as_error::<Error>());
    let remade = match ours {
        Some(Some(error)) if error.code.status() >= 500 => {
            log_fault(error);
            Some(render(error, Some(request)))
        }
        Some(Some(_)) => None,
        Some(None) => Some(render(&of_status(status), Some(request))),
        None if has_no_body(&answer) => Some(render(&of_status(status), Some(request))),
        None => None,
    };
    match remade {
        None => answer.map_into_boxed_body(),
        Some(remade) => {
            let allow = answer.headers().get(header::ALLOW).cloned();
            let (request, _) = answer.into_parts();
            let mut remade = ServiceResponse::new(request, remade);
            if let Some(allow) = allow {
                remade.headers_mut().insert(header::ALLOW, allow);
            }
            remade
        }
    }
}

fn has_no_body<B: MessageBody>(answer: &ServiceResponse<B>) -> bool {
    matches!(
        answer.response().body().size(),
        actix_web::body::BodySize::None | actix_web::body::BodySize::Sized(0)
    )
}

fn log_fault(error: &Error) {
    let cause = error.cause.as_ref().map(ToString::to_string);
    let cause = cause.unwrap_or_else(|| error.detail.clone());
    if error.code == Code::Internal {
        tracing::error!(code = error.code.as_str(), cause, "fault");
    } else {
        tracing::warn!(code = error.code.as_str(), cause, "not available");
    }
}

/// A refusal of the framework, known by its status only.
fn of_status(status: StatusCode) -> Error {
    match status.as_u16() {
        404 => Error::not_found(),
        405 => method_not_allowed(None),
        413 => Error::new(Code::TooLarge, "the body is too large"),
        415 => Error::new(
            Code::UnsupportedMedia,
            "this media type cannot be read here",
        ),
        503 | 504 => Error::unavailable("the framework said so"),
        500.. => Error::internal(format!("the framework answered {status}")),
        _ => Error::new(Code::Malformed, "the request cannot be read"),
    }
}

/// 405, with the methods that this address takes.
pub fn method_not_allowed(allow: Option<&str>) -> Error {
    match allow {
        Some(allow) => Error::new(
            Code::MethodNotAllowed,
            format!("this address takes {allow}"),
        )
        .with("allow", allow),
        None => Error::new(
            Code::MethodNotAllowed,
            "this address does not take that method",
        ),
    }
}
