//! How a client proves who is signed in.

use http::{
    HeaderMap, HeaderValue,
    header::{AUTHORIZATION, COOKIE, InvalidHeaderValue, ORIGIN},
};

/// How a client proves who is signed in. Its secret is not shown by `Debug`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authorization {
    /// As a browser does: the session cookie, `name=value`, sent with the server's own origin.
    Cookie(HeaderValue),
    /// As a program does: `Bearer` and a token.
    Bearer(HeaderValue),
}

impl Authorization {
    /// The session cookie, `name=value`.
    ///
    /// # Errors
    /// When it could not be sent.
    pub fn cookie(pair: &str) -> Result<Self, InvalidHeaderValue> {
        secret(pair).map(Self::Cookie)
    }

    /// A token for programs.
    ///
    /// # Errors
    /// When it could not be sent.
    pub fn bearer(token: &str) -> Result<Self, InvalidHeaderValue> {
        secret(&format!("Bearer {token}")).map(Self::Bearer)
    }

    /// Adds the headers that prove it to a request to `origin`.
    pub(crate) fn apply(&self, origin: &HeaderValue, headers: &mut HeaderMap) {
        match self {
            Self::Cookie(pair) => {
                headers.insert(COOKIE, pair.clone());
                headers.insert(ORIGIN, origin.clone());
            }
            Self::Bearer(credential) => {
                headers.insert(AUTHORIZATION, credential.clone());
            }
        }
    }
}

fn secret(text: &str) -> Result<HeaderValue, InvalidHeaderValue> {
    let mut value = HeaderValue::from_str(text)?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_shown() {
        let shown = format!("{:?}", Authorization::bearer("s3cret").unwrap());
        assert!(!shown.contains("s3cret"), "{shown}");
    }
}
