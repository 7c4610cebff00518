use super::back;
use crate::{
    error::Error,
    http::{
        extract::{Form, MaybeCaller},
        pages,
        problem::Problem,
    },
    service::{messages, pages::resolve},
    state::AppState,
    validate,
};
use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use http::Uri;
use protocol::{ClientMessageId, ErrorCode};
use serde::Deserialize;
use uuid::Uuid;

/// The composer.
#[derive(Deserialize)]
pub(crate) struct Composer {
    text: String,
}

/// Writes a message, from a page without a script.
pub(crate) async fn write(
    State(state): State<AppState>,
    Path((workspace, chat)): Path<(String, String)>,
    MaybeCaller(signed_in): MaybeCaller,
    uri: Uri,
    form: Result<Form<Composer>, Problem>,
) -> Result<Response, Problem> {
    let page = uri.path();
    let Some(me) = signed_in.map(|signed_in| signed_in.user.user_id) else {
        return Ok(pages::sign_in_and_return_to(page).into_response());
    };
    let Form(Composer { text }) = form?;
    let chat = resolve(&state, me, &workspace, &chat).await?;
    let client_id = ClientMessageId::from_uuid(Uuid::new_v4());
    match messages::send(&state, me, chat.chat_id, client_id, &text).await {
        Ok(_) => Ok(Redirect::to(page).into_response()),
        Err(error) => match page_error(&error, &text) {
            Some(code) => Ok(back(page, &[("error", code)]).into_response()),
            None => Err(error.into()),
        },
    }
}

/// What the page calls the errors that it can show.
fn page_error(error: &Error, text: &str) -> Option<&'static str> {
    error.log();
    let is_text_wrong = validate::message_text(text).is_err();
    match error.code() {
        ErrorCode::BadRequest if is_text_wrong => Some("text_empty"),
        ErrorCode::BadRequest => Some("mention"),
        ErrorCode::TooLarge if is_text_wrong => Some("text_long"),
        ErrorCode::TooLarge => Some("mentions"),
        ErrorCode::Forbidden => Some("blocked"),
        ErrorCode::Unavailable => Some("busy"),
        _ => None,
    }
}
