use crate::{
    auth,
    http::{extract::MaybeCaller, problem::Problem},
    state::AppState,
};
use axum::{extract::State, response::Redirect};
use axum_extra::extract::CookieJar;

/// Signs out. Who is not signed in is where they wanted to be.
pub(crate) async fn sign_out(
    State(state): State<AppState>,
    MaybeCaller(signed_in): MaybeCaller,
) -> Result<(CookieJar, Redirect), Problem> {
    if let Some(signed_in) = signed_in {
        auth::end_session(&state, signed_in.user.user_id, signed_in.session_id).await?;
    }
    let forget = auth::expired_cookie(&state.config.server);
    Ok((CookieJar::new().add(forget), Redirect::to("/sign-in")))
}
