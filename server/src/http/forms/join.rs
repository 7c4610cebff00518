use super::{address, back, door_error};
use crate::{
    http::{
        extract::{Form, MaybeCaller},
        pages,
        problem::Problem,
    },
    service::invitations,
    state::AppState,
};
use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use serde::Deserialize;

const PAGE: &str = "/join";

/// The field of the page of an invitation.
#[derive(Deserialize)]
pub(crate) struct Join {
    invitation: String,
}

/// Brings somebody who has an account into the workspace of an invitation.
pub(crate) async fn join(
    State(state): State<AppState>,
    MaybeCaller(signed_in): MaybeCaller,
    form: Result<Form<Join>, Problem>,
) -> Response {
    let Ok(Form(Join { invitation })) = form else {
        return back(PAGE, &[("error", "bad_request")]).into_response();
    };
    let Some(signed_in) = signed_in else {
        let next = address(PAGE, &[("invitation", &invitation)]);
        return pages::sign_in_and_return_to(&next).into_response();
    };
    let error = match invitations::redeem(&state, &invitation, signed_in.user.user_id).await {
        Ok(Some(workspace)) => return Redirect::to(&format!("/w/{workspace}")).into_response(),
        Ok(None) => "invitation",
        Err(error) => door_error(&error),
    };
    back(PAGE, &[("error", error), ("invitation", &invitation)]).into_response()
}
