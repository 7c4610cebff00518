//! Signing in and out.

use super::{Secret, Tokens, cookie};
use crate::{
    clock,
    error::{Error, Result},
    state::AppState,
};
use axum_extra::extract::cookie::Cookie;
use http::{HeaderMap, header::USER_AGENT};
use protocol::{ErrorCode, SessionId, Timestamp, User, UserId};
use sha2::{Digest, Sha256};
use std::{net::IpAddr, time::Duration};
use store::{NewSession, Store};
use uuid::Uuid;

/// What a browser calls itself is kept up to this many bytes.
const MAX_USER_AGENT: usize = 256;

/// The account that a username and a password open.
///
/// # Errors
/// `unauthorized` when they do not match, in the same words and the same time for an unknown account
/// as for a wrong password; `rate_limited` when this account or address must wait.
pub async fn verify_password(
    state: &AppState,
    username: &str,
    password: String,
    address: IpAddr,
) -> Result<User> {
    // Longer ones are nobody's; they are not worth hashing, or remembering.
    let account: String = username
        .trim()
        .chars()
        .take(64)
        .collect::<String>()
        .to_ascii_lowercase();
    let attempt = state.gate.charge(&account, address)?;
    let is_possible = password.len() <= protocol::limits::MAX_PASSWORD_BYTES;
    let credentials = state.store.credentials(&account).await?;
    let hash = credentials
        .as_ref()
        .map(|known| known.password_hash.clone());
    let password = if is_possible { password } else { String::new() };
    let matches = state.passwords.verify(password, hash).await?;
    match credentials {
        Some(known) if matches && is_possible => {
            state.gate.forgive(&attempt);
            Ok(known.user)
        }
        known => {
            // Only an account that is there is named: what else was typed may be a password
            // (OWASP Logging Cheat Sheet, data to exclude).
            let user = known.map(|known| tracing::field::display(known.user.user_id));
            tracing::info!(user, %address, "sign_in_refused");
            Err(Error::refused(
                ErrorCode::Unauthorized,
                "The username or the password is wrong.",
            ))
        }
    }
}

/// Signs a browser in, and gives its cookie. Whoever was signed in there before no longer is.
///
/// # Errors
/// When the store fails.
pub async fn replace_session(
    state: &AppState,
    user: &User,
    headers: &HeaderMap,
) -> Result<Cookie<'static>> {
    if let Some(previous) = cookie::read(&state.config.server, headers) {
        let now = state.clock.now();
        if let Some(signed_in) = state.store.session_by_token(&previous.hash(), now).await? {
            end_session(state, signed_in.user.user_id, signed_in.session_id).await?;
        }
    }
    let secret = Secret::generate();
    let expires_at = clock::after(state.clock.now(), state.config.sign_in.session_lifetime);
    let session_id = SessionId::from_uuid(Uuid::now_v7());
    let session = NewSession {
        session_id,
        user_id: user.user_id,
        token_hash: secret.hash(),
        user_agent: user_agent(headers),
        created_at: state.clock.now(),
        expires_at,
    };
    state.store.create_session(session).await?;
    log_signed_in(user, session_id);
    Ok(cookie::issue(&state.config.server, &secret))
}

/// Issues a token to a program, and says when it expires.
///
/// # Errors
/// When the store fails.
pub async fn issue_token(
    state: &AppState,
    user: &User,
    headers: &HeaderMap,
) -> Result<(String, Timestamp)> {
    let (name, lifetime) = (user_agent(headers), state.config.token.lifetime);
    let made = make_token(
        &state.tokens,
        &state.store,
        user.user_id,
        name,
        state.clock.now(),
        lifetime,
    );
    let (token, session, expires_at) = made.await?;
    log_signed_in(user, session);
    Ok((token, expires_at))
}

/// Makes a token with which a program acts as somebody until `lifetime` after `now`, and the session
/// that lists name so. Says which session it is, and when it ends.
///
/// # Errors
/// When signing or the store fails.
pub async fn make_token(
    tokens: &Tokens,
    store: &Store,
    user_id: UserId,
    name: String,
    now: Timestamp,
    lifetime: Duration,
) -> Result<(String, SessionId, Timestamp)> {
    // The token's own times are whole seconds.
    let millis = clock::after(now, lifetime).unix_millis();
    let expires_at = Timestamp::from_unix_millis(millis - millis.rem_euclid(1_000));
    let session_id = SessionId::from_uuid(Uuid::now_v7());
    let token = tokens
        .issue(user_id, session_id, now, expires_at)
        .map_err(|error| Error::Internal(error.into()))?;
    let session = NewSession {
        session_id,
        user_id,
        token_hash: Sha256::digest(&token).into(),
        user_agent: name,
        created_at: now,
        expires_at,
    };
    store.create_session(session).await?;
    Ok((token, session_id, expires_at))
}

/// Signs out: the session holds no longer, its sockets close, and presence ends at once.
///
/// # Errors
/// When the store fails; then the session still holds.
pub async fn end_session(state: &AppState, user: UserId, session: SessionId) -> Result<()> {
    state.store.delete_session(user, session).await?;
    state.hub.end_session(user, session).await;
    Ok(())
}

/// Deletes the sign-ins that have run out, and closes what is still open under them.
///
/// # Errors
/// When the store fails; then none is deleted.
pub async fn end_expired_sessions(state: &AppState) -> Result<()> {
    let expired = state
        .store
        .delete_expired_sessions(state.clock.now())
        .await?;
    for (user, session) in expired {
        state.hub.end_session(user, session).await;
    }
    Ok(())
}

/// What a browser or program calls itself.
fn user_agent(headers: &HeaderMap) -> String {
    let mut user_agent = headers
        .get(USER_AGENT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    user_agent.truncate(MAX_USER_AGENT);
    user_agent
}

fn log_signed_in(user: &User, session: SessionId) {
    tracing::info!(user = %user.user_id, %session, "signed_in");
}
