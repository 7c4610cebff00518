use crate::{
    error::Error,
    http::{admin::Administrator, extract::Form, problem::Problem},
    service::admin,
    state::AppState,
};
use axum::{extract::State, response::Redirect};
use protocol::{ErrorCode, SessionId, UserId};
use serde::Deserialize;

const PAGE: &str = "/admin";

/// The fields by which a connection is closed.
#[derive(Deserialize)]
pub(crate) struct Close {
    user: UserId,
    handle: String,
    back: String,
}

/// The fields by which a sign-in is ended.
#[derive(Deserialize)]
pub(crate) struct End {
    user: UserId,
    session: SessionId,
    back: String,
}

/// Closes a connection, and goes back to the page, which shows what came of it.
pub(crate) async fn close(
    State(state): State<AppState>,
    Administrator(me): Administrator,
    form: Result<Form<Close>, Problem>,
) -> Result<Redirect, Problem> {
    let Form(Close { user, handle, back }) = form?;
    let closed = admin::close_connection(&state, me, user, &handle).await;
    lead_back(closed, &back)
}

/// Ends a sign-in, and goes back to the page, which shows what came of it.
pub(crate) async fn end_session(
    State(state): State<AppState>,
    Administrator(me): Administrator,
    form: Result<Form<End>, Problem>,
) -> Result<Redirect, Problem> {
    let Form(End {
        user,
        session,
        back,
    }) = form?;
    let ended = admin::end_session(&state, me, user, session).await;
    lead_back(ended, &back)
}

/// What had ended already is as was wished. Leads nowhere but to this page.
fn lead_back(done: Result<(), Error>, back: &str) -> Result<Redirect, Problem> {
    match done {
        Err(error) if error.code() != ErrorCode::NotFound => Err(error.into()),
        _ => match back.strip_prefix(PAGE) {
            Some(query) if query.starts_with('?') => Ok(Redirect::to(back)),
            _ => Ok(Redirect::to(PAGE)),
        },
    }
}
