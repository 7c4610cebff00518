//! Who is asking: passwords, sign-in sessions, tokens for programs, and the throttle before them.

mod cookie;
mod gate;
mod password;
mod secret;
mod session;
mod throttle;
mod token;

pub use cookie::{expire as expired_cookie, read as secret_in_cookie};
pub use gate::Gate;
pub use password::{PasswordError, Passwords};
pub use secret::Secret;
pub use session::{
    end_expired_sessions, end_session, issue_token, make_token, replace_session, verify_password,
};
pub use store::SignedIn;
pub use token::Tokens;

use crate::{clock, state::AppState};
use http::{HeaderMap, header::AUTHORIZATION};
use protocol::Timestamp;
use std::time::Duration;
use store::StoreError;

/// A sign-in is extended at most this often, so that reading does not write.
const EXTEND_EVERY: Duration = Duration::from_secs(24 * 60 * 60);

/// Who signed the request in: by `Authorization: Bearer` if there is one, else by the cookie.
///
/// A browser's sign-in that is used lasts on: its end moves with it. A token's does not.
///
/// # Errors
/// When the store cannot be read. A sign-in that does not hold is no error: nobody is signed in.
pub async fn authenticate(
    state: &AppState,
    headers: &HeaderMap,
) -> Result<Option<SignedIn>, StoreError> {
    let now = state.clock.now();
    if let Some(value) = headers.get(AUTHORIZATION) {
        let token = value.to_str().ok().and_then(bearer);
        return match token.and_then(|token| state.tokens.verify(token, now)) {
            Some(session) => state.store.session(session, now).await,
            None => Ok(None),
        };
    }
    let Some(secret) = secret_in_cookie(&state.config.server, headers) else {
        return Ok(None);
    };
    match state.store.session_by_token(&secret.hash(), now).await? {
        Some(signed_in) => Ok(Some(extend(state, signed_in, now).await)),
        None => Ok(None),
    }
}

/// The token of a `Bearer` credential (RFC 6750 §2.1); the scheme's case does not matter (RFC 9110
/// §11.1).
#[must_use]
pub fn bearer(credential: &str) -> Option<&str> {
    let (scheme, token) = credential.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

async fn extend(state: &AppState, mut signed_in: SignedIn, now: Timestamp) -> SignedIn {
    let lifetime = state.config.sign_in.session_lifetime;
    let expires_at = clock::after(now, lifetime);
    if clock::after(signed_in.expires_at, EXTEND_EVERY.min(lifetime / 2)) > expires_at {
        return signed_in;
    }
    match state
        .store
        .extend_session(signed_in.session_id, expires_at)
        .await
    {
        Ok(is_extended) => {
            if is_extended {
                signed_in.expires_at = expires_at;
            }
        }
        // A full disk keeps nobody from reading.
        Err(error) => {
            tracing::warn!(session = %signed_in.session_id, %error, "session_not_extended");
        }
    }
    signed_in
}
