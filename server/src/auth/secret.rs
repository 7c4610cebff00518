//! Secrets that prove something: a sign-in, an invitation.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// The bytes of a secret: 256 bits, so that nobody guesses one (OWASP Session Management asks for
/// 64).
const BYTES: usize = 32;

/// A random secret. Whoever has it is let in; the store has only its SHA-256.
///
/// It has no `Debug`: it must never reach a log.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret([u8; BYTES]);

impl Secret {
    /// A new one.
    #[must_use]
    pub fn generate() -> Self {
        let mut bytes = [0; BYTES];
        getrandom::fill(&mut bytes).expect("the operating system always has random bytes");
        Self(bytes)
    }

    /// As it stands in a cookie or a link: base64url (RFC 4648 §5), without padding.
    #[must_use]
    pub fn to_text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// The secret in a cookie or a link; nothing when it cannot be one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// What the store keeps.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_survives_its_text_and_no_two_are_alike() {
        let (one, other) = (Secret::generate(), Secret::generate());
        assert!(Secret::parse(&one.to_text()) == Some(one.clone()));
        assert!(one.hash() != other.hash());
        assert!(one.to_text().len() == 43);
    }

    #[test]
    fn what_is_no_secret_is_none() {
        for text in ["", "x", "a=b", &"A".repeat(42), &"A".repeat(44), "é"] {
            assert!(Secret::parse(text).is_none(), "{text}");
        }
    }
}
