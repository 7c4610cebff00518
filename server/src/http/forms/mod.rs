//! Plain HTML forms: what works without a script. They answer with a redirect; what went wrong comes
//! back to the page as `?error=`, with the fields that are no secret.

pub(super) mod admin;
pub(super) mod create_workspace;
pub(super) mod join;
pub(super) mod join_chat;
pub(super) mod sign_in;
pub(super) mod sign_out;
pub(super) mod sign_up;
pub(super) mod write;

pub use sign_in::local;

use crate::{error::Error, state::AppState};
use axum::{Router, response::Redirect, routing::post};
use protocol::ErrorCode;

/// The routes of the forms.
pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/admin/close", post(admin::close))
        .route("/admin/end-session", post(admin::end_session))
        .route("/sign-in", post(sign_in::sign_in))
        .route("/sign-up", post(sign_up::sign_up))
        .route("/sign-out", post(sign_out::sign_out))
        .route("/new", post(create_workspace::create_workspace))
        .route("/join", post(join::join))
        .route("/w/{workspace}/c/{chat}", post(write::write))
        .route("/w/{workspace}/c/{chat}/join", post(join_chat::join_chat))
}

/// Back to a page, with what it is to show.
fn back(page: &str, fields: &[(&str, &str)]) -> Redirect {
    Redirect::to(&address(page, fields))
}

fn address(page: &str, fields: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(fields.iter().filter(|(_, value)| !value.is_empty()));
    format!("{page}?{}", query.finish())
}

/// What the pages before signing in call an error that no field is to blame for.
fn door_error(error: &Error) -> &'static str {
    error.log();
    match error.code() {
        ErrorCode::Unauthorized => "credentials",
        ErrorCode::RateLimited => "throttled",
        ErrorCode::BadRequest | ErrorCode::TooLarge => "bad_request",
        _ => "unavailable",
    }
}
