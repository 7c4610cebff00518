use crate::http::{extract::Caller, problem::Problem};
use protocol::User;

/// Who is signed in.
#[utoipa::path(
    get,
    path = "/api/v1/me",
    tag = "accounts",
    responses((status = 200, description = "The caller's account.", body = User), Problem),
)]
pub(crate) async fn me(Caller(signed_in): Caller) -> axum::Json<User> {
    axum::Json(signed_in.user)
}
