use super::Administrator;
use crate::{
    http::{extract::Query, problem::Problem},
    service::admin,
    state::AppState,
};
use axum::extract::State;
use protocol::{User, UserId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// What is searched for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Search {
    /// A part of the name or the username.
    query: String,
}

/// Somebody with an account.
#[derive(Serialize, ToSchema)]
pub(crate) struct Account {
    /// Who.
    user_id: UserId,
    /// The name used to sign in.
    username: String,
    /// The name that others see.
    display_name: String,
}

/// People with accounts whose name or username contains a text, at most 20.
#[utoipa::path(
    get,
    path = "/api/v1/admin/users",
    tag = "administration",
    params(Search),
    responses((status = 200, description = "By username.", body = Vec<Account>), Problem),
)]
pub(crate) async fn search_users(
    State(state): State<AppState>,
    _: Administrator,
    search: Result<Query<Search>, Problem>,
) -> Result<axum::Json<Vec<Account>>, Problem> {
    let Query(Search { query }) = search?;
    let found = admin::search(&state, &query).await?;
    Ok(axum::Json(found.into_iter().map(Into::into).collect()))
}

impl From<User> for Account {
    fn from(user: User) -> Self {
        let User {
            user_id,
            username,
            display_name,
            ..
        } = user;
        Self {
            user_id,
            username,
            display_name,
        }
    }
}
