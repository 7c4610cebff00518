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
use store::{Credentials, NewSession, Store};
use uuid::Uuid;

/// What a browser calls itself is kept up to this many bytes.
const MAX_USER_AGENT: usize = 256;

/// The account that a username and a password open, and the hash that the password was checked
/// against.
///
/// # Errors
/// `unauthorized` when they do not match, in the same words and the same time for an unknown account
/// as for a wrong password; `rate_limited` when this account or address must wait; when it cannot be
/// checked, which is nobody's failure.
pub async fn verify_password(
    state: &AppState,
    username: &str,
    password: String,
    address: IpAddr,
) -> Result<Credentials> {
    // Longer ones are nobody's; they are not worth hashing, or remembering.
    let account: String = username
        .trim()
        .chars()
        .take(64)
        .collect::<String>()
        .to_ascii_lowercase();
    let attempt = state.gate.charge(&account, address)?;
    let (credentials, matches) = check(state, &account, password)
        .await
        .inspect_err(|_| state.gate.take_back(&attempt))?;
    match credentials {
        Some(known) if matches => {
            state.gate.forgive(&attempt);
            Ok(known)
        }
        known => {
            // Only an account that is there is named: what else was typed may be a password
            // (OWASP Logging Cheat Sheet, data to exclude).
            let user = known.map(|known| tracing::field::display(known.user.user_id));
            tracing::info!(user, %address, "sign_in_refused");
            Err(wrong_password())
        }
    }
}

/// The account of this name, if there is one, and whether the password is its.
async fn check(
    state: &AppState,
    account: &str,
    password: String,
) -> Result<(Option<Credentials>, bool)> {
    let is_possible = password.len() <= protocol::limits::MAX_PASSWORD_BYTES;
    let credentials = state.store.credentials(account).await?;
    let hash = credentials
        .as_ref()
        .map(|known| known.password_hash.clone());
    let password = if is_possible { password } else { String::new() };
    let matches = state.passwords.verify(password, hash).await?;
    Ok((credentials, matches && is_possible))
}

fn wrong_password() -> Error {
    Error::refused(
        ErrorCode::Unauthorized,
        "The username or the password is wrong.",
    )
}

/// Signs a browser in, and gives its cookie. Whoever was signed in there before no longer is.
/// `password_hash` is what the password was checked against, if there was one to check.
///
/// # Errors
/// `unauthorized` when the account has another password by now; when the store fails.
pub async fn replace_session(
    state: &AppState,
    user: &User,
    password_hash: Option<&str>,
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
    create_session(&state.store, session, password_hash).await?;
    log_signed_in(user, session_id);
    Ok(cookie::issue(&state.config.server, &secret))
}

/// Issues a token to a program, and says when it expires. `password_hash` is what the password was
/// checked against.
///
/// # Errors
/// `unauthorized` when the account has another password by now; when the store fails.
pub async fn issue_token(
    state: &AppState,
    user: &User,
    password_hash: &str,
    headers: &HeaderMap,
) -> Result<(String, Timestamp)> {
    let (name, lifetime) = (user_agent(headers), state.config.token.lifetime);
    let made = make_token(
        &state.tokens,
        &state.store,
        user.user_id,
        Some(password_hash),
        name,
        state.clock.now(),
        lifetime,
    );
    let (token, session, expires_at) = made.await?;
    log_signed_in(user, session);
    Ok((token, expires_at))
}

/// Makes a token with which a program acts as somebody until `lifetime` after `now`, and the session
/// that lists name so. Says which session it is, and when it ends. `password_hash` is what the password
/// was checked against, if there was one to check.
///
/// # Errors
/// `unauthorized` when the account has another password by now; when signing or the store fails.
pub async fn make_token(
    tokens: &Tokens,
    store: &Store,
    user_id: UserId,
    password_hash: Option<&str>,
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
    create_session(store, session, password_hash).await?;
    Ok((token, session_id, expires_at))
}

async fn create_session(
    store: &Store,
    session: NewSession,
    password_hash: Option<&str>,
) -> Result<()> {
    let user = session.user_id;
    if store.create_session(session, password_hash).await? {
        return Ok(());
    }
    tracing::info!(%user, "sign_in_refused");
    Err(wrong_password())
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
