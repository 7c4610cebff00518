//! `/api/v1/admin`: for administrators; to others none of it is there.

pub(super) mod connections;
pub(super) mod diagnostics;
pub(super) mod nodes;
pub(super) mod sessions;
pub(super) mod transitions;
pub(super) mod users;

use super::{
    extract::Caller,
    problem::{Problem, no_such_route},
};
use crate::state::AppState;
use axum::extract::FromRequestParts;
use http::request::Parts;
use protocol::UserId;

/// The administrator who asks.
pub(crate) struct Administrator(pub(crate) UserId);

impl FromRequestParts<AppState> for Administrator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let Caller(me) = Caller::from_request_parts(parts, state).await?;
        if me.user.is_admin {
            Ok(Self(me.user.user_id))
        } else {
            Err(no_such_route().await)
        }
    }
}
