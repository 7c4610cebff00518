use crate::{
    error::Error,
    http::{
        extract::{ClientAddress, Json},
        problem::Problem,
    },
    service::accounts,
    state::AppState,
};
use axum::extract::State;
use http::StatusCode;
use protocol::User;
use serde::Deserialize;
use utoipa::ToSchema;

/// An account to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewUser {
    /// The name used to sign in: letters, digits, and `.`, `-`, `_` between them.
    username: String,
    /// The name that others see.
    display_name: String,
    /// At least 8 characters.
    #[schema(format = Password)]
    password: String,
    /// The secret of an invitation, where one is needed.
    invitation: Option<String>,
    /// The name of the first workspace; heeded for the very first account only.
    workspace: Option<String>,
}

/// Makes an account. The very first one administers the server.
#[utoipa::path(
    post,
    path = "/api/v1/users",
    tag = "accounts",
    request_body = NewUser,
    responses((status = 201, description = "The account.", body = User), Problem),
    security(()),
)]
pub(crate) async fn create_user(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    Json(user): Json<NewUser>,
) -> Result<(StatusCode, axum::Json<User>), Problem> {
    let request = accounts::SignUp {
        username: user.username,
        display_name: user.display_name,
        password: user.password,
        invitation: user.invitation,
        workspace: user.workspace,
    };
    let user = accounts::sign_up(&state, request, address)
        .await
        .map_err(Error::from)?;
    Ok((StatusCode::CREATED, axum::Json(user)))
}
