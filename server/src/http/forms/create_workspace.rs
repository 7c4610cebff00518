use super::{back, door_error};
use crate::{
    http::{
        extract::{Form, MaybeCaller},
        pages,
        problem::Problem,
    },
    service::workspaces,
    state::AppState,
};
use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use protocol::ErrorCode;
use serde::Deserialize;

const PAGE: &str = "/new";

/// The field of the page.
#[derive(Deserialize)]
pub(crate) struct NewWorkspace {
    name: String,
}

/// Makes a workspace and leads on to it.
pub(crate) async fn create_workspace(
    State(state): State<AppState>,
    MaybeCaller(signed_in): MaybeCaller,
    form: Result<Form<NewWorkspace>, Problem>,
) -> Response {
    let Some(signed_in) = signed_in else {
        return pages::sign_in_and_return_to(PAGE).into_response();
    };
    let Ok(Form(NewWorkspace { name })) = form else {
        return back(PAGE, &[("error", "bad_request")]).into_response();
    };
    match workspaces::create(&state, signed_in.user.user_id, &name).await {
        Ok(workspace) => Redirect::to(&format!("/w/{}", workspace.slug)).into_response(),
        Err(error) => {
            let error = match error.code() {
                ErrorCode::BadRequest | ErrorCode::TooLarge => "workspace",
                _ => door_error(&error),
            };
            back(PAGE, &[("error", error), ("name", &name)]).into_response()
        }
    }
}
