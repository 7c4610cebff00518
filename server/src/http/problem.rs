//! Errors over HTTP: problem details (RFC 9457), one shape for all of them.

use super::limit::TooLate;
use crate::error::{Error, whole_seconds};
use axum::{
    extract::rejection::{
        BytesRejection, FormRejection, JsonRejection, PathRejection, QueryRejection,
    },
    response::{IntoResponse, Response},
};
use http::{
    HeaderValue, StatusCode,
    header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE},
};
use protocol::{ErrorCode, ProblemDetails};
use std::{borrow::Cow, collections::BTreeMap, iter::successors, time::Duration};
use store::StoreError;
use utoipa::{
    IntoResponses,
    openapi::{self, ContentBuilder, Ref, RefOr, ResponseBuilder},
};

/// The media type of problem details (RFC 9457 §6.1).
const PROBLEM_JSON: &str = "application/problem+json";

/// Why a request was refused, as it is answered.
#[derive(Clone, Debug)]
pub struct Problem {
    status: StatusCode,
    code: ErrorCode,
    detail: Cow<'static, str>,
    retry_after: Option<Duration>,
}

impl Problem {
    /// A problem whose code alone does not tell the status.
    pub fn new(status: StatusCode, code: ErrorCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            code,
            detail: detail.into(),
            retry_after: None,
        }
    }

    /// A problem with the status of its code.
    pub fn of(code: ErrorCode, detail: impl Into<Cow<'static, str>>) -> Self {
        let status =
            StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self::new(status, code, detail)
    }

    /// Something did not arrive in time (RFC 9110 §15.5.9).
    pub fn late(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, ErrorCode::BadRequest, detail)
    }

    /// It may be tried again after this long.
    #[must_use]
    pub fn retry_after(self, delay: Duration) -> Self {
        Self {
            retry_after: Some(delay),
            ..self
        }
    }
}

/// The answer to an address that is not there.
pub async fn no_such_route() -> Problem {
    Problem::of(ErrorCode::NotFound, "There is nothing at this address.")
}

/// The answer to a method that an address does not have.
pub async fn no_such_method() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        ErrorCode::BadRequest,
        "This address does not take this method.",
    )
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        error.log();
        let mut problem = Self::of(error.code(), error.to_string());
        if let Error::RateLimited { retry_after } = error {
            problem.retry_after = Some(retry_after);
        }
        problem
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Error::from(error).into()
    }
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        match rejection {
            JsonRejection::MissingJsonContentType(_) => Self::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                ErrorCode::BadRequest,
                "The body must be JSON, with the content type application/json.",
            ),
            JsonRejection::BytesRejection(rejection) => rejection.into(),
            JsonRejection::JsonSyntaxError(error) => {
                let detail = format!("The body is not JSON: {}.", innermost(&error));
                Self::of(ErrorCode::BadRequest, detail)
            }
            other => Self::of(ErrorCode::BadRequest, in_plain_words(&other)),
        }
    }
}

impl From<FormRejection> for Problem {
    fn from(rejection: FormRejection) -> Self {
        match rejection {
            FormRejection::InvalidFormContentType(_) => Self::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                ErrorCode::BadRequest,
                "The body must be a form, with the content type application/x-www-form-urlencoded.",
            ),
            FormRejection::BytesRejection(rejection) => rejection.into(),
            other => Self::of(ErrorCode::BadRequest, in_plain_words(&other)),
        }
    }
}

impl From<BytesRejection> for Problem {
    fn from(rejection: BytesRejection) -> Self {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            Self::of(ErrorCode::TooLarge, "The body is too large.")
        } else if causes(&rejection).any(<dyn std::error::Error>::is::<TooLate>) {
            Self::late("The body did not arrive in time.")
        } else {
            Self::of(ErrorCode::BadRequest, "The body ended too early.")
        }
    }
}

impl From<PathRejection> for Problem {
    fn from(rejection: PathRejection) -> Self {
        let status = rejection.status();
        if status.is_client_error() {
            Self::of(
                ErrorCode::BadRequest,
                "An id in the address is malformed: ids are UUIDs.",
            )
        } else {
            Self::new(
                status,
                ErrorCode::Internal,
                "Something went wrong. Please try again.",
            )
        }
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Self::of(ErrorCode::BadRequest, in_plain_words(&rejection))
    }
}

impl IntoResponses for Problem {
    fn responses() -> BTreeMap<String, RefOr<openapi::Response>> {
        let schema = Ref::from_schema_name("ProblemDetails");
        let content = ContentBuilder::new().schema(Some(schema)).build();
        let response = ResponseBuilder::new()
            .description("Why it was not done.")
            .content(PROBLEM_JSON, content)
            .build();
        BTreeMap::from([("default".to_owned(), response.into())])
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let details = ProblemDetails {
            kind: "about:blank".to_owned(),
            title: self.status.canonical_reason().unwrap_or("Error").to_owned(),
            status: self.status.as_u16(),
            detail: self.detail.into_owned(),
            code: self.code,
        };
        let body = serde_json::to_vec(&details).expect("problem details have string keys");
        let mut response = (self.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(retry_after) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(whole_seconds(retry_after)));
        }
        response
    }
}

/// What is wrong with the fields of a request, for people who do not know our types.
fn in_plain_words(error: &(dyn std::error::Error + 'static)) -> String {
    let found = innermost(error);
    let named = |what: &str| {
        let (_, rest) = found.split_once(what)?;
        rest.split('`').next()
    };
    if let Some(field) = named("missing field `") {
        return format!("The field `{field}` is missing.");
    }
    if let Some(field) = named("unknown field `") {
        return format!("There is no field `{field}` here.");
    }
    if let Some(field) = named("duplicate field `") {
        return format!("The field `{field}` is given twice.");
    }
    match found.split_once(": ") {
        // The path of the field comes before the words of the parser.
        Some((field, _)) if !field.contains(' ') => {
            format!("The value of the field `{field}` is not of the right kind.")
        }
        _ => "The request does not have the fields that this address takes.".to_owned(),
    }
}

/// An error, and what lies beneath it.
fn causes<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    successors(Some(error), |error| error.source())
}

/// What the parser found, without the layers around it.
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    causes(error).last().unwrap_or(error).to_string()
}
