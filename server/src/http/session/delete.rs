use crate::{
    auth,
    http::{extract::Caller, problem::Problem},
    state::AppState,
};
use axum::extract::State;
use axum_extra::extract::CookieJar;
use http::StatusCode;

/// Signs out: the session or token of this request holds no longer, and its sockets close.
#[utoipa::path(
    delete,
    path = "/api/v1/session",
    tag = "accounts",
    responses((status = 204, description = "Signed out."), Problem),
)]
pub(crate) async fn sign_out(
    State(state): State<AppState>,
    Caller(signed_in): Caller,
) -> Result<(CookieJar, StatusCode), Problem> {
    auth::end_session(&state, signed_in.user.user_id, signed_in.session_id).await?;
    let forget = auth::expired_cookie(&state.config.server);
    Ok((CookieJar::new().add(forget), StatusCode::NO_CONTENT))
}
