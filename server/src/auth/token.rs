//! Tokens for programs: short-lived JWTs (RFC 7519), signed with HMAC-SHA256.
//!
//! Each token is a session of its own in the store, so that it can be revoked before it expires: the
//! signature says that this server issued it, the store says that it still holds.

use crate::config;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use protocol::{SessionId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// Issues and verifies tokens.
pub struct Tokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    issuer: String,
    audience: String,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: UserId,
    sid: SessionId,
    iat: i64,
    exp: i64,
}

impl Tokens {
    /// Signs with `key`, in the name and for the audience of the configuration.
    #[must_use]
    pub fn new(key: &[u8; 32], config: &config::Token) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[&config.issuer]);
        validation.set_audience(&[&config.audience]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        // The time is ours to pass in, not the library's to read.
        validation.validate_exp = false;
        Self {
            encoding: EncodingKey::from_secret(key),
            decoding: DecodingKey::from_secret(key),
            validation,
            issuer: config.issuer.clone(),
            audience: config.audience.clone(),
        }
    }

    /// A token for a session. Its times are whole seconds, as RFC 7519 §2 writes them.
    ///
    /// # Errors
    /// When signing fails, which is a defect.
    pub fn issue(
        &self,
        user: UserId,
        session: SessionId,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<String, jsonwebtoken::errors::Error> {
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: self.audience.clone(),
            sub: user,
            sid: session,
            iat: now.unix_millis().div_euclid(1_000),
            exp: expires_at.unix_millis().div_euclid(1_000),
        };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.encoding)
    }

    /// The session of a token that this server signed for this audience and that has not expired.
    #[must_use]
    pub fn verify(&self, token: &str, now: Timestamp) -> Option<SessionId> {
        let claims = jsonwebtoken::decode::<Claims>(token, &self.decoding, &self.validation)
            .ok()?
            .claims;
        (now.unix_millis() < claims.exp.saturating_mul(1_000)).then_some(claims.sid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    use uuid::Uuid;

    const NOW: Timestamp = Timestamp::from_unix_millis(1_700_000_000_000);
    const LATER: Timestamp = Timestamp::from_unix_millis(1_700_000_060_000);

    fn tokens(key: u8, change: impl FnOnce(&mut config::Token)) -> Tokens {
        let mut config = config::Token::default();
        change(&mut config);
        Tokens::new(&[key; 32], &config)
    }

    fn issue(tokens: &Tokens) -> (SessionId, String) {
        let session = SessionId::from_uuid(Uuid::from_u128(2));
        let user = UserId::from_uuid(Uuid::from_u128(1));
        (session, tokens.issue(user, session, NOW, LATER).unwrap())
    }

    #[test]
    fn a_token_names_its_session_until_it_expires() {
        let tokens = tokens(1, |_| ());
        let (session, token) = issue(&tokens);
        assert_eq!(tokens.verify(&token, NOW), Some(session));
        assert_eq!(tokens.verify(&token, LATER), None);
    }

    #[test]
    fn a_token_of_another_key_issuer_or_audience_is_none() {
        let (_, token) = issue(&tokens(1, |_| ()));
        assert_eq!(tokens(2, |_| ()).verify(&token, NOW), None);
        assert_eq!(
            tokens(1, |c| c.issuer = "other".to_owned()).verify(&token, NOW),
            None
        );
        assert_eq!(
            tokens(1, |c| c.audience = "other".to_owned()).verify(&token, NOW),
            None
        );
    }

    #[test]
    fn a_token_that_was_tampered_with_or_never_signed_is_none() {
        let tokens = tokens(1, |_| ());
        let (_, token) = issue(&tokens);
        let parts: Vec<_> = token.split('.').collect();
        let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
        let claims = String::from_utf8(URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
        let longer = URL_SAFE_NO_PAD.encode(claims.replace("\"exp\":17", "\"exp\":97"));
        for forged in [
            String::new(),
            "x".to_owned(),
            format!("{}.{}.", parts[0], parts[1]),
            format!("{none}.{}.", parts[1]),
            format!("{none}.{}.{}", parts[1], parts[2]),
            format!("{}.{longer}.{}", parts[0], parts[2]),
        ] {
            assert_eq!(tokens.verify(&forged, NOW), None, "{forged}");
        }
    }
}
