use super::{back, door_error};
use crate::{
    auth,
    http::{
        extract::{ClientAddress, Form},
        problem::Problem,
    },
    service::accounts::{self, SignUpError},
    state::AppState,
    validate::Invalid,
};
use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use http::HeaderMap;
use protocol::ErrorCode;
use serde::Deserialize;

/// The fields of the sign-up page.
#[derive(Deserialize)]
pub(crate) struct SignUp {
    username: String,
    display_name: String,
    password: String,
    #[serde(default)]
    invitation: String,
    workspace: Option<String>,
}

/// Makes an account and signs its browser in.
pub(crate) async fn sign_up(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    form: Result<Form<SignUp>, Problem>,
) -> Response {
    let Ok(Form(form)) = form else {
        return back("/sign-up", &[("error", "bad_request")]).into_response();
    };
    let request = accounts::SignUp {
        username: form.username.clone(),
        display_name: form.display_name.clone(),
        password: form.password,
        invitation: Some(form.invitation.clone()),
        workspace: form.workspace.clone(),
    };
    let entered = match accounts::sign_up(&state, request, address).await {
        Ok(user) => auth::replace_session(&state, &user, None, &headers)
            .await
            .map_err(Into::into),
        Err(error) => Err(error),
    };
    match entered {
        Ok(cookie) => (CookieJar::new().add(cookie), Redirect::to("/")).into_response(),
        Err(error) => back(
            "/sign-up",
            &[
                ("error", error_code(&error)),
                ("username", &form.username),
                ("display_name", &form.display_name),
                ("invitation", &form.invitation),
                ("workspace", form.workspace.as_deref().unwrap_or_default()),
            ],
        )
        .into_response(),
    }
}

/// What the page calls each error.
fn error_code(error: &SignUpError) -> &'static str {
    match error {
        SignUpError::Username(_) => "username",
        SignUpError::UsernameTaken => "username_taken",
        SignUpError::DisplayName(_) => "display_name",
        SignUpError::Password(Invalid {
            code: ErrorCode::TooLarge,
            ..
        }) => "password_long",
        SignUpError::Password(_) => "password_short",
        SignUpError::Workspace(_) => "workspace",
        SignUpError::Invitation => "invitation",
        SignUpError::Closed => "closed",
        SignUpError::Other(error) => door_error(error),
    }
}
