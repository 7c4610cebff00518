use crate::{
    auth,
    http::{
        extract::{ClientAddress, Json},
        problem::Problem,
    },
    state::AppState,
};
use axum::extract::State;
use axum_extra::extract::CookieJar;
use http::HeaderMap;
use protocol::User;
use serde::Deserialize;
use utoipa::ToSchema;

/// What proves an account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Credentials {
    /// The name used to sign in.
    pub username: String,
    /// The password.
    #[schema(format = Password)]
    pub password: String,
}

/// Signs a browser in: the answer sets the session cookie.
#[utoipa::path(
    post,
    path = "/api/v1/session",
    tag = "accounts",
    request_body = Credentials,
    responses((status = 200, description = "Signed in.", body = User), Problem),
    security(()),
)]
pub(crate) async fn sign_in(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    Json(credentials): Json<Credentials>,
) -> Result<(CookieJar, axum::Json<User>), Problem> {
    let Credentials { username, password } = credentials;
    let known = auth::verify_password(&state, &username, password, address).await?;
    let proof = Some(known.password_hash.as_str());
    let cookie = auth::replace_session(&state, &known.user, proof, &headers).await?;
    Ok((CookieJar::new().add(cookie), axum::Json(known.user)))
}
