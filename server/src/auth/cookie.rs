//! The cookie that holds a browser's sign-in.

use crate::{auth::Secret, config::Server};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use http::HeaderMap;
use time::Duration;

/// Browsers keep a cookie for at most 400 days (RFC 6265bis §5.5). The server alone decides how long
/// the sign-in holds; an old cookie proves nothing.
const MAX_AGE: Duration = Duration::days(400);

/// The secret in the request's cookie.
#[must_use]
pub fn read(server: &Server, headers: &HeaderMap) -> Option<Secret> {
    let jar = CookieJar::from_headers(headers);
    Secret::parse(jar.get(name(server))?.value())
}

/// The cookie that signs a browser in.
#[must_use]
pub(super) fn issue(server: &Server, secret: &Secret) -> Cookie<'static> {
    let mut cookie = with_value(server, secret.to_text());
    cookie.set_max_age(MAX_AGE);
    cookie
}

/// The cookie that makes a browser forget.
#[must_use]
pub fn expire(server: &Server) -> Cookie<'static> {
    let mut cookie = with_value(server, String::new());
    cookie.set_max_age(Duration::ZERO);
    cookie
}

/// `__Host-` keeps other hosts of the same domain from setting it (RFC 6265bis §4.1.3.2); browsers
/// take it only over TLS.
fn name(server: &Server) -> &'static str {
    if server.is_behind_tls() {
        "__Host-rollcall_session"
    } else {
        "rollcall_session"
    }
}

fn with_value(server: &Server, value: String) -> Cookie<'static> {
    Cookie::build((name(server), value))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(server.is_behind_tls())
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn behind_tls() -> Server {
        Server {
            public_url: Some("https://chat.example.org".parse().unwrap()),
            ..Server::default()
        }
    }

    fn written(cookie: &Cookie<'_>, value: &str) -> String {
        cookie.to_string().replace(value, "VALUE")
    }

    #[test]
    fn no_script_and_no_other_site_gets_at_the_cookie() {
        let secret = Secret::generate();
        let value = secret.to_text();
        insta::assert_snapshot!(written(&issue(&Server::default(), &secret), &value), @"rollcall_session=VALUE; HttpOnly; SameSite=Lax; Path=/; Max-Age=34560000");
        insta::assert_snapshot!(written(&issue(&behind_tls(), &secret), &value), @"__Host-rollcall_session=VALUE; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=34560000");
        insta::assert_snapshot!(expire(&behind_tls()), @"__Host-rollcall_session=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0");
    }

    #[test]
    fn what_was_issued_is_read_again_and_anything_else_is_not() {
        let server = Server::default();
        let secret = Secret::generate();
        let headers = |cookie: String| {
            let mut headers = HeaderMap::new();
            headers.insert(http::header::COOKIE, cookie.parse().unwrap());
            headers
        };
        let value = secret.to_text();
        assert!(read(&server, &headers(format!("a=b; rollcall_session={value}"))) == Some(secret));
        assert!(read(&behind_tls(), &headers(format!("rollcall_session={value}"))).is_none());
        assert!(read(&server, &headers("rollcall_session=".to_owned())).is_none());
        assert!(read(&server, &HeaderMap::new()).is_none());
    }
}
