use crate::{
    auth,
    http::{
        extract::{ClientAddress, Json},
        problem::Problem,
        session::create::Credentials,
    },
    state::AppState,
};
use axum::extract::State;
use http::HeaderMap;
use protocol::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// A token for a program.
#[derive(Serialize, ToSchema)]
pub(crate) struct Token {
    /// Goes into the header `Authorization: Bearer`, never into an address.
    token: String,
    /// From when on it is refused.
    expires_at: Timestamp,
}

/// Issues a token to a program. `DELETE /api/v1/session` under it revokes it.
#[utoipa::path(
    post,
    path = "/api/v1/token",
    tag = "accounts",
    request_body = Credentials,
    responses((status = 200, description = "A token.", body = Token), Problem),
    security(()),
)]
pub(crate) async fn issue_token(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    Json(credentials): Json<Credentials>,
) -> Result<axum::Json<Token>, Problem> {
    let Credentials { username, password } = credentials;
    let known = auth::verify_password(&state, &username, password, address).await?;
    let issued = auth::issue_token(&state, &known.user, &known.password_hash, &headers);
    let (token, expires_at) = issued.await?;
    Ok(axum::Json(Token { token, expires_at }))
}
