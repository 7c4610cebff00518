use super::back;
use crate::{
    http::{extract::MaybeCaller, pages, problem::Problem},
    service::{members, pages::resolve},
    state::AppState,
};
use app::page::chat_path;
use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use protocol::ErrorCode;

/// Joins a public chat, from a page without a script.
pub(crate) async fn join_chat(
    State(state): State<AppState>,
    Path((workspace, chat)): Path<(String, String)>,
    MaybeCaller(signed_in): MaybeCaller,
) -> Result<Response, Problem> {
    let page = chat_path(&workspace, &chat);
    let Some(me) = signed_in.map(|signed_in| signed_in.user.user_id) else {
        return Ok(pages::sign_in_and_return_to(&page).into_response());
    };
    let chat = resolve(&state, me, &workspace, &chat).await?;
    match members::join(&state, me, chat.chat_id).await {
        Ok(_) => Ok(Redirect::to(&page).into_response()),
        Err(error) if error.code() == ErrorCode::Unavailable => {
            error.log();
            Ok(back(&page, &[("error", "busy")]).into_response())
        }
        Err(error) => Err(error.into()),
    }
}
